"""A programme in force: a plan as shipped, with what the installation has added to it.

Finds and reads the files (``intake/programmes/`` and the installation's own folder), and answers
for one item at a time. The shipped text always stands; own dates and duties are marked as own. A
body that no longer exists and has no named successor stays unset: whoever asks must ask people.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from intake.errors import BadFile, NotScheduled, UnknownItem, UnknownProgramme
from intake.plans.calendar import DueRule, Occurrence, Window
from intake.plans.checked_toml import Fault, Reading, text_of
from intake.plans.due_rules import day_and_month, due_rule
from intake.plans.programme_check import check_ladders, check_own, check_programme
from intake.plans.programme_files import OwnFile, ProgrammeFile
from intake.plans.programme_schema import (
    UNSET,
    Deadline,
    Duty,
    Ladder,
    Role,
    Semester,
    Undated,
)  # fmt: skip

SHIPPED = Path(__file__).parents[1] / "programmes"
DAYS_OFF = "ngay-nghi"
"""The name, in the own folder, of the file of days off; no programme may bear it."""
LADDERS = "bac-nhac"
"""The name, in the own folder, of the file of ladders; no programme may bear it either."""

File = TypeVar("File", ProgrammeFile, OwnFile)


@dataclass(frozen=True)
class Programme:
    """A plan and the installation's additions, read and judged."""

    plan: ProgrammeFile
    own: OwnFile | None = None

    @property
    def id(self) -> str:
        """The stable name of the programme."""
        return self.plan.id

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """Every deadline with a day: the plan's, then the installation's own."""
        return (*self.plan.deadline, *(self.own.deadline if self.own else ()))

    @property
    def undated(self) -> tuple[Undated, ...]:
        """What the plan asks for without a day, and nobody has set one: "chưa đặt ngày"."""
        dated = {deadline.id for deadline in self.deadlines}
        return tuple(item for item in self.plan.undated if item.id not in dated)

    @property
    def duties(self) -> tuple[Duty, ...]:
        """Every duty: the plan's, then the installation's own."""
        return (*self.plan.duty, *(self.own.duty if self.own else ()))

    @property
    def semesters(self) -> tuple[Semester, ...]:
        """The semesters that are known; plans name none."""
        return (*self.plan.semester, *(self.own.semester if self.own else ()))

    @property
    def ladders(self) -> tuple[Ladder, ...]:
        """On which days people are reminded, where it is set here: the unit's own first."""
        return (*(self.own.ladder if self.own else ()), *self.plan.ladder)

    @property
    def since(self) -> date | None:
        """The first day on which the programme asks for anything here."""
        days = [self.plan.validity.since, self.own.adopted_on if self.own else None]
        return max((day for day in days if day), default=None)

    @property
    def until(self) -> date | None:
        """The last day of the programme, where it says one."""
        return self.plan.validity.until

    @property
    def joins_duties(self) -> bool:
        """Whether one meeting may count for two duties here; the unit's own word comes first."""
        own = self.own.joins_duties if self.own else None
        return self.plan.joins_duties if own is None else own

    def in_force(self, day: date) -> bool:
        """Return whether the programme asks for anything on ``day``."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )

    def is_on(self, duty: Duty) -> bool:
        """Return whether this installation keeps count of ``duty``."""
        if self.own and duty.id in {*self.own.switch_on, *self.own.switch_off}:
            return duty.id in self.own.switch_on
        return duty.on_by_default

    def is_own(self, item: Deadline | Duty) -> bool:
        """Return whether the unit set this itself ("do đơn vị tự đặt")."""
        return item.cite is None

    def deadline(self, item_id: str) -> Deadline:
        """Return one deadline.

        Raises:
            NotScheduled: the plan asks for it without a day.
            UnknownItem: no such deadline.
        """
        for deadline in self.deadlines:
            if deadline.id == item_id:
                return deadline
        if any(item.id == item_id for item in self.undated):
            raise NotScheduled("Mục này chưa đặt ngày: văn bản không ghi, đơn vị tự đặt.")
        raise UnknownItem(_unknown("hạn", (deadline.id for deadline in self.deadlines)))

    def duty(self, item_id: str) -> Duty:
        """Return one duty.

        Raises:
            UnknownItem: no such duty.
        """
        for duty in self.duties:
            if duty.id == item_id:
                return duty
        raise UnknownItem(_unknown("việc", (duty.id for duty in self.duties)))

    def occurrence(self, deadline: Deadline, named_on: date) -> Occurrence:
        """Return the time of ``deadline`` that is named on that day.

        Raises:
            UnknownItem: the deadline is not named on that day.
        """
        rule = due_rule(deadline)
        if not rule.names(named_on):
            near = sorted(set(_around(rule, named_on)))
            raise UnknownItem(
                f"Ngày này không phải ngày ghi của hạn {deadline.id}; gần nhất:"
                f" {', '.join(day.isoformat() for day in near)}."
            )
        return rule.at(named_on)

    def covers(self, deadline: Deadline, occurrence: Occurrence) -> tuple[date, date] | None:
        """Return the days that a report covers; None where the plan does not say."""
        periods = (*self.plan.period, *(self.own.period if self.own else ()))
        period = next((period for period in periods if period.id == deadline.period), None)
        if period is None:
            return None
        window = Window(day_and_month(period.first), day_and_month(period.last))
        return window.before(occurrence.named_on)

    def holder(self, role_id: str) -> Role | None:
        """Return who stands for a body today; None where the installation has not said (UNSET)."""
        roles = {role.id: role for role in (*self.plan.role, *(self.own.role if self.own else ()))}
        role = roles.get(role_id)
        if role is None or not role.gone:
            return role
        heirs = {**self.plan.succession, **(self.own.succession if self.own else {})}
        return roles.get(heirs.get(role_id, UNSET))

    def unset_roles(self) -> tuple[Role, ...]:
        """Return the bodies that are gone and have no named successor."""
        return tuple(role for role in self.plan.role if self.holder(role.id) is None)


def programme_ids(own_folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of all programmes that there are, own ones included."""
    found = {path.stem for path in SHIPPED.glob("*.toml")}
    if own_folder and own_folder.is_dir():
        found |= {path.stem for path in own_folder.glob("*.toml") if not _extends(path)}
    return tuple(sorted(found - {DAYS_OFF, LADDERS}))


