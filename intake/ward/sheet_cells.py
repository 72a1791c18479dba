"""Writes a workbook row by row: typed cells, tidy text, and no text that a program would calculate.

Rows go to disk as they come, so that memory stays flat however many there are. Text that begins
like a formula gets an apostrophe in front and is stored as text in any case.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter

from intake.ports import VIETNAM
from intake.text import clean
from intake.ward.sheet_shapes import COLOURS, Cell, Letter, Percent

LONGEST_TEXT = 32_767  # what one cell can hold
_CALCULATES = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_A4 = "9"
_DAY, _MOMENT, _SHARE = "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "0.0%"


@lru_cache(10_000)
def guarded(text: str) -> str:
    """Return text as it may stand in a cell: tidy, short enough, and never a formula."""
    tidy = clean(text)
    if tidy.startswith(_CALCULATES) or text.startswith(_CALCULATES) or tidy in ERROR_CODES:
        tidy = f"'{tidy}"
    return tidy[:LONGEST_TEXT]


class Page:
    """One sheet that is being written, with its headings on top of every printed page."""

    def __init__(self, book: Workbook, title: str, headings: Sequence[tuple[str, int]]) -> None:
        sheet: Any = book.create_sheet(title)
        self._sheet = sheet
        self._cells: dict[str, Any] = {}
        sheet.freeze_panes = "A2"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = _A4
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_setup.fitToHeight = 0
        sheet.print_title_rows = "1:1"
        for at, (_, width) in enumerate(headings, start=1):
            sheet.column_dimensions[get_column_letter(at)].width = width
        sheet.append(self._styled(guarded(text), "tieu_de") for text, _ in headings)

    def add(self, cells: Iterable[Cell]) -> None:
        """Write one row."""
        # A generator: each cell is on disk before the next is made, so that few serve for all.
        self._sheet.append(self._cell(each) for each in cells)

    def _cell(self, value: Cell) -> Any:
        match value:
            case None | "":
                return None
            case str():
                return guarded(value)
            case Percent(share):
                return self._shown(share, _SHARE)
            case Letter(sign):
                return self._styled(sign, f"o_{sign}") if sign in COLOURS else sign or None
            case datetime():
                return self._shown(value.astimezone(VIETNAM).replace(tzinfo=None), _MOMENT)
            case date():
                return self._shown(value, _DAY)
            case _:
                return value

    def _shown(self, value: Any, as_: str) -> Any:
        cell = self._cells.get(as_)
        if cell is None:
            cell = self._cells[as_] = WriteOnlyCell(self._sheet)
            cell.number_format = as_
        cell.value = value
        return cell

    def _styled(self, text: str, style: str) -> Any:
        cell = self._cells.get(style)
        if cell is None:
            cell = self._cells[style] = WriteOnlyCell(self._sheet)
            cell.style = style
        cell.value = text
        return cell


class Book:
    """A workbook that is being written."""

    def __init__(self) -> None:
        self._book = Workbook(write_only=True)
        heading = NamedStyle("tieu_de", font=Font(bold=True))
        heading.alignment = Alignment(wrap_text=True, vertical="top")
        self._book.add_named_style(heading)
        for sign, colour in COLOURS.items():
            style = NamedStyle(f"o_{sign}", fill=PatternFill("solid", fgColor=colour))
            style.alignment = Alignment(horizontal="center")
            self._book.add_named_style(style)

    def page(self, title: str, headings: Sequence[tuple[str, int]]) -> Page:
        """Begin a sheet; ``headings`` are texts with column widths."""
        return Page(self._book, title, headings)

    def save(self, out: IO[bytes]) -> None:
        """Put the workbook together; nothing can be added afterwards."""
        self._book.save(out)
