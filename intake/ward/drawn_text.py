"""Vietnamese text on a picture, on any machine.

A font of the system draws it where there is one that knows our letters. Otherwise Pillow's own font
draws the bare letters, and the marks are put on them stroke by stroke.
"""

import unicodedata
from functools import cache

from PIL import ImageDraw, ImageFont

from intake.text import clean

_FONTS = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf",
)  # fmt: skip
_ABOVE, _HAT, _BREVE = "\u0300\u0301\u0303\u0309", "\u0302", "\u0306"
_HORN, _BELOW = "\u031b", "\u0323"
_PLAIN = str.maketrans({"–": "-", "—": "-", "“": '"', "”": '"', "…": "."})

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Point = tuple[float, float]


class Pen:
    """Writes lines of one size; ``own_marks`` keeps the system's fonts out of it."""

    def __init__(self, draw: ImageDraw.ImageDraw, size: int, *, own_marks: bool = False) -> None:
        system = None if own_marks else _system_font(size)
        self._draw, self._size = draw, size
        self._font: Font = system or ImageFont.load_default(size)
        self._knows_all = system is not None

    def width(self, text: str) -> float:
        """Return how wide a line will be."""
        tidy = clean(text)
        return self._draw.textlength(tidy if self._knows_all else _bare(tidy), font=self._font)

    def write(self, at: Point, text: str, colour: str = "#1b1b1b") -> None:
        """Write a line with its top left corner at a point."""
        tidy = clean(text)
        if self._knows_all:
            self._draw.text(at, tidy, fill=colour, font=self._font)
            return
        x, y = at
        for letter in tidy.translate(_PLAIN):
            self._letter((x, y), letter, colour)
            x += self._draw.textlength(_bare(letter), font=self._font)

    def cut(self, text: str, room: float) -> str:
        """Return text that fits, with dots where something was left out."""
        tidy = clean(text)
        if self.width(tidy) <= room:
            return tidy
        while tidy and self.width(f"{tidy}…") > room:
            tidy = tidy[:-1]
        return f"{tidy.rstrip()}…"

    # --- letters whose marks we put on ourselves --------------------------------------------------

    def _letter(self, at: Point, letter: str, colour: str) -> None:
        base, marks = _bare(letter), unicodedata.normalize("NFD", letter)[1:]
        self._draw.text(at, base, fill=colour, font=self._font)
        if base.strip():
            left, top, right, bottom = self._draw.textbbox(at, base, font=self._font)
            _Marks(self._draw, self._size, colour).put((left, top, right, bottom), letter, marks)


class _Marks:
    """The strokes on one letter, whose box is known."""

    def __init__(self, draw: ImageDraw.ImageDraw, size: int, colour: str) -> None:
        self._draw, self._unit, self._colour = draw, size / 16, colour
        self._width = max(1, round(size / 14))

    def put(self, box: tuple[float, float, float, float], letter: str, marks: str) -> None:
        left, top, right, bottom = box
        middle, u = (left + right) / 2, self._unit
        if letter in "đĐ":
            y = top + 3 * u if letter == "đ" else (top + bottom) / 2
            across = (middle, right + u) if letter == "đ" else (left - 2 * u, middle)
            self._line((across[0], y), (across[1], y))
        if _HORN in marks:
            self._line((right - u, top + u), (right + 1.5 * u, top), (right + 1.5 * u, top - 2 * u))
        if _BELOW in marks:
            self._dot((middle, bottom + 2 * u))
        y = top - 1.5 * u
        if _HAT in marks:
            self._line((middle - 2.5 * u, y), (middle, y - 2 * u), (middle + 2.5 * u, y))
            middle, y = middle + 2.5 * u, y - 1.5 * u
        elif _BREVE in marks:
            self._line(
                (middle - 2.5 * u, y - 1.5 * u), (middle - u, y), (middle + u, y),
                (middle + 2.5 * u, y - 1.5 * u),
            )  # fmt: skip
            y -= 2 * u
        tone = next((mark for mark in marks if mark in _ABOVE), "")
        if tone:
            self._tone(tone, (middle, y))

    def _tone(self, tone: str, at: Point) -> None:
        (x, y), u = at, self._unit
        match tone:
            case "\u0301":
                self._line((x - u, y), (x + 1.5 * u, y - 2.5 * u))
            case "\u0300":
                self._line((x - 1.5 * u, y - 2.5 * u), (x + u, y))
            case "\u0309":
                self._line(
                    (x - u, y - 2.5 * u), (x + 0.5 * u, y - 3 * u), (x + u, y - 2 * u), (x, y - u),
                    (x, y),
                )  # fmt: skip
            case _:
                self._line(
                    (x - 2.5 * u, y - 0.5 * u), (x - u, y - 1.8 * u), (x + u, y - 0.5 * u),
                    (x + 2.5 * u, y - 1.8 * u),
                )  # fmt: skip

    def _line(self, *points: Point) -> None:
        self._draw.line(points, fill=self._colour, width=self._width, joint="curve")

    def _dot(self, at: Point) -> None:
        (x, y), r = at, 0.9 * self._unit
        self._draw.ellipse((x - r, y - r, x + r, y + r), fill=self._colour)


def _bare(text: str) -> str:
    """Return text without marks, in the letters that every font has."""
    plain = text.translate(_PLAIN).replace("đ", "d").replace("Đ", "D")
    apart = unicodedata.normalize("NFD", plain)
    return "".join(char for char in apart if not unicodedata.combining(char))


@cache
def _system_font(size: int) -> Font | None:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return None
