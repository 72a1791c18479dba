"""Sealed backups, made every night: whoever holds the offline backup key reads them, nobody else.

Each night makes a pair of files from one consistent view. ``.brief`` (kept 7 nights) holds what
opens tips and what reaches reporters; ``.body`` (kept 35) holds the rest (``security.md`` 5.8). So
what was erased can be opened from no backup 7 days later. The server seals to a public key and
cannot read its own backups. The way back is here too, for whoever brings the key.
"""

import os
import secrets
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from intake.errors import MissingKey
from intake.service import Intake
from intake.settings import Settings
from intake.upkeep.backup_files import PART, BadBackup, FileReader, FileWriter, Header
from intake.upkeep.jobs import ERASE, SINCE
from intake.upkeep.retention import SERVICE
from intake.vault.key_pairs import PublicKey
from storage import backups as stored
from storage.backups import Set
from storage.database import Database
from storage.migrations import HEAD
from storage.unit_of_work import Tx

BACKUP_KEY = "backup.pub"
KEPT: Mapping[Set, timedelta] = {"brief": timedelta(days=7), "body": timedelta(days=35)}


class BackupFile(NamedTuple):
    """One file of a pair."""

    path: Path
    day: date
    pair: str
    set: Set


def read_backup_key(settings: Settings) -> PublicKey:
    """Return the public half of the backup key.

    Raises:
        MissingKey: the file is not there, or holds something else.
    """
    try:
        return PublicKey.from_bytes(bytes.fromhex(settings.key_file(BACKUP_KEY).read_text("ascii")))
    except (OSError, ValueError):
        raise MissingKey(f"{BACKUP_KEY} is missing or broken: `homthu backup new-key`") from None


class Backups:
    """The backups of one installation, in their folder."""

    def __init__(self, intake: Intake, settings: Settings, folder: Path) -> None:
        self._intake = intake
        self._settings = settings
        self._folder = folder

    def take(self) -> tuple[BackupFile, ...]:
        """Make today's pair, unless it is there, and delete what is too old. May run again.

        Old files die first, and even when no new pair can be made: the days are a promise.

        Raises:
            MissingKey: there is no backup key.
            OSError: the folder cannot be written.
            DatabaseBusy: the database cannot be read now.
        """
        today = self._intake.clock.today()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.prune()
        self._drop_cut_off(today)
        key = read_backup_key(self._settings)
        made = _whole_pair(self.files(), today)
        return made or self._make(key, today)

    def prune(self) -> int:
        """Delete files past their days and what was cut off on an earlier day; count the old ones.

        Whoever keeps a folder must do so, whichever process makes the backups now.
        """
        today, gone = self._intake.clock.today(), 0
        for left in self._folder.glob(f"*{PART}"):
            file = backup_file(left.with_suffix(""))
            if file and today - file.day > timedelta(days=1):
                left.unlink(missing_ok=True)
        for file in self.files():
            if today - file.day >= KEPT[file.set]:
                file.path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _drop_cut_off(self, today: date) -> None:
        """Delete what a run that was cut off left: a file without its other half says nothing."""
        for left in self._folder.glob(f"*{PART}"):
            left.unlink(missing_ok=True)
        files = self.files()
        for file in files:
            if file.day == today and not _whole_pair(files, today):
                file.path.unlink(missing_ok=True)

    def files(self) -> tuple[BackupFile, ...]:
        """Return the files in the folder, the newest day first."""
        found = (backup_file(path) for path in self._folder.glob("homthu-*"))
        return tuple(sorted((f for f in found if f), key=lambda f: (-f.day.toordinal(), f.set)))

    def _make(self, key: PublicKey, day: date) -> tuple[BackupFile, ...]:
        pair = secrets.token_hex(8)
        writers = {
            kind: FileWriter(
                self._folder / f"homthu-{day.isoformat()}-{pair}.{kind}",
                Header(
                    set=kind, pair=pair, day=day, schema_revision=HEAD, demo=self._settings.demo
                ),
                key,
            )
            for kind in stored.SETS
        }
        try:
            with self._intake.read() as view, closing(stored.batches(view.connection)) as found:
                for batch in found:
                    writers[batch.set].add(batch)
            for writer in writers.values():
                writer.end()
        except BaseException:
            for writer in writers.values():
                writer.drop()
            raise
        for writer in writers.values():
            writer.keep()
        _sync(self._folder)
        return _whole_pair(self.files(), day)


