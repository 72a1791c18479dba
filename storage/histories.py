"""Rows that are never overwritten without a row of what stood there: a version, by whom and why."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, bindparam, insert, select, update

from storage.errors import Stale


class Past(NamedTuple):
    """What stood in a row before one change."""

    version: int
    at: datetime
    by: str
    reason: str
    before: str


class History:
    """Writes new versions of a table's rows beside a table of what stood there."""

    def __init__(self, table: Table, past: Table, key: str, written: Collection[str]) -> None:
        """Keep ``written`` columns of ``table``; ``past`` names a row by its column ``key``."""
        self._written = tuple(written)
        new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in self._written}
        new["version"] = bindparam("v")
        self._write = (
            update(table)
            .where(table.c.id == bindparam("key"), table.c.version == bindparam("seen"))
            .values(new)
        )
        self._key, self._add = key, insert(past)
        self._past: Select[Any] = (
            select(*(past.c[name] for name in Past._fields))
            .where(past.c[key] == bindparam("id"))
            .order_by(past.c.version)
        )

    def change(self, connection: Connection, row: Any, past: Past) -> None:
        """Write a new version of a row, keeping what stood there before.

        ``row.version`` is the version that was read; the new one is one more.

        Raises:
            Stale: somebody else changed it first.
        """
        values: dict[str, Any] = {f"new_{name}": getattr(row, name) for name in self._written}
        values |= {"key": row.id, "seen": row.version, "v": row.version + 1}
        if connection.execute(self._write, values).rowcount != 1:
            raise Stale("the row has changed")
        connection.execute(self._add, {self._key: row.id, **past._asdict()})

    def of(self, connection: Connection, row_id: bytes) -> list[Past]:
        """Return what stood in a row before, oldest first."""
        return [Past._make(row) for row in connection.execute(self._past, {"id": row_id})]
