"""The matrix of a commune as a picture for a phone: in every cell a letter beside its colour."""

import io
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw

from intake.ward.drawn_text import Pen
from intake.ward.sheet_shapes import COLOURS
from intake.work.compliance_shapes import Column, Matrix

MOST_ROWS = 120
_ROW, _CELL, _NAMES, _EDGE = 34, 104, 300, 20
_TITLE, _HEADS, _FOOT = 62, 96, 76
_INK, _LINE, _FADED = "#1b1b1b", "#b9b9b9", "#555555"
_LEGEND = "Đ đủ · M muộn · T thiếu · X miễn · chấm: chưa tới hạn · gạch: đã sáp nhập"


def draw_matrix(
    matrix: Matrix, title: str, titles: Mapping[str, str], *, own_marks: bool = False
) -> bytes:
    """Return a PNG; ``titles`` names the duties. Rows beyond 120 are counted, not drawn."""
    rows = matrix.rows[:MOST_ROWS]
    width = max(2 * _EDGE + _NAMES + _CELL * len(matrix.columns), 760)
    height = _TITLE + _HEADS + _ROW * len(rows) + _FOOT + _EDGE
    picture = Image.new("RGB", (width, height), "white")
    board = _Board(ImageDraw.Draw(picture), own_marks=own_marks)
    board.head(title, matrix.columns, titles, width)
    for at, row in enumerate(rows):
        board.row(at, row.owner_name, [cell.letter for cell in row.cells])
    board.foot(len(rows), len(matrix.rows) - len(rows))
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


class _Board:
    """The picture that is being drawn."""

    def __init__(self, draw: ImageDraw.ImageDraw, *, own_marks: bool) -> None:
        self._draw = draw
        self._large = Pen(draw, 24, own_marks=own_marks)
        self._small = Pen(draw, 14, own_marks=own_marks)
        self._plain = Pen(draw, 19, own_marks=own_marks)

    def head(
        self, title: str, columns: Sequence[Column], titles: Mapping[str, str], width: int
    ) -> None:
        room = width - 2 * _EDGE
        self._large.write((_EDGE, 18), self._large.cut(title, room), _INK)
        for at, column in enumerate(columns):
            x = _EDGE + _NAMES + at * _CELL
            lines = [*self._broken(titles.get(column.duty, column.duty)), column.period_label]
            for line, text in enumerate(lines):
                shown = self._small.cut(text.removeprefix("tháng "), _CELL - 6)
                self._small.write((x + 4, _TITLE + 6 + 22 * line), shown, _FADED)

    def row(self, at: int, name: str, letters: Sequence[str]) -> None:
        top = _TITLE + _HEADS + at * _ROW
        self._draw.line((_EDGE, top, _EDGE + _NAMES, top), fill=_LINE)
        self._plain.write((_EDGE + 2, top + 5), self._plain.cut(name, _NAMES - 10), _INK)
        for column, letter in enumerate(letters):
            x = _EDGE + _NAMES + column * _CELL
            box = (x, top, x + _CELL, top + _ROW)
            self._draw.rectangle(box, fill=f"#{COLOURS.get(letter, 'EEEEEE')}", outline=_LINE)
            middle = x + (_CELL - self._plain.width(letter)) / 2
            self._plain.write((middle, top + 5), letter, _INK)

    def foot(self, rows: int, more: int) -> None:
        y = _TITLE + _HEADS + rows * _ROW + 12
        self._small.write((_EDGE, y), _LEGEND, _FADED)
        if more:
            rest = f"và {more} đơn vị khác: xem tệp .xlsx"
            self._small.write((_EDGE, y + 26), rest, _INK)

    def _broken(self, title: str) -> list[str]:
        """Return a duty's title in two or three lines that fit a column."""
        lines = [""]
        for word in title.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self._small.width(longer) > _CELL - 6:
                lines.append(word)
            else:
                lines[-1] = longer
        return [*lines[:2], "…"] if len(lines) > 3 else lines
