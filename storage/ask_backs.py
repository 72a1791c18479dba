"""Questions of the ward's that still have to be told to a leader."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, select, update

from storage.statements import Store, Upsert, table_of
from storage.work_tables import AskBack

ASK_BACK = table_of(AskBack)


class AskBackRow(NamedTuple):
    """A question that nobody has been told of yet."""

    check_in_id: bytes
    asked_at: datetime
    not_before: datetime


_PUT = Upsert(ASK_BACK)
_DUE: Select[Any] = (
    select(*(ASK_BACK.c[name] for name in AskBackRow._fields))
    .where(ASK_BACK.c.not_before <= bindparam("now", type_=ASK_BACK.c.not_before.type))
    .order_by(ASK_BACK.c.asked_at, ASK_BACK.c.check_in_id)
    .limit(bindparam("most"))
)
_DROP = delete(ASK_BACK).where(ASK_BACK.c.check_in_id == bindparam("id"))
_CLAIM = (
    update(ASK_BACK)
    .where(
        ASK_BACK.c.check_in_id == bindparam("id"),
        ASK_BACK.c.not_before <= bindparam("now", type_=ASK_BACK.c.not_before.type),
    )
    .values(not_before=bindparam("until", type_=ASK_BACK.c.not_before.type))
)


class AskBackStore(Store):
    """Keeps what is still to be told."""

    __slots__ = ()

    def put(self, row: AskBackRow) -> None:
        """Note a question; a newer one takes the place of the one before."""
        self._connection.execute(_PUT.on(self._connection), row._asdict())

    def due(self, now: datetime, most: int) -> list[AskBackRow]:
        """Return what may be told now, the oldest first."""
        rows = self._connection.execute(_DUE, {"now": now, "most": most})
        return [AskBackRow._make(row) for row in rows]

    def drop(self, check_in_id: bytes) -> None:
        """Forget a question: it was told, or there is nothing to tell any more."""
        self._connection.execute(_DROP, {"id": check_in_id})

    def claim(self, check_in_id: bytes, now: datetime, until: datetime) -> bool:
        """Keep others from telling a question until a moment; False when somebody was faster."""
        values = {"id": check_in_id, "now": now, "until": until}
        return self._connection.execute(_CLAIM, values).rowcount == 1
