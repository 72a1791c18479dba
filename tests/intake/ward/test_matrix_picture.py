"""The matrix as a picture: letters, colours and Vietnamese marks, with or without system fonts."""

import io
import unicodedata

import pytest
from PIL import Image, ImageChops, ImageDraw

from intake.ward.drawn_text import Pen
from intake.ward.matrix_picture import MOST_ROWS, draw_matrix
from intake.work.compliance_shapes import Cell, Column, Matrix, MatrixRow

_ASKED = "ắằẳẵặấầẩẫậếềểễệốồổỗộớờởỡợứừửữựđĐƯƠỳỷỹỵịĩỉọỏõụũủ"


def matrix(rows: int, letters: str = "ĐMTX") -> Matrix:
    columns = tuple(
        Column(duty="tt", period=f"2026-{at:02}", period_label=f"tháng {at}/2026")
        for at in range(1, len(letters) + 1)
    )
    cells = tuple(Cell(letter=letter) for letter in letters)
    return Matrix(
        columns=columns,
        rows=tuple(
            MatrixRow(owner_id=str(at), owner_name=f"Tổ dân phố số {at}", cells=cells)
            for at in range(rows)
        ),
    )


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def inked(text: str, *, own_marks: bool) -> Image.Image:
    """Draw one text alone."""
    picture = Image.new("L", (80, 80), "white")
    Pen(ImageDraw.Draw(picture), 32, own_marks=own_marks).write((20, 20), text, "black")
    return picture


def test_a_picture_has_a_line_for_every_row_and_fits_a_phones_limits() -> None:
    few, many = (opened(draw_matrix(matrix(n), "Phường", {"tt": "Tuyên truyền"})) for n in (3, 13))
    assert many.height - few.height == 10 * 34
    largest = opened(draw_matrix(matrix(MOST_ROWS + 50, "Đ" * 24), "Phường", {}))
    assert largest.width + largest.height < 10_000  # what Telegram takes as a picture


def test_each_letter_has_its_own_colour() -> None:
    colours = opened(draw_matrix(matrix(1), "Phường", {})).getcolors(100_000) or []
    seen = {colour for _, colour in colours}
    assert {(0xD5, 0xE8, 0xD4), (0xFF, 0xE6, 0xB3), (0xF8, 0xCE, 0xCC), (0xE1, 0xD5, 0xE7)} <= seen


def test_two_tables_that_differ_in_one_letter_are_two_pictures() -> None:
    one, other = (opened(draw_matrix(matrix(1, signs), "P", {})) for signs in ("ĐM", "ĐT"))
    assert ImageChops.difference(one, other).getbbox() is not None


@pytest.mark.parametrize("own_marks", [True, False])
def test_every_vietnamese_letter_is_drawn_with_its_marks(own_marks: bool) -> None:
    drawn = {letter: inked(letter, own_marks=own_marks).tobytes() for letter in _ASKED}
    assert len(set(drawn.values())) == len(_ASKED)  # no two alike: no box in place of a letter
    for letter in _ASKED:
        bare = unicodedata.normalize("NFD", letter.replace("đ", "d").replace("Đ", "D"))[0]
        assert drawn[letter] != inked(bare, own_marks=own_marks).tobytes()


def test_a_long_name_is_cut_to_the_room_it_has() -> None:
    pen = Pen(ImageDraw.Draw(Image.new("L", (10, 10))), 19)
    cut = pen.cut("Tổ dân phố Nguyễn Thị Minh Khai kéo dài", 150)
    assert pen.width(cut) <= 150
    assert cut.endswith("…")
    assert pen.cut("Tổ 1", 150) == "Tổ 1"
