"""The shipped programmes: every deadline of 2024 to 2027, checked by hand against the plans."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import NotScheduled, UnknownItem
from intake.plans.calendar import Occurrence
from intake.plans.deadlines import board_on
from intake.plans.due_rules import due_rule
from intake.plans.duties import stand
from intake.plans.programme import SHIPPED, Programme, faults_of, load_programme, programme_ids
from intake.plans.working_days import working_days

PLANS = ("bac-lieu-2020", "hanoi-265-2024", "hanoi-du-an-5", "hung-yen-2025", "huong-van-2023")
TEMPLATE = "viec-hang-thang-cua-to"
OFFICES = working_days()
HANOI, HUNG_YEN, HUONG_VAN = (load_programme(i) for i in (PLANS[1], PLANS[3], PLANS[4]))

# Read off the plans: programme, deadline, then (named, last good, safe) of each time 2024–2027.
BY_HAND = {
    # 265/KH-UBND of 10/9/2024, VII.2: "06 tháng (trước ngày 17/6), 01 năm (trước ngày 17/12)"
    ("hanoi-265-2024", "bao-cao-6-thang"): [
        ("2025-06-17", "2025-06-16", "2025-06-16"),
        ("2026-06-17", "2026-06-16", "2026-06-16"),
        ("2027-06-17", "2027-06-16", "2027-06-16"),
    ],
    ("hanoi-265-2024", "bao-cao-nam"): [
        ("2024-12-17", "2024-12-16", "2024-12-16"),
        ("2025-12-17", "2025-12-16", "2025-12-16"),
        ("2026-12-17", "2026-12-16", "2026-12-16"),
        ("2027-12-17", "2027-12-16", "2027-12-16"),
    ],
    # III.4.b: "hoàn thành công nhận trước ngày 20/6", "trước ngày 20/12"
    ("hanoi-265-2024", "cong-nhan-6-thang"): [
        ("2025-06-20", "2025-06-19", "2025-06-19"),
        ("2026-06-20", "2026-06-19", "2026-06-19"),
        ("2027-06-20", "2027-06-19", "2027-06-18"),  # a Saturday
    ],
    ("hanoi-265-2024", "cong-nhan-nam"): [
        ("2024-12-20", "2024-12-19", "2024-12-19"),
        ("2025-12-20", "2025-12-19", "2025-12-19"),
        ("2026-12-20", "2026-12-19", "2026-12-18"),  # a Saturday
        ("2027-12-20", "2027-12-19", "2027-12-17"),  # a Sunday
    ],
    # Hưng Yên, 15/8/2025, V.2: "6 tháng trước ngày 15/6; 01 năm trước ngày 15/12 hàng năm"
    ("hung-yen-2025", "bao-cao-6-thang"): [
        ("2026-06-15", "2026-06-14", "2026-06-12"),  # a Sunday
        ("2027-06-15", "2027-06-14", "2027-06-14"),
    ],
    ("hung-yen-2025", "bao-cao-nam"): [
        ("2025-12-15", "2025-12-14", "2025-12-12"),  # a Sunday
        ("2026-12-15", "2026-12-14", "2026-12-14"),
        ("2027-12-15", "2027-12-14", "2027-12-14"),
    ],
    # III.7 and III.1.2: "trước ngày 31/8/2025"; 30/8 was a Saturday, 29/8 a Friday
    ("hung-yen-2025", "dang-ky-28-xa"): [("2025-08-31", "2025-08-30", "2025-08-29")],
    ("hung-yen-2025", "ban-hanh-tieu-chi"): [("2025-08-31", "2025-08-30", "2025-08-29")],
    # III.1.2: "trước ngày 31/12/2025"; "trong quý IV năm 2025"
    ("hung-yen-2025", "tong-ket-de-an"): [("2025-12-31", "2025-12-30", "2025-12-30")],
    ("hung-yen-2025", "tong-ket-chuong-trinh"): [("2025-12-31", "2025-12-31", "2025-12-31")],
    # III.4.2: "Định kỳ ngày 20 hàng tháng": the 20th itself
    ("hung-yen-2025", "danh-sach-methadone"): [
        (f"{year}-{month:02}-20", f"{year}-{month:02}-20", f"{year}-{month:02}-{safe:02}")
        for year, month, safe in [
            (2025, 8, 20), (2025, 9, 19), (2025, 10, 20), (2025, 11, 20), (2025, 12, 19),
            (2026, 1, 20), (2026, 2, 13), (2026, 3, 20), (2026, 4, 20), (2026, 5, 20),
            (2026, 6, 19), (2026, 7, 20), (2026, 8, 20), (2026, 9, 18), (2026, 10, 20),
            (2026, 11, 20), (2026, 12, 18), (2027, 1, 20), (2027, 2, 19), (2027, 3, 19),
            (2027, 4, 20), (2027, 5, 20), (2027, 6, 18), (2027, 7, 20), (2027, 8, 20),
            (2027, 9, 20), (2027, 10, 20), (2027, 11, 19), (2027, 12, 20),
        ]
    ],
    # Hương Vân, II.2.1: "hoàn thành trước ngày 30/9/2023"; Bạc Liêu, VI.1: to the end of 2020
    ("huong-van-2023", "lam-sach-gd1"): [],
    ("bac-lieu-2020", "bao-cao-nam"): [],
}  # fmt: skip


def times(programme: Programme, deadline_id: str, first: date, last: date) -> list[Occurrence]:
    rule, found, day = due_rule(programme.deadline(deadline_id)), [], first
    while (named := rule.earliest(day)) and named <= last:
        if programme.in_force(named):
            found.append(rule.at(named))
        day = named + timedelta(days=1)
    return found


# --- the files ------------------------------------------------------------------------------------


def test_all_five_plans_and_the_template_are_shipped() -> None:
    assert programme_ids() == (*PLANS, TEMPLATE)


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.toml")), ids=lambda file: file.stem)
def test_a_shipped_file_has_no_fault_and_bears_its_own_name(file: Path) -> None:
    assert faults_of(file) == ()
    assert load_programme(file.stem).id == file.stem


@pytest.mark.parametrize("name", PLANS)
def test_every_item_of_a_plan_is_cited(name: str) -> None:
    plan = load_programme(name).plan
    items = [
        *plan.level, *plan.group, *plan.stage, *plan.period, *plan.deadline, *plan.undated,
        *plan.duty, *plan.route, *plan.target, *plan.discrepancy, plan.validity,
    ]  # fmt: skip
    assert [item for item in items if not item.cite] == []


@pytest.mark.parametrize("name", PLANS)
def test_no_body_that_is_gone_is_replaced_by_a_guess(name: str) -> None:
    programme = load_programme(name)
    gone = {role.id for role in programme.plan.role if role.gone}
    assert {role.id for role in programme.unset_roles()} == gone
    assert set(programme.plan.succession.values()) <= {"UNSET"}


def test_the_template_says_that_the_unit_set_it_itself() -> None:
    template = load_programme(TEMPLATE)
    assert {duty.kind for duty in template.duties} == {"outreach", "listening_meeting"}
    for duty in template.duties:
        assert (duty.count, duty.per, duty.owed_by.levels) == (1, "month", ("neighbourhood",))
        assert template.is_own(duty)
        assert duty.basis == "do đơn vị tự đặt"


@pytest.mark.parametrize("name", ["hanoi-265-2024", "hanoi-du-an-5", "hung-yen-2025"])
def test_neither_hanoi_nor_hung_yen_sets_a_monthly_duty_of_the_neighbourhood(name: str) -> None:
    duties = load_programme(name).duties
    assert [d for d in duties if d.per == "month" and "neighbourhood" in d.owed_by.levels] == []


def test_a_plan_without_dates_invents_none() -> None:
    du_an_5 = load_programme("hanoi-du-an-5")
    board = board_on(du_an_5, date(2026, 1, 5), OFFICES)
    assert (board.coming, board.late, board.unscheduled) == ((), (), True)
    with pytest.raises(NotScheduled):
        du_an_5.deadline("bao-cao-dinh-ky")


def test_the_28_communes_of_hung_yen_are_named_one_by_one() -> None:
    (group,) = HUNG_YEN.plan.group
    assert len(set(group.areas)) == 28
    assert sum(area.startswith("phường ") for area in group.areas) == 2


# --- days -----------------------------------------------------------------------------------------


def test_every_deadline_with_a_day_was_checked_by_hand() -> None:
    there = {(name, d.id) for name in PLANS for d in load_programme(name).deadlines}
    assert there == set(BY_HAND)


@pytest.mark.parametrize(("programme_id", "deadline_id"), BY_HAND)
def test_a_deadline_falls_on_the_days_that_the_plan_prints(
    programme_id: str, deadline_id: str
) -> None:
    programme = load_programme(programme_id)
    found = times(programme, deadline_id, date(2024, 1, 1), date(2027, 12, 31))
    told = [
        (str(o.named_on), str(o.last_good_on), str(OFFICES.last_until(o.last_good_on)))
        for o in found
    ]
    assert told == BY_HAND[programme_id, deadline_id]


@pytest.mark.parametrize(
    ("deadline_id", "named_on", "first", "last"),
    [
        ("bao-cao-6-thang", date(2026, 6, 17), date(2025, 12, 15), date(2026, 6, 14)),
        ("cong-nhan-6-thang", date(2026, 6, 20), date(2025, 12, 15), date(2026, 6, 14)),
        ("bao-cao-nam", date(2026, 12, 17), date(2025, 12, 15), date(2026, 12, 14)),
        ("cong-nhan-nam", date(2026, 12, 20), date(2025, 12, 15), date(2026, 12, 14)),
    ],
)
def test_a_report_of_hanoi_covers_the_days_of_its_period(
    deadline_id: str, named_on: date, first: date, last: date
) -> None:
    deadline = HANOI.deadline(deadline_id)
    assert HANOI.covers(deadline, HANOI.occurrence(deadline, named_on)) == (first, last)


@given(st.integers(2025, 2090))
def test_the_years_that_hanoi_reports_share_out_time(year: int) -> None:
    deadline = HANOI.deadline("bao-cao-nam")
    this = HANOI.covers(deadline, HANOI.occurrence(deadline, date(year, 12, 17)))
    following = HANOI.covers(deadline, HANOI.occurrence(deadline, date(year + 1, 12, 17)))
    assert this
    assert following
    assert following[0] == this[1] + timedelta(days=1)


def test_hung_yen_names_no_period_and_none_is_made_up() -> None:
    deadline = HUNG_YEN.deadline("bao-cao-6-thang")
    assert HUNG_YEN.covers(deadline, HUNG_YEN.occurrence(deadline, date(2026, 6, 15))) is None


@pytest.mark.parametrize("day", [date(2026, 6, 16), date(2026, 12, 17), date(2024, 2, 29)])
def test_a_day_that_the_plan_does_not_name_is_refused_with_the_nearest(day: date) -> None:
    with pytest.raises(UnknownItem, match="-06-17"):
        HANOI.occurrence(HANOI.deadline("bao-cao-6-thang"), day)


# --- a day's board --------------------------------------------------------------------------------


def board(on: date, **filed: date) -> dict[str, object]:
    done = {item.replace("_", "-"): [day] for item, day in filed.items()}
    found = board_on(HANOI, on, OFFICES, done)
    return {
        "next": {c.deadline.id: (c.occurrence.named_on.year, c.days_left) for c in found.coming},
        "late": {late.deadline.id: late.days_late for late in found.late},
        "open": {c.deadline.id for c in found.coming if not c.filed},
    }


def test_the_last_good_day_has_no_day_left_and_the_named_day_is_late() -> None:
    last_good = board(date(2026, 6, 16))
    assert last_good["next"]["bao-cao-6-thang"] == (2026, 0)
    assert last_good["late"]["bao-cao-6-thang"] == 364  # last year's: 17/6/2025
    named = board(date(2026, 6, 17))
    assert named["next"]["bao-cao-6-thang"] == (2027, 364)
    assert named["late"]["bao-cao-6-thang"] == 0
    assert board(date(2026, 6, 20))["late"]["bao-cao-6-thang"] == 3


@pytest.mark.parametrize("day", [date(2026, 6, 17), date(2026, 6, 10), date(2026, 6, 19)])
def test_what_was_filed_is_not_late(day: date) -> None:
    assert "bao-cao-6-thang" not in board(date(2026, 6, 20), bao_cao_6_thang=day)["late"]
    assert "cong-nhan-6-thang" in board(date(2026, 6, 20), bao_cao_6_thang=day)["late"]


def test_what_was_filed_early_is_no_longer_open() -> None:
    filed = board(date(2026, 6, 1), bao_cao_6_thang=date(2026, 6, 17))
    assert "bao-cao-6-thang" not in filed["open"]
    assert filed["next"]["bao-cao-6-thang"] == (2026, 15)
    assert "bao-cao-6-thang" in board(date(2026, 6, 1))["open"]


def test_nothing_is_late_that_came_before_the_plan() -> None:
    assert board(date(2024, 9, 20))["late"] == {}
    assert "bao-cao-6-thang" not in board(date(2024, 12, 31))["late"]
    assert board(date(2024, 12, 31))["late"]["bao-cao-nam"] == 14


def test_a_plan_that_has_ended_asks_for_nothing_new() -> None:
    ended = board_on(load_programme("bac-lieu-2020"), date(2026, 1, 5), OFFICES)
    assert ended.coming == ()
    assert [late.occurrence.named_on for late in ended.late] == [date(2020, 11, 20)]


@given(st.dates(date(2024, 9, 10), date(2060, 12, 31)))
def test_every_deadline_is_ahead_and_only_passed_ones_are_late(on: date) -> None:
    found = board_on(HANOI, on, OFFICES)
    assert len(found.coming) == 4
    for coming in found.coming:
        assert coming.safe_on <= coming.occurrence.last_good_on < coming.occurrence.named_on
        assert coming.days_left >= 0
    for late in found.late:
        assert late.occurrence.overdue_from <= on


# --- duties ---------------------------------------------------------------------------------------


def test_a_leap_day_counts_for_february_and_for_no_other_month() -> None:
    duty = HUONG_VAN.duty("tuyen-truyen-thang")
    february = stand(HUONG_VAN, duty, [date(2024, 2, 29)], date(2024, 2, 29))
    assert (february.status, february.done, february.days_left) == ("met", 1, 0)
    march = stand(HUONG_VAN, duty, [date(2024, 2, 29)], date(2024, 3, 1))
    assert (march.status, march.done, march.last_good_on) == ("open", 0, date(2024, 3, 31))
    assert march.previous
    assert (march.previous.period.name, march.previous.status) == ("2024-02", "met")


def test_a_month_of_28_days_ends_on_the_28th() -> None:
    duty = HUONG_VAN.duty("hop-lang-nghe")
    standing = stand(HUONG_VAN, duty, [], date(2026, 2, 1))
    assert (standing.last_good_on, standing.days_left) == (date(2026, 2, 28), 27)
    assert standing.previous
    assert standing.previous.status == "missed"


def test_two_in_a_month_are_needed_where_the_plan_says_two() -> None:
    duty = HUONG_VAN.duty("xac-dinh-nghien")
    once = stand(HUONG_VAN, duty, [date(2024, 3, 4)], date(2024, 3, 20))
    assert (once.status, once.done, once.need) == ("open", 1, 2)


def test_a_quarter_is_reached_once() -> None:
    duty = HANOI.duty("tuyen-truyen-quy")
    standing = stand(HANOI, duty, [date(2026, 3, 31)], date(2026, 4, 1))
    assert (standing.period.name, standing.status) == ("2026-Q2", "open")
    assert standing.previous
    assert (standing.previous.period.name, standing.previous.status) == ("2026-Q1", "met")


def test_no_period_is_missed_that_began_before_the_plan() -> None:
    duty = HANOI.duty("tuyen-truyen-quy")
    assert stand(HANOI, duty, [], date(2024, 10, 5)).previous is None
    assert stand(HANOI, duty, [], date(2025, 1, 5)).previous is not None
    with pytest.raises(NotScheduled):
        stand(HANOI, duty, [], date(2024, 6, 1))


def test_what_is_kept_always_has_no_last_day() -> None:
    standing = stand(HANOI, HANOI.duty("hom-thu"), [date(2025, 1, 1)], date(2026, 1, 5))
    assert (standing.status, standing.last_good_on, standing.previous) == ("met", None, None)


def test_semesters_that_nobody_set_are_asked_for() -> None:
    with pytest.raises(NotScheduled, match="học kỳ"):
        stand(HUNG_YEN, HUNG_YEN.duty("truong-hoc"), [], date(2026, 1, 5))


@given(
    st.sampled_from(["tuyen-truyen-thang", "hop-lang-nghe"]),
    st.dates(date(2023, 10, 1), date(2030, 12, 31)),
    st.dates(date(2023, 10, 1), date(2030, 12, 31)),
)
def test_an_activity_counts_for_the_period_of_its_own_date_and_for_no_other(
    duty_id: str, done: date, on: date
) -> None:
    standing = stand(HUONG_VAN, HUONG_VAN.duty(duty_id), [done], on)
    same = (done.year, done.month) == (on.year, on.month)
    assert standing.done == int(same)
    assert standing.status == ("met" if same else "open")
