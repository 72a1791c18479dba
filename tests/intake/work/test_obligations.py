"""Who owes what in which period, and what becomes of it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from intake.errors import Conflict, NeedsReason, NotFound, PeriodClosed, UnknownProgramme
from intake.work.obligations import Owed
from intake.work.owing import unowed
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work_side import (
    LISTENING,
    NOVEMBER,
    OFFICER,
    OTHER_WARD,
    OUTREACH,
    PROVINCE,
    TEMPLATE,
    WARD,
    Town,
    area,
    at,
    furnish,
)  # fmt: skip

HANOI, HUNG_YEN = "hanoi-265-2024", "hung-yen-2025"


@pytest.fixture
def town(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    clock.set(at("2026-11-01 08:00:00"))
    return furnish(database, clock, tmp_path, neighbourhoods=3)


def duties(town: Town, owner: str, day: date = NOVEMBER) -> set[str]:
    return {owed.duty for owed in town.obligations.standing(owner, day)}


def one(town: Town, owner: str, duty: str = OUTREACH, day: date = NOVEMBER) -> Owed:
    found = [o for o in town.obligations.standing(owner, day) if o.duty == duty]
    assert len(found) == 1
    return found[0]


# --- programmes in use ----------------------------------------------------------------------------


def test_a_programme_applies_to_everything_below_its_area(town: Town) -> None:
    town.uses.use(PROVINCE, HANOI, NOVEMBER)
    town.uses.use(WARD, TEMPLATE, NOVEMBER)
    assert [p.id for p in town.uses.for_area(f"{WARD}-01", NOVEMBER)] == [HANOI, TEMPLATE]
    assert [p.id for p in town.uses.for_area(f"{OTHER_WARD}-01", NOVEMBER)] == [HANOI]
    assert town.uses.for_area(WARD, NOVEMBER - timedelta(days=1)) == ()


def test_a_programme_that_does_not_exist_is_refused_and_nothing_is_kept(town: Town) -> None:
    with pytest.raises(UnknownProgramme):
        town.uses.use(PROVINCE, "khong-co", NOVEMBER)
    with pytest.raises(NotFound):
        town.uses.use("nowhere", TEMPLATE, NOVEMBER)
    assert town.uses.listed() == ()


def test_a_programme_whose_time_is_over_asks_for_nothing(town: Town) -> None:
    town.uses.use(PROVINCE, "bac-lieu-2020", date(2019, 1, 1))
    assert town.uses.for_area(WARD, NOVEMBER) == ()
    assert town.obligations.open_period(NOVEMBER) == 0


# --- opening --------------------------------------------------------------------------------------


def test_every_neighbourhood_owes_both_monthly_duties(town: Town) -> None:
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    assert town.obligations.open_period(date(2026, 11, 12)) == 5 * 2
    assert duties(town, f"{WARD}-01") == {OUTREACH, LISTENING}
    assert duties(town, WARD) == set()
    owed = one(town, f"{WARD}-01")
    assert (owed.done, owed.need, owed.period_label) == (0, 1, "tháng 11/2026")
    assert owed.last_good_on == date(2026, 11, 30)
    assert owed.due_at == at("2026-12-01 00:00:00")


def test_opening_again_opens_nothing_twice_and_adds_only_what_is_new(town: Town) -> None:
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    assert town.obligations.open_period(date(2026, 11, 30)) == 0
    town.areas(area(f"{WARD}-99", "neighbourhood", WARD, date(2026, 11, 10)))
    assert town.obligations.open_period(date(2026, 11, 9)) == 0
    assert town.obligations.open_period(date(2026, 11, 10)) == 2
    assert town.obligations.open_period(date(2026, 12, 1)) == 6 * 2


def test_a_use_for_one_ward_or_one_neighbourhood_falls_on_nobody_else(town: Town) -> None:
    town.uses.use(WARD, TEMPLATE, NOVEMBER)
    assert town.obligations.open_period(NOVEMBER) == 3 * 2
    town.uses.use(f"{OTHER_WARD}-02", TEMPLATE, NOVEMBER)
    assert town.obligations.open_period(NOVEMBER) == 2
    assert duties(town, f"{OTHER_WARD}-01") == set()


def test_two_uses_over_one_area_make_one_debt(town: Town) -> None:
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.uses.use(WARD, TEMPLATE, NOVEMBER)
    assert town.obligations.open_period(NOVEMBER) == 5 * 2


def test_an_area_that_is_no_more_or_not_yet_there_owes_nothing(town: Town) -> None:
    town.areas(
        area("gone", "neighbourhood", WARD, valid_to=NOVEMBER),
        area("last-day", "neighbourhood", WARD, valid_to=NOVEMBER + timedelta(days=1)),
        area("tomorrow", "neighbourhood", WARD, NOVEMBER + timedelta(days=1)),
    )
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    assert duties(town, "gone") == duties(town, "tomorrow") == set()
    assert duties(town, "last-day") == {OUTREACH, LISTENING}


def test_quarters_years_and_things_kept_always_have_their_own_last_days(town: Town) -> None:
    town.uses.use(PROVINCE, HANOI, date(2026, 1, 1))
    town.obligations.open_period(NOVEMBER)
    quarter = one(town, f"{WARD}-01", "tuyen-truyen-quy")
    assert (quarter.period, quarter.period_label) == ("2026-Q4", "quý 4/2026")
    assert quarter.last_good_on == date(2026, 12, 31)
    review = one(town, WARD, "ra-soat-phan-loai")
    assert (review.period_label, review.need) == ("năm 2026", 2)
    box = one(town, WARD, "hom-thu")
    assert (box.period_label, box.last_good_on, box.due_at) == ("thường xuyên", None, None)


def test_only_duties_that_are_switched_on_are_opened(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "programmes"
    folder.mkdir()
    town.uses.use(PROVINCE, HANOI, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    assert "bao-cao-dang-uy-thang" not in duties(town, WARD)
    (folder / f"{HANOI}.toml").write_text(
        f'format = 1\nextends = "{HANOI}"\nbasis = "do đơn vị tự đặt"\n'
        'switch_on = ["bao-cao-dang-uy-thang"]\nswitch_off = ["hom-thu"]\n'
    )
    town.uses.forget()
    assert town.obligations.open_period(NOVEMBER) == 2  # one for each ward
    assert "bao-cao-dang-uy-thang" in duties(town, WARD)


def test_organisations_of_the_kind_owe_wherever_they_hang(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "programmes"
    folder.mkdir()
    (folder / f"{HUNG_YEN}.toml").write_text(
        f'format = 1\nextends = "{HUNG_YEN}"\nbasis = "do đơn vị tự đặt"\n[[semester]]\n'
        'name = "2026-2027-HK1"\nfrom = 2026-09-05\nto = 2027-01-15\n'
    )
    town.organisation("S1", f"{WARD}-01", "school")
    town.organisation("S2", WARD, "school")
    town.organisation("S3", PROVINCE, "school")
    town.organisation("S4", WARD, "school", valid_to=date(2026, 9, 1))
    town.organisation("B1", WARD, "business")
    town.uses.use(PROVINCE, HUNG_YEN, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    for school in ("S1", "S2", "S3"):
        owed = one(town, school, "truong-hoc")
        assert (owed.period_label, owed.last_good_on) == (
            "học kỳ 2026-2027-HK1", date(2027, 1, 15)
        )  # fmt: skip
    assert duties(town, "S4") == duties(town, "B1") == set()
    rows = town.compliance.rollup(HUNG_YEN, "truong-hoc", "2026-2027-HK1", PROVINCE)
    assert {row.id: row.figures.expected for row in rows} == {WARD: 2, PROVINCE: 1}


def test_without_semesters_nothing_is_invented_for_schools(town: Town) -> None:
    town.organisation("S1", WARD, "school")
    town.uses.use(PROVINCE, HUNG_YEN, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    assert duties(town, "S1") == set()


def test_a_body_that_is_gone_owes_nothing_until_somebody_stands_for_it(town: Town) -> None:
    town.uses.use(PROVINCE, HANOI, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    assert "cap-giay-nam" not in duties(town, WARD)
    with town.intake.read() as view:
        assert [d.id for d in unowed(view, town.uses.programme(HANOI))] == ["cap-giay-nam"]
    town.filings.name_holder(HANOI, "ubnd-quan-huyen", WARD, "UBND phường", OFFICER)
    assert town.obligations.open_period(NOVEMBER) == 1
    assert "cap-giay-nam" in duties(town, WARD)
    assert "cap-giay-nam" not in duties(town, OTHER_WARD)
    with town.intake.read() as view:
        assert unowed(view, town.uses.programme(HANOI)) == []


def test_what_was_filed_before_the_period_was_opened_counts_at_once(town: Town) -> None:
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.file(f"{WARD}-01", date(2026, 11, 3))
    town.obligations.open_period(date(2026, 11, 5))
    assert one(town, f"{WARD}-01").met
    assert not one(town, f"{WARD}-02").met


# --- closing --------------------------------------------------------------------------------------


@pytest.fixture
def november(town: Town) -> Town:
    """November is open."""
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    return town


def test_a_period_closes_when_the_days_for_latecomers_are_over(november: Town) -> None:
    assert november.obligations.close_due(at("2026-12-10 23:59:59")) == 0
    assert one(november, f"{WARD}-01").state == "open"
    assert november.obligations.close_due(at("2026-12-11 00:00:00")) == 10
    assert november.obligations.close_due(at("2026-12-11 00:00:00")) == 0
    assert one(november, f"{WARD}-01").state == "closed"


def test_things_that_are_kept_always_never_close(town: Town) -> None:
    town.uses.use(PROVINCE, HANOI, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    town.obligations.close_due(at("2090-01-01 00:00:00"))
    assert one(town, WARD, "hom-thu").state == "open"


def test_closing_counts_a_last_time_what_the_row_had_missed(november: Town) -> None:
    filed = november.file(f"{WARD}-01", date(2026, 11, 3))
    key = bytes.fromhex(filed.effects[0].obligation_id)

    def forget(tx) -> None:
        row = tx.obligations.get(key)
        tx.connection.exec_driver_sql("UPDATE obligation SET done = 0, met = false")
        assert row.met

    november.intake.write_now(forget)
    november.obligations.close_due(at("2026-12-11 00:00:00"))
    owed = one(november, f"{WARD}-01")
    assert (owed.done, owed.met, owed.timely, owed.state) == (1, True, True, "closed")


def test_a_merger_ends_what_still_runs_and_leaves_what_is_over(november: Town) -> None:
    owner = f"{WARD}-01"
    november.obligations.open_period(date(2026, 12, 1))
    assert november.obligations.end_owner(owner, date(2026, 12, 1)) == 2
    states = {(o.duty, o.period): o.state for o in november.obligations.standing(owner, NOVEMBER)}
    assert states == {(OUTREACH, "2026-11"): "open", (LISTENING, "2026-11"): "open"}
    ended = [
        o for o in november.obligations.standing(owner, date(2026, 12, 5)) if o.state == "ended"
    ]
    assert {o.period for o in ended} == {"2026-12"}


def test_an_owner_that_is_gone_is_found_even_if_nobody_said_so(november: Town) -> None:
    owner = f"{WARD}-01"
    november.areas(area(owner, "neighbourhood", WARD, valid_to=date(2026, 11, 20)))
    assert november.obligations.open_period(date(2026, 11, 19)) == 0
    assert one(november, owner).state == "open"
    november.obligations.open_period(date(2026, 11, 20))
    assert one(november, owner).state == "ended"


def test_ending_a_programme_ends_what_is_open_there_and_nothing_else(november: Town) -> None:
    november.uses.use(WARD, TEMPLATE, NOVEMBER)
    november.uses.end(WARD, TEMPLATE, date(2026, 11, 15))
    assert one(november, f"{WARD}-01").state == "open"  # the province's own use still stands
    november.uses.end(PROVINCE, TEMPLATE, date(2026, 11, 15))
    assert one(november, f"{WARD}-01").state == "ended"
    assert november.obligations.open_period(date(2026, 11, 15)) == 0
    with pytest.raises(NotFound):
        november.uses.end(PROVINCE, HANOI, date(2026, 11, 15))


# --- exemptions -----------------------------------------------------------------------------------


def test_an_exemption_is_asked_for_by_the_leader_and_decided_by_the_ward(november: Town) -> None:
    owed = one(november, f"{WARD}-01")
    november.obligations.ask_exemption(owed.obligation_id, november.leader, "bão lũ")
    assert one(november, f"{WARD}-01").exempt == "asked"
    waiting = november.obligations.asked([WARD])
    assert [(o.owner_id, o.exempt_reason) for o in waiting] == [(f"{WARD}-01", "bão lũ")]
    assert november.obligations.asked([OTHER_WARD]) == ()
    november.obligations.decide_exemption(owed.obligation_id, granted=True, by=OFFICER)
    assert one(november, f"{WARD}-01").exempt == "granted"
    with november.intake.read() as view:
        row = view.obligations.get(bytes.fromhex(owed.obligation_id))
    assert row is not None and row.exempt_by == f"leader:{november.leader},officer:{OFFICER}"


def test_a_refused_exemption_is_owed_again(november: Town) -> None:
    owed = one(november, f"{WARD}-01")
    november.obligations.ask_exemption(owed.obligation_id, november.leader, "Tết")
    november.obligations.decide_exemption(owed.obligation_id, granted=False, by=OFFICER)
    assert one(november, f"{WARD}-01").exempt == "no"


def test_an_exemption_needs_a_reason_and_the_leaders_own_neighbourhood(november: Town) -> None:
    owed = one(november, f"{WARD}-01")
    with pytest.raises(NeedsReason):
        november.obligations.ask_exemption(owed.obligation_id, november.leader, "  ")
    with pytest.raises(NotFound):
        november.obligations.ask_exemption(owed.obligation_id, "ab" * 16, "bão lũ")
    with pytest.raises(NotFound):
        november.obligations.ask_exemption("no id at all", november.leader, "bão lũ")
    november.file(f"{WARD}-01", date(2026, 11, 3))
    with pytest.raises(Conflict):
        november.obligations.ask_exemption(owed.obligation_id, november.leader, "bão lũ")


def test_after_the_close_nobody_is_exempted(november: Town) -> None:
    owed = one(november, f"{WARD}-01")
    november.obligations.close_due(at("2026-12-11 00:00:00"))
    with pytest.raises(PeriodClosed):
        november.obligations.ask_exemption(owed.obligation_id, november.leader, "bão lũ")
    with pytest.raises(PeriodClosed):
        november.obligations.decide_exemption(owed.obligation_id, granted=True, by=OFFICER)
    assert november.obligations.get(owed.obligation_id).exempt == "no"


def test_what_is_overdue_and_open_still_stands_next_month(november: Town) -> None:
    november.file(f"{WARD}-01", date(2026, 11, 3))
    november.obligations.open_period(date(2026, 12, 1))
    standing = november.obligations.standing(f"{WARD}-01", date(2026, 12, 2))
    assert [(o.duty, o.period) for o in standing] == [
        (LISTENING, "2026-11"), (LISTENING, "2026-12"), (OUTREACH, "2026-12"),
    ]  # fmt: skip
