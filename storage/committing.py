"""How a group of units of work is kept as one: SQLite's way and PostgreSQL's.

SQLite takes one writer at a time: one thread, and a savepoint for each unit. To PostgreSQL a
savepoint is two round trips: two threads run their groups without, and where a unit fails, all of
its group is taken back; then what stands before it is run again, and what stands behind it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from sqlite3 import Connection as SqliteConnection
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from storage.errors import (
    Busy,
    StorageError,
    is_conflict,
    is_locked,
    is_lost_connection,
    translated,
)
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


class _Failure(NamedTuple):
    """The unit of a transaction that failed, and took back what was done in it; counted from 0."""

    at: int
    outcome: Outcome
    again: bool  # it was PostgreSQL's doing: run again, it may go well
    locked: bool  # it waited for a lock as long as it may


class _UnreachedError(Exception):
    """There was no connection: whoever asks next would wait for one as long."""


class PostgresWriter(Writer):
    """Two threads, one transaction for what each takes; run again when PostgreSQL asks for it."""

    def __init__(
        self,
        engine: Engine,
        busy_seconds: float,
        threads: int = THREADS,
        group: int = GROUP_OF_POSTGRESQL,
    ) -> None:
        super().__init__(threads, group)
        self._engine = engine
        self._busy_seconds = busy_seconds

    def serve(self, group: Sequence[Unit]) -> Sequence[Outcome]:
        """Keep a group as a whole; where a unit fails, what stands before it, and what behind.

        Once a unit has waited for a lock in vain, all that follow wait together no longer than one.
        """
        outcomes: list[Outcome] = []
        patience: float | None = None
        with suppress(_UnreachedError):
            while left := group[len(outcomes) :]:
                some, locked = self._keep_some(left, patience)
                outcomes += some
                if locked:
                    patience = self._busy_seconds / len(group)
        unreached = Outcome(error=Busy("no connection to the database"))
        return outcomes + [unreached] * (len(group) - len(outcomes))

    def close(self) -> None:
        """Nothing to do: the engine keeps the connections."""

    def _keep_some(
        self, units: Sequence[Unit], patience: float | None
    ) -> tuple[list[Outcome], bool]:
        """Serve at least the first unit; tell what became of those served, and of a lock."""
        tried = self._commit(units, patience)
        attempts = 1
        while isinstance(tried, _Failure) and tried.at == 0 and tried.again and attempts < ATTEMPTS:
            tried = self._commit(units[:1], patience)
            attempts += 1
        if not isinstance(tried, _Failure):
            return tried, False
        if tried.at == 0:
            return [tried.outcome], tried.locked
        if tried.locked and patience is None:
            patience = self._busy_seconds / len(units)
        some, locked = self._keep_some(units[: tried.at], patience)
        return some, locked or tried.locked

    def _commit(self, units: Sequence[Unit], patience: float | None) -> list[Outcome] | _Failure:
        """Run units in one transaction; nothing is kept where one of them fails before the commit.

        A commit that failed may have happened all the same: it is the outcome of all of them.

        Args:
            units: what to run.
            patience: seconds to wait for a lock, where that is less than usual.

        Raises:
            _UnreachedError: nothing was run.
        """
        outcomes: list[Outcome] = []
        moment = "before"
        try:
            with self._engine.connect() as connection:
                tx = Tx(connection)
                moment = "inside"
                if patience is not None:
                    milliseconds = max(1, round(patience * 1000))
                    connection.execute(text(f"SET LOCAL lock_timeout = {milliseconds}"))
                for unit in units:
                    value = unit.work(tx)
                    _refuse_aborted(connection)
                    outcomes.append(Outcome(value))
                moment = "commit"
                connection.commit()
        except BaseException as error:  # noqa: BLE001 - even SystemExit concerns its unit alone
            again, locked = is_conflict(error) or is_lost_connection(error), is_locked(error)
            failure = translated(error)
        else:
            self.count(len(units))
            return outcomes
        if moment == "before":
            raise _UnreachedError
        if moment == "inside":
            return _Failure(len(outcomes), Outcome(error=failure), again, locked)
        if len(units) > 1 and not isinstance(failure, Busy):
            failure = Busy("the group was not kept")  # whoever of them it was
        return [Outcome(error=failure)] * len(units)


def _refuse_aborted(connection: Connection) -> None:
    """Refuse a unit that hid that a statement of it failed.

    PostgreSQL would answer the COMMIT with a silent ROLLBACK. This asks the driver alone.
    """
    raw: Any = connection.connection.driver_connection
    if raw.info.transaction_status.name == "INERROR":
        raise StorageError("a statement failed, and its unit of work went on")
