"""Working days in Vietnam: weekends, public holidays, substitute and swapped days, own overrides.

The ``holidays`` package knows Tết by the Vietnamese calendar, substitute days and most swaps; what
it lacks stands in ``intake/plans/days.toml`` with the number of the document, and a file of the
installation wins over both (``vietnam.md`` 1.2). Used to aim reminders early; it never moves a day
that a document names.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

from intake.errors import Misconfigured
from intake.plans.checked_toml import read_file

if TYPE_CHECKING:
    from holidays import HolidayBase

SHIPPED = Path(__file__).with_name("days.toml")
LONGEST_BREAK = 60
SATURDAY = 5


class DayOverride(BaseModel):
    """One day that is off, or worked, by a document."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    on: Annotated[date, Strict()]
    kind: Literal["off", "work"]
    document: Annotated[str, Field(min_length=1)]
    note: str | None = None


class DayFile(BaseModel):
    """A file of such days."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Literal[1]
    day: tuple[DayOverride, ...] = ()


class WorkingDays:
    """Tells a working day from a day off; later overrides win."""

    def __init__(self, overrides: Iterable[DayOverride] = ()) -> None:
        self._own = {override.on: override.kind for override in overrides}

    @cached_property
    def _public(self) -> "HolidayBase":
        import holidays  # noqa: PLC0415  3 MB, for whoever asks for a day

        return holidays.country_holidays("VN")

    def is_working(self, day: date) -> bool:
        """Return whether offices work on this day."""
        own = self._own.get(day)
        if own is not None:
            return own == "work"
        if day in self._public:
            return False
        return day.weekday() < SATURDAY or day in self._public.weekend_workdays

    def last_until(self, day: date) -> date:
        """Return the last working day that is not after ``day``.

        Raises:
            Misconfigured: the overrides leave no working day in two months.
        """
        for back in range(LONGEST_BREAK):
            candidate = day - timedelta(days=back)
            if self.is_working(candidate):
                return candidate
        raise Misconfigured("tệp ngày nghỉ của đơn vị không còn ngày làm việc nào trong hai tháng")


def working_days(own_file: Path | None = None) -> WorkingDays:
    """Return the calendar of this installation: the library, our corrections, its own file.

    Raises:
        BadFile: a file of days that does not fit, with its line.
    """
    own = read_file(own_file, DayFile).day if own_file and own_file.is_file() else ()
    return WorkingDays((*read_file(SHIPPED, DayFile).day, *own))
