"""The days that a line gives in figures: "12/11", "12-13/11", "12 tháng 11", "ngày 12".

Days are day/month. A day without a year is of this year and is never rolled back; a day that has
not come, that does not exist, that is a lunar one, that is two days or a vague one is asked. This
module only says what stands in the line; ``days.settle`` says what is certain of it.
"""

from datetime import date

from intake.check_in_line.days import DAY, Days, day_of
from intake.check_in_line.line import Line
from intake.check_in_line.number_words import spelt

FIRST_YEAR = 2000
COUNTED = ("count.people", "count.households", "count.unclear", "count.sessions", "count.things",
           "count.apart")  # fmt: skip


MONTHS = ("vague.last_month", "vague.this_month")


def read_written(line: Line, at: int, days: Days) -> int | None:
    """Read the day whose first number stands here, and return where it ends."""
    return _iso(line, at, days) or _several(line, at, days) or _written(line, at, days)


def _iso(line: Line, at: int, days: Days) -> int | None:
    year, month, day = line.number(at), line.number(at + 2), line.number(at + 4)
    if year is None or month is None or day is None or not FIRST_YEAR <= year < 2100:
        return None
    if not (line.is_sign(at + 1, "-/") and line.is_sign(at + 3, "-/")):
        return None
    add(days, day, month, year)
    return at + 5


def _several(line: Line, at: int, days: Days) -> int | None:
    """Read "12-13/11", "12, 13/11", "12 rạng 13", "từ 12 đến 14 tháng 11"."""
    numbers, end = [line.number(at) or 0], at + 1
    dawn = line.has(end, "join.dawn")
    while (after := _joined(line, end)) and (number := line.number(after)):
        if not numbers[-1] < number <= 31:
            return None
        numbers.append(number)
        end = after + 1
    if len(numbers) == 1 or numbers[0] == 0:
        return None
    end, month, year = month_after(line, end)
    if month is None and not (dawn or _is_led(line, at)):
        return None
    if line.has(end, *COUNTED):
        return None
    month = month or days.on.month
    year = year or days.on.year
    days.unclear(*(day_of(number, month, year) for number in numbers))
    return end


def _joined(line: Line, at: int) -> int | None:
    """Return where the second of two joined days stands."""
    if line.has(at, "join.and", "join.or", "join.to", "join.dawn"):
        after = line.end(at)
    elif line.is_sign(at, "-,&+"):
        after = at + 1
    else:
        return None
    return line.end(after) if line.has(after, "date_word.day") else after


def _is_led(line: Line, at: int) -> bool:
    return line.follows(at, "date_word.day", "vague.until")


def month_after(line: Line, at: int) -> tuple[int, int | None, int | None]:
    """Return where a month (and a year) after a day ends, and the two."""
    month_at, sign = None, ""
    if line.is_sign(at, "/.-") and line.number(at + 1) is not None:
        month_at, sign = at + 1, line.tokens[at].folded
    elif line.has(at, "date_word.month", "date_word.t"):
        month_at = line.end(at)
        if is_day_of_a_date(line, month_at):
            return at, None, None  # "sơ kết 6 tháng 12/11"
    elif line.is_sign(at, "/") and line.has(at + 1, "date_word.t"):
        month_at = at + 2
    if month_at is None:
        return at, None, None
    month = line.number(month_at)
    end = month_at + 1
    if month is None:
        read = spelt(line, month_at)
        month, end = (read.value, read.end) if read and read.value else (None, at)
    if month is None:
        return at, None, None
    end, year = year_after(line, end, sign)
    return end, month, year


def is_day_of_a_date(line: Line, at: int) -> bool:
    """Return whether the number here is the day of "12/11", and not a month."""
    return line.is_sign(at + 1, "/") and (line.number(at + 2) or 99) <= 31


