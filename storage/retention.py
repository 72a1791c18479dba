"""What is past its time: finding it, and taking it away a little at a time.

Whether something is due is decided in ``intake.upkeep.retention``. When a tip was closed, and
whether it is held for a case, stands nowhere but in the audit chain: a row of its own would be one
more thing that a tip has in clear.
"""

import json
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, exists, or_, select, update

from storage.nudge_tables import (
    CalendarAddress,
    Hindrance,
    Nudge,
    NudgeRung,
    NudgeSnooze,
    NudgeSweep,
    OfficerPerson,
)
from storage.nudges import DROP_RUNGS
from storage.statements import BOTH, Store, in_chunks, of_tip, table_of
from storage.tables import (
    NEVER,
    AuditRow,
    Draft,
    DraftPhoto,
    KeyGrant,
    OfficerSession,
    Part,
    PushAddress,
    StopRequest,
    Tip,
    Tombstone,
    UnitKey,
    Wrap,
)
from storage.work_tables import (
    Assignment,
    CheckIn,
    CheckInPhoto,
    Leader,
    LeaderChat,
    LeaderInvite,
    WorkDialogue,
)

TIP, PART, WRAP, AUDIT = table_of(Tip), table_of(Part), table_of(Wrap), table_of(AuditRow)
UNIT_KEY, GRANT = table_of(UnitKey), table_of(KeyGrant)
PHOTO, LEADER = table_of(CheckInPhoto), table_of(Leader)
CHECK_IN, ASSIGNMENT = table_of(CheckIn), table_of(Assignment)
NUDGE, RUNG, SWEEP = table_of(Nudge), table_of(NudgeRung), table_of(NudgeSweep)
CALENDAR = table_of(CalendarAddress)
_OF_A_LEADER = tuple(
    table_of(model)
    for model in (LeaderChat, LeaderInvite, NudgeSnooze, Hindrance, OfficerPerson)
)  # fmt: skip
CLEANED = tuple(
    table_of(model).name
    for model in (
        *(Tip, Part, Wrap, PushAddress, StopRequest, Tombstone, Draft, DraftPhoto),
        *(OfficerSession, KeyGrant, CheckIn, CheckInPhoto, Leader, LeaderChat, LeaderInvite),
        *(Nudge, NudgeRung, NudgeSnooze, Hindrance, OfficerPerson, CalendarAddress, WorkDialogue),
    )
)
"""The tables from which something is erased: PostgreSQL leaves deleted rows on their pages."""
HOLD, RELEASE, STATE = "tip.hold", "tip.release", "tip.state"


class ClosedTip(NamedTuple):
    """A closed tip; ``version`` tells whether an officer did anything to it since."""

    id: bytes
    version: int


class Told(NamedTuple):
    """What the audit chain says of a tip."""

    closed_at: datetime | None
    held: bool


_CLOSED: Select[Any, Any] = select(TIP.c.id, TIP.c.version).where(
    TIP.c.fresh.in_(BOTH),
    TIP.c.state == "closed",
    TIP.c.day <= bindparam("day"),
    # What came after the closing, and nobody has seen, counts from when it came.
    or_(TIP.c.new_at == NEVER, TIP.c.new_at <= bindparam("quiet_since")),
)
_STILL_CLOSED = _CLOSED.where(
    TIP.c.id == bindparam("tip"), TIP.c.version == bindparam("version")
).with_for_update()
_YOUNGER = (
    select(PART.c.id)
    .where(
        *of_tip(PART),
        PART.c.release_at > bindparam("quiet_since"),
    )
    .limit(1)
)
_FILED = select(CHECK_IN.c.id).where(
    CHECK_IN.c.owner_id.in_(
        select(ASSIGNMENT.c.owner_id).where(ASSIGNMENT.c.leader_id == bindparam("leader"))
    ),
    CHECK_IN.c.filed_by == bindparam("who"),
)
_UNTRACE = (
    update(CHECK_IN)
    .where(CHECK_IN.c.id == bindparam("check_in"))
    .values(source=bindparam("nowhere"))
)
_ACTS = (
    select(AUDIT.c.at, AUDIT.c.act, AUDIT.c.subject, AUDIT.c.detail)
    .where(
        AUDIT.c.subject.in_(bindparam("subjects", expanding=True)),
        AUDIT.c.act.in_((HOLD, RELEASE, STATE)),
    )
    .order_by(AUDIT.c.seq)
)
_PHOTOS = (
    select(PHOTO.c.id)
    .where(PHOTO.c.check_in_id.is_not(None), PHOTO.c.added_at < bindparam("before"))
    .limit(bindparam("most"))
)
_LEFT = (
    select(LEADER.c.id)
    .where(LEADER.c.left_on <= bindparam("day"), LEADER.c.name != bindparam("nobody"))
    .order_by(LEADER.c.id)
)
_NUDGES = select(NUDGE.c.id).where(NUDGE.c.day <= bindparam("day")).limit(bindparam("most"))
_ENDED_KEYS = select(UNIT_KEY.c.key_id, UNIT_KEY.c.unit_id, UNIT_KEY.c.epoch).where(
    UNIT_KEY.c.ended_on <= bindparam("day"), exists().where(GRANT.c.key_id == UNIT_KEY.c.key_id)
)
_KEYS_IN_USE = select(WRAP.c.key_id).where(WRAP.c.fresh.in_(BOTH)).distinct()


