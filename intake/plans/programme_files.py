"""The shape of whole files: a programme, what an installation adds to one, and the ladders.

Shapes alone, made of the items of ``intake.plans.programme_schema``: which tables a file may hold,
and what stands above them. Nothing is read or judged here.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import BaseModel, Field

from intake.plans.programme_schema import (
    Area,
    Day,
    Deadline,
    Discrepancy,
    Duty,
    Group,
    Id,
    Ladder,
    LevelName,
    Owed,
    Period,
    Role,
    Route,
    Semester,
    Shape,
    Stage,
    Target,
    Undated,
    Validity,
    Words,
    Yes,
)


class ProgrammeFile(Shape):
    """A whole programme: a plan as shipped, the template, or one of the installation's own."""

    __tables__: ClassVar[Mapping[str, type[BaseModel]]] = {
        "validity": Validity, "area": Area, "level": LevelName, "role": Role, "group": Group,
        "stage": Stage, "period": Period, "semester": Semester, "deadline": Deadline,
        "undated": Undated, "duty": Duty, "owed_by": Owed, "route": Route, "target": Target,
        "discrepancy": Discrepancy, "ladder": Ladder,
    }  # fmt: skip

    format: Literal[1]
    id: Id
    title: Words
    status: Literal["active", "historic", "template", "own"]
    number: Words | None = None
    issuer: Words | None = None
    issued: Day | None = None
    issued_note: Words | None = None
    source: Words | None = None
    cite: Words | None = None
    basis: Words | None = None
    parent: Words | None = None
    note: Words | None = None
    joins_duties: Yes = True
    """Whether one meeting may count for two duties when the leader says so."""
    validity: Validity = Validity()
    area: Area | None = None
    level: tuple[LevelName, ...] = ()
    role: tuple[Role, ...] = ()
    group: tuple[Group, ...] = ()
    stage: tuple[Stage, ...] = ()
    period: tuple[Period, ...] = ()
    semester: tuple[Semester, ...] = ()
    deadline: tuple[Deadline, ...] = ()
    undated: tuple[Undated, ...] = ()
    duty: tuple[Duty, ...] = ()
    route: tuple[Route, ...] = ()
    target: tuple[Target, ...] = ()
    discrepancy: tuple[Discrepancy, ...] = ()
    ladder: tuple[Ladder, ...] = ()
    succession: Mapping[Id, Words] = Field(default_factory=dict[str, str])

    @property
    def is_plan(self) -> bool:
        """Whether a document issued by somebody stands behind it, to be cited."""
        return self.status in {"active", "historic"}


class OwnFile(Shape):
    """What an installation adds to a shipped plan: its dates, its duties, who stands in for whom.

    It cannot change anything that the plan says.
    """

    __tables__: ClassVar[Mapping[str, type[BaseModel]]] = ProgrammeFile.__tables__

    format: Literal[1]
    extends: Id
    basis: Words
    adopted_on: Day | None = None
    note: Words | None = None
    joins_duties: Yes | None = None
    role: tuple[Role, ...] = ()
    period: tuple[Period, ...] = ()
    semester: tuple[Semester, ...] = ()
    deadline: tuple[Deadline, ...] = ()
    duty: tuple[Duty, ...] = ()
    ladder: tuple[Ladder, ...] = ()
    switch_on: tuple[Id, ...] = ()
    switch_off: tuple[Id, ...] = ()
    succession: Mapping[Id, Words] = Field(default_factory=dict[str, str])


class LadderFile(Shape):
    """The ladders that stand where a programme has none: as shipped, or the installation's."""

    __tables__: ClassVar[Mapping[str, type[BaseModel]]] = {"ladder": Ladder}

    format: Literal[1]
    ladder: tuple[Ladder, ...] = ()
