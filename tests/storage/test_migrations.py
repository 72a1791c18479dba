"""The schema's history leads to exactly the tables that the code declares."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from storage import tables
from storage.database import Database
from storage.errors import NoDatabase, SchemaAhead, SchemaBehind, StorageError
from storage.migrations import HEAD, VERSION_TABLE
from storage.migrations.running import configuration

WITHOUT_ROWID = {
    table.name
    for table in SQLModel.metadata.tables.values()
    if table.dialect_options["sqlite"]["with_rowid"] is False
}


def declared(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    return {row.name: row.sql for row in rows}


def test_the_history_ends_where_the_code_expects(sqlite_database: Database) -> None:
    with sqlite_database.maintenance() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection))
    assert scripts.get_heads() == [HEAD]
    assert scripts.get_bases() == ["0001"]


def test_the_history_makes_exactly_the_declared_tables(database: Database) -> None:
    with database.maintenance() as connection:
        command.check(configuration(connection))  # raises on any difference


def test_tables_that_a_reporter_causes_have_no_rowid(sqlite_database: Database) -> None:
    caused = {
        tables.Tip, tables.Part, tables.Wrap, tables.Draft, tables.DraftPhoto, tables.Tombstone,
        tables.PushAddress, tables.StopRequest, tables.OfficerSession,
    }  # fmt: skip
    assert {str(model.__tablename__) for model in caused} <= WITHOUT_ROWID
    with sqlite_database.maintenance() as connection:
        made = declared(connection)
    found = {name for name, sql in made.items() if re.search(r"\)\s*WITHOUT ROWID\s*$", sql)}
    assert found == WITHOUT_ROWID


def test_a_rebuilt_table_still_has_no_rowid(sqlite_database: Database) -> None:
    with sqlite_database.maintenance() as connection, connection.begin():
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("draft", recreate="always") as batch:
            batch.alter_column("state", new_column_name="place")
        sql = declared(connection)["draft"]
    assert "place" in sql
    assert sql.rstrip().endswith("WITHOUT ROWID")


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    database.writer.submit(lambda tx: tx.keys.set_fact("kept", "yes")).result(30)
    database.upgrade()
    database.check_schema()
    with database.read() as view:
        assert view.keys.fact("kept") == "yes"


def test_a_schema_that_is_not_the_expected_one_is_refused(database: Database) -> None:
    database.check_schema()
    for statement in (
        f"UPDATE {VERSION_TABLE} SET version_num = '0000'",
        f"DELETE FROM {VERSION_TABLE}",
        f"DROP TABLE {VERSION_TABLE}",
    ):
        with database.maintenance() as connection:
            connection.execute(text(statement))
        with pytest.raises(SchemaBehind):
            database.check_schema()


def test_a_schema_of_a_newer_version_is_told_apart_and_left_alone(database: Database) -> None:
    newer = f"{int(HEAD) + 1:0{len(HEAD)}}"
    with database.maintenance() as connection, connection.begin():
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{newer}'"))
    for act in (database.check_schema, database.upgrade):
        with pytest.raises(SchemaAhead):
            act()
    with database.maintenance() as connection:
        kept = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    assert kept == newer


def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "missing.db"
    database = Database(f"sqlite:///{path}")
    with pytest.raises(NoDatabase):
        database.check_schema()
    assert not path.exists()
    database.close()


def test_an_upgrade_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'half.db'}")
    database.path.touch() if database.path else None
    with database.maintenance() as connection:
        connection.execute(text("CREATE TABLE wrap (something TEXT)"))
    with pytest.raises(StorageError):
        database.upgrade()
    with database.maintenance() as connection:
        assert set(declared(connection)) == {"wrap"}
        connection.execute(text("DROP TABLE wrap"))
    database.upgrade()
    database.check_schema()
    database.close()


def test_an_upgrade_needs_no_file_of_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database("sqlite:///here.db")
    database.upgrade()
    database.check_schema()
    database.close()
    assert {each.name for each in tmp_path.iterdir()} <= {"here.db", "here.db-wal", "here.db-shm"}


def test_an_upgrade_refuses_to_leave_a_row_that_refers_to_nothing(
    new_sqlite: Callable[..., Database],
) -> None:
    database = new_sqlite()
    with database.maintenance() as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        connection.execute(text("INSERT INTO poster VALUES ('K7', 'nowhere', '2026-03-02', NULL)"))
    with pytest.raises(StorageError):
        database.upgrade()
    database.close()


def test_what_was_sent_stays_noted_when_rungs_are_laid_by_leader(database: Database) -> None:
    kept = [(b"s" * 16, "-7", b"l" * 16, b"n" * 16), (b"s" * 16, "-3", b"l" * 16, b"o" * 16)]
    add = "INSERT INTO nudge_rung (subject, rung, leader_id, nudge_id) VALUES (:s, :r, :l, :n)"
    with database.maintenance() as connection:
        with connection.begin():
            command.downgrade(configuration(connection), "0003")
            rows = [dict(zip("srln", row, strict=True)) for row in kept]
            connection.execute(text(add), rows)
        with connection.begin():
            command.upgrade(configuration(connection), HEAD)
        look = text("SELECT subject, rung, leader_id, nudge_id FROM nudge_rung ORDER BY nudge_id")
        assert [tuple(row) for row in connection.execute(look)] == kept
