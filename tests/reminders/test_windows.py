"""Hours and days on which a reminder may leave."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.nudging.windows import Opening, SendingDays, is_open, opening
from intake.plans.working_days import DayOverride, WorkingDays
from intake.ports import VIETNAM
from tests.reminders.owing import DAYS, at

moments = st.integers(0, 4 * 366 * 86_400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
hours = st.sampled_from([time(8), time(16), time(18, 30)])


@pytest.mark.parametrize(
    ("hour", "allowed"),
    [
        ("06:59:59", False), ("07:00", True), ("11:14:59", True), ("11:15", False),
        ("13:59", False), ("14:00", True), ("20:29", True), ("20:30", False), ("03:00", False),
    ],
)  # fmt: skip
def test_nobody_is_woken_or_called_from_the_midday_meal(hour: str, allowed: bool) -> None:
    assert is_open(at("2026-06-16", hour)) is allowed


def test_the_last_day_is_open_half_an_hour_longer() -> None:
    assert is_open(at("2026-06-30", "20:45"), last_day=True)
    assert not is_open(at("2026-06-30", "21:00"), last_day=True)


@pytest.mark.parametrize(
    ("now", "leaves", "until"),
    [
        ("00:05", "08:00", "11:15"),
        ("09:12", "09:12", "11:15"),
        ("11:15", "14:00", "20:30"),
        ("12:40", "14:00", "20:30"),
        ("19:59", "19:59", "20:30"),
    ],
)
def test_what_is_missed_waits_for_the_next_window_of_the_day(
    now: str, leaves: str, until: str
) -> None:
    found = opening(date(2026, 6, 16), time(8), at("2026-06-16", now), last_day=False)
    assert found == Opening(at("2026-06-16", leaves), at("2026-06-16", until))


def test_a_day_that_is_over_has_no_window_and_a_day_to_come_has_its_first() -> None:
    day = date(2026, 6, 16)
    assert opening(day, time(8), at("2026-06-16", "20:30"), last_day=False) is None
    assert opening(day, time(8), at("2026-06-16", "20:30"), last_day=True) is not None
    assert opening(day, time(8), at("2026-06-17", "00:00"), last_day=True) is None
    ahead = opening(day, time(18, 30), at("2026-06-13", "23:00"), last_day=False)
    assert ahead == Opening(at("2026-06-16", "18:30"), at("2026-06-16", "20:30"))


@given(now=moments, hour=hours, last=st.booleans(), ahead=st.integers(-1, 3))
def test_every_moment_of_an_opening_lies_in_a_window(
    now: datetime, hour: time, last: bool, ahead: int
) -> None:
    day = now.astimezone(VIETNAM).date() + timedelta(days=ahead)
    found = opening(day, hour, now, last_day=last)
    if found is None:
        assert ahead <= 0
        return
    assert found.not_before < found.ends_at
    assert found.not_before >= now
    assert found.not_before.astimezone(VIETNAM).time() >= hour
    for share in (0.0, 0.5, 0.999):
        moment = found.not_before + share * (found.ends_at - found.not_before)
        assert is_open(moment, last_day=last)
        assert moment.astimezone(VIETNAM).date() == day


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-06-19", "work"), ("2026-06-20", "saturday"), ("2026-06-21", "sunday"),
        ("2026-09-02", "holiday"), ("2026-01-10", "work"), ("2026-01-03", "saturday"),
        ("2026-02-14", "tet"), ("2026-02-17", "tet"), ("2026-02-22", "tet"),
        ("2026-02-23", "work"), ("2025-01-26", "tet"), ("2025-05-02", "holiday"),
    ],
)  # fmt: skip
def test_each_day_is_what_people_call_it(day: str, kind: str) -> None:
    assert DAYS.kind(date.fromisoformat(day)) == kind


def test_leaders_hear_on_saturdays_and_officers_on_working_days() -> None:
    saturday, sunday, tet = date(2026, 6, 20), date(2026, 6, 21), date(2026, 2, 17)
    assert DAYS.may_send(saturday, officer=False, last=False)
    assert not DAYS.may_send(saturday, officer=True, last=False)
    assert not DAYS.may_send(sunday, officer=False, last=False)
    assert DAYS.may_send(sunday, officer=False, last=True)
    assert not DAYS.may_send(tet, officer=False, last=True)
    assert not DAYS.may_send(date(2026, 9, 2), officer=True, last=True)


def test_tet_is_seen_coming_with_its_first_and_last_day() -> None:
    tet = (date(2026, 2, 14), date(2026, 2, 22))
    assert DAYS.tet_ahead(date(2026, 2, 13), 10) == tet
    assert DAYS.tet_ahead(date(2026, 2, 4), 10) == tet
    assert DAYS.tet_ahead(date(2026, 2, 3), 10) is None
    assert DAYS.tet_ahead(date(2026, 2, 15), 10) is None, "it has begun"
    assert DAYS.tet_ahead(date(2026, 4, 27), 10) is None


def test_every_year_has_one_tet_and_no_other_break_is_taken_for_it() -> None:
    for year in range(2024, 2033):
        first = date(year, 1, 1)
        found = [d for d in (first + timedelta(days=n) for n in range(365)) if _tet(d)]
        assert 5 <= len(found) <= 12
        assert found == [found[0] + timedelta(days=n) for n in range(len(found))]


def test_the_units_own_day_off_is_a_holiday() -> None:
    own = DayOverride.model_validate({"on": date(2026, 6, 17), "kind": "off", "document": "1/QĐ"})
    days = SendingDays(WorkingDays([own]))
    assert days.kind(date(2026, 6, 17)) == "holiday"
    assert not days.may_send(date(2026, 6, 17), officer=False, last=True)


def _tet(day: date) -> bool:
    return DAYS.kind(day) == "tet"
