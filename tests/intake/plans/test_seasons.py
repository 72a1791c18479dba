"""What a digest speaks of on a day, and who sends a report: pure rules over shipped programmes."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.nudging.report_senders import Sender, sender_at
from intake.plans.programme import Programme, load_programme
from intake.plans.programme_schema import Deadline, Undated
from intake.plans.seasons import LATE_REPORT, LEAD, MONTHLY_LEAD, seasons_on
from intake.plans.working_days import working_days

DAYS = working_days()
HANOI, HUNG_YEN = load_programme("hanoi-265-2024"), load_programme("hung-yen-2025")
MONTHLY = load_programme("viec-hang-thang-cua-to")
CLOSE_AFTER = timedelta(days=10)
ANY_DAY = st.dates(date(2025, 9, 1), date(2030, 12, 31))


@given(ANY_DAY, st.sampled_from([HANOI, HUNG_YEN, MONTHLY]))
def test_nothing_is_told_long_before_it_is_due_or_long_after(
    day: date, programme: Programme
) -> None:
    found = seasons_on(programme, day, DAYS, CLOSE_AFTER)
    for season in found:
        after = LATE_REPORT if season.is_report else CLOSE_AFTER
        assert season.safe_on - LEAD <= day <= season.last_good_on + after
        assert season.safe_on == DAYS.last_until(season.last_good_on)
    assert len({(season.item, season.time) for season in found}) == len(found)


@given(ANY_DAY)
def test_a_month_is_in_season_for_its_last_two_weeks_and_until_it_is_closed(day: date) -> None:
    found = {season.time: season for season in seasons_on(MONTHLY, day, DAYS, CLOSE_AFTER)}
    this, before = f"{day:%Y-%m}", f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"
    assert (before in found) == (day.day <= CLOSE_AFTER.days)
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    assert (this in found) == (day >= DAYS.last_until(last) - MONTHLY_LEAD)
    assert found.keys() <= {this, before}


def test_what_has_no_end_has_no_season() -> None:
    found = seasons_on(HANOI, date(2026, 12, 1), DAYS, CLOSE_AFTER)
    assert "hom-thu" not in {season.item for season in found}
    assert {"bao-cao-nam", "dang-ky-nam", "tuyen-truyen-quy"} <= {s.item for s in found}


def test_a_report_names_its_window_and_a_recognition_needs_no_data() -> None:
    found = {s.item: s for s in seasons_on(HANOI, date(2026, 6, 1), DAYS, CLOSE_AFTER)}
    assert found["bao-cao-6-thang"].window == (date(2025, 12, 15), date(2026, 6, 14))
    assert found["bao-cao-6-thang"].label == "15/12/2025 đến 14/06/2026"
    assert found["cong-nhan-6-thang"].window is None


def item_of(programme: Programme, item_id: str) -> Deadline | Undated:
    items = (*programme.deadlines, *programme.undated)
    return next(each for each in items if each.id == item_id)


@pytest.mark.parametrize(
    ("programme", "item", "level", "named", "sender"),
    [
        (HUNG_YEN, "bao-cao-nam", "commune", None, Sender()),
        (HUNG_YEN, "bao-cao-nam", "province", None, Sender()),
        (HUNG_YEN, "ban-hanh-tieu-chi", "commune", None, None),
        (HANOI, "cong-nhan-nam", "commune", None, Sender()),
        (HANOI, "bao-cao-nam", "province", None, Sender()),
        (HANOI, "bao-cao-nam", "commune", "UBND phường", Sender("ubnd-quan-huyen")),
        (HANOI, "so-ket-nam", "commune", None, Sender()),
    ],
)
def test_an_area_sends_what_its_own_level_sends(
    programme: Programme, item: str, level: str, named: str | None, sender: Sender | None
) -> None:
    assert sender_at(programme, item_of(programme, item), level, lambda _: named) == sender


def test_nobody_is_guessed_to_stand_for_a_body_that_is_gone() -> None:
    found = sender_at(HANOI, item_of(HANOI, "bao-cao-nam"), "commune", lambda _: None)
    assert found == Sender("ubnd-quan-huyen", "UBND quận, huyện, thị xã")
