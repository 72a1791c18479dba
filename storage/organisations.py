"""Organisations that hang on areas, zones across borders, and the imports that laid both down.

Areas and organisations share one space of ids (``docs/decisions/0011``). Nothing is deleted here
but by the undoing of an import, and then only what nobody has used.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, insert, or_, select, update

from storage.statements import Store, Upsert, in_chunks, table_of
from storage.tables import Area, Poster, Unit
from storage.work_tables import (
    AreaImport,
    AreaImportRow,
    AreaLink,
    Assignment,
    CheckIn,
    Filing,
    Obligation,
    Organisation,
    ProgrammeUse,
    RoleHolder,
    Zone,
    ZoneArea,
)

ORGANISATION, ZONE, ZONE_AREA = table_of(Organisation), table_of(Zone), table_of(ZoneArea)
IMPORT, ROW, OBLIGATION = table_of(AreaImport), table_of(AreaImportRow), table_of(Obligation)
AREA, LINK = table_of(Area), table_of(AreaLink)
_OWNED: tuple[Any, ...] = (
    AREA.c.parent_id,
    ORGANISATION.c.area_id,
    LINK.c.predecessor_id,
    ZONE_AREA.c.area_id,
    table_of(Assignment).c.owner_id,
    table_of(CheckIn).c.owner_id,
    table_of(Filing).c.area_id,
    table_of(RoleHolder).c.area_id,
    table_of(ProgrammeUse).c.area_id,
    table_of(Poster).c.area_id,
    table_of(Unit).c.area_id,
)


class OrganisationRow(NamedTuple):
    """A school, clinic, agency, business, department or mass organisation."""

    id: str
    area_id: str
    kind: str
    name: str
    folded: str
    valid_from: date
    valid_to: date | None = None


class ZoneRow(NamedTuple):
    """A set of areas, by name."""

    id: str
    name: str
    made_on: date


class ImportRow(NamedTuple):
    """One file that was taken in."""

    id: bytes
    at: datetime
    by: str
    area_id: str | None
    digest: bytes
    undone_at: datetime | None = None


class ImportedRow(NamedTuple):
    """What one line of a file changed."""

    import_id: bytes
    line: int
    owner_id: str
    act: str
    before: str = ""


_ORGANISATION: Select[Any] = select(*(ORGANISATION.c[name] for name in OrganisationRow._fields))
_ZONE: Select[Any] = select(*(ZONE.c[name] for name in ZoneRow._fields))
_IMPORT: Select[Any] = select(*(IMPORT.c[name] for name in ImportRow._fields))
_REPLACE, _ADD_ZONE = Upsert(ORGANISATION), Upsert(ZONE)


class OrganisationStore(Store):
    """Finds organisations."""

    __slots__ = ()

    def add_new(self, organisations: Iterable[OrganisationRow]) -> None:
        """Add organisations whose ids nobody has."""
        rows = [each._asdict() for each in organisations]
        if rows:
            self._connection.execute(insert(ORGANISATION), rows)

    def replace(self, organisations: Iterable[OrganisationRow]) -> None:
        """Overwrite organisations with the same ids."""
        rows = [each._asdict() for each in organisations]
        if rows:
            self._connection.execute(_REPLACE.on(self._connection), rows)

    def delete(self, ids: Iterable[str]) -> None:
        """Delete organisations that nobody has used; for undoing an import and nothing else."""
        for some in in_chunks(ids):
            self._connection.execute(delete(ORGANISATION).where(ORGANISATION.c.id.in_(some)))

    def get_many(self, ids: Iterable[str]) -> dict[str, OrganisationRow]:
        """Find organisations by id, ended ones too."""
        return {row.id: row for row in self._where(ORGANISATION.c.id, ids)}

    def inside(self, area_ids: Iterable[str]) -> list[OrganisationRow]:
        """Return the organisations that hang on any of these areas, ended ones too, by id."""
        return sorted(self._where(ORGANISATION.c.area_id, area_ids))

    def _where(self, column: Any, values: Iterable[str]) -> list[OrganisationRow]:
        found: list[OrganisationRow] = []
        for some in in_chunks(values):
            rows = self._connection.execute(_ORGANISATION.where(column.in_(some)))
            found.extend(OrganisationRow._make(row) for row in rows)
        return found


class ZoneStore(Store):
    """Finds zones."""

    __slots__ = ()

    def add(self, zone: ZoneRow) -> None:
        """Add a zone without areas, or rename the one with this id."""
        self._connection.execute(_ADD_ZONE.on(self._connection), zone._asdict())

    def set_areas(self, zone_id: str, area_ids: Iterable[str]) -> None:
        """Draw a zone anew."""
        self._connection.execute(delete(ZONE_AREA).where(ZONE_AREA.c.zone_id == zone_id))
        rows = [{"zone_id": zone_id, "area_id": area_id} for area_id in area_ids]
        if rows:
            self._connection.execute(insert(ZONE_AREA), rows)

    def get(self, zone_id: str) -> ZoneRow | None:
        """Find a zone by id."""
        row = self._connection.execute(_ZONE.where(ZONE.c.id == zone_id)).first()
        return None if row is None else ZoneRow._make(row)

    def all(self) -> list[ZoneRow]:
        """Return every zone, by id."""
        return [ZoneRow._make(row) for row in self._connection.execute(_ZONE.order_by(ZONE.c.id))]

    def area_ids(self, zone_id: str) -> list[str]:
        """Return the areas of a zone, by id."""
        query = select(ZONE_AREA.c.area_id).where(ZONE_AREA.c.zone_id == zone_id)
        return list(self._connection.scalars(query.order_by(ZONE_AREA.c.area_id)))


class AreaImportStore(Store):
    """Keeps what each file changed, until and after it is undone."""

    __slots__ = ()

    def add(self, taken: ImportRow, rows: Iterable[ImportedRow]) -> None:
        """Note one file and what its lines changed."""
        self._connection.execute(insert(IMPORT), taken._asdict())
        values = [row._asdict() for row in rows]
        if values:
            self._connection.execute(insert(ROW), values)

    def get(self, import_id: bytes) -> ImportRow | None:
        """Find an import by id."""
        row = self._connection.execute(_IMPORT.where(IMPORT.c.id == import_id)).first()
        return None if row is None else ImportRow._make(row)

    def newest(self, limit: int) -> list[tuple[ImportRow, int]]:
        """Return the newest imports and how many lines each changed."""
        lines = select(func.count()).where(ROW.c.import_id == IMPORT.c.id).scalar_subquery()
        query = _IMPORT.add_columns(lines).order_by(IMPORT.c.at.desc(), IMPORT.c.id).limit(limit)
        return [(ImportRow._make(row[:-1]), row[-1]) for row in self._connection.execute(query)]

    def rows(self, import_id: bytes) -> list[ImportedRow]:
        """Return what an import changed, in the order of its lines."""
        query: Select[Any] = select(*(ROW.c[name] for name in ImportedRow._fields))
        found = self._connection.execute(query.where(ROW.c.import_id == import_id))
        return sorted(ImportedRow._make(row) for row in found)

    def mark_undone(self, import_id: bytes, at: datetime) -> bool:
        """Note that an import was undone; False: it was already, or there is none."""
        statement = update(IMPORT).where(IMPORT.c.id == import_id, IMPORT.c.undone_at.is_(None))
        return self._connection.execute(statement.values(undone_at=at)).rowcount == 1

    def later(self, import_id: bytes) -> list[bytes]:
        """Return the imports that came after one and still stand."""
        at = select(IMPORT.c.at).where(IMPORT.c.id == import_id).scalar_subquery()
        query = select(IMPORT.c.id).where(IMPORT.c.at > at, IMPORT.c.undone_at.is_(None))
        return list(self._connection.scalars(query.order_by(IMPORT.c.at, IMPORT.c.id)))

    def owner_ids(self, import_id: bytes) -> set[str]:
        """Return the areas and organisations that an import changed."""
        query = select(ROW.c.owner_id).where(ROW.c.import_id == import_id)
        return set(self._connection.scalars(query))

    def used(self, owner_ids: Iterable[str]) -> bool:
        """Return whether anything refers to one of these owners, so that it may not be deleted.

        Asked for short lists of ids: right after an import, a database that has not counted the
        new rows yet would go through them once for each other.
        """
        spent = or_(
            OBLIGATION.c.done > 0, OBLIGATION.c.state != "open", OBLIGATION.c.exempt != "no"
        )
        owed = select(OBLIGATION.c.owner_id).where(spent)
        asked = [(column, select(column)) for column in _OWNED]
        asked.append((OBLIGATION.c.owner_id, owed))
        return any(
            self._connection.execute(query.where(column.in_(some)).limit(1)).first()
            for some in in_chunks(owner_ids)
            for column, query in asked
        )

    def forget_what_is_owed(self, owner_ids: Iterable[str]) -> None:
        """Delete obligations of owners that are deleted themselves."""
        for some in in_chunks(owner_ids):
            self._connection.execute(delete(OBLIGATION).where(OBLIGATION.c.owner_id.in_(some)))
