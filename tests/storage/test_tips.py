"""Tips: who may see them, in which order they come, and how they go for good."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from storage import paging
from storage.database import Database
from storage.errors import Duplicate, Stale
from storage.parts import PartRow
from storage.pushes import PushRow
from storage.tips import MOST_COUNTED, NewTip, TipRow
from storage.unit_of_work import Tx
from tests.clocks import START
from tests.storage.making import new_tip, part_of

T = TypeVar("T")
STATES = ("new", "screening", "closed")


@pytest.fixture
def write(database: Database) -> Callable[[Callable[[Tx], T]], T]:
    return lambda work: database.writer.submit(work).result(30)


def stored(database: Database, tip: NewTip, units: tuple[str, ...] = ("ward",)) -> TipRow | None:
    with database.read() as view:
        return view.tips.get(tip.id, units)


def test_a_tip_comes_back_as_it_was_added(database: Database, write: Any) -> None:
    tip = new_tip(holder_id=os.urandom(16), new_at=START, priority=1)
    part = part_of(tip)
    write(lambda tx: tx.tips.add(tip, [part]))
    row = stored(database, tip)
    assert row is not None
    assert row._asdict() == {name: getattr(tip, name) for name in TipRow._fields}
    with database.read() as view:
        assert view.tips.by_lookup(tip.lookup) == row
        assert view.tips.identity(tip.id) == tip.identity_sealed
        assert view.parts.of_tip(tip.id) == [PartRow._make(part[:4])]
        assert view.parts.get(part.id) == PartRow._make(part[:4])
        assert view.parts.bodies([part.id]) == [PartRow._make(part[:4])]
        assert view.parts.heads(tip.id) == [(part.id, part.release_at, len(part.body_sealed))]
        assert view.parts.wraps_for([part.id], part.wraps[0][0]) == {part.id: part.wraps[0][1]}
        assert {(w.key_id, w.wrap_sealed) for w in view.parts.wraps([part.id])} == set(part.wraps)


def test_what_nobody_sent_is_not_found(database: Database) -> None:
    with database.read() as view:
        assert view.tips.by_lookup(os.urandom(16)) is None
        assert view.tips.get(os.urandom(16), ["ward"]) is None
        assert view.tips.identity(os.urandom(16)) is None
        assert view.parts.get(os.urandom(16)) is None
        assert view.parts.wraps([]) == []


def test_a_unit_sees_its_own_tips_only(database: Database, write: Any) -> None:
    tip = new_tip(unit_id="upper")
    write(lambda tx: tx.tips.add(tip, []))
    assert stored(database, tip, ("ward",)) is None
    assert stored(database, tip, ()) is None
    assert stored(database, tip, ("ward", "upper")) is not None
    with database.read() as view:
        assert view.tips.queue(["ward"], ["new"], START) == []
        assert view.tips.count(["ward"], ["new"], START) == {}
        assert view.tips.count(["upper"], ["new"], START) == {"new": 1}


def test_a_receipt_code_belongs_to_one_tip(database: Database, write: Any) -> None:
    first = new_tip()
    write(lambda tx: tx.tips.add(first, []))
    with pytest.raises(Duplicate):
        write(lambda tx: tx.tips.add(new_tip(lookup=first.lookup), []))


def test_a_tip_waits_for_its_release(database: Database, write: Any) -> None:
    tip = new_tip(release_at=START + timedelta(minutes=17))
    later = part_of(tip, id=os.urandom(16), release_at=START + timedelta(minutes=40))
    write(lambda tx: tx.tips.add(tip, [part_of(tip), later]))
    with database.read() as view:
        for minutes, tips, parts in ((16, 0, 0), (17, 1, 1), (39, 1, 1), (40, 1, 2)):
            now = START + timedelta(minutes=minutes)
            assert len(view.tips.queue(["ward"], ["new"], now)) == tips
            assert len(view.parts.of_tip(tip.id, now)) == parts


def test_a_change_needs_the_version_that_was_read(database: Database, write: Any) -> None:
    tip, holder = new_tip(), os.urandom(16)
    write(lambda tx: tx.tips.add(tip, []))
    write(lambda tx: tx.tips.change(tip.id, 1, state="screening", holder_id=holder, due_at=None))
    row = stored(database, tip)
    assert row is not None
    assert (row.state, row.holder_id, row.due_at, row.version) == ("screening", holder, None, 2)
    with pytest.raises(Stale):
        write(lambda tx: tx.tips.change(tip.id, 1, state="closed"))
    with pytest.raises(Stale):
        write(lambda tx: tx.tips.change(os.urandom(16), 1, state="closed"))
    assert stored(database, tip) == row


def test_what_makes_a_tip_what_it_is_cannot_be_changed(write: Any) -> None:
    tip = new_tip()
    write(lambda tx: tx.tips.add(tip, []))
    for name in ("id", "fresh", "lookup", "identity_sealed", "reply_key", "day"):
        with pytest.raises(ValueError, match="not a column"):
            write(lambda tx, name=name: tx.tips.change(tip.id, 1, **{name: b""}))


def test_news_count_from_the_oldest_release_without_a_new_version(
    database: Database, write: Any
) -> None:
    tip = new_tip()
    write(lambda tx: tx.tips.add(tip, []))
    minutes = [START + timedelta(minutes=minute) for minute in range(4)]
    for at, expected in ((3, 3), (1, 1), (2, 1)):
        assert write(lambda tx, at=at: tx.tips.mark_new(tip.id, minutes[at]))
        row = stored(database, tip)
        assert row is not None
        assert (row.new_at, row.version, row.priority) == (minutes[expected], 1, 2)
        assert row.has_news(minutes[expected])
        assert not row.has_news(minutes[expected - 1])
    write(lambda tx: tx.tips.change(tip.id, 1, new_at=None))
    row = stored(database, tip)
    assert row is not None
    assert row.new_at is None
    assert not row.has_news(minutes[3])


def test_urgent_news_make_a_tip_urgent(database: Database, write: Any) -> None:
    tip = new_tip(priority=3)
    write(lambda tx: tx.tips.add(tip, []))
    assert write(lambda tx: tx.tips.mark_new(tip.id, START, urgent=True))
    row = stored(database, tip)
    assert row is not None
    assert (row.priority, row.new_at) == (1, START)


def test_news_of_a_tip_that_is_gone_find_nothing(write: Any) -> None:
    assert not write(lambda tx: tx.tips.mark_new(os.urandom(16), START))


def test_closed_tips_with_news_come_back_into_the_queue(database: Database, write: Any) -> None:
    quiet, loud, later = (
        new_tip(state="closed", new_at=at) for at in (None, START, START + timedelta(minutes=1))
    )
    open_tip = new_tip(priority=3)
    for tip in (quiet, loud, later, open_tip):
        write(lambda tx, tip=tip: tx.tips.add(tip, []))
    with database.read() as view:
        page = view.tips.queue(["ward"], ["new"], START, closed_with_news=True)
        first = view.tips.queue(["ward"], ["new"], START, limit=1, closed_with_news=True)
    assert [row.id for row in page] == [loud.id, open_tip.id]
    assert [row.id for row in first] == [loud.id]


def test_closed_tips_are_not_sealed_again(database: Database, write: Any) -> None:
    tips = [new_tip(state=state) for state in ("new", "screening", "closed")]
    part = part_of(tips[2])
    for tip in tips:
        write(lambda tx, tip=tip: tx.tips.add(tip, [part] if tip is tips[2] else []))
    with database.read() as view:
        first = view.tips.open_tips_of("ward", limit=1)
        second = view.tips.open_tips_of("ward", after=first[0].id)
        assert [row.id for row in first + second] == sorted(tip.id for tip in tips[:2])
        assert view.parts.open_parts_with([part.wraps[0][0]]) == []


def test_an_erased_tip_leaves_no_row_and_may_be_erased_again(
    database: Database, write: Any
) -> None:
    tip, other = new_tip(), new_tip()
    photo = part_of(tip, id=os.urandom(16))
    push = PushRow(os.urandom(16), tip.id, b"sealed", START.date())

    def add(tx: Tx) -> None:
        tx.tips.add(tip, [part_of(tip), photo])
        tx.tips.add(other, [part_of(other)])
        tx.pushes.add(push)

    write(add)
    for _ in range(2):
        write(lambda tx: tx.tips.erase(tip.id))
        with database.read() as view:
            counts = {
                table: view.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
                for table in ("tip", "part", "wrap", "push_address")
            }
        assert counts == {"tip": 1, "part": 1, "wrap": 2, "push_address": 0}
    assert stored(database, other) is not None


def test_a_half_erased_tip_can_be_erased_to_the_end(database: Database, write: Any) -> None:
    tip = new_tip()
    write(lambda tx: tx.tips.add(tip, [part_of(tip)]))
    write(lambda tx: tx.connection.execute(text("DELETE FROM wrap")))
    write(lambda tx: tx.connection.execute(text("DELETE FROM part")))
    write(lambda tx: tx.tips.erase(tip.id))
    assert stored(database, tip) is None


def test_a_holder_finds_what_they_hold(database: Database, write: Any) -> None:
    mine, yours = os.urandom(16), os.urandom(16)
    tips = [new_tip(holder_id=holder) for holder in (mine, yours, None)]
    for tip in tips:
        write(lambda tx, tip=tip: tx.tips.add(tip, []))
    with database.read() as view:
        assert [row.id for row in view.tips.queue(["ward"], ["new"], START, holder=mine)] == [
            tips[0].id
        ]


moments = st.one_of(st.none(), st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)))
some_tips = st.lists(
    st.builds(
        new_tip,
        id=st.randoms(use_true_random=False).map(lambda r: r.randbytes(16)),
        lookup=st.builds(lambda: os.urandom(16)),
        unit_id=st.sampled_from(["ward", "upper", "other"]),
        state=st.sampled_from(STATES),
        priority=st.integers(1, 3),
        due_at=moments,
        release_at=st.sampled_from([START, START + timedelta(minutes=30)]),
    ),
    max_size=25,
    unique_by=lambda tip: tip.id,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tips=some_tips, size=st.integers(1, 7), settle=st.booleans())
def test_paging_shows_every_row_once(
    database: Database, tips: list[NewTip], size: int, settle: bool
) -> None:
    def refill(tx: Tx) -> None:
        tx.connection.execute(text("DELETE FROM tip"))
        for tip in tips:
            tx.tips.add(tip, [])
        if settle:  # some rows of the pages are settled ones, some fresh
            tx.connection.execute(text("UPDATE tip SET fresh = 0 WHERE priority = 2"))

    database.writer.submit(refill).result(30)
    shown: list[TipRow] = []
    with database.read() as view:
        after = None
        while page := view.tips.queue(["ward", "upper"], ["new", "closed"], START, after, size):
            assert len(page) <= size
            shown += page
            after = (page[-1].priority, page[-1].due_at, page[-1].id)
        count = view.tips.count(["ward", "upper"], ["new", "closed"], START)
    visible = [t for t in tips if _is_visible(t)]
    assert [row.id for row in shown] == [tip.id for tip in sorted(visible, key=_order)]
    assert sum(count.values()) == len(visible)


def test_counting_stops_at_a_thousand_and_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.tips.MOST_COUNTED", 3)

    def store(tx: Tx) -> None:
        for unit, state, number in (("ward", "new", 5), ("upper", "new", 1), ("ward", "acting", 2)):
            for _ in range(number):
                tx.tips.add(new_tip(unit_id=unit, state=state), [])
        tx.connection.execute(text("UPDATE tip SET fresh = 0 WHERE state = 'acting'"))

    database.writer.submit(store).result(30)
    with database.read() as view:
        assert view.tips.count(["ward", "upper"], ["new", "acting", "closed"], START) == {
            "new": 3, "acting": 2,
        }  # fmt: skip
        assert view.tips.count(["upper"], ["new"], START) == {"new": 1}


def _is_visible(tip: NewTip) -> bool:
    return tip.unit_id != "other" and tip.state != "screening" and tip.release_at <= START


def _order(tip: NewTip) -> tuple[int, datetime, bytes]:
    return tip.priority, tip.due_at or datetime.max.replace(tzinfo=UTC), tip.id


def test_a_page_is_found_in_the_index_alone(sqlite_database: Database) -> None:
    plans: list[str] = []
    with sqlite_database.read() as view:
        raw: Any = view.connection.connection.driver_connection
        traced: list[str] = []
        raw.set_trace_callback(traced.append)
        view.tips.queue(["ward"], ["new"], START)
        view.tips.count(["ward"], ["new"], START)
        raw.set_trace_callback(None)
        for statement in traced:
            if "FROM tip" in statement:
                plans += [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}")]
    searches = [plan for plan in plans if plan.startswith("SEARCH tip")]
    assert len(searches) == 3
    assert [plan for plan in searches if "COVERING INDEX ix_tip_queue" in plan] == [
        searches[0],
        searches[2],
    ]
    assert "PRIMARY KEY" in searches[1]
    assert not [plan for plan in plans if plan.startswith("SCAN tip")]


def test_postgresql_counts_in_the_index_too_where_most_tips_are_of_another_state(
    postgres_database: Database,
) -> None:
    many = """INSERT INTO tip SELECT (tip).* FROM (
        SELECT jsonb_populate_record(tip, jsonb_build_object(
            'id', uuid_send(gen_random_uuid()), 'lookup', uuid_send(gen_random_uuid()),
            'fresh', 0)) AS tip FROM tip, generate_series(1, 5000)) AS drawn"""

    def store(tx: Tx) -> None:
        tx.tips.add(new_tip(unit_id="ward", state="new"), [])
        tx.connection.execute(text(many))

    postgres_database.writer.submit(store).result(30)
    with postgres_database.maintenance() as connection:
        connection.execute(text("ANALYZE tip"))
    asked = {"units": '["ward"]', "states": '["new", "closed"]', "now": START, "most": 1001}
    with postgres_database.read() as view:
        assert view.tips.count(["ward"], ["new", "closed"], START) == {"new": MOST_COUNTED}
        explain = text(f"EXPLAIN {paging.counts(view.connection).text}")
        plan = "\n".join(view.connection.execute(explain, asked).scalars())
    assert "Index Only Scan using ix_tip_queue" in plan
    assert "Seq Scan on tip" not in plan
