"""What a step reads in several places, it reads in one view; the next look sees what came since."""

import threading
from datetime import date

import pytest
from sqlalchemy import text

from intake.errors import DatabaseBusy, NotFound
from intake.service import Intake
from storage.areas import AreaRow
from storage.database import Database
from storage.errors import StorageError
from tests.clocks import FixedClock

HERE = AreaRow("01", "province", None, "province", "Tỉnh", "tinh", date(2026, 1, 1))


def _is_there(intake: Intake) -> bool:
    with intake.read() as view:
        return view.areas.get(HERE.id) is not None


def _glimpsed(intake: Intake) -> bool:
    with intake.glance() as view:
        return view.areas.get(HERE.id) is not None


def _add_elsewhere(intake: Intake) -> None:
    adding = threading.Thread(
        target=lambda: intake.write_now(lambda tx: tx.areas.add_areas([HERE]))
    )
    adding.start()
    adding.join()


def _refused(intake: Intake) -> None:
    assert not _is_there(intake)
    raise NotFound("no such area")


def test_reads_of_one_look_see_one_state_and_the_next_look_a_newer_one(database: Database) -> None:
    intake = Intake(database, FixedClock())
    with intake.look():
        assert not _is_there(intake)
        _add_elsewhere(intake)
        with intake.look():
            assert not _is_there(intake)
            assert not _glimpsed(intake)
    assert _is_there(intake)
    assert _glimpsed(intake)


def test_a_look_of_one_thread_binds_no_other(database: Database) -> None:
    intake, seen = Intake(database, FixedClock()), list[bool]()
    with intake.look():
        assert not _is_there(intake)
        _add_elsewhere(intake)
        other = threading.Thread(target=lambda: seen.append(_is_there(intake)))
        other.start()
        other.join()
        assert not _is_there(intake)
    assert seen == [True]


def test_a_refusal_inside_a_look_leaves_nothing_behind(database: Database) -> None:
    intake = Intake(database, FixedClock())
    with pytest.raises(NotFound), intake.look():
        _refused(intake)
    _add_elsewhere(intake)
    assert _is_there(intake)


def test_whoever_reads_cannot_write(database: Database) -> None:
    intake = Intake(database, FixedClock())
    _add_elsewhere(intake)
    for way in (intake.read, intake.glance):
        with pytest.raises((DatabaseBusy, StorageError)), way() as view:
            view.connection.execute(text("DELETE FROM area"))
    assert _is_there(intake)
