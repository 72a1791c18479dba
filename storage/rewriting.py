"""The nightly rewrite: afterwards nobody can tell in which order a day's rows came.

Random ids do not hide arrival: page numbers in a SQLite file and system columns in PostgreSQL
give it back. So rows are written ``fresh``, which leads the primary key and every index and so
keeps them in pages of their own, and at night each is copied to its settled place **in random
order**, then the fresh ones are deleted, in another random order. Both orders come from the
system's random source and are kept nowhere. (Sorting by id instead would only permute the old
layout in a known way: freed pages are reused in the order in which they were freed, so the order
of arrival could be computed back.)

The cost follows what the day wrote, not what is stored. Rows go in chunks, each one transaction,
so that a night's work never keeps writers waiting for long; a crash leaves rows fresh until the
next run.

Not rewritten: drafts and their pictures, whose expiry stands in clear and which live 48 hours at
most.
"""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Delete,
    Insert,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    literal,
    select,
    text,
)

from storage.statements import table_of
from storage.tables import Part, PushAddress, StopRequest, Tip, Tombstone, Wrap

CHUNK = 128
_RANDOM = random.SystemRandom()

Key = tuple[bytes, ...]


class Settling(NamedTuple):
    """The statements that move the fresh rows of one table."""

    names: tuple[str, ...]
    find: Select[Any]
    clear: Delete
    copy: Insert
    drop: Delete


def _settling(table: Table) -> Settling:
    names = tuple(column.name for column in table.primary_key if column.name != "fresh")
    others = [column for column in table.columns if column.name != "fresh"]
    same = [table.c[name] == bindparam(f"k_{name}") for name in names]
    chosen = [table.c.fresh == 1, *same]
    copied = select(literal(0, table.c.fresh.type), *others).where(*chosen)
    return Settling(
        names=names,
        find=select(*(table.c[name] for name in names)).where(table.c.fresh == 1),
        clear=delete(table).where(table.c.fresh == 0, *same),
        copy=insert(table).from_select(["fresh", *(column.name for column in others)], copied),
        drop=delete(table).where(*chosen),
    )


TABLES = tuple(table_of(model) for model in (Tip, Part, Wrap, PushAddress))
SMALL = tuple(table_of(model) for model in (Tombstone, StopRequest))
_SETTLING = {table.name: _settling(table) for table in TABLES}


def fresh_keys(connection: Connection, table: Table) -> list[Key]:
    """Return the keys of a table's fresh rows, in random order."""
    keys = [tuple(row) for row in connection.execute(_SETTLING[table.name].find)]
    _RANDOM.shuffle(keys)
    return keys


def settle(connection: Connection, table: Table, keys: Sequence[Key]) -> None:
    """Move these rows to their settled place, in this order; one that is gone is left out."""
    if not keys:
        return
    how = _SETTLING[table.name]
    rows = [{f"k_{name}": part for name, part in zip(how.names, key, strict=True)} for key in keys]
    _lock(connection, table)
    connection.execute(how.clear, rows)  # nothing, unless a row was written twice: the newer wins
    connection.execute(how.copy, rows)
    _RANDOM.shuffle(rows)
    connection.execute(how.drop, rows)


def reshuffle(connection: Connection, table: Table) -> None:
    """Write a small table anew in random order."""
    _lock(connection, table)
    rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    _RANDOM.shuffle(rows)
    connection.execute(delete(table))
    if rows:
        connection.execute(insert(table), rows)


def names() -> str:
    """Return the names of the tables that the rewrite touches, as SQL lists them."""
    return ", ".join(table.name for table in (*TABLES, *SMALL))


def _lock(connection: Connection, table: Table) -> None:
    """Keep PostgreSQL's other writers off the table: a row must not change while it moves.

    The transaction locks this one table, first of all, and then needs nothing that another writer
    holds: so it can make others wait, and never takes part in a deadlock. SQLite has one writer at
    a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))
