"""What a level is told of its direct children: counts and names of units, nothing of people."""

from datetime import date
from pathlib import Path

import pytest

from intake.nudging.digests import AreaDigests
from storage.database import Database
from storage.work_tables import LeaderChat
from tests.clocks import FixedClock
from tests.intake.nudging.told import DISTRICT, HANOI, UNITS_OF_WARD, Told, settings_of
from tests.intake.work_side import (
    NOVEMBER,
    OFFICER,
    OTHER_WARD,
    OUTREACH,
    PROVINCE,
    TEMPLATE,
    WARD,
    at,
    furnish,
)


def name(owner_id: str) -> str:
    return f"neighbourhood {owner_id}"


# --- duties ---------------------------------------------------------------------------------------


def test_a_ward_is_told_how_many_of_its_neighbourhoods_did_it_and_who_did_not(told: Told) -> None:
    told.town.file(UNITS_OF_WARD[1], date(2026, 11, 12))
    missing = (name(UNITS_OF_WARD[0]), name(UNITS_OF_WARD[2]))
    assert told.of(WARD, date(2026, 11, 23), OUTREACH) == (1, 3, missing)
    assert told.of(OTHER_WARD, date(2026, 11, 23), OUTREACH) == (
        0, 2, (name("W2-01"), name("W2-02")),
    )  # fmt: skip


def test_a_province_is_told_of_its_wards_and_not_of_neighbourhoods(told: Told) -> None:
    for owner in UNITS_OF_WARD:
        told.town.file(owner, date(2026, 11, 12))
    assert told.of(PROVINCE, date(2026, 11, 23), OUTREACH) == (1, 2, ("commune W2",))


def test_what_everybody_has_done_is_told_to_nobody(told: Told) -> None:
    for owner in UNITS_OF_WARD:
        told.town.file(owner, date(2026, 11, 12))
    assert told.of(WARD, date(2026, 11, 23), OUTREACH) is None


def test_nobody_is_missing_before_the_last_two_weeks_of_a_month(told: Told) -> None:
    assert told.of(WARD, date(2026, 11, 15), OUTREACH) is None
    assert told.of(WARD, date(2026, 11, 16), OUTREACH) is not None


def test_a_month_that_is_over_is_told_until_it_is_closed(told: Told) -> None:
    assert told.of(WARD, date(2026, 12, 10), OUTREACH) == (
        0, 3, tuple(name(owner) for owner in UNITS_OF_WARD),
    )  # fmt: skip
    assert told.of(WARD, date(2026, 12, 11), OUTREACH) is None


def test_who_is_exempt_is_not_expected(told: Told) -> None:
    owed = told.town.obligations.standing(UNITS_OF_WARD[0], date(2026, 11, 20))
    outreach = next(each for each in owed if each.duty == OUTREACH)
    told.town.obligations.decide_exemption(outreach.obligation_id, granted=True, by=OFFICER)
    assert told.of(WARD, date(2026, 11, 23), OUTREACH) == (
        0, 2, (name(UNITS_OF_WARD[1]), name(UNITS_OF_WARD[2])),
    )  # fmt: skip


