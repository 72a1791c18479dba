"""What a line says about its day, and what of that is certain.

A day that has not come, that does not exist, that is one of two or that nothing names is asked; it
is never rolled back a year and never guessed. Pure: days come in, a judgement goes out.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

DAY = timedelta(days=1)

Week = Literal["past", "last", "this", "coming", "none"]


@dataclass(slots=True)
class Days:
    """What a line says about its day."""

    on: date
    exact: list[date] = field(default_factory=list[date])
    weekdays: list[tuple[int, Week]] = field(default_factory=list[tuple[int, Week]])
    alone: list[int] = field(default_factory=list[int])
    """Days without a month: "ngày 12"."""
    months: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Months (and their years) without a day: "tháng 10", "tháng trước"."""
    within: list[tuple[date, date]] = field(default_factory=list[tuple[date, date]])
    """Weeks and years that the words name: a day that lies outside is asked."""
    starts: set[int] = field(default_factory=set[int])
    """The tokens at which a day starts."""
    offered: list[date] = field(default_factory=list[date])
    """Days to offer where the words leave a choice."""
    is_unclear: bool = False
    is_vague: bool = False
    """Words such as "tuần trước" that name no day; an exact day beside them settles it."""
    is_ahead: bool = False

    def unclear(self, *offered: date | None) -> None:
        """Note that the words leave a choice between these days."""
        self.is_unclear = True
        self.offered += [day for day in offered if day]


@dataclass(frozen=True, slots=True)
class Settled:
    """The day, or what must be asked about it and what to offer."""

    day: date | None = None
    ask: Literal["date", "future_date"] | None = None
    offered: tuple[date, ...] = ()


def settle(days: Days) -> Settled:
    """Say which day it is, if the words leave no choice."""
    _join_months(days)
    exact = list(dict.fromkeys(days.exact))
    if days.is_unclear or len(exact) > 1:
        return _asked([*exact, *days.offered], days.on)
    if exact:
        return _settle_exact(exact[0], days)
    if days.weekdays:
        return _settle_weekday(days)
    if days.is_ahead:
        return Settled(ask="future_date")
    is_vague = days.is_vague or any((last - first).days < 7 for first, last in days.within)
    return _asked(days.offered, days.on) if is_vague else Settled()


def _join_months(days: Days) -> None:
    """Give the days without a month the month that is named, or this one if the day has come."""
    months = list(dict.fromkeys(days.months))
    for day in days.alone:
        year, month = months[0] if months else (days.on.year, days.on.month)
        found = day_of(day, month, year)
        if (len(months) == 1 and found) or (not months and found and found <= days.on):
            days.exact.append(found)
        else:
            before = days.on.replace(day=1) - DAY
            days.unclear(found, None if months else day_of(day, before.month, before.year))
    for year, month in months:
        days.is_vague = True
        if any((day.year, day.month) != (year, month) for day in days.exact):
            days.unclear(*days.exact)


def _settle_exact(day: date, days: Days) -> Settled:
    wrong = [weekday for weekday, _ in days.weekdays if weekday != day.weekday()]
    if day > days.on:
        last_year = day_of(day.day, day.month, day.year - 1)
        is_near = day - days.on <= 3 * DAY  # "mai" is meant, and no day of last year
        return Settled(
            None, "future_date", (day,) if is_near or not last_year else (day, last_year)
        )
    if wrong:
        near = [day + step * DAY for step in range(-3, 4)]
        return _asked([day, *(d for d in near if d.weekday() == wrong[0])], days.on)
    if days.is_ahead:
        return Settled(None, "future_date")
    if any(not first <= day <= last for first, last in days.within):
        return _asked([day], days.on)
    return Settled(day)


def _settle_weekday(days: Days) -> Settled:
    if len(set(days.weekdays)) > 1:
        return Settled(None, "date")
    weekday, week = days.weekdays[0]
    monday = days.on - days.on.weekday() * DAY
    latest = days.on - ((days.on.weekday() - weekday) % 7) * DAY
    if week == "none" and len(days.within) == 1 and days.within[0][1] - days.within[0][0] < 7 * DAY:
        week = "last" if days.within[0][0] < monday else "this"
    if week == "coming":
        return Settled(None, "future_date", (latest + 7 * DAY,))
    if days.is_vague and week == "none":
        return _asked([latest], days.on)
    if week == "last":
        return Settled(monday + (weekday - 7) * DAY)
    if week == "this":
        this = monday + weekday * DAY
        return Settled(this) if this <= days.on else Settled(None, "future_date", (this,))
    if week == "past" and latest != days.on:
        return Settled(latest)
    return _asked([latest, latest - 7 * DAY] if latest == days.on else [latest], days.on)


def _asked(offered: list[date], on: date) -> Settled:
    past = tuple(sorted({day for day in offered if day <= on}))
    return Settled(None, "date", past)


def day_of(day: int | None, month: int, year: int) -> date | None:
    """Return the day, or None if the calendar has none such."""
    try:
        return date(year, month, day or 0)
    except (ValueError, OverflowError):
        return None
