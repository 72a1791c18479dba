"""What may stand in a cell of a workbook, and the colours of the matrix.

Apart from `intake.ward.sheet_cells`, which is slow to import: most processes write no workbook.
"""

from datetime import date, datetime
from typing import NamedTuple

Value = str | int | float | bool | date | datetime | None


class Percent(NamedTuple):
    """A share as a cell: a number that the program shows in per cent."""

    value: float


class Letter(NamedTuple):
    """A letter of the matrix; its colour says the same for those who see colours."""

    sign: str


Cell = Value | Percent | Letter
COLOURS = {"Đ": "D5E8D4", "M": "FFE6B3", "T": "F8CECC", "X": "E1D5E7", "·": "FFFFFF"}
