"""Areas and what took their place, the units that serve them, and posters.

A unit's parent here is for display; routing and sealing take parents from the signed key list.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, insert, select, update

from storage.statements import Store, Upsert, in_chunks, table_of
from storage.tables import Area, Poster, Unit
from storage.work_tables import AreaLink

AREA, UNIT, POSTER = table_of(Area), table_of(Unit), table_of(Poster)
LINK = table_of(AreaLink)


class AreaRow(NamedTuple):
    """A province, commune or neighbourhood, valid between two days."""

    id: str
    level: str
    parent_id: str | None
    kind: str
    name: str
    folded: str
    valid_from: date
    valid_to: date | None = None
    households: int | None = None
    population: int | None = None


class LinkRow(NamedTuple):
    """An area that is no more, one that took its place, and the first day of that."""

    predecessor_id: str
    successor_id: str
    on: date


class UnitRow(NamedTuple):
    """A police unit."""

    id: str
    name: str
    parent_id: str | None
    area_id: str


class PosterRow(NamedTuple):
    """The opaque code on one poster or box."""

    code: str
    area_id: str
    made_on: date
    ended_on: date | None = None


_AREA: Select[Any] = select(*(AREA.c[name] for name in AreaRow._fields))
_GET = _AREA.where(AREA.c.id == bindparam("id"))
_CHILDREN = _AREA.where(AREA.c.parent_id == bindparam("parent")).order_by(AREA.c.folded, AREA.c.id)
_FOLDED = _AREA.where(
    AREA.c.folded == bindparam("folded"), AREA.c.level == bindparam("level")
).order_by(AREA.c.id)
_OF_LEVEL = _AREA.where(AREA.c.level == bindparam("level")).order_by(AREA.c.folded, AREA.c.id)
_LINK: Select[Any] = select(*(LINK.c[name] for name in LinkRow._fields)).order_by(
    LINK.c.predecessor_id, LINK.c.successor_id
)
_UNIT: Select[Any] = select(*(UNIT.c[name] for name in UnitRow._fields))
_ADD_AREAS, _ADD_UNIT = Upsert(AREA), Upsert(UNIT)


class AreaStore(Store):
    """Finds areas, units and posters."""

    __slots__ = ()

    def add_areas(self, areas: Iterable[AreaRow]) -> None:
        """Add areas, parents before children, or overwrite those with the same id."""
        statement = _ADD_AREAS.on(self._connection)
        rows = [area._asdict() for area in areas]
        if rows:
            self._connection.execute(statement, rows)

    def add_new(self, areas: Iterable[AreaRow]) -> None:
        """Add areas whose ids nobody has, parents before children."""
        rows = [area._asdict() for area in areas]
        if rows:
            self._connection.execute(insert(AREA), rows)

    def end(self, area_ids: Iterable[str], day: date | None) -> None:
        """Note the first day on which areas are no more; None: they stand again."""
        for some in in_chunks(area_ids):
            statement = update(AREA).where(AREA.c.id.in_(some)).values(valid_to=day)
            self._connection.execute(statement)

    def delete(self, area_ids: Iterable[str]) -> None:
        """Delete areas to which nothing refers; for undoing an import and nothing else."""
        for some in in_chunks(area_ids):
            self._connection.execute(delete(AREA).where(AREA.c.id.in_(some)))

    def get_many(self, area_ids: Iterable[str]) -> dict[str, AreaRow]:
        """Find areas by id, ended ones too."""
        found: dict[str, AreaRow] = {}
        for some in in_chunks(area_ids):
            rows = self._connection.execute(_AREA.where(AREA.c.id.in_(some)))
            found.update((row.id, AreaRow._make(row)) for row in rows)
        return found

    def inside(self, parent_ids: Iterable[str]) -> list[AreaRow]:
        """Return the areas directly inside any of these, ended ones too, by id."""
        found: list[AreaRow] = []
        for some in in_chunks(parent_ids):
            rows = self._connection.execute(_AREA.where(AREA.c.parent_id.in_(some)))
            found.extend(AreaRow._make(row) for row in rows)
        return sorted(found)

    def of_level(self, level: str) -> list[AreaRow]:
        """Return every area of a level, ended ones too, by folded name."""
        return self._areas(_OF_LEVEL, level=level)

    def add_links(self, links: Iterable[LinkRow]) -> None:
        """Note which areas took the place of which."""
        rows = [link._asdict() for link in links]
        if rows:
            self._connection.execute(insert(LINK), rows)

    def delete_links_to(self, successor_ids: Iterable[str]) -> None:
        """Forget what these areas took the place of; for undoing an import and nothing else."""
        for some in in_chunks(successor_ids):
            self._connection.execute(delete(LINK).where(LINK.c.successor_id.in_(some)))

    def links_from(self, predecessor_ids: Iterable[str]) -> list[LinkRow]:
        """Return what took the place of these areas."""
        return self._links(LINK.c.predecessor_id, predecessor_ids)

    def links_to(self, successor_ids: Iterable[str]) -> list[LinkRow]:
        """Return what these areas took the place of."""
        return self._links(LINK.c.successor_id, successor_ids)

    def get(self, area_id: str) -> AreaRow | None:
        """Find an area by id."""
        row = self._connection.execute(_GET, {"id": area_id}).first()
        return None if row is None else AreaRow._make(row)

    def children(self, area_id: str) -> list[AreaRow]:
        """Return the areas directly inside another, by folded name."""
        return self._areas(_CHILDREN, parent=area_id)

    def find_folded(self, folded: str, level: str) -> list[AreaRow]:
        """Return the areas of a level whose folded name is exactly this."""
        return self._areas(_FOLDED, folded=folded, level=level)

    def all_communes(self) -> list[AreaRow]:
        """Return every commune, by folded name."""
        return self._areas(_OF_LEVEL, level="commune")

    def add_unit(self, unit: UnitRow) -> None:
        """Add a unit, or overwrite the one with the same id."""
        self._connection.execute(_ADD_UNIT.on(self._connection), unit._asdict())

    def unit(self, unit_id: str) -> UnitRow | None:
        """Find a unit by id."""
        return self._one_unit(UNIT.c.id == unit_id)

    def unit_of_area(self, area_id: str) -> UnitRow | None:
        """Find the unit that serves an area."""
        return self._one_unit(UNIT.c.area_id == area_id)

    def units(self) -> list[UnitRow]:
        """Return every unit, by id."""
        return [UnitRow._make(row) for row in self._connection.execute(_UNIT.order_by(UNIT.c.id))]

    def add_poster(self, poster: PosterRow) -> None:
        """Add a poster's code."""
        self._connection.execute(insert(POSTER), poster._asdict())

    def end_poster(self, code: str, day: date) -> bool:
        """Note that a poster's code is no longer used; tell whether there is such a code."""
        statement = update(POSTER).where(POSTER.c.code == code).values(ended_on=day)
        return self._connection.execute(statement).rowcount == 1

    def poster(self, code: str) -> PosterRow | None:
        """Find a poster by its code, ended ones too."""
        query = select(*(POSTER.c[name] for name in PosterRow._fields))
        row = self._connection.execute(query.where(POSTER.c.code == code)).first()
        return None if row is None else PosterRow._make(row)

    def all(self) -> list[AreaRow]:
        """Return every area of every level, by id."""
        return [AreaRow._make(row) for row in self._connection.execute(_AREA.order_by(AREA.c.id))]

    def posters(self) -> list[PosterRow]:
        """Return every poster, ended ones too."""
        query = select(*(POSTER.c[name] for name in PosterRow._fields)).order_by(POSTER.c.code)
        return [PosterRow._make(row) for row in self._connection.execute(query)]

    def _links(self, column: Any, ids: Iterable[str]) -> list[LinkRow]:
        found: list[LinkRow] = []
        for some in in_chunks(ids):
            rows = self._connection.execute(_LINK.where(column.in_(some)))
            found.extend(LinkRow._make(row) for row in rows)
        return found

    def _areas(self, statement: Select[Any], **values: str) -> list[AreaRow]:
        return [AreaRow._make(row) for row in self._connection.execute(statement, values)]

    def _one_unit(self, condition: Any) -> UnitRow | None:
        row = self._connection.execute(_UNIT.where(condition)).first()
        return None if row is None else UnitRow._make(row)
