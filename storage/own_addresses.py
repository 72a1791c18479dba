"""What somebody has for themselves alone: an officer's own chat, the secret address of a calendar.

Of a calendar's address only the hash is kept; taking it back removes the row.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, insert, select

from storage.nudge_tables import CalendarAddress, OfficerPerson
from storage.statements import InsertOrIgnore, Store, table_of

PERSON, CALENDAR = table_of(OfficerPerson), table_of(CalendarAddress)


class OfficerPersonRow(NamedTuple):
    """An officer, and the leader's entry under which they are written to."""

    officer_id: bytes
    leader_id: bytes


class CalendarRow(NamedTuple):
    """Whose calendar stands behind a secret address, by its hash."""

    token_hash: bytes
    who: str
    made_at: datetime


_PERSON: Select[Any] = select(*(PERSON.c[name] for name in OfficerPersonRow._fields))
_OF_OFFICER = _PERSON.where(PERSON.c.officer_id == bindparam("officer"))
_OF_LEADER = _PERSON.where(PERSON.c.leader_id == bindparam("leader"))
_LINK = InsertOrIgnore(PERSON)
_OWNED = select(PERSON.c.leader_id, PERSON.c.officer_id).where(
    PERSON.c.leader_id.in_(bindparam("leaders", expanding=True))
)
_UNLINK = delete(PERSON).where(PERSON.c.officer_id == bindparam("officer"))
_UNLINK_ENTRY = delete(PERSON).where(PERSON.c.leader_id == bindparam("leader"))
_CALENDAR: Select[Any] = select(*(CALENDAR.c[name] for name in CalendarRow._fields))
_BEHIND = _CALENDAR.where(CALENDAR.c.token_hash == bindparam("hash"))
_OF = _CALENDAR.where(CALENDAR.c.who == bindparam("who")).order_by(CALENDAR.c.made_at)
_DROP = delete(CALENDAR).where(CALENDAR.c.who == bindparam("who"))


class OwnAddressStore(Store):
    """Officers' own chats, and the addresses of calendars."""

    __slots__ = ()

    # --- officers' own chats ----------------------------------------------------------------------

    def person_of(self, officer_id: bytes) -> OfficerPersonRow | None:
        """Find the entry under which an officer is written to."""
        row = self._connection.execute(_OF_OFFICER, {"officer": officer_id}).first()
        return None if row is None else OfficerPersonRow._make(row)

    def officer_of(self, leader_id: bytes) -> OfficerPersonRow | None:
        """Find the officer who is written to under a leader's entry."""
        row = self._connection.execute(_OF_LEADER, {"leader": leader_id}).first()
        return None if row is None else OfficerPersonRow._make(row)

    def link(self, row: OfficerPersonRow) -> bool:
        """Link an officer to an entry; False when one of them is linked already."""
        statement = _LINK.on(self._connection)
        return self._connection.execute(statement, row._asdict()).rowcount == 1

    def unlink(self, officer_id: bytes) -> bool:
        """End an officer's link; False when there was none."""
        return self._connection.execute(_UNLINK, {"officer": officer_id}).rowcount == 1

    def unlink_entry(self, leader_id: bytes) -> None:
        """End the link of an entry, if there is one."""
        self._connection.execute(_UNLINK_ENTRY, {"leader": leader_id})

    def owned(self, leader_ids: Collection[bytes]) -> dict[bytes, bytes]:
        """Return, of these entries, those that are officers' own, and whose."""
        rows: Any = self._connection.execute(_OWNED, {"leaders": list(leader_ids)})
        return dict(tuple(row) for row in rows)

    # --- calendars --------------------------------------------------------------------------------

    def calendar(self, token_hash: bytes) -> CalendarRow | None:
        """Find whose calendar stands behind an address."""
        row = self._connection.execute(_BEHIND, {"hash": token_hash}).first()
        return None if row is None else CalendarRow._make(row)

    def calendars_of(self, who: str) -> list[CalendarRow]:
        """Return the addresses of somebody's calendar."""
        return [CalendarRow._make(row) for row in self._connection.execute(_OF, {"who": who})]

    def add_calendar(self, row: CalendarRow) -> None:
        """Keep an address; older ones of the same person stop working."""
        self._connection.execute(_DROP, {"who": row.who})
        self._connection.execute(insert(CALENDAR), row._asdict())

    def drop_calendars(self, who: str) -> int:
        """Take somebody's addresses back; return how many there were."""
        return self._connection.execute(_DROP, {"who": who}).rowcount
