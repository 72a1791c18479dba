"""Tips as triage knows them; what was said in them stands in `storage.parts`.

Rights are part of the statements: what an officer may see is asked for by unit. Nothing here can
read what is sealed, and no row carries more in clear than `storage.tables` says. Every write
makes its row ``fresh``, so that the nightly rewrite moves it.
"""

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, case, delete, insert, select, update

from storage import paging
from storage.errors import Stale
from storage.parts import PART, WRAP, NewPart, add_parts
from storage.statements import BOTH, Store, table_of
from storage.tables import NEVER, PushAddress, Tip

TIP, PUSH = table_of(Tip), table_of(PushAddress)
MOST_COUNTED = 1_001
"""Where counting stops: a number so high means "more than a thousand"."""
_CHANGEABLE = frozenset(
    {"unit_id", "priority", "state", "holder_id", "due_at", "new_at", "headline_sealed"}
)


class NewTip(NamedTuple):
    """A sealed tip as it arrives; None for ``due_at``: no clock runs, for ``new_at``: no news."""

    id: bytes
    unit_id: str
    day: date
    release_at: datetime
    priority: int
    state: str
    lookup: bytes
    reply_key: bytes
    headline_sealed: bytes
    identity_sealed: bytes
    holder_id: bytes | None = None
    due_at: datetime | None = None
    new_at: datetime | None = None
    version: int = 1


class TipRow(NamedTuple):
    """What triage may know of a tip without opening it.

    ``new_at`` is the release minute of the oldest piece that nobody has seen; see ``has_news``.
    """

    id: bytes
    unit_id: str
    day: date
    release_at: datetime
    priority: int
    state: str
    holder_id: bytes | None
    due_at: datetime | None
    new_at: datetime | None
    version: int
    reply_key: bytes
    headline_sealed: bytes

    def has_news(self, now: datetime) -> bool:
        """Return whether something is there that nobody has seen, and that is released."""
        return self.new_at is not None and self.new_at <= now


_ADD_TIP = insert(TIP)
_TIP: Select[Any] = select(*(TIP.c[name] for name in TipRow._fields)).where(TIP.c.fresh.in_(BOTH))
_BY_LOOKUP = _TIP.where(TIP.c.lookup == bindparam("lookup")).limit(1)
_BY_ID = _TIP.where(
    TIP.c.id == bindparam("id"), TIP.c.unit_id.in_(bindparam("units", expanding=True))
)
_BY_IDS = _TIP.where(TIP.c.id.in_(bindparam("ids", expanding=True)))
_OPEN_OF_UNIT = (
    _TIP.where(
        TIP.c.unit_id == bindparam("unit"), TIP.c.state != "closed", TIP.c.id > bindparam("after")
    )
    .order_by(TIP.c.id)
    .limit(bindparam("limit"))
)
_THE_TIP = (TIP.c.fresh.in_(BOTH), TIP.c.id == bindparam("tip"))
_AT = bindparam("at", type_=TIP.c.new_at.type)
_MARK_NEW = (
    update(TIP)
    .where(*_THE_TIP)
    .values(fresh=1, new_at=case((TIP.c.new_at > _AT, _AT), else_=TIP.c.new_at))
)
_MARK_URGENT = _MARK_NEW.values(priority=1, version=TIP.c.version + 1)
_CHANGE = update(TIP).where(*_THE_TIP, TIP.c.version == bindparam("seen"))
_ERASE = (
    delete(WRAP).where(
        WRAP.c.fresh.in_(BOTH),
        WRAP.c.part_id.in_(
            select(PART.c.id).where(PART.c.fresh.in_(BOTH), PART.c.tip_id == bindparam("tip"))
        ),
    ),
    delete(PART).where(PART.c.fresh.in_(BOTH), PART.c.tip_id == bindparam("tip")),
    delete(PUSH).where(PUSH.c.fresh.in_(BOTH), PUSH.c.tip_id == bindparam("tip")),
    delete(TIP).where(*_THE_TIP),
)


