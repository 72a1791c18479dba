"""What somebody who holds the database file, or PostgreSQL's system columns, can read from them."""

import re
import struct
from collections.abc import Sequence
from pathlib import Path

PAGE = 4096


def mark(number: int, kind: str) -> bytes:
    """Bytes to put at the end of a blob, where they lie on its last overflow page."""
    return f"<{kind}:{number:06d}>".encode()


def offsets(path: Path, kind: str) -> dict[int, list[int]]:
    """Where the marks of a kind stand in a file: number → offsets."""
    found: dict[int, list[int]] = {}
    for match in re.finditer(f"<{kind}:(\\d{{6}})>".encode(), path.read_bytes()):
        found.setdefault(int(match.group(1)), []).append(match.start())
    return found


def free_pages(path: Path) -> list[int]:
    """The pages on SQLite's list of free ones."""
    data = path.read_bytes()
    trunk = struct.unpack(">I", data[32:36])[0]
    pages: list[int] = []
    while trunk:
        start = (trunk - 1) * PAGE
        after, count = struct.unpack(">II", data[start : start + 8])
        pages += [trunk, *struct.unpack(f">{count}I", data[start + 8 : start + 8 + 4 * count])]
        trunk = after
    return pages


def ranks(values: Sequence[float | bytes]) -> list[int]:
    """The place of each value among all of them."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0] * len(values)
    for rank, index in enumerate(order):
        result[index] = rank
    return result


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Rank correlation: 1 for the same order, -1 for the opposite, about 0 for none."""
    first, second = ranks(one), ranks(other)
    middle = (len(one) - 1) / 2
    spread = sum((rank - middle) ** 2 for rank in range(len(one)))
    return sum((a - middle) * (b - middle) for a, b in zip(first, second, strict=True)) / spread
