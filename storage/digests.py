"""What the digests ask of the database in bulk: who owes, who filed, who is linked, who was told.

Reads alone. Of tips it reads a number for each unit and nothing else.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select, tuple_

from storage.assignments import ASSIGNMENT
from storage.counting import FILING
from storage.leaders import CHAT, LEADER
from storage.nudge_tables import OfficerPerson
from storage.nudges import NUDGE, RUNG, RUNG_OF_NUDGE
from storage.obligations import OBLIGATION
from storage.officers import OFFICER
from storage.owners import AREA
from storage.statements import BOTH, Store, in_chunks, table_of
from storage.tips import TIP

PERSON = table_of(OfficerPerson)
GONE_OUT = ("sending", "sent", "dead", "phone")  # states of a nudge that is never planned anew
CHUNK = 500


class OwingRow(NamedTuple):
    """A commune in which something is unmet, or (``commune_id`` empty) its province."""

    commune_id: str
    province_id: str
    own: bool
    """Whether the commune, or the province, owes it itself."""


class HeadRow(NamedTuple):
    """Somebody who is assigned to a commune or a province itself."""

    leader_id: bytes
    area_id: str
    level: str
    above: str | None


class OfficerLinkRow(NamedTuple):
    """An officer with an account, and the leader's entry under which they are written to."""

    officer_id: bytes
    leader_id: bytes
    unit_id: str
    role: str


class OpenRow(NamedTuple):
    """One open thing that an owner owes."""

    owner_id: str
    programme: str
    duty: str
    period: str
    due_at: datetime


_OWN = (OBLIGATION.c.owner_id == OBLIGATION.c.commune_id) | (
    OBLIGATION.c.owner_id == OBLIGATION.c.province_id
)
_OWING: Any = (
    select(OBLIGATION.c.commune_id, OBLIGATION.c.province_id, _OWN.label("own"))
    .distinct()
    .where(
        *(OBLIGATION.c[name] == bindparam(name) for name in ("period", "programme", "duty")),
        OBLIGATION.c.exempt != "granted",
        OBLIGATION.c.met.is_(False),
        OBLIGATION.c.state == "open",
    )
)
_FILED = select(FILING.c.area_id).where(
    *(FILING.c[name] == bindparam(name) for name in ("programme", "item", "occurrence")),
    FILING.c.withdrawn.is_(False),
)
_DAY = bindparam("day", type_=ASSIGNMENT.c.since.type)
_HEADS: Any = (
    select(ASSIGNMENT.c.leader_id, AREA.c.id, AREA.c.level, AREA.c.parent_id)
    .distinct()
    .select_from(
        ASSIGNMENT.join(AREA, AREA.c.id == ASSIGNMENT.c.owner_id).join(
            LEADER, LEADER.c.id == ASSIGNMENT.c.leader_id
        )
    )
    .where(
        AREA.c.level.in_(("commune", "province")),
        ASSIGNMENT.c.since <= _DAY,
        or_(ASSIGNMENT.c.until.is_(None), ASSIGNMENT.c.until > _DAY),
        or_(LEADER.c.left_on.is_(None), LEADER.c.left_on > _DAY),
    )
    .order_by(AREA.c.id, ASSIGNMENT.c.leader_id)
)
_LINKED: Any = (
    select(OFFICER.c.id, PERSON.c.leader_id, OFFICER.c.unit_id, OFFICER.c.role)
    .join(PERSON, PERSON.c.officer_id == OFFICER.c.id)
    .where(OFFICER.c.active.is_(True))
    .order_by(OFFICER.c.id)
)
_UNREAD: Any = (
    select(TIP.c.unit_id, func.count().label("number"))
    .where(
        TIP.c.fresh.in_(BOTH),
        TIP.c.unit_id.in_(bindparam("units", expanding=True)),
        TIP.c.new_at <= bindparam("before"),
    )
    .group_by(TIP.c.unit_id)
)
_TOLD: Any = (
    select(RUNG.c.subject, RUNG.c.leader_id)
    .join(NUDGE, RUNG_OF_NUDGE)
    .where(
        tuple_(RUNG.c.leader_id, RUNG.c.subject).in_(bindparam("pairs", expanding=True)),
        NUDGE.c.state.in_(GONE_OUT),
    )
)
_REACHED = (
    select(CHAT.c.leader_id)
    .distinct()
    .where(
        CHAT.c.leader_id.in_(bindparam("leaders", expanding=True)),
        CHAT.c.blocked_at.is_(None),
        CHAT.c.channel.not_in(bindparam("silent", expanding=True)),
    )
)
_OPEN: Any = (
    select(*(OBLIGATION.c[name] for name in OpenRow._fields))
    .where(
        OBLIGATION.c.owner_id.in_(bindparam("owners", expanding=True)),
        OBLIGATION.c.last >= bindparam("since"),
        OBLIGATION.c.first <= bindparam("day"),
        OBLIGATION.c.state == "open",
        OBLIGATION.c.met.is_(False),
        OBLIGATION.c.exempt == "no",
    )
    .order_by(OBLIGATION.c.due_at, OBLIGATION.c.duty)
)


