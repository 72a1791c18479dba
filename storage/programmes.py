"""Which programmes apply to which areas, and who stands in for bodies that are gone."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select, update

from storage.statements import Store, Upsert, table_of
from storage.work_tables import ProgrammeUse, RoleHolder

USE, HOLDER = table_of(ProgrammeUse), table_of(RoleHolder)


class UseRow(NamedTuple):
    """A programme that applies to an area and everything below it; ``until`` is left out."""

    area_id: str
    programme: str
    since: date
    until: date | None = None

    def is_on(self, day: date) -> bool:
        """Return whether it applies on that day."""
        return self.since <= day and (self.until is None or day < self.until)


class HolderRow(NamedTuple):
    """Who stands for a body that is gone."""

    programme: str
    role: str
    area_id: str
    holder: str
    named_at: datetime
    named_by: str


_USE: Select[Any] = select(*(USE.c[name] for name in UseRow._fields)).order_by(
    USE.c.area_id, USE.c.programme
)
_USES_OF = _USE.where(USE.c.area_id.in_(bindparam("areas", expanding=True)))
_ADD_USE, _NAME = Upsert(USE), Upsert(HOLDER)
_HOLDER: Select[Any] = select(*(HOLDER.c[name] for name in HolderRow._fields)).order_by(
    HOLDER.c.area_id, HOLDER.c.role
)


class ProgrammeStore(Store):
    """Finds and keeps uses of programmes, and role holders."""

    __slots__ = ()

    def use(self, row: UseRow) -> None:
        """Add a use, or overwrite the one of the same area and programme."""
        self._connection.execute(_ADD_USE.on(self._connection), row._asdict())

    def end_use(self, area_id: str, programme: str, on: date) -> bool:
        """End a use on a day, which is left out; tell whether there is such a use."""
        statement = (
            update(USE)
            .where(USE.c.area_id == area_id, USE.c.programme == programme)
            .values(until=on)
        )
        return self._connection.execute(statement).rowcount == 1

    def uses(self) -> list[UseRow]:
        """Return every use, ended ones too."""
        return [UseRow._make(row) for row in self._connection.execute(_USE)]

    def uses_of(self, areas: Collection[str]) -> list[UseRow]:
        """Return the uses of these areas themselves."""
        rows = self._connection.execute(_USES_OF, {"areas": list(areas)})
        return [UseRow._make(row) for row in rows]

    def name(self, row: HolderRow) -> None:
        """Keep who stands for a role in an area, or overwrite it."""
        self._connection.execute(_NAME.on(self._connection), row._asdict())

    def holders(self, programme: str) -> list[HolderRow]:
        """Return everybody who stands for a role of a programme."""
        rows = self._connection.execute(_HOLDER.where(HOLDER.c.programme == programme))
        return [HolderRow._make(row) for row in rows]
