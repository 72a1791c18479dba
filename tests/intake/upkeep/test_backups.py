"""Backups: sealed, in two sets with days of their own, and good for putting everything back."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from api.services import Services, open_services
from intake.errors import MissingKey
from intake.foundation import ROOT_PUBLIC, Foundation
from intake.keylist import KeyList, read_key_file
from intake.places import Places
from intake.service import Intake
from intake.upkeep import backups
from intake.upkeep.backups import BACKUP_KEY, Backups, BadBackup, is_half_restored, restore
from intake.vault.key_pairs import new_seed, public_key
from storage import backups as stored
from storage.backups import Batch, NotEmpty
from storage.check_ins import PhotoRow
from storage.database import Database
from storage.errors import SchemaBehind
from storage.pushes import PushRow, StopRow
from tests.clocks import FixedClock
from tests.wards import Template, Ward, open_ward

SEED = new_seed()
NOW = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
def kept(ward: Ward, tmp_path: Path) -> Backups:
    """The backups of a furnished ward."""
    (ward.settings.keys / BACKUP_KEY).write_text(public_key(SEED).to_bytes().hex() + "\n")
    return Backups(ward.intake, ward.settings, tmp_path / "backups")


@pytest.fixture
def here(furnished: Template, tmp_path: Path, sqlite_database: Database, clock: FixedClock) -> Ward:
    """A furnished ward on SQLite, for what concerns files alone."""
    return open_ward(furnished, tmp_path, sqlite_database, clock)


@pytest.fixture
def files(here: Ward, tmp_path: Path) -> Backups:
    """The backups of that ward."""
    (here.settings.keys / BACKUP_KEY).write_text(public_key(SEED).to_bytes().hex() + "\n")
    return Backups(here.intake, here.settings, tmp_path / "backups")


@pytest.fixture
def empty(request: pytest.FixtureRequest, database: Database) -> Callable[[], Database]:
    """Makes an empty database of the same kind."""

    def make() -> Database:
        if database.kind == "sqlite":
            made = request.getfixturevalue("new_sqlite")("restored.db")
        else:
            cluster = request.getfixturevalue("postgres_cluster")
            made = Database(cluster.url(cluster.new_database()))
        request.addfinalizer(made.close)
        return made

    return make


def pair(kept: Backups) -> tuple[Path, Path]:
    """Take today's backup and return its body and its brief file."""
    by_set = {file.set: file.path for file in kept.take()}
    return by_set["body"], by_set["brief"]


def everything(database: Database, *, without: set[str]) -> dict[str, list[Any]]:
    """Return every row of every table that is kept."""
    with database.read() as view:
        return {
            table.name: sorted(map(tuple, view.connection.execute(select(table))), key=str)
            for table in SQLModel.metadata.sorted_tables
            if table.name not in without
        }


def assert_alike(target: Database, source: Database) -> None:
    """Every row that is kept is there; the restore itself has added one to the audit chain."""
    found, wanted = (everything(each, without=NOT_KEPT) for each in (target, source))
    added = set(found.pop("audit_row")) - set(wanted.pop("audit_row"))
    assert [row[3] for row in added] == ["backup.restore"]
    heads = found.pop("fact"), wanted.pop("fact")
    assert len(heads[0]) == len(heads[1])
    assert found == wanted


def furnish(ward: Ward) -> str:
    """Leave a tip, a draft, push rows and a stop request; return the tip's code."""
    code = ward.send(what="bán ma tuý ở ngõ 5")
    day, tip_id = ward.clock.today() + timedelta(days=9), bytes(16)
    ward.intake.write_now(lambda tx: tx.pushes.add(PushRow(b"p" * 16, tip_id, b"sealed", day)))
    ward.intake.write_now(lambda tx: tx.pushes.add_stop(StopRow(b"s" * 16, b"sealed")))
    ward.sign_in("phuong.chi")
    return code


NOT_KEPT = {table.name for table in stored.NEVER}


def test_a_backup_restored_is_the_same_installation(
    ward: Ward, kept: Backups, empty: Callable[[], Database]
) -> None:
    furnish(ward)
    body, brief = pair(kept)
    target = empty()
    restore(target, SEED, body, brief, demo=True, at=NOW)
    target.check_schema()
    assert_alike(target, ward.intake.database)
    with target.read() as view:
        assert view.audit.verify() is None
        assert view.officers.count_sessions() == 0
    officers = opened(ward, target)
    ward.clock.advance(seconds=31)
    who = ward.sign_ins["phuong.chi"]
    totp = ward.totp("phuong.chi")
    session = officers.sign_ins.sign_in("phuong.chi", who.passphrase, totp).session
    (row,) = officers.triage.queue(session).rows
    assert "bán ma tuý ở ngõ 5" in officers.disclosure.open_tip(session, row.id).messages[0].text


