"""Small pieces that every store uses: its table, and the statements that differ between databases.

Nothing here runs a statement.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Insert, Select, Table, and_, bindparam, select
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


def of_tip(table: Table, *, many: bool = False) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a row belongs to the tip ``tip``; its id is found in an index.

    ``many``: that it belongs to one of the tips ``tips``.

    Keeping no statistics, SQLite would look through the whole table wherever a column is read that
    the index does not hold: it takes the primary key for as good, of which it has the first column.
    """
    inside = table.alias("inside")
    asked = inside.c.tip_id == bindparam("tip")
    if many:
        asked = inside.c.tip_id.in_(bindparam("tips", expanding=True))
    ids = select(inside.c.id).where(inside.c.fresh.in_(BOTH), asked)
    return table.c.fresh.in_(BOTH), table.c.id.in_(ids)


T = TypeVar("T")


def in_chunks(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Yield ``values`` in lists short enough for one statement's parameters; none for nothing."""
    left = iter(values)
    while some := list(islice(left, size)):
        yield some


def insert_into(table: Table, dialect: str) -> Any:
    """Return an insert that can say what to do where there is a row already.

    A process loads the dialect that it speaks and no other: PostgreSQL's takes two megabytes.
    """
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415
    else:
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415
    return insert(table)


class InsertOrIgnore:
    """An insert that leaves an existing row alone; ``rowcount`` tells which happened.

    ``chosen``: the values for all columns in their order, where they depend on a condition.
    """

    def __init__(self, table: Table, chosen: Select[Any] | None = None) -> None:
        self._table = table
        self._chosen = chosen
        self._in = cache(self._made)

    def on(self, connection: Connection) -> Insert:
        """Return the statement for this connection's database."""
        return self._in(connection.dialect.name)

    def _made(self, dialect: str) -> Insert:
        keep: Any = {"preserve_rowcount": True}  # SQLAlchemy drops an insert's count otherwise
        into = insert_into(self._table, dialect)
        if self._chosen is not None:
            into = into.from_select([column.name for column in self._table.columns], self._chosen)
        return into.on_conflict_do_nothing().execution_options(**keep)


class Upsert:
    """An insert that overwrites the row with the same key.

    ``instead`` names columns that become something else than the new value (a counter).
    """

    def __init__(self, table: Table, **instead: ColumnElement[Any]) -> None:
        self._table = table
        self._instead = instead
        self._in = cache(self._made)

    def on(self, connection: Connection) -> Insert:
        """Return the statement for this connection's database."""
        return self._in(connection.dialect.name)

    def _made(self, dialect: str) -> Insert:
        into = insert_into(self._table, dialect)
        names = [column.name for column in self._table.columns]
        keys = [column.name for column in self._table.primary_key]
        new = {name: into.excluded[name] for name in names if name not in keys}
        return into.on_conflict_do_update(index_elements=keys, set_=new | self._instead)


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
