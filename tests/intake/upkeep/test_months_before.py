"""Counting months back: always that many, never on a later day of the month."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake.upkeep.retention import months_before


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)), st.integers(1, 240))
def test_months_before_is_never_later_than_that_many_months(day: date, months: int) -> None:
    found = months_before(day, months)
    assert (day.year - found.year) * 12 + day.month - found.month == months
    assert found.day <= day.day
    assert found <= months_before(day + timedelta(days=1), months)


def test_months_before_knows_short_months_and_leap_days() -> None:
    assert months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_before(date(2028, 2, 29), 24) == date(2026, 2, 28)
