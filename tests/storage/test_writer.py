"""One commit for many, and nobody left waiting."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import closing, suppress
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storage import committing
from storage import writer as writers
from storage.areas import UnitRow
from storage.committing import SqliteWriter
from storage.database import Database
from storage.errors import Busy, Duplicate, StorageError
from storage.unit_of_work import Tx
from storage.writer import Unit
from tests.databases import Cluster
from tests.storage.making import new_tip, part_of

WAIT = 30
dies = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


class Held:
    """Units of work that keep all threads busy until they are let go, so that others must wait."""

    def __init__(self, database: Database) -> None:
        self._entered, self._go = threading.Semaphore(0), threading.Event()
        self.number = 1 if database.kind == "sqlite" else committing.THREADS
        self._futures: list[Future[None]] = []
        for _ in range(self.number):  # one after the other: together they would be one group
            self._futures.append(database.writer.submit(self._work))
            assert self._entered.acquire(timeout=WAIT)

    def _work(self, tx: Tx) -> None:
        self._entered.release()
        assert self._go.wait(WAIT)

    def let_go(self) -> None:
        self._go.set()
        for future in self._futures:
            future.result(WAIT)


@pytest.fixture
def held(database: Database) -> Held:
    return Held(database)


@pytest.fixture
def held_sqlite(sqlite_database: Database) -> Held:
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


def failing(number: int) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        add(number)(tx)
        raise LookupError

    return work


def doubling(number: int) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        add(number)(tx)
        for _ in range(2):
            tx.connection.execute(text(f"INSERT INTO fact VALUES ('twice {number}', 'no')"))
        return number

    return work


def leaving(number: int) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        add(number)(tx)
        raise SystemExit

    return work


def break_the_commit(tx: Tx) -> None:
    """Leave a reference to nothing, which SQLite notices only when it commits."""
    tx.connection.execute(text("PRAGMA defer_foreign_keys=ON"))
    tx.areas.add_unit(UnitRow("lost", "Lost", None, "no such area"))


def test_many_waiting_units_share_one_commit(database: Database, held: Held) -> None:
    before = database.writer.commits
    futures = [database.writer.submit(add(number)) for number in range(60)]
    held.let_go()
    assert [future.result(WAIT) for future in futures] == list(range(60))
    assert database.writer.commits == before + held.number + 1  # what held them, and the sixty
    assert len(kept(database)) == 60


def test_no_commit_holds_more_than_its_share(database: Database, held: Held) -> None:
    before, share = database.writer.commits, database.writer._group
    futures = [database.writer.submit(add(n)) for n in range(share + 1)]
    held.let_go()
    for future in futures:
        future.result(WAIT)
    assert database.writer.commits == before + held.number + 2


def test_a_unit_that_raises_rolls_back_alone(database: Database, held: Held) -> None:
    one = database.writer.submit(add(1))
    wrong = database.writer.submit(fail)
    two = database.writer.submit(add(2))
    held.let_go()
    with pytest.raises(LookupError):
        wrong.result(WAIT)
    assert (one.result(WAIT), two.result(WAIT)) == (1, 2)
    assert kept(database) == ["unit 1", "unit 2"]


def test_what_takes_long_shares_no_commit(database: Database, held: Held) -> None:
    before = database.writer.commits
    futures = [database.writer.submit(add(n), alone=n in (2, 3)) for n in range(6)]
    held.let_go()
    assert [future.result(WAIT) for future in futures] == list(range(6))
    assert database.writer.commits == before + held.number + 4  # 0 and 1, 2, 3, 4 and 5


@pytest.mark.postgres
def test_a_unit_that_raises_costs_its_group_no_commit_for_each(postgres_database: Database) -> None:
    held = Held(postgres_database)
    before = postgres_database.writer.commits
    units = [add(number) for number in range(20)]
    futures = [postgres_database.writer.submit(unit) for unit in (*units[:10], fail, *units[10:])]
    held.let_go()
    assert [future.exception(WAIT) is None for future in futures] == [n != 10 for n in range(21)]
    assert postgres_database.writer.commits == before + held.number + 2
    assert len(kept(postgres_database)) == 20


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(kinds=st.lists(st.sampled_from([add, failing, doubling, leaving]), max_size=12))
def test_whatever_waits_together_each_unit_is_kept_once_or_not_at_all(
    database: Database, kinds: list[Callable[[int], Callable[[Tx], int]]]
) -> None:
    clear = database.writer.submit(lambda tx: tx.connection.execute(text("DELETE FROM fact")))
    clear.result(WAIT)
    held = Held(database)
    futures = [database.writer.submit(make(number)) for number, make in enumerate(kinds)]
    held.let_go()
    for number, (make, future) in enumerate(zip(kinds, futures, strict=True)):
        error = future.exception(WAIT)
        if make is add:
            assert future.result(WAIT) == number
        else:
            assert isinstance(
                error, {failing: LookupError, doubling: Duplicate, leaving: SystemExit}[make]
            )
    assert kept(database) == sorted(f"unit {n}" for n, make in enumerate(kinds) if make is add)


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
    sqlite_database: Database, held_sqlite: Held
) -> None:
    futures: list[Future[Any]] = [sqlite_database.writer.submit(add(1))]
    futures.append(sqlite_database.writer.submit(break_the_commit))
    futures.append(sqlite_database.writer.submit(add(2)))
    held_sqlite.let_go()
    for future in futures:
        with pytest.raises(Busy):
            future.result(WAIT)
    assert kept(sqlite_database) == []
    assert sqlite_database.writer.submit(add(3)).result(WAIT) == 3
    assert kept(sqlite_database) == ["unit 3"]


def test_a_transaction_that_sqlite_gave_up_fails_every_waiter(
    sqlite_database: Database, held_sqlite: Held
) -> None:
    def give_up(tx: Tx) -> None:
        for _ in range(2):
            tx.connection.execute(text("INSERT OR ROLLBACK INTO fact VALUES ('a', 'b')"))

    units = [add(1), give_up, add(2)]
    futures: list[Future[Any]] = [sqlite_database.writer.submit(unit) for unit in units]
    held_sqlite.let_go()
    for future in futures:
        with pytest.raises(Busy):
            future.result(WAIT)
    assert sqlite_database.writer.submit(add(3)).result(WAIT) == 3
    assert kept(sqlite_database) == ["unit 3"]


@pytest.mark.postgres
def test_a_commit_that_postgresql_refuses_fails_its_group_and_nothing_is_run_again(
    postgres_database: Database,
) -> None:
    with postgres_database.maintenance() as connection:
        for constraint in ("unit_area_id_fkey", "unit_parent_id_fkey"):
            defer = f"ALTER TABLE unit ALTER CONSTRAINT {constraint} DEFERRABLE INITIALLY DEFERRED"
            connection.execute(text(defer))
    runs: list[int] = []

    def wrong(tx: Tx) -> None:
        runs.append(1)
        tx.areas.add_unit(UnitRow("lost", "Lost", None, "no such area"))

    held = Held(postgres_database)
    units = [add(1), wrong, add(2)]
    futures: list[Future[Any]] = [postgres_database.writer.submit(unit) for unit in units]
    held.let_go()
    for future in futures:
        with pytest.raises(StorageError):
            future.result(WAIT)
    assert len(runs) == 1
    assert kept(postgres_database) == []
    with postgres_database.read() as view:
        assert view.areas.units() == []
    assert postgres_database.writer.submit(add(3)).result(WAIT) == 3


@pytest.mark.postgres
def test_where_no_connection_can_be_had_a_group_waits_for_it_once(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def connect() -> Connection:
        asked.append(1)
        raise PoolTimeoutError

    held = Held(postgres_database)
    futures = [postgres_database.writer.submit(add(number)) for number in range(5)]
    monkeypatch.setattr(postgres_database._writes, "connect", connect)
    held.let_go()
    for future in futures:
        with pytest.raises(Busy):
            future.result(WAIT)
    assert len(asked) == 1


@pytest.mark.postgres
def test_a_unit_that_hides_a_failed_statement_is_refused_and_its_neighbours_are_kept(
    postgres_database: Database,
) -> None:
    runs: list[int] = []

    def hiding(tx: Tx) -> None:
        runs.append(1)
        with suppress(IntegrityError):  # after it PostgreSQL rolls back, whatever is asked of it
            doubling(0)(tx)

    held = Held(postgres_database)
    neighbours = [postgres_database.writer.submit(add(number)) for number in (1, 2)]
    wrong = postgres_database.writer.submit(hiding)
    held.let_go()
    assert isinstance(wrong.exception(WAIT), StorageError)
    assert len(runs) == 2  # in its group, and behind it
    assert [future.result(WAIT) for future in neighbours] == [1, 2]
    assert kept(postgres_database) == ["unit 1", "unit 2"]


@pytest.mark.postgres
def test_where_a_group_lost_its_connection_and_finds_no_other_it_waits_once(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def connect() -> Connection:
        asked.append(1)
        raise PoolTimeoutError

    def lost(tx: Tx) -> None:
        monkeypatch.setattr(postgres_database._writes, "connect", connect)
        raise LookupError

    held = Held(postgres_database)
    units = [add(1), lost, *[add(number) for number in range(2, 20)]]
    futures: list[Future[Any]] = [postgres_database.writer.submit(unit) for unit in units]
    held.let_go()
    for future in futures:
        assert isinstance(future.exception(WAIT), Busy)
    assert len(asked) == 1


@pytest.mark.postgres
def test_many_that_wait_for_one_lock_keep_a_neighbour_no_longer_than_two(
    postgres_cluster: Cluster,
) -> None:
    name, seconds = postgres_cluster.new_database(), 0.5
    database = Database(postgres_cluster.url(name), busy_seconds=seconds)
    address = f"host={postgres_cluster.folder} user=homthu dbname={name}"
    with closing(database), psycopg.connect(address) as other:
        database.writer.submit(add(0)).result(WAIT)
        other.execute("SELECT 1 FROM fact FOR UPDATE")
        held = Held(database)
        locked = [database.writer.submit(add(0)) for _ in range(30)]
        neighbour = database.writer.submit(add(1))
        held.let_go()
        begun = time.monotonic()
        assert neighbour.result(WAIT) == 1
        assert time.monotonic() - begun < 6 * seconds  # each in turn would take fifteen seconds
        for future in locked:
            assert isinstance(future.exception(WAIT), Busy)
    postgres_cluster.drop(name)


@pytest.mark.postgres
def test_who_meets_a_lock_when_run_again_waits_no_longer_than_one(
    postgres_cluster: Cluster,
) -> None:
    name, seconds, number = postgres_cluster.new_database(), 0.5, 8
    database = Database(postgres_cluster.url(name), busy_seconds=seconds)
    address = f"host={postgres_cluster.folder} user=homthu dbname={name}"
    with closing(database), psycopg.connect(address) as other:
        for at in range(number):
            database.writer.submit(add(at)).result(WAIT)
        runs = [0] * number

        def meeting(at: int) -> Callable[[Tx], int]:
            def work(tx: Tx) -> int:
                runs[at] += 1
                if runs[at] == number - at:  # it went well each time that it was run before
                    other.execute("SELECT 1 FROM fact WHERE name = %s FOR UPDATE", [f"unit {at}"])
                return add(at)(tx)

            return work

        begun = time.monotonic()
        outcomes = database.writer.serve([Unit(meeting(at), Future()) for at in range(number)])
        assert time.monotonic() - begun < 5 * seconds  # each in turn would take eight
        assert all(isinstance(outcome.error, Busy) for outcome in outcomes)
    postgres_cluster.drop(name)


@pytest.mark.parametrize("first", [True, False])
def test_where_no_thread_can_be_started_nobody_waits(
    database: Database, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    real, started = threading.Thread.start, list[int]()

    def start(thread: threading.Thread) -> None:
        if thread in database.writer._threads:
            started.append(1)
            if first or len(started) == len(database.writer._threads):
                raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    for _ in range(2):
        with pytest.raises(Busy):
            database.writer.submit(add(1)).result(WAIT)
    assert not database.writer.alive
    database.writer.stop()


@pytest.mark.postgres
def test_a_unit_that_always_conflicts_gets_busy_in_the_end(postgres_database: Database) -> None:
    runs: list[int] = []

    def work(tx: Tx) -> None:
        runs.append(1)
        raised = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$"
        tx.connection.execute(text(raised))

    with pytest.raises(Busy):
        postgres_database.writer.submit(work).result(WAIT)
    assert len(runs) == committing.ATTEMPTS


def test_a_cancelled_unit_is_not_run(database: Database, held: Held) -> None:
    cancelled = database.writer.submit(add(1))
    other = database.writer.submit(add(2))
    assert cancelled.cancel()
    held.let_go()
    other.result(WAIT)
    with pytest.raises(CancelledError):
        cancelled.result(WAIT)
    assert kept(database) == ["unit 2"]


@dies
def test_a_dead_thread_fails_its_waiters_and_all_later_calls(sqlite_database: Database) -> None:
    connections = [sqlite_database._writes.connect()]

    def connect() -> Connection:
        if not connections:
            raise SystemExit  # not an error that the writer outlives
        return connections.pop()

    writer = SqliteWriter(connect)
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

    writer = SqliteWriter(connect)
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
    database: Database, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is held counts: it has not been answered.
    monkeypatch.setattr(writers, "WAITING", held.number + 2)
    taken = [database.writer.submit(add(number)) for number in range(2)]
    refused = database.writer.submit(add(3))
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
