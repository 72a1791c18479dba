"""On which days a reminder may leave, and its hours: nobody is woken, and Tết is Tết.

Pure arithmetic over a calendar of days off. Two windows a day, 07:00 to 11:15 and 14:00 to 20:30;
on the last day to 21:00 (`docs/reminders.md`).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol

from intake.ports import VIETNAM

MORNING = (time(7), time(11, 15))
AFTERNOON = (time(14), time(20, 30))
LAST_DAY_UNTIL = time(21)
FIRST_HOUR = time(8)
EVENING_HOUR = time(18, 30)
SECOND_HOUR = time(16)

SATURDAY, SUNDAY = 5, 6
TET_LEAST = 4
"""Days off in a row that make a break at the turn of the lunar year Tết."""
_TET_NEAR = ((1, 18), (2, 24))

Kind = Literal["work", "saturday", "sunday", "holiday", "tet"]


class DaysOff(Protocol):
    """The calendar that is asked: ``intake.plans.working_days`` has one."""

    def is_working(self, day: date) -> bool:
        """Return whether offices work on this day."""
        ...

    def last_until(self, day: date) -> date:
        """Return the last working day that is not after ``day``."""
        ...


class SendingDays:
    """Tells on which days a reminder may leave; remembers what it was asked before."""

    def __init__(self, days: DaysOff) -> None:
        self._days = days
        self._kinds: dict[date, Kind] = {}

    def kind(self, day: date) -> Kind:
        """Return what sort of a day it is; a day of Tết is Tết, a Saturday or Sunday too."""
        found = self._kinds.get(day)
        if found is None:
            found = self._kinds[day] = self._judge(day)
        return found

    def may_send(self, day: date, *, officer: bool, last: bool) -> bool:
        """Return whether a reminder may leave on ``day``.

        ``last``: it is a T−1 or a T0, which a Sunday does not hold back. Officers hear on working
        days alone otherwise, leaders on Saturdays too.
        """
        kind = self.kind(day)
        if kind == "work":
            return True
        if kind in ("holiday", "tet"):
            return False
        return last or (kind == "saturday" and not officer)

    def tet_ahead(self, day: date, within: int) -> tuple[date, date] | None:
        """Return first and last day of the Tết break that begins in the next ``within`` days."""
        for ahead in range(1, within + 1):
            first = day + timedelta(days=ahead)
            if self.kind(first) == "tet":
                begins, last = self._run(first)
                return (begins, last) if begins == first else None
        return None

    def _judge(self, day: date) -> Kind:
        if self._days.is_working(day):
            return "work"
        first, last = self._run(day)
        if self._is_tet(first, last):
            return "tet"
        if day.weekday() < SATURDAY:
            return "holiday"
        return "saturday" if day.weekday() == SATURDAY else "sunday"

    def _is_tet(self, first: date, last: date) -> bool:
        if (last - first).days + 1 < TET_LEAST:
            return False
        (since_month, since_day), (until_month, until_day) = _TET_NEAR
        begins = date(last.year, since_month, since_day)
        return last >= begins and first <= date(last.year, until_month, until_day)

    def _run(self, day: date) -> tuple[date, date]:
        """Return the days off in a row that hold ``day``."""
        first = self._days.last_until(day) + timedelta(days=1)
        last = day
        while not self._days.is_working(last + timedelta(days=1)):
            last += timedelta(days=1)
        return first, last


@dataclass(frozen=True, slots=True)
class Opening:
    """From when to when a message of a day may leave; the end is not in it."""

    not_before: datetime
    ends_at: datetime


def opening(day: date, hour: time, now: datetime, *, last_day: bool) -> Opening | None:
    """Return the first window of ``day`` that is left at ``now``; None where the day is over.

    The message leaves at ``hour`` at the earliest. ``last_day`` keeps the evening open to 21:00.
    """
    local = now.astimezone(VIETNAM)
    if local.date() > day:
        return None
    reached = max(hour, local.time()) if local.date() == day else hour
    for begins, ends in (MORNING, (AFTERNOON[0], LAST_DAY_UNTIL if last_day else AFTERNOON[1])):
        if reached < ends:
            start = max(reached, begins)
            return Opening(at(day, start), at(day, ends))
    return None


def is_open(now: datetime, *, last_day: bool = False) -> bool:
    """Return whether the hour of ``now`` lies inside a window, whatever the day."""
    hour = now.astimezone(VIETNAM).time()
    evening = LAST_DAY_UNTIL if last_day else AFTERNOON[1]
    return MORNING[0] <= hour < MORNING[1] or AFTERNOON[0] <= hour < evening


def at(day: date, hour: time) -> datetime:
    """Return a moment in Vietnam."""
    return datetime.combine(day, hour, VIETNAM)
