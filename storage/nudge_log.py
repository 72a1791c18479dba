"""What became of the nudges inside an area: for the people who look at it, changing nothing.

A nudge belongs to the areas that its person looked after on its day; nobody sees a person's nudges
because of what they look after elsewhere, before or later.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, literal, or_, select

from storage.assignments import ASSIGNMENT
from storage.leaders import LEADER
from storage.nudges import NUDGE, RUNG, RUNG_OF_NUDGE, SWITCH, SwitchRow
from storage.obligations import OBLIGATION
from storage.statements import Store
from storage.wards import OWNERS_INSIDE


class LoggedRow(NamedTuple):
    """One nudge and the person it is for."""

    id: bytes
    leader_id: bytes
    name: str
    address_as: str
    day: date
    slot: str
    state: str
    channel: str
    not_before: datetime
    sent_at: datetime | None
    tries: int
    reason: str
    by: str


class SubjectRow(NamedTuple):
    """One rung that went with a nudge, and the obligation it was about where it was one."""

    nudge_id: bytes
    subject: bytes
    rung: str
    owner_id: str | None
    programme: str | None
    duty: str | None
    period: str | None
    met_at: datetime | None


class EffectRow(NamedTuple):
    """One rung that was sent: when, the obligation it was about, and when that was met."""

    subject: bytes
    rung: str
    sent_at: datetime
    obligation_id: bytes | None
    met_at: datetime | None


_FIRST = bindparam("first", type_=NUDGE.c.day.type)
_LAST = bindparam("last", type_=NUDGE.c.day.type)
_HERE = (
    select(literal(1))
    .where(
        ASSIGNMENT.c.leader_id == NUDGE.c.leader_id,
        ASSIGNMENT.c.owner_id.in_(OWNERS_INSIDE),
        ASSIGNMENT.c.since <= NUDGE.c.day,
        or_(ASSIGNMENT.c.until.is_(None), ASSIGNMENT.c.until > NUDGE.c.day),
    )
    .correlate(NUDGE)
    .exists()
)
_UNREAD = "unread"
"""The rung of "có n tin chưa ai xem": not for everybody who looks at reminders."""
_RUNGS = select(literal(1)).where(RUNG_OF_NUDGE).correlate(NUDGE)
_ABOUT_TIPS_ALONE = and_(
    _RUNGS.where(RUNG.c.rung == _UNREAD).exists(), ~_RUNGS.where(RUNG.c.rung != _UNREAD).exists()
)
_SPAN = and_(NUDGE.c.day.between(_FIRST, _LAST), _HERE, ~_ABOUT_TIPS_ALONE)
_COLUMNS: tuple[Any, ...] = tuple(
    LEADER.c[name] if name in {"name", "address_as"} else NUDGE.c[name]
    for name in LoggedRow._fields
)
_LOGGED: Any = (
    select(*_COLUMNS)
    .select_from(NUDGE.join(LEADER, LEADER.c.id == NUDGE.c.leader_id))
    .where(_SPAN, NUDGE.c.state.in_(bindparam("states", expanding=True)))
    .order_by(NUDGE.c.day.desc(), NUDGE.c.sent_at.desc(), NUDGE.c.not_before.desc(), NUDGE.c.id)
    .limit(bindparam("most"))
)
_COUNTS: Any = (
    select(NUDGE.c.state, func.count()).where(_SPAN).group_by(NUDGE.c.state)
)  # fmt: skip
_SUBJECTS: Any = (
    select(
        RUNG.c.nudge_id, RUNG.c.subject, RUNG.c.rung, OBLIGATION.c.owner_id,
        OBLIGATION.c.programme, OBLIGATION.c.duty, OBLIGATION.c.period, OBLIGATION.c.met_at,
    )
    .select_from(
        NUDGE.join(RUNG, RUNG_OF_NUDGE).outerjoin(OBLIGATION, OBLIGATION.c.id == RUNG.c.subject)
    )
    .where(NUDGE.c.id.in_(bindparam("ids", expanding=True)), RUNG.c.rung != _UNREAD)
)  # fmt: skip
_EFFECTS: Any = (
    select(RUNG.c.subject, RUNG.c.rung, NUDGE.c.sent_at, OBLIGATION.c.id, OBLIGATION.c.met_at)
    .select_from(
        NUDGE.join(RUNG, RUNG_OF_NUDGE).outerjoin(OBLIGATION, OBLIGATION.c.id == RUNG.c.subject)
    )
    .where(
        _SPAN,
        NUDGE.c.state == "sent",
        NUDGE.c.sent_at.is_not(None),
        RUNG.c.rung != _UNREAD,
        or_(OBLIGATION.c.id.is_(None), OBLIGATION.c.owner_id.in_(OWNERS_INSIDE)),
    )
)


class NudgeLogStore(Store):
    """Reads the nudges of an area, their subjects and what came of them."""

    __slots__ = ()

    def logged(
        self, top: str, first: date, last: date, states: Collection[str], most: int
    ) -> list[LoggedRow]:
        """Return nudges of people inside ``top`` between two days, newest first."""
        values = {"top": top, "first": first, "last": last, "states": list(states), "most": most}
        return [LoggedRow._make(row) for row in self._connection.execute(_LOGGED, values)]

    def counts(self, top: str, first: date, last: date) -> dict[str, int]:
        """Return how many nudges of people inside ``top`` stand in each state."""
        values = {"top": top, "first": first, "last": last}
        rows: Any = self._connection.execute(_COUNTS, values)
        return {state: int(number) for state, number in rows}

    def subjects(self, nudge_ids: Collection[bytes]) -> list[SubjectRow]:
        """Return what some nudges were about."""
        rows = self._connection.execute(_SUBJECTS, {"ids": list(nudge_ids)})
        return [SubjectRow._make(row) for row in rows]

    def effects(self, top: str, first: date, last: date) -> list[EffectRow]:
        """Return every rung that was sent between two days, but of obligations elsewhere."""
        values = {"top": top, "first": first, "last": last}
        return [EffectRow._make(row) for row in self._connection.execute(_EFFECTS, values)]

    def stops(self, prefix: str) -> list[SwitchRow]:
        """Return everything that is stopped whose name begins with ``prefix``, oldest first."""
        query = select(*(SWITCH.c[name] for name in SwitchRow._fields)).order_by(
            SWITCH.c.stopped_at, SWITCH.c.name
        )
        rows = (SwitchRow._make(row) for row in self._connection.execute(query))
        return [row for row in rows if row.name.startswith(prefix)]
