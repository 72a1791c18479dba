"""The words of a line that name its day: "hôm qua", "thứ 7 vừa rồi", "tháng trước", "hổm rày".

``read_days`` is the door to all days of a line, in figures (``dates``) and in words. It judges
nothing; ``days.settle`` does.
"""

from datetime import date

from intake.check_in_line.dates import (
    COUNTED,
    MONTHS,
    add,
    is_day_of_a_date,
    month_after,
    read_written,
    year_after,
)
from intake.check_in_line.days import DAY, Days, day_of
from intake.check_in_line.line import Line
from intake.check_in_line.number_words import spelt

_AGO = {"day.today": 0, "day.yesterday": 1, "day.two_ago": 2, "day.three_ago": 3,
        "day.tomorrow": -1, "day.after": -2}  # fmt: skip

_HALLS = tuple(f"place.{name}" for name in ("nhà văn hóa", "hội trường", "trụ sở", "ủy ban"))

_ABOUT_A_PERIOD = ("weak.report", "kind.party_report", "kind.plan", "kind.review",
                   "kind.registration")  # fmt: skip
_WITHIN = ("vague.last_week", "vague.this_week", "vague.last_year")


def read_days(line: Line, on: date) -> Days:
    """Take every day of the line."""
    days = Days(on)
    at = 0
    while at < len(line):
        end = None if line.is_taken(at) else _read_at(line, at, days)
        if end:
            line.take(at, end)
            days.starts.add(at)
        at = end or at + 1
    _read_occasions(line, days)
    return days


def _read_at(line: Line, at: int, days: Days) -> int | None:
    if line.number(at) is not None:
        return read_written(line, at, days) or _days_ago(line, at, days)
    return (
        _days_ago(line, at, days) or _relative(line, at, days) or _weekday(line, at, days)
        or _worded(line, at, days)
    )  # fmt: skip


def _days_ago(line: Line, at: int, days: Days) -> int | None:
    """Read "3 ngày trước", "hai hôm trước", "cách đây 2 ngày"."""
    read = spelt(line, at, one_word=True)
    number = read.value if read else line.number(at)
    words = [token.folded for token in line.tokens[at + 1 : at + 3]]
    if number is None or number > 60 or not words or words[0] not in {"ngay", "hom", "bua"}:
        return None
    after = at + 2
    is_before = words[1:] == ["truoc"]
    is_led = at >= 2 and [t.folded for t in line.tokens[at - 2 : at]] in (
        ["cach", "day"],
        ["cach", "nay"],
    )
    if not (is_before or is_led):
        return None
    days.exact.append(days.on - number * DAY)
    return after + 1 if is_before else after


def _relative(line: Line, at: int, days: Days) -> int | None:
    for tag, ago in _AGO.items():
        if line.has(at, tag):
            end = line.end(at)
            if _is_a_name(line, at) or (tag == "day.after" and line.has(at, "digit.1")):
                return end
            if _may_be_a_walk(line, at, end):
                days.unclear(days.on - ago * DAY)
            else:
                days.exact.append(days.on - ago * DAY)
            return end
    return None


def _may_be_a_walk(line: Line, at: int, end: int) -> bool:
    """Return whether "toi qua nha van hoa" may be "tôi qua nhà văn hóa"."""
    words = [token.folded for token in line.tokens[at:end]]
    is_bare = not line.tokens[at].has_marks
    return is_bare and words in (["toi", "qua"], ["sang", "qua"]) and line.has(end, *_HALLS)


def _is_a_name(line: Line, at: int) -> bool:
    """Return whether "Mai" is somebody: "chị Mai"."""
    before = line.tokens[at - 1].folded if at else ""
    return line.tokens[at].folded == "mai" and before in {
        "chi", "co", "ba", "em", "bac", "di", "dc", "mo", "thi", "hoa", "ong",
    }  # fmt: skip


def _weekday(line: Line, at: int, days: Days) -> int | None:
    """Read "thứ 7", "t7", "thứ bảy", "CN", with "vừa rồi", "tuần trước", "này", "tới" after."""
    if line.has(at, "date_word.sunday") and not line.has(at, "count.people"):
        return _week_after(line, line.end(at), days, 6)
    is_t = line.has(at, "date_word.t")
    if (not is_t and not line.has(at, "date_word.weekday")) or _is_ordinal(line, at):
        return None
    number, end = line.number(at + 1), at + 2
    if number is None and not is_t:
        read = spelt(line, at + 1, one_word=True)
        number, end = (read.value, read.end) if read else (None, at)
    if number is None or (is_t and not line.tokens[at + 1].is_glued and not line.is_word(at)):
        return None
    if is_t and (number > 7 or number < 2):
        return _month_alone(line, at, days)
    if not 2 <= number <= 7:
        days.unclear()
        return end
    return _week_after(line, end, days, number - 2)


def _is_ordinal(line: Line, at: int) -> bool:
    before = line.tokens[at - 1].folded if at else ""
    return before in {"lan", "ky", "hop", "khoa", "dot", "buoi", "lop"} and before != "hop"


