"""Lists of neighbourhoods from CSV and XLSX: preview, all or nothing, undo, and every bad list."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.area_files import read_sheet
from intake.area_ground import Ground
from intake.area_import import BY_COMMAND, AreaImport, Preview
from intake.area_judge import Judge
from intake.area_rows import read_entry
from intake.areas import Areas
from intake.errors import NotFound, NotTaken, NotValid
from intake.places import Places
from intake.service import Intake
from storage.areas import AreaRow
from storage.database import Database
from storage.work_tables import Assignment, Leader
from tests.clocks import FixedClock

HEAD = "ward_code,own_code,unit_name,kind,households,population,valid_from,valid_to,replaces"
WARD, OTHER = "00004", "00008"
TODAY = date(2026, 3, 2)


class Town:
    """Hà Nội laid down, and the import over it."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.clock = clock
        self.intake = Intake(database, clock)
        places = Places(self.intake)
        self.areas = Areas(self.intake, places)
        self.imports = AreaImport(self.intake, places)
        self.areas.lay_country("01")

    def preview(self, *lines: str, head: str = HEAD, scope: str | None = None) -> Preview:
        return self.imports.preview("\n".join([head, *lines]).encode(), "to.csv", scope)

    def take(self, *lines: str) -> str:
        seen = self.preview(*lines)
        assert seen.errors == ()
        self.clock.advance(minutes=1)
        return self.imports.take(seen, BY_COMMAND)

    def rows(self) -> list[tuple[object, ...]]:
        """Everything that an import may touch."""
        with self.intake.read() as view:
            areas = view.areas.all()
            inside = view.organisations.inside(row.id for row in areas)
            return [*areas, *inside, *view.areas.links_from(row.id for row in areas)]

    def get(self, area_id: str) -> AreaRow:
        with self.intake.read() as view:
            row = view.areas.get(area_id)
        assert row is not None
        return row

    def only_fault(self, *lines: str, **more: Any) -> str:
        """Return the one fault of a list, after making sure that nothing of it is stored."""
        before, seen = self.rows(), self.preview(*lines, **more)
        with pytest.raises(NotValid):
            self.imports.take(seen, BY_COMMAND)
        assert self.rows() == before
        (fault,) = seen.errors
        return str(fault)


@pytest.fixture
def town(sqlite_database: Database, clock: FixedClock) -> Town:
    return Town(sqlite_database, clock)


@pytest.fixture
def each_town(database: Database, clock: FixedClock) -> Town:
    return Town(database, clock)


