"""The commands on deadlines, duties, programmes and reminders: JSON, words, refusals."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import homthu
from intake.plans.calendar import DueRule
from intake.plans.programme import SHIPPED
from intake.plans.working_days import working_days
from intake.settings import Settings
from reminders.calendar import plan_rungs
from tests.intake.plans.test_calendar import days, rules

HANOI = "hanoi-265-2024"


@pytest.fixture(autouse=True)
def no_settings_from_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HOMTHU_{name.upper()}", raising=False)
    monkeypatch.setenv("HOMTHU_PROGRAMMES_DIR", str(tmp_path))


def run(*words: object) -> Any:
    return CliRunner().invoke(homthu.app, [str(word) for word in words])


def asked(*words: object) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refused(*words: object) -> str:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr.strip()


# --- deadlines ------------------------------------------------------------------------------------


def test_deadlines_on_a_day_are_told_in_full() -> None:
    answer = asked("deadlines", HANOI, "--on", "2026-01-05")
    assert list(answer) == ["next", "open", "overdue", "unscheduled"]
    assert answer["next"][0] == {
        "deadline": "bao-cao-6-thang", "named_on": "2026-06-17", "last_good_on": "2026-06-16",
        "safe_on": "2026-06-16", "days_left": 162,
    }  # fmt: skip
    ids = ["bao-cao-6-thang", "cong-nhan-6-thang", "bao-cao-nam", "cong-nhan-nam"]
    assert answer["open"] == [entry["deadline"] for entry in answer["next"]] == ids
    assert {"deadline": "bao-cao-nam", "days_late": 19} in answer["overdue"]
    assert answer["unscheduled"] is False


def test_what_was_filed_is_neither_late_nor_open() -> None:
    answer = asked(
        "deadlines", HANOI, "--on", "2026-06-20",
        "--filed", "bao-cao-6-thang:2026-06-17", "--filed", "bao-cao-nam:2026-12-17",
    )  # fmt: skip
    assert "bao-cao-6-thang" not in [late["deadline"] for late in answer["overdue"]]
    assert "bao-cao-nam" not in answer["open"]


def test_a_plan_without_dates_says_so() -> None:
    answer = asked("deadlines", "hanoi-du-an-5", "--on", "2026-01-05")
    assert answer == {"next": [], "open": [], "overdue": [], "unscheduled": True}
    assert "chưa đặt ngày" in run("deadlines", "hanoi-du-an-5", "--on", "2026-01-05").stdout


def test_the_period_of_a_report() -> None:
    words = ("--period-of", "bao-cao-6-thang", "--occurrence", "2026-06-17")
    assert asked("deadlines", HANOI, *words) == {"from": "2025-12-15", "to": "2026-06-14"}
    words = ("--period-of", "bao-cao-nam", "--occurrence", "2026-12-15")
    assert asked("deadlines", "hung-yen-2025", *words) == {"from": None, "to": None}
    assert "chưa đặt" in run("deadlines", "hung-yen-2025", *words).stdout


@pytest.mark.parametrize(
    ("moment", "on_time"), [("2026-06-16T16:59:59Z", True), ("2026-06-16T17:00:00Z", False)]
)
def test_midnight_in_vietnam_parts_on_time_from_late(moment: str, on_time: bool) -> None:
    words = ("--deadline", "bao-cao-6-thang", "--occurrence", "2026-06-17", "--at", moment)
    assert asked("deadlines", HANOI, *words) == {"on_time": on_time}


def test_people_read_the_named_day_and_the_last_good_day() -> None:
    told = run("deadlines", HANOI, "--on", "2026-06-10").stdout
    assert "Báo cáo 6 tháng: trước ngày 17/6/2026, hết ngày 16/6/2026" in told
    assert "còn 6 ngày" in told
    assert "QUÁ HẠN 358 ngày: Báo cáo 6 tháng, văn bản ghi 17/6/2025" in told
    assert (
        "QUÁ HẠN từ hôm nay: Báo cáo 6 tháng"
        in run("deadlines", HANOI, "--on", "2026-06-17").stdout
    )


# --- duties ---------------------------------------------------------------------------------------


def test_a_duty_is_told_with_the_month_before() -> None:
    answer = asked(
        "duties", "huong-van-2023", "--duty", "tuyen-truyen-thang",
        "--done", "2024-02-29,2024-01-03", "--on", "2024-03-10",
    )  # fmt: skip
    assert answer == {
        "period": "2024-03", "status": "open", "done": 0, "need": 1,
        "last_good_on": "2024-03-31", "days_left": 21,
        "previous": {"period": "2024-02", "status": "met"},
    }  # fmt: skip


def test_a_quarter_is_told_by_its_name() -> None:
    answer = asked(
        "duties", HANOI, "--duty", "tuyen-truyen-quy", "--done", "none", "--on", "2026-02-01"
    )
    assert (answer["period"], answer["status"], answer["last_good_on"]) == (
        "2026-Q1", "open", "2026-03-31",
    )  # fmt: skip
    assert answer["previous"] == {"period": "2025-Q4", "status": "missed"}


def test_the_template_is_asked_like_a_plan() -> None:
    words = ("--duty", "hop-lang-nghe", "--done", "2026-11-12", "--on", "2026-11-20")
    assert asked("duties", "viec-hang-thang-cua-to", *words)["status"] == "met"
    told = run("duties", "viec-hang-thang-cua-to", *words).stdout
    assert "Họp lắng nghe ý kiến nhân dân, kỳ 2026-11: 1/1, đủ" in told


# --- reminders ------------------------------------------------------------------------------------


def test_rungs_are_counted_back_from_the_safe_day() -> None:
    words = ("--deadline", "bao-cao-6-thang", "--occurrence", "2026-06-17", "--rungs", "14,3,1")
    assert asked("reminders", "plan", HANOI, *words) == {
        "send_on": ["2026-06-02", "2026-06-12", "2026-06-15"], "overdue_from": "2026-06-17",
    }  # fmt: skip
    assert "Quá hạn từ 2026-06-17" in run("reminders", "plan", HANOI, *words).stdout


def test_rungs_that_meet_before_a_weekend_become_one() -> None:
    words = ("--deadline", "bao-cao-6-thang", "--occurrence", "2027-06-15", "--rungs", "14,3,1")
    answer = asked("reminders", "plan", "hung-yen-2025", *words)
    assert answer["send_on"] == ["2027-05-31", "2027-06-11"]  # 14/6/2027 is a Monday


def test_rungs_leap_over_tet_backwards() -> None:
    words = ("--deadline", "danh-sach-methadone", "--occurrence", "2026-02-20", "--rungs", "3,1,0")
    answer = asked("reminders", "plan", "hung-yen-2025", *words)
    assert answer == {
        "send_on": ["2026-02-10", "2026-02-12", "2026-02-13"], "overdue_from": "2026-02-21",
    }  # fmt: skip


@given(rules, days, st.lists(st.integers(0, 60), max_size=6))
def test_no_rung_is_late_on_a_day_off_or_doubled(rule: DueRule, day: Any, rungs: list[int]) -> None:
    offices = working_days()
    occurrence = rule.at(rule.earliest(day) or day)
    ladder = plan_rungs(occurrence, rungs, offices)
    assert len(set(ladder.send_on)) == len(ladder.send_on) <= len(set(rungs))
    assert list(ladder.send_on) == sorted(ladder.send_on)
    for sent in ladder.send_on:
        assert offices.is_working(sent)
        assert sent <= occurrence.last_good_on < ladder.overdue_from


def test_days_off_of_the_installation_move_a_rung_earlier(tmp_path: Path) -> None:
    (tmp_path / "ngay-nghi.toml").write_text(
        'format = 1\n[[day]]\non = 2026-06-15\nkind = "off"\ndocument = "9/UBND"\n', "utf-8"
    )
    words = ("--deadline", "bao-cao-6-thang", "--occurrence", "2026-06-17", "--rungs", "1")
    assert asked("reminders", "plan", HANOI, *words)["send_on"] == ["2026-06-12"]


# --- programme ------------------------------------------------------------------------------------


def test_shipped_files_pass_the_check_and_a_bad_one_is_told_by_line(tmp_path: Path) -> None:
    shipped = SHIPPED / f"{HANOI}.toml"
    assert run("programme", "check", shipped).exit_code == 0
    bad = tmp_path / "bad.toml"
    bad.write_text(shipped.read_text("utf-8").replace('"17/6"', '"31/6"'), "utf-8")
    result = run("programme", "check", bad)
    assert result.exit_code == 2
    line = bad.read_text("utf-8")[: bad.read_text("utf-8").index('"31/6"')].count("\n") + 1
    assert result.stderr.startswith(f"{bad}:{line}: ngày không có thật")
    assert "cách sửa:" in result.stderr


def test_list_and_show_tell_what_an_administrator_must_know() -> None:
    assert HANOI in run("programme", "list").stdout
    told = run("programme", "show", HANOI).stdout
    assert "UBND quận, huyện, thị xã" in told.partition("Chưa chỉ định")[2]
    assert "nhầm" in told or "in trùng" in told
    assert "do đơn vị tự đặt" in run("programme", "show", "viec-hang-thang-cua-to").stdout


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["deadlines", "khong-co"], "Không có chương trình này"),
        (["deadlines", "../../etc"], "Không có chương trình này"),
        (["deadlines", HANOI, "--on", "31/6/2026"], "Ngày phải có thật"),
        (["deadlines", HANOI, "--on", "2026-06-31"], "Ngày phải có thật"),
        (["deadlines", HANOI, "--filed", "bao-cao:2026-06-17"], "không có hạn này"),
        (["deadlines", HANOI, "--filed", "bao-cao-nam"], "không có hạn này"),
        (["deadlines", HANOI, "--period-of", "bao-cao-nam"], "cần thêm --occurrence"),
        (["deadlines", HANOI, "--period-of", "so-ket-nam", "--occurrence", "2026-06-17"],
         "chưa đặt ngày"),
        (["deadlines", HANOI, "--period-of", "bao-cao-nam", "--occurrence", "2026-06-17"],
         "gần nhất: 2025-12-17, 2026-12-17"),
        (["deadlines", HANOI, "--deadline", "bao-cao-nam", "--occurrence", "2026-12-17"],
         "cần thêm --at"),
        (["deadlines", HANOI, "--deadline", "bao-cao-nam", "--occurrence", "2026-12-17",
          "--at", "2026-12-16T10:00:00"], "múi giờ"),
        (["duties", HANOI, "--on", "2026-01-05"], "cần thêm --duty"),
        (["duties", HANOI, "--duty", "x", "--on", "2026-01-05"], "không có việc này"),
        (["duties", HANOI, "--duty", "tuyen-truyen-quy", "--done", "hôm qua"], "Ngày phải có thật"),
        (["duties", "hung-yen-2025", "--duty", "truong-hoc", "--on", "2026-01-05"], "học kỳ"),
        (["reminders", "plan", HANOI, "--deadline", "bao-cao-nam", "--occurrence", "2026-12-17",
          "--rungs", "3,-1"], "bậc nhắc"),
        (["reminders", "plan", HANOI, "--deadline", "x", "--occurrence", "2026-12-17"],
         "không có hạn này"),
        (["reminders", "plan", HANOI, "--deadline", "bao-cao-nam", "--occurrence", "2026-12-16"],
         "không phải ngày ghi"),
        (["programme", "check", "khong-co.toml"], "không đọc được"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_line_and_exit_2(words: list[str], told: str) -> None:
    assert told in refused(*words)
