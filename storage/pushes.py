"""Sealed chat addresses of those who asked to be told of answers, stop requests, and page calls.

An address is readable only by the process that holds the relay key.
"""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, insert, select, update

from storage.statements import BOTH, InsertOrIgnore, Store, of_tip, table_of
from storage.tables import PageCall, PushAddress, StopRequest, Tip

PUSH, STOP, CALL = table_of(PushAddress), table_of(StopRequest), table_of(PageCall)
TIP = table_of(Tip)


class PushRow(NamedTuple):
    """A sealed address that wants to hear of answers to one tip."""

    id: bytes
    tip_id: bytes
    address_sealed: bytes
    expires_on: date
    due_at: datetime | None = None


class StopRow(NamedTuple):
    """A sealed address that wants to hear of nothing any more."""

    id: bytes
    address_sealed: bytes


class CallRow(NamedTuple):
    """A content-free "there is something urgent" for a unit."""

    unit_id: str
    slot: datetime


_PUSH: Select[Any] = select(*(PUSH.c[name] for name in PushRow._fields)).where(
    PUSH.c.fresh.in_(BOTH)
)
_OF_TIP = _PUSH.where(*of_tip(PUSH)).order_by(PUSH.c.id)
_DUE = (
    _PUSH.where(PUSH.c.due_at <= bindparam("now"), PUSH.c.expires_on >= bindparam("today"))
    .order_by(PUSH.c.due_at, PUSH.c.id)
    .limit(bindparam("limit"))
)
_ALL = _PUSH.where(PUSH.c.id > bindparam("after")).order_by(PUSH.c.id).limit(bindparam("limit"))
_SCHEDULE = (
    update(PUSH)
    .where(*of_tip(PUSH), PUSH.c.due_at.is_(None))
    .values(fresh=1, due_at=bindparam("at", type_=PUSH.c.due_at.type))
)
_SENT = (
    update(PUSH)
    .where(PUSH.c.fresh.in_(BOTH), PUSH.c.id == bindparam("row"))
    .values(fresh=1, due_at=None)
)
# A write, not a look: whoever closes the tip at this moment comes before it or after it.
_TOUCH_OPEN = (
    update(TIP)
    .where(TIP.c.fresh.in_(BOTH), TIP.c.id == bindparam("tip"), TIP.c.state != "closed")
    .values(fresh=1)
)
_PAGE_CALL = InsertOrIgnore(CALL)


class PushStore(Store):
    """Keeps who is to be told, and when."""

    __slots__ = ()

    def add(self, push: PushRow) -> None:
        """Keep an address for a tip."""
        self._connection.execute(insert(PUSH), push._asdict())

    def add_while_open(self, push: PushRow) -> bool:
        """Keep an address for a tip; False when it is closed or gone: then nobody may be kept."""
        if self._connection.execute(_TOUCH_OPEN, {"tip": push.tip_id}).rowcount != 1:
            return False
        self.add(push)
        return True

    def of_tip(self, tip_id: bytes) -> list[PushRow]:
        """Return the addresses of a tip."""
        rows = self._connection.execute(_OF_TIP, {"tip": tip_id})
        return [PushRow._make(row) for row in rows]

    def all(self, after: bytes = b"", limit: int = 500) -> list[PushRow]:
        """Return a page of all addresses, ordered by id: for matching a stop request."""
        rows = self._connection.execute(_ALL, {"after": after, "limit": limit})
        return [PushRow._make(row) for row in rows]

    def due(self, now: datetime, today: date, limit: int = 100) -> list[PushRow]:
        """Return addresses whose notice is due and whose days are not over, longest due first."""
        rows = self._connection.execute(_DUE, {"now": now, "today": today, "limit": limit})
        return [PushRow._make(row) for row in rows]

    def has(self, push_id: bytes) -> bool:
        """Tell whether an address is still kept."""
        query = select(PUSH.c.id).where(PUSH.c.fresh.in_(BOTH), PUSH.c.id == push_id)
        return self._connection.execute(query).first() is not None

    def schedule(self, tip_id: bytes, at: datetime) -> None:
        """Plan a notice to the addresses of a tip; one that is planned already stays as it is."""
        self._connection.execute(_SCHEDULE, {"tip": tip_id, "at": at})

    def sent(self, push_id: bytes) -> None:
        """Note that a notice went out; the address waits for the next one."""
        self._connection.execute(_SENT, {"row": push_id})

    def drop(self, push_id: bytes) -> None:
        """Remove one address."""
        self._connection.execute(delete(PUSH).where(PUSH.c.fresh.in_(BOTH), PUSH.c.id == push_id))

    def drop_of_tip(self, tip_id: bytes) -> None:
        """Remove the addresses of a tip."""
        self._connection.execute(
            delete(PUSH).where(PUSH.c.fresh.in_(BOTH), PUSH.c.tip_id == tip_id)
        )

    def expire(self, today: date) -> int:
        """Remove addresses whose last day is past; count them."""
        return self._connection.execute(delete(PUSH).where(PUSH.c.expires_on < today)).rowcount

    def add_stop(self, stop: StopRow) -> None:
        """Keep a stop request until the relay has acted on it."""
        self._connection.execute(insert(STOP), stop._asdict())

    def stops(self) -> list[StopRow]:
        """Return the stop requests."""
        rows = self._connection.execute(
            select(STOP.c.id, STOP.c.address_sealed).order_by(STOP.c.id)
        )
        return [StopRow._make(row) for row in rows]

    def drop_stop(self, stop_id: bytes) -> None:
        """Remove a stop request that has been acted on."""
        self._connection.execute(delete(STOP).where(STOP.c.id == stop_id))

    def page_call(self, unit_id: str, slot: datetime) -> bool:
        """Ask for a unit to be paged; False when it has been asked for in this slot already."""
        values = {"unit_id": unit_id, "slot": slot}
        return self._connection.execute(_PAGE_CALL.on(self._connection), values).rowcount == 1

    def calls(self) -> list[CallRow]:
        """Return the page calls that have not gone out."""
        query = select(CALL.c.unit_id, CALL.c.slot).where(CALL.c.sent_at.is_(None))
        rows = self._connection.execute(query.order_by(CALL.c.slot, CALL.c.unit_id))
        return [CallRow._make(row) for row in rows]

    def call_sent(self, call: CallRow, at: datetime) -> None:
        """Note that a page call went out."""
        statement = update(CALL).where(CALL.c.unit_id == call.unit_id, CALL.c.slot == call.slot)
        self._connection.execute(statement.values(sent_at=at))

    def drop_calls(self, before: datetime) -> int:
        """Remove page calls of slots before this one; count them."""
        return self._connection.execute(delete(CALL).where(CALL.c.slot < before)).rowcount