def workbook(*rows: tuple[object, ...], change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


# --- what a good list does ------------------------------------------------------------------------


def test_a_list_is_previewed_taken_whole_and_undone_whole(each_town: Town) -> None:
    empty = each_town.rows()
    lines = (
        f"{WARD},01,Tổ 1,tổ dân phố,120,450,2025-07-01,,",
        f"{WARD},,5,TDP,,,,,",
        f"{OTHER},TH,Trường Tiểu học Ngọc Hà,trường học,,,,,",
        f"{OTHER},,Trạm y tế,clinic,,,,,",
    )
    seen = each_town.preview(*lines)
    assert each_town.rows() == empty
    assert seen.counts == {"add": 4, "change": 0, "end": 0, "same": 0, "replaced": 0}
    assert [(row.line, row.act, row.owner_id, row.name) for row in seen.rows] == [
        (2, "add", f"{WARD}-01", "Tổ 1"),
        (3, "add", f"{WARD}-02", "tổ dân phố số 5"),
        (4, "add", f"{OTHER}-TH", "Trường Tiểu học Ngọc Hà"),
        (5, "add", f"{OTHER}-clinic-01", "Trạm y tế"),
    ]
    import_id = each_town.imports.take(seen, "phuong.binh")
    first = each_town.get(f"{WARD}-01")
    assert (first.parent_id, first.households, first.population) == (WARD, 120, 450)
    assert (first.valid_from, each_town.get(f"{WARD}-02").valid_from) == (date(2025, 7, 1), TODAY)
    assert [one.kind for one in each_town.areas.organisations.on(OTHER, TODAY)] == [
        "clinic", "school",
    ]  # fmt: skip
    assert [(t.id, t.by, t.lines, t.undone_at) for t in each_town.imports.newest()] == [
        (import_id, "phuong.binh", 4, None)
    ]
    each_town.imports.undo(import_id, "phuong.binh")
    assert each_town.rows() == empty
    assert each_town.imports.newest()[0].undone_at is not None


def test_a_second_list_changes_and_ends_and_its_undo_puts_everything_back(each_town: Town) -> None:
    each_town.take(
        f"{WARD},01,Tổ 1,tổ dân phố,120,450,2025-07-01,,",
        f"{WARD},02,Tổ 2,tổ dân phố,80,300,2025-07-01,,",
        f"{WARD},03,Tổ 3,tổ dân phố,,,2025-07-01,,",
        f"{WARD},TH,Trường Tiểu học,school,,,2025-07-01,,",
    )
    before = each_town.rows()
    second = (
        f"{WARD},01,Tổ 1,tổ dân phố,125,,,,",
        f"{WARD},02,Tổ 2,tổ dân phố,,,,2026-04-01,",
        f"{WARD},03,Tổ 3,tổ dân phố,,,,,",
        f"{WARD},TH,Trường Tiểu học Ba Đình,school,,,,,",
    )
    seen = each_town.preview(*second)
    assert [row.act for row in seen.rows] == ["change", "end", "same", "change"]
    import_id = each_town.take(*second)
    first = each_town.get(f"{WARD}-01")
    assert (first.households, first.population, first.valid_from) == (125, 450, date(2025, 7, 1))
    assert each_town.get(f"{WARD}-02").valid_to == date(2026, 4, 1)
    each_town.imports.undo(import_id, BY_COMMAND)
    assert each_town.rows() == before


def test_a_new_neighbourhood_takes_the_place_of_old_ones_and_undo_raises_them_again(
    each_town: Town,
) -> None:
    each_town.take(
        f"{WARD},01,Tổ 1,tổ dân phố,,,2025-07-01,,", f"{WARD},02,Tổ 2,tổ dân phố,,,2025-07-01,,"
    )
    before = each_town.rows()
    line = f"{WARD},2026-1,Tổ 1,tổ dân phố,,,2026-03-01,,01; {WARD}-02"
    seen = each_town.preview(line)
    assert (seen.rows[0].ends, seen.counts["replaced"]) == ((f"{WARD}-01", f"{WARD}-02"), 2)
    import_id = each_town.take(line)
    assert each_town.areas.heirs(f"{WARD}-02", date(2026, 2, 28)) == (f"{WARD}-02",)
    assert each_town.areas.heirs(f"{WARD}-02", date(2026, 3, 1)) == (f"{WARD}-2026-1",)
    each_town.imports.undo(import_id, BY_COMMAND)
    assert each_town.rows() == before


def test_a_split_gives_one_area_two_heirs(town: Town) -> None:
    town.take(f"{WARD},01,Tổ 1,tổ dân phố,,,2025-07-01,,")
    town.take(
        f"{WARD},1a,Tổ 1A,tổ dân phố,,,2026-03-01,,01",
        f"{WARD},1b,Tổ 1B,tổ dân phố,,,2026-03-01,,01",
    )
    assert town.areas.heirs(f"{WARD}-01", TODAY) == (f"{WARD}-1a", f"{WARD}-1b")


def test_the_same_list_again_changes_nothing_and_is_not_taken_again(town: Town) -> None:
    line = f"{WARD},01,Tổ 1,tổ dân phố,120,450,2025-07-01,,"
    town.take(line)
    seen = town.preview(line)
    assert (seen.errors, seen.counts["same"], seen.may_be_taken) == ((), 1, False)
    with pytest.raises(NotValid):
        town.imports.take(seen, BY_COMMAND)


def test_running_numbers_pass_over_every_id_that_was_ever_given(town: Town) -> None:
    town.take(f"{WARD},,Tổ 1,tổ dân phố,,,2025-07-01,2026-01-01,", f"{WARD},03,Tổ 3,thôn,,,,,")
    seen = town.preview(*(f"{WARD},,Tổ {n},tổ dân phố,,,,," for n in (7, 8, 9)))
    assert [row.owner_id for row in seen.rows] == [f"{WARD}-02", f"{WARD}-04", f"{WARD}-05"]


@given(
    own=st.lists(st.integers(1, 30), unique=True, max_size=12),
    without=st.integers(0, 12),
    order=st.randoms(),
)
def test_every_line_of_a_good_list_gets_an_id_of_its_own(
    own: list[int], without: int, order: Any
) -> None:
    lines = [f"W,{n:02},Tổ {n},tổ dân phố" for n in own]
    lines += [f"W,,Tổ riêng {n},tổ dân phố" for n in range(without)]
    order.shuffle(lines)
    sheet = read_sheet("\n".join(["ward_code,own_code,unit_name,kind", *lines]).encode())
    faults: list[Any] = list(sheet.faults)
    entries = [entry for line in sheet.lines if (entry := read_entry(line, faults))]
    ward = AreaRow("W", "commune", None, "xã", "xã W", "xa w", date(2020, 1, 1))
    judge = Judge(Ground({"W": ward}, {}, [], {"W": "W"}), TODAY)
    planned = judge.judge(entries)
    assert judge.faults == (faults if lines else [])
    assert len({one.row.id for one in planned}) == len(planned) == len(own) + without
    assert {f"W-{n:02}" for n in own} <= {one.row.id for one in planned}


# --- what a spreadsheet writes --------------------------------------------------------------------


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_way_in_which_excel_saves_a_list_is_read(town: Town, sign: str, coding: str) -> None:
    text = f"Mã xã,Mã,Tên,Loại,Số hộ\r\n{WARD},05,Tổ Đông,Tổ dân phố,1.250\r\n\r\n"
    seen = town.imports.preview(text.replace(",", sign).encode(coding), "to.csv")
    assert seen.errors == ()
    (row,) = seen.rows
    assert (row.owner_id, row.name, row.households) == (f"{WARD}-05", "Tổ Đông", 1250)


def test_a_workbook_with_a_title_dates_and_lost_zeros_is_read(town: Town) -> None:
    body = workbook(
        ("DANH SÁCH TỔ DÂN PHỐ",),
        (),
        ("Mã xã", "Mã", "Tên tổ", "Loại", "Số hộ", "Từ ngày", "Ghi chú"),
        (4, 5, "Tổ 5", "tổ dân phố", 120.0, datetime(2025, 7, 1), "x"),  # noqa: DTZ001  as Excel has it
        ("00008", "6", "Tổ 6", "tổ dân phố", None, date(2025, 8, 1), None),
    )
    seen = town.imports.preview(body, "to.xlsx")
    assert seen.errors == ()
    assert [(r.line, r.owner_id, r.households, r.valid_from) for r in seen.rows] == [
        (4, f"{WARD}-5", 120, date(2025, 7, 1)),
        (5, f"{OTHER}-6", None, date(2025, 8, 1)),
    ]
    assert any("cột" in note for note in seen.notes)


def test_a_formula_in_a_workbook_is_not_run_and_its_cell_counts_as_empty(town: Town) -> None:
    body = workbook(("ward_code", "unit_name", "kind"), (WARD, '="Tổ "&5', "tổ dân phố"))
    (fault,) = town.imports.preview(body, "to.xlsx").errors
    assert "Dòng 2" in str(fault)
    assert "tên" in str(fault)


def test_names_that_differ_by_marks_alone_are_shown_and_both_taken(town: Town) -> None:
    seen = town.preview(f"{WARD},01,thôn Đông,thôn,,,,,", f"{WARD},02,thôn Đồng,thôn,,,,,")
    assert seen.errors == ()
    (doubt,) = seen.doubts
    assert (doubt.line, "khác dấu" in doubt.what) == (3, True)
    assert seen.may_be_taken


# --- bad lists: each gets a sentence that says what to do -----------------------------------------

GOOD = f"{WARD},01,Tổ 1,tổ dân phố,,,,,"
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


def test_a_workbook_that_defines_entities_is_refused_before_it_is_read(town: Town) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x/>')
    (fault,) = town.imports.preview(written.getvalue(), "to.xlsx").errors
    assert "không được nhận" in str(fault)


@given(body=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_the_reader_fail(body: bytes) -> None:
    for start in (b"", HEAD.encode() + b"\n", b"PK\x03\x04"):
        sheet = read_sheet(start + body)
        assert sheet.faults or sheet.lines


# --- taking and undoing against others ------------------------------------------------------------


def test_a_preview_that_was_overtaken_is_not_taken(each_town: Town) -> None:
    seen = each_town.preview(GOOD)
    each_town.take(f"{WARD},07,Tổ 7,tổ dân phố,,,,,")
    before = each_town.rows()
    with pytest.raises(NotTaken):
        each_town.imports.take(seen, BY_COMMAND)
    assert each_town.rows() == before


def test_a_list_that_was_built_upon_or_undone_is_not_undone_again(town: Town) -> None:
    first = town.take(GOOD)
    second = town.take(f"{WARD},01,Tổ 1 mới,tổ dân phố,,,,,")
    with pytest.raises(NotTaken, match="lần nhập sau"):
        town.imports.undo(first, BY_COMMAND)
    town.imports.undo(second, BY_COMMAND)
    town.imports.undo(first, BY_COMMAND)
    with pytest.raises(NotTaken, match="đã được hoàn tác"):
        town.imports.undo(first, BY_COMMAND)


def test_a_list_that_somebody_has_used_is_not_undone(each_town: Town) -> None:
    import_id = each_town.take(GOOD)
    poster = each_town.areas.add_poster(f"{WARD}-01")
    assert poster
    before = each_town.rows()
    with pytest.raises(NotTaken, match="đã có việc"):
        each_town.imports.undo(import_id, BY_COMMAND)
    assert each_town.rows() == before


def test_an_assignment_too_is_use_that_keeps_a_list(town: Town) -> None:
    import_id = town.take(GOOD)

    def assign(tx: Any) -> None:
        leader = {"id": b"l" * 16, "name": "A", "address_as": "bác", "language": "vi"}
        tx.connection.execute(Leader.__table__.insert(), leader | {"added_on": TODAY})
        part = {"id": b"a" * 16, "leader_id": b"l" * 16, "owner_id": f"{WARD}-01", "part": "head"}
        tx.connection.execute(Assignment.__table__.insert(), part | {"since": TODAY})

    town.intake.write_now(assign)
    with pytest.raises(NotTaken):
        town.imports.undo(import_id, BY_COMMAND)


def test_what_was_ended_since_is_not_raised_again_by_an_undo(town: Town) -> None:
    town.take(f"{WARD},01,Tổ 1,thôn,,,2025-07-01,,")
    import_id = town.take(f"{WARD},01,Tổ 1,thôn,55,,,,")
    town.areas.end(f"{WARD}-01", date(2026, 6, 1))
    with pytest.raises(NotTaken):
        town.imports.undo(import_id, BY_COMMAND)
    assert town.get(f"{WARD}-01").valid_to == date(2026, 6, 1)


def test_an_import_of_another_area_is_neither_seen_nor_undone(town: Town) -> None:
    seen = town.preview(GOOD, scope=WARD)
    import_id = town.imports.take(seen, "phuong.binh")
    assert town.imports.newest(scope=OTHER) == ()
    assert [taken.id for taken in town.imports.newest(scope="01")] == [import_id]
    for wrong in (import_id, "00" * 16, "zz"):
        with pytest.raises(NotFound):
            town.imports.undo(wrong, "xa.dung", scope=OTHER)
    town.imports.undo(import_id, "tinh.an", scope="01")


def test_an_import_and_its_undo_stand_in_the_audit(town: Town) -> None:
    import_id = town.take(GOOD)
    town.imports.undo(import_id, "tinh.an")
    with town.intake.read() as view:
        entries = view.audit.rows()
    assert [(e.act, e.actor, e.subject) for e in entries] == [
        ("areas.import", BY_COMMAND, import_id), ("areas.undo", "tinh.an", import_id),
    ]  # fmt: skip
