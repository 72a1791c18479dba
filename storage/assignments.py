"""Who looks after what: leaders and the areas and organisations that are theirs between two days.

Days decide what holds, never the order of rows: an assignment may be over, hold now or begin later.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, delete, func, insert, or_, select, update

from storage.leaders import LEADER
from storage.statements import Store, in_chunks, table_of
from storage.tables import Area
from storage.work_tables import Assignment, Organisation

ASSIGNMENT = table_of(Assignment)
AREA, ORGANISATION = table_of(Area), table_of(Organisation)


class AssignmentRow(NamedTuple):
    """Who looks after an area or speaks for an organisation, between two days."""

    id: bytes
    leader_id: bytes
    owner_id: str
    part: str
    since: date
    until: date | None = None


class HolderNameRow(NamedTuple):
    """Somebody who looks after an owner."""

    owner_id: str
    part: str
    leader_id: bytes
    name: str


_HELD: Select[Any] = (
    select(
        *(ASSIGNMENT.c[name] for name in AssignmentRow._fields),
        func.coalesce(AREA.c.name, ORGANISATION.c.name),
    )
    .select_from(
        ASSIGNMENT.outerjoin(AREA, AREA.c.id == ASSIGNMENT.c.owner_id)
        .outerjoin(ORGANISATION, ORGANISATION.c.id == ASSIGNMENT.c.owner_id)
    )
    .where(ASSIGNMENT.c.leader_id == bindparam("leader"))
    .order_by(ASSIGNMENT.c.since, ASSIGNMENT.c.owner_id, ASSIGNMENT.c.id)
)  # fmt: skip
_ASSIGNMENT: Select[Any] = select(*(ASSIGNMENT.c[name] for name in AssignmentRow._fields))
_ON_DAY = and_(
    ASSIGNMENT.c.since <= bindparam("day", type_=ASSIGNMENT.c.since.type),
    or_(
        ASSIGNMENT.c.until.is_(None),
        ASSIGNMENT.c.until > bindparam("day", type_=ASSIGNMENT.c.since.type),
    ),
)
_ORDER = (ASSIGNMENT.c.since, ASSIGNMENT.c.owner_id, ASSIGNMENT.c.id)
_OF_LEADER = _ASSIGNMENT.where(ASSIGNMENT.c.leader_id == bindparam("leader")).order_by(*_ORDER)
_OF_OWNER = _ASSIGNMENT.where(ASSIGNMENT.c.owner_id == bindparam("owner")).order_by(*_ORDER)
_OF_OWNERS_ON = _ASSIGNMENT.where(
    ASSIGNMENT.c.owner_id.in_(bindparam("owners", expanding=True)), _ON_DAY
).order_by(*_ORDER)
_NAMED: Any = (
    select(ASSIGNMENT.c.owner_id, ASSIGNMENT.c.part, LEADER.c.id, LEADER.c.name)
    .select_from(ASSIGNMENT.join(LEADER, LEADER.c.id == ASSIGNMENT.c.leader_id))
    .where(
        ASSIGNMENT.c.owner_id.in_(bindparam("owners", expanding=True)),
        _ON_DAY,
        LEADER.c.left_on.is_(None),
    )
    .order_by(ASSIGNMENT.c.owner_id, ASSIGNMENT.c.since, ASSIGNMENT.c.id)
)
_END = (
    update(ASSIGNMENT)
    .where(ASSIGNMENT.c.id == bindparam("assignment"))
    .values(until=bindparam("last", type_=ASSIGNMENT.c.since.type))
)
_ANY = (
    select(ASSIGNMENT.c.id)
    .where(ASSIGNMENT.c.leader_id.in_(bindparam("ids", expanding=True)))
    .limit(1)
)
_DROP = delete(ASSIGNMENT).where(ASSIGNMENT.c.id.in_(bindparam("ids", expanding=True)))


class AssignmentStore(Store):
    """Keeps who looks after what."""

    __slots__ = ()

    def assign(self, assignment: AssignmentRow) -> None:
        """Add an assignment."""
        self._connection.execute(insert(ASSIGNMENT), assignment._asdict())

    def assign_all(self, assignments: Sequence[AssignmentRow]) -> None:
        """Add many assignments."""
        if assignments:
            self._connection.execute(insert(ASSIGNMENT), [each._asdict() for each in assignments])

    def assigned(self, leader_ids: Collection[bytes]) -> bool:
        """Return whether any of these leaders looks after something, did or will."""
        return any(
            self._connection.execute(_ANY, {"ids": some}).first() for some in in_chunks(leader_ids)
        )

    def drop(self, assignment_ids: Collection[bytes]) -> int:
        """Delete assignments; return how many there were."""
        return sum(
            self._connection.execute(_DROP, {"ids": some}).rowcount
            for some in in_chunks(assignment_ids)
        )

    def end(self, assignment_id: bytes, until: date) -> None:
        """End an assignment: ``until`` is the first day on which it is over."""
        self._connection.execute(_END, {"assignment": assignment_id, "last": until})

    def of_leader(self, leader_id: bytes) -> list[AssignmentRow]:
        """Return everything that a leader has looked after, looks after or will, by first day."""
        rows = self._connection.execute(_OF_LEADER, {"leader": leader_id})
        return [AssignmentRow._make(row) for row in rows]

    def holdings_of(self, leader_id: bytes) -> list[tuple[AssignmentRow, str | None]]:
        """Return the same with each owner's name; None where the owner is gone."""
        rows = self._connection.execute(_HELD, {"leader": leader_id})
        return [(AssignmentRow._make(row[:-1]), row[-1]) for row in rows]

    def of_owner(self, owner_id: str) -> list[AssignmentRow]:
        """Return everybody who has looked after an owner, looks after it or will, by first day."""
        rows = self._connection.execute(_OF_OWNER, {"owner": owner_id})
        return [AssignmentRow._make(row) for row in rows]

    def assigned_on(self, owner_ids: Collection[str], day: date) -> list[AssignmentRow]:
        """Return who looks after these owners on a day."""
        rows = self._connection.execute(_OF_OWNERS_ON, {"owners": list(owner_ids), "day": day})
        return [AssignmentRow._make(row) for row in rows]

    def holders(self, owner_ids: Collection[str], day: date) -> list[HolderNameRow]:
        """Return who looks after owners on a day, with their names, in every part."""
        return [
            HolderNameRow._make(row)
            for some in in_chunks(owner_ids)
            for row in self._connection.execute(_NAMED, {"owners": some, "day": day})
        ]
