"""What stands in the database where a list of areas would be laid down, read at one moment.

The same reading is made twice: for the preview, and inside the unit of work that takes the list.
If the two differ, somebody else was there in between and nothing is taken.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from intake.country.area_rows import Entry
from storage.areas import AreaRow, LinkRow
from storage.organisations import OrganisationRow
from storage.unit_of_work import View

OwnerRow = AreaRow | OrganisationRow


@dataclass(slots=True)
class Ground:
    """Areas and organisations near the entries of a list, ended ones too."""

    areas: dict[str, AreaRow]
    organisations: dict[str, OrganisationRow]
    links: list[LinkRow]
    parents: dict[str, str]  # a ward code as written → the area's id
    inside: dict[str, list[OwnerRow]] = field(default_factory=dict[str, list[OwnerRow]])

    def __post_init__(self) -> None:
        """Sort what stands by where it stands."""
        for row in (*self.areas.values(), *self.organisations.values()):
            above = row.parent_id if isinstance(row, AreaRow) else row.area_id
            self.inside.setdefault(above or "", []).append(row)

    def owner(self, owner_id: str) -> OwnerRow | None:
        """Return an area or an organisation by id."""
        return self.areas.get(owner_id) or self.organisations.get(owner_id)

    def is_below(self, area_id: str, top: str | None) -> bool:
        """Return whether an area is ``top`` or stands below it; everything is below None."""
        current: str | None = area_id
        while current is not None and current != top:
            row = self.areas.get(current)
            current = row.parent_id if row else None
        return top is None or current == top

    def heirs(self, area_id: str) -> tuple[AreaRow, ...]:
        """Return what took the place of an area, one step on."""
        ids = [link.successor_id for link in self.links if link.predecessor_id == area_id]
        return tuple(self.areas[one] for one in ids if one in self.areas)

    def fingerprint(self) -> bytes:
        """Return what this reading is known by: the same rows give the same bytes."""
        digest = hashlib.sha256()
        for row in (*sorted(self.areas.items()), *sorted(self.organisations.items())):
            digest.update(repr(row).encode())
        digest.update(repr(sorted(self.links)).encode())
        return digest.digest()


def survey(view: View, entries: Iterable[Entry]) -> Ground:
    """Read what stands where ``entries`` would be laid down."""
    listed = list(entries)
    tops = (*view.areas.of_level("province"), *view.areas.of_level("commune"))
    areas = {row.id: row for row in tops}
    codes = {entry.ward_code for entry in listed}
    areas |= view.areas.get_many(sorted(codes - areas.keys()))
    parents = {code: _known_as(code, areas) for code in codes}
    involved = sorted({parent for parent in parents.values() if parent})
    areas |= {row.id: row for row in view.areas.inside(involved)}
    replaced = {part for entry in listed for part in entry.replaces}
    areas |= view.areas.get_many(sorted(replaced - areas.keys()))
    organisations = {row.id: row for row in view.organisations.inside(involved)}
    links = view.areas.links_from(sorted(one for one in areas if areas[one].valid_to is not None))
    areas |= view.areas.get_many(sorted({link.successor_id for link in links} - areas.keys()))
    return Ground(areas, organisations, links, parents)


def _known_as(code: str, areas: dict[str, AreaRow]) -> str:
    """Return the id that a code means; a spreadsheet eats the zeros at its head."""
    if code in areas:
        return code
    whole = code.zfill(5)
    return whole if code.isdecimal() and whole in areas else ""


def has_ended(row: OwnerRow, day: date) -> bool:
    """Return whether an area or organisation is no more on a day."""
    return row.valid_to is not None and row.valid_to <= day
