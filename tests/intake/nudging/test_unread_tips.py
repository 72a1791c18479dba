"""How many tips nobody has looked at is told to the unit's own people: a number, no word of any."""

import secrets
from datetime import date, datetime, timedelta

import pytest

from storage.nudge_tables import OfficerPerson
from storage.tables import Officer, Unit
from storage.tips import NewTip
from storage.work_tables import Leader
from tests.intake.nudging.told import Told
from tests.intake.work_side import PROVINCE, WARD, at


def tip(unit_id: str, released: datetime, seen: bool = False) -> NewTip:
    random = secrets.token_bytes(16)
    return NewTip(
        random, unit_id, released.date(), released, 2, "new", random, b"", b"", b"",
        new_at=None if seen else released,
    )  # fmt: skip


@pytest.fixture
def desk(told_on_both: Told) -> Told:
    """Two units that receive tips; 23/11 is a Monday."""
    town = told_on_both.town
    town.insert(
        Unit(id="U", name="Công an tỉnh", parent_id=None, area_id=PROVINCE),
        Unit(id="U1", name="Công an phường", parent_id="U", area_id=WARD),
    )
    town.clock.set(at("2026-11-23 08:00:00"))
    return told_on_both


def link(told: Told, unit_id: str, role: str = "officer", *, active: bool = True) -> bytes:
    officer, town = secrets.token_bytes(16), told.town
    leader = secrets.token_bytes(16)

    town.insert(
        Leader(id=leader, name="Đ/c", added_on=date(2026, 1, 1)),
        Officer(
            id=officer, unit_id=unit_id, login=officer.hex(), name="Đ/c", role=role, active=active,
            added_on=date(2026, 1, 1),
        ),
        OfficerPerson(officer_id=officer, leader_id=leader),
    )  # fmt: skip
    return leader


def add(told: Told, *tips: NewTip) -> None:
    told.town.intake.write_now(lambda tx: [tx.tips.add(each, []) for each in tips])


def unread(told: Told, day: date | None = None) -> dict[bytes, tuple[str, int]]:
    with told.town.intake.read() as view:
        return dict(told.areas.unread(view, day or told.town.clock.today()))


def test_only_what_nobody_has_looked_at_for_a_day_is_counted(desk: Told) -> None:
    now, officer = desk.town.clock.now(), link(desk, "U1")
    add(
        desk,
        tip("U1", now - timedelta(hours=25)),
        tip("U1", now - timedelta(hours=24)),
        tip("U1", now - timedelta(hours=23)),
        tip("U1", now - timedelta(hours=48), seen=True),
        tip("U1", now + timedelta(hours=1)),
    )
    assert unread(desk) == {officer: ("U1", 2)}


def test_a_unit_hears_of_its_own_tips_alone(desk: Told) -> None:
    """A tip about a ward's officers is received by the unit above: the ward's number lacks it."""
    now = desk.town.clock.now()
    ward, province = link(desk, "U1"), link(desk, "U")
    add(desk, tip("U", now - timedelta(hours=30)))
    assert unread(desk) == {province: ("U", 1)}
    assert ward not in unread(desk)


@pytest.mark.parametrize(("role", "active"), [("clerk", True), ("admin", True), ("officer", False)])
def test_who_may_read_no_tip_hears_of_none(desk: Told, role: str, active: bool) -> None:
    link(desk, "U1", role, active=active)
    add(desk, tip("U1", desk.town.clock.now() - timedelta(hours=30)))
    assert unread(desk) == {}


def test_a_look_ahead_counts_no_tip_that_is_not_released_yet(desk: Told) -> None:
    officer, now = link(desk, "U1"), desk.town.clock.now()
    add(desk, tip("U1", now + timedelta(minutes=30)), tip("U1", now - timedelta(hours=1)))
    assert unread(desk, date(2026, 11, 25)) == {officer: ("U1", 1)}
