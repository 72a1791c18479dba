"""What concerns one tip is found by its keys: opening one costs the same among few and many."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from storage.database import Database
from storage.pushes import PushRow
from storage.unit_of_work import Tx
from tests.clocks import START
from tests.storage.making import new_tip, part_of

TABLES = ("tip", "part", "wrap", "push_address")
WALK = re.compile(
    rf"(SCAN ({'|'.join(TABLES)}|inside)\b|SEARCH .* USING PRIMARY KEY \(fresh=\?\)$)"
)
TIP = new_tip(state="new")
PART = part_of(TIP)

DONE: dict[str, Callable[[Tx], object]] = {
    "tips.get": lambda tx: tx.tips.get(TIP.id, ["ward"]),
    "tips.by_lookup": lambda tx: tx.tips.by_lookup(TIP.lookup),
    "tips.identity": lambda tx: tx.tips.identity(TIP.id),
    "tips.mark_new": lambda tx: tx.tips.mark_new(TIP.id, START),
    "tips.change": lambda tx: tx.tips.change(TIP.id, TIP.version, state="screening"),
    "parts.of_tip": lambda tx: tx.parts.of_tip(TIP.id),
    "parts.of_tip, released": lambda tx: tx.parts.of_tip(TIP.id, START),
    "parts.heads": lambda tx: tx.parts.heads(TIP.id),
    "parts.added": lambda tx: tx.parts.added([TIP.id, os.urandom(16)], [os.urandom(8)] * 2, START),
    "parts.get": lambda tx: tx.parts.get(PART.id),
    "parts.bodies": lambda tx: tx.parts.bodies([PART.id]),
    "parts.wraps": lambda tx: tx.parts.wraps([PART.id], [b"one", b"two"]),
    "parts.rewrap": lambda tx: tx.parts.rewrap([b"one"], [(PART.id, b"two", b"w")]),
    "pushes.add": lambda tx: tx.pushes.add_while_open(
        PushRow(os.urandom(16), TIP.id, b"sealed", START.date())
    ),
    "pushes.of_tip": lambda tx: tx.pushes.of_tip(TIP.id),
    "pushes.schedule": lambda tx: tx.pushes.schedule(TIP.id, START + timedelta(hours=1)),
    "pushes.has": lambda tx: tx.pushes.has(os.urandom(16)),
    "pushes.drop": lambda tx: tx.pushes.drop(os.urandom(16)),
    "pushes.drop_of_tip": lambda tx: tx.pushes.drop_of_tip(TIP.id),
    "retention.has_younger_part": lambda tx: tx.retention.has_younger_part(TIP.id, START),
    "tips.erase": lambda tx: tx.tips.erase(TIP.id),
}


@pytest.mark.parametrize("name", DONE)
def test_nothing_about_one_tip_walks_through_all_of_them(
    sqlite_database: Database, name: str
) -> None:
    plans = plans_of(sqlite_database, DONE[name])
    assert plans
    assert [plan for plan in plans if WALK.search(plan)] == []


def test_the_check_sees_a_walk(sqlite_database: Database) -> None:
    def walk(tx: Tx) -> None:
        asked = "SELECT body_sealed FROM part WHERE fresh IN (0, 1) AND tip_id = x'00'"
        tx.connection.exec_driver_sql(asked)

    assert [plan for plan in plans_of(sqlite_database, walk) if WALK.search(plan)]


def plans_of(database: Database, work: Callable[[Tx], object]) -> list[str]:
    """Return SQLite's plan, step by step, for every statement that the work runs."""
    traced: list[str] = []

    def watched(tx: Tx) -> list[str]:
        tx.tips.add(TIP, [PART])
        raw: Any = tx.connection.connection.driver_connection
        raw.set_trace_callback(traced.append)
        work(tx)
        raw.set_trace_callback(None)
        asked = [each for each in traced if re.match("SELECT|UPDATE|DELETE|WITH", each)]
        return [row[3] for each in asked for row in raw.execute(f"EXPLAIN QUERY PLAN {each}")]

    return database.writer.submit(watched).result(30)