def _week_after(line: Line, end: int, days: Days, weekday: int) -> int:
    for week in ("last", "past", "this", "coming"):
        if line.has(end, f"week.{week}"):
            is_evening = line.has(end, "date_word.day")  # "thu 7 toi" is "tối" as well as "tới"
            days.weekdays.append((weekday, "none" if is_evening else week))
            return line.end(end)
    days.weekdays.append((weekday, "none"))
    return end


def _worded(line: Line, at: int, days: Days) -> int | None:
    """Read "ngày mười hai tháng mười một", "tháng 11", "rằm tháng 9", "tuần trước", "mai mốt"."""
    if line.has(at, "vague.lunar"):
        return _lunar(line, at, days)
    if line.has(at, "date_word.month", "date_word.t"):
        return _month_alone(line, at, days)
    if line.has(at, "date_word.year"):
        return _year_alone(line, at, days)
    if line.has(at, "date_word.day"):
        return _spelt_day(line, line.end(at), days)
    return _vague(line, at, days)


def _vague(line: Line, at: int, days: Days) -> int | None:
    """Read words that name no day: "tuần sau", "bữa qua", "cuối tuần", "hổm rày"."""
    if line.has(at, "vague.next"):
        days.is_ahead = True
    elif line.has(at, "vague.ask_yesterday"):
        days.unclear(days.on - DAY, days.on)
    elif line.has(at, *MONTHS, *_WITHIN):
        _stretch(line, at, days)
    elif line.has(at, "vague.weekend"):
        monday = days.on - days.on.weekday() * DAY
        days.unclear(monday - 2 * DAY, monday - DAY)
    elif line.has(at, "vague.ask", "vague.ask_today"):
        days.is_vague = True
        days.offered += [days.on] if line.has(at, "vague.ask_today") else []
    else:
        return None
    return line.end(at)


def _lunar(line: Line, at: int, days: Days) -> int:
    end = line.end(at)
    number = line.number(end)
    if number is None or number > 31 or line.has(end + 1, *COUNTED):
        days.unclear()
        return end
    end, month, year = month_after(line, end + 1)
    solar = day_of(number, month or days.on.month, year or days.on.year)
    days.unclear(solar if solar and solar <= days.on else None)
    return end


def _month_alone(line: Line, at: int, days: Days) -> int | None:
    number = line.number(line.end(at))
    if number is None or not 1 <= number <= 12 or is_day_of_a_date(line, line.end(at)):
        return None
    end, year = year_after(line, line.end(at) + 1)
    if not line.follows(at, *_ABOUT_A_PERIOD):  # "báo cáo tháng 5" names what is reported on
        days.months.append((year or days.on.year, number))
    return end


def _year_alone(line: Line, at: int, days: Days) -> int | None:
    """Read "năm 2024"; not the year of a law ("Luật Phòng, chống ma túy năm 2021")."""
    year = line.number(line.end(at))
    if year is None or not 1990 <= year < 2100:
        return None
    about = ("numbered.noun", *_ABOUT_A_PERIOD)
    if not any(line.has(step, *about) for step in range(max(0, at - 12), at)):
        days.within.append((date(year, 1, 1), date(year, 12, 31)))
    return line.end(at) + 1


def _stretch(line: Line, at: int, days: Days) -> None:
    """Read "tuần trước", "tháng này", "năm ngoái": no day, but the day must lie in it."""
    monday = days.on - days.on.weekday() * DAY
    before = days.on.replace(day=1) - DAY
    if line.has(at, "vague.this_month"):
        days.months.append((days.on.year, days.on.month))
    elif line.has(at, "vague.last_month"):
        days.months.append((before.year, before.month))
    elif line.has(at, "vague.last_year"):
        days.is_vague = True
        days.within.append((date(days.on.year - 1, 1, 1), date(days.on.year - 1, 12, 31)))
    elif line.has(at, "vague.this_week"):
        days.within.append((monday, monday + 6 * DAY))
    else:
        days.within.append((monday - 7 * DAY, monday - DAY))


def _spelt_day(line: Line, at: int, days: Days) -> int | None:
    read = spelt(line, at)
    if read is None or read.value is None or not 1 <= read.value <= 31:
        return None
    end, month, year = month_after(line, read.end)
    if month is None or not read.is_sure:
        if line.has(read.end, *COUNTED):
            return None
        days.unclear(day_of(read.value, days.on.month, days.on.year))
        return end
    add(days, read.value, month, year or days.on.year)
    return end


def _read_occasions(line: Line, days: Days) -> None:
    """Ask where a day may only be the cause or the limit: "hưởng ứng 26/6", "trước 30/11"."""
    for span in line.where("vague.occasion", "vague.until"):
        starts = line.end(span.start)
        starts = line.end(starts) if line.has(starts, "date_word.day") else starts
        if starts in days.starts and span.tags & {"vague.occasion", "vague.until"}:
            days.unclear(*days.exact)
