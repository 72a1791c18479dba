"""The database: opening it, bringing its schema up to date, reading, and the night's cleaning.

Writes go through ``writer`` and nothing else. The schema is changed by `upgrade` alone.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, String, column, inspect, make_url, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from storage import rewriting
from storage.committing import THREADS, PostgresWriter, SqliteWriter
from storage.engines import (
    make_private,
    postgresql_engine,
    raw_sqlite,
    sqlite_engine,
    sync_directory,
)
from storage.errors import NoDatabase, SchemaAhead, SchemaBehind, translated
from storage.migrations import HEAD, VERSION_TABLE
from storage.retention import CLEANED
from storage.unit_of_work import Tx, View
from storage.writer import Writer

_READERS = 10
_UPKEEP = 2  # connections beside the writer's, for `maintenance`
_CHECKPOINT_TRIES = 3
_ERASED_FROM = ", ".join(CLEANED)


class Rewritten(NamedTuple):
    """What a nightly rewrite did. Not ``clean``: a reader kept old pages alive, run it again."""

    rows: int
    clean: bool


class Database:
    """One SQLite file or one PostgreSQL database.

    Args:
        url: ``sqlite:///path`` or ``postgresql+psycopg://…``.
        busy_seconds: how long to wait for a lock or a connection before giving up with Busy.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self.url = make_url(url)
        self.kind = self.url.get_backend_name()
        self._busy_seconds = busy_seconds
        self._writes, self._reads = self._engines()
        self._closed = False
        self._glancing = threading.RLock()
        self._standing: View | None = None
        self.writer: Writer = (
            SqliteWriter(self._writes.connect)
            if self.kind == "sqlite"
            else PostgresWriter(self._writes, busy_seconds)
        )

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        return Path(self.url.database or "") if self.kind == "sqlite" else None

    @contextmanager
    def read(self) -> Generator[View]:
        """Give a consistent view of what is committed; it never waits for a writer.

        Raises:
            Busy: no free connection, or the database does not answer.
        """
        failure: BaseException | None = None
        try:
            with self._reads.connect() as connection:
                if self.kind == "sqlite":
                    raw_sqlite(connection).execute("BEGIN")
                yield View(connection)
                if self.kind == "postgresql":  # after a rollback the driver prepares all anew
                    connection.commit()
        except SQLAlchemyError as error:
            failure = translated(error)
        finally:
            self._let_go_if_closed()
        if failure is not None:
            raise failure

    @contextmanager
    def glance(self) -> Generator[View]:
        """Give a view for one statement: no transaction around it, on a connection that stays open.

        A third of the cost of `read`; every message of every chat begins with one.

        Raises:
            Busy: no free connection, or the database does not answer.
        """
        failure: BaseException | None = None
        with self._glancing:
            try:
                yield self._standing_view()
            except SQLAlchemyError as error:
                self._drop_standing_view()
                failure = translated(error)
            finally:
                self._let_go_if_closed()
        if failure is not None:
            raise failure

    def upgrade(self) -> None:
        """Bring the schema to what the code needs; makes the SQLite file, readable by its owner.

        Raises:
            SchemaAhead: it is newer than the code; nothing was changed.
        """
        # Alembic is slow to import, and no serving process needs it.
        from storage.migrations.running import upgrade  # noqa: PLC0415

        if self.path is not None:
            make_private(self.path)
            sync_directory(self.path.absolute().parent)
        _refuse_newer(self._revision())
        failure: BaseException | None = None
        try:
            with self._writes.connect() as connection:
                upgrade(connection)
        except (SQLAlchemyError, sqlite3.Error) as error:
            failure = translated(error)
        if failure is not None:
            raise failure

    def check_schema(self) -> None:
        """Raise unless the schema is the one that the code was written for.

        Raises:
            SchemaBehind: it is older or missing; ``SchemaAhead`` where it is newer than the code,
                ``NoDatabase`` where there is no file.
            Busy: the database does not answer.
        """
        if self.path is not None and not self.path.exists():
            raise NoDatabase("there is no database")
        revision = self._revision()
        _refuse_newer(revision)
        if revision != HEAD:
            raise SchemaBehind("the schema is not at the revision that this version needs")

    def checkpoint(self) -> bool:
        """Move SQLite's write-ahead log into the file and cut it; False while readers hold it."""
        if self.kind != "sqlite":
            return True
        with self.maintenance() as connection:
            for _ in range(_CHECKPOINT_TRIES):  # each waits for readers as long as the busy time
                busy = raw_sqlite(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if busy[0] == 0:
                    return True
        return False

    def vacuum(self) -> None:
        """Rewrite every file without its free space; weekly, in a quiet hour."""
        with self.maintenance() as connection:
            if self.kind == "sqlite":
                # The whole file is copied on the way: on disk, for it may not fit into memory. What
                # the copy holds is sealed as in the file itself, and its name is gone at once.
                connection.execute(text("PRAGMA temp_store=FILE"))
                connection.execute(text("VACUUM"))
            else:
                connection.execute(text(f"VACUUM (FULL) {_ERASED_FROM}"))
        self.checkpoint()

    def scrub(self) -> bool:
        """Clean the pages on which erased rows stood; False while readers keep old ones alive."""
        if self.kind == "postgresql":
            with self.maintenance() as connection:
                connection.execute(text(f"VACUUM {_ERASED_FROM}"))
        return self.checkpoint()

    def rewrite_day(self) -> Rewritten:
        """Hide in which order rows came since the last run; see `storage.rewriting`.

        Raises:
            Busy: the database did not take it; what is done is done, run it again.
        """
        rows = 0
        for each in rewriting.TABLES:
            with self.read() as view:
                keys = rewriting.fresh_keys(view.connection, each)
            for start in range(0, len(keys), rewriting.CHUNK):
                chunk = keys[start : start + rewriting.CHUNK]
                self._write_alone(lambda tx, t=each, c=chunk: rewriting.settle(tx.connection, t, c))
            rows += len(keys)
        for each in rewriting.SMALL:
            self._write_alone(lambda tx, t=each: rewriting.reshuffle(tx.connection, t))
        if self.kind == "sqlite":
            return Rewritten(rows, self.checkpoint())
        with self.maintenance() as connection:
            connection.execute(text(f"VACUUM {rewriting.names()}"))
        return Rewritten(rows, clean=True)

    def close(self) -> None:
        """Serve what waits, then let go of everything; of what a thread still reads, as it ends."""
        self._closed = True
        self.writer.stop()
        self._let_go_if_closed()

    @contextmanager
    def maintenance(self) -> Generator[Connection]:
        """Give a connection outside any transaction, for what cannot run inside one."""
        failure: BaseException | None = None
        try:
            with self._writes.connect() as connection:
                if self.kind == "postgresql":
                    connection.execution_options(isolation_level="AUTOCOMMIT")
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as error:
            failure = translated(error)
        finally:
            self._let_go_if_closed()
        if failure is not None:
            raise failure

    def _engines(self) -> tuple[Engine, Engine]:
        if self.kind == "postgresql":
            return (
                postgresql_engine(self.url, self._busy_seconds, THREADS + _UPKEEP, writes=True),
                postgresql_engine(self.url, self._busy_seconds, _READERS, writes=False),
            )
        if self.kind != "sqlite" or self.path is None or str(self.path) in {"", ".", ":memory:"}:
            raise ValueError(
                "the database address must be sqlite:///path or postgresql+psycopg://…"
            )
        return (
            sqlite_engine(self.path, self._busy_seconds, writes=True),
            sqlite_engine(self.path, self._busy_seconds, writes=False),
        )

    def _standing_view(self) -> View:
        if self._standing is None:
            connection = self._reads.connect()
            if self.kind == "postgresql":
                connection.execution_options(isolation_level="AUTOCOMMIT")
            self._standing = View(connection)
        return self._standing

    def _drop_standing_view(self) -> None:
        standing, self._standing = self._standing, None
        if standing is not None:
            with suppress(Exception):  # it may be broken in any way; a new one follows
                standing.connection.invalidate()
                standing.connection.close()

    def _let_go_if_closed(self) -> None:
        """Close every connection that nobody uses, once there will be nobody to use it.

        An engine that is disposed of takes a new pool and forgets the old one, to which a thread
        that reads at that moment still gives its connection back: it would stay open.
        """
        if self._closed:
            with self._glancing:  # whoever glances has one small statement
                self._drop_standing_view()
            self._writes.pool.dispose()
            self._reads.pool.dispose()

    def _revision(self) -> str | None:
        with self.read() as view:
            if not inspect(view.connection).has_table(VERSION_TABLE):
                return None
            query = select(column("version_num", String)).select_from(table(VERSION_TABLE))
            return view.connection.execute(query).scalar()

    def _write_alone(self, work: Callable[[Tx], None]) -> None:
        self.writer.submit(work, alone=True).result()


def _refuse_newer(revision: str | None) -> None:
    """Raise for a revision that only a later version knows; revisions are numbers of one width."""
    if revision is not None and revision > HEAD:
        raise SchemaAhead("the schema is newer than this version")
