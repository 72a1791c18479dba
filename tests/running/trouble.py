"""Real trouble for a running house: locks, commits that fail, faults in a step."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from unittest.mock import patch

import psycopg
from sqlalchemy import text

from storage.database import Database

_TABLES = ("tip", "part", "draft")


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Hold the lock that every write needs."""
    if database.path is not None:
        with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
    else:
        with psycopg.connect(_address(database)) as other:
            other.execute("LOCK TABLE draft, tip, part, audit_row IN EXCLUSIVE MODE")
            yield
            other.rollback()


@contextmanager
def broken_commit(database: Database) -> Iterator[None]:
    """Let every COMMIT that holds a draft, a tip or a part fail, with the row in its complaint."""
    break_it, mend_it = (
        (_SQLITE_BREAKS, _SQLITE_MENDS)
        if database.path is not None
        else (_POSTGRES_BREAKS, _POSTGRES_MENDS)
    )
    _do(database, break_it)
    try:
        yield
    finally:
        _do(database, mend_it)


_SQLITE_BREAKS = [
    "CREATE TABLE nowhere (id BLOB PRIMARY KEY)",
    "CREATE TABLE broken (id BLOB REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED)",
    *(
        f"CREATE TRIGGER broken_{table}_{when} AFTER {when} ON {table} "
        "BEGIN INSERT INTO broken VALUES (x'00'); END"
        for table in _TABLES
        for when in ("INSERT", "UPDATE")
    ),
]
_SQLITE_MENDS = [
    *(f"DROP TRIGGER broken_{table}_{when}" for table in _TABLES for when in ("INSERT", "UPDATE")),
    "DROP TABLE broken",
    "DROP TABLE nowhere",
]
_COMPLAINS = """
CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'no room for %', NEW USING ERRCODE = 'disk_full'; END $$
"""
_POSTGRES_BREAKS = [
    _COMPLAINS,
    *(
        f"CREATE CONSTRAINT TRIGGER broken_{table} AFTER INSERT OR UPDATE ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION broken()"
        for table in _TABLES
    ),
]
_POSTGRES_MENDS = [
    *(f"DROP TRIGGER broken_{table} ON {table}" for table in _TABLES),
    "DROP FUNCTION broken",
]


def _do(database: Database, statements: list[str]) -> None:
    with database.maintenance() as connection:
        for statement in statements:
            if database.path is not None:
                connection.exec_driver_sql(statement)
            else:
                connection.execute(text(statement))


def _address(database: Database) -> str:
    query = database.url.query
    return f"host={query['host']} user={database.url.username} dbname={database.url.database}"


class Fault(Exception):
    """A fault of ours; its message holds what was typed."""


@contextmanager
def crashing(where: str) -> Iterator[None]:
    """Let a function of ours fail with everything it was given in its message."""

    def fail(*args: object, **named: object) -> None:
        raise Fault(f"{[vars_of(each) for each in args]} {named}")

    with patch(where, fail):
        yield


def vars_of(thing: object) -> object:
    """Return an object's fields, however well it hides them from its own print."""
    names = getattr(thing, "__slots__", None) or getattr(thing, "__dict__", {})
    found = {name: getattr(thing, name, None) for name in names if not name.startswith("_")}
    return {name: vars_of(value) for name, value in found.items()} or repr(thing)
