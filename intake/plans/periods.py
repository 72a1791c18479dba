"""Names of periods for people, and what a duty asks for in the period that holds a day. Pure."""

from datetime import date, datetime, time, timedelta

from intake.errors import NotScheduled
from intake.plans.calendar import Span
from intake.plans.duties import period_of
from intake.plans.programme import Programme
from intake.plans.programme_schema import Duty
from intake.ports import VIETNAM
from storage.opening import DutyTerms
from storage.tables import NEVER

_WHOLE = {"plan": "cả kế hoạch", "always": "thường xuyên"}
_FIRST_YEAR, _LAST_YEAR = 2000, 2098


def period_label(period: str) -> str:
    """Return a period's name as people say it: ``tháng 11/2026``, ``quý 4/2026``, ``năm 2026``."""
    if period in _WHOLE:
        return _WHOLE[period]
    year, dash, part = period.partition("-")
    if not dash and year.isdigit():
        return f"năm {year}"
    if year.isdigit() and len(part) == 2 and part[0] == "Q" and part[1].isdigit():
        return f"quý {part[1]}/{year}"
    if year.isdigit() and len(part) == 2 and part.isdigit():
        return f"tháng {int(part)}/{year}"
    return f"học kỳ {period}"


def terms_of(programme: Programme, duty: Duty, day: date) -> DutyTerms | None:
    """Return what ``duty`` asks for in the period of ``day``; None where it asks for nothing."""
    if not programme.in_force(day):
        return None
    try:
        span = period_of(programme, duty.per, day)
    except NotScheduled:
        return None
    return DutyTerms(
        programme=programme.id, duty=duty.id, kind=duty.kind, period=span.name, first=span.first,
        last=span.last, due_at=due_at(span.last), need=duty.count,
    )  # fmt: skip


def recent_periods(programme: Programme, duty: Duty, day: date, n: int) -> tuple[str, ...]:
    """Return the names of the last ``n`` periods up to the one of ``day``, oldest first."""
    names: list[str] = []
    at: date | None = day
    while at is not None and len(names) < n:
        terms = terms_of(programme, duty, at)
        if terms is None:
            break
        names.append(terms.period)
        at = None if terms.first == date.min else terms.first - timedelta(days=1)
    return tuple(reversed(names))


def due_at(last: date) -> datetime:
    """Return the first moment that is late: the midnight after the last day, local."""
    return NEVER if last == date.max else midnight(last + timedelta(days=1))


def midnight(day: date) -> datetime:
    """Return the first moment of a day in Vietnam."""
    return datetime.combine(day, time(), VIETNAM)


def local_day(moment: datetime) -> date:
    """Return the day that a moment belongs to in Vietnam."""
    return moment.astimezone(VIETNAM).date()


def month_span(month: str) -> Span:
    """Return the days of a month written as ``2026-11``."""
    first = date.fromisoformat(f"{month}-01")
    after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return Span(month, first, after - timedelta(days=1))


def typed_month(text: str) -> Span:
    """Return the days of a month that somebody typed.

    Raises:
        ValueError: not a month, or in years around which nothing can be counted.
    """
    if not _FIRST_YEAR <= date.fromisoformat(f"{text}-01").year <= _LAST_YEAR:
        raise ValueError("a year beyond counting")
    return month_span(text)
