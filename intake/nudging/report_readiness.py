"""How far a report can be written: which units met what it needs, and which are missing.

A unit is one directly below the area: a neighbourhood or organisation of a commune, a commune of a
province. What a report needs of it are the periods that end inside the days that the report covers,
of the report's own programme and of what the unit set itself. Where the units below send the same
report, theirs is what it needs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from intake.nudging.report_area import ReportArea
from intake.plans.calendar import DAY
from intake.plans.periods import terms_of
from intake.plans.programme import Programme
from intake.plans.programme_schema import Duty
from intake.plans.seasons import Season
from storage.figures import Place, Tally
from storage.unit_of_work import View

PLACES = {"commune": ("commune_id", "owner_id"), "province": ("province_id", "commune_id")}
"""The column that finds an area's obligations, and the one that tells its children apart."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Units that met what a report needs, units expected, and the others' ids."""

    met: int
    expected: int
    missing: frozenset[str]


def readiness(view: View, area: ReportArea, season: Season, day: date) -> Readiness | None:
    """Return how ready a report of an area is; None where nothing below it is needed."""
    programme = area.inside.get(season.programme)
    if programme is None:
        return None
    if area.communes:
        filing = filed_below(view, area, programme, season)
        if filing is not None:
            return filing
    return _from_duties(view, area, programme, season, day) if season.window else None


def filed_below(
    view: View, area: ReportArea, programme: Programme, season: Season
) -> Readiness | None:
    """Return which communes of a province sent the same report; None where none of them does."""
    uses = view.programmes.uses_of([area.id, *(row.id for row in area.communes)])
    deadline = programme.deadline(season.item)
    owing = set(area.senders_below(programme, deadline, uses, season.last_good_on))
    if not owing:
        return None
    left = owing - view.digests.filed(season.programme, season.item, season.time)
    return Readiness(len(owing) - len(left), len(owing), frozenset(left))


def below(view: View, area: ReportArea, season: Season) -> Readiness:
    """Return which children of an area have met a duty of a period."""
    return _summed(_tallies(view, area, season.programme, season.item, [season.time]))


def pending_late(view: View, area: ReportArea, season: Season) -> frozenset[str]:
    """Return the children that still owe it and have not asked to be exempt."""
    tallies = _tallies(view, area, season.programme, season.item, [season.time])
    return frozenset(
        tally.group
        for tally in tallies
        if tally.group and not tally.met and tally.exempt == "no" and tally.state == "open"
    )


def _from_duties(
    view: View, area: ReportArea, programme: Programme, season: Season, day: date
) -> Readiness | None:
    """Count what is over; None while nothing is: nobody could be missing yet."""
    expected, missing, counted = set[str](), set[str](), False
    for other, duty in _asked_below(area, programme):
        over, running = _periods(other, duty, season, day)
        asked = _tallies(view, area, other.id, duty.id, [*over, *running])
        expected |= {tally.group for tally in asked}
        if asked and over:
            due = _tallies(view, area, other.id, duty.id, over) if running else asked
            counted = counted or bool(due)
            missing |= {tally.group for tally in due if not tally.met}
    if not counted:
        return None
    return Readiness(len(expected - missing), len(expected), frozenset(missing))


def _asked_below(area: ReportArea, programme: Programme) -> Iterator[tuple[Programme, Duty]]:
    """Yield the duties that a report counts: its own programme's, and what the unit set itself."""
    for other in area.inside.values():
        if other.id == programme.id or not other.plan.is_plan:
            yield from ((other, duty) for duty in other.duties if other.is_on(duty))


def _periods(
    programme: Programme, duty: Duty, season: Season, day: date
) -> tuple[list[str], list[str]]:
    """Return the periods that end in the days covered: those that are over, and the others."""
    over: list[str] = []
    running: list[str] = []
    at, last = season.window or (date.max, date.min)
    while at <= last:
        terms = terms_of(programme, duty, at)
        if terms is None:
            at += DAY
            continue
        if terms.last > last:
            break
        (over if terms.last < day else running).append(terms.period)
        at = terms.last + DAY
    return over, running


def _tallies(
    view: View, area: ReportArea, programme: str, duty: str, periods: list[str]
) -> list[Tally]:
    if not periods:
        return []
    column, group = PLACES[area.level]
    found = view.figures.tallies(programme, duty, periods, Place(column, area.id), group)
    return [
        tally
        for tally in found
        if tally.group not in {"", area.id} and tally.exempt != "granted" and tally.state != "ended"
    ]


def _summed(tallies: Iterable[Tally]) -> Readiness:
    expected, missing = set[str](), set[str]()
    for tally in tallies:
        expected.add(tally.group)
        if not tally.met:
            missing.add(tally.group)
    return Readiness(len(expected - missing), len(expected), frozenset(missing))
