"""The log of nudges, officers' own chats and calendars' addresses, on both databases."""

import secrets
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from storage.database import Database
from storage.nudges import NudgeRow, RungRow
from storage.own_addresses import CalendarRow, OfficerPersonRow
from storage.tables import Officer, Unit
from storage.work_tables import Assignment, Leader
from tests.clocks import FixedClock
from tests.intake.work_side import NOVEMBER, OTHER_WARD, OUTREACH, PROVINCE, WARD, Town, furnish

SENT = datetime(2026, 11, 24, 1, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
OWNER = f"{WARD}-01"


@pytest.fixture
def town(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    made = furnish(database, clock, tmp_path, 2)
    made.uses.use(PROVINCE, "viec-hang-thang-cua-to", date(2026, 1, 1))
    made.obligations.open_period(NOVEMBER)
    return made


def subject(town: Town) -> bytes:
    standing = town.obligations.standing(OWNER, NOVEMBER)
    return bytes.fromhex(next(each.obligation_id for each in standing if each.duty == OUTREACH))


def person(town: Town, owner: str, since: date, until: date | None = None) -> bytes:
    key = secrets.token_bytes(16)
    town.insert(
        Leader(id=key, name="Mẫu", added_on=since),
        Assignment(id=key, leader_id=key, owner_id=owner, part="head", since=since, until=until),
    )
    return key


def nudge(town: Town, leader: bytes, state: str, *rungs: tuple[bytes, str], day: int = 24) -> bytes:
    row = NudgeRow(
        secrets.token_bytes(16), leader, date(2026, 11, day), "", state, "telegram", "1", SENT,
        SENT + timedelta(hours=3), 7, 0, "", None, SENT, SENT if state == "sent" else None, "", "",
    )  # fmt: skip
    found = [RungRow(each, rung, leader, row.id) for each, rung in rungs]
    town.intake.write_now(lambda tx: tx.nudges.plan([row], found))
    return row.id


def test_the_log_is_cut_to_who_held_something_inside_on_the_day(town: Town) -> None:
    here = person(town, OWNER, date(2026, 11, 1))
    gone = person(town, OWNER, date(2026, 1, 1), date(2026, 11, 24))
    elsewhere = person(town, f"{OTHER_WARD}-01", date(2026, 1, 1))
    mine = nudge(town, here, "sent")
    for other in (gone, elsewhere):
        nudge(town, other, "sent")
    nudge(town, here, "dead", day=25)
    with town.intake.read() as view:
        log = view.nudge_log
        assert log.counts(WARD, FIRST, LAST) == {"sent": 1, "dead": 1}
        assert log.counts(PROVINCE, FIRST, LAST) == {"sent": 2, "dead": 1}
        assert log.counts(WARD, FIRST, date(2026, 11, 23)) == {}
        assert [row.id for row in log.logged(WARD, FIRST, LAST, ["sent"], 9)] == [mine]
        assert len(log.logged(PROVINCE, FIRST, LAST, ["sent", "dead"], 2)) == 2


def test_effects_hold_duties_inside_and_what_is_no_duty_and_never_how_many_tips_wait(
    town: Town,
) -> None:
    leader = person(town, OWNER, date(2026, 1, 1))
    owed, report = subject(town), bytes(16)
    sent = nudge(town, leader, "sent", (owed, "-7"), (report, "-14"), (b"u" * 16, "unread"))
    nudge(town, leader, "sent", (b"v" * 16, "unread"), day=25)  # of nothing else: not shown
    with town.intake.read() as view:
        found = view.nudge_log.effects(WARD, FIRST, LAST)
        about = view.nudge_log.subjects([sent])
        assert view.nudge_log.counts(WARD, FIRST, LAST) == {"sent": 1}
        outside = view.nudge_log.effects(OTHER_WARD, FIRST, LAST)
    assert {(row.subject, row.rung, row.obligation_id) for row in found} == {
        (owed, "-7", owed), (report, "-14", None)
    }  # fmt: skip
    assert {(row.rung, row.owner_id, row.duty) for row in about} == {
        ("-7", OWNER, OUTREACH), ("-14", None, None)
    }  # fmt: skip
    assert outside == []


def test_an_officer_and_an_entry_are_linked_to_one_another_alone(town: Town) -> None:
    one, other = person(town, OWNER, FIRST), person(town, OWNER, FIRST)
    town.insert(Unit(id="u", name="u", area_id=WARD))
    for key in (b"a" * 16, b"b" * 16):
        town.insert(
            Officer(id=key, unit_id="u", login=key[:1].decode(), name="x", role="clerk",
                    added_on=FIRST)
        )  # fmt: skip

    def link(officer: bytes, leader: bytes) -> bool:
        row = OfficerPersonRow(officer, leader)
        return town.intake.write_now(lambda tx: tx.own_addresses.link(row))

    assert link(b"a" * 16, one)
    assert not link(b"a" * 16, other)
    assert not link(b"b" * 16, one)
    with town.intake.read() as view:
        assert view.own_addresses.officer_of(one) == (b"a" * 16, one)
        assert view.own_addresses.person_of(b"b" * 16) is None
    assert town.intake.write_now(lambda tx: tx.own_addresses.unlink(b"a" * 16))
    assert not town.intake.write_now(lambda tx: tx.own_addresses.unlink(b"a" * 16))
    assert link(b"b" * 16, one)


def test_a_new_address_of_a_calendar_ends_the_old_one(town: Town) -> None:
    rows = [CalendarRow(key * 32, "leader:00", SENT) for key in (b"1", b"2")]
    for row in rows:
        town.intake.write_now(lambda tx, row=row: tx.own_addresses.add_calendar(row))
    town.intake.write_now(
        lambda tx: tx.own_addresses.add_calendar(CalendarRow(b"3" * 32, "officer:00", SENT))
    )
    with town.intake.read() as view:
        assert view.own_addresses.calendar(b"1" * 32) is None
        assert view.own_addresses.calendars_of("leader:00") == [rows[1]]
    assert town.intake.write_now(lambda tx: tx.own_addresses.drop_calendars("leader:00")) == 1
    with town.intake.read() as view:
        assert view.own_addresses.calendar(b"3" * 32) is not None


def test_the_stops_are_listed_by_name_and_nothing_else_is(town: Town) -> None:
    def stop(name: str) -> None:
        town.intake.write_now(lambda tx: tx.nudges.stop(name, SENT, "officer:00"))

    for name in ("nudges", "nudges:W1", "other"):
        stop(name)
    with town.intake.read() as view:
        assert [row.name for row in view.nudge_log.stops("nudges")] == ["nudges", "nudges:W1"]
