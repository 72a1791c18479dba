"""Drafts: one writer at a time, nothing that outlives its time."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from storage.arrivals import Arrival
from storage.database import Database
from storage.drafts import DraftRow, PhotoRow
from storage.errors import Stale
from storage.unit_of_work import Tx, View
from tests.clocks import START, FixedClock

T = TypeVar("T")
HALF_AN_HOUR = timedelta(minutes=30)
CURRENT, PREVIOUS = b"c" * 32, b"p" * 32


@pytest.fixture
def write(database: Database) -> Callable[[Callable[[Tx], T]], T]:
    return lambda work: database.writer.submit(work).result(30)


def draft(row_key: bytes = CURRENT, sealed: bytes = b"words", **columns: Any) -> DraftRow:
    values = {"version": 0, "state": "open", "expires_at": START + HALF_AN_HOUR}
    return DraftRow(row_key=row_key, sealed=sealed, **(values | columns))


def photo(row_key: bytes = CURRENT, **columns: Any) -> PhotoRow:
    values = {"id": os.urandom(16), "body_sealed": b"pixels", "expires_at": START + HALF_AN_HOUR}
    return PhotoRow(row_key=row_key, **(values | columns))


def stored(database: Database, *keys: bytes) -> DraftRow | None:
    with database.read() as view:
        return view.drafts.get(keys or (CURRENT, PREVIOUS))


def buried(view: View, marks: list[bytes]) -> bool:
    return view.arrivals.meet(Arrival((CURRENT, PREVIOUS), tuple(marks), "telegram", "1")).is_buried


def test_a_draft_moves_from_version_to_version(database: Database, write: Any) -> None:
    assert stored(database) is None
    first = write(lambda tx: tx.drafts.put(draft(), None))
    second = write(lambda tx: tx.drafts.put(draft(sealed=b"more", state="sent"), first))
    assert second == first + 1
    row = stored(database)
    assert row == draft(sealed=b"more", state="sent", version=second)


def test_two_steps_from_the_same_place_do_not_both_count(database: Database, write: Any) -> None:
    seen = write(lambda tx: tx.drafts.put(draft(), None))
    futures = [
        database.writer.submit(lambda tx, n=n: tx.drafts.put(draft(sealed=bytes([n])), seen))
        for n in range(8)
    ]
    errors = [future.exception(30) for future in futures]
    assert sum(error is None for error in errors) == 1
    assert sum(isinstance(error, Stale) for error in errors) == 7


def test_two_first_steps_do_not_both_count(database: Database, write: Any) -> None:
    futures = [database.writer.submit(lambda tx: tx.drafts.put(draft(), None)) for _ in range(8)]
    errors = [future.exception(30) for future in futures]
    assert sum(error is None for error in errors) == 1
    assert sum(isinstance(error, Stale) for error in errors) == 7


def test_a_step_cannot_bring_wiped_words_back(database: Database, write: Any) -> None:
    seen = write(lambda tx: tx.drafts.put(draft(sealed=b"wiped"), None))
    write(lambda tx: tx.drafts.drop(CURRENT))
    with pytest.raises(Stale):
        write(lambda tx: tx.drafts.put(draft(sealed=b"wiped"), seen))
    write(lambda tx: tx.drafts.put(draft(sealed=b"new"), None))
    with pytest.raises(Stale):  # nor over the draft that came after it
        write(lambda tx: tx.drafts.put(draft(sealed=b"wiped"), seen))
    row = stored(database)
    assert row is not None
    assert row.sealed == b"new"


def test_a_draft_moves_to_the_new_session_key_with_its_pictures(
    database: Database, write: Any
) -> None:
    def begin(tx: Tx) -> int:
        tx.drafts.add_photo(photo(PREVIOUS))
        return tx.drafts.put(draft(PREVIOUS), None)

    seen = write(begin)
    assert stored(database) == draft(PREVIOUS, version=seen)
    write(lambda tx: tx.drafts.put(draft(CURRENT, sealed=b"again"), seen, PREVIOUS))
    assert stored(database, PREVIOUS) is None
    assert stored(database, CURRENT) == draft(sealed=b"again", version=seen + 1)
    with database.read() as view:
        assert (view.drafts.photo_count(PREVIOUS), view.drafts.photo_count(CURRENT)) == (0, 1)


def test_the_current_key_comes_before_the_previous_one(database: Database, write: Any) -> None:
    for key in (PREVIOUS, CURRENT):
        write(lambda tx, key=key: tx.drafts.put(draft(key), None))
    row = stored(database)
    assert row is not None
    assert row.row_key == CURRENT


def test_pictures_go_with_their_draft(database: Database, write: Any) -> None:
    mine, other = photo(), photo(PREVIOUS)

    def begin(tx: Tx) -> None:
        tx.drafts.put(draft(), None)
        tx.drafts.put(draft(PREVIOUS), None)
        for each in (mine, other):
            tx.drafts.add_photo(each)

    write(begin)
    with database.read() as view:
        assert view.drafts.photos([mine.id]) == [mine]
    for _ in range(2):
        write(lambda tx: tx.drafts.drop(CURRENT))
    with database.read() as view:
        assert view.drafts.photos([mine.id, other.id]) == [other]
    write(lambda tx: tx.drafts.take_photos([other.id]))
    with database.read() as view:
        assert view.drafts.photo_count(PREVIOUS) == 0


def test_receipts_that_wait_come_first_to_expire_first(database: Database, write: Any) -> None:
    keys = [bytes([n]) * 32 for n in range(4)]
    for n, key in enumerate(keys):
        until = START + timedelta(hours=4 - n)
        row = draft(key, state="open" if n == 2 else "sent", expires_at=until)
        write(lambda tx, row=row: tx.drafts.put(row, None))
    with database.read() as view:
        rows = view.drafts.waiting("sent", START)
        assert [row.row_key for row in rows] == [keys[3], keys[1], keys[0]]
        assert [row.row_key for row in view.drafts.waiting("sent", START, 1)] == [keys[3]]
        late = START + timedelta(hours=3)
        assert [row.row_key for row in view.drafts.waiting("sent", late)] == [keys[0]]


def test_a_tombstone_is_found_under_either_key(database: Database, write: Any) -> None:
    until = START + HALF_AN_HOUR
    for _ in range(2):  # a message may be buried twice
        write(lambda tx: tx.drafts.bury([b"one", b"two"], until))
    write(lambda tx: tx.drafts.bury([], until))
    with database.read() as view:
        assert buried(view, [b"unknown", b"two"])
        assert not buried(view, [b"unknown"])
        assert not buried(view, [])


def test_the_sweeper_takes_what_has_expired_and_what_belongs_to_nobody(
    database: Database, write: Any, clock: FixedClock
) -> None:
    kept, lost, orphan = photo(), photo(PREVIOUS, expires_at=START), photo(b"gone" * 8)

    def fill(tx: Tx) -> None:
        tx.drafts.put(draft(), None)
        tx.drafts.put(draft(PREVIOUS, expires_at=START), None)
        for each in (kept, lost, orphan):
            tx.drafts.add_photo(each)
        tx.drafts.bury([b"old"], START)
        tx.drafts.bury([b"young"], START + HALF_AN_HOUR)

    write(fill)
    assert write(lambda tx: tx.drafts.sweep(clock.now())) == 4
    with database.read() as view:
        assert view.drafts.get([PREVIOUS]) is None
        assert view.drafts.photos([kept.id, lost.id, orphan.id]) == [kept]
        assert buried(view, [b"young"])
        assert not buried(view, [b"old"])
    clock.advance(HALF_AN_HOUR)
    assert write(lambda tx: tx.drafts.sweep(clock.now())) == 3
    assert write(lambda tx: tx.drafts.sweep(clock.now())) == 0
