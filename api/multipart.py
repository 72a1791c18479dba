"""Reads a posted form that carries a file: in memory, never to disk, never keeping a file's name.

An own reader for the same reason as for plain forms: the framework's would spool an upload to disk
and echo values in its errors. The body's size is capped before this runs.
"""

import re

from intake.errors import NotValid

MULTIPART = "multipart/form-data"
_MOST_PARTS = 20
_BOUNDARY = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?\s*(?:;|$)', re.IGNORECASE)
_NAME = re.compile(rb';\s*name="([a-z_]{1,40})"', re.IGNORECASE)
_IS_FILE = re.compile(rb";\s*filename\*?=", re.IGNORECASE)


def read_parts(body: bytes, content_type: str) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return the fields and the files of a form, by name; the first of a name counts.

    Raises:
        NotValid: cut off, malformed, not UTF-8, or more parts than any form here has.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise NotValid("a form that cannot be read")
    pieces = (b"\r\n" + body).split(b"\r\n--" + found.group(1).encode())
    if not 2 <= len(pieces) <= _MOST_PARTS + 2 or not pieces[-1].startswith(b"--"):
        raise NotValid("a form that cannot be read")
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for piece in pieces[1:-1]:
        head, gap, value = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not gap or name is None:
            raise NotValid("a form that cannot be read")
        if _IS_FILE.search(head):
            files.setdefault(name.group(1).decode(), value)
        else:
            fields.setdefault(name.group(1).decode(), _text(value))
    return fields, files


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise NotValid("a form that cannot be read") from None
