"""Reads one line of a list of areas into what it says, or into the faults that it has.

Pure: it knows no database. A number or a day that may be read in two ways is a fault.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

from intake.country.area_files import Cell, Fault, Line
from intake.country.area_words import (
    KINDS_IN_WORDS,
    full_name,
    neighbourhood_kind,
    organisation_kind,
)
from intake.country.organisations import OWN_CODE

_LONGEST_NAME = 120
_YEARS = range(1900, 2200)
_MOST_PEOPLE = 1_000_000
_EXCEL_BEGINS = date(1899, 12, 30)
_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})")
_DAY_FIRST = re.compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})")
_SERIAL = re.compile(r"\d{4,5}(?:\.\d+)?")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_OLD_LETTERS = frozenset("¸µ¶·¹¨»¾¼½©®«¬§¤æÆ¦¢¥°±²³´¿÷ø")
_LISTED = re.compile(r"[;,\s]+")
_WRITE_DAY = "ghi năm-tháng-ngày, thí dụ 2026-01-05, hoặc ngày/tháng/năm đủ bốn số"


class Entry(NamedTuple):
    """What one line says; ``organisation`` tells which of two things it is."""

    line: int
    ward_code: str
    own_code: str
    name: str
    kind: str
    organisation: bool
    households: int | None
    population: int | None
    valid_from: date | None
    valid_to: date | None
    replaces: tuple[str, ...]
    leader_ref: str = ""


def read_entry(line: Line, faults: list[Fault]) -> Entry | None:
    """Return what a line says; with any fault, which is added to ``faults``, None."""
    reader = _Reader(line, [])
    entry = reader.entry()
    faults.extend(reader.faults)
    return None if reader.faults else entry


class _Reader(NamedTuple):
    line: Line
    faults: list[Fault]

    def entry(self) -> Entry:
        kind, organisation = self._kind()
        name = self._name()
        return Entry(
            line=self.line.number,
            ward_code=self._ward_code(),
            own_code=self._own_code(),
            name=name if organisation or not kind else full_name(kind, name),
            kind=kind,
            organisation=organisation,
            households=self._number("households", "số hộ"),
            population=self._number("population", "số dân"),
            valid_from=self._day("valid_from"),
            valid_to=self._day("valid_to"),
            replaces=tuple(part for part in _LISTED.split(self._text("replaces")) if part),
            leader_ref=self._text("leader_ref"),
        )

    def _text(self, column: str) -> str:
        return str(self.line.cells.get(column, ""))

    def _fault(self, what: str, fix: str) -> None:
        self.faults.append(Fault(self.line.number, what, fix))

    def _ward_code(self) -> str:
        code = self._text("ward_code")
        if not code:
            self._fault("thiếu ward_code (mã xã, phường)", "ghi mã năm số của xã, phường")
        return code

    def _own_code(self) -> str:
        code = self._text("own_code")
        own = code.removeprefix(f"{self._text('ward_code')}-")
        if code and not OWN_CODE.fullmatch(own):
            self._fault("own_code có ký tự lạ hoặc dài quá", "chỉ dùng a-z, số, dấu chấm, gạch nối")
        return own

    def _kind(self) -> tuple[str, bool]:
        cell = self._text("kind")
        if found := neighbourhood_kind(cell):
            return found, False
        if found := organisation_kind(cell):
            return found, True
        what = "loại không có trong danh mục" if cell else "thiếu kind (loại)"
        self._fault(what, f"ghi một trong: {KINDS_IN_WORDS}")
        return "", False

    def _name(self) -> str:
        name = self._text("unit_name")
        if not name or not any(char.isalnum() for char in name):
            self._fault("thiếu unit_name (tên)", "ghi tên, thí dụ tổ dân phố số 5")
        elif len(name) > _LONGEST_NAME:
            self._fault("tên dài hơn 120 chữ", "ghi tên ngắn lại")
        elif name[0] in "=+-@":
            self._fault("tên bắt đầu như một công thức", "bỏ dấu ở đầu tên")
        elif not _OLD_LETTERS.isdisjoint(name):
            fix = "đổi phông sang Unicode (bảng mã TCVN3, VNI không đọc được), rồi lưu lại"
            self._fault("tên có ký tự của bảng mã cũ", fix)
        return name

    def _number(self, column: str, words: str) -> int | None:
        cell = self._text(column)
        if not cell:
            return None
        digits = cell.replace(".", "") if _THOUSANDS.fullmatch(cell) else cell
        if digits.isascii() and digits.isdecimal() and int(digits) <= _MOST_PEOPLE:
            return int(digits)
        self._fault(f"{column} ({words}) không phải số nguyên", "chỉ ghi chữ số, hoặc để trống")
        return None

    def _day(self, column: str) -> date | None:
        cell = self.line.cells.get(column, "")
        if not cell:
            return None
        day = _read_day(cell)
        if day is None:
            self._fault(f"{column} {_what_is_wrong(str(cell))}", _WRITE_DAY)
        return day


def _read_day(cell: Cell) -> date | None:
    if isinstance(cell, date):
        return cell if cell.year in _YEARS else None
    found = _ISO.fullmatch(cell) or _DAY_FIRST.fullmatch(cell)
    if found is None:
        return None
    year, month, day = (int(found[name]) for name in "ymd")
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _what_is_wrong(cell: str) -> str:
    if _SERIAL.fullmatch(cell):
        day = _EXCEL_BEGINS + timedelta(days=int(cell.partition(".")[0]))
        return f"là số ngày của Excel (có lẽ {day.day}/{day.month}/{day.year})"
    if _ISO.fullmatch(cell) or _DAY_FIRST.fullmatch(cell):
        return "không phải ngày có thật"
    return "không đọc được thành ngày"
