"""Two ways to make writes durable, behind one call.

``submit(work)`` returns a future that is done only after the commit.

SQLite cannot group commits by itself, so `GroupWriter` does: one thread takes everything that
waits, runs each unit of work in a savepoint and commits once. PostgreSQL groups across
connections, so `PoolWriter` runs each unit in a transaction of its own on one of ten threads.

A waiter is never left hanging: a unit that raises rolls back alone, a commit that fails fails its
whole group, and when the thread is gone every waiter and every later call gets Busy. Nothing is
logged here.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from sqlite3 import Connection as SqliteConnection
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Engine

from storage.errors import Busy, is_conflict, is_lost_connection, translated
from storage.unit_of_work import Tx

T = TypeVar("T")
GROUP = 256  # units a commit
WAITING = 8192  # units that may wait; more only means that the disk has stopped
ATTEMPTS = 3
THREADS = 10


class Writer(Protocol):
    """Runs units of work; each is durable when its future is done."""

    @property
    def alive(self) -> bool:
        """Tell whether a unit that is submitted now can be served."""
        ...

    def start(self) -> None:
        """Get ready; ``submit`` does it when nobody has."""
        ...

    def stop(self) -> None:
        """Serve what waits, then refuse everything."""
        ...

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """Queue a unit of work; the future is done after the durable commit, or holds the error."""
        ...


class _Unit(NamedTuple):
    work: Callable[[Tx], Any]
    future: Future[Any]


class _Outcome(NamedTuple):
    value: Any = None
    error: BaseException | None = None
    again: bool = False


class _GroupLostError(Exception):
    """SQLite gave up the whole transaction under a unit (disk full, input or output error)."""


class GroupWriter:
    """One thread, one connection, one commit for all units of work that wait."""

    def __init__(self, connect: Callable[[], Connection], group: int = GROUP) -> None:
        self._connect = connect
        self._group = group
        self._changed = threading.Condition()
        self._waiting: deque[_Unit] = deque()  # a unit stays here until its future is done
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._connection: Connection | None = None
        self._tx: Tx | None = None
        self.commits = 0
        self.units = 0

    @property
    def alive(self) -> bool:
        """Tell whether the thread is there; one that nobody has needed yet counts as there."""
        return not self._stopping and (self._thread is None or self._thread.is_alive())

    def start(self) -> None:
        """Start the thread, once; a writer that has ended stays ended."""
        with self._changed:
            self._start()

    def stop(self) -> None:
        """Serve what waits, then end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """Queue a unit of work."""
        future: Future[T] = Future()
        with self._changed:
            self._start()
            accepted = self.alive and len(self._waiting) < WAITING
            if accepted:
                self._waiting.append(_Unit(work, future))
                self._changed.notify()
        if not accepted:
            future.set_exception(Busy("the writer does not take more"))
        return future

    def _start(self) -> None:
        if self._thread is None and not self._stopping:
            self._thread = threading.Thread(target=self._run, name="storage-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            while group := self._next_group():
                self._finish(group, self._serve(group))
        finally:
            self._end()

    def _next_group(self) -> list[_Unit]:
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            return list(islice(self._waiting, self._group))

    def _finish(self, group: Sequence[_Unit], outcomes: Sequence[_Outcome]) -> None:
        for unit, outcome in zip(group, outcomes, strict=True):
            _resolve(unit.future, outcome)
        with self._changed:
            for _ in group:
                self._waiting.popleft()

    def _end(self) -> None:
        self._close()
        with self._changed:
            self._stopping = True
            left = list(self._waiting)
            self._waiting.clear()
        for unit in left:
            _resolve(unit.future, _Outcome(error=Busy("the writer has ended")))

    def _serve(self, group: Sequence[_Unit]) -> Sequence[_Outcome]:
        """Run a group and commit it; whatever goes wrong on the way fails all of it."""
        try:
            return self._commit(group)
        except Exception as error:  # noqa: BLE001 - the writer must outlive every failure
            failure = translated(error)
        self._close()  # rolls back; the next group starts on a new connection
        if not isinstance(failure, Busy):
            failure = Busy("the group was not kept")
        return [_Outcome(error=failure)] * len(group)

    def _commit(self, group: Sequence[_Unit]) -> Sequence[_Outcome]:
        tx, raw = self._open()
        raw.execute("BEGIN IMMEDIATE")
        outcomes = [_attempt(raw, tx, unit) for unit in group]
        raw.execute("COMMIT")
        self.commits += 1
        self.units += len(group)
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

    def _close(self) -> None:
        connection, self._connection, self._tx = self._connection, None, None
        if connection is not None:
            with suppress(Exception):  # it may be broken in any way; a new one follows
                connection.close()


def _attempt(raw: SqliteConnection, tx: Tx, unit: _Unit) -> _Outcome:
    """Run one unit in a savepoint; an error takes back this unit alone."""
    if not unit.future.set_running_or_notify_cancel():
        return _Outcome()
    raw.execute("SAVEPOINT unit")
    try:
        value = unit.work(tx)
    except BaseException as error:  # noqa: BLE001 - even SystemExit concerns this unit alone
        failure = translated(error)
    else:
        raw.execute("RELEASE unit")
        return _Outcome(value)
    if not raw.in_transaction:
        raise _GroupLostError
    raw.execute("ROLLBACK TO unit")
    raw.execute("RELEASE unit")
    return _Outcome(error=failure)


def _resolve(future: Future[Any], outcome: _Outcome) -> None:
    if future.done():  # cancelled while it waited, or resolved just before the thread ended
        return
    if outcome.error is None:
        future.set_result(outcome.value)
    else:
        future.set_exception(outcome.error)


class PoolWriter:
    """Ten threads, a transaction for each unit of work, run again when PostgreSQL asks for it."""

    def __init__(self, engine: Engine, threads: int = THREADS) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="storage-writer")
        self._places = threading.BoundedSemaphore(WAITING)
        self._counting = threading.Lock()
        self._stopping = False
        self.commits = 0
        self.units = 0

    @property
    def alive(self) -> bool:
        """Tell whether the pool takes work; whether PostgreSQL answers shows when it does."""
        return not self._stopping

    def start(self) -> None:
        """Nothing to do: threads and connections come when they are needed."""

    def stop(self) -> None:
        """Serve what waits, then refuse everything."""
        self._stopping = True
        self._pool.shutdown()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """Queue a unit of work."""
        if not self._stopping and self._places.acquire(blocking=False):
            with suppress(RuntimeError):  # the pool was shut down between the look and the leap
                future = self._pool.submit(self._serve, work)
                future.add_done_callback(lambda _: self._places.release())
                return future
            self._places.release()
        refused: Future[T] = Future()
        refused.set_exception(Busy("the writer does not take more"))
        return refused

    def _serve(self, work: Callable[[Tx], T]) -> T:
        outcome = self._run(work)
        for _ in range(ATTEMPTS - 1):
            if not outcome.again:
                break
            outcome = self._run(work)
        if outcome.error is not None:
            raise outcome.error  # outside any handler: no driver error may hang on as its context
        return outcome.value

    def _run(self, work: Callable[[Tx], Any]) -> _Outcome:
        committing = False
        try:
            with self._engine.connect() as connection:
                value = work(Tx(connection))
                committing = True
                connection.commit()
        except Exception as error:  # noqa: BLE001 - translated for the caller
            # A commit that failed may have happened all the same: it is never run again here.
            again = not committing and (is_conflict(error) or is_lost_connection(error))
            return _Outcome(error=translated(error), again=again)
        with self._counting:
            self.commits += 1
            self.units += 1
        return _Outcome(value)
