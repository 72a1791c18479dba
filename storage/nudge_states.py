"""What is looked at before somebody is reminded: who owes something, and how things stand for them.

Reads alone, for many people at once: a sweep over the country asks for some thousands at a time.
Nothing here decides anything (`reminders.policy`).
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import bindparam, or_, select, tuple_

from storage.bulk import AboutIds
from storage.nudges import NUDGE, ON_THE_WAY, RUNG, SNOOZE, RungRow
from storage.owners import AREA
from storage.statements import Aside, Store, in_chunks, table_of
from storage.work_tables import Assignment, Filing, Leader, LeaderChat, Obligation, WorkDialogue

LEADER, CHAT, ASSIGNMENT = table_of(Leader), table_of(LeaderChat), table_of(Assignment)
OBLIGATION, DIALOGUE, FILING = table_of(Obligation), table_of(WorkDialogue), table_of(Filing)
AT_ONCE = 4_000
"""Ids in one statement."""

T = TypeVar("T")


class PersonRow(NamedTuple):
    """A leader, as far as reminders care."""

    id: bytes
    name: str
    address_as: str
    language: str
    paused_until: date | None
    left_on: date | None
    snoozed_until: date | None


class ReachRow(NamedTuple):
    """A chat of a leader, and where the conversation in it stands."""

    leader_id: bytes
    channel: str
    address: str
    blocked_at: datetime | None
    state: str | None
    reminded_at: datetime | None


class HoldingRow(NamedTuple):
    """An area that a leader looks after, of a level that sends reports."""

    leader_id: bytes
    owner_id: str
    part: str
    since: date
    level: str
    parent_id: str | None
    name: str


class DutyRow(NamedTuple):
    """One open obligation of one of the people who look after its owner."""

    leader_id: bytes
    part: str
    held_since: date
    id: bytes
    owner_id: str
    programme: str
    duty: str
    period: str
    need: int
    done: int
    exempt: str
    opened_at: datetime
    rung: str | None
    """One rung of it that this person was reminded of: a row for each of them."""
    nudge_id: bytes | None


class SentRow(NamedTuple):
    """A message that a person has had in a span of days, or that is on its way."""

    id: bytes
    leader_id: bytes
    day: date
    slot: str
    state: str
    sent_at: datetime | None
    by: str


class FiledRow(NamedTuple):
    """One thing that an area has sent."""

    area_id: str
    programme: str
    item: str
    occurrence: str
    role: str


_DAY = bindparam("day", type_=ASSIGNMENT.c.since.type)
_HELD = (ASSIGNMENT.c.since <= _DAY) & or_(
    ASSIGNMENT.c.until.is_(None), ASSIGNMENT.c.until > _DAY
)  # fmt: skip
_OWING = (
    select(ASSIGNMENT.c.leader_id)
    .select_from(OBLIGATION.join(ASSIGNMENT, ASSIGNMENT.c.owner_id == OBLIGATION.c.owner_id))
    .where(
        OBLIGATION.c.period == bindparam("period"),
        OBLIGATION.c.programme == bindparam("programme"),
        OBLIGATION.c.duty == bindparam("duty"),
        OBLIGATION.c.state == "open",
        OBLIGATION.c.met.is_(False),
        OBLIGATION.c.exempt == "no",
        _HELD,
    )
    .distinct()
)
_SENDERS = (
    select(ASSIGNMENT.c.leader_id)
    .select_from(ASSIGNMENT.join(AREA, AREA.c.id == ASSIGNMENT.c.owner_id))
    .where(AREA.c.level.in_(("commune", "province")), _HELD)
    .distinct()
)
_PEOPLE = AboutIds(
    lambda among: (
        select(*(LEADER.c[name] for name in PersonRow._fields[:-1]), SNOOZE.c.until)
        .select_from(LEADER.outerjoin(SNOOZE, SNOOZE.c.leader_id == LEADER.c.id))
        .where(among(LEADER.c.id))
    )
)
_REACHED = AboutIds(
    lambda among: (
        select(
            CHAT.c.leader_id, CHAT.c.channel, CHAT.c.address, CHAT.c.blocked_at,
            DIALOGUE.c.state, DIALOGUE.c.reminded_at,
        )
        .select_from(
            CHAT.outerjoin(
                DIALOGUE,
                (DIALOGUE.c.channel == CHAT.c.channel) & (DIALOGUE.c.address == CHAT.c.address),
            )
        )
        .where(among(CHAT.c.leader_id))
        .order_by(CHAT.c.added_at, CHAT.c.channel, CHAT.c.address)
    )
)  # fmt: skip
_HOLDINGS = AboutIds(
    lambda among: (
        select(
            ASSIGNMENT.c.leader_id, ASSIGNMENT.c.owner_id, ASSIGNMENT.c.part, ASSIGNMENT.c.since,
            AREA.c.level, AREA.c.parent_id, AREA.c.name,
        )
        .select_from(ASSIGNMENT.join(AREA, AREA.c.id == ASSIGNMENT.c.owner_id))
        .where(
            among(ASSIGNMENT.c.leader_id), _HELD, AREA.c.level.in_(("commune", "province"))
        )
        .order_by(ASSIGNMENT.c.owner_id)
    )
)  # fmt: skip
_DUTIES = AboutIds(
    lambda among: (
        select(
            ASSIGNMENT.c.leader_id, ASSIGNMENT.c.part, ASSIGNMENT.c.since,
            *(OBLIGATION.c[name] for name in DutyRow._fields[3:-2]), RUNG.c.rung, RUNG.c.nudge_id,
        )
        .select_from(
            ASSIGNMENT.join(OBLIGATION, OBLIGATION.c.owner_id == ASSIGNMENT.c.owner_id).outerjoin(
                RUNG,
                (RUNG.c.subject == OBLIGATION.c.id) & (RUNG.c.leader_id == ASSIGNMENT.c.leader_id),
            )
        )
        .where(
            among(ASSIGNMENT.c.leader_id), _HELD,
            OBLIGATION.c.last >= bindparam("after", type_=OBLIGATION.c.last.type),
            Aside(OBLIGATION.c.state) == "open",
            OBLIGATION.c.met.is_(False),
        )
    )
)  # fmt: skip
_SENT = AboutIds(
    lambda among: select(*(NUDGE.c[name] for name in SentRow._fields)).where(
        among(NUDGE.c.leader_id),
        NUDGE.c.day.between(bindparam("first"), bindparam("last")),
        Aside(NUDGE.c.state).in_(ON_THE_WAY),
    )
)
_RUNGS: Any = select(*(RUNG.c[name] for name in RungRow._fields)).where(
    tuple_(RUNG.c.leader_id, RUNG.c.subject).in_(bindparam("pairs", expanding=True))
)
_FILED: Any = select(
    FILING.c.area_id, FILING.c.programme, FILING.c.item, FILING.c.occurrence, FILING.c.role
).where(FILING.c.area_id.in_(bindparam("ids", expanding=True)), FILING.c.withdrawn.is_(False))


class NudgeStateStore(Store):
    """Finds who owes something and how things stand for them."""

    __slots__ = ()

    def owing(self, programme: str, duty: str, period: str, day: date) -> list[bytes]:
        """Return everybody who looks after an owner that still owes a duty of a period."""
        values = {"programme": programme, "duty": duty, "period": period, "day": day}
        return list(self._connection.execute(_OWING, values).scalars())

    def senders(self, day: date) -> list[bytes]:
        """Return everybody who is assigned to a commune or a province itself."""
        return list(self._connection.execute(_SENDERS, {"day": day}).scalars())

    def snoozed(self, first: date, last: date) -> list[bytes]:
        """Return everybody who asked to be reminded again between two days."""
        query = select(SNOOZE.c.leader_id).where(SNOOZE.c.until.between(first, last))
        return list(self._connection.execute(query).scalars())

    def people(self, ids: Collection[bytes]) -> list[PersonRow]:
        """Return people by id."""
        return self._about(_PEOPLE, PersonRow._make, ids)

    def reached(self, ids: Collection[bytes]) -> list[ReachRow]:
        """Return the chats of people, the oldest first."""
        return self._about(_REACHED, ReachRow._make, ids)

    def holdings(self, ids: Collection[bytes], day: date) -> list[HoldingRow]:
        """Return the communes and provinces that people are assigned to."""
        return self._about(_HOLDINGS, HoldingRow._make, ids, day=day)

    def duties(self, ids: Collection[bytes], day: date, after: date) -> list[DutyRow]:
        """Return what people owe that is open, unmet and ends on ``after`` or later."""
        return self._about(_DUTIES, DutyRow._make, ids, day=day, after=after)

    def rungs(self, pairs: Iterable[tuple[bytes, bytes]]) -> list[RungRow]:
        """Return, of leaders and subjects, the rungs that were sent or are about to be."""
        found: list[RungRow] = []
        for some in in_chunks(sorted(set(pairs))):
            found += [
                RungRow._make(row) for row in self._connection.execute(_RUNGS, {"pairs": some})
            ]
        return found

    def sent(self, ids: Collection[bytes], first: date, last: date) -> list[SentRow]:
        """Return the messages of people between two days, those on their way too."""
        return self._about(_SENT, SentRow._make, ids, first=first, last=last)

    def filed(self, area_ids: Collection[str]) -> list[FiledRow]:
        """Return what stands as sent for areas."""
        found: list[FiledRow] = []
        for some in in_chunks(area_ids, AT_ONCE):
            found += [
                FiledRow._make(row) for row in self._connection.execute(_FILED, {"ids": some})
            ]
        return found

    def _about(
        self, asked: AboutIds, shape: Callable[[Any], T], ids: Collection[bytes], **values: Any
    ) -> list[T]:
        return [shape(row) for row in asked.rows(self._connection, ids, **values)]
