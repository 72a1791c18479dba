"""Everything that somebody could lay hands on after the fact: files, rows, logs, answers."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from storage.database import Database
from tests.databases import Cluster
from tests.running.house import House
from tests.running.marks import Evidence

_KNOWN = ("session.key", "key-list.seen", ".pyc")  # the last: modules loaded late
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def of_database(
    database: Database, cluster: Cluster | None = None, since: float = 0
) -> Iterator[Evidence]:
    """Yield every file and every row of a database as it stands now.

    PostgreSQL's files come with its ``cluster``; of its log, what was written ``since`` a moment.
    """
    if database.path is not None:
        for path in sorted(database.path.parent.glob(f"{database.path.name}*")):
            yield Evidence(path.name, _copied(path))
    yield Evidence("rows", "\n".join(rows(database)).encode())
    if cluster is not None:
        with database.maintenance() as connection:
            connection.execute(text("CHECKPOINT"))
        yield from _of_cluster(database, cluster, since)


def _copied(path: Path) -> bytes:
    """Read a file of SQLite in another process: closing it in this one would drop its locks."""
    return subprocess.run(["cat", path], capture_output=True, check=True).stdout


def rows(database: Database) -> Iterator[str]:
    """Yield every row of every table, as a dump would write it."""
    listing = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if database.kind == "sqlite"
        else "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    with database.read() as view:
        names = [row[0] for row in view.connection.execute(text(listing))]
        for name in names:
            for row in view.connection.execute(text(f'SELECT * FROM "{name}"')):
                cells = (cell.hex() if isinstance(cell, bytes) else str(cell) for cell in row)
                yield f"{name}|{'|'.join(cells)}"


def _of_cluster(database: Database, cluster: Cluster, since: float) -> Iterator[Evidence]:
    with database.read() as view:
        asking = "SELECT oid FROM pg_database WHERE datname = current_database()"
        number = view.connection.execute(text(asking)).scalar_one()
        seen = view.connection.execute(text("SELECT query FROM pg_stat_activity")).all()
    yield Evidence("pg_stat_activity", "\n".join(str(row[0]) for row in seen).encode())
    data = cluster.folder / "data"
    for path in sorted((data / "base" / str(number)).iterdir()):
        yield Evidence(f"PostgreSQL's file {path.name}", path.read_bytes())
    written = [p for p in (data / "pg_wal").glob("0*") if p.stat().st_mtime >= since]
    for path in sorted(written):
        yield Evidence(f"PostgreSQL's log {path.name}", path.read_bytes().rstrip(b"\0"))
    yield Evidence("PostgreSQL's words", (cluster.folder / "log").read_bytes())


def of_house(house: House) -> Iterator[Evidence]:
    """Yield the log, every answer by role, and everything that was told to Telegram."""
    yield Evidence("the log", house.log.getvalue().encode())
    for role, answers in house.answers.items():
        yield Evidence(f"an answer to {role}", b"\n\n".join(answers), role)
    if house.telegram is not None:
        by_chat: dict[str, list[str]] = {}
        for call in house.telegram.calls:
            chat = call.fields.get("chat_id", "itself")
            by_chat.setdefault(str(chat), []).append(json.dumps(call.fields, ensure_ascii=False))
        for chat, calls in by_chat.items():
            yield Evidence(f"a call about chat {chat}", "\n".join(calls).encode(), f"chat {chat}")


def of_folder(folder: Path, *, but: Path | None = None) -> Iterator[Evidence]:
    """Yield every file in a folder, its name too, leaving one part of it out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not (but and path.is_relative_to(but)):
            yield Evidence(f"the file {path.name}", path.name.encode() + b"\n" + _copied(path))


class TemporaryFiles:
    """Watches who opens a file for writing, and keeps a folder of its own for temporary ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: list[str] = []

    def strange(self) -> list[str]:
        """Return every file that was opened for writing, but for those that the house has."""
        return [path for path in self.written if not any(name in path for name in _KNOWN)]

    @contextmanager
    def watched(self) -> Iterator["TemporaryFiles"]:
        """Watch while the block runs."""
        self.folder.mkdir(exist_ok=True)
        before, variable = tempfile.tempdir, os.environ.get("TMPDIR")
        tempfile.tempdir = os.environ["TMPDIR"] = str(self.folder)
        _WATCHERS.append(self)
        _listen()
        try:
            yield self
        finally:
            _WATCHERS.remove(self)
            tempfile.tempdir = before
            os.environ.pop("TMPDIR")
            if variable is not None:
                os.environ["TMPDIR"] = variable

    def note(self, path: object, flags: int) -> None:
        if flags & _WRITING and isinstance(path, str | bytes | os.PathLike):
            self.written.append(os.fsdecode(path))


_WATCHERS: list[TemporaryFiles] = []
_listening: list[bool] = []


def _listen() -> None:
    if _listening:
        return

    def hear(event: str, args: tuple[object, ...]) -> None:
        if event == "open" and _WATCHERS:
            path, _mode, flags = args
            for watcher in _WATCHERS:
                watcher.note(path, int(flags) if isinstance(flags, int) else 0)

    sys.addaudithook(hear)  # cannot be removed again; without a watcher it does nothing
    _listening.append(True)
