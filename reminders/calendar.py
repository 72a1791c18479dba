"""When to remind: rungs counted back from the day to aim at, moved off days off, never later.

Pure: no clock, no row, no message. The ladder counts from ``safe_on``, the last working day that is
still on time; lateness counts from the day that the document names
(``check-ins-and-reminders.md`` 6).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from intake.calendar import Occurrence
from intake.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Ladder:
    """The days of one occurrence on which somebody may be reminded, and when it becomes late."""

    send_on: tuple[date, ...]
    overdue_from: date


def plan_rungs(occurrence: Occurrence, rungs: Iterable[int], days: WorkingDays) -> Ladder:
    """Return the days to remind, earliest first.

    A rung on a day off moves to the working day before it. Two rungs that meet become one: nobody
    hears the same thing twice in a day.
    """
    safe_on = days.last_until(occurrence.last_good_on)
    aimed = (safe_on - timedelta(days=rung) for rung in rungs)
    return Ladder(tuple(sorted({days.last_until(day) for day in aimed})), occurrence.overdue_from)
