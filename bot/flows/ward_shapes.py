"""The shapes of the ward's own chat: what it may look at, what it wants done, what comes back."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from bot.messages import File
from intake.check_in_shapes import CheckInView


class Missing(NamedTuple):
    """One duty in one period: who has not done it yet."""

    title: str
    period_label: str
    met: int
    expected: int
    names: tuple[str, ...]
    last_good_on: date | None


class Sendable(NamedTuple):
    """A report, a registration or a one-off that can be marked as sent."""

    programme: str
    item: str
    occurrence: str
    role: str
    title: str
    last_good_on: date | None
    unset: str = ""
    """The name of the body that sends it, where that is gone and nobody was named in its place."""

    @property
    def key(self) -> str:
        """Name it in the state of a conversation."""
        return "|".join((self.programme, self.item, self.occurrence, self.role))


class WardWorld(Protocol):
    """What the people of a ward may look at."""

    @property
    def name(self) -> str:
        """The name of the ward."""
        ...

    def missing(self) -> tuple[Missing, ...]:
        """Return who still owes what, in the periods that can still be filed for."""
        ...

    def waiting(self) -> tuple[CheckInView, ...]:
        """Return what waits for the ward's word, flagged ones first."""
        ...

    def sendable(self) -> tuple[Sendable, ...]:
        """Return what can be marked as sent, the most urgent first."""
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


WardAct = Approve | AskBack | MarkSent | NameHolder | DrawTable
