"""Nudges on their way out: planned once, claimed by one worker, sent at most once.

One message for a person, a day and a slot, and one row for each rung of each subject: both are
unique, so two processes that plan or send the same thing cannot both win. Nothing here decides who
is reminded of what (`reminders.policy`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from storage.bulk import AboutIds, ManyRows
from storage.nudge_tables import Nudge, NudgeRung, NudgeSnooze, NudgeSweep, Switch
from storage.statements import InsertOrIgnore, Store, Upsert, table_of

NUDGE, RUNG, SNOOZE = table_of(Nudge), table_of(NudgeRung), table_of(NudgeSnooze)
SWEEP, SWITCH = table_of(NudgeSweep), table_of(Switch)
ON_THE_WAY = ("waiting", "claimed", "sending", "sent")
"""States of a message that a person has had today, or may still have."""
_LONGEST_LEASE = timedelta(minutes=30)


class NudgeRow(NamedTuple):
    """One message to one person on one day; the columns are those of `Nudge`."""

    id: bytes
    leader_id: bytes
    day: date
    slot: str
    state: str
    channel: str
    address: str
    not_before: datetime
    ends_at: datetime
    urgency: int
    tries: int
    holder: str
    lease_until: datetime | None
    planned_at: datetime
    sent_at: datetime | None
    reason: str
    by: str


class RungRow(NamedTuple):
    """One rung of one subject for one person, and the message that it went with."""

    subject: bytes
    rung: str
    leader_id: bytes
    nudge_id: bytes


class SwitchRow(NamedTuple):
    """Since when something is stopped for everybody, and by whom."""

    name: str
    stopped_at: datetime
    stopped_by: str


_FREE: dict[str, Any] = {"holder": "", "lease_until": None}
_MOMENT = NUDGE.c.not_before.type


def _claiming(*, skip: bool) -> Any:
    """Return the statement that takes the most urgent messages of a channel."""
    picked = (
        select(NUDGE.c.id)
        .where(
            NUDGE.c.state == "waiting",
            NUDGE.c.channel == bindparam("on"),
            NUDGE.c.not_before <= bindparam("now", type_=_MOMENT),
        )
        .order_by(NUDGE.c.urgency, NUDGE.c.not_before)
        .limit(bindparam("most"))
    )
    if skip:
        chosen = picked.with_for_update(skip_locked=True).cte("picked").prefix_with("MATERIALIZED")
        these: ColumnElement[bool] = NUDGE.c.id.in_(select(chosen.c.id))
    else:
        these = NUDGE.c.id.in_(picked)
    values: dict[str, Any] = {
        "state": "claimed",
        "holder": bindparam("who"),
        "lease_until": bindparam("until", type_=_MOMENT),
    }
    return update(NUDGE).where(these).values(values).returning(*_COLUMNS)


_COLUMNS = tuple(NUDGE.c[name] for name in NudgeRow._fields)
_ROW: Select[Any] = select(*_COLUMNS)
_PLANNED = ("leader_id", "day", "slot")
_PLAN = ManyRows(
    NUDGE,
    f"ON CONFLICT ({', '.join(_PLANNED)}) DO UPDATE SET "
    + ", ".join(f'"{n}" = excluded."{n}"' for n in NudgeRow._fields if n not in _PLANNED)
    + " WHERE nudge.state = 'dropped'",
)
"""Leaves a message alone, unless it was dropped: then the new one takes its place."""
_CLAIM_SQLITE, _CLAIM_POSTGRESQL = _claiming(skip=False), _claiming(skip=True)
_KEPT = AboutIds(lambda among: select(NUDGE.c.id).where(among(NUDGE.c.id)))
_ADD_RUNGS = ManyRows(RUNG, "ON CONFLICT DO NOTHING")
RUNG_OF_NUDGE = (RUNG.c.leader_id == NUDGE.c.leader_id) & (RUNG.c.nudge_id == NUDGE.c.id)
"""Joins a message with what it makes happen; the leader leads the key of a rung."""
_RUNGS_OF = (
    select(*(RUNG.c[name] for name in RungRow._fields))
    .select_from(NUDGE.join(RUNG, RUNG_OF_NUDGE))
    .where(NUDGE.c.id.in_(bindparam("ids", expanding=True)))
)
DROP_RUNGS: Any = delete(RUNG).where(
    RUNG.c.leader_id.in_(
        select(NUDGE.c.leader_id).where(NUDGE.c.id.in_(bindparam("ids", expanding=True)))
    ),
    RUNG.c.nudge_id.in_(bindparam("ids", expanding=True)),
)
_GET = _ROW.where(NUDGE.c.id == bindparam("nudge"))
_MINE = (
    (NUDGE.c.id == bindparam("nudge"))
    & (NUDGE.c.holder == bindparam("who"))
    & NUDGE.c.state.in_(bindparam("states", expanding=True))
)
_LOST = or_(
    NUDGE.c.lease_until <= bindparam("now", type_=_MOMENT),
    NUDGE.c.lease_until > bindparam("far", type_=_MOMENT),  # a clock was set back meanwhile
)
_FREE_CLAIMED = update(NUDGE).where(NUDGE.c.state == "claimed", _LOST).values(
    state="waiting", **_FREE
)  # fmt: skip
_SETTLE_SENDING = update(NUDGE).where(NUDGE.c.state == "sending", _LOST).values(
    state="sent", reason="unknown", **_FREE
)  # fmt: skip
_OVER = update(NUDGE).where(
    NUDGE.c.state == "waiting", NUDGE.c.ends_at <= bindparam("now", type_=_MOMENT)
)
_OVER_IDS = select(NUDGE.c.id).where(
    NUDGE.c.state == "waiting", NUDGE.c.ends_at <= bindparam("now", type_=_MOMENT)
).limit(bindparam("most"))  # fmt: skip
_ADD_SWEEP, _SET_SNOOZE, _SET_SWITCH = InsertOrIgnore(SWEEP), Upsert(SNOOZE), InsertOrIgnore(SWITCH)


class NudgeStore(Store):
    """Plans, claims and settles nudges; keeps what was swept, snoozes and the switch."""

    __slots__ = ()

    # --- planning ---------------------------------------------------------------------------------

    def plan(self, nudges: Sequence[NudgeRow], rungs: Sequence[RungRow]) -> int:
        """Add messages and their rungs; return how many of the messages are kept.

        A person who has a message of that day and slot keeps it, unless it was dropped: then the
        new one takes its place. Rungs come only with a message that is kept.
        """
        if not nudges:
            return 0
        if _PLAN.add(self._connection, nudges) < len(nudges):
            kept = {row[0] for row in _KEPT.rows(self._connection, [row.id for row in nudges])}
            rungs = [row for row in rungs if row.nudge_id in kept]
            nudges = [row for row in nudges if row.id in kept]
        self._add_rungs(rungs)
        return len(nudges)

    def _add_rungs(self, rungs: Sequence[RungRow]) -> None:
        _ADD_RUNGS.add(self._connection, rungs)

    # --- the way out ------------------------------------------------------------------------------

    def claim(
        self, channel: str, holder: str, now: datetime, until: datetime, most: int
    ) -> list[NudgeRow]:
        """Take the most urgent messages of a channel that may leave; nobody else gets them."""
        statement = _CLAIM_SQLITE if self._is_sqlite else _CLAIM_POSTGRESQL
        values = {"on": channel, "who": holder, "now": now, "until": until, "most": most}
        rows = (NudgeRow._make(row) for row in self._connection.execute(statement, values))
        return sorted(rows, key=lambda row: (row.urgency, row.not_before, row.id))

    def recover(self, now: datetime) -> tuple[int, int]:
        """Settle what dead workers held: free what was claimed, count as sent what was being sent.

        Returns how many of each. A lease that ends far ahead was made by a clock that has been set
        back, and is over too.
        """
        values = {"now": now, "far": now + _LONGEST_LEASE}
        freed = self._connection.execute(_FREE_CLAIMED, values).rowcount
        return freed, self._connection.execute(_SETTLE_SENDING, values).rowcount

    def begin_sending(
        self, row: NudgeRow, rungs: Collection[tuple[bytes, str]], now: datetime, until: datetime
    ) -> bool:
        """Note that a message is about to be handed over; False: it is not this worker's any more.

        ``rungs`` are the subjects and rungs that it will hold now. One that has gone out with
        another message meanwhile stays with that one.
        """
        values = {"state": "sending", "sent_at": now, "lease_until": until}
        unexpired = NUDGE.c.lease_until > now
        if not self._settle(row, ("claimed",), values, unexpired):
            return False
        self._drop_rungs([row.id])
        self._add_rungs([RungRow(*each, row.leader_id, row.id) for each in rungs])
        return True

    def sent(self, row: NudgeRow, now: datetime) -> bool:
        """Note that a message has left."""
        return self._settle(row, ("sending",), {"state": "sent", "sent_at": now, **_FREE})

    def put_back(self, row: NudgeRow, not_before: datetime, *, tries: int, reason: str) -> bool:
        """Let a message wait again until a moment; it was not sent."""
        values = {"state": "waiting", "not_before": not_before, "tries": tries, "reason": reason}
        return self._settle(row, ("claimed", "sending"), {**values, "sent_at": None, **_FREE})

    def move(self, row: NudgeRow, channel: str, address: str, now: datetime) -> bool:
        """Let a message wait for another chat of the same person."""
        values = {"state": "waiting", "channel": channel, "address": address, "not_before": now}
        return self._settle(row, ("claimed", "sending"), {**values, "sent_at": None, **_FREE})

    def drop(self, row: NudgeRow, reason: str) -> bool:
        """Give a message up with its rungs, so that they may be planned anew."""
        values = {"state": "dropped", "reason": reason, "sent_at": None, **_FREE}
        if not self._settle(row, ("claimed", "sending"), values):
            return False
        self._drop_rungs([row.id])
        return True

    def give_up(self, row: NudgeRow, state: str, reason: str) -> bool:
        """End a message that cannot be sent, as ``dead`` or ``phone``; its rungs stay."""
        values = {"state": state, "reason": reason, "sent_at": None, **_FREE}
        return self._settle(row, ("claimed", "sending"), values)

    def drop_what_is_over(self, now: datetime, most: int = 1_000) -> int:
        """Drop messages whose window has closed before anybody claimed them; return how many."""
        found = list(self._connection.execute(_OVER_IDS, {"now": now, "most": most}).scalars())
        if not found:
            return 0
        these = NUDGE.c.id.in_(found)
        change = _OVER.where(these).values(state="dropped", reason="window", **_FREE)
        dropped = list(
            self._connection.execute(change.returning(NUDGE.c.id), {"now": now}).scalars()
        )
        self._drop_rungs(dropped)
        return len(dropped)

    def _drop_rungs(self, nudge_ids: Collection[bytes]) -> None:
        """Delete what messages would have made happen, so that it may be planned anew."""
        self._connection.execute(DROP_RUNGS, {"ids": list(nudge_ids)})

    def _settle(
        self, row: NudgeRow, states: tuple[str, ...], values: Mapping[str, Any],
        *more: ColumnElement[bool],
    ) -> bool:  # fmt: skip
        """Change a message that this worker still holds."""
        change: Update = update(NUDGE).where(_MINE, *more).values(**values)
        mine = {"nudge": row.id, "who": row.holder, "states": list(states)}
        return self._connection.execute(change, mine).rowcount == 1

    # --- looking ----------------------------------------------------------------------------------

    def get(self, nudge_id: bytes) -> NudgeRow | None:
        """Find one message."""
        row = self._connection.execute(_GET, {"nudge": nudge_id}).first()
        return None if row is None else NudgeRow._make(row)

    def on(self, day: date, leader_ids: Collection[bytes] | None = None) -> list[NudgeRow]:
        """Return the messages of a day, of some people or of everybody, most urgent first."""
        query = _ROW.where(NUDGE.c.day == day).order_by(NUDGE.c.urgency, NUDGE.c.id)
        if leader_ids is not None:
            query = query.where(NUDGE.c.leader_id.in_(leader_ids))
        return [NudgeRow._make(row) for row in self._connection.execute(query)]

    def rungs_of(self, nudge_ids: Collection[bytes]) -> list[RungRow]:
        """Return the rungs that went with some messages."""
        rows = self._connection.execute(_RUNGS_OF, {"ids": list(nudge_ids)})
        return [RungRow._make(row) for row in rows]

    def waits(self, channel: str, now: datetime) -> bool:
        """Return whether a message of a channel may leave now."""
        query = select(NUDGE.c.id).where(
            NUDGE.c.state == "waiting", NUDGE.c.channel == channel, NUDGE.c.not_before <= now
        )
        return self._connection.execute(query.limit(1)).first() is not None

    def channels(self) -> list[str]:
        """Return the channels for which something waits."""
        query = select(NUDGE.c.channel).where(NUDGE.c.state == "waiting").distinct()
        return list(self._connection.execute(query).scalars())

    # --- what was swept ---------------------------------------------------------------------------

    def swept(self, day: date) -> set[str]:
        """Return the steps that were swept on a day."""
        return set(
            self._connection.execute(select(SWEEP.c.name).where(SWEEP.c.day == day)).scalars()
        )

    def note_swept(self, names: Collection[str], day: date, now: datetime) -> None:
        """Note that steps were swept on a day; older notes go."""
        self._connection.execute(delete(SWEEP).where(SWEEP.c.day < day - timedelta(days=7)))
        if names:
            rows = [{"name": name, "day": day, "swept_at": now} for name in names]
            self._connection.execute(_ADD_SWEEP.on(self._connection), rows)

    # --- snoozes and the switch -------------------------------------------------------------------

    def snooze(self, leader_id: bytes, until: date, now: datetime) -> None:
        """Remind a person again on a day."""
        values = {"leader_id": leader_id, "until": until, "asked_at": now}
        self._connection.execute(_SET_SNOOZE.on(self._connection), values)

    def wake(self, leader_id: bytes) -> None:
        """Forget a snooze."""
        self._connection.execute(delete(SNOOZE).where(SNOOZE.c.leader_id == leader_id))

    def switch(self, name: str) -> SwitchRow | None:
        """Return since when something is stopped; None while it runs."""
        query = select(*(SWITCH.c[each] for each in SwitchRow._fields)).where(SWITCH.c.name == name)
        row = self._connection.execute(query).first()
        return None if row is None else SwitchRow._make(row)

    def stop(self, name: str, at: datetime, by: str) -> bool:
        """Stop something for everybody; False when it is stopped already."""
        values = {"name": name, "stopped_at": at, "stopped_by": by}
        statement = _SET_SWITCH.on(self._connection)
        return self._connection.execute(statement, values).rowcount == 1

    def resume(self, name: str) -> bool:
        """Let it run again; False when it runs."""
        return self._connection.execute(delete(SWITCH).where(SWITCH.c.name == name)).rowcount == 1

    # --- for tests and for taking in what was kept elsewhere --------------------------------------

    def add(self, rows: Sequence[NudgeRow]) -> None:
        """Add messages as they are."""
        if rows:
            self._connection.execute(insert(NUDGE), [row._asdict() for row in rows])

    @property
    def _is_sqlite(self) -> bool:
        return self._connection.dialect.name == "sqlite"
