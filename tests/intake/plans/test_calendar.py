"""Days: half-open edges, leap days, windows and periods, and the working calendar of Vietnam."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import BadFile, Misconfigured, NotValid
from intake.plans.calendar import (
    DueRule,
    Window,
    month_of,
    quarter_of,
    read_day,
    read_moment,
    year_of,
)  # fmt: skip
from intake.plans.working_days import DayOverride, WorkingDays, working_days

BEFORE_17_JUNE = DueRule("year", exclusive=True, day=17, month=6)
ON_THE_20TH = DueRule("month", exclusive=False, day=20)
days = st.dates(date(2019, 1, 1), date(2060, 12, 31))
rules = st.builds(
    DueRule, st.just("year"), st.booleans(), st.integers(1, 28), st.integers(1, 12)
) | st.builds(DueRule, st.just("month"), st.booleans(), st.integers(1, 28))
OFFICES = working_days()


def off(day: date, kind: str = "off") -> DayOverride:
    return DayOverride.model_validate({"on": day, "kind": kind, "document": "12/QĐ-UBND"})


# --- half-open ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "on_time"),
    [
        ("2026-06-16T16:59:59Z", True),  # 23:59:59 on 16/6 in Vietnam
        ("2026-06-16T16:59:59.999999Z", True),
        ("2026-06-16T17:00:00Z", False),  # 00:00:00 on 17/6
        ("2026-06-16T23:59:59+07:00", True),
        ("2026-06-17T00:00:00+07:00", False),
        ("2026-06-17T01:00:00+09:00", True),  # the same night, told in Tokyo
    ],
)
def test_before_17_june_ends_at_midnight_in_vietnam(moment: str, on_time: bool) -> None:
    occurrence = BEFORE_17_JUNE.at(date(2026, 6, 17))
    assert occurrence.is_on_time(read_moment(moment)) is on_time


def test_before_a_day_leaves_it_out_and_on_a_day_takes_it_in() -> None:
    before = BEFORE_17_JUNE.at(date(2026, 6, 17))
    assert (before.last_good_on, before.overdue_from) == (date(2026, 6, 16), date(2026, 6, 17))
    on = ON_THE_20TH.at(date(2026, 6, 20))
    assert (on.last_good_on, on.overdue_from) == (date(2026, 6, 20), date(2026, 6, 21))


@given(rules, days)
def test_what_is_due_is_late_from_midnight_after_the_last_good_day(
    rule: DueRule, day: date
) -> None:
    occurrence = rule.at(rule.earliest(day) or day)
    midnight = occurrence.due_at
    assert not occurrence.is_on_time(midnight)
    assert occurrence.is_on_time(midnight - timedelta(microseconds=1))
    assert midnight.astimezone(UTC) == datetime(
        occurrence.last_good_on.year, occurrence.last_good_on.month,
        occurrence.last_good_on.day, 17, tzinfo=UTC,
    )  # fmt: skip


@given(rules, days)
def test_safe_is_never_after_the_last_good_day_and_that_never_after_the_named_day(
    rule: DueRule, day: date
) -> None:
    occurrence = rule.at(rule.earliest(day) or day)
    safe_on = OFFICES.last_until(occurrence.last_good_on)
    assert safe_on <= occurrence.last_good_on < occurrence.overdue_from
    assert occurrence.last_good_on <= occurrence.named_on
    if rule.exclusive:
        assert occurrence.last_good_on < occurrence.named_on == occurrence.overdue_from
    assert OFFICES.is_working(safe_on)


@given(rules, days)
def test_named_days_follow_each_other_without_a_gap(rule: DueRule, day: date) -> None:
    latest, following = rule.latest(day), rule.earliest(day + timedelta(days=1))
    assert latest is not None
    assert following is not None
    assert latest <= day < following
    assert rule.names(latest)
    assert rule.names(following)
    assert rule.earliest(latest + timedelta(days=1)) == following
    assert rule.latest(following - timedelta(days=1)) == latest


def test_a_single_day_is_named_once() -> None:
    once = DueRule("once", exclusive=True, day=31, month=8, year=2025)
    assert once.earliest(date(2025, 8, 31)) == once.latest(date(2025, 8, 31)) == date(2025, 8, 31)
    assert once.earliest(date(2025, 9, 1)) is None
    assert once.latest(date(2025, 8, 30)) is None


# --- periods --------------------------------------------------------------------------------------


def test_the_half_year_of_a_report_runs_from_15_december_to_14_june() -> None:
    half = Window((15, 12), (14, 6))
    assert half.before(date(2026, 6, 17)) == (date(2025, 12, 15), date(2026, 6, 14))


@given(st.integers(2000, 2090), st.integers(1, 12), st.integers(1, 28))
def test_the_years_of_a_yearly_report_share_out_time(year: int, month: int, day: int) -> None:
    whole = Window((15, 12), (14, 12))
    first, last = whole.before(date(year, month, day))
    after, _ = whole.before(date(year + 1, month, day))
    assert first <= last < date(year, month, day)
    assert after == last + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2024, 2, 10), date(2024, 2, 29)),
        (date(2026, 2, 10), date(2026, 2, 28)),
        (date(2000, 2, 1), date(2000, 2, 29)),
        (date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_a_month_ends_on_its_own_last_day(day: date, last: date) -> None:
    assert month_of(day).last == last


@pytest.mark.parametrize(
    ("day", "name", "first", "last"),
    [
        (date(2024, 2, 29), "2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        (date(2026, 6, 30), "2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 7, 1), "2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 12, 31), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_quarters_are_those_of_the_calendar(day: date, name: str, first: date, last: date) -> None:
    quarter = quarter_of(day)
    assert (quarter.name, quarter.first, quarter.last) == (name, first, last)


@given(st.sampled_from([month_of, quarter_of, year_of]), days, days)
def test_periods_share_out_time_and_a_day_counts_in_one_only(
    period_of: object, day: date, other: date
) -> None:
    assert callable(period_of)
    period = period_of(day)
    assert period.holds(day)
    assert period_of(period.first) == period_of(period.last) == period
    following = period_of(period.last + timedelta(days=1))
    assert following.first == period.last + timedelta(days=1)
    assert following.name > period.name
    assert period.holds(other) is (period_of(other) == period)


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["2026-06-31", "31/6/2026", "2026-6", "", "hôm nay", "2026-02-29", "1999-12-31", "2200-01-01"],
)
def test_a_day_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(NotValid):
        read_day(text)


def test_a_leap_day_is_a_day() -> None:
    assert read_day("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text", ["2026-06-16T23:59:59", "2026-06-16", "sáng nay", "2026-06-31T00:00Z"]
)
def test_a_moment_without_a_time_zone_is_refused(text: str) -> None:
    with pytest.raises(NotValid):
        read_moment(text)


# --- working days ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 6, 16), True),  # Tuesday
        (date(2026, 6, 13), False),  # Saturday
        (date(2026, 2, 16), False), (date(2026, 2, 17), False), (date(2026, 2, 20), False),  # Tết
        (date(2026, 2, 13), True), (date(2026, 2, 23), True),
        (date(2027, 2, 5), False), (date(2027, 2, 10), False), (date(2027, 2, 11), True),  # Tết
        (date(2026, 4, 27), False),  # for the Kings' day on a Sunday
        (date(2027, 5, 3), False),  # for 1 May on a Saturday
        (date(2026, 8, 31), False), (date(2026, 8, 22), True),  # swapped
        (date(2024, 4, 29), False), (date(2024, 5, 4), True),  # swapped
        (date(2026, 11, 24), False), (date(2025, 11, 24), True),  # Culture day, from 2026
        (date(2026, 1, 2), False), (date(2026, 1, 10), True),  # 12729/VPCP-KGVX, our correction
    ],
)  # fmt: skip
def test_offices_keep_vietnamese_days_off(day: date, working: bool) -> None:
    assert OFFICES.is_working(day) is working


@pytest.mark.parametrize(
    ("day", "aim"),
    [
        (date(2026, 2, 20), date(2026, 2, 13)),  # Tết 2026
        (date(2027, 2, 10), date(2027, 2, 3)),  # Tết 2027
        (date(2026, 9, 2), date(2026, 8, 28)),  # National Day with its swap
        (date(2026, 8, 23), date(2026, 8, 22)),  # a Saturday that is worked
        (date(2028, 12, 16), date(2028, 12, 15)),  # a plain Saturday
        (date(2026, 1, 4), date(2025, 12, 31)),
    ],
)
def test_the_last_working_day_is_earlier_and_never_later(day: date, aim: date) -> None:
    assert OFFICES.last_until(day) == aim


def test_a_day_of_the_installation_wins_over_the_library() -> None:
    tuesday, saturday, tet = date(2026, 6, 16), date(2026, 6, 13), date(2026, 2, 17)
    days = WorkingDays([off(tuesday), off(saturday, "work"), off(tet, "work")])
    assert not days.is_working(tuesday)
    assert days.is_working(saturday)
    assert days.is_working(tet)


def test_the_file_of_the_installation_wins_over_our_correction(tmp_path: Path) -> None:
    own = tmp_path / "ngay-nghi.toml"
    own.write_text(
        'format = 1\n[[day]]\non = 2026-01-02\nkind = "work"\ndocument = "1/UBND"\n', "utf-8"
    )
    assert working_days(own).is_working(date(2026, 1, 2))
    assert not OFFICES.is_working(date(2026, 1, 2))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("[[day]]\non = 2026-06-31\n", "ngay-nghi.toml:3: ngày không có thật"),
        ('[[day]]\non = 2026-06-30\nkind = "off"\n', "ngay-nghi.toml:2: thiếu số văn bản"),
        ('[[day]]\non = 2026-06-30\nkind = "nghỉ"\ndocument = "1"\n', "ngay-nghi.toml:4: “kind”"),
        ('[[day]]\non = "2026-06-30"\nkind = "off"\ndocument = "1"\n', "ngay-nghi.toml:3: “on”"),
    ],
)
def test_a_bad_file_of_days_off_names_its_line(tmp_path: Path, body: str, told: str) -> None:
    own = tmp_path / "ngay-nghi.toml"
    own.write_text("format = 1\n" + body, "utf-8")
    with pytest.raises(BadFile, match=told):
        working_days(own)


def test_an_override_without_any_working_day_is_told_and_not_looped_over() -> None:
    last = date(2026, 6, 16)
    days = WorkingDays(off(last - timedelta(days=back)) for back in range(90))
    with pytest.raises(Misconfigured):
        days.last_until(last)
