"""Officers: what may happen once happens once, whoever asks at the same moment."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from storage.areas import AreaRow, UnitRow
from storage.database import Database
from storage.errors import Duplicate, StorageError
from storage.officers import OfficerRow, SessionRow
from storage.unit_of_work import Tx
from tests.clocks import START, FixedClock

T = TypeVar("T")


@pytest.fixture
def write(database: Database) -> Callable[[Callable[[Tx], T]], T]:
    return lambda work: database.writer.submit(work).result(30)


@pytest.fixture
def officer(write: Any) -> OfficerRow:
    row = officer_of("ward")

    def work(tx: Tx) -> None:
        day = START.date()
        tx.areas.add_areas([AreaRow("a", "commune", None, "phường", "Một", "mot", day)])
        tx.areas.add_unit(UnitRow("ward", "Công an phường Một", None, "a"))
        tx.officers.add(row)

    write(work)
    return row


def officer_of(unit_id: str, login: str = "lan") -> OfficerRow:
    return OfficerRow(
        id=os.urandom(16),
        unit_id=unit_id,
        login=login,
        name="Lan",
        role="officer",
        active=True,
        public_key=None,
        seed_sealed=None,
        totp_sealed=None,
        totp_step=0,
        added_on=START.date(),
    )


def session_of(officer: OfficerRow) -> SessionRow:
    return SessionRow(os.urandom(32), officer.id, b"seed", START, START)


def test_an_account_comes_back_as_it_was_added(database: Database, officer: OfficerRow) -> None:
    with database.read() as view:
        assert view.officers.get(officer.id) == officer
        assert view.officers.by_login("lan") == officer
        assert view.officers.of_unit("ward") == view.officers.all() == [officer]
        assert view.officers.get(os.urandom(16)) is None
        assert view.officers.by_login("nobody") is None
        assert view.officers.of_unit("other") == []


def test_a_login_name_is_taken_once(officer: OfficerRow, write: Any) -> None:
    with pytest.raises(Duplicate):
        write(lambda tx: tx.officers.add(officer_of("ward")))


def test_an_officer_belongs_to_a_unit_that_exists(officer: OfficerRow, write: Any) -> None:
    with pytest.raises(StorageError):
        write(lambda tx: tx.officers.add(officer_of("nowhere", "minh")))


def test_a_step_of_the_second_factor_serves_once(
    database: Database, officer: OfficerRow, write: Any
) -> None:
    futures = [
        database.writer.submit(lambda tx: tx.officers.use_totp_step(officer.id, 100))
        for _ in range(16)
    ]
    assert sum(future.result(30) for future in futures) == 1
    assert not write(lambda tx: tx.officers.use_totp_step(officer.id, 99))
    assert write(lambda tx: tx.officers.use_totp_step(officer.id, 101))


def test_a_one_time_link_serves_once(database: Database, officer: OfficerRow, write: Any) -> None:
    token, until = os.urandom(32), START + timedelta(days=1)
    write(lambda tx: tx.officers.add_invite(token, officer.id, until))
    with database.read() as view:
        assert view.officers.invite(token, START) == officer.id
    futures = [
        database.writer.submit(lambda tx: tx.officers.take_invite(token, START)) for _ in range(16)
    ]
    taken = [future.result(30) for future in futures]
    assert taken.count(officer.id) == 1


def test_a_one_time_link_dies_of_age_and_of_a_newer_one(
    database: Database, officer: OfficerRow, write: Any
) -> None:
    old, new, until = os.urandom(32), os.urandom(32), START + timedelta(days=1)
    write(lambda tx: tx.officers.add_invite(old, officer.id, until))
    write(lambda tx: tx.officers.add_invite(new, officer.id, until))
    assert write(lambda tx: tx.officers.take_invite(old, START)) is None
    assert write(lambda tx: tx.officers.take_invite(new, until)) is None
    with database.read() as view:
        assert view.officers.invite(new, until) is None
    assert write(lambda tx: tx.officers.drop_invites(until)) == 1
    assert write(lambda tx: tx.officers.take_invite(new, START)) is None


def test_a_new_second_factor_begins_anew(
    database: Database, officer: OfficerRow, write: Any
) -> None:
    write(lambda tx: tx.officers.use_totp_step(officer.id, 100))
    write(lambda tx: tx.officers.set_totp(officer.id, b"factor"))
    write(lambda tx: tx.officers.set_key(officer.id, b"public", b"seed"))
    with database.read() as view:
        row = view.officers.get(officer.id)
    assert row == officer._replace(
        totp_sealed=b"factor", totp_step=0, public_key=b"public", seed_sealed=b"seed"
    )


def test_a_session_lives_until_it_is_idle_or_old(
    database: Database, officer: OfficerRow, write: Any, clock: FixedClock
) -> None:
    busy, idle = session_of(officer), session_of(officer)
    for each in (busy, idle):
        write(lambda tx, each=each: tx.officers.add_session(each))
    now = clock.advance(minutes=15)
    write(lambda tx: tx.officers.touch_session(busy.id, now))
    before = (now - timedelta(minutes=15), now - timedelta(hours=8))
    assert write(lambda tx: tx.officers.drop_idle_sessions(*before)) == 1
    with database.read() as view:
        assert view.officers.session(idle.id) is None
        assert view.officers.session(busy.id) == busy._replace(seen_at=now)
    assert write(lambda tx: tx.officers.drop_idle_sessions(START - timedelta(days=1), START)) == 1


def test_whoever_may_not_sign_in_is_signed_out(
    database: Database, officer: OfficerRow, write: Any
) -> None:
    sessions = [session_of(officer) for _ in range(3)]
    for each in sessions:
        write(lambda tx, each=each: tx.officers.add_session(each))
    write(lambda tx: tx.officers.drop_session(sessions[0].id))
    write(lambda tx: tx.officers.set_active(officer.id, True))
    with database.read() as view:
        found = [view.officers.session(each.id) is not None for each in sessions]
    assert found == [False, True, True]
    write(lambda tx: tx.officers.set_active(officer.id, False))
    with database.read() as view:
        assert [view.officers.session(each.id) for each in sessions] == [None] * 3
        row = view.officers.get(officer.id)
    assert row is not None
    assert not row.active


def test_failed_sign_ins_are_counted_until_a_good_one(
    database: Database, write: Any, clock: FixedClock
) -> None:
    futures = [
        database.writer.submit(lambda tx: tx.officers.count_try("lan", clock.now()))
        for _ in range(8)
    ]
    for future in futures:
        future.result(30)
    with database.read() as view:
        row = view.officers.tries("lan")
    assert row == ("lan", 8, START)
    write(lambda tx: tx.officers.count_try("minh", clock.advance(days=1)))
    assert write(lambda tx: tx.officers.drop_tries(START)) == 1
    write(lambda tx: tx.officers.clear_tries("minh"))
    with database.read() as view:
        assert view.officers.tries("lan") is view.officers.tries("minh") is None
