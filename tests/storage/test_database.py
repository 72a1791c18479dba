"""How the database is opened: durable, private, forgetful."""

import sqlite3
import stat
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text

from storage.database import Database
from storage.errors import Busy, StorageError
from storage.unit_of_work import View

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "secure_delete": 1,
    "foreign_keys": 1,
    "temp_store": 2,  # MEMORY
    "busy_timeout": 5000,
}


def pragmas(view: View) -> dict[str, object]:
    return {name: view.connection.execute(text(f"PRAGMA {name}")).scalar() for name in PRAGMAS}


def test_sqlite_is_durable_and_forgets_what_is_deleted(sqlite_database: Database) -> None:
    assert sqlite_database.writer.submit(pragmas).result(30) == PRAGMAS
    with sqlite_database.read() as view:
        assert pragmas(view) == PRAGMAS


@pytest.mark.postgres
def test_postgresql_is_durable_and_waits_for_no_lock_for_ever(postgres_database: Database) -> None:
    def work(view: View) -> list[object]:
        names = ("synchronous_commit", "lock_timeout", "TimeZone")
        return [view.connection.execute(text(f"SHOW {name}")).scalar() for name in names]

    expected = ["on", "5s", "UTC"]
    assert postgres_database.writer.submit(work).result(30) == expected
    with postgres_database.read() as view:
        assert work(view) == expected


def test_the_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "homthu.db"
    path.touch(mode=0o644)
    path.chmod(0o644)
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.writer.submit(lambda tx: tx.keys.set_fact("a", "b")).result(30)
    files = list(tmp_path.iterdir())
    assert {each.name for each in files} == {"homthu.db", "homthu.db-wal", "homthu.db-shm"}
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    database.close()


def test_an_address_that_is_no_database_is_refused() -> None:
    for url in ("sqlite://", "sqlite:///:memory:", "mysql://host/name"):
        with pytest.raises(ValueError, match="database address"):
            Database(url)


def test_vacuum_keeps_every_row(database: Database) -> None:
    database.writer.submit(lambda tx: tx.keys.set_fact("kept", "yes")).result(30)
    database.vacuum()
    with database.read() as view:
        assert view.keys.fact("kept") == "yes"


def test_a_checkpoint_cuts_the_log_to_nothing(sqlite_database: Database) -> None:
    sqlite_database.writer.submit(lambda tx: tx.keys.set_fact("a", "b")).result(30)
    assert sqlite_database.path is not None
    log = sqlite_database.path.with_name("homthu.db-wal")
    assert log.stat().st_size > 0
    assert sqlite_database.checkpoint()
    assert log.stat().st_size == 0


@pytest.mark.postgres
def test_a_checkpoint_of_postgresql_is_its_own_business(postgres_database: Database) -> None:
    assert postgres_database.checkpoint()


def test_maintenance_without_a_database_gives_busy(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(Busy):
        database.vacuum()
    database.close()


def test_no_parameter_can_be_echoed(database: Database) -> None:
    for engine in (database._reads, database._writes):
        assert engine.hide_parameters
        assert not engine.echo


def test_a_glance_sees_what_is_committed_and_outlives_a_failure(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(StorageError), database.glance() as view:
            view.connection.execute(text("SELECT nothing FROM nowhere"))
        with database.glance() as view:
            standing = view.connection
            assert view.areas.units() == []
    database.writer.submit(
        lambda tx: tx.connection.execute(text("INSERT INTO fact VALUES ('a', 'b')"))
    ).result(30)
    with database.glance() as view:
        assert view.connection is standing
        assert view.connection.execute(text("SELECT count(*) FROM fact")).scalar() == 1


def test_a_glance_writes_nothing(database: Database) -> None:
    with pytest.raises(StorageError), database.glance() as view:
        view.connection.execute(text("DELETE FROM fact"))


def is_open(raw: Any) -> bool:
    try:
        raw.execute("SELECT 1")
    except (sqlite3.ProgrammingError, psycopg.OperationalError):
        return False
    return True


def driver_of(connection: Connection) -> Any:
    return connection.connection.driver_connection


def test_who_still_reads_when_the_database_is_closed_leaves_no_connection_open(
    database: Database,
) -> None:
    with database.read() as view, database.maintenance() as upkeep:
        raw = [driver_of(view.connection), driver_of(upkeep)]
        database.close()
        assert all(map(is_open, raw))
        assert view.areas.units() == []
    assert not any(map(is_open, raw))


def test_a_look_after_the_end_leaves_no_connection_open(database: Database) -> None:
    database.close()
    with database.glance() as view:
        glanced = driver_of(view.connection)
    with database.read() as view:
        read = driver_of(view.connection)
    assert not is_open(glanced)
    assert not is_open(read)
