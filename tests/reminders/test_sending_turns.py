"""While a message waits for its turn, and for whom it is then: chats, drafts, parts, hand-overs."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from intake.work.check_ins import Filer
from intake.work.leaders import Leaders
from reminders.sending import Outbox
from storage.database import Database
from storage.work_dialogues import DialogueRow
from storage.work_tables import Assignment, Obligation
from tests.clocks import START, FixedClock
from tests.intake.work_side import WARD
from tests.reminders.nudge_rig import Rig
from tests.reminders.sending_rig import FIRST, T0, T3, T7, at_t7, file_all

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


# --- while it waits for its turn ------------------------------------------------------------------


@pytest.mark.parametrize("how", ["filed", "asked", "left", "stopped", "night", "handed over"])
async def test_who_has_done_it_while_the_message_waited_for_its_turn_hears_nothing(
    rig: Rig, head: bytes, how: str
) -> None:
    def turn() -> None:
        match how:
            case "filed":
                file_all(rig, head)
            case "asked":
                _ask_to_be_exempt(rig)
            case "left":
                rig.write(lambda tx: tx.leaders.change(head, left_on=T7))
            case "stopped":
                rig.write(lambda tx: tx.nudges.stop("nudges", rig.clock.now(), "officer:1"))
            case "night":
                rig.at(T7, "11:15")
            case _:
                rig.write(
                    lambda tx: tx.connection.execute(Assignment.__table__.update().values(until=T7))
                )  # type: ignore[attr-defined]

    rig.chats.turn = turn
    await rig.minute()
    assert rig.chats.heard == []
    assert rig.states() == (["waiting"] if how == "stopped" else ["dropped"])


async def test_what_is_done_in_part_while_it_waited_is_put_into_words_anew(
    rig: Rig, head: bytes
) -> None:
    def turn() -> None:
        rig.chats.turn = lambda: None
        rig.town.file(FIRST, date(2026, 3, 4), kind="outreach", filer=Filer.leader(head.hex()))

    rig.chats.turn = turn
    await rig.minute()
    (content,) = rig.chats.of(FIRST)
    assert [line.title for line in content.lines] == ["Họp lắng nghe ý kiến nhân dân"]
    assert rig.states() == ["sent"]


async def test_a_worker_that_dies_while_it_waits_for_its_turn_loses_nothing(rigs: Rig) -> None:
    def die() -> None:
        raise RuntimeError("the process ends here")

    rigs.sweep()
    rigs.chats.turn = die
    (row,) = await rigs.outbox.claim("demo")
    with pytest.raises(RuntimeError):
        await rigs.outbox.deliver(row)
    assert rigs.states() == ["claimed"]
    rigs.chats.turn = lambda: None
    rigs.clock.advance(minutes=3)
    assert await rigs.drain(Outbox(rigs.town.intake, rigs.composer, rigs.chats)) == 1
    assert len(rigs.chats.heard) == 1


async def test_a_claim_that_ran_out_settles_nothing_of_the_next_one(
    rigs: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same process claims its message again; the first copy must not free the second."""
    rigs.sweep()
    (old,) = await rigs.outbox.claim("demo")
    rigs.clock.advance(minutes=3)

    def late() -> None:  # the old copy is judged while the platform is asked to take the new one
        settled = rigs.write(
            lambda tx: tx.nudge_outbox.put_back(old, old.not_before, tries=0, reason="")
        )
        dropped = rigs.write(lambda tx: tx.nudge_outbox.drop(old, "nothing"))
        assert (settled, dropped) == (False, False)

    rigs.chats.before = late
    assert await rigs.drain() == 1
    assert (rigs.states(), len(rigs.chats.heard)) == (["sent"], 1)


