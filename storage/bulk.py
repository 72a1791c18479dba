"""Many ids into a question, many rows into a table: without the cost of a parameter for each.

A sweep over the country asks about thousands of people at once and writes thousands of rows. One
parameter holds them all: an array on PostgreSQL, one long value that is cut up on SQLite.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Connection,
    LargeBinary,
    Select,
    Table,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql

ID_BYTES = 16


def _ids_on_sqlite() -> Select[Any]:
    first: Any = select(literal(0).label("i")).cte("at", recursive=True)
    place = first.union_all(select(first.c.i + 1).where(first.c.i + 1 < bindparam("many")))
    joined = bindparam("ids", type_=LargeBinary())
    return select(func.substr(joined, place.c.i * ID_BYTES + 1, ID_BYTES))


def _ids_on_postgresql() -> Select[Any]:
    return select(func.unnest(bindparam("ids", type_=postgresql.ARRAY(postgresql.BYTEA()))))


class AboutIds:
    """A question about many ids of 16 bytes; ``ask`` gets a subquery to compare with."""

    def __init__(self, ask: Callable[[Any], Any]) -> None:
        self._sqlite: Any = ask(_ids_on_sqlite())
        self._postgresql: Any = ask(_ids_on_postgresql())

    def rows(self, connection: Connection, ids: Collection[bytes], **values: Any) -> list[Any]:
        """Return the answer; nothing for no ids."""
        if not ids:
            return []
        if connection.dialect.name == "sqlite":
            asked = {"ids": b"".join(ids), "many": len(ids), **values}
            return list(connection.execute(self._sqlite, asked).all())
        return list(connection.execute(self._postgresql, {"ids": list(ids), **values}).all())


class ManyRows:
    """An insert of many rows, in the order of the table's columns; ``tail`` says what if one is."""

    def __init__(self, table: Table, tail: str) -> None:
        self._columns = list(table.columns)
        names = ", ".join(f'"{column.name}"' for column in self._columns)
        head = f"INSERT INTO {table.name} ({names})"
        marks = ", ".join("?" for _ in self._columns)
        dialect = postgresql.dialect()  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
        arrays = ", ".join(f"%b::{column.type.compile(dialect)}[]" for column in self._columns)
        self._sqlite = f"{head} VALUES ({marks}) {tail}"
        self._postgresql = f"{head} SELECT * FROM unnest({arrays}) {tail}"  # noqa: S608  names alone

    def add(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            columns = [self._written(connection, at, rows) for at in range(len(self._columns))]
            connection.exec_driver_sql(self._sqlite, list(zip(*columns, strict=True)))
        else:
            columns = [[row[at] for row in rows] for at in range(len(self._columns))]
            connection.exec_driver_sql(self._postgresql, tuple(columns))

    def _written(self, connection: Connection, at: int, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Return a column as SQLite's driver wants it; the same day is turned into text once."""
        values = [row[at] for row in rows]
        if not any(isinstance(value, date) for value in values):
            return values
        turn: Any = self._columns[at].type.dialect_impl(connection.dialect)
        process = turn.bind_processor(connection.dialect)
        known = {value: process(value) for value in set(values) if value is not None}
        known[None] = None
        return [known[value] for value in values]
