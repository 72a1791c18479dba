"""How a group of units of work is kept as one: SQLite's way and PostgreSQL's.

SQLite takes one writer at a time: one thread, and a savepoint for each unit. To PostgreSQL a
savepoint is two round trips: two threads run their groups without, and where a unit fails, all of
its group is taken back and each is run again by itself.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine

from storage.errors import Busy, is_conflict, is_lost_connection, translated
from storage.unit_of_work import Tx
from storage.writer import Outcome, Unit, Writer

GROUP = 256  # units a commit
GROUP_OF_POSTGRESQL = 64  # whose rows stay locked until it is kept
THREADS = 2  # to PostgreSQL: while one waits for its disk or a lock, the other takes what has come
ATTEMPTS = 3


class _GroupLostError(Exception):
    """SQLite gave up the whole transaction under a unit (disk full, input or output error)."""


class SqliteWriter(Writer):
    """One thread, one connection that stays open, a savepoint for each unit."""

    def __init__(self, connect: Callable[[], Connection], group: int = GROUP) -> None:
        super().__init__(1, group)
        self._connect = connect
        self._connection: Connection | None = None
        self._tx: Tx | None = None

    def serve(self, group: Sequence[Unit]) -> Sequence[Outcome]:
        """Run a group and commit it; whatever goes wrong on the way fails all of it."""
        try:
            return self._commit(group)
        except Exception as error:  # noqa: BLE001 - the writer must outlive every failure
            failure = translated(error)
        self.close()  # rolls back; the next group starts on a new connection
        if not isinstance(failure, Busy):
            failure = Busy("the group was not kept")
        return [Outcome(error=failure)] * len(group)

    def _commit(self, group: Sequence[Unit]) -> Sequence[Outcome]:
        tx, raw = self._open()
        raw.execute("BEGIN IMMEDIATE")
        outcomes = [_attempt(raw, tx, unit) for unit in group]
        raw.execute("COMMIT")
        self.count(len(group))
        return outcomes

    def _open(self) -> tuple[Tx, SqliteConnection]:
        if self._connection is None or self._tx is None:
            self._connection = self._connect()
            # In SQLAlchemy's eyes one transaction lasts for ever. Outside one, it would roll back
            # the whole group when a single statement fails.
            self._connection.begin()
            self._tx = Tx(self._connection)
        raw: Any = self._connection.connection.driver_connection
        return self._tx, raw

    def close(self) -> None:
        """Close the connection; a transaction that is open is taken back."""
        connection, self._connection, self._tx = self._connection, None, None
        if connection is not None:
            with suppress(Exception):  # it may be broken in any way; a new one follows
                connection.close()


def _attempt(raw: SqliteConnection, tx: Tx, unit: Unit) -> Outcome:
    """Run one unit in a savepoint; an error takes back this unit alone."""
    raw.execute("SAVEPOINT unit")
    try:
        value = unit.work(tx)
    except BaseException as error:  # noqa: BLE001 - even SystemExit concerns this unit alone
        failure = translated(error)
    else:
        raw.execute("RELEASE unit")
        return Outcome(value)
    if not raw.in_transaction:
        raise _GroupLostError
    raw.execute("ROLLBACK TO unit")
    raw.execute("RELEASE unit")
    return Outcome(error=failure)


class PostgresWriter(Writer):
    """Two threads, one transaction for what each takes; run again when PostgreSQL asks for it."""

    def __init__(
        self, engine: Engine, threads: int = THREADS, group: int = GROUP_OF_POSTGRESQL
    ) -> None:
        super().__init__(threads, group)
        self._engine = engine

    def serve(self, group: Sequence[Unit]) -> Sequence[Outcome]:
        """Keep a group as a whole; where that failed and nothing was kept, each unit by itself."""
        if len(group) > 1:
            together = self._commit(group)
            if not together[0].again:
                return together
        return [self._serve_alone(unit) for unit in group]

    def close(self) -> None:
        """Nothing to do: the engine keeps the connections."""

    def _serve_alone(self, unit: Unit) -> Outcome:
        outcome = self._commit([unit])[0]
        for _ in range(ATTEMPTS - 1):
            if not outcome.again:
                break
            outcome = self._commit([unit])[0]
        return outcome

    def _commit(self, units: Sequence[Unit]) -> Sequence[Outcome]:
        """Run units in one transaction; an error is the outcome of all of them.

        A commit that failed may have happened all the same: that is never run again. Nor is what
        found no connection: the next unit would wait for one as long.
        """
        open_still = False
        try:
            with self._engine.connect() as connection:
                tx = Tx(connection)
                open_still = True
                outcomes = [Outcome(unit.work(tx)) for unit in units]
                open_still = False
                connection.commit()
        except BaseException as error:  # noqa: BLE001 - even SystemExit concerns its unit alone
            again = len(units) > 1 or is_conflict(error) or is_lost_connection(error)
            failure = Outcome(error=translated(error), again=open_still and again)
            return [failure] * len(units)
        self.count(len(units))
        return outcomes
