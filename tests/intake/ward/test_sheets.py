"""The compliance workbook: typed cells, the same figures, no formula, flat memory."""

import io
import subprocess
import sys
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import NotFound, NotValid, UnknownProgramme
from intake.plans.programme_schema import DutyKind
from intake.ward.sheet_cells import Book, guarded
from intake.ward.sheet_words import KINDS, SESSIONS, SUMMARY
from intake.ward.sheets import Sheets
from intake.work.check_ins import Filer
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work_side import (
    NOVEMBER,
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

MOST_KILOBYTES = 300 * 1024


@pytest.fixture
def town(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    """November is open in two wards of three and two tổ."""
    clock.set(at("2026-11-20 08:00:00"))
    town = furnish(database, clock, tmp_path, neighbourhoods=3)
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    return town


def workbook(town: Town, area_id: str = WARD, months: tuple[str, ...] = ("2026-11",)) -> Any:
    out = io.BytesIO()
    Sheets(town.intake, town.compliance, town.uses).write(area_id, [TEMPLATE], months, out)
    return openpyxl.load_workbook(io.BytesIO(out.getvalue()))


def rows(sheet: Any) -> list[dict[str, Any]]:
    values = list(sheet.iter_rows(values_only=True))
    return [dict(zip(values[0], row, strict=False)) for row in values[1:]]


def test_the_four_sheets_stand_in_order_with_frozen_headings_and_fit_a4(town: Town) -> None:
    book = workbook(town)
    assert book.sheetnames == ["Tổng hợp", "Ma trận", "Danh sách buổi", "Định nghĩa"]
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2"
        assert str(sheet.page_setup.paperSize) == "9"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$1:$1"


def test_days_moments_and_numbers_are_days_moments_and_numbers(town: Town) -> None:
    town.file(f"{WARD}-01", date(2026, 11, 12), at("2026-11-12 23:30:00"), people=45)
    sheet = workbook(town)["Danh sách buổi"]
    (row,) = rows(sheet)
    assert row["Ngày"].isoformat() == "2026-11-12T00:00:00"
    assert row["Ghi lúc"].isoformat() == "2026-11-12T23:30:00"  # as a clock in Vietnam shows it
    assert (row["Số người"], row["Số hộ"]) == (45, None)
    assert row["Loại việc"] == "Tuyên truyền"
    headings = [text for text, _ in SESSIONS]
    assert sheet.cell(2, headings.index("Ngày") + 1).number_format == "dd/mm/yyyy"


def test_what_was_taken_back_is_not_listed_and_what_was_sent_back_says_so(town: Town) -> None:
    gone = town.file(f"{WARD}-01", date(2026, 11, 12))
    asked = town.file(f"{WARD}-02", date(2026, 11, 13))
    town.check_ins.send_back(asked.check_in_id, "Bao nhiêu người?", "0f" * 16)
    town.check_ins.undo(gone.check_in_id, Filer.leader(town.leader), at("2026-11-12 20:05:00"))
    (row,) = rows(workbook(town)["Danh sách buổi"])
    assert (row["Mã đơn vị"], row["Tình trạng"]) == (f"{WARD}-02", "đang hỏi lại")


@pytest.mark.parametrize("text", ["=1+1", "+84 9", "-5", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"])
def test_text_that_begins_like_a_formula_stays_text(town: Town, text: str) -> None:
    town.file(f"{WARD}-01", date(2026, 11, 12), place=text, note=text)
    town.areas(area("W1-99", "neighbourhood", WARD)._replace(name=text))
    town.obligations.open_period(NOVEMBER)
    for sheet in workbook(town).worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type != "f"
                assert not str(cell.value).startswith(("=", "+", "@", "\t", "\r", "-5"))


@given(st.text(max_size=60))
def test_no_text_at_all_can_become_a_formula_or_spoil_the_file(text: str) -> None:
    safe = guarded(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe == unicodedata.normalize("NFC", safe)
    book, out = Book(), io.BytesIO()
    book.page("Thử", [("Chữ", 10)]).add([text, "sau"])
    book.save(out)
    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).worksheets[0]
    assert sheet.cell(2, 2).value == "sau"
    assert (sheet.cell(2, 1).value or "") == safe


def test_names_are_written_composed(town: Town) -> None:
    town.areas(area("W1-98", "neighbourhood", WARD)._replace(
        name=unicodedata.normalize("NFD", "Tổ dân phố Thượng Hồng")))  # fmt: skip
    town.obligations.open_period(NOVEMBER)
    names = [row["Đơn vị"] for row in rows(workbook(town)["Ma trận"])]
    assert "Tổ dân phố Thượng Hồng" in names


def test_a_province_holds_all_its_wards_and_an_owner_only_itself(town: Town) -> None:
    town.file(f"{WARD}-01", date(2026, 11, 12))
    town.file(f"{OTHER_WARD}-01", date(2026, 11, 12))
    whole = workbook(town, PROVINCE)
    assert {row["Mã đơn vị"] for row in rows(whole["Danh sách buổi"])} == {
        f"{WARD}-01", f"{OTHER_WARD}-01",
    }  # fmt: skip
    assert len(rows(whole["Ma trận"])) == 5
    alone = workbook(town, f"{WARD}-01")
    assert [row["Mã"] for row in rows(alone["Ma trận"])] == [f"{WARD}-01"]
    assert [row["Mã đơn vị"] for row in rows(alone["Danh sách buổi"])] == [f"{WARD}-01"]
    assert {row["Mã"] for row in rows(alone["Tổng hợp"])} == {f"{WARD}-01"}


def test_the_matrix_has_a_column_for_every_duty_and_month_and_a_letter_in_each(town: Town) -> None:
    town.obligations.open_period(date(2026, 12, 1))
    town.file(f"{WARD}-01", date(2026, 11, 12))
    found = rows(workbook(town, months=("2026-12", "2026-11"))["Ma trận"])
    assert list(found[0]) == [
        "Mã", "Đơn vị",
        "Họp lắng nghe ý kiến nhân dân · tháng 11/2026", "Tuyên truyền hằng tháng · tháng 11/2026",
        "Họp lắng nghe ý kiến nhân dân · tháng 12/2026", "Tuyên truyền hằng tháng · tháng 12/2026",
    ]  # fmt: skip
    assert list(found[0].values())[2:] == ["·", "Đ", "·", "·"]


def test_what_a_ward_owes_itself_is_told_apart_from_the_sum_over_it(town: Town) -> None:
    plan, out = "hanoi-265-2024", io.BytesIO()
    town.uses.use(WARD, plan, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    Sheets(town.intake, town.compliance, town.uses).write(WARD, [plan], ("2026-11",), out)
    found = rows(openpyxl.load_workbook(io.BytesIO(out.getvalue()))["Tổng hợp"])
    whole, own = [r for r in found if r["Mã"] == WARD and r["Việc"] == "Đăng ký hằng năm"]
    assert own["Đơn vị"] == f"{whole['Đơn vị']} (riêng)"
    assert (whole["Phải làm"], own["Phải làm"]) == (4, 1)


def test_what_nobody_owes_has_a_dash_and_no_zero_per_cent(town: Town) -> None:
    for owed in town.obligations.standing(f"{WARD}-01", NOVEMBER):
        if owed.duty == OUTREACH:
            town.obligations.decide_exemption(owed.obligation_id, granted=True, by="0f" * 16)
    found = rows(workbook(town)["Tổng hợp"])
    row = next(r for r in found if r["Mã"] == f"{WARD}-01" and r["Việc"].startswith("Tuyên"))
    assert (row["Phải làm"], row["Miễn"], row["Hoàn thành (Đủ / Phải làm)"]) == (0, 1, "—")
    assert len(SUMMARY) == len(row)


def test_more_sessions_than_one_reading_takes_are_all_listed_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.ward.sheets._AT_ONCE", 2)
    days = [*range(1, 8), 3, 3]
    for day in days:
        town.file(f"{WARD}-01", date(2026, 11, day))
    listed = [row["Ngày"].day for row in rows(workbook(town)["Danh sách buổi"])]
    assert listed == sorted(days)


def test_bad_questions_are_answered_with_what_to_do(town: Town) -> None:
    with pytest.raises(NotFound):
        workbook(town, "nowhere")
    with pytest.raises(NotValid):
        workbook(town, months=())
    with pytest.raises(UnknownProgramme):
        Sheets(town.intake, town.compliance, town.uses).write(
            WARD, ["nothing"], ["2026-11"], io.BytesIO()
        )


def test_every_kind_that_can_be_filed_has_a_name() -> None:
    assert set(get_args(DutyKind)) <= set(KINDS)


def test_thousands_of_sessions_need_no_more_memory_than_a_few() -> None:
    small, large = peak(50), peak(6_000)
    assert large < MOST_KILOBYTES
    assert large - small < 40 * 1024


def peak(sessions: int) -> int:
    """Write a workbook with so many sessions in a process of its own; return its peak in KB."""
    command = [sys.executable, "-m", "tests.intake.sheet_weight", str(sessions)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1])