class RetentionStore(Store):
    """Finds and erases what nobody may keep any longer."""

    __slots__ = ()

    # --- tips -------------------------------------------------------------------------------------

    def closed(self, day: date, quiet_since: datetime) -> list[ClosedTip]:
        """Return closed tips of that day or earlier, without news later than a moment, by id."""
        values = {"day": day, "quiet_since": quiet_since}
        rows = self._connection.execute(_CLOSED.order_by(TIP.c.id), values)
        return [ClosedTip._make(row) for row in rows]

    def lock_closed(self, tip: ClosedTip, day: date, quiet_since: datetime) -> bool:
        """Tell whether a tip is still as `closed` found it, and keep others from changing it."""
        values = {"day": day, "quiet_since": quiet_since, "tip": tip.id, "version": tip.version}
        return self._connection.execute(_STILL_CLOSED, values).first() is not None

    def has_younger_part(self, tip_id: bytes, quiet_since: datetime) -> bool:
        """Tell whether anybody has written something in this thread since a moment."""
        values = {"tip": tip_id, "quiet_since": quiet_since}
        return self._connection.execute(_YOUNGER, values).first() is not None

    def told(self, tip_ids: Collection[bytes]) -> dict[bytes, Told]:
        """Return when each tip was last closed, and whether it is held."""
        found = dict.fromkeys(tip_ids, Told(None, held=False))
        for some in in_chunks([tip_id.hex() for tip_id in tip_ids]):
            for row in self._connection.execute(_ACTS, {"subjects": some}):
                tip_id = bytes.fromhex(row.subject)
                if row.act != STATE:
                    found[tip_id] = found[tip_id]._replace(held=row.act == HOLD)
                elif json.loads(row.detail).get("state") == "closed":
                    found[tip_id] = found[tip_id]._replace(closed_at=row.at)
        return found

    # --- keys -------------------------------------------------------------------------------------

    def dead_keys(self, ended_by: date) -> list[tuple[bytes, str, int]]:
        """Return ended epochs whose secret is still handed out and that no wrap needs any more."""
        rows = self._connection.execute(_ENDED_KEYS, {"day": ended_by}).all()
        if not rows:
            return []
        used = set(self._connection.execute(_KEYS_IN_USE).scalars())
        return [(row.key_id, row.unit_id, row.epoch) for row in rows if row.key_id not in used]

    def drop_grants(self, key_id: bytes) -> int:
        """Take an epoch's secret from everybody who was handed it."""
        statement = delete(GRANT).where(GRANT.c.key_id == key_id)
        return self._connection.execute(statement).rowcount

    # --- the work side ----------------------------------------------------------------------------

    def drop_photos(self, before: datetime, most: int) -> int:
        """Delete some pictures and voice notes of activities that came before a moment."""
        ids = self._connection.execute(_PHOTOS, {"before": before, "most": most}).scalars().all()
        if not ids:
            return 0
        return self._connection.execute(delete(PHOTO).where(PHOTO.c.id.in_(ids))).rowcount

    def left(self, day: date, nobody: str) -> list[bytes]:
        """Return leaders who left on that day or earlier and still have a name."""
        values = {"day": day, "nobody": nobody}
        return list(self._connection.execute(_LEFT, values).scalars())

    def forget_leader(self, leader_id: bytes, nobody: str) -> bool:
        """Take away everything that names or reaches a leader who left; what was filed stays."""
        for table in _OF_A_LEADER:
            self._connection.execute(delete(table).where(table.c.leader_id == leader_id))
        who = f"leader:{leader_id.hex()}"
        # The message that an activity came from names the chat.
        filed = self._connection.execute(_FILED, {"leader": leader_id, "who": who}).scalars().all()
        if filed:
            rows = [{"check_in": each, "nowhere": f"gone:{each.hex()}"} for each in filed]
            self._connection.execute(_UNTRACE, rows)
        self._connection.execute(delete(CALENDAR).where(CALENDAR.c.who == who))
        self._connection.execute(delete(RUNG).where(RUNG.c.leader_id == leader_id))
        self._connection.execute(delete(NUDGE).where(NUDGE.c.leader_id == leader_id))
        statement = update(LEADER).where(LEADER.c.id == leader_id, LEADER.c.left_on.is_not(None))
        changed = self._connection.execute(statement.values(name=nobody, paused_until=None))
        return changed.rowcount == 1

    def drop_nudges(self, day: date, most: int) -> int:
        """Delete some reminders of that day or earlier, with their steps."""
        ids = self._connection.execute(_NUDGES, {"day": day, "most": most}).scalars().all()
        if not ids:
            return 0
        self._connection.execute(DROP_RUNGS, {"ids": list(ids)})
        return self._connection.execute(delete(NUDGE).where(NUDGE.c.id.in_(ids))).rowcount

    def drop_sweeps(self, before: date) -> int:
        """Delete the notes of which steps were swept on days before that one."""
        return self._connection.execute(delete(SWEEP).where(SWEEP.c.day < before)).rowcount