def misdated(folder: Path, today: date) -> int:
    """Count files that should be gone, or whose day is still to come: the clock was wrong then."""
    found = (backup_file(path) for path in folder.glob("homthu-*"))
    day = timedelta(days=1)
    return sum(not -day <= today - f.day <= KEPT[f.set] for f in found if f)


def backup_file(path: Path) -> BackupFile | None:
    """Return what a file's name says it is; None for any other file."""
    start, _, pair = path.stem.rpartition("-")
    kind = path.suffix.removeprefix(".")
    try:
        day = date.fromisoformat(start.removeprefix("homthu-"))
    except ValueError:
        return None
    if kind not in KEPT or not start.startswith("homthu-"):
        return None
    return BackupFile(path, day, pair, "brief" if kind == "brief" else "body")


def restore(
    database: Database, seed: bytes, body: Path, brief: Path | None, *, demo: bool, at: datetime
) -> dict[str, int]:
    """Fill an empty database from a pair, or from the body alone; return rows by table.

    That it was done, at that moment, is a row of the audit chain.

    Both files are read to their end before a row is written. A restore that was cut off leaves a
    database that nothing serves, and may be begun again.

    Raises:
        BadBackup: a file that is not whole, or not of this pair, key or schema.
        NotEmpty: the database holds something.
    """
    files = [body, *([brief] if brief else [])]
    headers = [read_through(path, seed)[0] for path in files]
    _check_pair(headers, demo=demo)
    if not is_half_restored(database):
        database.upgrade()
    write = database.writer.submit
    write(lambda tx: stored.begin_restore(tx.connection)).result()
    rows: Counter[str] = Counter()
    for path in files:
        with FileReader.open(path, seed) as reader:
            for batch in reader.batches():
                write(lambda tx, b=batch: stored.put_back(tx.connection, b)).result()
                rows[batch.table] += len(batch.rows)

    def finish(tx: Tx) -> None:
        # Holds that were made since are lost: nothing is erased before somebody can make them anew.
        tx.jobs.succeeded(ERASE, at)
        tx.keys.drop_fact(SINCE)  # jobs count from the first tick of what was restored
        detail = {"brief": "yes" if brief else "no"}
        tx.audit.append(at, SERVICE, "backup.restore", headers[0].day.isoformat(), detail)
        stored.finish_restore(tx.connection)

    write(finish).result()
    return dict(rows)


def is_half_restored(database: Database) -> bool:
    """Tell whether a restore into this database was begun and not finished."""
    if database.path is not None and not database.path.exists():
        return False
    with database.maintenance() as connection:
        return stored.is_half_restored(connection)


def read_through(path: Path, seed: bytes) -> tuple[Header, int]:
    """Read a file to its end; return its header and how many rows it holds.

    Raises:
        BadBackup: it is not whole, or sealed to another key.
    """
    with FileReader.open(path, seed) as reader:
        return reader.header, sum(len(batch.rows) for batch in reader.batches())


def _check_pair(headers: list[Header], *, demo: bool) -> None:
    if headers[0].set != "body" or any(header.set != "brief" for header in headers[1:]):
        raise BadBackup("name the .body file, and beside it the .brief file of the same pair")
    if len({header.pair for header in headers}) != 1:
        raise BadBackup("these two files are of different pairs")
    if headers[0].schema_revision != HEAD:
        raise BadBackup(
            f"made at schema {headers[0].schema_revision}: restore with the version of then,"
            " and run `homthu upgrade` afterwards"
        )
    if headers[0].demo != demo:
        raise BadBackup("a demo's backup outside the demo, or another's in it")


def _whole_pair(files: tuple[BackupFile, ...], day: date) -> tuple[BackupFile, ...]:
    """Return the whole pair of a day; nothing when there is none."""
    of_day = [file for file in files if file.day == day]
    pairs = (tuple(each for each in of_day if each.pair == file.pair) for file in of_day)
    return next((pair for pair in pairs if len(pair) == len(KEPT)), ())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
