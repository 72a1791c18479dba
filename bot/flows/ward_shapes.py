"""The shapes of the ward's own chat: what it may look at, what it wants done, what comes back."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from bot.messages import File
from intake.plans.boards import Sendable
from intake.work.check_in_shapes import CheckInView


class Missing(NamedTuple):
    """One duty in one period: who has not done it yet."""

    title: str
    period_label: str
    met: int
    expected: int
    names: tuple[str, ...]
    last_good_on: date | None
    owners: tuple[str, ...] = ()
    """The ids behind the names, in the same order."""


class WardWorld(Protocol):
    """What the people of a ward may look at."""

    @property
    def name(self) -> str:
        """The name of the ward."""
        ...

    def missing(self) -> tuple[Missing, ...]:
        """Return who still owes what, in the periods that can still be filed for."""
        ...

    def in_the_way(self) -> tuple[tuple[str, str], ...]:
        """Return what leaders say stands in the way: the neighbourhood, and their words."""
        ...

    def waiting(self) -> tuple[CheckInView, ...]:
        """Return what waits for the ward's word, flagged ones first."""
        ...

    def sendable(self) -> tuple[Sendable, ...]:
        """Return what can be marked as sent, the most urgent first."""
        ...

    def sendable_about(self, subject: str) -> Sendable | None:
        """Return what a nudge was about, where it can still be marked."""
        ...


@dataclass(frozen=True, slots=True)
class Approve:
    """Accept check-ins; ``Told`` or ``Failed`` comes back."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskBack:
    """Send a check-in back with a question; ``Told`` or ``Failed`` comes back."""

    check_in_id: str
    question: str


@dataclass(frozen=True, slots=True)
class MarkSent:
    """Mark something as sent; ``Told`` or ``Failed`` comes back."""

    key: str
    number: str
    on: date


@dataclass(frozen=True, slots=True)
class NameHolder:
    """Say who stands for the body that sends something; ``Told`` or ``Failed`` comes back."""

    key: str
    holder: str


@dataclass(frozen=True, slots=True)
class DrawTable:
    """Draw the matrix and write the workbook; ``Drawn`` comes back."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The matrix as a picture and as a workbook; nothing where nobody owes anything."""

    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class RemindMissing:
    """Remind by hand whoever still owes something; ``Reminded`` or ``Failed`` comes back."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many messages wait to leave, and who gets none: a neighbourhood, and a word of why."""

    planned: int
    refused: tuple[tuple[str, str], ...] = ()


WardAct = Approve | AskBack | MarkSent | NameHolder | DrawTable | RemindMissing
