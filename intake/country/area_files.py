"""Reads a list of areas from CSV or XLSX into lines of cells, each with its line number.

The file is read in memory, bounded before it is unpacked, and nothing in it is run: no formula, no
link. An encoding is never guessed: UTF-8, or UTF-16 with its mark, or the file is refused.
"""

import codecs
import csv
import io
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from intake.country.area_archive import Entities, TooMuch, check_archive
from intake.country.area_words import NEEDED, TWO_MEANINGS, heading
from intake.text import clean, fold

MOST_BYTES = 32 << 20
MOST_LINES = 200_000
_HEADING_WITHIN = 10  # lines: a title may stand above the headings
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_BROKEN = re.compile(r"á»|áº|Ä[\u0090\u0091‘]|Æ°|Ã[¡¢£¨©ª¬­²³´µ¹º]|\ufffd")

Cell = str | date


class Fault(NamedTuple):
    """What is wrong in one line of a file and what to do; line 0: the file as a whole."""

    line: int
    what: str
    fix: str

    def __str__(self) -> str:
        """Return the fault as one sentence for people."""
        where = f"Dòng {self.line}: " if self.line else ""
        said = f"{where}{self.what}; cách sửa: {self.fix}."
        return said[0].upper() + said[1:]


class Line(NamedTuple):
    """One line that says something, by column; a column without words is left out."""

    number: int
    cells: dict[str, Cell]


@dataclass(slots=True)
class Sheet:
    """What stands in a file: lines to judge, faults that stop it, notes that do not."""

    lines: list[Line] = field(default_factory=list[Line])
    faults: list[Fault] = field(default_factory=list[Fault])
    notes: list[str] = field(default_factory=list[str])


