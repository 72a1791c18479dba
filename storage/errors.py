"""What storage raises, and the one place where driver errors become it.

StorageError
├─ Busy          locked, full, stopped, or the writer is gone: nothing was kept, try later
├─ SchemaBehind  the schema in the database is not the one that the code was written for
│  ├─ SchemaAhead it is newer than the code
│  └─ NoDatabase there is none at all
├─ Stale         somebody else changed the row first
└─ Duplicate     a row with that key exists

No message, cause or context of these errors may carry a parameter of a statement: PostgreSQL puts
the offending key into its error text, so the driver's errors are emptied before they are let go.
"""

import sqlite3

from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_SQLITE_UNIQUE = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    }
)

_UNIQUE = "23505"  # SQLSTATE unique_violation
_GIVEN_UP = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_LOCKED = "55P03"  # lock_not_available


class StorageError(Exception):
    """The database could not do what was asked."""


class Busy(StorageError):
    """The database cannot serve now: locked, full or stopped."""


class SchemaBehind(StorageError):
    """The schema in the database is not the one that the code was written for."""


class SchemaAhead(SchemaBehind):
    """A newer version of the code has upgraded the database; this one cannot serve it."""


class NoDatabase(SchemaBehind):
    """There is no database at all: nothing has been set up here."""


class Stale(StorageError):
    """The row has changed since it was read, or is gone."""


class Duplicate(StorageError):
    """A row with that key exists."""


def translated(error: BaseException) -> BaseException:
    """Return what may leave storage in place of ``error``; other people's errors pass unchanged."""
    if not isinstance(error, SQLAlchemyError | sqlite3.Error):
        return error
    result = _meaning(error)
    forget(error)
    return result


def is_lost_connection(error: BaseException) -> bool:
    """Tell whether the connection broke under the statement."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_conflict(error: BaseException) -> bool:
    """Tell whether PostgreSQL gave up on the transaction because of another one."""
    original = error.orig if isinstance(error, DBAPIError) else None
    return _sqlstate(original) in _GIVEN_UP


def is_locked(error: BaseException) -> bool:
    """Tell whether PostgreSQL gave up because somebody held a lock for too long."""
    return _sqlstate(error.orig if isinstance(error, DBAPIError) else None) == _LOCKED


def forget(error: BaseException | None) -> None:
    """Empty a driver's error and everything that it drags along of texts and parameters."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        waiting += [current.__cause__, current.__context__]
        if isinstance(current, StatementError):
            waiting.append(current.orig)
            current.statement = current.params = None
        driver = isinstance(current, sqlite3.Error) or hasattr(current, "sqlstate")
        if driver or isinstance(current, SQLAlchemyError):
            current.args = (type(current).__name__,)


def _meaning(error: SQLAlchemyError | sqlite3.Error) -> StorageError:
    original = error.orig if isinstance(error, StatementError) else error
    if isinstance(error, IntegrityError | sqlite3.IntegrityError):
        return Duplicate("the row exists") if _is_unique(original) else StorageError("constraint")
    if isinstance(error, PoolTimeoutError):
        return Busy("no free connection")
    if isinstance(original, sqlite3.OperationalError):
        return _sqlite_meaning(original)
    if isinstance(error, OperationalError | InterfaceError):
        return Busy("the database does not answer")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Busy("the connection broke")
    return StorageError(f"statement refused: {type(original).__name__}")


def _is_unique(original: BaseException | None) -> bool:
    if isinstance(original, sqlite3.Error):
        return getattr(original, "sqlite_errorcode", None) in _SQLITE_UNIQUE
    return _sqlstate(original) == _UNIQUE


def _sqlstate(original: BaseException | None) -> str | None:
    """Return PostgreSQL's code; asked for by name, so that SQLite alone loads no driver for it."""
    return getattr(original, "sqlstate", None)


def _sqlite_meaning(original: sqlite3.OperationalError) -> StorageError:
    code = getattr(original, "sqlite_errorcode", sqlite3.SQLITE_BUSY) & 0xFF
    if code == sqlite3.SQLITE_ERROR:  # a missing table or a broken statement never gets better
        return StorageError("statement refused")
    return Busy("the database is locked or full")
