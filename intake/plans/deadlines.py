"""What is due, what is still to come and what is late on a given day.

Pure: a programme, a day and what was filed go in. The nearest time to come is named whether or not
it is filed; late is only the latest time that has passed (``check-ins-and-reminders.md`` 5, 6).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from intake.plans.calendar import Occurrence
from intake.plans.due_rules import due_rule
from intake.plans.programme import Programme
from intake.plans.programme_schema import Deadline
from intake.plans.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Coming:
    """The nearest time of a deadline that can still be met."""

    deadline: Deadline
    occurrence: Occurrence
    safe_on: date
    days_left: int
    filed: bool


@dataclass(frozen=True, slots=True)
class Late:
    """The latest time of a deadline that has passed without being filed."""

    deadline: Deadline
    occurrence: Occurrence
    days_late: int


@dataclass(frozen=True, slots=True)
class Board:
    """All deadlines of a programme on one day."""

    coming: tuple[Coming, ...]
    late: tuple[Late, ...]
    unscheduled: bool
    """Whether nothing at all has a day here: "chưa đặt ngày"."""


def board_on(
    programme: Programme,
    on: date,
    days: WorkingDays,
    filed: Mapping[str, Iterable[date]] | None = None,
    since: date | None = None,
) -> Board:
    """Return what is to come and what is late on ``on``.

    ``filed`` holds, by deadline, named days; any other day counts for the named day nearest to it.
    ``since`` is the day from which the programme applies where it is asked for: a time whose last
    good day lay before it was owed by nobody there, and is not late.
    """
    done = {item: frozenset(dates) for item, dates in (filed or {}).items()}
    coming: list[Coming] = []
    late: list[Late] = []
    for deadline in programme.deadlines:
        settled = _settled(deadline, done.get(deadline.id, frozenset()))
        ahead, behind = _ahead(programme, deadline, on), _behind(programme, deadline, on)
        if ahead:
            left = (ahead.last_good_on - on).days
            safe = days.last_until(ahead.last_good_on)
            coming.append(Coming(deadline, ahead, safe, left, ahead.named_on in settled))
        owed = behind is not None and (since is None or behind.last_good_on >= since)
        if behind and owed and behind.named_on not in settled:
            late.append(Late(deadline, behind, (on - behind.named_on).days))
    coming.sort(key=lambda item: item.occurrence.named_on)
    late.sort(key=lambda item: item.occurrence.named_on)
    return Board(tuple(coming), tuple(late), unscheduled=not programme.deadlines)


def _ahead(programme: Programme, deadline: Deadline, on: date) -> Occurrence | None:
    rule = due_rule(deadline)
    first = max(on, programme.since or on)
    named = rule.earliest(first)
    if named is not None and rule.at(named).last_good_on < on:
        named = rule.earliest(named + timedelta(days=1))
    return rule.at(named) if named is not None and programme.in_force(named) else None


def _behind(programme: Programme, deadline: Deadline, on: date) -> Occurrence | None:
    rule = due_rule(deadline)
    last = min(on, programme.until or on)
    named = rule.latest(last)
    if named is not None and rule.at(named).overdue_from > on:
        named = rule.latest(named - timedelta(days=1))
    return rule.at(named) if named is not None and programme.in_force(named) else None


def _settled(deadline: Deadline, filed: frozenset[date]) -> frozenset[date]:
    """Return the named days that the given days stand for: themselves, or the nearest one."""
    rule = due_rule(deadline)
    settled: set[date] = set()
    for day in filed:
        near = [named for named in (rule.latest(day), rule.earliest(day)) if named]
        settled.add(min(near, key=lambda named: (abs(named - day), named)))
    return frozenset(settled)
