"""Makes connections that are fit for this service, for SQLite and for PostgreSQL.

Errors never carry parameters, nothing is echoed, and a wait for a lock ends after seconds.
"""

import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

_PRAGMAS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA journal_size_limit=16777216",
)
_FOR_WRITER = ("PRAGMA cache_size=-2048",)  # KiB: random ids touch pages all over the tables
# Several connections stay open, and the system keeps the file's pages anyway.
_FOR_READERS = ("PRAGMA cache_size=-512", "PRAGMA query_only=ON")
_READERS = 5
_MORE_READERS = 10


def make_private(path: Path) -> None:
    """Create the database file, or correct its mode: readable by its owner alone.

    SQLite gives its side files (-wal, -shm) the mode of the database file.
    """
    path.touch(mode=0o600, exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)


def sqlite_engine(path: Path, busy_seconds: float, *, writes: bool) -> Engine:
    """Return an engine over a SQLite file that exists already.

    Whoever uses it begins transactions: the driver begins none of its own. The writer's engine
    keeps no pool; the readers' refuses to write.
    """
    address = f"{path.absolute().as_uri()}?mode=rw"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            address, uri=True, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )

    options: dict[str, Any] = {"poolclass": NullPool}
    if not writes:
        options = {
            "poolclass": QueuePool,
            "pool_size": _READERS,
            "max_overflow": _MORE_READERS,
            "pool_timeout": busy_seconds,
        }
    engine = create_engine("sqlite://", creator=connect, hide_parameters=True, **options)

    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        for pragma in (*_PRAGMAS, *(_FOR_WRITER if writes else _FOR_READERS)):
            raw.execute(pragma)

    event.listen(engine, "connect", prepare)
    return engine


def postgresql_engine(url: URL, busy_seconds: float, size: int, *, writes: bool) -> Engine:
    """Return an engine over PostgreSQL with a pool of ``size`` and nothing beyond.

    The readers' sees one state of everything in each transaction, and refuses to write. That is set
    once for each connection: setting it for each transaction cost more than a small statement.
    """
    milliseconds = max(1, round(busy_seconds * 1000))
    settings = {
        "synchronous_commit": "on",
        "timezone": "UTC",
        "jit": "off",  # compiling took 150 ms of statements that take one
        "lock_timeout": str(milliseconds),
        "idle_in_transaction_session_timeout": "60000",
    }
    if not writes:
        settings["default_transaction_read_only"] = "on"
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=busy_seconds,
        isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
        connect_args={
            "connect_timeout": max(2, round(busy_seconds)),
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "application_name": "homthu",
        },
    )


def raw_sqlite(connection: Connection) -> sqlite3.Connection:
    """Return the driver's connection, for the statements that steer a transaction."""
    raw: Any = connection.connection.driver_connection
    return raw


def sync_directory(path: Path) -> None:
    """Make the birth of a file durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
