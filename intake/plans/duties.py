"""How a duty stands on a day: its period, what was done, what is still owed, and the period before.

An activity counts for the period of its own date and for no other, whenever it was written down
(``check-ins-and-reminders.md`` 5). Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from intake.errors import NotScheduled
from intake.plans.calendar import Per, Span, month_of, quarter_of, year_of
from intake.plans.programme import Programme
from intake.plans.programme_schema import Duty

_CALENDAR = {"month": month_of, "quarter": quarter_of, "year": year_of}


@dataclass(frozen=True, slots=True)
class Before:
    """How the period before ended."""

    period: Span
    status: Literal["met", "missed"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One duty of one unit on one day."""

    period: Span
    done: int
    need: int
    last_good_on: date | None
    days_left: int | None
    previous: Before | None
    """None where nothing was owed yet: the programme began later, or the period has none before."""

    @property
    def status(self) -> Literal["open", "met"]:
        """``met`` once enough was done; never "late" while the period runs."""
        return "met" if self.done >= self.need else "open"


def stand(programme: Programme, duty: Duty, done: Iterable[date], on: date) -> Standing:
    """Return how ``duty`` stands on ``on``, given the days of accepted activities.

    Raises:
        NotScheduled: the programme asks for nothing then, or its semesters are not set.
    """
    days = tuple(done)
    period = period_of(programme, duty.per, on)
    if not _overlaps(programme, period):
        raise NotScheduled("Kế hoạch không có hiệu lực trong kỳ này: không ai phải làm việc này.")
    last = period.last if period.last != date.max else None
    return Standing(
        period,
        done=_count(period, days),
        need=duty.count,
        last_good_on=last,
        days_left=(last - on).days if last else None,
        previous=_before(programme, duty, period, days),
    )


def period_of(programme: Programme, per: Per, day: date) -> Span:
    """Return the period that a day belongs to.

    Raises:
        NotScheduled: no semester is set for that day.
    """
    if per in {"plan", "always"}:
        return Span(per, programme.since or date.min, programme.until or date.max)
    if per == "semester":
        return _semester(programme, day)
    return _CALENDAR[per](day)


def _semester(programme: Programme, day: date) -> Span:
    for semester in programme.semesters:
        span = Span(semester.name, semester.first, semester.last)
        if span.holds(day):
            return span
    if not programme.semesters:
        raise NotScheduled("Chưa đặt ngày của học kỳ: văn bản không ghi, đơn vị tự đặt.")
    raise NotScheduled("Ngày này không thuộc học kỳ nào đã đặt.")


def _before(
    programme: Programme, duty: Duty, period: Span, done: tuple[date, ...]
) -> Before | None:
    earlier = _previous(programme, duty.per, period)
    if earlier is None or (programme.since and earlier.first < programme.since):
        return None
    met = _count(earlier, done) >= duty.count
    return Before(earlier, "met" if met else "missed")


def _previous(programme: Programme, per: Per, period: Span) -> Span | None:
    if per in {"plan", "always"}:
        return None
    if per == "semester":
        earlier = [s for s in programme.semesters if s.last < period.first]
        return Span(earlier[-1].name, earlier[-1].first, earlier[-1].last) if earlier else None
    return _CALENDAR[per](period.first - timedelta(days=1))


def _count(period: Span, done: tuple[date, ...]) -> int:
    return sum(period.holds(day) for day in done)


def _overlaps(programme: Programme, period: Span) -> bool:
    starts = programme.since is None or period.last >= programme.since
    return starts and (programme.until is None or period.first <= programme.until)
