"""Finds the line of a key in a TOML file, because ``tomllib`` forgets lines.

Knows what our files use: ``[table]``, ``[[table]]``, ``key = value`` with values over several
lines. Only ever used to point at a place; never to read a value.
"""

import re
from collections import Counter

Place = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*\[(\[)?\s*([\w.\"' -]+?)\s*\]?\]\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*(?:\"([^\"]+)\"|'([^']+)'|([\w-]+))\s*(?:\.[\w.-]+\s*)?=")


class Lines:
    """Where each table and each key of a text begins."""

    def __init__(self, text: str) -> None:
        self._at: dict[Place, int] = {}
        self._seen: Counter[str] = Counter()
        table: Place = ()
        for number, line in enumerate(text.splitlines(), 1):
            header = _HEADER.match(line)
            if header:
                table = self._open(header.group(2).strip("\"' "), many=bool(header.group(1)))
                self._at.setdefault(table, number)
            elif key := _KEY.match(line):
                name = key.group(1) or key.group(2) or key.group(3)
                self._at.setdefault((*table, name), number)

    def _open(self, name: str, *, many: bool) -> Place:
        if not many:
            return tuple(name.split("."))
        place = (*name.split("."), self._seen[name])
        self._seen[name] += 1
        return place

    def of(self, place: Place) -> int:
        """Return the line of ``place``, or of what it lies in; 1 when nothing of it is written."""
        while place:
            if place in self._at:
                return self._at[place]
            place = place[:-1]
        return 1
