"""Unique marks to put into everything secret, and the search that must not find them again.

A mark is looked for in every form in which software writes text and numbers down: plain, composed
and decomposed, without tone marks, escaped, hexadecimal, base64 at each of its three alignments,
UTF-16, reversed, in groups, as an integer of a database.
"""

import base64
import html
import json
import secrets
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from intake.text import fold

_SYLLABLES = (
    "quỵnh", "đẫm", "trượt", "kễnh", "ngoẵn", "thướt", "bũm", "rộp", "huých", "đượm", "giễng",
    "nghịu", "phệt", "loãng", "chễm", "sượng", "vẫy", "xoắn", "mướt", "toẹt", "đỗng", "khựng",
)  # fmt: skip
_SHORTEST = 8  # bytes; a shorter form would be found by chance


class Form:
    """One form of a mark, and the words of four bytes that it holds at each alignment."""

    def __init__(self, name: str, pattern: bytes) -> None:
        self.name = name
        self.pattern = pattern
        self.exact = name.startswith("base64")
        self.words = [
            struct.unpack_from(f"{(len(pattern) - start) // 4}I", pattern, start)
            for start in range(4)
        ]


class Mark(NamedTuple):
    """One secret: what it is, its forms, and the roles that may read it in their own answers."""

    name: str
    forms: tuple[Form, ...]
    seen_by: frozenset[str]


class Evidence(NamedTuple):
    """Something to search: where it was found, its bytes, and whose answer it was, if any."""

    where: str
    data: bytes
    role: str | None = None


@dataclass
class Marks:
    """The marks of one story."""

    known: list[Mark]

    @classmethod
    def none_yet(cls) -> "Marks":
        return cls([])

    def word(self, name: str, *seen_by: str) -> str:
        """Return a Vietnamese word that nobody has ever written."""
        return self.add(name, "".join(secrets.choice(_SYLLABLES) for _ in range(4)), *seen_by)

    def ascii(self, name: str, *seen_by: str) -> str:
        """Return a word for places that take no Vietnamese."""
        letters = "".join(secrets.choice("bcdfghjklmnpqrstvxz") for _ in range(14))
        return self.add(name, f"q{letters}", *seen_by)

    def number(self, name: str, size: int, *seen_by: str) -> str:
        """Return a number of so many digits."""
        digits = str(secrets.randbelow(8) + 1) + "".join(
            secrets.choice("0123456789") for _ in range(size - 1)
        )
        return self.add(name, digits, *seen_by)

    def address(self, name: str) -> str:
        """Return a network address; so much of it as names a household is a mark by itself."""
        first = [f"{secrets.randbelow(0xEFFF) + 0x1000:x}" for _ in range(2)]
        last = [f"{secrets.randbelow(0xEFFF) + 0x1000:x}" for _ in range(4)]
        self.add(f"{name}, its first half", ":".join(["2001", "db8", *first]))
        return self.add(name, ":".join(["2001", "db8", *first, *last]))

    def share(self, name: str, *seen_by: str) -> None:
        """Let more roles read what was private until now."""
        self.known = [
            mark._replace(seen_by=mark.seen_by | set(seen_by)) if mark.name == name else mark
            for mark in self.known
        ]

    def add(self, name: str, value: str | bytes, *seen_by: str) -> str:
        """Note a secret that somebody else made."""
        told = dict(_of_bytes(value) if isinstance(value, bytes) else _of_text(value))
        forms = tuple(Form(form, pattern) for form, pattern in told.items())
        assert forms, name
        self.known.append(Mark(name, forms, frozenset(seen_by)))
        return value if isinstance(value, str) else ""

    def found_in(self, evidence: Iterable[Evidence]) -> list[str]:
        """Return what was found and where; marks that a role may see are left out there."""
        folded, exact = (Net(self.known, exact=each) for each in (False, True))
        found: dict[tuple[str, str], str] = {}
        for each in evidence:
            for mark, form in (*folded.catches(each.data.lower()), *exact.catches(each.data)):
                if each.role is None or each.role not in mark.seen_by:
                    told = f"{mark.name} ({form.name}) in {each.where}"
                    found.setdefault((mark.name, each.where), told)
        return list(found.values())


