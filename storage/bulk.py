"""Many ids into a question, many rows into a table: without the cost of a parameter for each.

A sweep over the country asks about thousands of people at once and writes thousands of rows. One
parameter holds them all: an array on PostgreSQL, one long value that is cut up on SQLite.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    LargeBinary,
    Table,
    any_,
    bindparam,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.types import UserDefinedType

ID_BYTES = 16
FEW = 100
_PLAN_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""A plan kept since a table was small would compare each of its rows with each of the ids."""

Among = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""Says of a column that its value is among the ids asked about."""


def _among_on_sqlite() -> Among:
    first: Any = select(literal(0).label("i")).cte("at", recursive=True)
    place = first.union_all(select(first.c.i + 1).where(first.c.i + 1 < bindparam("many")))
    joined = bindparam("ids", type_=LargeBinary())
    ids = select(func.substr(joined, place.c.i * ID_BYTES + 1, ID_BYTES))
    return lambda column: column.in_(ids)


class _Ids(UserDefinedType[Collection[bytes]]):
    """An array of ids as PostgreSQL reads it; the driver would search each for what to escape."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "BYTEA[]"

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ARG002
        def literal_of(ids: Collection[bytes]) -> str:
            return "{" + ",".join([f'"\\\\x{each.hex()}"' for each in ids]) + "}"

        return literal_of


def _among_on_postgresql() -> Among:
    # One array, not rows to join with: where a table has grown since it was analysed, such a join
    # becomes a loop over everything for each id.
    ids: Any = bindparam("ids", type_=_Ids())
    return lambda column: column == any_(ids)


class AboutIds:
    """A question about many ids of 16 bytes; ``ask`` is told how to say "among them"."""

    def __init__(self, ask: Callable[[Among], Any]) -> None:
        self._sqlite: Any = ask(_among_on_sqlite())
        self._postgresql: Any = ask(_among_on_postgresql())

    def rows(self, connection: Connection, ids: Collection[bytes], **values: Any) -> list[Any]:
        """Return the answer; nothing for no ids."""
        if not ids:
            return []
        if connection.dialect.name == "sqlite":
            asked = {"ids": b"".join(ids), "many": len(ids), **values}
            return list(connection.execute(self._sqlite, asked).all())
        if len(ids) > FEW:
            connection.execute(_PLAN_ANEW)
        return list(connection.execute(self._postgresql, {"ids": ids, **values}).all())


class ManyRows:
    """An insert of many rows, in the order of the table's columns; ``tail`` says what if one is."""

    def __init__(self, table: Table, tail: str) -> None:
        self._columns = list(table.columns)
        names = ", ".join(f'"{column.name}"' for column in self._columns)
        self._head, self._tail = f"INSERT INTO {table.name} ({names})", tail
        self._in = cache(self._made)

    def add(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> int:
        """Add rows; return how many were added or changed."""
        if not rows:
            return 0
        statement = self._in(connection.dialect)
        if connection.dialect.name == "sqlite":
            columns = [self._written(connection, at, rows) for at in range(len(self._columns))]
            done = connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))
        else:
            columns = [[row[at] for row in rows] for at in range(len(self._columns))]
            done = connection.exec_driver_sql(statement, tuple(columns))
        return done.rowcount

    def _made(self, dialect: Dialect) -> str:
        if dialect.name == "sqlite":
            values = f"VALUES ({', '.join('?' for _ in self._columns)})"
        else:
            arrays = (f"%b::{column.type.compile(dialect)}[]" for column in self._columns)
            values = f"SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608  names alone
        return f"{self._head} {values} {self._tail}"

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
