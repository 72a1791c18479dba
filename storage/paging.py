"""Statements that find a page of the officers' queue; they return ids, in the queue's order.

SQLite finds a page quickly from one range over several units and states. PostgreSQL would sort all
of them for every page, so it is asked branch by branch, which the index answers in order, and sorts
only the few rows that come first in each. Counting stops at a thousand: nobody reads further, and a
walk through a whole index would be most of the page's time. Nothing here runs a statement.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    case,
    func,
    literal,
    select,
    text,
    true,
    tuple_,
)

from storage.statements import BOTH, table_of
from storage.tables import Tip

TIP = table_of(Tip)
START = (0, datetime(1970, 1, 1, tzinfo=UTC), b"")  # before every key of the queue

_NAMES = ("priority", "due_at", "id")
_BRANCH = ("fresh", "unit_id", "state")
_ORDER = [TIP.c[name] for name in _NAMES]
_AFTER = tuple_(*(bindparam(name, type_=TIP.c[name].type) for name in _NAMES)) < tuple_(*_ORDER)
RELEASED = (
    TIP.c.fresh.in_(BOTH),
    TIP.c.unit_id.in_(bindparam("units", expanding=True)),
    TIP.c.state.in_(bindparam("states", expanding=True)),
    TIP.c.release_at <= bindparam("now"),
)
_HELD = TIP.c.holder_id == bindparam("holder")
_QUEUE: Select[Any] = (
    select(TIP.c.id).where(*RELEASED, _AFTER).order_by(*_ORDER).limit(bindparam("limit"))
)
# Few tips have news: written so that SQLite finds those by their minute, not all by the order.
NEWS = (
    select(TIP.c.id)
    .where(*RELEASED, TIP.c.new_at <= bindparam("now"), case((_AFTER, 1), else_=0) == 1)
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
)


def _each(values: ColumnElement[Any], name: str) -> Any:
    """Return the elements of an array as a table of one column."""
    return func.unnest(values).table_valued(name).render_derived(name=f"each_{name}")


def _by_branch(*conditions: Any) -> Select[Any]:
    """Join the first rows of every branch (fresh or settled, unit, state) and sort those."""
    fresh = _each(literal(list(BOTH), ARRAY(Integer)), "fresh")
    unit = _each(bindparam("units", type_=ARRAY(String)), "unit_id")
    state = _each(bindparam("states", type_=ARRAY(String)), "state")
    branch = [
        each.c[name] == TIP.c[name]
        for each, name in zip((fresh, unit, state), _BRANCH, strict=True)
    ]
    first = (
        select(*_ORDER)
        .where(*branch, TIP.c.release_at <= bindparam("now"), _AFTER, *conditions)
        .order_by(*_ORDER)
        .limit(bindparam("limit"))
        .lateral("first")
    )
    branches = fresh.join(unit, true()).join(state, true())
    return (
        select(first.c.id)
        .select_from(branches.join(first, true()))
        .order_by(*(first.c[name] for name in _NAMES))
        .limit(bindparam("limit"))
    )


_STATEMENTS = {
    ("sqlite", False): _QUEUE,
    ("sqlite", True): _QUEUE.where(_HELD),
    ("postgresql", False): _by_branch(),
    ("postgresql", True): _by_branch(_HELD),
}


def page(connection: Connection, *, held: bool) -> Select[Any]:
    """Return the statement for this connection's database, for all tips or for a holder's."""
    return _STATEMENTS[connection.dialect.name, held]


_COUNTED = """
    SELECT state.value AS state, SUM((SELECT COUNT(*) FROM (
        SELECT 1 FROM tip
        WHERE tip.fresh = fresh.value AND tip.unit_id = unit.value AND tip.state = state.value
            AND tip.release_at <= :now
        ORDER BY tip.priority, tip.due_at, tip.id LIMIT :most) AS few)) AS number
    FROM {states}, {units}, {fresh}
    GROUP BY state.value"""
_EACH_OF = {
    "sqlite": "json_each({0}) AS {1}",
    "postgresql": "jsonb_array_elements_text({0}) AS {1}(value)",
}
_FRESH = {
    "sqlite": "json_each('[0, 1]') AS fresh",
    "postgresql": "(VALUES (0), (1)) AS fresh(value)",
}
_LIST = {"sqlite": ":{0}", "postgresql": "CAST(:{0} AS jsonb)"}


def _counting(kind: str) -> Any:
    units, states = (
        _EACH_OF[kind].format(_LIST[kind].format(name), name[:-1]) for name in ("units", "states")
    )
    statement = _COUNTED.format(units=units, states=states, fresh=_FRESH[kind])
    return text(statement).bindparams(bindparam("now", type_=TIP.c.release_at.type))


_COUNTS = {kind: _counting(kind) for kind in _FRESH}


def counts(connection: Connection) -> Any:
    """Return the statement that counts ``units`` and ``states`` (JSON lists) up to ``most`` each.

    Each branch (fresh or settled, unit, state) is counted in the index, and no further than that.
    The order is the index's own: without one PostgreSQL looks through the whole table.
    """
    return _COUNTS[connection.dialect.name]