class TipStore(Store):
    """Adds, finds, changes and erases tips."""

    __slots__ = ()

    def add(self, tip: NewTip, parts: Iterable[NewPart]) -> None:
        """Add a tip and the parts that came with it."""
        values = tip._asdict() | {"due_at": tip.due_at or NEVER, "new_at": tip.new_at or NEVER}
        self._connection.execute(_ADD_TIP, values)
        add_parts(self._connection, list(parts))

    def mark_new(self, tip_id: bytes, at: datetime, *, urgent: bool = False) -> bool:
        """Say that the tip has news from ``at`` on; False when there is no such tip any more.

        News that were there before stay: only the oldest minute counts, so that nothing changes
        to the eye before the release. ``urgent``, which is there at once, also makes the tip urgent
        and moves it to its next version: nobody closes it who has not seen that. Otherwise the
        version stays.
        """
        statement = _MARK_URGENT if urgent else _MARK_NEW
        return self._connection.execute(statement, {"tip": tip_id, "at": at}).rowcount == 1

    def by_lookup(self, lookup: bytes) -> TipRow | None:
        """Find a tip by what its receipt code yields."""
        return _tip(self._connection.execute(_BY_LOOKUP, {"lookup": lookup}).first())

    def get(self, tip_id: bytes, units: Collection[str]) -> TipRow | None:
        """Find a tip among those that these units may see."""
        found = self._connection.execute(_BY_ID, {"id": tip_id, "units": list(units)})
        return _tip(found.first())

    def identity(self, tip_id: bytes) -> bytes | None:
        """Return the sealed identity slot of a tip."""
        query = select(TIP.c.identity_sealed).where(*_THE_TIP)
        return self._connection.execute(query, {"tip": tip_id}).scalar()

    def queue(
        self,
        units: Collection[str],
        states: Collection[str],
        now: datetime,
        after: tuple[int, datetime | None, bytes] | None = None,
        limit: int = 50,
        *,
        holder: bytes | None = None,
        closed_with_news: bool = False,
    ) -> list[TipRow]:
        """Return a page of released tips by priority, clock and random id.

        Args:
            units: whose tips.
            states: in which states.
            now: tips released later than this stay out.
            after: priority, due_at and id of the last row of the page before.
            limit: rows a page.
            holder: only the tips that this officer holds.
            closed_with_news: closed tips as well, where the reporter has added something.
        """
        priority, due_at, tip_id = after or paging.START
        values: dict[str, Any] = {
            "units": list(units),
            "states": list(states),
            "now": now,
            "priority": priority,
            "due_at": due_at or NEVER,
            "id": tip_id,
            "limit": limit,
        }
        if holder is not None:
            values["holder"] = holder
        # Ids come out of the index; whole rows only for the one page.
        statement = paging.page(self._connection, held=holder is not None)
        ids = list(self._connection.execute(statement, values).scalars())
        if closed_with_news:
            values["states"] = ["closed"]
            ids += self._connection.execute(paging.NEWS, values).scalars()
        found = self._connection.execute(_BY_IDS, {"ids": ids})
        return [_row(row) for row in sorted(found, key=_queue_key)[:limit]]

    def count(
        self, units: Collection[str], states: Collection[str], now: datetime
    ) -> dict[str, int]:
        """Count released tips by state; states without any are left out.

        At most ``MOST_COUNTED`` of a state: so many, or more.
        """
        values = {
            "units": json.dumps(list(units)), "states": json.dumps(list(states)),
            "now": now, "most": MOST_COUNTED,
        }  # fmt: skip
        rows = self._connection.execute(paging.counts(self._connection), values)
        return {row.state: min(int(row.number), MOST_COUNTED) for row in rows if row.number}

    def open_tips_of(self, unit_id: str, after: bytes = b"", limit: int = 500) -> list[TipRow]:
        """Return a page of a unit's tips that are not closed, ordered by id."""
        values = {"unit": unit_id, "after": after, "limit": limit}
        return [_row(row) for row in self._connection.execute(_OPEN_OF_UNIT, values)]

    def change(self, tip_id: bytes, version: int, **columns: Any) -> None:
        """Change columns of a tip that is still at ``version``; it is then at the next one.

        Raises:
            Stale: the tip has changed meanwhile, or is gone.
        """
        if not columns.keys() <= _CHANGEABLE:
            raise ValueError("not a column that may change")
        for name in columns.keys() & {"due_at", "new_at"}:
            columns[name] = columns[name] or NEVER
        statement = _CHANGE.values(fresh=1, version=version + 1, **columns)
        if self._connection.execute(statement, {"tip": tip_id, "seen": version}).rowcount != 1:
            raise Stale("the tip has changed")

    def erase(self, tip_id: bytes) -> None:
        """Remove a tip for good: wraps first, then bodies, then what is left. May be repeated."""
        for statement in _ERASE:
            self._connection.execute(statement, {"tip": tip_id})


def _tip(row: Row[Any] | None) -> TipRow | None:
    return None if row is None else _row(row)


def _row(row: Row[Any]) -> TipRow:
    made = TipRow._make(row)
    due_at = None if made.due_at == NEVER else made.due_at
    return made._replace(due_at=due_at, new_at=None if made.new_at == NEVER else made.new_at)


def _queue_key(row: Row[Any]) -> tuple[int, datetime, bytes]:
    return row.priority, row.due_at, row.id
