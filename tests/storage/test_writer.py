"""One commit for many, and nobody left waiting."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from typing import Any

import pytest
from sqlalchemy import Connection, text

from storage import writer as writers
from storage.areas import UnitRow
from storage.database import Database
from storage.errors import Busy, Duplicate, StorageError
from storage.unit_of_work import Tx
from storage.writer import GroupWriter, PoolWriter
from tests.storage.making import new_tip, part_of

WAIT = 30
dies = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


class Held:
    """A unit of work that keeps the writer busy until it is let go, so that others must wait."""

    def __init__(self, database: Database) -> None:
        self._entered, self._go = threading.Event(), threading.Event()
        self._future = database.writer.submit(self._work)
        assert self._entered.wait(WAIT)

    def _work(self, tx: Tx) -> None:
        self._entered.set()
        assert self._go.wait(WAIT)

    def let_go(self) -> None:
        self._go.set()
        self._future.result(WAIT)


@pytest.fixture
def held(sqlite_database: Database) -> Held:
    return Held(sqlite_database)


def add(number: int) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        tx.keys.set_fact(f"unit {number}", "kept")
        return number

    return work


def kept(database: Database) -> list[str]:
    with database.read() as view:
        return view.keys.facts("unit ")


def fail(tx: Tx) -> None:
    tx.keys.set_fact("unit of a failure", "kept")
    raise LookupError("this unit is wrong")


def break_the_commit(tx: Tx) -> None:
    """Leave a reference to nothing, which SQLite notices only when it commits."""
    tx.connection.execute(text("PRAGMA defer_foreign_keys=ON"))
    tx.areas.add_unit(UnitRow("lost", "Lost", None, "no such area"))


def test_many_waiting_units_share_one_commit(sqlite_database: Database, held: Held) -> None:
    before = sqlite_database.writer.commits
    futures = [sqlite_database.writer.submit(add(number)) for number in range(100)]
    held.let_go()
    assert [future.result(WAIT) for future in futures] == list(range(100))
    assert sqlite_database.writer.commits == before + 2  # the held unit's, and one for the hundred
    assert len(kept(sqlite_database)) == 100


def test_no_commit_holds_more_than_its_share(sqlite_database: Database, held: Held) -> None:
    before = sqlite_database.writer.commits
    futures = [sqlite_database.writer.submit(add(n)) for n in range(writers.GROUP + 1)]
    held.let_go()
    for future in futures:
        future.result(WAIT)
    assert sqlite_database.writer.commits == before + 3


def test_a_unit_that_raises_rolls_back_alone(sqlite_database: Database, held: Held) -> None:
    one = sqlite_database.writer.submit(add(1))
    wrong = sqlite_database.writer.submit(fail)
    two = sqlite_database.writer.submit(add(2))
    held.let_go()
    with pytest.raises(LookupError):
        wrong.result(WAIT)
    assert (one.result(WAIT), two.result(WAIT)) == (1, 2)
    assert kept(sqlite_database) == ["unit 1", "unit 2"]


def test_a_unit_that_raises_leaves_nothing_on_either_database(database: Database) -> None:
    with pytest.raises(LookupError):
        database.writer.submit(fail).result(WAIT)
    assert kept(database) == []
    assert database.writer.submit(add(1)).result(WAIT) == 1


def test_half_a_tip_is_never_kept(database: Database) -> None:
    tip = new_tip()
    part = part_of(tip)
    twice = part._replace(wraps=(part.wraps[0], part.wraps[0]))
    with pytest.raises(Duplicate):
        database.writer.submit(lambda tx: tx.tips.add(tip, [twice])).result(WAIT)
    with database.read() as view:
        assert view.tips.get(tip.id, ["ward"]) is None
        assert view.parts.of_tip(tip.id) == []


def test_even_an_exit_inside_a_unit_concerns_that_unit_alone(sqlite_database: Database) -> None:
    def leave(tx: Tx) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        sqlite_database.writer.submit(leave).result(WAIT)
    assert sqlite_database.writer.submit(add(1)).result(WAIT) == 1


def test_a_failing_commit_fails_every_waiter_and_the_writer_goes_on(
    sqlite_database: Database, held: Held
) -> None:
    futures: list[Future[Any]] = [sqlite_database.writer.submit(add(1))]
    futures.append(sqlite_database.writer.submit(break_the_commit))
    futures.append(sqlite_database.writer.submit(add(2)))
    held.let_go()
    for future in futures:
        with pytest.raises(Busy):
            future.result(WAIT)
    assert kept(sqlite_database) == []
    assert sqlite_database.writer.submit(add(3)).result(WAIT) == 3
    assert kept(sqlite_database) == ["unit 3"]


def test_a_transaction_that_sqlite_gave_up_fails_every_waiter(
    sqlite_database: Database, held: Held
) -> None:
    def give_up(tx: Tx) -> None:
        for _ in range(2):
            tx.connection.execute(text("INSERT OR ROLLBACK INTO fact VALUES ('a', 'b')"))

    units = [add(1), give_up, add(2)]
    futures: list[Future[Any]] = [sqlite_database.writer.submit(unit) for unit in units]
    held.let_go()
    for future in futures:
        with pytest.raises(Busy):
            future.result(WAIT)
    assert sqlite_database.writer.submit(add(3)).result(WAIT) == 3
    assert kept(sqlite_database) == ["unit 3"]


@pytest.mark.postgres
def test_a_failing_commit_of_postgresql_fails_its_unit(postgres_database: Database) -> None:
    with postgres_database.maintenance() as connection:
        for constraint in ("unit_area_id_fkey", "unit_parent_id_fkey"):
            defer = f"ALTER TABLE unit ALTER CONSTRAINT {constraint} DEFERRABLE INITIALLY DEFERRED"
            connection.execute(text(defer))
    runs: list[int] = []

    def work(tx: Tx) -> None:
        runs.append(1)
        tx.areas.add_unit(UnitRow("lost", "Lost", None, "no such area"))

    with pytest.raises(StorageError):
        postgres_database.writer.submit(work).result(WAIT)
    assert len(runs) == 1
    with postgres_database.read() as view:
        assert view.areas.units() == []


@pytest.mark.postgres
def test_a_unit_that_always_conflicts_gets_busy_in_the_end(postgres_database: Database) -> None:
    runs: list[int] = []

    def work(tx: Tx) -> None:
        runs.append(1)
        raised = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$"
        tx.connection.execute(text(raised))

    with pytest.raises(Busy):
        postgres_database.writer.submit(work).result(WAIT)
    assert len(runs) == writers.ATTEMPTS


@pytest.mark.postgres
def test_a_pool_that_was_shut_down_underneath_gives_busy(postgres_database: Database) -> None:
    assert isinstance(postgres_database.writer, PoolWriter)
    postgres_database.writer._pool.shutdown()
    with pytest.raises(Busy):
        postgres_database.writer.submit(add(1)).result(WAIT)


def test_a_cancelled_unit_is_not_run(sqlite_database: Database, held: Held) -> None:
    cancelled = sqlite_database.writer.submit(add(1))
    other = sqlite_database.writer.submit(add(2))
    assert cancelled.cancel()
    held.let_go()
    other.result(WAIT)
    with pytest.raises(CancelledError):
        cancelled.result(WAIT)
    assert kept(sqlite_database) == ["unit 2"]


@dies
def test_a_dead_thread_fails_its_waiters_and_all_later_calls(sqlite_database: Database) -> None:
    connections = [sqlite_database._writes.connect()]

    def connect() -> Connection:
        if not connections:
            raise SystemExit  # not an error that the writer outlives
        return connections.pop()

    writer = GroupWriter(connect)
    writer.submit(add(1)).result(WAIT)
    with pytest.raises(Busy):  # after this the writer wants a new connection
        writer.submit(break_the_commit).result(WAIT)
    assert writer.alive
    with pytest.raises(Busy):
        writer.submit(add(2)).result(WAIT)
    writer.stop()
    with pytest.raises(Busy):
        writer.submit(add(3)).result(WAIT)
    writer.start()
    assert not writer.alive
    assert kept(sqlite_database) == ["unit 1"]


@dies
def test_a_thread_that_dies_in_the_middle_of_a_group_fails_all_of_it() -> None:
    entered, go = threading.Event(), threading.Event()

    def connect() -> Connection:
        entered.set()
        assert go.wait(WAIT)
        raise SystemExit

    writer = GroupWriter(connect)
    waiters = [writer.submit(add(1))]
    assert entered.wait(WAIT)
    waiters += [writer.submit(add(number)) for number in range(2, 6)]
    go.set()
    for waiter in waiters:
        with pytest.raises(Busy):
            waiter.result(WAIT)
    writer.stop()
    assert not writer.alive


def test_a_connection_that_cannot_be_made_gives_busy_until_it_can(
    sqlite_database: Database,
) -> None:
    path = sqlite_database.path
    assert path is not None
    away = path.rename(path.with_suffix(".away"))
    with pytest.raises(Busy):
        sqlite_database.writer.submit(add(1)).result(WAIT)
    away.rename(path)
    assert sqlite_database.writer.submit(add(2)).result(WAIT) == 2


def test_a_writer_that_stops_serves_what_waits_and_then_refuses(database: Database) -> None:
    futures = [database.writer.submit(add(number)) for number in range(50)]
    assert database.writer.alive
    database.writer.stop()
    assert [future.result(WAIT) for future in futures] == list(range(50))
    assert not database.writer.alive
    with pytest.raises(Busy):
        database.writer.submit(add(50)).result(WAIT)
    assert len(kept(database)) == 50


def test_a_writer_that_nobody_needed_stops_at_once(database: Database) -> None:
    database.writer.stop()
    with pytest.raises(Busy):
        database.writer.submit(add(1)).result(WAIT)


def test_more_waiters_than_a_stopped_disk_explains_are_refused(
    sqlite_database: Database, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "WAITING", 3)  # the held unit counts: it has not been answered
    taken = [sqlite_database.writer.submit(add(number)) for number in range(2)]
    refused = sqlite_database.writer.submit(add(3))
    with pytest.raises(Busy):
        refused.result(WAIT)
    held.let_go()
    for future in taken:
        future.result(WAIT)


def test_many_threads_may_submit_at_once(database: Database) -> None:
    numbers = iter(range(200))
    lock = threading.Lock()

    def feed() -> Iterator[int]:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            yield number

    def work() -> None:
        for number in feed():
            database.writer.submit(add(number)).result(WAIT)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert len(kept(database)) == 200
