"""What stands inside an area: its owners, the people who look after them, their chats and invites.

Every list is cut to one area and what lies below it by the statement itself, never by the page.
"""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Select, bindparam, func, literal, or_, select, union_all

from storage.assignments import ASSIGNMENT, AssignmentRow
from storage.leaders import CHAT, INVITE, LEADER, InviteRow, LeaderRow
from storage.owners import AREA, ORGANISATION
from storage.statements import Store


class InsideRow(NamedTuple):
    """One area or organisation inside another area, or that area itself."""

    id: str
    name: str
    folded: str
    level: str
    """The level of an area, or the kind of an organisation."""
    parent_id: str | None


class ChatCount(NamedTuple):
    """How many chats a leader has, and how many of them no longer take a message."""

    leader_id: bytes
    chats: int
    blocked: int


_DAY = bindparam("day", type_=AREA.c.valid_from.type)
_BELOW = select(AREA.c.id).where(AREA.c.parent_id == bindparam("top"))
_INSIDE = or_(
    AREA.c.id == bindparam("top"),
    AREA.c.parent_id == bindparam("top"),
    AREA.c.parent_id.in_(_BELOW),
)
_AREAS: Select[Any] = select(AREA.c.id).where(_INSIDE)
OWNERS_INSIDE: CompoundSelect[Any] = union_all(
    _AREAS, select(ORGANISATION.c.id).where(ORGANISATION.c.area_id.in_(_AREAS))
)
_STANDING: Any = union_all(
    select(AREA.c.id, AREA.c.name, AREA.c.folded, AREA.c.level, AREA.c.parent_id).where(
        _INSIDE,
        AREA.c.valid_from <= _DAY,
        or_(AREA.c.valid_to.is_(None), AREA.c.valid_to > _DAY),
    ),
    select(
        ORGANISATION.c.id, ORGANISATION.c.name, ORGANISATION.c.folded,
        ORGANISATION.c.kind.label("level"), ORGANISATION.c.area_id.label("parent_id"),
    ).where(
        ORGANISATION.c.area_id.in_(_AREAS),
        ORGANISATION.c.valid_from <= _DAY,
        or_(ORGANISATION.c.valid_to.is_(None), ORGANISATION.c.valid_to > _DAY),
    ),
)  # fmt: skip
_ASSIGNED: Select[Any] = (
    select(*(ASSIGNMENT.c[name] for name in AssignmentRow._fields))
    .where(ASSIGNMENT.c.owner_id.in_(OWNERS_INSIDE))
    .order_by(ASSIGNMENT.c.since, ASSIGNMENT.c.id)
)
_WHO = select(ASSIGNMENT.c.leader_id).where(ASSIGNMENT.c.owner_id.in_(OWNERS_INSIDE))
_LEADERS: Select[Any] = select(*(LEADER.c[name] for name in LeaderRow._fields)).where(
    LEADER.c.id.in_(_WHO)
)
_INVITES: Select[Any] = (
    select(*(INVITE.c[name] for name in InviteRow._fields))
    .where(INVITE.c.leader_id.in_(_WHO))
    .order_by(INVITE.c.expires_at)
)
_CHATS: Any = (
    select(CHAT.c.leader_id, func.count(literal(1)), func.count(CHAT.c.blocked_at))
    .where(CHAT.c.leader_id.in_(_WHO))
    .group_by(CHAT.c.leader_id)
)


class WardStore(Store):
    """Lists what lies inside one area."""

    __slots__ = ()

    def standing(self, top: str, day: date) -> list[InsideRow]:
        """Return the areas and organisations inside ``top`` on a day, itself among them."""
        rows = self._connection.execute(_STANDING, {"top": top, "day": day})
        return [InsideRow._make(row) for row in rows]

    def leaders(self, top: str) -> list[LeaderRow]:
        """Return everybody who looks after something inside ``top``, has or will, by name."""
        rows = (LeaderRow._make(row) for row in self._connection.execute(_LEADERS, {"top": top}))
        return sorted(rows, key=lambda row: (row.left_on is not None, row.name, row.id))

    def leader(self, top: str, leader_id: bytes) -> LeaderRow | None:
        """Find one of them."""
        query = _LEADERS.where(LEADER.c.id == leader_id)
        row = self._connection.execute(query, {"top": top}).first()
        return None if row is None else LeaderRow._make(row)

    def assignments(self, top: str) -> list[AssignmentRow]:
        """Return who looks after what inside ``top``, has or will, by first day."""
        rows = self._connection.execute(_ASSIGNED, {"top": top})
        return [AssignmentRow._make(row) for row in rows]

    def invites(self, top: str) -> list[InviteRow]:
        """Return every invite of them that is kept, the oldest first."""
        rows = self._connection.execute(_INVITES, {"top": top})
        return [InviteRow._make(row) for row in rows]

    def chats(self, top: str) -> dict[bytes, ChatCount]:
        """Return how many chats each of them has."""
        rows = (ChatCount._make(row) for row in self._connection.execute(_CHATS, {"top": top}))
        return {row.leader_id: row for row in rows}
