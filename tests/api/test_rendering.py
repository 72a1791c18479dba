"""The small words of the pages: days, clocks, secrets."""

from datetime import UTC, date, datetime, timedelta

import pytest

from api.console.rendering import clock_left, in_fours, long_day, near_day, span

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=5), "1 phút"),
        (timedelta(minutes=40), "40 phút"),
        (timedelta(hours=2), "2 giờ"),
        (timedelta(hours=2, minutes=15), "2 giờ 15 phút"),
        (timedelta(days=2, hours=18), "2 ngày 18 giờ"),
        (timedelta(days=3), "3 ngày"),
    ],
)
def test_a_length_of_time_has_at_most_two_units(length: timedelta, words: str) -> None:
    assert span(length) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 4), "hôm nay"),
        (date(2026, 3, 3), "hôm qua"),
        (date(2026, 1, 5), "05/01"),
        (date(2025, 12, 31), "31/12/2025"),
    ],
)
def test_a_day_is_written_as_one_says_it(day: date, words: str) -> None:
    assert near_day(day, date(2026, 3, 4)) == words


def test_a_weekday_is_named_in_vietnamese() -> None:
    assert long_day(date(2026, 3, 8)) == "Chủ nhật, ngày 8 tháng 3 năm 2026"


@pytest.mark.parametrize(
    ("left", "near", "words"),
    [
        (timedelta(hours=3), "calm", "còn 3 giờ"),
        (timedelta(minutes=59), "soon", "còn 59 phút"),
        (timedelta(minutes=-42), "over", "quá hạn 42 phút"),
    ],
)
def test_a_clock_says_how_long_is_left_and_when_it_is_near(
    left: timedelta, near: str, words: str
) -> None:
    shown = clock_left(NOW + left, NOW, 2)
    assert f'class="clock {near}"' in shown
    assert f">{words}</time>" in shown


def test_a_secret_to_be_typed_by_hand_stands_in_groups_of_four() -> None:
    assert in_fours("JBSWY3DPEH") == "JBSW Y3DP EH"