def year_after(line: Line, at: int, sign: str = "") -> tuple[int, int | None]:
    """Return where a year after a month ends, and the year."""
    year = line.number(at + 1)
    if year is not None and line.is_sign(at, "/.-") and not line.is_sign(at + 2, "/"):
        if year >= 1900:
            return at + 2, year
        if year < 100 and line.is_sign(at, sign) and len(line.tokens[at + 1].folded) == 2:
            return at + 2, year + 2000
    if line.has(at, "date_word.year") and year is not None and year >= 1900:
        return at + 2, year
    year = line.number(at)
    if year is not None and 1990 <= year < 2100 and not line.has(at + 1, *COUNTED):
        return at + 1, year
    return at, None


def _written(line: Line, at: int, days: Days) -> int | None:
    """Read "12/11", "12-11-2025", "12 tháng 11", "ngày 12"."""
    day = line.number(at)
    if day is None:
        return None
    end, month, year = month_after(line, at + 1)
    if month is not None and _is_slip(line, at):
        days.unclear()
        return end
    if month is None:
        return _day_alone(line, at, day, days)
    if not _looks_like_a_date(line, at, day, month):
        return None
    is_dash = line.is_sign(at + 1, "-")
    if line.has(end, *COUNTED[:3]) and day <= month:  # "5/12 hộ" is a share
        return None if year is None and not _is_led(line, at) else _add_dated(
            line, end, days, (day, month, year)
        )  # fmt: skip
    if is_dash and year is None and 0 < month - day <= 2:
        days.unclear(day_of(day, month, days.on.year), day_of(day, days.on.month, days.on.year))
        return end
    return _add_dated(line, end, days, (day, month, year))


def _is_slip(line: Line, at: int) -> bool:
    """Return whether a letter was typed for a digit: "l2/11"."""
    is_glued = at > 0 and line.tokens[at].is_glued and line.is_word(at - 1)
    return is_glued and line.tokens[at - 1].folded in {"l", "o", "i", "z", "s"}


def _looks_like_a_date(line: Line, at: int, day: int, month: int) -> bool:
    """Return whether "30/45" is meant as a day: it fits one, or can be no share of a whole."""
    if len(line.tokens[at].folded) > 2 or len(line.tokens[at + 2].folded) > 2:
        return line.has(at + 1, "date_word.month")  # "500.000"
    if _is_led(line, at) or (month <= 12 and day <= 60):
        return True
    return day > month or month <= 31


def _add_dated(line: Line, end: int, days: Days, written: tuple[int, int, int | None]) -> int:
    day, month, year = written
    if year is None and line.has(end, "vague.last_year"):
        add(days, day, month, days.on.year - 1)
        return line.end(end)
    if line.has(end, "vague.lunar", "vague.lunar_after"):
        days.unclear(day_of(day, month, year or days.on.year))
        return line.end(end)
    add(days, day, month, year or days.on.year)
    return end


def add(days: Days, day: int, month: int, year: int) -> None:
    """Add the day that is written, or ask where there is none such."""
    found = day_of(day, month, year)
    if found is None or year < FIRST_YEAR:
        days.unclear(*_near(day, month, year))
    else:
        days.exact.append(found)


def _near(day: int, month: int, year: int) -> list[date | None]:
    """Return the days that 31/11 or 11/25 may have been meant for."""
    if 1 <= month <= 12 and 28 < day <= 31:
        after = date(year + month // 12, month % 12 + 1, 1) if year < 9999 else None
        return [after - DAY, after] if after else []
    return [day_of(month, day, year)]


def _day_alone(line: Line, at: int, day: int, days: Days) -> int | None:
    """Read "ngày 12", "12 tháng trước"."""
    led = line.follows(at, "date_word.day") or line.has(at + 1, *MONTHS)
    led = led and 1 <= day <= 31
    if not led or line.has(at + 1, "date_word.hour", *COUNTED) or line.is_sign(at + 1, ":"):
        return None
    days.alone.append(day)
    return at + 1
