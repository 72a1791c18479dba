"""Exact days: when something is due, the last good day, and the period that a day belongs to.

Everything is half-open and counted in Asia/Ho_Chi_Minh: "trước ngày 17/6" is met on 16/6 at
23:59:59 and missed on 17/6 at 00:00:00 (``check-ins-and-reminders.md`` 0.1, 3b). Pure arithmetic:
this module reads no clock and no file, and it never moves the official day; days off are the
business of ``intake.plans.working_days``.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from intake.errors import NotValid
from intake.ports import VIETNAM

DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2000, 2098

Every = Literal["year", "month", "once"]
Per = Literal["month", "quarter", "semester", "year", "plan", "always"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something is due."""

    named_on: date
    """The day that the document names; it is what people read, and it never moves."""

    last_good_on: date
    """The last day that is still on time: the day before ``named_on`` where it says "trước"."""

    @property
    def overdue_from(self) -> date:
        """The first day that is late."""
        return self.last_good_on + DAY

    @property
    def due_at(self) -> datetime:
        """The first moment that is late: midnight, local."""
        return datetime.combine(self.overdue_from, time(), VIETNAM)

    def is_on_time(self, moment: datetime) -> bool:
        """Return whether what was filed at ``moment`` (aware) is on time."""
        return moment < self.due_at


@dataclass(frozen=True, slots=True)
class DueRule:
    """How a deadline recurs; ``exclusive`` where the document says "trước ngày"."""

    every: Every
    exclusive: bool
    day: int
    month: int = 0
    year: int = 0

    def at(self, named_on: date) -> Occurrence:
        """Return the occurrence named on that day."""
        return Occurrence(named_on, named_on - DAY if self.exclusive else named_on)

    def names(self, day: date) -> bool:
        """Return whether the document names this day."""
        return self.latest(day) == day

    def latest(self, until: date) -> date | None:
        """Return the last named day that is not after ``until``."""
        named = self._named_in(until.year, until.month)
        if named <= until:
            return named
        if self.every == "once":
            return None
        if self.every == "year":
            return self._named_in(until.year - 1, until.month)
        before = until.replace(day=1) - DAY
        return self._named_in(before.year, before.month)

    def earliest(self, since: date) -> date | None:
        """Return the first named day that is not before ``since``."""
        named = self._named_in(since.year, since.month)
        if named >= since:
            return named
        if self.every == "once":
            return None
        if self.every == "year":
            return self._named_in(since.year + 1, since.month)
        after = month_of(since).last + DAY
        return self._named_in(after.year, after.month)

    def _named_in(self, year: int, month: int) -> date:
        if self.every == "once":
            return date(self.year, self.month, self.day)
        return date(year, self.month if self.every == "year" else month, self.day)


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a report covers: from one day of the year to another ("15/12" to "14/6")."""

    first: tuple[int, int]
    last: tuple[int, int]

    def before(self, named_on: date) -> tuple[date, date]:
        """Return the first and the last day of the last whole window before ``named_on``."""
        last = _last_time(self.last, named_on - DAY)
        return _last_time(self.first, last), last


def _last_time(day_and_month: tuple[int, int], until: date) -> date:
    day, month = day_and_month
    this_year = date(until.year, month, day)
    return this_year if this_year <= until else date(until.year - 1, month, day)


@dataclass(frozen=True, slots=True)
class Span:
    """A period of a duty; both days belong to it."""

    name: str
    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Return whether an activity of this day counts here."""
        return self.first <= day <= self.last


def month_of(day: date) -> Span:
    """Return the calendar month."""
    last = monthrange(day.year, day.month)[1]
    return Span(f"{day.year:04}-{day.month:02}", day.replace(day=1), day.replace(day=last))


def quarter_of(day: date) -> Span:
    """Return the calendar quarter, named as ``2026-Q1``."""
    quarter = (day.month - 1) // 3
    first = date(day.year, 3 * quarter + 1, 1)
    last = month_of(date(day.year, 3 * quarter + 3, 1)).last
    return Span(f"{day.year:04}-Q{quarter + 1}", first, last)


def year_of(day: date) -> Span:
    """Return the calendar year."""
    return Span(f"{day.year:04}", date(day.year, 1, 1), date(day.year, 12, 31))


def read_day(text: str) -> date:
    """Read a day as ``2026-06-17``.

    Raises:
        NotValid: not such a day, a day that does not exist, or a year outside the calendar.
    """
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007  a day, no moment
    except ValueError:
        raise NotValid("Ngày phải có thật và viết theo dạng 2026-06-17.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotValid(f"Lịch chỉ tính từ năm {FIRST_YEAR} đến năm {LAST_YEAR}.")
    return day


def read_moment(text: str) -> datetime:
    """Read a moment with its time zone, as ``2026-06-16T16:59:59Z``.

    Raises:
        NotValid: not a moment, or one without a time zone: whose midnight would be a guess.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NotValid("Thời điểm phải viết theo dạng 2026-06-16T16:59:59Z.") from None
    if moment.tzinfo is None:
        raise NotValid("Thời điểm phải ghi múi giờ: thêm Z (UTC) hoặc +07:00 (giờ Việt Nam).")
    return moment
