"""Locked, full and stopped: Busy, and then on as before. No error says what was in a row."""

import os
import shutil
import sqlite3
import threading
import traceback
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from storage.database import Database
from storage.errors import Busy, Duplicate, StorageError
from storage.keys import GrantRow
from storage.unit_of_work import Tx
from tests.databases import Cluster
from tests.storage.making import new_tip, part_of

WAIT = 30
MARK = "MARKED-WORD"


def add_tip(tx: Tx) -> bytes:
    tip = new_tip()
    tx.tips.add(tip, [part_of(tip, body_sealed=os.urandom(20_000))])
    return tip.id


def add_more_than_fits(tx: Tx) -> None:
    """Write so much that SQLite meets the end of the disk long before the commit."""
    for _ in range(8):
        tip = new_tip()
        tx.tips.add(tip, [part_of(tip, body_sealed=os.urandom(1_000_000))])


def write(database: Database) -> bytes:
    return database.writer.submit(add_tip).result(WAIT)


def stored(database: Database) -> set[bytes]:
    with database.read() as view:
        return {row.id for row in view.tips.open_tips_of("ward", limit=10_000)}


def fill_up(database: Database) -> set[bytes]:
    """Write tips until one is refused; return those that were acknowledged."""
    acknowledged: set[bytes] = set()
    while True:
        future = database.writer.submit(add_tip)
        error = future.exception(WAIT)
        if error is not None:
            assert isinstance(error, Busy)
            assert acknowledged
            return acknowledged
        acknowledged.add(future.result())


def test_a_full_disk_gives_busy_keeps_what_was_acknowledged_and_recovers(
    small_disk: Path, sqlite_template: Path
) -> None:
    shutil.copy(sqlite_template, small_disk / "homthu.db")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    database = Database(f"sqlite:///{small_disk / 'homthu.db'}", busy_seconds=1)
    with closing(database):
        acknowledged = fill_up(database)
        works = [*[add_tip] * 20, add_more_than_fits, *[add_tip] * 20]
        futures = [database.writer.submit(work) for work in works]
        for future in futures:
            assert isinstance(future.exception(WAIT), Busy)
        assert stored(database) == acknowledged
        ballast.unlink()
        acknowledged.add(write(database))
        assert stored(database) == acknowledged
        assert database.writer.alive


def test_a_locked_sqlite_file_gives_busy_until_the_lock_goes(
    new_sqlite: Callable[..., Database],
) -> None:
    database = new_sqlite(busy_seconds=0.05)
    with closing(database), closing(sqlite3.connect(str(database.path))) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            write(database)
        other.execute("ROLLBACK")
        kept = write(database)
        assert stored(database) == {kept}


def test_a_lock_does_not_hinder_readers(new_sqlite: Callable[..., Database]) -> None:
    database = new_sqlite(busy_seconds=0.05)
    with closing(database), closing(sqlite3.connect(str(database.path))) as other:
        tip_id = write(database)
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        assert stored(database) == {tip_id}


