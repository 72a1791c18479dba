"""Parts and their wraps: in which order they come, and how they are sealed to others."""

import os
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from storage.database import Database
from storage.parts import NewPart
from storage.unit_of_work import Tx
from tests.clocks import START
from tests.storage.making import new_tip, part_of

T = TypeVar("T")


@pytest.fixture
def write(database: Database) -> Callable[[Callable[[Tx], T]], T]:
    return lambda work: database.writer.submit(work).result(30)


def test_a_thread_grows_in_the_order_of_release(database: Database, write: Any) -> None:
    tip = new_tip()
    parts = [
        part_of(tip, id=os.urandom(16), release_at=START + timedelta(minutes=minute))
        for minute in (5, 3, 9)
    ]
    write(lambda tx: tx.tips.add(tip, [part_of(tip)]))
    for part in parts:
        write(lambda tx, part=part: tx.parts.add(part))
    with database.read() as view:
        ids = [row.id for row in view.parts.of_tip(tip.id)]
    assert ids == [tip.id, parts[1].id, parts[0].id, parts[2].id]


def test_a_part_can_be_sealed_to_others(database: Database, write: Any) -> None:
    tip = new_tip()
    part = part_of(tip)
    (old_key, _), (kept_key, kept_wrap) = part.wraps
    new_key, new_wrap = os.urandom(8), os.urandom(64)
    write(lambda tx: tx.tips.add(tip, [part]))
    for _ in range(2):  # a second time changes nothing
        write(lambda tx: tx.parts.rewrap([old_key], [(part.id, new_key, new_wrap)]))
    with database.read() as view:
        assert view.parts.wraps_for([part.id], old_key) == {}
        found = {(w.key_id, w.wrap_sealed) for w in view.parts.wraps([part.id])}
        assert found == {(kept_key, kept_wrap), (new_key, new_wrap)}
        assert view.parts.open_parts_with([new_key]) == [part.id]
        assert view.parts.open_parts_with([old_key]) == []


def test_what_the_reporter_added_counts_from_its_release_and_what_the_unit_wrote_never(
    database: Database, write: Any
) -> None:
    tip, other, code = new_tip(), new_tip(), os.urandom(8)
    later = START + timedelta(minutes=5)
    parts = [part_of(tip, id=os.urandom(16), release_at=at) for at in (START, later, later)]
    reply = part_of(tip, id=os.urandom(16), release_at=START, wraps=((code, b"w"),))
    write(lambda tx: tx.tips.add(tip, [part_of(tip), *parts, reply]))
    write(lambda tx: tx.tips.add(other, [part_of(other)]))
    both = [tip.id, other.id]
    with database.read() as view:
        for at, number in ((START, 1), (later - timedelta(seconds=1), 1), (later, 3)):
            assert view.parts.added(both, [code], at) == {tip.id: number}
        assert view.parts.added([], [], later) == {}


def test_rows_of_a_random_order_come_back_by_id(database: Database, write: Any) -> None:
    tip = new_tip()
    parts = [part_of(tip, id=os.urandom(16)) for _ in range(5)]
    write(lambda tx: tx.tips.add(tip, random.sample(parts, 5)))
    ids = [part.id for part in parts]
    with database.read() as view:
        wraps = view.parts.wraps(ids)
    assert [(w.part_id, w.key_id) for w in wraps] == sorted((w.part_id, w.key_id) for w in wraps)
    assert {w.part_id for w in wraps} == set(ids)


def test_a_part_without_wraps_is_a_row_all_the_same(database: Database, write: Any) -> None:
    tip = new_tip()
    part: NewPart = part_of(tip, wraps=())
    write(lambda tx: tx.tips.add(tip, [part]))
    with database.read() as view:
        assert view.parts.get(part.id) is not None
