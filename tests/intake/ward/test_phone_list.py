"""Whom the ward calls: those who owe something and whom no message reaches."""

import secrets
from datetime import date
from pathlib import Path

import pytest

from intake.errors import NotAllowed, NotFound
from intake.officers import OfficerView, Session
from intake.ward.phone_list import PhoneEntry, PhoneList
from intake.work.work_scope import WorkScope
from storage.database import Database
from storage.tables import Unit
from storage.work_tables import Assignment, Leader, LeaderChat
from tests.clocks import FixedClock
from tests.intake.work_side import NOVEMBER, PROVINCE, TEMPLATE, WARD, Town, at, furnish

TO_1, TO_2, TO_3 = (f"{WARD}-0{n}" for n in (1, 2, 3))


@pytest.fixture
def town(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    return november(sqlite_database, clock, tmp_path)


@pytest.fixture
def town_on_both(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    return november(database, clock, tmp_path)


def november(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    clock.set(at("2026-11-20 08:00:00"))
    town = furnish(database, clock, tmp_path, neighbourhoods=3)
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    town.insert(
        Unit(id="U", name="Công an tỉnh", parent_id=None, area_id=PROVINCE),
        Unit(id="U1", name="Công an phường", parent_id="U", area_id=WARD),
    )
    return town


def listed(
    town: Town, unit: str = "U1", role: str = "clerk", area: str | None = None
) -> dict[str, PhoneEntry]:
    officer = OfficerView(
        id="0a", name="Đ/c", login="a", role=role, unit_id=unit, unit_name="", active=True,
        has_key=False, has_grant=False, fingerprint=None,
    )  # fmt: skip
    phones = PhoneList(town.intake, WorkScope(town.intake), town.uses)
    found = phones.of(Session(officer, b"", ""), area)
    return {entry.owner_id: entry for entry in found}


def chat(town: Town, leader: str, channel: str = "telegram", *, blocked: bool = False) -> None:
    now = town.clock.now()
    town.insert(
        LeaderChat(
            channel=channel, address=secrets.token_hex(4), leader_id=bytes.fromhex(leader),
            added_at=now, blocked_at=now if blocked else None,
        )
    )  # fmt: skip


def test_whoever_has_no_chat_is_called_with_what_is_owed(town: Town) -> None:
    entry = listed(town)[TO_1]
    assert (entry.name, entry.address_as, entry.part) == ("Bác Năm", "bác", "head")
    assert entry.why == "no_chat"
    titles = {each.title for each in entry.owes}
    assert titles == {"Tuyên truyền hằng tháng", "Họp lắng nghe ý kiến nhân dân"}
    (said,) = {(each.period_label, each.last_good_on, each.days_left) for each in entry.owes}
    assert said == ("tháng 11/2026", date(2026, 11, 30), 10)
    assert set(listed(town)) == {TO_1, TO_2, TO_3}


def test_whoever_can_be_written_to_is_not_called(town_on_both: Town) -> None:
    town = town_on_both
    chat(town, town.leader, blocked=True)
    assert listed(town)[TO_1].why == "blocked"
    chat(town, town.leader, "web")
    assert listed(town)[TO_1].why == "blocked"
    chat(town, town.leader, "zalo")
    assert listed(town) == {}


def test_whoever_owes_nothing_is_not_called(town: Town) -> None:
    for kind in ("outreach", "listening_meeting"):
        town.file(TO_2, date(2026, 11, 12), kind=kind, chair="x", people=40)
    assert set(listed(town)) == {TO_1, TO_3}


def test_what_the_ward_has_not_decided_is_not_asked_for_by_phone(town: Town) -> None:
    for owed in town.obligations.standing(TO_2, date(2026, 11, 20)):
        town.obligations.ask_exemption(owed.obligation_id, town.leader, "bão")
    assert set(listed(town)) == {TO_1, TO_3}


def test_a_deputy_who_can_be_written_to_is_enough(town: Town) -> None:
    deputy = secrets.token_bytes(16)
    town.insert(
        Leader(id=deputy, name="Cô Sáu", address_as="cô", added_on=NOVEMBER),
        Assignment(
            id=secrets.token_bytes(16), leader_id=deputy, owner_id=TO_1, part="deputy",
            since=NOVEMBER,
        ),
    )  # fmt: skip
    assert listed(town)[TO_1].name == "Bác Năm"
    chat(town, deputy.hex())
    assert set(listed(town)) == {TO_2, TO_3}


def test_a_neighbourhood_whose_head_left_has_nobody_to_call(town: Town) -> None:
    gone = bytes.fromhex(town.leader)
    town.intake.write_now(lambda tx: tx.leaders.change(gone, left_on=date(2026, 11, 19)))
    entry = listed(town)[TO_1]
    assert (entry.why, entry.leader_id, entry.name) == ("vacant", "", "")


def test_the_list_ends_at_the_officers_own_area(town: Town) -> None:
    assert "W2-01" in listed(town, unit="U")
    assert set(listed(town, unit="U", area=WARD)) == {TO_1, TO_2, TO_3}
    with pytest.raises(NotFound):
        listed(town, area=PROVINCE)
    with pytest.raises(NotAllowed):
        listed(town, role="admin")
