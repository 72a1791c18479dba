"""Who can owe something: areas and organisations alike, with the places that they belong to.

Reads alone; areas are kept by `storage.areas`, organisations by `storage.organisations`.
"""

import re
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select, union_all

from storage.statements import Store, table_of
from storage.tables import Area
from storage.work_tables import Assignment, Organisation

AREA, ORGANISATION, ASSIGNMENT = table_of(Area), table_of(Organisation), table_of(Assignment)
CHUNK = 5_000  # ids in one statement


class OwnerRow(NamedTuple):
    """An area or an organisation, and the commune and province that it counts for ("": none)."""

    id: str
    name: str
    kind: str  # the level of an area, or the kind of an organisation
    area_id: str  # itself, or the area that the organisation hangs on
    commune_id: str
    province_id: str
    valid_from: date
    valid_to: date | None
    households: int | None = None
    population: int | None = None

    def is_active(self, day: date) -> bool:
        """Return whether it exists on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


_AREA_COLUMNS = ("id", "name", "level", "parent_id", "valid_from", "valid_to", "households",
                 "population")  # fmt: skip
_AREA: Select[Any] = select(*(AREA.c[name] for name in _AREA_COLUMNS)).where(
    AREA.c.id == bindparam("id")
)
_ORGANISATION: Select[Any] = select(
    *(ORGANISATION.c[name] for name in ("id", "name", "kind", "area_id", "valid_from", "valid_to"))
).where(ORGANISATION.c.id == bindparam("id"))
_NAMES = union_all(
    select(AREA.c.id, AREA.c.name, AREA.c.folded).where(
        AREA.c.id.in_(bindparam("ids", expanding=True))
    ),
    select(ORGANISATION.c.id, ORGANISATION.c.name, ORGANISATION.c.folded).where(
        ORGANISATION.c.id.in_(bindparam("ids", expanding=True))
    ),
)
_BELOW = select(AREA.c.id).where(AREA.c.parent_id == bindparam("parent")).order_by(AREA.c.id)
_HELD = select(ASSIGNMENT.c.owner_id).where(
    ASSIGNMENT.c.leader_id == bindparam("leader"),
    ASSIGNMENT.c.since <= bindparam("day"),
    (ASSIGNMENT.c.until.is_(None)) | (ASSIGNMENT.c.until > bindparam("day")),
)


class OwnerStore(Store):
    """Finds owners, their names and the way up from them."""

    __slots__ = ()

    def get(self, owner_id: str) -> OwnerRow | None:
        """Find an area or an organisation by id."""
        row = self._connection.execute(_ORGANISATION, {"id": owner_id}).first()
        if row is None:
            return self._area(owner_id)
        base = self._area(row.area_id)
        commune, province = (base.commune_id, base.province_id) if base else ("", "")
        return OwnerRow(row.id, row.name, row.kind, row.area_id, commune, province, row.valid_from,
                        row.valid_to)  # fmt: skip

    def chain(self, area_id: str) -> list[str]:
        """Return an area's id and those above it, lowest first."""
        found: list[str] = []
        at: str | None = area_id
        while at is not None and at not in found:
            row = self._connection.execute(_AREA, {"id": at}).first()
            if row is None:
                break
            found.append(at)
            at = row.parent_id
        return found

    def below(self, area_id: str) -> list[str]:
        """Return the ids of the areas directly inside another, ended ones too."""
        return list(self._connection.execute(_BELOW, {"parent": area_id}).scalars())

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """Return the names of areas and organisations, in their order: "tổ 2" before "tổ 10"."""
        found: list[tuple[list[str | int], str, str]] = []
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), CHUNK):
            rows = self._connection.execute(_NAMES, {"ids": wanted[start : start + CHUNK]})
            found += [(_natural(row.folded), row.id, row.name) for row in rows]
        return {owner_id: name for _, owner_id, name in sorted(found)}

    def held_by(self, leader_id: bytes, day: date) -> list[str]:
        """Return what a leader looks after on a day, in any part."""
        return list(
            self._connection.execute(_HELD, {"leader": leader_id, "day": day}).scalars().unique()
        )

    def _area(self, area_id: str) -> OwnerRow | None:
        row = self._connection.execute(_AREA, {"id": area_id}).first()
        if row is None:
            return None
        commune, province = "", ""
        if row.level == "province":
            province = row.id
        elif row.level == "commune":
            commune, province = row.id, row.parent_id or ""
        else:
            above = self._connection.execute(_AREA, {"id": row.parent_id}).first()
            commune, province = row.parent_id or "", (above.parent_id if above else None) or ""
        return OwnerRow(row.id, row.name, row.level, row.id, commune, province, row.valid_from,
                        row.valid_to, row.households, row.population)  # fmt: skip


def _natural(folded: str) -> list[str | int]:
    """Return a key that sorts numbers as numbers; words and numbers take turns in it."""
    pieces = re.split(r"(\d+)", folded)
    return [int(piece) if at % 2 else piece for at, piece in enumerate(pieces)]