@pytest.mark.postgres
def test_a_locked_postgresql_table_gives_busy_until_the_lock_goes(
    postgres_cluster: Cluster,
) -> None:
    name = postgres_cluster.new_database()
    database = Database(postgres_cluster.url(name), busy_seconds=0.05)
    address = f"host={postgres_cluster.folder} user=homthu dbname={name}"
    with closing(database), psycopg.connect(address) as other:
        other.execute("LOCK TABLE tip IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Busy):
            write(database)
        other.rollback()
        kept = write(database)
        assert stored(database) == {kept}
    postgres_cluster.drop(name)


@pytest.mark.postgres
def test_a_stopped_postgresql_gives_busy_and_serves_again_after_its_restart(
    own_cluster: Cluster,
) -> None:
    name = own_cluster.new_database()
    database = Database(own_cluster.url(name), busy_seconds=1)
    with closing(database):
        kept = {write(database)}
        own_cluster.stop()
        futures = [database.writer.submit(add_tip) for _ in range(20)]
        for future in futures:
            assert isinstance(future.exception(WAIT), Busy)
        with pytest.raises(Busy):
            stored(database)
        with pytest.raises(Busy):
            database.check_schema()
        own_cluster.start()
        kept.add(write(database))  # at once, though every pooled connection is broken
        assert stored(database) == kept


@pytest.mark.postgres
def test_a_postgresql_that_goes_away_under_a_unit_is_asked_again(
    own_cluster: Cluster,
) -> None:
    name = own_cluster.new_database()
    database = Database(own_cluster.url(name), busy_seconds=1)
    runs: list[int] = []

    def work(tx: Tx) -> None:
        tx.keys.set_fact("half", "way")
        runs.append(1)
        if len(runs) == 1:
            own_cluster.stop()
            own_cluster.start()
        tx.keys.set_fact("whole", "way")

    with closing(database):
        database.writer.submit(work).result(WAIT)
        with database.read() as view:
            assert (view.keys.fact("half"), view.keys.fact("whole")) == ("way", "way")
    assert len(runs) == 2


@pytest.mark.postgres
def test_a_commit_that_gets_no_answer_is_not_made_twice(own_cluster: Cluster) -> None:
    name = own_cluster.new_database()
    database = Database(own_cluster.url(name), busy_seconds=1)
    runs: list[int] = []

    def work(tx: Tx) -> None:
        runs.append(1)
        tx.keys.set_fact("perhaps", "kept")
        own_cluster.stop()

    with closing(database):
        assert isinstance(database.writer.submit(work).exception(WAIT), Busy)
        assert len(runs) == 1
        own_cluster.start()
        with database.read() as view:
            assert view.keys.fact("perhaps") is None


@pytest.mark.postgres
def test_units_that_block_each_other_are_run_again(postgres_database: Database) -> None:
    both_hold, begun = threading.Barrier(2), threading.Event()
    runs: list[str] = []

    def crossing(first: str, second: str) -> Callable[[Tx], None]:
        def work(tx: Tx) -> None:
            tx.keys.set_fact(first, "locked")
            runs.append(first)
            begun.set()
            if runs.count(first) == 1:
                both_hold.wait(WAIT)
            tx.keys.set_fact(second, "locked")

        return work

    submit = postgres_database.writer.submit
    submit(lambda tx: [tx.keys.set_fact(name, "free") for name in "ab"]).result(WAIT)
    futures = [submit(crossing("a", "b"))]
    assert begun.wait(WAIT)  # so that another thread takes the other
    futures.append(submit(crossing("b", "a")))
    for future in futures:
        future.result(WAIT)
    assert len(runs) > 2  # PostgreSQL gave one of them up, and it came again


@pytest.mark.postgres
def test_readers_beyond_the_pool_get_busy(postgres_cluster: Cluster) -> None:
    name = postgres_cluster.new_database()
    database = Database(postgres_cluster.url(name), busy_seconds=0.05)
    views = [database.read() for _ in range(10)]
    with closing(database):
        for view in views:
            view.__enter__()
        with pytest.raises(Busy):
            stored(database)
        for view in views:
            view.__exit__(None, None, None)
        assert stored(database) == set()
    postgres_cluster.drop(name)


def test_a_view_refuses_to_write(database: Database) -> None:
    with pytest.raises(StorageError), database.read() as view:
        view.keys.set_fact("written", "through a view")
    with database.read() as view:
        assert view.keys.fact("written") is None


def test_a_view_stays_at_one_moment(database: Database) -> None:
    with database.read() as view:
        assert view.keys.fact("news") is None
        database.writer.submit(lambda tx: tx.keys.set_fact("news", "here")).result(WAIT)
        assert view.keys.fact("news") is None
    with database.read() as view:
        assert view.keys.fact("news") == "here"


def duplicate_lookup(tx: Tx) -> None:
    for _ in range(2):
        tip = new_tip(lookup=MARK.encode(), headline_sealed=MARK.encode())
        tx.tips.add(tip, [])


def no_such_officer(tx: Tx) -> None:
    tx.keys.add_grant(GrantRow(MARK.encode(), MARK.encode(), MARK.encode()))


def no_time_zone(tx: Tx) -> None:
    tx.tips.add(new_tip(unit_id=MARK, release_at=datetime(2026, 1, 1)), [])  # noqa: DTZ001


def no_such_table(tx: Tx) -> None:
    tx.connection.execute(text(f"SELECT * FROM missing WHERE a = '{MARK}'"))


def wrong_type(tx: Tx) -> None:
    tx.tips.add(new_tip(unit_id=MARK, priority=object()), [])


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (duplicate_lookup, Duplicate),
        (no_such_officer, StorageError),
        (no_time_zone, StorageError),
        (no_such_table, StorageError),
        (wrong_type, StorageError),
    ],
)
def test_no_error_says_what_was_in_a_row(
    database: Database, work: Callable[[Tx], None], expected: type[StorageError]
) -> None:
    error = database.writer.submit(work).exception(WAIT)
    assert type(error) is expected
    assert MARK not in told(error)


def test_no_error_of_a_view_says_what_was_asked(database: Database) -> None:
    with pytest.raises(StorageError) as raised, database.read() as view:
        no_such_table(Tx(view.connection))
    assert MARK not in told(raised.value)


def told(error: BaseException) -> str:
    """All that anybody could print of an error: it, its causes and contexts, their fields."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        current = waiting.pop()
        if isinstance(current, BaseException) and current not in seen:
            seen.append(current)
            waiting += [current.__cause__, current.__context__, getattr(current, "orig", None)]
    texts = [f"{e!s} {e!r} {e.args!r} {getattr(e, '__dict__', {})!r}" for e in seen]
    marked = MARK.encode().hex()
    return "\n".join([*texts, *traceback.format_exception(error)]).replace(marked, MARK)
