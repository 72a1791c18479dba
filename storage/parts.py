"""The sealed parts of tips and the wrapped keys of those: what a thread consists of.

Nothing here can read what is sealed. Every write makes its row ``fresh``, so that the nightly
rewrite moves it; parts go with their tip (`storage.tips`), never alone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, exists, func, insert, select

from storage.statements import BOTH, Store, of_tip, table_of
from storage.tables import Part, Tip, Wrap

TIP, PART, WRAP = table_of(Tip), table_of(Part), table_of(Wrap)


class NewPart(NamedTuple):
    """One sealed piece of a thread, with its content key sealed to each recipient."""

    id: bytes
    tip_id: bytes
    release_at: datetime
    body_sealed: bytes
    wraps: Sequence[tuple[bytes, bytes]]  # key id, sealed content key


class PartHead(NamedTuple):
    """What may be known of a piece of a thread without loading it; ``size`` in sealed bytes."""

    id: bytes
    release_at: datetime
    size: int


class PartRow(NamedTuple):
    """One sealed piece of a thread."""

    id: bytes
    tip_id: bytes
    release_at: datetime
    body_sealed: bytes


class WrapRow(NamedTuple):
    """A part's content key, sealed to one recipient."""

    part_id: bytes
    key_id: bytes
    wrap_sealed: bytes


_ADD_PART, _ADD_WRAP = insert(PART), insert(WRAP)
_PART: Select[Any] = select(*(PART.c[name] for name in PartRow._fields)).where(
    PART.c.fresh.in_(BOTH)
)
_PARTS = _PART.where(*of_tip(PART)).order_by(PART.c.release_at, PART.c.id)
_PARTS_RELEASED = _PARTS.where(PART.c.release_at <= bindparam("now"))
_PART_BY_ID = _PART.where(PART.c.id == bindparam("id"))
_PARTS_BY_ID = _PART.where(PART.c.id.in_(bindparam("ids", expanding=True)))
_HEADS = (
    select(PART.c.id, PART.c.release_at, func.length(PART.c.body_sealed).label("size"))
    .where(*of_tip(PART))
    .order_by(PART.c.release_at, PART.c.id)
)
_ADDED = (
    select(PART.c.tip_id, func.count().label("number"))
    .where(
        *of_tip(PART, many=True),
        PART.c.id != PART.c.tip_id,
        PART.c.release_at <= bindparam("now"),
        ~exists().where(
            WRAP.c.fresh.in_(BOTH),
            WRAP.c.part_id == PART.c.id,
            WRAP.c.key_id.in_(bindparam("codes", expanding=True)),
        ),
    )
    .group_by(PART.c.tip_id)
)
_WRAPS: Select[Any] = (
    select(*(WRAP.c[name] for name in WrapRow._fields))
    .where(WRAP.c.fresh.in_(BOTH), WRAP.c.part_id.in_(bindparam("parts", expanding=True)))
    .order_by(WRAP.c.part_id, WRAP.c.key_id)
)
_WRAPS_OF_KEYS = _WRAPS.where(WRAP.c.key_id.in_(bindparam("keys", expanding=True)))
_DROP_WRAPS_TO = delete(WRAP).where(
    WRAP.c.fresh.in_(BOTH),
    WRAP.c.part_id.in_(bindparam("parts", expanding=True)),
    WRAP.c.key_id.in_(bindparam("keys", expanding=True)),
)
_OPEN_PARTS_WITH = (
    select(PART.c.id)
    .distinct()
    .join(TIP, TIP.c.id == PART.c.tip_id)
    .join(WRAP, WRAP.c.part_id == PART.c.id)
    .where(
        *(table.c.fresh.in_(BOTH) for table in (TIP, PART, WRAP)),
        TIP.c.state != "closed",
        WRAP.c.key_id.in_(bindparam("keys", expanding=True)),
    )
    .order_by(PART.c.id)
)


