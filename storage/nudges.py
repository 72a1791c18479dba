"""Nudges as they are planned and looked at; beside them what was swept, snoozes and the switch.

One message for a person, a day and a slot, and one row for each rung of each subject: both are
unique, so two processes that plan or send the same thing cannot both win. How a message leaves
stands in `storage.nudge_outbox`. Nothing here decides who is reminded of what (`reminders.policy`).
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, insert, select

from storage.bulk import AboutIds, ManyRows
from storage.nudge_tables import Nudge, NudgeRung, NudgeSnooze, NudgeSweep, Switch
from storage.statements import InsertOrIgnore, Store, Upsert, table_of

NUDGE, RUNG, SNOOZE = table_of(Nudge), table_of(NudgeRung), table_of(NudgeSnooze)
SWEEP, SWITCH = table_of(NudgeSweep), table_of(Switch)
ON_THE_WAY = ("waiting", "claimed", "sending", "sent")
"""States of a message that a person has had today, or may still have."""


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


COLUMNS = tuple(NUDGE.c[name] for name in NudgeRow._fields)
_ROW: Select[Any] = select(*COLUMNS)
_PLANNED = ("leader_id", "day", "slot")
_PLAN = ManyRows(
    NUDGE,
    f"ON CONFLICT ({', '.join(_PLANNED)}) DO UPDATE SET "
    + ", ".join(f'"{n}" = excluded."{n}"' for n in NudgeRow._fields if n not in _PLANNED)
    + " WHERE nudge.state = 'dropped'",
)
"""Leaves a message alone, unless it was dropped: then the new one takes its place."""
_KEPT = AboutIds(lambda among: select(NUDGE.c.id).where(among(NUDGE.c.id)))
ADD_RUNGS = ManyRows(RUNG, "ON CONFLICT DO NOTHING")
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
_ADD_SWEEP, _SET_SNOOZE, _SET_SWITCH = InsertOrIgnore(SWEEP), Upsert(SNOOZE), InsertOrIgnore(SWITCH)


class NudgeStore(Store):
    """Plans and finds nudges; keeps what was swept, snoozes and the switch."""

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
        ADD_RUNGS.add(self._connection, rungs)
        return len(nudges)

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
