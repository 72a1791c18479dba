"""Reads the day of a deadline or of a period as a file writes it: ``"17/6"``, ``20``, a date.

Refuses what is not in every year or month, because a day that is skipped in February would be a
guess.
"""

import re
from datetime import date

from intake.plans.calendar import DueRule
from intake.plans.programme_schema import Deadline

_DAY_AND_MONTH = re.compile(r"(\d{1,2})/(\d{1,2})")
_COMMON_YEAR = 2023
_SHORTEST_MONTH = 28


class BadDay(ValueError):
    """A day that cannot be; says what is wrong and what to write."""

    def __init__(self, says: str, fix: str) -> None:
        super().__init__(says)
        self.says, self.fix = says, fix


def day_key(deadline: Deadline) -> str:
    """Return which of the two keys holds the day.

    Raises:
        BadDay: none of them, or both.
    """
    before, on = deadline.due_before is not None, deadline.due_on is not None
    if before == on:
        raise BadDay(
            "hạn phải có đúng một trong due_before và due_on",
            "due_before cho chữ “trước ngày”, due_on cho chính ngày đó; không có ngày thì để ở"
            " [[undated]]",
        )
    return "due_before" if before else "due_on"


def due_rule(deadline: Deadline) -> DueRule:
    """Return when ``deadline`` is due.

    Raises:
        BadDay: the day does not exist, or does not fit ``every``.
    """
    exclusive = day_key(deadline) == "due_before"
    day = deadline.due_before if exclusive else deadline.due_on
    if deadline.every == "once":
        if not isinstance(day, date):
            raise BadDay("hạn một lần phải là một ngày đủ năm", "viết 2026-06-17, không ngoặc kép")
        return DueRule("once", exclusive, day.day, day.month, day.year)
    if deadline.every == "month":
        if not isinstance(day, int) or not 1 <= day <= _SHORTEST_MONTH:
            raise BadDay(
                "hạn hằng tháng phải là một ngày có trong mọi tháng", "viết số từ 1 đến 28"
            )
        return DueRule("month", exclusive, day)
    if not isinstance(day, str):
        raise BadDay("hạn hằng năm phải là ngày và tháng", 'viết "17/6", có ngoặc kép')
    number, month = day_and_month(day)
    return DueRule("year", exclusive, number, month)


def day_and_month(text: str) -> tuple[int, int]:
    """Read ``"17/6"``.

    Raises:
        BadDay: not so written, or a day that not every year has.
    """
    found = _DAY_AND_MONTH.fullmatch(text.strip())
    if not found:
        raise BadDay("phải viết ngày/tháng", 'viết "17/6", có ngoặc kép')
    day, month = int(found.group(1)), int(found.group(2))
    try:
        date(_COMMON_YEAR, month, day)
    except ValueError:
        raise BadDay(
            "ngày không có thật, hoặc không có trong mọi năm",
            "xem lại tháng có mấy ngày (31/6 không có, 29/2 không phải năm nào cũng có)",
        ) from None
    return day, month
