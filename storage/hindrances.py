"""What leaders say stands in the way of something owed: the latest word of each, until settled."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, select

from storage.nudge_tables import Hindrance
from storage.statements import Store, Upsert, table_of

HINDRANCE = table_of(Hindrance)


class HindranceRow(NamedTuple):
    """What stands in the way of one obligation."""

    obligation_id: bytes
    leader_id: bytes
    commune_id: str
    words: str
    told_at: datetime


_PUT = Upsert(HINDRANCE)
_OF: Select[Any] = (
    select(*(HINDRANCE.c[name] for name in HindranceRow._fields))
    .where(HINDRANCE.c.commune_id.in_(bindparam("communes", expanding=True)))
    .order_by(HINDRANCE.c.told_at)
)
_SETTLE = delete(HINDRANCE).where(HINDRANCE.c.obligation_id == bindparam("obligation"))


class HindranceStore(Store):
    """Keeps what stands in the way."""

    __slots__ = ()

    def put(self, row: HindranceRow) -> None:
        """Keep the latest word about an obligation."""
        self._connection.execute(_PUT.on(self._connection), row._asdict())

    def of_communes(self, commune_ids: Collection[str]) -> list[HindranceRow]:
        """Return what stands in the way in these communes, the oldest first."""
        rows = self._connection.execute(_OF, {"communes": list(commune_ids)})
        return [HindranceRow._make(row) for row in rows]

    def settle(self, obligation_id: bytes) -> bool:
        """Forget one; False when there is none."""
        return self._connection.execute(_SETTLE, {"obligation": obligation_id}).rowcount == 1