def opened(ward: Ward, database: Database) -> Services:
    """Return the officers' services of the ward over another database."""
    intake = Intake(database, ward.clock)
    key_list = KeyList(intake, ward.settings, read_key_file(ward.settings, ROOT_PUBLIC))
    ground = Foundation(ward.settings, ward.clock, intake, key_list, Places(intake))
    return open_services(ground, pause=lambda _: None)


def test_a_backup_crosses_from_one_kind_of_database_to_the_other(
    ward: Ward, kept: Backups, request: pytest.FixtureRequest
) -> None:
    furnish(ward)
    body, brief = pair(kept)
    other = "postgres" if ward.intake.database.kind == "sqlite" else "sqlite"
    target: Database = request.getfixturevalue(f"{other}_database")
    restore(target, SEED, body, brief, demo=True, at=NOW)
    assert_alike(target, ward.intake.database)


def test_without_the_brief_set_nothing_is_left_that_opens_a_tip_or_reaches_anybody(
    ward: Ward, kept: Backups, empty: Callable[[], Database]
) -> None:
    furnish(ward)
    with ward.intake.read() as view:
        identities = [row.identity_sealed for row in view.connection.execute(select(_tip()))]
    body, _ = pair(kept)
    target = empty()
    restore(target, SEED, body, None, demo=True, at=NOW)
    with target.read() as view:
        rows = view.connection.execute(select(_tip())).all()
        assert len(rows) == 1
        assert rows[0].identity_sealed not in identities
        assert view.connection.execute(select(SQLModel.metadata.tables["wrap"])).all() == []
        assert view.pushes.all() == []


def _tip() -> Any:
    return SQLModel.metadata.tables["tip"]


def test_a_reminder_that_was_on_its_way_counts_as_sent_after_a_restore(
    ward: Ward, kept: Backups, empty: Callable[[], Database]
) -> None:
    nudge, leader = SQLModel.metadata.tables["nudge"], SQLModel.metadata.tables["leader"]
    now, today = ward.clock.now(), ward.clock.today()

    def work(tx: Any) -> None:
        tx.connection.execute(
            leader.insert().values(
                id=b"l" * 16, name="Lan", address_as="cô", language="vi", added_on=today
            )
        )
        for number, state in enumerate(("waiting", "claimed", "sending", "sent", "dead")):
            tx.connection.execute(
                nudge.insert().values(
                    id=bytes([number]) * 16, leader_id=b"l" * 16, slot="", state=state,
                    day=today + timedelta(days=number), channel="demo", address="a", tries=0,
                    not_before=now, ends_at=now, urgency=0, holder="", planned_at=now,
                    reason="", by="",
                )
            )  # fmt: skip

    ward.intake.write_now(work)
    target = empty()
    restore(target, SEED, *pair(kept), demo=True, at=NOW)
    with target.read() as view:
        states = view.connection.execute(select(nudge.c.state).order_by(nudge.c.id)).scalars().all()
    assert states == ["sent", "sent", "sent", "sent", "dead"]


def test_no_word_of_a_backup_can_be_read_without_the_key(here: Ward, files: Backups) -> None:
    furnish(here)
    for path in pair(files):
        found = path.read_bytes()
        assert b"phuong" not in found
        assert "Trần".encode() not in found
        assert path.stat().st_mode & 0o077 == 0
        with pytest.raises(BadBackup):
            backups.read_through(path, new_seed())