class PartStore(Store):
    """Adds and finds parts and the wraps of their keys."""

    __slots__ = ()

    def add(self, part: NewPart) -> None:
        """Add one part to the thread of a tip that exists."""
        add_parts(self._connection, [part])

    def of_tip(self, tip_id: bytes, now: datetime | None = None) -> list[PartRow]:
        """Return the thread of a tip; with ``now``, only what is released by then."""
        values: dict[str, Any] = {"tip": tip_id}
        statement = _PARTS
        if now is not None:
            statement, values["now"] = _PARTS_RELEASED, now
        return [PartRow._make(row) for row in self._connection.execute(statement, values)]

    def heads(self, tip_id: bytes) -> list[PartHead]:
        """Return what a thread consists of, without loading any of it."""
        rows = self._connection.execute(_HEADS, {"tip": tip_id})
        return [PartHead._make(row) for row in rows]

    def added(
        self, tip_ids: Collection[bytes], codes: Collection[bytes], now: datetime
    ) -> dict[bytes, int]:
        """Count by tip what is released of its reporter's beside the first text, pictures too.

        ``codes`` are the ids of the tips' reply keys: what a unit wrote is wrapped to one of them.
        """
        values = {"tips": list(tip_ids), "codes": list(codes), "now": now}
        rows = self._connection.execute(_ADDED, values)
        return {row.tip_id: int(row.number) for row in rows}

    def bodies(self, part_ids: Collection[bytes]) -> list[PartRow]:
        """Return some parts of threads, in no order."""
        rows = self._connection.execute(_PARTS_BY_ID, {"ids": list(part_ids)})
        return [PartRow._make(row) for row in rows]

    def get(self, part_id: bytes) -> PartRow | None:
        """Return one part."""
        row = self._connection.execute(_PART_BY_ID, {"id": part_id}).first()
        return None if row is None else PartRow._make(row)

    def wraps(
        self, part_ids: Collection[bytes], key_ids: Collection[bytes] | None = None
    ) -> list[WrapRow]:
        """Return the wrapped content keys of these parts, for all keys or only for some."""
        values: dict[str, Any] = {"parts": list(part_ids)}
        statement = _WRAPS
        if key_ids is not None:
            statement, values["keys"] = _WRAPS_OF_KEYS, list(key_ids)
        return [WrapRow._make(row) for row in self._connection.execute(statement, values)]

    def wraps_for(self, part_ids: Collection[bytes], key_id: bytes) -> dict[bytes, bytes]:
        """Return part id → wrapped content key, for one recipient's key."""
        return {row.part_id: row.wrap_sealed for row in self.wraps(part_ids, [key_id])}

    def open_parts_with(self, key_ids: Collection[bytes]) -> list[bytes]:
        """Return the parts of open tips that are wrapped to any of these keys, by id.

        Whose tips they are says nothing: an upper unit's key is on the tips of every unit below.
        """
        values = {"keys": list(key_ids)}
        return list(self._connection.execute(_OPEN_PARTS_WITH, values).scalars())

    def rewrap(self, drop: Collection[bytes], fresh: Sequence[tuple[bytes, bytes, bytes]]) -> None:
        """Take the wraps to the keys in ``drop`` off some parts and add new ones.

        ``fresh`` holds part id, key id and wrap; other wraps of these parts stay.
        """
        parts = [part_id for part_id, _, _ in fresh]
        keys = {*drop, *(key_id for _, key_id, _ in fresh)}  # those that are there are renewed
        self._connection.execute(_DROP_WRAPS_TO, {"parts": parts, "keys": list(keys)})
        names = ("part_id", "key_id", "wrap_sealed")
        if fresh:
            self._connection.execute(
                _ADD_WRAP, [dict(zip(names, row, strict=True)) for row in fresh]
            )


def add_parts(connection: Connection, parts: Sequence[NewPart]) -> None:
    """Add parts with their wraps; the tip may be a row of the same unit of work."""
    if not parts:
        return
    connection.execute(_ADD_PART, [_part_values(part) for part in parts])
    wraps = [each for part in parts for each in _wraps_of(part.id, part.wraps)]
    if wraps:
        connection.execute(_ADD_WRAP, wraps)


def _part_values(part: NewPart) -> dict[str, Any]:
    return {
        "id": part.id,
        "tip_id": part.tip_id,
        "release_at": part.release_at,
        "body_sealed": part.body_sealed,
    }


def _wraps_of(part_id: bytes, wraps: Sequence[tuple[bytes, bytes]]) -> list[dict[str, bytes]]:
    return [{"part_id": part_id, "key_id": key, "wrap_sealed": wrap} for key, wrap in wraps]
