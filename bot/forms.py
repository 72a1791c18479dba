"""Reads what a browser posts: text fields and pictures, in RAM and nowhere else.

Our own reader, because common ones move an upload over 1 MiB to a temporary file in clear
(``security.md`` 8). It works on a body whose size the guard has already capped; of a form that was
too large the guard leaves only the beginning, where the words stand. It never keeps a file's name,
never writes a byte anywhere and never repeats what was typed in an error.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.guard import WORDS_ONLY
from intake.errors import NotValid

_MOST_PARTS = 48
_LONGEST_FIELD = 65_536  # bytes; a whole tip is at most 8,000 characters
_LONGEST_HEADERS = 4_096
_BOUNDARY = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?\s*(?:;|$)', re.IGNORECASE)
_NAME = re.compile(rb';\s*name="([^"\r\n]{1,64})"', re.IGNORECASE)
_HAS_FILE_NAME = re.compile(rb";\s*filename\*?=", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class Form:
    """The fields (first value wins), the pictures, and how many were left out as too large.

    ``words_only`` when the pictures were too large together and none was kept.
    """

    fields: dict[str, str]
    pictures: tuple[bytes, ...] = ()
    too_large: int = 0
    words_only: bool = False

    def get(self, name: str) -> str:
        """Return a field's text, or an empty string."""
        return self.fields.get(name, "")


async def read_form(request: Request, largest: int) -> Form:
    """Return the posted form; pictures over ``largest`` bytes are counted and left out.

    Raises:
        NotValid: not a form, or one that is cut off or malformed.
    """
    content_type = request.headers.get("content-type", "")
    body = await request.body()
    if content_type.startswith("multipart/form-data"):
        if request.scope.get(WORDS_ONLY):
            return _words(_pieces(body, content_type)[1:-1])
        return _multipart(body, content_type, largest)
    if content_type.startswith("application/x-www-form-urlencoded"):
        return _urlencoded(body)
    raise NotValid("not a form")


def _urlencoded(body: bytes) -> Form:
    if len(body) > _LONGEST_FIELD * 4:
        raise NotValid("form too long")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="replace", max_num_fields=64
        )
    except ValueError:
        raise NotValid("malformed form") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return Form(fields)


def _multipart(body: bytes, content_type: str, largest: int) -> Form:
    pieces = _pieces(body, content_type)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise NotValid("the form is cut off")
    fields: dict[str, str] = {}
    pictures: list[bytes] = []
    too_large = 0
    for piece in pieces[1:-1]:
        head, data = _split(piece)
        if _HAS_FILE_NAME.search(head) is None:
            fields.setdefault(_field_name(head), _text(data))
        elif len(data) > largest:
            too_large += 1
        elif data:
            pictures.append(data)
    return Form(fields, tuple(pictures), too_large)


def _words(pieces: list[bytes]) -> Form:
    """Return what stands before the first file of a form whose end is missing."""
    fields: dict[str, str] = {}
    for head, data in map(_split, pieces):
        if _HAS_FILE_NAME.search(head):
            break
        fields.setdefault(_field_name(head), _text(data))
    return Form(fields, words_only=True)


def _pieces(body: bytes, content_type: str) -> list[bytes]:
    """Return what stands between the form's delimiters, with what is before and behind them."""
    found = _BOUNDARY.search(content_type)
    if not found:
        raise NotValid("malformed form")
    delimiter = b"\r\n--" + found.group(1).encode()
    return (b"\r\n" + body).split(delimiter, _MOST_PARTS)


def _split(piece: bytes) -> tuple[bytes, bytes]:
    """Return one part's headers and its bytes."""
    head, gap, data = piece.partition(b"\r\n\r\n")
    if not gap or len(head) > _LONGEST_HEADERS:
        raise NotValid("malformed form")
    return head, data


def _field_name(head: bytes) -> str:
    found = _NAME.search(head)
    if not found:
        raise NotValid("malformed form")
    return found.group(1).decode("utf-8", "replace")


def _text(data: bytes) -> str:
    if len(data) > _LONGEST_FIELD:
        raise NotValid("a field is too long")
    return data.decode("utf-8", "replace")