@pytest.mark.parametrize("harm", ["cut", "flip", "longer", "swapped", "other pair", "two bodies"])
def test_a_backup_that_was_changed_is_refused_before_a_row_is_written(
    here: Ward, files: Backups, new_sqlite: Callable[..., Database], harm: str
) -> None:
    furnish(here)
    body, brief = pair(files)
    if harm == "other pair":
        here.clock.advance(days=1)
        brief = next(f.path for f in files.take() if f.set == "brief")
    elif harm == "two bodies":
        brief = body
    elif harm == "swapped":
        body.write_bytes(_with_frames_swapped(body.read_bytes()))
    else:
        found = bytearray(body.read_bytes())
        if harm == "cut":  # between two pieces, so that every piece that is left is whole
            found = found[: -_last_piece(bytes(found))]
        elif harm == "flip":
            found[len(found) // 2] ^= 1
        else:
            found += b"x"
        body.write_bytes(found)
    target = new_sqlite("restored.db")
    with pytest.raises(BadBackup):
        restore(target, SEED, body, brief, demo=True, at=NOW)
    assert all(not rows for rows in everything(target, without=set()).values())
    target.check_schema()


def _pieces(found: bytes) -> list[bytes]:
    at, pieces = len(b"HTBACKUP1\n"), list[bytes]()
    while at < len(found):
        size = 4 + int.from_bytes(found[at : at + 4])
        pieces.append(found[at : at + size])
        at += size
    return pieces


def _last_piece(found: bytes) -> int:
    return len(_pieces(found)[-1])


def _with_frames_swapped(found: bytes) -> bytes:
    head, key, first, second, *rest = _pieces(found)
    return b"HTBACKUP1\n" + b"".join((head, key, second, first, *rest))


def test_a_restore_refuses_a_database_in_which_something_stands(ward: Ward, kept: Backups) -> None:
    before = everything(ward.intake.database, without=set())
    with pytest.raises(NotEmpty):
        restore(ward.intake.database, SEED, *pair(kept), demo=True, at=NOW)
    assert everything(ward.intake.database, without=set()) == before


def test_a_restore_that_was_cut_off_is_served_by_nobody_and_can_be_begun_again(
    ward: Ward, kept: Backups, empty: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(ward)
    body, brief = pair(kept)
    target = empty()
    true_put_back = stored.put_back

    def cut_off(connection: Any, batch: Batch) -> None:
        if batch.table == "wrap":
            raise RuntimeError("killed")
        true_put_back(connection, batch)

    monkeypatch.setattr(stored, "put_back", cut_off)
    with pytest.raises(RuntimeError):
        restore(target, SEED, body, brief, demo=True, at=NOW)
    with pytest.raises(SchemaBehind):
        target.check_schema()
    assert is_half_restored(target)
    monkeypatch.undo()
    restore(target, SEED, body, brief, demo=True, at=NOW)
    target.check_schema()
    assert_alike(target, ward.intake.database)


def test_a_demo_s_backup_stays_in_the_demo(
    files: Backups, new_sqlite: Callable[..., Database]
) -> None:
    body, brief = pair(files)
    with pytest.raises(BadBackup):
        restore(new_sqlite("restored.db"), SEED, body, brief, demo=False, at=NOW)


def test_a_second_backup_on_one_day_is_the_first(here: Ward, files: Backups) -> None:
    first = files.take()
    furnish(here)
    assert files.take() == first
    assert len(files.files()) == 2


def test_brief_files_live_seven_nights_and_bodies_thirty_five(here: Ward, files: Backups) -> None:
    for _ in range(40):
        files.take()
        here.clock.advance(days=1)
    today = here.clock.today() - timedelta(days=1)
    ages = {kind: [(today - f.day).days for f in files.files() if f.set == kind]
            for kind in ("brief", "body")}  # fmt: skip
    assert ages == {"brief": list(range(7)), "body": list(range(35))}


def test_old_files_die_even_when_no_new_one_can_be_made(here: Ward, files: Backups) -> None:
    files.take()
    (here.settings.keys / BACKUP_KEY).unlink()
    here.clock.advance(days=7)
    with pytest.raises(MissingKey):
        files.take()
    assert [file.set for file in files.files()] == ["body"]


@pytest.mark.parametrize("step", ["brief frame", "body end", "first name", "second name"])
def test_a_backup_that_is_cut_off_anywhere_is_made_whole_by_the_next_run(
    here: Ward, files: Backups, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    furnish(here)

    class Killed(BaseException):
        """Nothing after it runs: neither are files dropped, nor named."""

    writer = backups.FileWriter
    true_end, true_keep, true_add = writer.end, writer.keep, writer.add
    kept_names: list[str] = []

    def end(self: Any) -> None:
        if step == "body end" and self._path.suffix == ".body":
            raise Killed
        true_end(self)

    def keep(self: Any) -> None:
        if step == ("second name" if kept_names else "first name"):
            raise Killed
        kept_names.append(self._path.name)
        true_keep(self)

    def add(self: Any, batch: Batch) -> None:
        if step == "brief frame" and batch.set == "brief":
            raise Killed
        true_add(self, batch)

    def drop(self: Any) -> None:
        self._file.close()

    for name, fault in (
        ("end", end),
        ("keep", keep),
        ("add", add),
        ("drop", drop),
    ):
        monkeypatch.setattr(writer, name, fault)
    with pytest.raises(Killed):
        files.take()
    monkeypatch.undo()
    body, brief = pair(files)
    assert sorted(path.name for path in body.parent.iterdir()) == sorted((body.name, brief.name))
    for path in (body, brief):
        backups.read_through(path, SEED)


def test_a_full_disk_leaves_nothing_half(here: Ward, files: Backups, small_disk: Path) -> None:
    full = Backups(here.intake, here.settings, small_disk / "backups")
    here.intake.write_now(
        lambda tx: [
            tx.check_ins.add_photo(_photo(bytes([number]) * 16, here)) for number in range(6)
        ]
    )
    with pytest.raises(OSError):
        full.take()
    assert list((small_disk / "backups").iterdir()) == []


def _photo(photo_id: bytes, ward: Ward) -> PhotoRow:
    return PhotoRow(photo_id, b"c" * 16, "image/jpeg", bytes(1 << 20), ward.clock.now())


def test_other_files_in_the_folder_are_left_alone(files: Backups, tmp_path: Path) -> None:
    files.take()
    other = tmp_path / "backups" / "homthu-notes.txt"
    other.write_text("mine")
    shutil.copy(other, other.with_name("homthu-2020-01-01.body"))
    files.prune()
    assert other.exists()
    assert len(files.files()) == 2
