"""What a leader asks of the reminders, and what comes back."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Pause:
    """Send no reminders up to a day; None: remind again. ``Told`` comes back."""

    until: date | None


@dataclass(frozen=True, slots=True)
class Snooze:
    """Remind again on a day; the last days are told of in any case. ``Told`` comes back."""

    until: date


@dataclass(frozen=True, slots=True)
class AskStandIn:
    """Ask whoever stands in for an owner; ``Asked`` or ``Failed`` comes back."""

    obligation_id: str


@dataclass(frozen=True, slots=True)
class TellTrouble:
    """Tell the ward what stands in the way; ``Told`` or ``Failed`` comes back."""

    obligation_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Speak:
    """Talk and remind in another language; ``Told`` comes back."""

    language: str


@dataclass(frozen=True, slots=True)
class AddressAs:
    """Address the leader in another way; ``Told`` comes back."""

    form: str


@dataclass(frozen=True, slots=True)
class MakeCalendar:
    """Make an address for the leader's calendar; ``Addressed`` or ``Failed`` comes back."""


@dataclass(frozen=True, slots=True)
class TakeBackCalendar:
    """Let that address stop working; ``Told`` comes back."""


CalendarAct = MakeCalendar | TakeBackCalendar
WishAct = Pause | Snooze | AskStandIn | TellTrouble | Speak | AddressAs


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked to stand in."""

    name: str


@dataclass(frozen=True, slots=True)
class Addressed:
    """The secret address of a calendar, told once."""

    address: str
