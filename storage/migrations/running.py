"""Runs the schema's history forwards, inside one transaction, on a connection that it is handed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from storage.engines import raw_sqlite
from storage.errors import StorageError
from storage.migrations import HEAD

_LOCK = 5_317_004_221  # one upgrade at a time; any number that nobody else uses


def configuration(connection: Connection) -> Config:
    """Return Alembic's settings; there is no file of them on disk."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the schema to ``HEAD``, as a whole or not at all."""
    if connection.dialect.name == "sqlite":
        _upgrade_sqlite(connection)
        return
    with connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(configuration(connection), HEAD)


def _upgrade_sqlite(connection: Connection) -> None:
    raw = raw_sqlite(connection)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA foreign_keys=OFF")  # tables may be rebuilt on the way
    with connection.begin():  # so that Alembic does not commit; the driver begins nothing itself
        raw.execute("BEGIN IMMEDIATE")
        command.upgrade(configuration(connection), HEAD)
        if raw.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise StorageError("the upgrade would leave a row that refers to nothing")
