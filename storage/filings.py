"""What officers marked as sent, and what stood there before a change."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from storage.histories import History, Past
from storage.statements import InsertOrIgnore, Store, table_of
from storage.work_tables import Filing, FilingChange

FILING, CHANGE = table_of(Filing), table_of(FilingChange)


class FilingRow(NamedTuple):
    """A report, registration or one-off that was marked as sent."""

    id: bytes
    programme: str
    item: str
    occurrence: str
    area_id: str
    role: str
    document_number: str
    document_on: date
    filed_at: datetime
    filed_by: str
    version: int = 1
    withdrawn: bool = False


_ADD = InsertOrIgnore(FILING)
_ROW: Select[Any] = select(*(FILING.c[name] for name in FilingRow._fields))
_GET = _ROW.where(FILING.c.id == bindparam("id"))
_SAME = _ROW.where(
    *(FILING.c[n] == bindparam(n) for n in ("programme", "item", "occurrence", "area_id", "role"))
)
_OF_AREAS = _ROW.where(FILING.c.area_id.in_(bindparam("areas", expanding=True))).order_by(
    FILING.c.filed_at.desc(), FILING.c.id
)
_HISTORY = History(
    FILING, CHANGE, "filing_id",
    ("document_number", "document_on", "filed_at", "filed_by", "withdrawn"),
)  # fmt: skip


class FilingStore(Store):
    """Keeps filings; a change is written only together with what stood there before."""

    __slots__ = ()

    def add(self, row: FilingRow) -> bool:
        """Add one; False when the same thing is there already, withdrawn or not."""
        return self._connection.execute(_ADD.on(self._connection), row._asdict()).rowcount == 1

    def get(self, filing_id: bytes) -> FilingRow | None:
        """Find one by id."""
        row = self._connection.execute(_GET, {"id": filing_id}).first()
        return None if row is None else FilingRow._make(row)

    def lock(self, filing_id: bytes) -> FilingRow | None:
        """Find one and keep others from changing it until this unit of work is over."""
        row = self._connection.execute(_GET.with_for_update(), {"id": filing_id}).first()
        return None if row is None else FilingRow._make(row)

    def same(self, row: FilingRow) -> FilingRow | None:
        """Find what was marked for the same item, time, area and role."""
        values = {
            n: getattr(row, n) for n in ("programme", "item", "occurrence", "area_id", "role")
        }
        found = self._connection.execute(_SAME, values).first()
        return None if found is None else FilingRow._make(found)

    def of_areas(self, areas: Collection[str]) -> list[FilingRow]:
        """Return everything that was marked for these areas, newest first."""
        rows = self._connection.execute(_OF_AREAS, {"areas": list(areas)})
        return [FilingRow._make(row) for row in rows]

    def change(self, row: FilingRow, at: datetime, by: str, reason: str, before: str) -> None:
        """Write a new version of a row, keeping what stood there before.

        Raises:
            Stale: somebody else changed it first.
        """
        _HISTORY.change(self._connection, row, Past(row.version, at, by, reason, before))

    def changes(self, filing_id: bytes) -> list[Past]:
        """Return what stood in a filing before, oldest first."""
        return _HISTORY.of(self._connection, filing_id)
