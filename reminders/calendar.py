"""When to remind: rungs counted back from the day to aim at, moved off days off, never later.

Pure: no clock, no row, no message. The ladder counts from ``safe_on``, the last working day that is
still on time; lateness counts from the day that the document names
(``check-ins-and-reminders.md`` 6).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from intake.plans.calendar import DAY, Occurrence

EARLY = 7
"""A rung earlier than this is for those alone who have done nothing yet."""
LATE_FOR = timedelta(days=6)
"""How long the last rung stays wanted where it could not be sent on its day."""


class WorkingCalendar(Protocol):
    """The part of ``intake.plans.working_days.WorkingDays`` that ladders need."""

    def last_until(self, day: date) -> date:
        """Return the last working day that is not after ``day``."""
        ...


@dataclass(frozen=True, slots=True)
class Ladder:
    """The days of one occurrence on which somebody may be reminded, and when it becomes late."""

    send_on: tuple[date, ...]
    overdue_from: date


@dataclass(frozen=True, slots=True)
class LadderRule:
    """How often one kind of thing is reminded of: days before the day to aim at, days late."""

    rungs: tuple[int, ...]
    late: tuple[int, ...] = ()
    deputies: tuple[int, ...] = ()
    """Which of the rungs before the day a deputy hears too; a substitute hears all."""
    up: tuple[int, ...] = ()
    """Days late at which it stands in the roll-up of the level above, or of the one above that."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of one occurrence: wanted from ``day`` to ``until`` where it was not sent yet."""

    rung: str
    """"-14", "0", "+1": its name, under which it happens once."""
    days: int
    day: date
    until: date
    deputies: bool = False

    @property
    def is_last(self) -> bool:
        """Whether it is T−1 or T0: it comes first where something must be left out."""
        return self.days in (-1, 0)

    @property
    def is_early(self) -> bool:
        """Whether it is for those alone who have done nothing yet."""
        return self.days < -EARLY

    @property
    def is_late(self) -> bool:
        """Whether it is a rung of what is late."""
        return self.days > 0


def plan_rungs(occurrence: Occurrence, rungs: Iterable[int], days: WorkingCalendar) -> Ladder:
    """Return the days to remind, earliest first.

    A rung on a day off moves to the working day before it. Two rungs that meet become one: nobody
    hears the same thing twice in a day.
    """
    safe_on = days.last_until(occurrence.last_good_on)
    aimed = (safe_on - timedelta(days=rung) for rung in rungs)
    return Ladder(tuple(sorted({days.last_until(day) for day in aimed})), occurrence.overdue_from)


def plan_steps(
    occurrence: Occurrence, rule: LadderRule, days: WorkingCalendar
) -> tuple[Step, ...]:  # fmt: skip
    """Return the steps of one occurrence, earliest first; each ends where the next begins.

    Of two rungs that meet on a day the newer one stays. A late rung counts from the day that the
    document names and never moves to before it is late: a day off merely holds it.
    """
    safe_on = days.last_until(occurrence.last_good_on)
    by_day: dict[date, tuple[int, bool]] = {}
    for rung in sorted(set(rule.rungs), reverse=True):
        day = days.last_until(safe_on - timedelta(days=rung))
        by_day[day] = (-rung, rung in rule.deputies)
    for rung in sorted(set(rule.late)):
        by_day[max(occurrence.named_on + timedelta(days=rung), occurrence.overdue_from)] = (
            rung, False,
        )  # fmt: skip
    return tuple(_ending(sorted(by_day.items()), occurrence.last_good_on))


def step_on(steps: tuple[Step, ...], day: date) -> Step | None:
    """Return the newest step that is wanted on ``day``; None before the first, after the last."""
    for step in reversed(steps):
        if step.day <= day:
            return step if day <= step.until else None
    return None


def _ending(
    found: list[tuple[date, tuple[int, bool]]], last_good_on: date
) -> Iterable[Step]:  # fmt: skip
    for at, (day, (days, deputies)) in enumerate(found):
        until = found[at + 1][0] - DAY if at + 1 < len(found) else day + LATE_FOR
        if days <= 0:
            until = min(until, last_good_on)
        rung = f"{days:+d}" if days else "0"
        yield Step(rung, days, day, until, deputies)
