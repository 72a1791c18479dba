"""The figures, as the definitions say, down to the worked example."""

from datetime import date
from pathlib import Path

import pytest

from intake.errors import NotFound
from intake.plans.periods import period_label, recent_periods
from intake.work.check_ins import Filer
from intake.work.compliance import Figures, Share
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

OF_NOVEMBER = (TEMPLATE, OUTREACH, "2026-11")
LATE = at("2026-12-03 09:00:00")


@pytest.fixture
def town(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    """November is open in two wards of 14 and 2 tổ."""
    clock.set(at("2026-11-01 08:00:00"))
    town = furnish(database, clock, tmp_path)
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    return town


def exempt(town: Town, owner: str) -> None:
    for owed in town.obligations.standing(owner, NOVEMBER):
        if owed.duty == OUTREACH:
            town.obligations.decide_exemption(owed.obligation_id, granted=True, by=OFFICER)


@pytest.fixture
def example(town: Town) -> Town:
    """14 tổ: 12 have met it, 10 of them in time, one is exempt, one has done nothing."""
    for number in range(1, 11):
        town.file(f"{WARD}-{number:02}", date(2026, 11, 5 + number))
    for number in (11, 12):
        town.file(f"{WARD}-{number}", date(2026, 11, 30), LATE)
    exempt(town, f"{WARD}-13")
    return town


def test_the_worked_example_reads_12_of_13_then_10_of_13_then_10_of_12(example: Town) -> None:
    figures = example.compliance.figures(*OF_NOVEMBER, WARD)
    assert figures == Figures(expected=13, exempt=1, met=12, timely=10)
    assert str(figures.completeness) == "12/13 = 92,3 %"
    assert str(figures.timeliness) == "10/13 = 76,9 %"
    assert str(figures.on_time_share) == "10/12 = 83,3 %"


def test_closing_changes_no_figure(example: Town) -> None:
    before = example.compliance.figures(*OF_NOVEMBER, WARD)
    example.obligations.close_due(at("2026-12-11 00:00:00"))
    assert example.compliance.figures(*OF_NOVEMBER, WARD) == before


def test_where_nothing_is_expected_a_dash_stands() -> None:
    assert str(Figures().completeness) == "—"
    assert Figures().completeness.value is None
    assert Share(numerator=1, denominator=4).value == 0.25


def test_a_province_is_the_sum_of_its_communes_and_no_mean(example: Town) -> None:
    example.file(f"{OTHER_WARD}-01", date(2026, 11, 5))
    rows = example.compliance.rollup(*OF_NOVEMBER, PROVINCE)
    assert [(row.id, str(row.figures.completeness)) for row in rows] == [
        (WARD, "12/13 = 92,3 %"), (OTHER_WARD, "1/2 = 50,0 %"),
    ]  # fmt: skip
    province = example.compliance.figures(*OF_NOVEMBER, PROVINCE)
    assert str(province.completeness) == "13/15 = 86,7 %"
    assert rows[0].figures + rows[1].figures == province
    country = example.compliance.rollup(*OF_NOVEMBER, None)
    assert [(row.id, row.figures) for row in country] == [(PROVINCE, province)]
    owners = example.compliance.rollup(*OF_NOVEMBER, WARD)
    assert sum((row.figures for row in owners), Figures()) == rows[0].figures
    alone = example.compliance.figures(*OF_NOVEMBER, f"{WARD}-13")
    assert alone == Figures(exempt=1)


def test_an_unknown_area_is_told_so(town: Town) -> None:
    with pytest.raises(NotFound):
        town.compliance.figures(*OF_NOVEMBER, "nowhere")


def test_verified_share_counts_what_the_ward_has_accepted(example: Town) -> None:
    waiting = [c.id for c in example.check_ins.review_list([WARD]) if not c.flags]
    example.check_ins.approve(waiting[:5], OFFICER)
    figures = example.compliance.figures(*OF_NOVEMBER, WARD)
    assert str(figures.verified_share) == "5/12 = 41,7 %"


def test_the_matrix_has_a_letter_for_everything(example: Town, clock: FixedClock) -> None:
    example.obligations.end_owner(f"{WARD}-02", date(2026, 11, 20))

    def letters() -> dict[str, str]:
        matrix = example.compliance.matrix(WARD, TEMPLATE, ["2026-11"])
        at_column = [c.duty for c in matrix.columns].index(OUTREACH)
        return {row.owner_id: row.cells[at_column].letter for row in matrix.rows}

    before = letters()
    assert list(before) == [f"{WARD}-{number:02}" for number in range(1, 15)]
    assert (before[f"{WARD}-01"], before[f"{WARD}-02"]) == ("Đ", "–")
    assert (before[f"{WARD}-13"], before[f"{WARD}-14"]) == ("X", "·")
    clock.set(at("2026-12-01 00:00:00"))
    after = letters()
    assert (after[f"{WARD}-11"], after[f"{WARD}-14"]) == ("M", "T")


def test_the_matrix_shows_the_months_asked_for_and_gaps_as_gaps(town: Town) -> None:
    town.areas(area(f"{WARD}-15", "neighbourhood", WARD, date(2026, 12, 1)))
    town.obligations.open_period(date(2026, 12, 1))
    matrix = town.compliance.matrix(WARD, TEMPLATE, ["2026-11", "2026-12"])
    assert [(c.duty, c.period_label) for c in matrix.columns] == [
        (LISTENING, "tháng 11/2026"), (OUTREACH, "tháng 11/2026"),
        (LISTENING, "tháng 12/2026"), (OUTREACH, "tháng 12/2026"),
    ]  # fmt: skip
    new = matrix.rows[-1]
    assert (new.owner_id, [c.letter for c in new.cells]) == (f"{WARD}-15", ["", "", "·", "·"])
    assert town.compliance.matrix(WARD, TEMPLATE, []).rows == ()
    assert town.compliance.matrix(OTHER_WARD, TEMPLATE, ["2026-12"]).columns[0].period == "2026-12"


def test_names_with_numbers_stand_in_the_order_of_the_numbers(town: Town) -> None:
    for number in (10, 2, 1):
        town.areas(area(f"X{number}", "neighbourhood", OTHER_WARD)._replace(
            name=f"Tổ {number}", folded=f"to {number}"))  # fmt: skip
    town.obligations.open_period(NOVEMBER)
    rows = town.compliance.rollup(*OF_NOVEMBER, OTHER_WARD)
    assert [row.name for row in rows if row.name.startswith("Tổ")] == ["Tổ 1", "Tổ 2", "Tổ 10"]


def test_lateness_is_a_median_and_a_percentile_of_filing_minus_due(example: Town) -> None:
    late = example.compliance.lateness(*OF_NOVEMBER, WARD)
    hours = [24 * (number - 25) - 4 for number in range(1, 11)] + [57, 57]
    assert late.met == 12
    assert late.median_hours == pytest.approx((hours[5] + hours[6]) / 2)
    assert late.p90_hours == pytest.approx(57)
    assert late.logging_median_days == 0
    nobody = example.compliance.lateness(*OF_NOVEMBER, OTHER_WARD)
    assert (nobody.met, nobody.median_hours, nobody.p90_hours) == (0, None, None)


def test_evidence_and_named_chairs_are_shares_too(town: Town) -> None:
    photo = town.check_ins.keep_photo("image/jpeg", b"x", at("2026-11-02 08:00:00"))
    town.file(f"{WARD}-01", date(2026, 11, 2), photo_ids=(photo,), chair="Bí thư")
    town.file(f"{WARD}-02", date(2026, 11, 2))
    town.file(f"{WARD}-02", date(2026, 11, 3), chair="Bí thư")
    quality = town.compliance.quality(*OF_NOVEMBER, WARD)
    assert str(quality.evidence) == "1/2 = 50,0 %"
    assert str(quality.chaired) == "2/3 = 66,7 %"


def test_pace_stands_beside_the_share_of_the_period_that_is_over(example: Town) -> None:
    pace = example.compliance.pace(*OF_NOVEMBER, WARD, date(2026, 11, 15))
    assert (str(pace.met), str(pace.elapsed)) == ("12/13 = 92,3 %", "15/30 = 50,0 %")
    over = example.compliance.pace(*OF_NOVEMBER, WARD, date(2027, 1, 1))
    assert over.elapsed.value == 1
    early = example.compliance.pace(*OF_NOVEMBER, WARD, date(2026, 10, 1))
    assert early.elapsed.numerator == 0


def test_who_is_missing_leaves_out_the_exempt_and_the_merged(example: Town) -> None:
    assert [r.id for r in example.compliance.missing(*OF_NOVEMBER, WARD)] == [f"{WARD}-14"]
    example.obligations.end_owner(f"{WARD}-14", date(2026, 11, 20))
    assert example.compliance.missing(*OF_NOVEMBER, WARD) == ()


def test_chronic_is_two_misses_in_the_last_three_closed_periods(town: Town) -> None:
    for month in (8, 9, 10):
        town.uses.use(PROVINCE, TEMPLATE, date(2026, 8, 1))
        town.obligations.open_period(date(2026, month, 1))
    done = {"01": (8, 9, 10), "02": (8, 9), "03": (10,), "04": (9,), "05": (8, 10)}
    for tail, months in done.items():
        for month in months:
            town.file(f"{WARD}-{tail}", date(2026, month, 5))
    for number in range(6, 15):
        for month in (8, 9, 10):
            town.file(f"{WARD}-{number:02}", date(2026, month, 5))
    town.obligations.close_due(at("2026-11-11 00:00:00"))
    plan = town.uses.programme(TEMPLATE)
    periods = recent_periods(plan, plan.duty(OUTREACH), date(2026, 11, 15), 6)
    assert periods[-2:] == ("2026-10", "2026-11")
    found = town.compliance.chronic(TEMPLATE, OUTREACH, WARD, periods)
    assert [(c.owner_id, c.missed) for c in found] == [
        (f"{WARD}-03", ("2026-08", "2026-09")), (f"{WARD}-04", ("2026-08", "2026-10")),
    ]  # fmt: skip


def test_a_trend_has_a_point_for_every_period_asked_for(example: Town) -> None:
    points = example.compliance.trend(TEMPLATE, OUTREACH, WARD, ["2026-10", "2026-11"])
    assert [(p.period_label, str(p.figures.completeness)) for p in points] == [
        ("tháng 10/2026", "—"), ("tháng 11/2026", "12/13 = 92,3 %"),
    ]  # fmt: skip


def test_drilling_down_shows_the_check_ins_and_sets_latecomers_apart(
    town: Town, clock: FixedClock
) -> None:
    owner = f"{WARD}-01"
    filed = town.file(owner, date(2026, 11, 5), people=40)
    undone = town.file(owner, date(2026, 11, 6))
    moment = at("2026-11-06 20:01:00")
    town.check_ins.undo(undone.check_in_id, Filer.leader(town.leader), moment)
    clock.set(at("2026-12-11 00:00:00"))
    town.obligations.close_due(clock.now())
    late = town.file(owner, date(2026, 11, 30), clock.now())
    outreach = next(d for d in town.compliance.drill(owner, "2026-11") if d.duty == OUTREACH)
    assert [c.id for c in outreach.counted] == [filed.check_in_id]
    assert [c.id for c in outreach.after_close] == [late.check_in_id]
    assert (outreach.letter, outreach.done, outreach.state) == ("Đ", 1, "closed")


def test_periods_have_names_that_people_say() -> None:
    names = ["2026-11", "2026-Q4", "2026", "plan", "always", "2026-2027-HK1"]
    assert [period_label(name) for name in names] == [
        "tháng 11/2026", "quý 4/2026", "năm 2026", "cả kế hoạch", "thường xuyên",
        "học kỳ 2026-2027-HK1",
    ]  # fmt: skip


def test_recent_periods_stop_where_the_plan_begins(town: Town) -> None:
    plan = town.uses.programme("hanoi-265-2024")
    duty = plan.duty("tuyen-truyen-quy")
    assert recent_periods(plan, duty, date(2025, 1, 1), 6) == ("2024-Q3", "2024-Q4", "2025-Q1")
    box = plan.duty("hom-thu")
    assert recent_periods(plan, box, date(2025, 1, 1), 6) == ("always",)


def test_merging_leaves_the_past_and_takes_the_future_out_of_the_sum(example: Town) -> None:
    example.obligations.open_period(date(2026, 12, 1))
    example.obligations.close_due(at("2026-12-11 00:00:00"))
    past = example.compliance.figures(*OF_NOVEMBER, WARD)
    for number in range(1, 4):
        example.obligations.end_owner(f"{WARD}-{number:02}", date(2026, 12, 20))
    assert example.compliance.figures(*OF_NOVEMBER, WARD) == past
    december = example.compliance.figures(TEMPLATE, OUTREACH, "2026-12", WARD)
    assert (december.expected, december.ended) == (11, 3)