def load_programme(programme_id: str, own_folder: Path | None = None) -> Programme:
    """Read a programme and what the installation has added to it.

    Raises:
        UnknownProgramme: there is no such programme.
        BadFile: a file that does not fit; the message names file, line and what to do.
    """
    known = programme_ids(own_folder)
    if programme_id not in known:
        raise UnknownProgramme(f"Không có chương trình này. Các chương trình: {', '.join(known)}.")
    shipped = SHIPPED / f"{programme_id}.toml"
    added = own_folder / f"{programme_id}.toml" if own_folder else None
    if not shipped.is_file() and added is not None:
        return Programme(_good(added, check_programme(text_of(added))))
    plan = _good(shipped, check_programme(text_of(shipped)))
    if added is None or not added.is_file():
        return Programme(plan)
    return Programme(plan, _good(added, check_own(text_of(added), plan)))


def faults_of(path: Path) -> tuple[Fault, ...]:
    """Return what is to be mended in a file: a whole programme, own additions, or ladders.

    Raises:
        BadFile: it cannot be read at all.
        UnknownProgramme: it extends a plan that is not shipped.
    """
    text = text_of(path)
    if path.stem == LADDERS:
        return check_ladders(text).faults
    extended = _extends(path)
    if extended is None:
        return check_programme(text).faults
    return check_own(text, load_programme(extended).plan).faults


def _extends(path: Path) -> str | None:
    for line in text_of(path).splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == "extends":
            return value.partition("#")[0].strip().strip("\"'")
    return None


def _good(path: Path, reading: Reading[File]) -> File:
    if reading.value is None:
        raise BadFile(reading.faults[0].on(path.name))
    return reading.value


def _around(rule: DueRule, day: date) -> Iterator[date]:
    for near in (rule.latest(day), rule.earliest(day)):
        if near is not None:
            yield near


def _unknown(kind: str, known: Iterable[str]) -> str:
    ids = ", ".join(known)
    return f"Chương trình không có {kind} này. Có: {ids}." if ids else (
        f"Chương trình này không có {kind} nào có ngày: chưa đặt ngày."
    )  # fmt: skip
