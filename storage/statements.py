"""Small pieces that every store uses: its table, and the statements that differ between databases.

Nothing here runs a statement.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Insert, Table, and_, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import SQLModel

BOTH = (0, 1)  # fresh and settled rows: see storage.tables


class Store:
    """Statements over one group of tables, on the connection of a unit of work."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


def table_of(model: type[SQLModel]) -> Table:
    """Return the Core table that a model declares."""
    declared: Any = model
    return declared.__table__


def at_chat(table: Table) -> ColumnElement[bool]:
    """Return the condition that a row is of the chat ``at_channel``, ``at_address``."""
    return and_(
        table.c.channel == bindparam("at_channel"), table.c.address == bindparam("at_address")
    )


T = TypeVar("T")


def in_chunks(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Yield ``values`` in lists short enough for one statement's parameters; none for nothing."""
    left = iter(values)
    while some := list(islice(left, size)):
        yield some


class InsertOrIgnore:
    """An insert that leaves an existing row alone; ``rowcount`` tells which happened."""

    def __init__(self, table: Table) -> None:
        keep: Any = {"preserve_rowcount": True}  # SQLAlchemy drops an insert's count otherwise
        self._sqlite: Insert = sqlite.insert(table).on_conflict_do_nothing()
        self._postgresql: Insert = postgresql.insert(table).on_conflict_do_nothing()
        self._sqlite = self._sqlite.execution_options(**keep)
        self._postgresql = self._postgresql.execution_options(**keep)

    def on(self, connection: Connection) -> Insert:
        """Return the statement for this connection's database."""
        return self._sqlite if connection.dialect.name == "sqlite" else self._postgresql


class Upsert:
    """An insert that overwrites the row with the same key.

    ``instead`` names columns that become something else than the new value (a counter).
    """

    def __init__(self, table: Table, **instead: ColumnElement[Any]) -> None:
        keys = [column.name for column in table.primary_key]
        names = [column.name for column in table.columns if column.name not in keys]
        one, other = sqlite.insert(table), postgresql.insert(table)
        self._sqlite: Insert = one.on_conflict_do_update(
            index_elements=keys, set_={name: one.excluded[name] for name in names} | instead
        )
        self._postgresql: Insert = other.on_conflict_do_update(
            index_elements=keys, set_={name: other.excluded[name] for name in names} | instead
        )

    def on(self, connection: Connection) -> Insert:
        """Return the statement for this connection's database."""
        return self._sqlite if connection.dialect.name == "sqlite" else self._postgresql


class Aside(FunctionElement[str]):
    """A column that SQLite looks nothing up by.

    It keeps no statistics, and would begin with everything that is open in the country, not with
    the people who are asked about. PostgreSQL does, and must see the column to use them.
    """

    name = "aside"
    inherit_cache = True


@compiles(Aside)
def _plain(element: Aside, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(Aside, "sqlite")
def _without_index(element: Aside, compiler: SQLCompiler, **options: Any) -> str:
    return "+" + compiler.process(element.clauses, **options)
