"""What leaves: judged again, handed over once, tried again, given up; nothing lost or doubled."""

import asyncio
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest

from intake.errors import DatabaseBusy
from intake.nudging.shapes import Handed
from reminders.sending import Outbox
from reminders.settling import BUSY_FOR
from storage.database import Database
from storage.work_dialogues import DialogueRow
from tests.clocks import START, FixedClock
from tests.intake.work_side import WARD
from tests.reminders.nudge_rig import Rig
from tests.reminders.sending_rig import FIRST, T0, T1, T3, T7, at_t7, file_all

LATER = Handed("later")
pytestmark = pytest.mark.anyio


@pytest.fixture
def rig(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> Rig:
    return at_t7(sqlite_database, clock, tmp_path)


@pytest.fixture
def rigs(database: Database, clock: FixedClock, tmp_path: Path) -> Rig:
    """The same on each kind of database, for what the database decides."""
    return at_t7(database, clock, tmp_path)


@pytest.fixture
def head(rig: Rig) -> bytes:
    return rig.people[FIRST]


# --- judged again ---------------------------------------------------------------------------------


async def test_a_message_bundles_everything_and_leaves_once(rigs: Rig) -> None:
    assert [each.address for each in await rigs.minute()] == [FIRST]
    (content,) = rigs.chats.of(FIRST)
    assert [line.title for line in content.lines] == [
        "Họp lắng nghe ý kiến nhân dân", "Tuyên truyền hằng tháng"
    ]  # fmt: skip
    assert {line.days_left for line in content.lines} == {7}
    assert (content.name, content.address_as, content.language) == (f"Bác {FIRST}", "bác", "vi")
    rigs.clock.advance(minutes=1)
    assert await rigs.minute() == []


async def test_who_files_between_planning_and_sending_hears_nothing(rigs: Rig) -> None:
    head = rigs.people[FIRST]
    rigs.sweep()
    file_all(rigs, head)
    assert await rigs.drain() == 1
    assert (rigs.chats.heard, rigs.states()) == ([], ["dropped"])
    with rigs.town.intake.read() as view:
        assert view.nudges.rungs_of([row.id for row in rigs.rows()]) == []


@pytest.mark.parametrize(
    ("what", "reason"), [({"paused_until": T7}, "paused"), ({"left_on": T7}, "left")]
)
async def test_who_wants_quiet_or_is_gone_hears_nothing(
    rig: Rig, head: bytes, what: dict[str, date], reason: str
) -> None:
    rig.sweep()
    rig.write(lambda tx: tx.leaders.change(head, **what))
    await rig.drain()
    (row,) = rig.rows()
    assert (row.state, row.reason, rig.chats.heard) == ("dropped", reason, [])


async def test_a_message_whose_window_is_over_is_computed_anew(rig: Rig) -> None:
    rig.sweep()
    (row,) = await rig.outbox.claim("demo")
    rig.at(T7, "11:15")
    await rig.outbox.deliver(row)
    assert (rig.states(), rig.chats.heard) == (["dropped"], [])
    rig.at(T7 + timedelta(days=1))
    (heard,) = await rig.minute()
    assert {line.days_left for line in heard.content.lines} == {6}


async def test_days_are_counted_when_it_leaves(rig: Rig) -> None:
    rig.at(T1, "06:30")
    rig.sweep()
    assert await rig.drain() == 0  # a leader's T−1 comes in the evening
    rig.at(T1, "18:30")
    await rig.drain()
    (content,) = rig.chats.of(FIRST)
    assert {(line.rung, line.days_left) for line in content.lines} == {("-1", 1)}


async def test_a_deputy_is_named_in_the_last_days(rig: Rig) -> None:
    rig.person(FIRST, part="deputy", chat=None)
    await rig.minute()
    rig.at(T0)
    await rig.minute()
    early, late = rig.chats.of(FIRST)
    assert (early.stand_in, late.stand_in) == ("", f"Bác {FIRST}")


async def test_an_open_draft_is_told_once_instead(rig: Rig) -> None:
    draft = DialogueRow(
        "demo", FIRST, 1, '{"step":"card","draft":{"kind":"outreach"},"source":"m1"}', START,
        START + timedelta(days=60),
    )  # fmt: skip
    rig.write(lambda tx: tx.work_dialogues.put(draft, None))
    await rig.minute()
    rig.at(T3)
    await rig.minute()
    (content,) = rig.chats.of(FIRST)
    assert (content.draft_open, content.lines) == (True, ())


# --- what a platform answers ----------------------------------------------------------------------


async def test_a_busy_person_is_left_alone_and_told_later(rig: Rig) -> None:
    rig.chats.answers[FIRST].extend([Handed("busy"), Handed("busy")])
    assert await rig.minute() == []
    rig.clock.advance(BUSY_FOR - timedelta(seconds=1))
    assert await rig.drain() == 0
    rig.clock.advance(seconds=1)
    await rig.drain()
    rig.clock.advance(BUSY_FOR)
    await rig.drain()
    assert len(rig.chats.heard) == 1


async def test_who_is_busy_until_the_window_ends_is_planned_anew(rig: Rig) -> None:
    rig.at(T7, "11:10")
    rig.chats.answers[FIRST].append(Handed("busy"))
    await rig.minute()
    (row,) = rig.rows()
    assert (row.state, row.reason) == ("dropped", "busy")
    rig.at(T7, "14:00")
    assert len(await rig.minute()) == 1


async def test_a_platform_that_asks_to_wait_is_asked_again_then(rig: Rig) -> None:
    rig.chats.answers[FIRST].append(Handed("later", 30))
    await rig.minute()
    rig.clock.advance(seconds=29)
    assert await rig.drain() == 0
    rig.clock.advance(seconds=1)
    assert await rig.drain() == 1
    assert (len(rig.chats.heard), rig.states()) == (1, ["sent"])


async def test_three_failures_are_the_end_and_the_next_rung_comes_all_the_same(rigs: Rig) -> None:
    rigs.chats.answers[FIRST].extend([LATER] * 3)
    await rigs.minute()
    for _ in range(2):
        rigs.clock.advance(minutes=20)
        await rigs.drain()
    (row,) = rigs.rows()
    assert (row.state, row.reason, rigs.chats.heard) == ("dead", "failed", [])
    rigs.clock.advance(hours=3)
    assert await rigs.minute() == []
    rigs.at(T3)
    assert len(await rigs.minute()) == 1


async def test_a_blocked_chat_is_noted_and_another_one_is_used(rigs: Rig) -> None:
    head = rigs.people[FIRST]
    rigs.chat(head, "spare", "s1")
    rigs.chats.answers[FIRST].append(Handed("gone"))
    heard = await rigs.minute()
    assert [(each.channel, each.address) for each in heard] == [("spare", "s1")]
    with rigs.town.intake.read() as view:
        blocked = {chat.channel: chat.blocked_at for chat in view.leaders.chats_of(head)}
    assert blocked == {"demo": rigs.clock.now(), "spare": None}
    rigs.at(T3)
    assert [each.channel for each in await rigs.minute()] == ["spare"]
    rigs.write(lambda tx: tx.leaders.note_blocked("demo", FIRST, None))  # the person is back
    rigs.at(T0)
    assert [each.channel for each in await rigs.minute()] == ["demo"]


async def test_without_any_chat_left_the_ward_calls(rig: Rig) -> None:
    rig.chats.answers[FIRST].append(Handed("gone"))
    await rig.minute()
    (row,) = rig.rows()
    assert (row.state, row.reason) == ("phone", "gone")
    rig.at(T3)
    await rig.minute()
    assert (rig.states(), rig.chats.heard) == (["phone"], [])


async def test_a_chat_that_closed_while_it_waited_is_not_written_to(rig: Rig, head: bytes) -> None:
    rig.sweep()
    rig.chat(head, "spare", "s1")
    rig.write(lambda tx: tx.leaders.drop_chat("demo", FIRST))
    await rig.drain()
    assert [each.address for each in rig.chats.heard] == ["s1"]


# --- switches -------------------------------------------------------------------------------------


async def test_a_switch_stops_everything_at_once(rig: Rig) -> None:
    rig.sweep()
    (row,) = await rig.outbox.claim("demo")
    rig.chats.before = lambda: pytest.fail("something was sent")
    rig.write(lambda tx: tx.nudges.stop("nudges", rig.clock.now(), "officer:1"))
    await rig.outbox.deliver(row)
    assert await rig.outbox.claim("demo") == []
    rig.write(lambda tx: tx.nudges.resume("nudges"))
    rig.chats.before = lambda: None
    rig.clock.advance(minutes=10)
    await rig.drain()
    assert len(rig.chats.heard) == 1


async def test_an_area_that_is_stopped_waits_alone(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    rig = at_t7(sqlite_database, clock, tmp_path, neighbourhoods=2)
    rig.write(lambda tx: tx.nudges.stop(f"nudges:{FIRST}", rig.clock.now(), "officer:1"))
    assert [each.address for each in await rig.minute()] == [f"{WARD}-02"]
    rig.write(lambda tx: tx.nudges.resume(f"nudges:{FIRST}"))
    rig.clock.advance(minutes=10)
    assert [each.address for each in await rig.minute()] == [FIRST]


# --- several workers, and their ends --------------------------------------------------------------


async def test_two_workers_send_one_message_once(rigs: Rig) -> None:
    rigs.sweep()
    other = Outbox(rigs.town.intake, rigs.composer, rigs.chats)
    await asyncio.gather(rigs.drain(), rigs.drain(other))
    assert len(rigs.chats.heard) == 1


async def test_what_a_dead_worker_claimed_is_sent_by_another(rigs: Rig) -> None:
    rigs.sweep()
    assert len(await rigs.outbox.claim("demo")) == 1
    other = Outbox(rigs.town.intake, rigs.composer, rigs.chats)
    rigs.clock.advance(minutes=1)
    assert await rigs.drain(other) == 0
    rigs.clock.advance(minutes=2)
    assert await rigs.drain(other) == 1
    assert len(rigs.chats.heard) == 1


async def test_what_a_worker_died_of_while_sending_counts_as_sent(rigs: Rig) -> None:
    rigs.chats.answers[FIRST].append(RuntimeError("the process ends here"))
    rigs.sweep()
    (row,) = await rigs.outbox.claim("demo")
    with pytest.raises(RuntimeError):
        await rigs.outbox.deliver(row)
    other = Outbox(rigs.town.intake, rigs.composer, rigs.chats)
    rigs.clock.advance(minutes=11)
    assert await rigs.drain(other) == 0
    (row,) = rigs.rows()
    assert (row.state, row.reason, rigs.chats.heard) == ("sent", "unknown", [])
    rigs.sweep()
    assert await rigs.drain(other) == 0


async def test_a_worker_that_serves_sends_and_lets_go_of_the_rest(rig: Rig) -> None:
    naps = 0

    async def rest(_seconds: float) -> None:
        nonlocal naps
        naps += 1
        await asyncio.sleep(0.001)

    worker = Outbox(rig.town.intake, rig.composer, rig.chats, rest)
    rig.sweep()
    await worker.start()
    for _ in range(2_000):
        if rig.chats.heard and naps > 2:
            break
        await asyncio.sleep(0.005)
    await worker.stop()
    assert (len(rig.chats.heard), rig.states()) == (1, ["sent"])


async def test_a_worker_that_is_stopped_leaves_what_it_had_not_begun(rig: Rig) -> None:
    rig.sweep()
    compose = rig.composer.compose
    rig.composer.compose = lambda row, now: _busy_database()  # type: ignore[method-assign]
    worker = Outbox(rig.town.intake, rig.composer, rig.chats)
    await worker.start()
    for _ in range(2_000):
        if rig.states() == ["claimed"]:
            break
        await asyncio.sleep(0.005)
    await worker.stop()
    rig.composer.compose = compose  # type: ignore[method-assign]
    assert rig.states() in (["claimed"], ["waiting"])
    rig.clock.advance(minutes=3)
    await rig.drain()
    assert len(rig.chats.heard) == 1


def _busy_database() -> None:
    raise DatabaseBusy("for a moment")


# --- a platform that is down ----------------------------------------------------------------------


async def test_an_outage_of_a_morning_kills_nothing_of_a_small_ward(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    rig = at_t7(sqlite_database, clock, tmp_path, neighbourhoods=12)
    rig.at(T0)
    for number in range(1, 13):
        rig.chats.answers[f"{WARD}-{number:02}"].extend([LATER] * 500)
    for minute in range(0, 240, 2):
        rig.at(T0, f"{8 + minute // 60:02}:{minute % 60:02}")
        await rig.minute()
    assert "dead" not in rig.states()
    rig.chats.answers.clear()
    rig.at(T0, "14:00")
    assert len(await rig.minute()) == 12


async def test_what_is_in_hand_while_a_channel_rests_is_not_spent_on_it(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    rig = at_t7(sqlite_database, clock, tmp_path, neighbourhoods=12)
    rig.sweep()
    for number in range(1, 13):
        rig.chats.answers[f"{WARD}-{number:02}"].append(LATER)
    asked = count()
    rig.chats.before = lambda: next(asked) and None
    for row in await rig.outbox.claim("demo"):
        await rig.outbox.deliver(row)
    assert sorted(row.tries for row in rig.rows()) == [0] * 9 + [1] * 3
    assert rig.states() == ["waiting"] * 12
    assert next(asked) == 3


async def test_an_outage_does_not_kill_the_messages_behind_the_first_ones(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    rig = at_t7(sqlite_database, clock, tmp_path, neighbourhoods=12)
    rig.sweep()
    for number in range(1, 13):
        rig.chats.answers[f"{WARD}-{number:02}"].extend([LATER] * 500)
    for _ in range(30):  # an hour without the platform, looked at every other minute
        for row in await rig.outbox.claim("demo", most=3):
            await rig.outbox.deliver(row)
        rig.clock.advance(minutes=2)
    rig.chats.answers.clear()
    for _ in range(3):
        rig.clock.advance(minutes=10)
        await rig.drain()
    assert rig.states() == ["sent"] * 12
