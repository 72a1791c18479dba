"""Lists of neighbourhoods from CSV and XLSX: preview, all or nothing, and undo."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.country.area_files import read_sheet
from intake.country.area_ground import Ground
from intake.country.area_import import BY_COMMAND
from intake.country.area_judge import Judge
from intake.country.area_rows import read_entry
from intake.errors import NotFound, NotTaken, NotValid
from storage.areas import AreaRow
from storage.database import Database
from storage.work_tables import Assignment, Leader
from tests.clocks import FixedClock
from tests.intake.area_lists import GOOD, OTHER, TODAY, WARD, Town, workbook


@pytest.fixture
def town(sqlite_database: Database, clock: FixedClock) -> Town:
    return Town(sqlite_database, clock)


@pytest.fixture
def each_town(database: Database, clock: FixedClock) -> Town:
    return Town(database, clock)


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
    assert {act: n for act, n in seen.counts.items() if n} == {"add": 4}
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
