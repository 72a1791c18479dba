"""Rows of a backup as bytes, and back: JSON for what is small, raw bytes behind it. Pure."""

import json
from datetime import date, datetime
from typing import Any, cast

from storage.backups import Batch, Set

_LENGTH = 8


def write_batch(batch: Batch) -> bytes:
    """Return a batch as bytes."""
    blobs: list[bytes] = []
    rows = [[_written(value, blobs) for value in row] for row in batch.rows]
    text = json.dumps([batch.table, batch.columns, rows], separators=(",", ":")).encode()
    return len(text).to_bytes(_LENGTH) + text + b"".join(blobs)


def read_batch(kind: Set, frame: bytes) -> Batch:
    """Return what `write_batch` wrote.

    Raises:
        ValueError: it did not write this.
    """
    end = _LENGTH + int.from_bytes(frame[:_LENGTH])
    table, columns, rows = json.loads(frame[_LENGTH:end])
    blobs = _Blobs(frame, end)
    read = [tuple(_read(value, blobs) for value in row) for row in rows]
    if not blobs.all_read:
        raise ValueError("bytes that belong to no row")
    return Batch(kind, table, tuple(columns), read)


class _Blobs:
    """Hands out the raw bytes in the order in which they were written."""

    def __init__(self, frame: bytes, start: int) -> None:
        self._frame = frame
        self._at = start

    def take(self, size: int) -> bytes:
        found = self._frame[self._at : self._at + size]
        if len(found) != size:
            raise ValueError("bytes are missing")
        self._at += size
        return found

    @property
    def all_read(self) -> bool:
        return self._at == len(self._frame)


def _written(value: Any, blobs: list[bytes]) -> Any:
    """Return a value as JSON has it: bytes by their length, days and moments marked."""
    if isinstance(value, bytes):
        blobs.append(value)
        return {"b": len(value)}
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError("a value of a kind that no column has")


def _read(value: Any, blobs: _Blobs) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, held),) = cast("dict[str, Any]", value).items()
    if kind == "b":
        return blobs.take(held)
    return datetime.fromisoformat(held) if kind == "t" else date.fromisoformat(held)
