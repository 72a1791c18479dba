"""The shape of each item of a programme: what a plan obliges whom to do, with its citation.

Shapes alone: whole files of them stand in ``intake.plans.programme_files``, and whether the items
fit together is judged by ``intake.plans.programme_check``. The words are those of
``docs/programmes.md``. A plan's text is quoted, never bettered: what it does not say stays unset.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

from intake.plans.calendar import Every, Per

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Words = Annotated[str, Field(min_length=1)]
Day = Annotated[date, Strict()]
Count = Annotated[int, Strict(), Field(ge=1)]
Yes = Annotated[bool, Strict()]

Level = Literal["province", "district", "commune", "neighbourhood"]
Organisation = Literal[
    "school", "clinic", "agency", "business", "department", "mass_organisation"
]  # fmt: skip
DutyKind = Literal[
    "outreach", "listening_meeting", "radio", "school", "model", "pledge", "training",
    "registration", "review", "party_report", "plan", "hotline_board", "counselling_point",
    "business_meeting", "tip_box", "other",
]  # fmt: skip
DeadlineKind = Literal[
    "report", "recognition", "registration", "decision", "wrap_up", "milestone"
]  # fmt: skip

UNSET = "UNSET"
"""Said of a body whose successor the installation has not named: we ask, and never guess."""


class Shape(BaseModel):
    """What every table shares: no unknown key, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    __tables__: ClassVar[Mapping[str, type[BaseModel]]] = {}


class Cited(Shape):
    """An item of a plan: ``cite`` is the section; an own item has a ``basis`` instead."""

    cite: Words | None = None
    basis: Words | None = None
    note: Words | None = None


class Validity(Cited):
    """The days between which the programme asks for anything; both belong to it."""

    since: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    from_inferred: Yes = False


class Area(Shape):
    """Where the plan applies."""

    level: Level
    code: Words
    name: Words
    communes: Count | None = None


class LevelName(Cited):
    """What the plan calls a level; ``gone`` where that level no longer exists."""

    id: Level
    name: Words
    gone: Yes = False


class Role(Shape):
    """A body that the plan names; ``gone`` ones need a line under ``[succession]``."""

    id: Id
    name: Words
    level: Level | None = None
    gone: Yes = False


class Group(Cited):
    """Areas that a plan names one by one, behind a role."""

    id: Id
    title: Words
    role: Id
    areas: tuple[Words, ...]


class Stage(Cited):
    """A stage of the plan, as the plan cuts its time."""

    id: Id
    since: Annotated[Day | None, Field(alias="from")] = None
    until: Annotated[Day | None, Field(alias="to")] = None


class Period(Cited):
    """What a report covers: a day of the year to a day of the year, both inside."""

    id: Id
    title: Words
    first: Annotated[Words, Field(alias="from")]
    last: Annotated[Words, Field(alias="to")]


class Semester(Shape):
    """One semester of one school year; only an installation knows these days."""

    name: Words
    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]
    basis: Words | None = None


class Deadline(Cited):
    """Something due by a day: ``due_before`` leaves that day out, ``due_on`` takes it in."""

    id: Id
    title: Words
    kind: DeadlineKind
    every: Every
    due_before: str | int | date | None = None
    due_on: str | int | date | None = None
    period: Id | None = None
    period_cite: Words | None = None
    sender: Annotated[tuple[Id, ...], Field(alias="from")]
    from_cite: Words | None = None
    to: tuple[Id, ...] = ()
    via: Id | None = None
    in_text: Words | None = None


class Undated(Cited):
    """Something that the plan asks for without a day: shown as "chưa đặt ngày"."""

    id: Id
    title: Words
    what: Words
    sender: Annotated[tuple[Id, ...], Field(alias="from")]
    to: tuple[Id, ...] = ()


class Owed(Shape):
    """Who owes a duty: every area of a level, every organisation of a kind, or a body."""

    levels: tuple[Level, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    roles: tuple[Id, ...] = ()


class Duty(Cited):
    """An activity that is owed so many times in every period."""

    id: Id
    title: Words
    kind: DutyKind
    count: Count
    per: Per
    owed_by: Owed
    by: tuple[Id, ...] = ()
    by_text: Words | None = None
    to: tuple[Id, ...] = ()
    count_in_text: Yes = True
    on_by_default: Yes = True
    condition: Words | None = None
    when: Words | None = None
    options: tuple[Words, ...] = ()
    places: tuple[Words, ...] = ()
    topics: tuple[Words, ...] = ()
    present: tuple[Words, ...] = ()
    flexible: Words | None = None
    in_text: Words | None = None


class Route(Cited):
    """One step of the way that papers take."""

    step: Count
    sender: Annotated[tuple[Id, ...], Field(alias="from")]
    to: tuple[Id, ...]
    via: Id | None = None
    what: Words | None = None
    inferred: Yes = False


class Target(Cited):
    """A figure that the plan wants reached; kept as printed, odd ones too."""

    metric: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    op: Literal["=", ">", ">=", "<", "<=", "increase"] | None = None
    value: float | None = None
    lowest: float | None = None
    highest: float | None = None
    per: Literal["quarter", "year"] | None = None
    by_year: Mapping[int, float] = Field(default_factory=dict[int, float])
    added_by_year: Mapping[int, float] = Field(default_factory=dict[int, float])
    percent_in_text: Mapping[int, float] = Field(default_factory=dict[int, float])
    of: Count | None = None
    until_year: int | None = None
    baseline: Words | None = None
    headline: Words | None = None
    scope: Words | None = None
    definition: Words | None = None
    in_text: Words | None = None


LADDER_KINDS = (
    "month", "quarter", "semester", "year", "plan", "deadline", "monthly-deadline",
)  # fmt: skip
"""What a ladder is for, where it is not for one deadline or duty alone: a duty's period, or a
deadline that comes every month, or any other."""


class Ladder(Shape):
    """On which days people are reminded: no plan says it, so it needs no citation.

    ``rungs`` are days before the last working day that is on time, ``late`` days after the named
    day; ``deputies`` are the rungs that a deputy hears too; at ``up`` days late it stands in the
    roll-ups of the levels above.
    """

    kind: Annotated[Id, Field(alias="for")]
    rungs: Annotated[tuple[Annotated[int, Strict(), Field(ge=0, le=60)], ...], Field(min_length=1)]
    late: tuple[Annotated[int, Strict(), Field(ge=1, le=30)], ...] = ()
    deputies: tuple[Annotated[int, Strict(), Field(ge=0, le=60)], ...] = ()
    up: tuple[Annotated[int, Strict(), Field(ge=1, le=60)], ...] = ()


class Discrepancy(Cited):
    """Where the plan contradicts itself or leaves a gap: shown to the administrator."""

    id: Id
    text: Words
    about: tuple[Id, ...] = ()
    suggest: Words | None = None
