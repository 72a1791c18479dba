"""Looks through an .xlsx before it is opened: how far it unfolds, and what would never end.

A few kilobytes can unfold to a thousand times as much, claim a row number beyond counting or one
cell at the far end of every row. What opens workbooks afterwards would follow all of it.
"""

import io
import zipfile
from typing import IO, Any
from xml.parsers import expat

_MOST_UNPACKED = 256 << 20
# What is allowed in any case, and beyond it for each byte of the file: twice what plain lists take.
_UNPACKED, _UNFOLDS = 4 << 20, 40
_ELEMENTS, _PER_BYTE = 50_000, 3
_SLOW, _BYTES_FOR_ONE = 20_000, 4
_CELLS = frozenset({"row", "c", "v", "is", "t", "f"})
_RICH_TEXT = frozenset({"si", "r", "b", "i", "u", "strike", "vertAlign", "sz", "color"})
_FONT = frozenset({"rFont", "family", "charset", "scheme"})
_FAST = _CELLS | _RICH_TEXT | _FONT
"""Elements of cells and of text that is partly bold; all others (styles) cost up to ten times as
much. So does the rPr around b and i, each of which makes a font: a list needs few of them."""
_MOST_ROWS = 1 << 20  # as many as a sheet of Excel has
_MOST_COLUMNS = 256
_MOST_IN_A_ROW = 16 * _MOST_COLUMNS  # elements: a cell, its value, its pieces of text
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_PIECE = 64 << 10


class TooMuch(Exception):
    """It unfolds too far, or is too wide or too long."""


class Entities(Exception):
    """A part defines entities."""


def check_archive(body: bytes) -> None:
    """Refuse what no list of areas needs; what is left costs no more than its size promises.

    Raises:
        TooMuch: it unfolds too far, or is too wide or too long.
        Entities: a part defines entities.
        Exception: it is broken, in whatever way.
    """
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        inside = archive.infolist()
        most = min(_MOST_UNPACKED, _UNPACKED + _UNFOLDS * len(body))
        if sum(each.file_size for each in inside) > most:
            raise TooMuch
        if {each.compress_type for each in inside} - _PACKED:
            raise zipfile.BadZipFile
        look = _Look(len(body))
        for each in inside:
            with archive.open(each) as part:
                look.through(part)


class _Look:
    """Counts through every part, by the parser that will read them again."""

    def __init__(self, size: int) -> None:
        self._left = _ELEMENTS + _PER_BYTE * size
        self._slow_left = _SLOW + size // _BYTES_FOR_ONE
        self._depth = 0  # of elements inside a row, the row included
        self._in_row = 0

    def through(self, part: IO[bytes]) -> None:
        """Read a part to its end, or to where it is no XML: nobody reads on from there."""
        self._depth = 0
        parser: Any = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            while piece := part.read(_PIECE):
                parser.Parse(piece, False)
        except expat.ExpatError:
            return

    def _doctype(self, *_: object) -> None:
        raise Entities

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(" ")[2]
        self._left -= 1
        self._slow_left -= kind not in _FAST
        place = attributes.get("r", "")
        if kind == "row":
            self._in_row = self._in_row if self._depth else 0
            is_far = _row(place) > _MOST_ROWS
        else:
            self._in_row += self._depth > 0
            is_far = _column(place) > _MOST_COLUMNS
        self._depth += kind == "row" or self._depth > 0
        if is_far or self._in_row > _MOST_IN_A_ROW or self._left < 0 or self._slow_left < 0:
            raise TooMuch

    def _end(self, _: str) -> None:
        self._depth = max(0, self._depth - 1)


def _row(place: str) -> int:
    """Return a row's number; one that cannot be read is refused by whoever opens the workbook."""
    return int(place) if place.isdecimal() and len(place) < 19 else _MOST_ROWS * len(place)


def _column(place: str) -> int:
    """Return the number of a cell's column: 2 of "B7"."""
    column = 0
    for letter in place[:4].upper():
        if not "A" <= letter <= "Z":
            break
        column = 26 * column + ord(letter) - ord("A") + 1
    return column
