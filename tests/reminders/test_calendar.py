"""Ladders: counted back from the safe day, moved earlier and never later, data of a programme."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import BadFile
from intake.plans.calendar import DueRule, Occurrence, month_of
from intake.plans.programme import faults_of, load_programme, programme_ids
from reminders.calendar import LadderRule, plan_rungs, plan_steps, step_on
from reminders.ladders import load_ladders, shipped_ladders
from tests.reminders.owing import MONTHLY, OFFICES, REPORT, month, report

BEFORE_17_JUNE = DueRule("year", exclusive=True, day=17, month=6).at(date(2026, 6, 17))
days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
rungs = st.lists(st.integers(0, 45), min_size=1, max_size=7)


@st.composite
def occurrences(draw: st.DrawFn) -> Occurrence:
    """Any named day, left out or taken in."""
    named = draw(days)
    return Occurrence(named, named - timedelta(days=draw(st.integers(0, 1))))


@st.composite
def rules(draw: st.DrawFn) -> LadderRule:
    """Any ladder."""
    late = draw(st.lists(st.integers(1, 20), max_size=3))
    return LadderRule(tuple(draw(rungs)), tuple(late))


def test_before_17_june_is_reminded_of_as_the_issue_says() -> None:
    ladder = plan_rungs(BEFORE_17_JUNE, (14, 3, 1), OFFICES)
    assert ladder.send_on == (date(2026, 6, 2), date(2026, 6, 12), date(2026, 6, 15))
    assert ladder.overdue_from == date(2026, 6, 17)


def test_a_months_six_rungs_are_named_and_follow_one_another() -> None:
    told = [(step.rung, step.day, step.until) for step in month("2026-06").steps]
    assert told == [
        ("-14", date(2026, 6, 16), date(2026, 6, 22)),
        ("-7", date(2026, 6, 23), date(2026, 6, 25)),
        ("-3", date(2026, 6, 26), date(2026, 6, 28)),  # 27/6 is a Saturday
        ("-1", date(2026, 6, 29), date(2026, 6, 29)),
        ("0", date(2026, 6, 30), date(2026, 6, 30)),
        ("+1", date(2026, 7, 1), date(2026, 7, 7)),
    ]


def test_late_rungs_count_from_the_named_day_and_the_last_good_day_ends_the_others() -> None:
    steps = {step.rung: step for step in report("2026-06-17").steps}
    assert steps["0"].until == date(2026, 6, 16)
    assert [steps[rung].day.day for rung in ("+1", "+3", "+7")] == [18, 20, 24]
    assert step_on(report("2026-06-17").steps, date(2026, 6, 17)) is None


def test_a_month_of_28_and_a_leap_day_have_their_last_rung() -> None:
    assert month("2026-02").steps[-2].day == date(2026, 2, 27)  # 28/2/2026 is a Saturday
    assert month("2028-02").steps[-2].day == date(2028, 2, 29)
    assert month("2028-02").steps[-1].day == date(2028, 3, 1)


def test_of_two_rungs_that_meet_the_newer_one_stays() -> None:
    first = Occurrence(date(2027, 6, 14), date(2027, 6, 14))  # a Monday
    assert [step.rung for step in plan_steps(first, LadderRule((3, 1, 0)), OFFICES)] == ["-1", "0"]


def test_no_rung_falls_into_tet() -> None:
    tet = (date(2026, 2, 14), date(2026, 2, 22))
    found = {step.rung: step.day for step in month("2026-02").steps}
    assert not [day for day in found.values() if tet[0] <= day <= tet[1]]
    assert found["-7"] == date(2026, 2, 13)


@given(occurrence=occurrences(), rule=rules())
def test_rungs_move_earlier_and_never_later(occurrence: Occurrence, rule: LadderRule) -> None:
    safe_on = OFFICES.last_until(occurrence.last_good_on)
    for step in plan_steps(occurrence, rule, OFFICES):
        if step.days <= 0:
            assert step.day <= safe_on + timedelta(days=step.days)
            assert OFFICES.is_working(step.day)
            assert step.until <= occurrence.last_good_on
        else:
            assert step.day >= occurrence.overdue_from
            assert step.day >= occurrence.named_on + timedelta(days=step.days)


@given(occurrence=occurrences(), rule=rules())
def test_the_days_of_the_steps_are_those_of_the_plan(
    occurrence: Occurrence, rule: LadderRule
) -> None:
    steps = plan_steps(occurrence, rule, OFFICES)
    planned = plan_rungs(occurrence, rule.rungs, OFFICES).send_on
    assert tuple(step.day for step in steps if step.days <= 0) == planned
    assert [step.days for step in steps] == sorted({step.days for step in steps})


@given(occurrence=occurrences(), rule=rules(), day=days)
def test_at_most_one_step_is_wanted_on_a_day_and_it_is_the_newest(
    occurrence: Occurrence, rule: LadderRule, day: date
) -> None:
    steps = plan_steps(occurrence, rule, OFFICES)
    wanted = [step for step in steps if step.day <= day <= step.until]
    assert wanted == ([found] if (found := step_on(steps, day)) else [])


def test_each_kind_has_the_ladder_that_is_shipped() -> None:
    hanoi, month_of_to = load_programme("hanoi-265-2024"), load_programme("viec-hang-thang-cua-to")
    ladders = shipped_ladders()
    assert ladders.of_deadline(hanoi, hanoi.deadline("bao-cao-6-thang")) == REPORT
    assert all(ladders.of_duty(month_of_to, duty) == MONTHLY for duty in month_of_to.duties)
    hung_yen = load_programme("hung-yen-2025")
    monthly = hung_yen.deadline("danh-sach-methadone")
    assert ladders.of_deadline(hung_yen, monthly).rungs == (7, 3, 1, 0)


def test_what_is_to_be_kept_always_has_no_ladder() -> None:
    plan = load_programme("huong-van-2023")
    kept = [duty for duty in plan.duties if duty.per == "always"]
    assert kept
    assert not [duty for duty in kept if shipped_ladders().of_duty(plan, duty)]


def test_the_units_file_wins_over_what_is_shipped_and_a_programmes_own_over_both(
    tmp_path: Path,
) -> None:
    (tmp_path / "bac-nhac.toml").write_text(
        'format = 1\n[[ladder]]\nfor = "deadline"\nrungs = [5, 1]\n', "utf-8"
    )
    (tmp_path / "hanoi-265-2024.toml").write_text(
        'format = 1\nextends = "hanoi-265-2024"\nbasis = "do đơn vị tự đặt"\n'
        '[[ladder]]\nfor = "bao-cao-nam"\nrungs = [2, 0]\nlate = [1]\n', "utf-8",
    )  # fmt: skip
    plan, ladders = load_programme("hanoi-265-2024", tmp_path), load_ladders(tmp_path)
    assert ladders.of_deadline(plan, plan.deadline("bao-cao-6-thang")) == LadderRule((5, 1))
    assert ladders.of_deadline(plan, plan.deadline("bao-cao-nam")) == LadderRule((2, 0), (1,))
    assert ladders.of_duty(plan, plan.duties[0]) == shipped_ladders().of_duty(plan, plan.duties[0])
    assert "bac-nhac" not in programme_ids(tmp_path)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('for = "bao-cao-thang-13"\nrungs = [1]', "không có việc hay hạn mang mã này"),
        ('for = "month"\nrungs = []', "“rungs”"),
        ('for = "month"\nrungs = [-1]', "“0” số quá nhỏ"),
        ('for = "month"\nrungs = [3]\ndeputies = [7]', "người phó"),
        ('for = "month"\nrungs = [3]\n[[ladder]]\nfor = "month"\nrungs = [1]', "đã ghi ở trên"),
        ('for = "month"\nrungs = [3]\nto = "tổ trưởng"', "khóa lạ"),
    ],
)
def test_a_ladder_that_does_not_fit_is_named_with_its_line(
    tmp_path: Path, lines: str, says: str
) -> None:
    path = tmp_path / "bac-nhac.toml"
    path.write_text(f"format = 1\n[[ladder]]\n{lines}\n", "utf-8")
    assert says in faults_of(path)[0].says
    assert faults_of(path)[0].line > 1
    with pytest.raises(BadFile, match=r"bac-nhac\.toml:\d+: "):
        load_ladders(tmp_path)


def test_a_programme_may_not_name_a_ladder_for_what_it_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "hanoi-265-2024.toml"
    path.write_text(
        'format = 1\nextends = "hanoi-265-2024"\nbasis = "tự đặt"\n'
        '[[ladder]]\nfor = "khong-co"\nrungs = [1]\n', "utf-8",
    )  # fmt: skip
    assert [fault.line for fault in faults_of(path)] == [5]


def test_a_months_last_working_day_is_what_a_ladder_aims_at() -> None:
    for number in range(1, 13):
        last = month_of(date(2026, number, 1)).last
        assert month(f"2026-{number:02}").steps[-2].day == OFFICES.last_until(last)
