"""Who can owe something: areas and organisations alike, with the places that they belong to.

Reads alone; areas are kept by `storage.areas`, organisations by `storage.organisations`.
"""

import re
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, null, select, union_all

from storage.statements import Store, table_of
from storage.tables import Area
from storage.work_tables import AreaImport, Assignment, Organisation

AREA, ORGANISATION, ASSIGNMENT = table_of(Area), table_of(Organisation), table_of(Assignment)
IMPORT = table_of(AreaImport)
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


_AREA: Select[Any] = select(*(AREA.c[name] for name in ("id", "parent_id"))).where(
    AREA.c.id == bindparam("id")
)
_BASE, _ABOVE = AREA.alias("base"), AREA.alias("above")
_PLACE = (_BASE.c.level, _BASE.c.parent_id, _ABOVE.c.parent_id.label("above_id"))
_IN_IT = _BASE.outerjoin(_ABOVE, _ABOVE.c.id == _BASE.c.parent_id)
_OWNER: Select[Any] = select(
    *(_BASE.c[name] for name in ("id", "name")), _BASE.c.level.label("kind"),
    _BASE.c.id.label("area_id"), *_PLACE, *(_BASE.c[name] for name in ("valid_from", "valid_to")),
    *(_BASE.c[name] for name in ("households", "population")),
).select_from(_IN_IT).where(_BASE.c.id == bindparam("id"))  # fmt: skip
_ORGANISATION: Select[Any] = select(
    *(ORGANISATION.c[name] for name in ("id", "name", "kind", "area_id")), *_PLACE,
    *(ORGANISATION.c[name] for name in ("valid_from", "valid_to")), null(), null(),
).select_from(ORGANISATION.outerjoin(_IN_IT, _BASE.c.id == ORGANISATION.c.area_id)).where(
    ORGANISATION.c.id == bindparam("id")
)  # fmt: skip
_GET = union_all(_ORGANISATION, _OWNER)
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


_GROUND = union_all(
    *(
        select(
            func.count().label("rows"), func.count(t.c.valid_to), func.max(t.c.valid_from),
            func.max(t.c.valid_to),
        )
        for t in (AREA, ORGANISATION)
    )
)  # fmt: skip
_IMPORTS = select(func.count(), func.max(IMPORT.c.at), func.max(IMPORT.c.undone_at))


class OwnerStore(Store):
    """Finds owners, their names and the way up from them."""

    __slots__ = ()

    def ground(self) -> tuple[object, ...]:
        """Return what changes whenever areas or organisations come, end or are taken in anew.

        Two equal values mean the same ground: a few counts and latest days, found in one pass.
        """
        rows = [tuple(row) for row in self._connection.execute(_GROUND)]
        return (*rows, tuple(self._connection.execute(_IMPORTS).one()))

    def get(self, owner_id: str) -> OwnerRow | None:
        """Find an area or an organisation by id."""
        row: Any = self._connection.execute(_GET, {"id": owner_id}).first()
        if row is None:
            return None
        owner_id, name, kind, area_id, level, parent, above, *rest = row
        commune, province = _counts_for(area_id, level, parent or "", above or "")
        return OwnerRow(owner_id, name, kind, area_id, commune, province, *rest)

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


def _counts_for(area_id: str, level: str | None, parent: str, above: str) -> tuple[str, str]:
    """Return the commune and the province of an area; "" where there is none."""
    match level:
        case None:
            return "", ""
        case "province":
            return "", area_id
        case "commune":
            return area_id, parent
        case _:
            return parent, above


def _natural(folded: str) -> list[str | int]:
    """Return a key that sorts numbers as numbers; words and numbers take turns in it."""
    pieces = re.split(r"(\d+)", folded)
    return [int(piece) if at % 2 else piece for at, piece in enumerate(pieces)]