class _Unreadable(Exception):
    """The file cannot be read on from here."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault


def read_sheet(body: bytes) -> Sheet:
    """Read a file; never raises for what stands in it."""
    sheet = Sheet()
    try:
        _check_size(body)
        rows = _xlsx_rows(body) if body.startswith(b"PK\x03\x04") else _csv_rows(body)
        _fill(sheet, rows)
    except _Unreadable as stop:
        sheet.faults.append(stop.fault)
    return sheet


def _check_size(body: bytes) -> None:
    if not body.strip():
        raise _Unreadable(Fault(0, "tệp trống", "chọn tệp có danh sách"))
    if len(body) > MOST_BYTES:
        raise _Unreadable(Fault(0, "tệp lớn hơn 32 MB", "chia thành nhiều tệp"))
    if body.startswith(_OLD_EXCEL):
        raise _Unreadable(
            Fault(0, "tệp Excel đời cũ (.xls)", "lưu lại thành .xlsx, hoặc CSV UTF-8")
        )


# --- headings -------------------------------------------------------------------------------------


def _fill(sheet: Sheet, rows: Iterator[tuple[int, list[Cell]]]) -> None:
    columns = _find_headings(sheet, rows)
    if sheet.faults:
        return
    for number, cells in rows:
        if not any(cells):
            continue
        if len(sheet.lines) >= MOST_LINES:
            raise _Unreadable(Fault(number, "quá 200.000 dòng", "chia thành nhiều tệp"))
        if any(cells[len(columns) :]):
            fix = "tên có dấu phẩy thì đặt cả tên trong ngoặc kép"
            sheet.faults.append(Fault(number, "có nhiều ô hơn dòng tiêu đề", fix))
            continue
        named = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell}
        if named:
            sheet.lines.append(Line(number, named))
    if not sheet.lines and not sheet.faults:
        sheet.faults.append(Fault(0, "không có dòng nào dưới dòng tiêu đề", "ghi mỗi tổ một dòng"))


def _find_headings(sheet: Sheet, rows: Iterable[tuple[int, list[Cell]]]) -> list[str]:
    seen: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        named = [heading(str(cell)) for cell in cells]
        if sum(name in NEEDED for name in named) >= 2:  # titles name one column by chance at most
            _judge_headings(sheet, number, cells, named)
            return named
        if any(cells):
            seen.append((number, named))
        if number >= _HEADING_WITHIN:
            break
    line, found = max(seen or [(1, [""])], key=lambda each: len(set(each[1])))
    _missing(sheet, line, found)
    return []


def _judge_headings(sheet: Sheet, line: int, cells: list[Cell], named: list[str]) -> None:
    _missing(sheet, line, named)
    for name in sorted({name for name in named if name and named.count(name) > 1}):
        sheet.faults.append(Fault(line, f"hai cột cùng là {name}", "bỏ một cột"))
    if any(fold(str(cell)) in TWO_MEANINGS for cell in cells):
        fix = "đặt tên cột là valid_to và ghi ngày đầu tiên không còn đơn vị ấy"
        sheet.faults.append(Fault(line, "cột “đến ngày” có hai cách hiểu", fix))
    unread = sum(1 for cell, name in zip(cells, named, strict=True) if cell and not name)
    if unread:
        sheet.notes.append(f"Bỏ qua {unread} cột không nằm trong mẫu.")


def _missing(sheet: Sheet, line: int, named: Iterable[str]) -> None:
    have = set(named)
    for name, words in NEEDED.items():
        if name not in have:
            fix = f"thêm cột tiêu đề {name}, như trong tệp mẫu"
            sheet.faults.append(Fault(line, f"thiếu cột {name} ({words})", fix))


# --- CSV ------------------------------------------------------------------------------------------


def _csv_rows(body: bytes) -> Iterator[tuple[int, list[Cell]]]:
    text = _decoded(body)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    tidy = lru_cache(maxsize=8192)(_tidy)  # kinds and names come again and again
    started = 1
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error:
            fix = "xem dấu ngoặc kép: mở thì phải đóng"
            raise _Unreadable(Fault(started, "dòng không đọc được", fix)) from None
        if any(_BROKEN.search(cell) for cell in cells):
            fix = "mở lại tệp gốc, lưu thành “CSV UTF-8”"
            raise _Unreadable(Fault(started, "chữ đã vỡ do sai bảng mã", fix))
        yield started, [tidy(cell) for cell in cells]
        started = lines.line_num + 1


def _decoded(body: bytes) -> str:
    marked = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return body.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 if marked else body.count(b"\n", 0, error.start) + 1
        fix = "trong Excel chọn Lưu thành “CSV UTF-8”, hoặc gửi tệp .xlsx"
        raise _Unreadable(Fault(line, "chữ không phải UTF-8", fix)) from None


def _delimiter(text: str) -> str:
    """Return the sign that parts the headings: the one that finds most of them."""
    top = text.splitlines()[:_HEADING_WITHIN]

    def found(sign: str) -> int:
        return max((sum(bool(heading(c)) for c in row) for row in _split(top, sign)), default=0)

    return max(",;\t", key=found)


def _split(lines: list[str], sign: str) -> Iterator[list[str]]:
    for line in lines:
        yield [cell.strip(' "') for cell in line.split(sign)]


# --- XLSX -----------------------------------------------------------------------------------------


def _xlsx_rows(body: bytes) -> Iterator[tuple[int, list[Cell]]]:
    _check_archive(body)
    from openpyxl import load_workbook  # noqa: PLC0415  slow to import; CSV does without

    load: Any = load_workbook
    broken = _Unreadable(Fault(0, "tệp .xlsx hỏng", "mở bằng Excel rồi lưu lại"))
    tidy = lru_cache(maxsize=8192)(_tidy)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of features that are not read
        try:
            book = load(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its own size may be wrong
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                yield number, [_cell(value, tidy) for value in cast("tuple[object, ...]", row)]
        except _Unreadable:
            raise
        except Exception:  # noqa: BLE001  a foreign parser over foreign bytes
            raise broken from None


def _check_archive(body: bytes) -> None:
    try:
        check_archive(body)
    except TooMuch:
        fix = "xóa cột và dòng thừa, hoặc chia thành nhiều tệp"
        raise _Unreadable(Fault(0, "tệp .xlsx lớn quá khi mở ra", fix)) from None
    except Entities:
        fix = "mở bằng Excel rồi lưu lại"
        raise _Unreadable(Fault(0, "tệp .xlsx có phần không được nhận", fix)) from None
    except Exception:  # noqa: BLE001  foreign bytes: broken in ways that no list names
        raise _Unreadable(Fault(0, "tệp .xlsx hỏng", "mở bằng Excel rồi lưu lại")) from None


def _cell(value: object, tidy: Callable[[str], str]) -> Cell:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return tidy(str(value))


def _tidy(text: str) -> str:
    if text.isascii() and text.isprintable():  # numbers and codes: most cells of a long list
        return " ".join(text.split())
    return clean(text).replace("\n", " ")
