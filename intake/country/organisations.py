"""Organisations that hang on an area and can owe duties, and zones that ignore borders.

An organisation's id comes from the same space as an area's (``docs/decisions/0011``): whoever owes
is found by one id. A zone is only a set of areas with a name; nothing is owed by it.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from intake.errors import Conflict, NotFound, NotValid
from intake.service import Intake
from intake.text import clean, fold
from storage.organisations import OrganisationRow, ZoneRow
from storage.unit_of_work import Tx

ORGANISATION_KINDS = ("school", "clinic", "agency", "business", "department", "mass_organisation")
OWN_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,18}[A-Za-z0-9])?")


class OrganisationView(NamedTuple):
    """An organisation as it is shown."""

    id: str
    area_id: str
    kind: str
    name: str
    valid_from: date
    valid_to: date | None


class ZoneView(NamedTuple):
    """A zone and the areas that are in it, by id."""

    id: str
    name: str
    made_on: date
    area_ids: tuple[str, ...]


class Organisations:
    """Adds, ends and finds organisations."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def add(self, area_id: str, own_code: str, kind: str, name: str) -> str:
        """Add an organisation from today on and return its id: ``<area>-<own code>``.

        Raises:
            NotValid: an unknown kind, a code of other characters, or no name.
            NotFound: no such area, or one that has ended.
            Conflict: the id is taken.
        """
        if kind not in ORGANISATION_KINDS or not OWN_CODE.fullmatch(own_code) or not clean(name):
            raise NotValid("an organisation has a kind, a code and a name")
        owner_id, today = f"{area_id}-{own_code}", self._intake.clock.today()
        row = OrganisationRow(owner_id, area_id, kind, clean(name), fold(name), today)

        def work(tx: Tx) -> None:
            area = tx.areas.get(area_id)
            if area is None or (area.valid_to is not None and area.valid_to <= today):
                raise NotFound("no such area")
            if tx.organisations.get_many([owner_id]) or tx.areas.get(owner_id):
                raise Conflict("this id is taken")
            tx.organisations.add_new([row])

        self._intake.write_now(work)
        return owner_id

    def end(self, organisation_id: str, on: date) -> None:
        """End an organisation; ``on`` is the first day without it.

        Raises:
            NotFound: no such organisation.
            NotValid: a day on which it had not begun.
            Conflict: it has ended.
        """

        def work(tx: Tx) -> None:
            row = tx.organisations.get_many([organisation_id]).get(organisation_id)
            if row is None:
                raise NotFound("no such organisation")
            if row.valid_to is not None:
                raise Conflict("this organisation has ended")
            if row.valid_from >= on:
                raise NotValid("an organisation ends after it began")
            tx.organisations.replace([row._replace(valid_to=on)])

        self._intake.write_now(work)

    def on(self, area_id: str, day: date) -> tuple[OrganisationView, ...]:
        """Return the organisations that hang on an area on a day, by name."""
        with self._intake.read() as view:
            rows = view.organisations.inside([area_id])
        standing = [r for r in rows if r.valid_from <= day and (not r.valid_to or r.valid_to > day)]
        return tuple(_shown(row) for row in sorted(standing, key=lambda r: (r.folded, r.id)))

    def get(self, organisation_id: str) -> OrganisationView:
        """Return one organisation, an ended one too.

        Raises:
            NotFound: no such organisation.
        """
        with self._intake.read() as view:
            row = view.organisations.get_many([organisation_id]).get(organisation_id)
        if row is None:
            raise NotFound("no such organisation")
        return _shown(row)


class Zones:
    """Draws zones: sets of areas of any level, in any commune."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def draw(self, zone_id: str, name: str, area_ids: Iterable[str]) -> None:
        """Make a zone, or draw the one with this id anew.

        Raises:
            NotValid: a code of other characters, no name, or no area.
            NotFound: an area that does not exist.
        """
        areas = sorted(set(area_ids))
        if not areas or not OWN_CODE.fullmatch(zone_id) or not clean(name):
            raise NotValid("vùng phải có mã (chữ thường, số, gạch), tên và ít nhất một địa bàn")
        row = ZoneRow(zone_id, clean(name), self._intake.clock.today())

        def work(tx: Tx) -> None:
            if len(tx.areas.get_many(areas)) != len(areas):
                raise NotFound("có mã không phải của địa bàn nào: xem `homthu areas tree`")
            tx.zones.add(row)
            tx.zones.set_areas(zone_id, areas)

        self._intake.write_now(work)

    def get(self, zone_id: str) -> ZoneView:
        """Return one zone.

        Raises:
            NotFound: no such zone.
        """
        with self._intake.read() as view:
            row = view.zones.get(zone_id)
            areas = view.zones.area_ids(zone_id)
        if row is None:
            raise NotFound("no such zone")
        return ZoneView(*row, tuple(areas))

    def all(self) -> tuple[ZoneView, ...]:
        """Return every zone, by id."""
        with self._intake.read() as view:
            return tuple(ZoneView(*z, tuple(view.zones.area_ids(z.id))) for z in view.zones.all())


def _shown(row: OrganisationRow) -> OrganisationView:
    return OrganisationView(row.id, row.area_id, row.kind, row.name, row.valid_from, row.valid_to)
