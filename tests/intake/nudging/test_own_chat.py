"""An officer's own chat is theirs alone: nobody was in it before them, nobody stays after them."""

from pathlib import Path

import pytest

from intake.errors import NotFound
from intake.officers import Session
from storage.database import Database
from tests.api.desks import open_desk
from tests.api.work_desk import WorkDesk, open_work_desk
from tests.clocks import FixedClock
from tests.wards import Template, Ward, open_ward

WARD = "D1-01"


@pytest.fixture
def ward(furnished: Template, tmp_path: Path, sqlite_database: Database, clock: FixedClock) -> Ward:
    return open_ward(furnished, tmp_path, sqlite_database, clock)


@pytest.fixture
def work(ward: Ward) -> WorkDesk:
    return open_work_desk(open_desk(ward))


@pytest.fixture
def clerk(ward: Ward, work: WorkDesk) -> Session:
    del work
    return ward.sign_in("phuong.em")


@pytest.fixture
def officer(ward: Ward, work: WorkDesk) -> Session:
    del work
    return ward.sign_in("phuong.binh")


def linked(ward: Ward, officer: Session) -> str:
    """Link an officer to a new entry; return the entry."""
    own = ward.services.nudges.own_chat
    own.connect(officer)
    entry = own.mine(officer).entry
    assert entry is not None
    return entry.leader_id


def comes(ward: Ward, code: str, address: str) -> None:
    ward.services.work.services.leaders.enrol(code, "demo", address)


def links(ward: Ward) -> list[object]:
    with ward.intake.read() as view:
        return list(view.digests.linked_officers())


def test_a_code_that_the_clerk_drew_before_does_not_open_the_officers_chat(
    ward: Ward, clerk: Session, officer: Session
) -> None:
    book, own = ward.services.work.leaders, ward.services.nudges.own_chat
    entry = book.add(clerk, "Đồng chí Bình", "anh", WARD)
    code = book.invite(clerk, entry).code
    own.connect(officer, entry)
    with pytest.raises(NotFound):
        comes(ward, code, "the clerk's phone")
    comes(ward, own.invite(officer).code, "the officer's phone")


def test_a_phone_that_was_there_before_hears_nothing_of_the_officers(
    ward: Ward, clerk: Session, officer: Session
) -> None:
    book, own = ward.services.work.leaders, ward.services.nudges.own_chat
    entry = book.add(clerk, "Đồng chí Bình", "anh", WARD)
    comes(ward, book.invite(clerk, entry).code, "the clerk's phone")
    own.connect(officer, entry)
    assert ward.services.work.services.leaders.chats_of(bytes.fromhex(entry)) == ()
    shown = own.mine(officer).entry
    assert shown is not None
    assert shown.chats == 0


def test_with_an_account_its_chat_ends_and_the_entry_is_the_wards_again(
    ward: Ward, clerk: Session, officer: Session
) -> None:
    book, leaders = ward.services.work.leaders, ward.services.work.services.leaders
    entry, own = linked(ward, officer), ward.services.nudges.own_chat
    comes(ward, own.invite(officer).code, "a phone")
    late = own.invite(officer).code
    assert len(links(ward)) == 1
    ward.services.people.remove_officer(ward.sign_in("quantri"), officer.officer.id)
    with ward.intake.read() as view:
        assert view.own_addresses.officer_of(bytes.fromhex(entry)) is None
    assert links(ward) == []
    assert leaders.chats_of(bytes.fromhex(entry)) == ()  # it could still accept the ward's work
    with pytest.raises(NotFound):
        comes(ward, late, "another phone")
    comes(ward, book.invite(clerk, entry).code, "the successor's phone")


def test_an_entry_that_the_ward_lets_go_is_no_officers_any_more(
    ward: Ward, clerk: Session, officer: Session
) -> None:
    entry = linked(ward, officer)
    ward.services.work.leaders.leave(clerk, entry)
    assert links(ward) == []
