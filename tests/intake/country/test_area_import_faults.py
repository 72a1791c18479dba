"""Bad lists of neighbourhoods: each fault is told with its line and what to do."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.country.area_files import read_sheet
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.area_lists import GOOD, HEAD, OTHER, WARD, Town


@pytest.fixture
def town(sqlite_database: Database, clock: FixedClock) -> Town:
    return Town(sqlite_database, clock)


@pytest.fixture
def each_town(database: Database, clock: FixedClock) -> Town:
    return Town(database, clock)


BAD_LINES = {
    "no ward": (",01,Tổ 1,tổ dân phố,,,,,", "thiếu ward_code"),
    "unknown ward": ("99999,01,Tổ 1,tổ dân phố,,,,,", "không có địa bàn nào"),
    "a province": ("01,01,Tổ 1,tổ dân phố,,,,,", "chỉ trực thuộc xã, phường"),
    "no name": (f"{WARD},01,,tổ dân phố,,,,,", "thiếu unit_name"),
    "a formula": (f"{WARD},01,=1+1,tổ dân phố,,,,,", "công thức"),
    "old letters": (f"{WARD},01,Tæ d©n phè,tổ dân phố,,,,,", "TCVN3"),
    "no kind": (f"{WARD},01,Tổ 1,,,,,,", "thiếu kind"),
    "unknown kind": (f"{WARD},01,Tổ 1,quận,,,,,", "không có trong danh mục"),
    "odd code": (f"{WARD},0/1,Tổ 1,tổ dân phố,,,,,", "own_code"),
    "a number in words": (f"{WARD},01,Tổ 1,tổ dân phố,nhiều,,,,", "không phải số nguyên"),
    "a negative number": (f"{WARD},01,Tổ 1,tổ dân phố,,-3,,,", "không phải số nguyên"),
    "an Excel date": (f"{WARD},01,Tổ 1,tổ dân phố,,,45839,,", "có lẽ 1/7/2025"),
    "no such day": (f"{WARD},01,Tổ 1,tổ dân phố,,,31/6/2025,,", "không phải ngày có thật"),
    "a short year": (f"{WARD},01,Tổ 1,tổ dân phố,,,1/7/25,,", "không đọc được thành ngày"),
    "ends first": (f"{WARD},01,Tổ 1,tổ dân phố,,,2025-07-01,2025-07-01,", "valid_to không sau"),
    "replaces nothing": (f"{WARD},01,Tổ 1,tổ dân phố,,,,,77", "không có đơn vị bị thay"),
    "replaces itself": (f"{WARD},01,Tổ 1,tổ dân phố,,,,,01", "thay cho chính nó"),
    "replaces a ward": (f"{WARD},01,Tổ 1,tổ dân phố,,,,,{OTHER}", "không phải tổ, thôn"),
    "another's id": (f"{WARD},{OTHER}-01,Tổ 1,tổ dân phố,,,,,", "mã của một địa bàn khác"),
    "too many cells": (f"{GOOD},x", "nhiều ô hơn"),
    "hangs on itself": ("A1,A1,Tổ 1,tổ dân phố,,,,,", "trực thuộc chính nó"),
}


@pytest.mark.parametrize(("line", "words"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_faulty_line_is_named_with_what_to_do_and_nothing_is_stored(
    town: Town, line: str, words: str
) -> None:
    good = f"{OTHER},09,Tổ 9,tổ dân phố,,,,,"
    told = town.only_fault(good, line)
    assert told.startswith("Dòng 3: ")
    assert words in told
    assert "cách sửa: " in told


def test_a_column_that_is_missing_is_named(town: Town) -> None:
    told = town.only_fault(f"{WARD},Tổ 1", head="ward_code,unit_name")
    assert told.startswith("Dòng 1: thiếu cột kind (loại); cách sửa: ")


def test_a_file_without_any_known_column_names_all_that_it_needs(town: Town) -> None:
    seen = town.preview("1,2", head="a,b")
    assert [fault.what for fault in seen.errors] == [
        "thiếu cột ward_code (mã xã, phường)", "thiếu cột unit_name (tên)", "thiếu cột kind (loại)",
    ]  # fmt: skip


def test_a_column_that_stands_twice_or_means_two_things_is_refused(town: Town) -> None:
    assert "hai cột cùng là kind" in town.only_fault("x", head="ward_code,unit_name,kind,loại")
    assert "hai cách hiểu" in town.only_fault("x", head="ward_code,unit_name,kind,đến ngày")


@pytest.mark.parametrize("coding", ["utf-16-le", "cp1258", "latin-1"])
def test_a_wrong_encoding_is_told_with_the_line_where_it_shows(town: Town, coding: str) -> None:
    text = f"{HEAD}\n{GOOD.replace('Tổ', 'Đội').replace('tổ dân phố', 'thôn')}\n"
    before = town.rows()
    try:
        body = text.encode(coding)
    except UnicodeEncodeError:
        body = text.encode("utf-8").decode("latin-1").encode("utf-8")  # broken twice
    seen = town.imports.preview(body, "to.csv")
    assert seen.errors
    assert all(fault.fix for fault in seen.errors)
    assert not seen.may_be_taken
    assert town.rows() == before


def test_letters_that_were_broken_on_the_way_are_not_taken_for_a_name(town: Town) -> None:
    broken = "Tổ Đông".encode().decode("cp1252", "replace")
    assert "chữ đã vỡ" in town.only_fault(f"{WARD},01,{broken},tổ dân phố,,,,,")


def test_a_code_that_stands_twice_names_both_lines(town: Town) -> None:
    told = town.only_fault(GOOD, f"{OTHER},01,Tổ 1,thôn,,,,,", f"{WARD},01,Tổ 2,thôn,,,,,")
    assert told.startswith("Dòng 4: mã trùng với dòng 2;")


def test_a_name_that_stands_twice_in_one_ward_names_both_lines(town: Town) -> None:
    told = town.only_fault(GOOD, f"{WARD},02,TỔ 1,tổ dân phố,,,,,")
    assert told.startswith("Dòng 3: tên trùng với dòng 2;")


def test_a_name_that_stands_already_asks_whether_it_is_the_same(town: Town) -> None:
    town.take(GOOD)
    told = town.only_fault(f"{WARD},,Tổ 1,tổ dân phố,,,,,")
    assert f"mã {WARD}-01" in told
    assert "own_code 01" in told
    assert f"replaces {WARD}-01" in told


def test_units_that_hang_on_each_other_are_told_as_a_circle(town: Town) -> None:
    seen = town.preview(
        f"{WARD}-B,A,Tổ A,tổ dân phố,,,,,", f"{WARD}-A,B,Tổ B,tổ dân phố,,,,,",
        "C,D,Tổ D,tổ dân phố,,,,,", "D,C,Tổ C,tổ dân phố,,,,,", "D,E,Tổ E,tổ dân phố,,,,,",
    )  # fmt: skip
    told = [str(fault) for fault in seen.errors]
    assert len(told) == 5
    assert "vòng lặp: đơn vị trực thuộc chính nó (dòng 4, 5)" in told[2]
    assert "vòng lặp: đơn vị trực thuộc chính nó (dòng 5, 4)" in told[3]
    assert "trực thuộc một dòng khác của tệp (dòng 4)" in told[4]


def test_a_ward_that_was_merged_away_is_told_with_what_took_its_place(town: Town) -> None:
    town.areas.merge([OTHER], WARD, date(2026, 1, 1))
    told = town.only_fault(f"{OTHER},01,Tổ 1,tổ dân phố,,,,,")
    assert "phường Ngọc Hà đã thôi từ 1/1/2026, nay là phường Ba Đình (00004)" in told
    assert "ghi mã của nơi thay thế" in told


def test_the_code_of_a_neighbourhood_that_is_gone_is_not_used_again(town: Town) -> None:
    town.take(f"{WARD},01,Tổ 1,thôn,,,2025-07-01,,", f"{WARD},02,Tổ 2,thôn,,,2025-07-01,,")
    town.areas.merge([f"{WARD}-01"], f"{WARD}-02", date(2026, 1, 1))
    told = town.only_fault(f"{WARD},01,Tổ 1,tổ dân phố,,,,,")
    assert f"đã thôi từ 1/1/2026, nay là thôn Tổ 2 ({WARD}-02)" in told
    assert "mã mới" in told


def test_what_is_replaced_must_not_stand_in_the_list_and_begin_before(town: Town) -> None:
    town.take(f"{WARD},01,Tổ 1,thôn,,,2025-07-01,,", f"{WARD},02,Tổ 2,thôn,,,2025-07-01,,")
    told = town.only_fault(f"{WARD},01,Tổ 1,thôn,,,,,", f"{WARD},03,Tổ 3,thôn,,,,,01")
    assert "còn đứng ở dòng 2" in told
    told = town.only_fault(f"{WARD},03,Tổ 3,thôn,,,2025-07-01,,01")
    assert "ngày thay không sau" in told
    told = town.only_fault(f"{WARD},02,Tổ 2,thôn,,,,,01")
    assert "replaces chỉ dùng cho tổ, thôn mới" in told


def test_a_list_reaches_no_further_than_the_area_of_whoever_brings_it(town: Town) -> None:
    told = town.only_fault(GOOD, f"{OTHER},01,Tổ 1,thôn,,,,,", scope=WARD)
    assert told.startswith("Dòng 3: địa bàn này không thuộc đơn vị của đồng chí;")
    assert town.preview(GOOD, f"{OTHER},01,Tổ 1,thôn,,,,,", scope="01").errors == ()


def test_an_old_workbook_a_broken_one_and_an_empty_file_are_told_apart(town: Town) -> None:
    for body, words in (
        (b"\xd0\xcf\x11\xe0rest", ".xls"), (b"PK\x03\x04rest", "hỏng"), (b" \n", "trống"),
        (b"x" * ((32 << 20) + 1), "32 MB"), (HEAD.encode(), "Không có dòng nào"),
        (f'{HEAD}\n{WARD},01,"Tổ 1,thôn'.encode(), "ngoặc kép"),
    ):  # fmt: skip
        (fault,) = town.imports.preview(body, "to").errors
        assert words in str(fault)


@given(body=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_the_reader_fail(body: bytes) -> None:
    for start in (b"", HEAD.encode() + b"\n", b"PK\x03\x04"):
        sheet = read_sheet(start + body)
        assert sheet.faults or sheet.lines
