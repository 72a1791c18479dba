"""Who is found due: once a day, nobody twice, whatever the clock does; idle minutes are free."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import homthu
from intake.work.check_ins import Filer
from reminders.printing import as_facts, as_lines
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work_side import OFFICER, WARD, area
from tests.reminders.nudge_rig import Rig, a_rig

FIRST, SECOND = f"{WARD}-01", f"{WARD}-02"
T14, T7, T3, T1, T0 = (date(2026, 3, day) for day in (17, 24, 27, 30, 31))
pytestmark = pytest.mark.anyio


def march(database: Database, clock: FixedClock, folder: Path) -> Rig:
    made = a_rig(database, clock, folder)
    made.open(date(2026, 3, 2))
    return made


@pytest.fixture
def rig(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> Rig:
    return march(sqlite_database, clock, tmp_path)


@pytest.fixture
def rigs(database: Database, clock: FixedClock, tmp_path: Path) -> Rig:
    """The same on each kind of database, for what the database decides."""
    return march(database, clock, tmp_path)


def test_a_sweep_plans_one_message_for_each_person_and_all_their_rungs(rigs: Rig) -> None:
    rigs.at(T7, "06:30")
    assert rigs.sweep() == 2
    rows = rigs.rows()
    assert [(row.state, row.channel, row.urgency) for row in rows] == [("waiting", "demo", 7)] * 2
    with rigs.town.intake.read() as view:
        rungs = view.nudges.rungs_of([row.id for row in rows])
    assert [each.rung for each in rungs] == ["-7"] * 4  # two people, two duties each


def test_sweeping_again_finds_nothing_and_looks_at_nobody(rigs: Rig) -> None:
    rigs.at(T7)
    rigs.sweep()
    rigs.clock.advance(minutes=1)
    assert rigs.sweeper.run().looked_at == 0
    assert len(rigs.rows()) == 2


def test_a_sweep_that_was_cut_off_is_finished_by_the_next(rigs: Rig) -> None:
    rigs.at(T7)
    rigs.sweep()
    rigs.write(lambda tx: tx.nudges.note_swept([], T7 + timedelta(days=30), rigs.clock.now()))
    assert rigs.sweeper.run().planned == 0  # looked at again, for its notes are gone
    assert len(rigs.rows()) == 2


@pytest.mark.parametrize("hour", ["05:59", "11:30", "21:00"])
def test_nothing_is_planned_in_the_hours_between(rig: Rig, hour: str) -> None:
    rig.at(T7, hour)
    assert rig.sweep() == 0


def test_nobody_is_found_on_a_day_without_a_rung(rig: Rig) -> None:
    rig.at(date(2026, 3, 5))
    assert rig.sweep() == 0


def test_who_has_filed_is_not_found(rig: Rig) -> None:
    rig.at(date(2026, 3, 5))
    leader = rig.people[FIRST].hex()
    for kind in ("outreach", "listening_meeting"):
        rig.town.file(FIRST, date(2026, 3, 4), kind=kind, filer=Filer.leader(leader))
    rig.at(T7)
    rig.sweep()
    assert [row.address for row in rig.rows()] == [SECOND]


async def test_a_tick_that_was_missed_for_36_hours_is_made_up_for(rig: Rig) -> None:
    rig.at(T7 - timedelta(days=1), "20:00")
    await rig.minute()
    rig.at(T7 + timedelta(days=1), "08:00")  # T−7 was yesterday, and nobody was there
    heard = await rig.minute()
    assert sorted(each.address for each in heard) == [FIRST, SECOND]
    assert {line.days_left for each in heard for line in each.content.lines} == {6}
    rig.at(T7 + timedelta(days=2))
    assert await rig.minute() == []


async def test_a_clock_that_is_set_back_sends_nothing_again(rig: Rig) -> None:
    rig.at(T7)
    assert len(await rig.minute()) == 2
    for day, hour in (
        (T7, "07:30"),
        (T14, "09:00"),
        (T7, "14:30"),
        (T7 + timedelta(days=1), "09:00"),
    ):
        rig.at(day, hour)
        assert await rig.minute() == [], f"{day} {hour}"
    rig.at(T3)
    assert len(await rig.minute()) == 2


@pytest.mark.parametrize(
    ("day", "last"),
    [(date(2027, 2, 26), date(2027, 2, 28)), (date(2028, 2, 29), date(2028, 2, 29))],
    ids=["28 days", "leap day"],
)
async def test_a_short_month_ends_on_its_last_day(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path, day: date, last: date
) -> None:
    rig = a_rig(sqlite_database, clock, tmp_path, neighbourhoods=1)
    rig.at(last.replace(day=1))
    rig.open(last.replace(day=1))
    rig.at(day)  # the last working day
    (heard,) = await rig.minute()
    assert {line.last_good_on for line in heard.content.lines} == {last}
    assert {line.rung for line in heard.content.lines} == {"0"}


async def test_what_the_morning_dropped_is_planned_again_in_the_afternoon(rigs: Rig) -> None:
    rigs.at(T7)
    rigs.sweep()
    rigs.at(T7, "11:20")  # nobody was there to send it
    assert await rigs.drain() == 0
    assert rigs.states() == ["dropped", "dropped"]
    rigs.at(T7, "13:30")
    assert rigs.sweep() == 2
    assert await rigs.drain() == 0
    rigs.at(T7, "14:00")
    assert await rigs.drain() == 2
    assert rigs.states() == ["sent", "sent"]


def test_a_person_without_a_chat_is_listed_for_a_call(rig: Rig) -> None:
    owner = f"{WARD}-09"
    rig.town.areas(area(owner, "neighbourhood", WARD))
    rig.open(date(2026, 3, 3))
    who = rig.person(owner, chat=None)
    rig.at(T7)
    rig.sweep()
    (row,) = (row for row in rig.rows() if row.leader_id == who)
    assert (row.state, row.channel) == ("phone", "")


def test_a_chat_that_cannot_be_written_to_unasked_counts_for_nothing(rig: Rig) -> None:
    owner = f"{WARD}-09"
    rig.town.areas(area(owner, "neighbourhood", WARD))
    rig.open(date(2026, 3, 3))
    who = rig.person(owner, chat="web")
    rig.at(T7)
    rig.sweep()
    (row,) = (row for row in rig.rows() if row.leader_id == who)
    assert row.state == "phone"


def test_a_switch_stops_the_planning_too(rig: Rig) -> None:
    rig.at(T7)
    rig.write(lambda tx: tx.nudges.stop("nudges", rig.clock.now(), "officer:1"))
    assert rig.sweep() == 0
    rig.write(lambda tx: tx.nudges.resume("nudges"))
    assert rig.sweep() == 2


async def test_the_ward_asks_by_hand_once_a_day(rig: Rig) -> None:
    rig.at(date(2026, 3, 5), "09:00")
    who = rig.people[FIRST]
    assert rig.by_hand.ask([who], "officer:1") == {who: ""}
    assert rig.by_hand.ask([who], "officer:1") == {who: "told"}
    await rig.drain()
    (content,) = rig.chats.of(FIRST)
    assert len(content.lines) == 2
    (row,) = rig.rows()
    assert (row.state, row.by) == ("sent", "officer:1")


def test_by_hand_says_why_nothing_goes(rig: Rig) -> None:
    rig.at(date(2026, 3, 5), "09:00")
    nobody, quiet = bytes(16), rig.people[FIRST]
    rig.write(lambda tx: tx.leaders.change(quiet, paused_until=date(2026, 3, 9)))
    assert rig.by_hand.ask([nobody, quiet], "officer:1") == {nobody: "nothing", quiet: "paused"}


def test_a_preview_shows_what_the_day_brings_and_plans_nothing(rigs: Rig) -> None:
    rigs.at(T7 - timedelta(days=1), "15:00")
    found = rigs.preview.on(T7)
    assert [(each.name, each.channel) for each in found] == [
        (f"Bác {FIRST}", "demo"), (f"Bác {SECOND}", "demo")
    ]  # fmt: skip
    assert {line.rung for each in found for line in each.lines} == {"-7"}
    assert {line.owner_name for line in found[0].lines} == {f"neighbourhood {FIRST}"}
    assert rigs.preview.on(T7, WARD) == found
    assert rigs.preview.on(T7, "W2") == ()
    assert rigs.preview.on(T7 - timedelta(days=2)) == ()
    assert rigs.rows(T7) == []


def test_a_preview_says_what_is_stopped(rig: Rig) -> None:
    rig.at(T7 - timedelta(days=1), "15:00")
    rig.write(lambda tx: tx.nudges.stop(f"nudges:{WARD}", rig.clock.now(), "officer:1"))
    assert {each.stopped for each in rig.preview.on(T7)} == {"stopped"}


# --- who holds a commune itself -------------------------------------------------------------------

HANOI, REPORT = "hanoi-265-2024", "cong-nhan-6-thang"
"""Due before 20/6 by the commune's police: 19/6 is the last good day, a Friday."""


