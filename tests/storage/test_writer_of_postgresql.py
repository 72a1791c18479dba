"""PostgreSQL's writer: a group shares one commit, and nobody pays twice for a neighbour."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storage import committing
from storage.areas import UnitRow
from storage.database import Database
from storage.errors import Busy, StorageError
from storage.unit_of_work import Tx
from storage.writer import Unit
from tests.databases import Cluster
from tests.storage.writing import WAIT, Held, add, doubling, fail, kept

pytestmark = pytest.mark.postgres


def connect_no_more(database: Database, monkeypatch: pytest.MonkeyPatch, asked: list[int]) -> None:
    """Let no connection be had from now on; ``asked`` grows with each that is asked for."""

    def connect() -> Connection:
        asked.append(1)
        raise PoolTimeoutError

    monkeypatch.setattr(database._writes, "connect", connect)


def patience_of(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """Return a list that grows with each transaction by how long it may wait for a lock."""
    writer, told = database.writer, list[float | None]()
    assert isinstance(writer, committing.PostgresWriter)
    real = writer._commit

    def commit(units: Sequence[Unit], patience: float | None) -> object:
        told.append(patience)
        return real(units, patience)

    monkeypatch.setattr(writer, "_commit", commit)
    return told


def test_a_unit_that_raises_costs_its_group_no_commit_for_each(postgres_database: Database) -> None:
    held = Held(postgres_database)
    before = postgres_database.writer.commits
    units = [add(number) for number in range(20)]
    futures = [postgres_database.writer.submit(unit) for unit in (*units[:10], fail, *units[10:])]
    held.let_go()
    assert [future.exception(WAIT) is None for future in futures] == [n != 10 for n in range(21)]
    assert postgres_database.writer.commits == before + held.number + 2
    assert len(kept(postgres_database)) == 20


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


def test_where_no_connection_can_be_had_a_group_waits_for_it_once(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, asked = Held(postgres_database), list[int]()
    futures = [postgres_database.writer.submit(add(number)) for number in range(5)]
    connect_no_more(postgres_database, monkeypatch, asked)
    held.let_go()
    for future in futures:
        with pytest.raises(Busy):
            future.result(WAIT)
    assert len(asked) == 1


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


def test_where_a_group_lost_its_connection_and_finds_no_other_it_waits_once(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def lost(tx: Tx) -> None:
        connect_no_more(postgres_database, monkeypatch, asked)
        raise LookupError

    held = Held(postgres_database)
    units = [add(1), lost, *[add(number) for number in range(2, 20)]]
    futures: list[Future[Any]] = [postgres_database.writer.submit(unit) for unit in units]
    held.let_go()
    for future in futures:
        assert isinstance(future.exception(WAIT), Busy)
    assert len(asked) == 1


def test_many_that_wait_for_one_lock_keep_a_neighbour_no_longer_than_two(
    postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
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
        patience = patience_of(database, monkeypatch)
        held.let_go()
        assert neighbour.result(WAIT) == 1
        for future in locked:
            assert isinstance(future.exception(WAIT), Busy)
        assert patience.count(None) == 1  # who met the lock first waited as long as one may
        assert sum(filter(None, patience)) <= seconds  # and all the others together
    postgres_cluster.drop(name)


def test_who_meets_a_lock_when_run_again_waits_no_longer_than_one(
    postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
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

        patience = patience_of(database, monkeypatch)
        outcomes = database.writer.serve([Unit(meeting(at), Future()) for at in range(number)])
        assert patience.count(None) == 1
        assert max(filter(None, patience)) <= seconds / number * 2
        assert all(isinstance(outcome.error, Busy) for outcome in outcomes)
    postgres_cluster.drop(name)


def test_a_unit_that_always_conflicts_gets_busy_in_the_end(postgres_database: Database) -> None:
    runs: list[int] = []

    def work(tx: Tx) -> None:
        runs.append(1)
        raised = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$"
        tx.connection.execute(text(raised))

    with pytest.raises(Busy):
        postgres_database.writer.submit(work).result(WAIT)
    assert len(runs) == committing.ATTEMPTS
