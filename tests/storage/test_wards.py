"""What stands inside an area is found by the statement itself, on each kind of database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from storage.areas import AreaRow
from storage.assignments import AssignmentRow
from storage.database import Database
from storage.leaders import ChatRow, InviteRow, LeaderRow
from storage.organisations import OrganisationRow
from storage.unit_of_work import Tx

DAY, NOW = date(2026, 3, 2), datetime(2026, 3, 2, 1, tzinfo=UTC)
HERE, THERE, GONE = b"1" * 16, b"2" * 16, b"3" * 16


def area(area_id: str, level: str, parent: str | None, until: date | None = None) -> AreaRow:
    return AreaRow(area_id, level, parent, level, area_id, area_id, date(2025, 1, 1), until)


def leader(leader_id: bytes, name: str) -> LeaderRow:
    return LeaderRow(leader_id, name, "bác", "vi", None, DAY, None)


@pytest.fixture
def furnished(database: Database) -> Database:
    """A province with two wards; each has a neighbourhood, a school and a leader."""

    def work(tx: Tx) -> None:
        tx.areas.add_areas([
            area("P", "province", None), area("W1", "commune", "P"), area("W2", "commune", "P"),
            area("W1-1", "neighbourhood", "W1"), area("W2-1", "neighbourhood", "W2"),
            area("W1-9", "neighbourhood", "W1", date(2026, 1, 1)),
        ])  # fmt: skip
        tx.organisations.add_new([
            OrganisationRow("W1-s", "W1-1", "school", "trường", "truong", date(2025, 1, 1)),
            OrganisationRow("W2-s", "W2", "school", "trường", "truong", date(2025, 1, 1)),
        ])  # fmt: skip
        for each in (leader(HERE, "An"), leader(THERE, "Bình"), leader(GONE, "Chi")):
            tx.leaders.add(each)
        ended = date(2025, 6, 1)
        tx.assignments.assign(AssignmentRow(b"a" * 16, HERE, "W1-s", "head", date(2025, 1, 1)))
        tx.assignments.assign(AssignmentRow(b"b" * 16, THERE, "W2-1", "head", date(2025, 1, 1)))
        tx.assignments.assign(
            AssignmentRow(b"c" * 16, GONE, "W1-1", "head", date(2025, 1, 1), ended)
        )
        tx.leaders.add_chat(ChatRow("demo", "1", HERE, NOW))
        tx.leaders.add_chat(ChatRow("demo", "2", HERE, NOW, NOW))
        tx.leaders.add_chat(ChatRow("demo", "3", THERE, NOW))
        tx.leaders.add_invite(InviteRow(b"h" * 32, THERE, NOW + timedelta(days=3)))

    database.writer.submit(work).result()
    return database


def test_a_ward_holds_its_own_neighbourhoods_and_organisations(furnished: Database) -> None:
    with furnished.read() as view:
        found = {each: {row.id for row in view.wards.standing(each, DAY)} for each in ("W1", "P")}
    assert found["W1"] == {"W1", "W1-1", "W1-s"}
    assert found["P"] == {"P", "W1", "W2", "W1-1", "W2-1", "W1-s", "W2-s"}


def test_a_ward_knows_those_who_look_after_something_there_or_did(furnished: Database) -> None:
    with furnished.read() as view:
        assert [row.name for row in view.wards.leaders("W1")] == ["An", "Chi"]
        assert [row.name for row in view.wards.leaders("W2")] == ["Bình"]
        assert view.wards.leader("W2", HERE) is None
        assert view.wards.leader("P", HERE) is not None
        assert {row.leader_id for row in view.wards.assignments("W1")} == {HERE, GONE}


def test_chats_and_invites_of_another_ward_are_not_counted(furnished: Database) -> None:
    with furnished.read() as view:
        chats = view.wards.chats("W1")
        assert {key: (row.chats, row.blocked) for key, row in chats.items()} == {HERE: (2, 1)}
        assert view.wards.invites("W1") == []
        assert [row.leader_id for row in view.wards.invites("W2")] == [THERE]