class Net:
    """Looks for thousands of patterns at once.

    Wherever a pattern stands, all its aligned words of four bytes stand there too: what lacks one
    is not searched for.
    """

    def __init__(self, marks: Iterable[Mark], *, exact: bool) -> None:
        self._wanted = [(m, form) for m in marks for form in m.forms if form.exact is exact]
        self._words = frozenset(
            word for _, form in self._wanted for words in form.words for word in words
        )

    def catches(self, data: bytes) -> Iterator[tuple[Mark, Form]]:
        """Yield every form that stands in ``data``."""
        here = self._words.intersection(memoryview(data[: len(data) // 4 * 4]).cast("I"))
        for mark, form in self._wanted:
            if any(here.issuperset(words) for words in form.words) and form.pattern in data:
                yield mark, form


def _of_text(value: str) -> Iterator[tuple[str, bytes]]:
    shapes = {
        "as typed": unicodedata.normalize("NFC", value),
        "decomposed": unicodedata.normalize("NFD", value),
        "folded": fold(value),
        "reversed": value[::-1],
    }
    digits = "".join(letter for letter in value if letter.isdecimal())
    if digits == value:
        shapes |= dict(_of_digits(value))
    for name, shape in dict(_first_of_each(shapes)).items():
        yield from _spelled(name, shape)
    if digits == value:
        yield from _as_numbers(int(value))


def _first_of_each(shapes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for name, shape in shapes.items():
        if shape not in seen:
            seen.add(shape)
            yield name, shape


def _of_digits(value: str) -> Iterator[tuple[str, str]]:
    for size in (3, 4):
        groups = [value[at : at + size] for at in range(0, len(value), size)]
        for mark, name in ((" ", "spaces"), ("-", "dashes"), (".", "dots"), ("\u00a0", "no-break")):
            yield f"groups of {size}, {name}", mark.join(groups)
        yield f"groups of {size}, backwards", "".join(reversed(groups))


def _spelled(name: str, shape: str) -> Iterator[tuple[str, bytes]]:
    """Yield one shape of a text as bytes; all but base64 are searched without regard to case."""
    raw = shape.encode()
    forms = {
        name: raw,
        f"{name}, JSON": json.dumps(shape)[1:-1].encode(),
        f"{name}, HTML": shape.encode("ascii", "xmlcharrefreplace"),
        f"{name}, HTML escaped": html.escape(shape).encode(),
        f"{name}, percent": quote(shape, safe="").encode(),
        f"{name}, hex": raw.hex().encode(),
        f"{name}, UTF-16": shape.encode("utf-16-le"),
        f"{name}, UTF-16 big": shape.encode("utf-16-be"),
    }
    seen: set[bytes] = set()
    for form, spelled in forms.items():
        pattern = spelled.lower()
        if pattern not in seen and len(pattern) >= _SHORTEST:
            seen.add(pattern)
            yield form, pattern
    yield from _in_base64(name, raw)


def _in_base64(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the part of the base64 that does not depend on what stands around the bytes."""
    for start in range(3):
        whole = raw[: (len(raw) + start) // 3 * 3 - start]
        first = -(-8 * start // 6)
        told = base64.b64encode(bytes(start) + whole)[first:]
        for form, pattern in {"": told, " url": told.translate(_URL_SAFE)}.items():
            if len(pattern) >= _SHORTEST and (not form or pattern != told):
                yield f"base64{form} at {start}, {name}", pattern


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _as_numbers(number: int) -> Iterator[tuple[str, bytes]]:
    if 2**40 < number < 2**47:
        yield "integer of SQLite", number.to_bytes(6).lower()
    if 2**40 < number < 2**63:
        yield "integer, big end", number.to_bytes(8).lower()
        yield "integer, little end", number.to_bytes(8, "little").lower()
    if number > 10**11:
        tens = f"{number:0{-(-len(str(number)) // 4) * 4}d}"
        groups = [int(tens[at : at + 4]) for at in range(0, len(tens), 4)]
        yield "numeric of PostgreSQL", b"".join(g.to_bytes(2, "little") for g in groups).lower()


def _of_bytes(raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield "raw", raw.lower()
    yield "hex", raw.hex().encode()
    yield from _in_base64("raw", raw)