async def test_a_chat_that_was_given_to_somebody_else_stays_open(rig: Rig, head: bytes) -> None:
    """The old leader's message finds another chat or none; the new one's is not noted as closed."""
    other = rig.person(f"{WARD}-09", chat=None)
    rig.sweep()

    def turn() -> None:
        rig.write(lambda tx: tx.leaders.drop_chat("demo", FIRST))
        rig.chat(other, "demo", FIRST)

    rig.chats.turn = turn
    await rig.drain()
    assert (rig.chats.heard, rig.states()) == ([], ["phone"])
    with rig.town.intake.read() as view:
        (chat,) = view.leaders.chats_of(other)
    assert chat.blocked_at is None


def _ask_to_be_exempt(rig: Rig) -> None:
    rig.write(
        lambda tx: tx.connection.execute(Obligation.__table__.update().values(exempt="asked"))
    )  # type: ignore[attr-defined]


# --- whose it is ----------------------------------------------------------------------------------


async def test_a_draft_in_another_chat_is_told_of_there(rig: Rig, head: bytes) -> None:
    rig.chat(head, "spare", "s1")
    draft = DialogueRow(
        "spare", "s1", 1, '{"step":"card","draft":{"kind":"outreach"},"source":"m1"}', START,
        START + timedelta(days=60),
    )  # fmt: skip
    rig.sweep()
    rig.write(lambda tx: tx.work_dialogues.put(draft, None))
    await rig.drain()
    assert [(each.address, each.content.draft_open) for each in rig.chats.heard] == [("s1", True)]


async def test_a_draft_where_nobody_can_be_written_to_stops_nothing(rig: Rig, head: bytes) -> None:
    rig.chat(head, "web", "w1")
    draft = DialogueRow(
        "web", "w1", 1, '{"step":"card","draft":{"kind":"outreach"},"source":"m1"}', START,
        START + timedelta(days=60),
    )  # fmt: skip
    rig.write(lambda tx: tx.work_dialogues.put(draft, None))
    await rig.minute()
    (content,) = rig.chats.of(FIRST)
    assert (content.draft_open, len(content.lines)) == (False, 2)


async def test_a_deputy_who_took_over_is_told_each_thing_once(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    rig = at_t7(sqlite_database, clock, tmp_path, neighbourhoods=3)
    who = rig.person(FIRST, part="deputy")
    leaders = Leaders(rig.town.intake)
    leaders.hand_over(FIRST, rig.people[FIRST], who, date(2026, 3, 20))
    leaders.hand_over(f"{WARD}-02", rig.people[f"{WARD}-02"], who, date(2026, 3, 20))
    leaders.assign(who, f"{WARD}-03", "deputy", date(2026, 3, 1))
    heard = await rig.minute()
    assert sorted(each.address for each in heard) == [f"{FIRST} deputy", f"{WARD}-03"]
    (content,) = rig.chats.of(f"{FIRST} deputy")
    assert sorted((line.owner_id, line.title[:3]) for line in content.lines) == [
        (FIRST, "Họp"), (FIRST, "Tuy"), (f"{WARD}-02", "Họp"), (f"{WARD}-02", "Tuy")
    ]  # fmt: skip
    rig.at(T3)
    await rig.minute()
    assert len(rig.chats.of(f"{FIRST} deputy")[-1].lines) == 6


async def test_who_takes_over_in_the_afternoon_of_the_last_day_is_told_in_the_evening(
    rig: Rig,
) -> None:
    taker = rig.person(f"{WARD}-09")
    for hour in ("06:30", "08:00", "13:00", "14:00"):
        rig.at(T0, hour)
        await rig.minute()
    assert len(rig.chats.heard) == 1
    rig.at(T0, "15:00")
    Leaders(rig.town.intake).hand_over(FIRST, rig.people[FIRST], taker, T0)
    for hour in ("15:01", "17:01", "18:00", "20:00"):
        rig.at(T0, hour)
        await rig.minute()
    assert [each.address for each in rig.chats.heard] == [FIRST, f"{WARD}-09"]
