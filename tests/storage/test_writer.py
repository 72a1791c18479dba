"""One commit for many, and nobody left waiting: on either database, and SQLite's own ways."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from storage import writer as writers
from storage.areas import UnitRow
from storage.committing import SqliteWriter
from storage.database import Database
from storage.errors import Busy, Duplicate
from storage.unit_of_work import Tx
from tests.storage.making import new_tip, part_of
from tests.storage.writing import WAIT, Held, add, doubling, fail, failing, kept, leaving

dies = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def held(database: Database) -> Held:
    return Held(database)


@pytest.fixture
def held_sqlite(sqlite_database: Database) -> Held:
    return Held(sqlite_database)


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