@pytest.fixture
def office(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> Rig:
    """A commune with somebody who sends its reports."""
    made = a_rig(sqlite_database, clock, tmp_path, neighbourhoods=1, programme=None)
    made.town.uses.use(WARD, HANOI, date(2025, 1, 1))
    made.person(WARD)
    return made


async def officer_hears(rig: Rig, day: date, hour: str = "08:00") -> list[tuple[str, int]]:
    """Return the rungs and days left of what the person of the commune hears in that minute."""
    rig.at(day, hour)
    return [
        (line.rung, line.days_left)
        for heard in await rig.minute()
        if heard.address == WARD
        for line in heard.content.lines
    ]


async def test_a_report_reminds_its_sender_twice_on_the_day_before(office: Rig) -> None:
    assert await officer_hears(office, date(2026, 6, 5)) == [("-14", 14)]
    assert await officer_hears(office, date(2026, 6, 12)) == [("-7", 7)]
    assert await officer_hears(office, date(2026, 6, 18)) == [("-1", 1)]
    assert await officer_hears(office, date(2026, 6, 18), "11:00") == []
    assert await officer_hears(office, date(2026, 6, 18), "16:00") == [("-1", 1)]
    assert await officer_hears(office, date(2026, 6, 19)) == [("0", 0)]


async def test_a_report_that_was_sent_reminds_nobody(office: Rig) -> None:
    day = date(2026, 6, 12)
    office.at(day, "07:00")
    office.sweep()
    office.town.filings.mark_sent(
        HANOI, REPORT, "2026-06-20", WARD, document_number="12/BC", document_on=day,
        by=OFFICER, at=office.clock.now(),
    )  # fmt: skip
    assert await officer_hears(office, day) == []
    assert await officer_hears(office, date(2026, 6, 19)) == []


async def test_a_report_from_before_the_plan_came_reminds_nobody(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    rig = a_rig(sqlite_database, clock, tmp_path, neighbourhoods=1, programme=None)
    rig.town.uses.use(WARD, HANOI, date(2026, 6, 20))
    rig.person(WARD)
    assert await officer_hears(rig, date(2026, 6, 22)) == []


async def test_a_digest_and_a_deadline_come_in_one_message(office: Rig) -> None:
    office.open(date(2026, 6, 2))  # each tổ owes a session in the quarter
    office.at(date(2026, 6, 22), "08:00")  # a Monday; T−3 of the report has passed unsaid
    (heard,) = (each for each in await office.minute() if each.address == WARD)
    assert heard.content.lines and heard.content.digests
    assert heard.content.digests[0].missing == (f"neighbourhood {FIRST}",)


# --- in words -------------------------------------------------------------------------------------


def test_a_preview_is_told_in_facts_and_in_words(rig: Rig) -> None:
    rig.at(T7 - timedelta(days=1), "15:00")
    found = rig.preview.on(T7)
    facts = as_facts(found)
    assert [each["name"] for each in facts] == [f"Bác {FIRST}", f"Bác {SECOND}"]
    assert facts[0]["at"] == "2026-03-24T08:00+07:00"
    assert {line["last_good_on"] for line in facts[0]["lines"]} == {"2026-03-31"}
    assert as_lines(found)[0].startswith(f"08:00 Bác {FIRST} [demo]: neighbourhood {FIRST}: ")
    assert as_lines(()) == ["Không ai nhận gì trong ngày này."]


def test_the_command_shows_a_day_and_refuses_what_is_none(
    monkeypatch: pytest.MonkeyPatch, sqlite_database: Database
) -> None:
    monkeypatch.setenv("HOMTHU_DATABASE_URL", str(sqlite_database.url))
    monkeypatch.setenv("HOMTHU_DEMO", "true")
    monkeypatch.setenv("HOMTHU_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HOMTHU_CONSOLE_URL", "http://127.0.0.1:2")
    words = ["reminders", "preview", "--json", "--on"]
    shown = CliRunner().invoke(homthu.app, [*words, "2097-01-01"])
    assert (shown.exit_code, shown.stdout.strip()) == (0, "[]")
    refused = CliRunner().invoke(homthu.app, [*words, "2026-02-30"])
    assert (refused.exit_code, refused.stdout) == (2, "")
