"""What a backup tells whoever holds its files without the key, and what every replica deletes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from intake.foundation import Foundation
from intake.upkeep.backups import BACKUP_KEY, Backups, misdated, read_through, restore
from intake.upkeep.doctor import examine
from intake.upkeep.retention import SERVICE
from intake.vault.key_pairs import new_seed, public_key
from storage import backups as stored
from storage.database import Database
from tests.clocks import FixedClock
from tests.wards import Template, Ward, open_ward

SEED = new_seed()


@pytest.fixture
def here(furnished: Template, tmp_path: Path, sqlite_database: Database, clock: FixedClock) -> Ward:
    ward = open_ward(furnished, tmp_path, sqlite_database, clock)
    (ward.settings.keys / BACKUP_KEY).write_text(public_key(SEED).to_bytes().hex() + "\n")
    return ward


def backups_of(ward: Ward, folder: Path) -> Backups:
    return Backups(ward.intake, ward.settings, folder)


def pair(kept: Backups) -> tuple[Path, Path]:
    by_set = {file.set: file.path for file in kept.take()}
    return by_set["body"], by_set["brief"]


def lengths(path: Path) -> list[int]:
    """Return the lengths of a file's pieces, which stand in clear."""
    found, at, sizes = path.read_bytes(), len(b"HTBACKUP1\n"), list[int]()
    while at < len(found):
        sizes.append(int.from_bytes(found[at : at + 4]))
        at += 4 + sizes[-1]
    return sizes


def test_what_dies_young_is_in_no_backup() -> None:
    assert {
        "draft", "draft_photo", "tombstone", "officer_session", "sign_in_try", "page_call",
        "lease", "job_run", "job_trouble", "work_dialogue",
    } == {table.name for table in stored.NEVER}  # fmt: skip
    assert {table.name for table in stored.BRIEF} == {"wrap", "push_address", "stop_request"}


def test_every_table_is_in_one_set_by_decision_and_a_new_one_in_none() -> None:
    """A table that nobody has decided about turns this red: name it in `storage.backups`."""
    chosen = [table.name for table in (*stored.BRIEF, *stored.BODY, *stored.NEVER)]
    assert sorted(chosen) == sorted(SQLModel.metadata.tables)
    assert {table.name for table in stored.body_tables()} == {table.name for table in stored.BODY}


def test_neither_size_nor_pieces_tell_how_many_tips_came_in_a_day(
    here: Ward, tmp_path: Path
) -> None:
    before = pair(backups_of(here, tmp_path / "before"))
    for number in range(6):
        here.send(what=f"việc {number}")
    after = pair(backups_of(here, tmp_path / "after"))
    for quiet, busy in zip(before, after, strict=True):
        assert lengths(quiet)[2:] == lengths(busy)[2:]
        assert quiet.stat().st_size == busy.stat().st_size
        assert read_through(quiet, SEED)[1] < read_through(busy, SEED)[1]


def test_a_replica_that_does_not_lead_deletes_what_is_too_old_as_well(
    here: Ward, tmp_path: Path
) -> None:
    """It made backups once, in a folder of its own; since then another one leads."""
    kept = backups_of(here, tmp_path / "mine")
    body, brief = pair(kept)
    cut_off = body.with_name(body.name.replace(".body", "x.body.part"))
    cut_off.write_bytes(b"cut off")
    kept.prune()
    assert all(path.exists() for path in (body, brief, cut_off))  # somebody may be writing it
    here.clock.advance(days=7)
    kept.prune()
    assert body.exists()
    assert not brief.exists()
    assert not cut_off.exists()
    here.clock.advance(days=28)
    kept.prune()
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_restore_is_an_act_in_the_audit_chain_and_jobs_count_from_then(
    here: Ward, tmp_path: Path, new_sqlite: Callable[..., Database]
) -> None:
    here.intake.write_now(lambda tx: tx.keys.set_fact("jobs_since", here.clock.now().isoformat()))
    body, brief = pair(backups_of(here, tmp_path / "b"))
    day = here.clock.today()
    later = here.clock.advance(days=3)
    target = new_sqlite("restored.db")
    restore(target, SEED, body, brief, demo=True, at=later)
    with target.read() as view:
        assert view.audit.verify() is None
        last = view.audit.rows(limit=10_000)[-1]
        assert view.keys.fact("jobs_since") is None
        assert view.jobs.all() == {"erase-what-is-due": later}  # not before the next night
    assert (last.at, last.actor, last.act) == (later, SERVICE, "backup.restore")
    assert last.subject == day.isoformat()
    assert '"brief":"yes"' in last.detail.replace(" ", "")


def test_files_that_should_be_gone_or_are_of_a_day_to_come_are_counted(
    here: Ward, tmp_path: Path
) -> None:
    """A clock that was wrong makes a backup that would outlive its days."""
    folder, today = tmp_path / "b", here.clock.today()
    backups_of(here, folder).take()
    counted = [misdated(folder, today + timedelta(days=n)) for n in (-2, -1, 0, 7, 8, 35, 36)]
    assert counted == [2, 0, 0, 0, 1, 1, 2]


def test_the_doctor_names_files_that_outlived_their_days(
    here: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = here.settings.model_copy(update={"backup_dir": tmp_path / "b"})
    ground = replace(here.foundation, settings=settings)

    def found(*_: object) -> Foundation:
        return ground

    def stay_open(*_: object) -> None:
        """The test still needs it."""

    monkeypatch.setattr("intake.upkeep.doctor.lay", found)
    monkeypatch.setattr(Foundation, "close", stay_open)
    backups_of(here, tmp_path / "b").take()
    assert not [f for f in examine(settings) if "quá số ngày giữ" in f.says]
    here.clock.advance(days=8)
    (finding,) = [f for f in examine(settings) if "quá số ngày giữ" in f.says]
    assert not finding.good
    assert finding.says.startswith("1 tệp")
