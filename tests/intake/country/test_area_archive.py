"""Workbooks looked through before they are opened: what is refused, and what is not."""

import io
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from intake.country.area_files import read_sheet
from tests.intake.area_lists import WARD, workbook

HEADINGS = "".join(
    f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("ward_code", "unit_name", "kind")
)
CELL = "<c><v>1</v></c>"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="99999999999999"/>',
        '<row r="1e15"/>',
        '<row><row r="99999999999999"/></row>',
        '<row r="2"><c r="XFD2"><v>1</v></c></row>',
        f"<row>{CELL * 5_000}</row>",
        f"<row>{CELL}</row>" * 40_000,
        "<x/>" * 25_000,
        "<b/>" * 80_000,
        f'<row><c t="inlineStr"><is>{"<r><rPr/></r>" * 1_000}</is></c></row>' * 25,
        f"<row><c><v>{'1' * (5 << 20)}</v></c></row>",
    ],
)
def test_a_small_workbook_that_unfolds_without_end_is_refused_before_it_is_opened(
    rows: str,
) -> None:
    (fault,) = read_sheet(_workbook(f"<row>{HEADINGS}</row>{rows}")).faults
    assert "lớn quá khi mở ra" in str(fault)


@pytest.mark.parametrize("rich_columns", [1, 4])
def test_a_long_list_whose_words_are_partly_bold_is_read(rich_columns: int) -> None:
    bold = InlineFont(
        rFont="Times New Roman", charset=163, family=1, sz=13, color="FF000000", b=True
    )
    plain = InlineFont(rFont="Times New Roman", charset=163, family=1, sz=13, color="FF000000")

    def partly_bold(words: str) -> CellRichText:
        return CellRichText(TextBlock(bold, words[:2]), TextBlock(plain, words[2:]))

    def row(number: int) -> tuple[object, ...]:
        words = [f"Tổ {number}", "tổ dân phố", WARD, f"{number:05}"]
        return (*map(partly_bold, words[:rich_columns]), *words[rich_columns:])

    headings = ("unit_name", "kind", "ward_code", "own_code")
    sheet = read_sheet(workbook(headings, *map(row, range(5_000))))
    assert sheet.faults == []
    assert len(sheet.lines) == 5_000
    assert tuple(sheet.lines[7].cells.values()) == ("Tổ 7", "tổ dân phố", WARD, "00007")


def test_a_workbook_that_defines_entities_is_refused_before_it_is_read() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x/>')
    (fault,) = read_sheet(written.getvalue()).faults
    assert "không được nhận" in str(fault)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_found_however_far_down_and_however_written(encoding: str) -> None:
    declared = f"{' ' * 2_000}<!DOCTYPE x [<!ENTITY a 'b'>]>"
    body = _workbook(f"<row>{HEADINGS}</row>", declared, encoding)
    (fault,) = read_sheet(body).faults
    assert "không được nhận" in str(fault)


def test_a_workbook_whose_packing_is_broken_is_told_as_broken() -> None:
    body = bytearray(_workbook(f"<row>{HEADINGS}</row>"))
    at = body.index(b"PK\x03\x04") + 100
    body[at : at + 40] = bytes(range(40))
    (fault,) = read_sheet(bytes(body)).faults
    assert "hỏng" in str(fault)


def _workbook(rows: str, declared: str = "", encoding: str = "utf-8") -> bytes:
    """Return a workbook whose only sheet was written by hand."""
    made, written = io.BytesIO(), io.BytesIO()
    Workbook().save(made)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = (
        f'<?xml version="1.0" encoding="{encoding}"?>{declared}'
        f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
    )
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            is_sheet = each == "xl/worksheets/sheet1.xml"
            new.writestr(each, sheet.encode(encoding) if is_sheet else old.read(each))
    return written.getvalue()
