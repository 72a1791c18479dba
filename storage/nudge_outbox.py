"""The outbox of the reminders: nudges are claimed by one worker and sent at most once.

A claim is a lease. ``sending`` is committed before anybody is asked to send, so that a worker that
dies in between has sent, as far as this store knows: a message is lost rather than doubled.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, or_, select, update

from storage.nudges import ADD_RUNGS, COLUMNS, DROP_RUNGS, NUDGE, NudgeRow, RungRow
from storage.statements import Store

_LONGEST_LEASE = timedelta(minutes=30)
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
    return update(NUDGE).where(these).values(values).returning(*COLUMNS)


_CLAIM_SQLITE, _CLAIM_POSTGRESQL = _claiming(skip=False), _claiming(skip=True)
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


class NudgeOutboxStore(Store):
    """Claims and settles nudges that wait to leave."""

    __slots__ = ()

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
        held = [RungRow(*each, row.leader_id, row.id) for each in rungs]
        ADD_RUNGS.add(self._connection, held)
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

    @property
    def _is_sqlite(self) -> bool:
        return self._connection.dialect.name == "sqlite"
