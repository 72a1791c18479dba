"""On which days a level above is told: Mondays, T−3, T0, and days late. Pure.

A day off before the last good day moves earlier, as every rung does. What is late is told on the
first working day from then on: it is never said to be late before it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from intake.plans.calendar import DAY
from intake.plans.seasons import Season
from intake.plans.working_days import WorkingDays

BEFORE = (3, 0)
"""Days before the day to aim at on which the level above gets its list."""
WEEK = 7
_LONGEST_BREAK = 14

Late = Callable[[Season], tuple[int | None, int | None]]
"""Gives the days late at which a thing stands one level up, and two; None: never."""


@dataclass(frozen=True, slots=True)
class RollUpDay:
    """A day on which digests are due, and what makes them so."""

    day: date
    seasons: frozenset[Season] = frozenset()
    """Everything in season on that day: a digest that leaves later speaks up for nothing else."""
    weekly: bool = False
    monthly: bool = False
    """The first weekly one of a month: what nobody is named for, or has no date, is told alone."""
    below: frozenset[Season] = frozenset()
    """What the areas directly above are told of."""
    above: frozenset[Season] = frozenset()
    """What is named one level further up."""
    closing: frozenset[Season] = frozenset()
    """Reports whose data is closed: their preparers get the list of what is missing."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is due."""
        return not (self.weekly or self.below or self.above or self.closing)


def roll_up_day(day: date, seasons: Iterable[Season], days: WorkingDays, late: Late) -> RollUpDay:
    """Return what makes digests due on ``day``, of what is in season then."""
    monday, running = weekly_for(day, days), frozenset(seasons)
    below, above, closing = set[Season](), set[Season](), set[Season]()
    for season in running:
        direct, further = late(season)
        aimed = {days.last_until(season.safe_on - n * DAY) for n in BEFORE}
        if day in aimed or _is_late_day(season, direct, day, days):
            below.add(season)
        if _is_late_day(season, further, day, days):
            above.add(season)
        if day in closing_days(season, days):
            closing.add(season)
    return RollUpDay(
        day, running, monday is not None, monday is not None and monday.day <= WEEK,
        frozenset(below), frozenset(above), frozenset(closing),
    )  # fmt: skip


def weekly_for(day: date, days: WorkingDays) -> date | None:
    """Return the Monday whose digest is due on ``day``: a Monday off has it on the day before."""
    ahead = (day + n * DAY for n in range(_LONGEST_BREAK))
    mondays = (each for each in ahead if each.weekday() == 0)
    return next((each for each in mondays if days.last_until(each) == day), None)


def closing_days(season: Season, days: WorkingDays) -> set[date]:
    """Return the working days from the close of a report's data to its last good day."""
    if not season.is_report or season.window is None:
        return set()
    first, last = season.window[1] + DAY, season.last_good_on
    found = (first + n * DAY for n in range((last - first).days + 1))
    return {day for day in found if days.is_working(day)}


def first_working(day: date, days: WorkingDays) -> date:
    """Return the first working day from ``day`` on."""
    while not days.is_working(day):
        day += DAY
    return day


def _is_late_day(season: Season, late: int | None, day: date, days: WorkingDays) -> bool:
    return late is not None and day == first_working(season.late_from + late * DAY, days)