class DigestStore(Store):
    """Reads for digests; writes nothing."""

    __slots__ = ()

    def owing(self, programme: str, duty: str, period: str) -> list[OwingRow]:
        """Return where somebody still owes a duty of a period, the whole country at once."""
        values = {"programme": programme, "duty": duty, "period": period}
        return [OwingRow._make(row) for row in self._connection.execute(_OWING, values)]

    def filed(self, programme: str, item: str, occurrence: str) -> set[str]:
        """Return the areas for which one time of a report is marked as sent, by any role."""
        values = {"programme": programme, "item": item, "occurrence": occurrence}
        return set(self._connection.execute(_FILED, values).scalars())

    def heads(self, day: date) -> list[HeadRow]:
        """Return everybody who is assigned to a commune or province itself on a day."""
        return [HeadRow._make(row) for row in self._connection.execute(_HEADS, {"day": day})]

    def linked_officers(self) -> list[OfficerLinkRow]:
        """Return the active officers who can be written to as leaders."""
        return [OfficerLinkRow._make(row) for row in self._connection.execute(_LINKED)]

    def unread_tips(self, units: Collection[str], before: datetime) -> dict[str, int]:
        """Count, by receiving unit, tips with something released by then that nobody has seen."""
        if not units:
            return {}
        rows = self._connection.execute(_UNREAD, {"units": sorted(units), "before": before})
        return {row.unit_id: row.number for row in rows}

    def told(self, pairs: Iterable[tuple[bytes, bytes]]) -> set[tuple[bytes, bytes]]:
        """Return, of leaders and subjects, those that have gone out or never will again."""
        found: set[tuple[bytes, bytes]] = set()
        for some in in_chunks(sorted(set(pairs)), CHUNK):
            rows = self._connection.execute(_TOLD, {"pairs": some})
            found.update((row.leader_id, row.subject) for row in rows)
        return found

    def reachable(self, leaders: Collection[bytes], silent: Collection[str]) -> set[bytes]:
        """Return who has a chat that takes messages, on a channel that is not ``silent``."""
        found: set[bytes] = set()
        wanted = sorted(leaders)
        for start in range(0, len(wanted), CHUNK):
            some = {"leaders": wanted[start : start + CHUNK], "silent": list(silent)}
            found |= set(self._connection.execute(_REACHED, some).scalars())
        return found

    def open_of(self, owners: Collection[str], since: date, day: date) -> list[OpenRow]:
        """Return what owners owe in the periods that run on ``day`` or ended on ``since`` or later.

        What is met, exempt or asked to be exempt is left out.
        """
        return [
            OpenRow._make(row)
            for some in in_chunks(sorted(owners))
            for row in self._connection.execute(_OPEN, {"owners": some, "since": since, "day": day})
        ]
