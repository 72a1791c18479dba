"""What becomes of a claimed message before it is handed over: sent as composed, or why not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from intake.nudging.shapes import NudgeContent
from storage.nudges import NudgeRow


@dataclass(frozen=True, slots=True)
class Ready:
    """It is still wanted, and this is what it says now."""

    content: NudgeContent
    rungs: tuple[tuple[bytes, str], ...]
    """Subjects and rungs that happen with it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: its hour has not come, the person is busy, or sending is stopped."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Not wanted any more, or its window is over; a later day may plan it anew."""

    reason: str


@dataclass(frozen=True, slots=True)
class Move:
    """Another chat of the same person, because this one is closed."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Phone:
    """No chat is left: the ward calls."""


Outcome = Ready | Wait | Drop | Move | Phone


class Composing(Protocol):
    """Judges a message again from what is true now."""

    def compose(self, row: NudgeRow, now: datetime) -> Outcome:
        """Return what becomes of a message.

        Raises:
            DatabaseBusy: nothing can be read now.
        """
        ...

    def elsewhere(self, row: NudgeRow, now: datetime) -> Move | Phone:
        """Return where a person is reached once the chat of ``row`` is closed."""
        ...
