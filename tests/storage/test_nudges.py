"""Nudges in the store: planned once, claimed by one, sent at most once; dropped ones come back."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest

from storage.database import Database
from storage.leaders import LeaderRow
from storage.nudges import NudgeRow, NudgeStore, RungRow
from storage.unit_of_work import Tx
from tests.clocks import START

NOW = START + timedelta(minutes=5)
TODAY = date(2026, 3, 2)
EVENING = START + timedelta(hours=12)
CHANNEL, HOLDER = "telegram", "one"
LEASE = timedelta(minutes=2)


def write(database: Database, work: Callable[[Tx], object]) -> object:
    return database.writer.submit(work).result()


def people(database: Database, number: int) -> list[bytes]:
    """Leaders to write to."""
    ids = [at.to_bytes(16, "big") for at in range(1, number + 1)]

    def work(tx: Tx) -> None:
        for each in ids:
            tx.leaders.add(LeaderRow(each, "Bác Năm", "bác", "vi", None, TODAY, None))

    write(database, work)
    return ids


def nudge(leader: bytes, **changes: object) -> NudgeRow:
    row = NudgeRow(
        secrets.token_bytes(16), leader, TODAY, "", "waiting", CHANNEL, leader.hex(), START,
        EVENING, 3, 0, "", None, START, None, "", "",
    )  # fmt: skip
    return row._replace(**changes)  # type: ignore[arg-type]


def rung(row: NudgeRow, subject: bytes = b"s" * 16, name: str = "-3") -> RungRow:
    return RungRow(subject, name, row.leader_id, row.id)


def stored(database: Database, row: NudgeRow) -> NudgeRow:
    with database.read() as view:
        found = view.nudges.get(row.id)
    assert found is not None
    return found


def rungs(database: Database, row: NudgeRow) -> set[tuple[bytes, str]]:
    with database.read() as view:
        return {(each.subject, each.rung) for each in view.nudges.rungs_of([row.id])}


def claim(database: Database, holder: str = HOLDER, now: datetime = NOW, most: int = 10) -> list:
    return write(  # type: ignore[return-value]
        database, lambda tx: tx.nudge_outbox.claim(CHANNEL, holder, now, now + LEASE, most)
    )


@pytest.fixture
def planned(database: Database) -> NudgeRow:
    """One message with one rung, waiting."""
    (leader,) = people(database, 1)
    row = nudge(leader)
    write(database, lambda tx: tx.nudges.plan([row], [rung(row)]))
    return row


@pytest.fixture
def held(database: Database, planned: NudgeRow) -> NudgeRow:
    """The same message, claimed."""
    (row,) = claim(database)
    return row


# --- planning -------------------------------------------------------------------------------------


def test_a_person_gets_one_message_a_day_and_slot_whoever_plans_it(
    database: Database, planned: NudgeRow
) -> None:
    again = nudge(planned.leader_id)
    late = rung(again, b"t" * 16)
    assert write(database, lambda tx: tx.nudges.plan([again], [rung(again), late])) == 0
    with database.read() as view:
        assert [row.id for row in view.nudges.on(TODAY)] == [planned.id]
    assert rungs(database, planned) == {(b"s" * 16, "-3")}
    second = nudge(planned.leader_id, slot="second")
    assert write(database, lambda tx: tx.nudges.plan([second], [late._replace(nudge_id=second.id)]))


def test_a_rung_that_stands_with_another_message_stays_there(
    database: Database, planned: NudgeRow
) -> None:
    tomorrow = nudge(planned.leader_id, day=TODAY + timedelta(days=1))
    write(database, lambda tx: tx.nudges.plan([tomorrow], [rung(tomorrow)]))
    assert rungs(database, tomorrow) == set()
    assert rungs(database, planned) == {(b"s" * 16, "-3")}


def test_a_dropped_message_may_be_planned_anew_and_a_sent_one_may_not(
    database: Database, held: NudgeRow
) -> None:
    assert write(database, lambda tx: tx.nudge_outbox.drop(held, "filed"))
    assert (stored(database, held).state, rungs(database, held)) == ("dropped", set())
    again = nudge(held.leader_id, urgency=1)
    assert write(database, lambda tx: tx.nudges.plan([again], [rung(again)])) == 1
    (row,) = claim(database)
    assert (row.id, row.urgency) == (again.id, 1)
    assert write(
        database, lambda tx: tx.nudge_outbox.begin_sending(row, [(b"s" * 16, "-3")], NOW, EVENING)
    )
    assert write(database, lambda tx: tx.nudge_outbox.sent(row, NOW))
    third = nudge(held.leader_id)
    assert write(database, lambda tx: tx.nudges.plan([third], [rung(third)])) == 0
    with database.read() as view:
        assert [(each.id, each.state) for each in view.nudges.on(TODAY)] == [(again.id, "sent")]


@pytest.mark.parametrize("state", ["dead", "phone"])
def test_what_was_given_up_is_not_planned_again_and_keeps_its_rungs(
    database: Database, held: NudgeRow, state: str
) -> None:
    assert write(database, lambda tx: tx.nudge_outbox.give_up(held, state, "failed"))
    again = nudge(held.leader_id)
    assert write(database, lambda tx: tx.nudges.plan([again], [rung(again)])) == 0
    assert rungs(database, held) == {(b"s" * 16, "-3")}


# --- claiming -------------------------------------------------------------------------------------


def test_the_most_urgent_go_first_and_nothing_before_its_time(database: Database) -> None:
    ids = people(database, 5)
    rows = [nudge(each, urgency=at) for at, each in enumerate(reversed(ids))]
    rows[0] = rows[0]._replace(not_before=NOW + timedelta(seconds=1))
    rows[1] = rows[1]._replace(channel="zalo")
    write(database, lambda tx: tx.nudges.plan(rows, []))
    assert [row.urgency for row in claim(database, most=2)] == [2, 3]
    assert [row.urgency for row in claim(database)] == [4]
    with database.read() as view:
        assert sorted(view.nudge_outbox.channels()) == ["telegram", "zalo"]


def test_workers_that_claim_at_once_never_get_the_same_message(database: Database) -> None:
    ids = people(database, 120)
    write(database, lambda tx: tx.nudges.plan([nudge(each) for each in ids], []))

    def work(holder: int) -> list[bytes]:
        found: list[bytes] = []
        while some := claim(database, str(holder), most=7):
            assert {row.holder for row in some} == {str(holder)}
            found += [row.leader_id for row in some]
        return found

    with ThreadPoolExecutor(4) as pool:
        taken = [each for part in pool.map(work, range(4)) for each in part]
    assert sorted(taken) == ids


def test_a_message_whose_worker_died_before_sending_is_claimed_again(
    database: Database, held: NudgeRow
) -> None:
    early = NOW + LEASE - timedelta(seconds=1)
    assert write(database, lambda tx: tx.nudge_outbox.recover(early)) == (0, 0)
    assert write(database, lambda tx: tx.nudge_outbox.recover(NOW + LEASE)) == (1, 0)
    (again,) = claim(database, "two", NOW + LEASE)
    assert not write(database, lambda tx: tx.nudge_outbox.begin_sending(held, [], NOW, EVENING))
    assert write(
        database, lambda tx: tx.nudge_outbox.begin_sending(again, [], NOW + LEASE, EVENING)
    )


def test_a_message_whose_worker_died_while_sending_counts_as_sent(
    database: Database, held: NudgeRow
) -> None:
    write(
        database,
        lambda tx: tx.nudge_outbox.begin_sending(held, [(b"s" * 16, "-3")], NOW, NOW + LEASE),
    )
    assert write(database, lambda tx: tx.nudge_outbox.recover(NOW + LEASE)) == (0, 1)
    found = stored(database, held)
    assert (found.state, found.reason, found.sent_at) == ("sent", "unknown", NOW)
    assert not write(database, lambda tx: tx.nudge_outbox.drop(held, "late"))
    assert rungs(database, held) == {(b"s" * 16, "-3")}


def test_a_lease_from_a_clock_that_was_set_back_is_over(database: Database, held: NudgeRow) -> None:
    assert write(database, lambda tx: tx.nudge_outbox.recover(NOW - timedelta(hours=3))) == (1, 0)
    assert stored(database, held).state == "waiting"


def test_a_worker_whose_lease_ran_out_sends_nothing(database: Database, held: NudgeRow) -> None:
    late = NOW + LEASE
    assert not write(database, lambda tx: tx.nudge_outbox.begin_sending(held, [], late, EVENING))


# --- settling -------------------------------------------------------------------------------------


def test_a_message_holds_the_rungs_of_the_moment_when_it_is_sent(
    database: Database, held: NudgeRow
) -> None:
    taken = nudge(held.leader_id, day=TODAY + timedelta(days=1))
    write(database, lambda tx: tx.nudges.plan([taken], [rung(taken, b"u" * 16)]))
    now_due = [(b"t" * 16, "-1"), (b"u" * 16, "-3")]
    assert write(database, lambda tx: tx.nudge_outbox.begin_sending(held, now_due, NOW, EVENING))
    assert rungs(database, held) == {(b"t" * 16, "-1")}


def test_what_the_platform_held_up_waits_and_then_leaves(
    database: Database, held: NudgeRow
) -> None:
    write(database, lambda tx: tx.nudge_outbox.begin_sending(held, [], NOW, EVENING))
    later = NOW + timedelta(seconds=30)
    assert write(
        database, lambda tx: tx.nudge_outbox.put_back(held, later, tries=1, reason="later")
    )
    assert claim(database) == []
    (again,) = claim(database, now=later)
    assert (again.tries, again.sent_at) == (1, None)
    moved = write(database, lambda tx: tx.nudge_outbox.move(again, "zalo", "z", later))
    found = stored(database, held)
    assert moved and (found.state, found.channel, found.address) == ("waiting", "zalo", "z")


def test_a_window_that_closes_drops_what_nobody_claimed(
    database: Database, planned: NudgeRow
) -> None:
    early = EVENING - timedelta(seconds=1)
    assert write(database, lambda tx: tx.nudge_outbox.drop_what_is_over(early)) == 0
    assert write(database, lambda tx: tx.nudge_outbox.drop_what_is_over(EVENING)) == 1
    found = stored(database, planned)
    assert (found.state, found.reason, rungs(database, planned)) == ("dropped", "window", set())


# --- beside it ------------------------------------------------------------------------------------


def test_a_step_is_swept_once_a_day_and_old_notes_go(database: Database) -> None:
    for day, names in ((TODAY, ["a", "b"]), (TODAY, ["b"]), (TODAY + timedelta(days=8), ["c"])):
        write(database, lambda tx, d=day, n=names: tx.nudges.note_swept(n, d, NOW))
    with database.read() as view:
        assert view.nudges.swept(TODAY) == set()
        assert view.nudges.swept(TODAY + timedelta(days=8)) == {"c"}


def test_a_switch_is_thrown_once_and_says_by_whom(database: Database) -> None:
    def of(act: Callable[[NudgeStore], object]) -> object:
        return write(database, lambda tx: act(tx.nudges))

    assert of(lambda nudges: nudges.stop("nudges", NOW, "officer:1"))
    assert not of(lambda nudges: nudges.stop("nudges", EVENING, "officer:2"))
    with database.read() as view:
        found = view.nudges.switch("nudges")
    assert found is not None and found[1:] == (NOW, "officer:1")
    assert of(lambda nudges: nudges.resume("nudges"))
    assert not of(lambda nudges: nudges.resume("nudges"))


def test_a_later_snooze_takes_the_place_of_an_earlier_one(database: Database) -> None:
    (leader,) = people(database, 1)
    for days in (2, 5):
        until = TODAY + timedelta(days=days)
        write(database, lambda tx, u=until: tx.nudges.snooze(leader, u, NOW))
    with database.read() as view:
        assert view.nudge_states.people([leader])[0].snoozed_until == TODAY + timedelta(days=5)
    write(database, lambda tx: tx.nudges.wake(leader))
    with database.read() as view:
        assert view.nudge_states.people([leader])[0].snoozed_until is None
