"""What the conversation about work may look at: read-only facts for one step, and one read line."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from bot.flows.ward_shapes import WardWorld
from bot.flows.work_shapes import WorkDraft
from intake.work.check_in_shapes import CheckInView, Effect, History
from intake.work.obligations import Owed


class Owner(NamedTuple):
    """A neighbourhood or organisation that the leader looks after."""

    id: str
    name: str


class ReadLine(Protocol):
    """What one free line says; see ``intake.check_in_line``."""

    @property
    def outcome(self) -> Literal["parsed", "asks", "not_a_check_in", "tip_like"]:
        """Whether it says everything, leaves something open, is about something else, or a tip."""
        ...

    @property
    def kind(self) -> str | None:
        """The kind of activity."""
        ...

    @property
    def done_on(self) -> date | None:
        """The day."""
        ...

    @property
    def place(self) -> str | None:
        """The place, as written."""
        ...

    @property
    def people(self) -> int | None:
        """How many people."""
        ...

    @property
    def households(self) -> int | None:
        """How many households."""
        ...

    @property
    def asks(self) -> tuple[str, ...]:
        """What must be asked."""
        ...

    @property
    def unit(self) -> str | None:
        """The neighbourhood, as typed, where the line names just one."""
        ...

    @property
    def candidates(self) -> Mapping[str, tuple[object, ...]]:
        """What each of these may mean."""
        ...


class Hints(NamedTuple):
    """What the plan says about an activity of one kind: lists to choose from."""

    options: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class WorkWorld(Protocol):
    """Read-only facts for one step."""

    @property
    def name(self) -> str:
        """The leader's name."""
        ...

    @property
    def address_as(self) -> str:
        """How the leader is addressed: bác, cô, chú, anh, chị."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that may be chosen, the default first."""
        ...

    @property
    def now(self) -> datetime:
        """The moment."""
        ...

    @property
    def today(self) -> date:
        """The day in Vietnam on which the message was sent."""
        ...

    @property
    def owners(self) -> tuple[Owner, ...]:
        """What the leader looks after today."""
        ...

    def read(self, text: str) -> ReadLine:
        """Return what one line says."""
        ...

    def was_not_held(self, text: str) -> bool:
        """Return whether a line says that something could not be held."""
        ...

    def refuses(self, text: str) -> bool:
        """Return whether words name people, numbers of phones or plates: not kept here."""
        ...

    def standing(self, owner_id: str, day: date) -> tuple[Owed, ...]:
        """Return what an owner owes in the periods that hold a day."""
        ...

    def foresee(self, draft: WorkDraft) -> tuple[Effect, ...]:
        """Return what filing this would do."""
        ...

    def warnings(self, draft: WorkDraft) -> tuple[str, ...]:
        """Return what should be asked before filing this."""
        ...

    def history(self, owner_id: str, kind: str) -> History:
        """Return numbers, places and chairs of earlier activities."""
        ...

    def same_day(self, draft: WorkDraft) -> tuple[CheckInView, ...]:
        """Return what is filed already for the same owner, kind and day."""
        ...

    def returned(self) -> tuple[CheckInView, ...]:
        """Return what the ward has sent back and nobody has answered yet."""
        ...

    def find(self, check_in_id: str) -> CheckInView | None:
        """Return one check-in of what this leader looks after."""
        ...

    @property
    def ward(self) -> WardWorld | None:
        """What the ward's own people may look at; None in anybody else's chat."""
        ...

    def joins(self, owner_id: str, day: date) -> bool:
        """Return whether the programme lets one meeting count for both duties."""
        ...

    def hints(self, owner_id: str, kind: str, day: date) -> Hints:
        """Return what the plan says about an activity of one kind."""
        ...
