"""Roll-ups as they arrive: in one message with the rest of the day, once, on working days."""

import secrets
from datetime import date, timedelta
from pathlib import Path

import pytest

from intake.plans.working_days import working_days
from intake.ports import VIETNAM
from intake.work.check_ins import Filer
from storage.database import Database
from storage.nudge_tables import OfficerPerson
from storage.tables import Officer, Unit
from storage.tips import NewTip
from tests.clocks import FixedClock
from tests.intake.work_side import OFFICER, PROVINCE, WARD, at
from tests.reminders.nudge_rig import BEGIN, Heard, Rig, a_rig

MONDAY = date(2026, 3, 23)
WEEK = timedelta(days=7)
FIRST = f"{WARD}-01"
HANOI = "hanoi-265-2024"
pytestmark = pytest.mark.anyio


def office(database: Database, clock: FixedClock, folder: Path) -> Rig:
    """March of a ward with two tổ, a person in its office and one in the province's."""
    rig = a_rig(database, clock, folder)
    rig.open(date(2026, 3, 2))
    rig.person(WARD)
    rig.person(PROVINCE)
    return rig


@pytest.fixture
def rig(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> Rig:
    return office(sqlite_database, clock, tmp_path)


@pytest.fixture
def rigs(database: Database, clock: FixedClock, tmp_path: Path) -> Rig:
    return office(database, clock, tmp_path)


def digested(heard: list[Heard]) -> set[str]:
    return {each.address for each in heard if each.content.digests}


async def test_on_monday_the_offices_hear_how_those_below_stand_and_once(rigs: Rig) -> None:
    rigs.at(MONDAY, "07:30")
    assert await rigs.minute() == []
    rigs.at(MONDAY)
    heard = await rigs.minute()
    assert digested(heard) == {WARD, PROVINCE}
    (ward,) = rigs.chats.of(WARD)
    assert [(each.met, each.expected) for each in ward.digests] == [(0, 2), (0, 2)]
    for later in ("08:01", "14:00", "20:29"):
        rigs.at(MONDAY, later)
        assert await rigs.minute() == []
    rigs.at(MONDAY + timedelta(days=2))
    assert digested(await rigs.minute()) == set()


async def test_an_area_that_is_stopped_hears_no_digest_either(rig: Rig) -> None:
    rig.at(MONDAY, "06:30")
    rig.sweep()
    rig.write(lambda tx: tx.nudges.stop(f"nudges:{WARD}", rig.clock.now(), "officer:1"))
    rig.at(MONDAY)
    assert digested(await rig.minute()) == {PROVINCE}
    stopped = {each.leader_id: each.stopped for each in rig.preview.on(MONDAY + WEEK)}
    assert stopped[rig.people[WARD]] == "stopped"
    assert not stopped[rig.people[PROVINCE]]


async def test_a_monday_on_which_nothing_ran_is_told_on_tuesday(rig: Rig) -> None:
    rig.at(MONDAY + timedelta(days=1), "20:00")
    assert digested(await rig.minute()) == {WARD, PROVINCE}
    rig.at(MONDAY + timedelta(days=2))
    assert digested(await rig.minute()) == set()


async def test_what_was_done_between_the_plan_and_the_hour_is_not_told(rig: Rig) -> None:
    rig.at(MONDAY, "06:30")
    assert rig.sweep() == 4  # two offices, and two leaders who have done nothing yet
    for owner in (FIRST, f"{WARD}-02"):
        for kind in ("outreach", "listening_meeting"):
            leader = rig.people[owner].hex()
            rig.town.file(owner, date(2026, 3, 20), kind=kind, filer=Filer.leader(leader))
    rig.at(MONDAY)
    assert await rig.minute() == []
    assert rig.states() == ["dropped"] * 4


async def test_a_digest_and_the_offices_own_report_come_in_one_message(rig: Rig) -> None:
    town = rig.town
    town.uses.use(WARD, HANOI, BEGIN)
    town.filings.name_holder(HANOI, "ubnd-quan-huyen", WARD, "UBND phường", OFFICER)
    rig.at(date(2026, 6, 1))
    rig.open(date(2026, 6, 1))
    rig.at(date(2026, 6, 15))  # T−1, a Monday, and the data closed on the 14th
    heard = [each for each in await rig.minute() if each.address == WARD]
    assert len(heard) == 1
    content = heard[0].content
    report = next(line for line in content.lines if line.title == "Báo cáo 6 tháng")
    assert report.ready == (0, 2)
    assert "Báo cáo 6 tháng" in [each.title for each in content.digests]
    rig.at(date(2026, 6, 15), "16:00")
    again = [each for each in await rig.minute() if each.address == WARD]
    assert [each.content.digests for each in again] == [()]


async def test_the_preview_shows_digests_and_no_number_of_tips(rig: Rig) -> None:
    town, officer = rig.town, secrets.token_bytes(16)
    rig.at(MONDAY - timedelta(days=3))
    town.insert(
        Unit(id="U1", name="Công an phường", parent_id=None, area_id=WARD),
        Officer(
            id=officer, unit_id="U1", login="a", name="Đ/c", role="officer", added_on=BEGIN
        ),
        OfficerPerson(officer_id=officer, leader_id=rig.people[WARD]),
    )  # fmt: skip
    released, random = at("2026-03-10 08:00:00"), secrets.token_bytes(16)
    tip = NewTip(
        random, "U1", date(2026, 3, 10), released, 2, "new", random, b"", b"", b"", new_at=released
    )
    rig.write(lambda tx: tx.tips.add(tip, []))
    planned = rig.preview.on(MONDAY)
    assert {each.leader_id for each in planned} == {rig.people[WARD], rig.people[PROVINCE]}
    assert all(each.at.astimezone(VIETNAM).hour == 8 for each in planned)
    assert sum(digest.unread_tips for each in planned for digest in each.digests) == 0
    assert rig.preview.on(MONDAY + timedelta(days=2)) == ()
    rig.at(MONDAY)
    await rig.minute()
    (content,) = rig.chats.of(WARD)
    assert sum(digest.unread_tips for digest in content.digests) == 1
    assert all(digest.unread_tips == 0 for digest in rig.chats.of(PROVINCE)[0].digests)


async def test_two_months_of_digests_come_on_working_days_and_one_a_day(rig: Rig) -> None:
    days = working_days()
    for n in range(60):
        day = date(2026, 3, 2) + timedelta(days=n)
        rig.at(day, "06:30")
        if day.day == 1:
            rig.open(day)
        rig.sweep()
        for hour in ("08:00", "14:00", "18:30"):
            rig.at(day, hour)
            await rig.minute()
    heard = [each for each in rig.chats.heard if each.address == WARD and each.content.digests]
    told = [each.at.date() for each in heard]
    assert len(told) == len(set(told))
    assert all(days.is_working(day) for day in told)
    late = date(2026, 4, 3)
    march = [date(2026, 3, 23), date(2026, 3, 27), date(2026, 3, 30), date(2026, 3, 31), late]
    assert [day for day in told if day <= late] == march