def test_ten_names_are_told_and_the_rest_is_counted(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    clock.set(at("2026-11-01 08:00:00"))
    town = furnish(sqlite_database, clock, tmp_path, neighbourhoods=14)
    town.uses.use(WARD, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    areas = AreaDigests(town.intake, town.uses, settings_of(tmp_path), lambda _: 7)
    _, each = Told(town, areas).news(WARD, date(2026, 11, 23)).missing[0]
    assert (each.met, each.expected, len(each.missing), each.more) == (0, 14, 10, 4)


def test_no_person_is_named_in_a_digest(told: Told) -> None:
    assert "Năm" not in repr(told.news(WARD, date(2026, 12, 8)))
    assert "Năm" not in repr(told.news(PROVINCE, date(2026, 12, 8)))


# --- one level up ---------------------------------------------------------------------------------


def test_seven_days_late_the_ward_is_named_to_the_province_and_not_before(
    told_on_both: Told,
) -> None:
    told = told_on_both
    assert told.news(PROVINCE, date(2026, 12, 6)).escalated == ()
    assert told.news(PROVINCE, date(2026, 12, 7)).escalated == ("commune W1", "commune W2")
    assert told.news(WARD, date(2026, 12, 7)).escalated == ()


def test_an_exemption_that_nobody_has_decided_is_not_held_against_a_ward(told: Told) -> None:
    for owner in ("W2-01", "W2-02"):
        for owed in told.town.obligations.standing(owner, date(2026, 11, 20)):
            told.town.obligations.ask_exemption(owed.obligation_id, told.town.leader, "bão")
    assert told.news(PROVINCE, date(2026, 12, 7)).escalated == ("commune W1",)


# --- who cannot be written to ---------------------------------------------------------------------


def test_the_ward_calls_those_who_owe_something_and_cannot_be_written_to(
    told_on_both: Told,
) -> None:
    told = told_on_both
    day = date(2026, 11, 23)
    assert told.news(WARD, day).by_phone == tuple(name(owner) for owner in UNITS_OF_WARD)
    chat = LeaderChat(
        channel="telegram", address="1", leader_id=bytes.fromhex(told.town.leader),
        added_at=at("2026-11-01 08:00:00"),
    )  # fmt: skip
    told.town.insert(chat)
    assert told.news(WARD, day).by_phone == ()
    now = told.town.clock.now()
    told.town.intake.write_now(lambda tx: tx.leaders.note_blocked("telegram", "1", now))
    assert told.news(WARD, day).by_phone == tuple(name(owner) for owner in UNITS_OF_WARD)


def test_a_page_that_cannot_write_first_reaches_nobody(told: Told) -> None:
    chat = LeaderChat(
        channel="web", address="x", leader_id=bytes.fromhex(told.town.leader),
        added_at=at("2026-11-01 08:00:00"),
    )  # fmt: skip
    told.town.insert(chat)
    assert len(told.news(WARD, date(2026, 11, 23)).by_phone) == 3


# --- reports --------------------------------------------------------------------------------------


@pytest.fixture
def reporting(told: Told) -> Told:
    """Hà Nội's plan beside the template, from December 2025; the wards stand for the districts."""
    told.town.uses.use(PROVINCE, HANOI, date(2025, 12, 1))
    told.town.filings.name_holder(HANOI, DISTRICT, PROVINCE, "UBND xã, phường", OFFICER)
    return told


def test_a_province_is_told_which_wards_have_sent_their_report(reporting: Told) -> None:
    town, day = reporting.town, date(2026, 12, 14)
    reporting.news(PROVINCE, day)
    town.filings.mark_sent(
        HANOI, "bao-cao-nam", "2026-12-17", WARD, document_number="12/BC",
        document_on=date(2026, 12, 10), by=OFFICER, at=town.clock.now(),
    )  # fmt: skip
    assert reporting.of(PROVINCE, day, "bao-cao-nam") == (1, 2, ("commune W2",))


def test_a_report_is_told_from_thirty_days_before_its_safe_day(reporting: Told) -> None:
    assert reporting.of(PROVINCE, date(2026, 11, 15), "bao-cao-nam") is None
    assert reporting.of(PROVINCE, date(2026, 11, 16), "bao-cao-nam") is not None


def test_a_programme_that_came_after_a_report_was_due_asks_nobody_for_it(told: Told) -> None:
    told.town.filings.name_holder(HANOI, DISTRICT, PROVINCE, "UBND xã, phường", OFFICER)
    told.town.uses.use(PROVINCE, HANOI, date(2026, 12, 18))
    assert told.of(PROVINCE, date(2026, 12, 21), "bao-cao-nam") is None


def test_the_preparer_gets_the_list_between_the_close_of_the_data_and_the_last_good_day(
    reporting: Told,
) -> None:
    town = reporting.town
    town.file(UNITS_OF_WARD[0], date(2026, 11, 12))
    for day, listed in ((14, False), (15, True), (16, True), (17, False)):
        found = reporting.news(WARD, date(2026, 12, day)).closing
        assert [season.item for season, _ in found] == (["bao-cao-nam"] if listed else [])


def test_the_list_ends_with_the_mark_that_the_report_was_sent(reporting: Told) -> None:
    town, day = reporting.town, date(2026, 12, 15)
    assert reporting.news(WARD, day).closing
    town.filings.mark_sent(
        HANOI, "bao-cao-nam", "2026-12-17", WARD, document_number="12/BC",
        document_on=date(2026, 12, 15), by=OFFICER, at=town.clock.now(),
    )  # fmt: skip
    assert not reporting.news(WARD, day).closing


def test_a_report_counts_the_units_that_did_what_ends_in_its_window(reporting: Told) -> None:
    town, named = reporting.town, date(2026, 12, 17)
    for kind in ("outreach", "listening_meeting"):
        town.file(UNITS_OF_WARD[0], date(2026, 11, 12), kind=kind, chair="x", people=40)
    town.file(UNITS_OF_WARD[1], date(2026, 11, 12))
    before, after = date(2026, 11, 20), date(2026, 12, 2)
    assert reporting.ready(WARD, "bao-cao-nam", named, before) is None  # no month is over yet
    assert reporting.ready(WARD, "bao-cao-nam", named, after) == (
        (1, 3), (name(UNITS_OF_WARD[1]), name(UNITS_OF_WARD[2])),
    )  # fmt: skip


def test_a_month_outside_the_window_is_not_asked_for(reporting: Told) -> None:
    reporting.news(WARD, date(2026, 12, 1))
    reporting.town.obligations.open_period(date(2026, 12, 1))
    ready = reporting.ready(WARD, "bao-cao-nam", date(2026, 12, 17), date(2027, 1, 4))
    assert ready is not None
    assert ready[0] == (0, 3)  # for November; December ends after the 14th
    for owner in UNITS_OF_WARD:
        for kind in ("outreach", "listening_meeting"):
            reporting.town.file(owner, date(2026, 11, 12), kind=kind, chair="x", people=40)
    ready = reporting.ready(WARD, "bao-cao-nam", date(2026, 12, 17), date(2027, 1, 4))
    assert ready is not None
    assert ready[0] == (3, 3)


# --- what has nobody, or no day -------------------------------------------------------------------


def test_a_body_that_is_gone_stands_as_not_named_until_somebody_is(told: Told) -> None:
    told.town.uses.use(PROVINCE, HANOI, NOVEMBER)
    found = told.news(WARD, date(2026, 11, 23))
    assert "Báo cáo năm" in found.unset
    assert "Bình xét, cấp giấy chứng nhận hằng năm" in found.unset
    assert not found.closing
    told.town.filings.name_holder(HANOI, DISTRICT, PROVINCE, "UBND xã, phường", OFFICER)
    assert told.news(WARD, date(2026, 11, 23)).unset == ()


def test_what_has_no_day_stands_so_until_it_is_marked_for_the_year(told: Told) -> None:
    town, day = told.town, date(2026, 11, 23)
    town.uses.use(PROVINCE, HANOI, NOVEMBER)
    found = told.news(WARD, day).undated
    assert "Sơ kết, đánh giá 01 năm" in found
    town.filings.mark_sent(
        HANOI, "so-ket-nam", "2026", WARD, document_number="9/BC", document_on=NOVEMBER,
        by=OFFICER, at=town.clock.now(),
    )  # fmt: skip
    assert "Sơ kết, đánh giá 01 năm" not in told.news(WARD, day).undated
    assert "Sơ kết, đánh giá 01 năm" in told.news(PROVINCE, day).undated


def test_a_semester_without_days_has_no_date(told: Told) -> None:
    told.town.uses.use(PROVINCE, "hung-yen-2025", NOVEMBER)
    semesters = [
        duty.title
        for duty in told.town.uses.programme("hung-yen-2025").duties
        if duty.per == "semester" and told.town.uses.programme("hung-yen-2025").is_on(duty)
    ]
    assert semesters
    assert set(semesters) <= set(told.news(WARD, date(2026, 11, 23)).undated)


def test_a_neighbourhood_has_no_digest(told: Told) -> None:
    with told.town.intake.read() as view:
        assert told.areas.news(view, UNITS_OF_WARD[0], date(2026, 11, 23)) is None
        assert told.areas.news(view, "nowhere", date(2026, 11, 23)) is None
