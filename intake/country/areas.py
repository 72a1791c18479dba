"""Areas, units and posters: what an administrator lays down before anybody reports.

Names here are for screens and for choosing a place. Who receives a tip and who stands above comes
from the signed key list alone, never from these rows. No id is used twice: an area that is merged
away keeps its row, the day of its end and the way to what took its place.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from intake.country.area_ground import has_ended
from intake.country.area_standing import LEVELS, check_end, check_parent, is_valid, standing
from intake.country.organisations import Organisations, Zones
from intake.country.vietnam_places import country
from intake.errors import Conflict, NotFound, NotValid
from intake.places import Places
from intake.service import Intake
from intake.text import clean, fold
from storage.areas import AreaRow, LinkRow, PosterRow, UnitRow
from storage.unit_of_work import Tx


class Laid(NamedTuple):
    """How many provinces and communes were added; none that stood there was touched."""

    provinces: int
    communes: int


class Areas:
    """Adds areas, units and posters; nothing is overwritten and no id is used twice."""

    def __init__(self, intake: Intake, places: Places) -> None:
        self._intake = intake
        self._places = places
        self.organisations = Organisations(intake)
        self.zones = Zones(intake)

    @property
    def today(self) -> date:
        """The day, in Việt Nam."""
        return self._intake.clock.today()

    # --- laying down ------------------------------------------------------------------------------

    def lay_country(self, province: str | None = None) -> Laid:
        """Add every province and commune of the shipped table, or one province's, once.

        What stands there already is left as it is, ended areas too.

        Raises:
            NotFound: no province has this code.
        """
        rows = _rows_of_country(province)
        if not rows:
            raise NotFound("không có tỉnh nào mang mã này: xem `homthu areas count --json`")

        def work(tx: Tx) -> list[AreaRow]:
            known = tx.areas.get_many(row.id for row in rows)
            missing = [row for row in rows if row.id not in known]
            tx.areas.add_new(missing)
            return missing

        added = self._intake.write_now(work)
        self._places.forget()
        levels = [row.level for row in added]
        return Laid(levels.count("province"), levels.count("commune"))

    def add(
        self, area_id: str, level: str, parent_id: str | None, kind: str, name: str,
        *, since: date | None = None,
    ) -> None:  # fmt: skip
        """Add one area; ``name`` carries its kind: "phường Hoa Mẫu". ``since``: today, unless told.

        Raises:
            NotValid: an unknown level, or a level that does not stand below its parent's.
            Conflict: the id is taken.
        """
        if level not in LEVELS:
            raise NotValid("unknown level of area")
        row = AreaRow(
            id=area_id,
            level=level,
            parent_id=parent_id,
            kind=kind,
            name=clean(name),
            folded=fold(name),
            valid_from=since or self._intake.clock.today(),
        )

        def work(tx: Tx) -> None:
            check_parent(tx, level, parent_id)
            if tx.areas.get(area_id) or tx.organisations.get_many([area_id]):
                raise Conflict("this id is taken")
            tx.areas.add_areas([row])

        self._intake.write_now(work)
        self._places.forget()

    # --- mergers ----------------------------------------------------------------------------------

    def merge(self, predecessors: Iterable[str], successor: str, on: date) -> None:
        """Let one area take the place of others from a day on; their rows and past stay.

        Raises:
            NotFound: an area that does not exist.
            NotValid: none given, another level, or an area in its own place.
            Conflict: an area that has ended, or still has areas inside it.
        """
        gone = sorted(set(predecessors))
        if not gone or successor in gone:
            raise NotValid("ghi ít nhất một đơn vị cũ, khác đơn vị thay thế")

        def work(tx: Tx) -> None:
            rows = standing(tx, [*gone, successor])
            if len({row.level for row in rows.values()}) > 1 or rows[successor].valid_from > on:
                raise NotValid("chỉ gộp đơn vị cùng cấp, vào đơn vị đã có trước ngày ấy")
            check_end(tx, [rows[one] for one in gone], on)
            tx.areas.end(gone, on)
            tx.areas.add_links(LinkRow(one, successor, on) for one in gone)

        self._intake.write_now(work)
        self._places.forget()

    def end(self, area_id: str, on: date) -> None:
        """End an area that nothing takes the place of; ``on`` is the first day without it.

        Raises:
            NotFound: no such area.
            Conflict: it has ended, or still has areas inside it.
        """

        def work(tx: Tx) -> None:
            check_end(tx, list(standing(tx, [area_id]).values()), on)
            tx.areas.end([area_id], on)

        self._intake.write_now(work)
        self._places.forget()

    def heirs(self, area_id: str, day: date) -> tuple[str, ...]:
        """Return what stands on ``day`` where this area stood: itself, or what took its place.

        Several after a split, none after an end without a successor.

        Raises:
            NotFound: no such area.
        """
        with self._intake.read() as view:
            if view.areas.get(area_id) is None:
                raise NotFound("no such area")
            seen, wave, heirs = {area_id}, [area_id], list[str]()
            while wave:
                rows = view.areas.get_many(wave)
                heirs += [one for one, row in rows.items() if is_valid(row, day)]
                gone = [one for one, row in rows.items() if has_ended(row, day)]
                wave = sorted({link.successor_id for link in view.areas.links_from(gone)} - seen)
                seen.update(wave)
        return tuple(sorted(heirs))

    # --- units and posters ------------------------------------------------------------------------

    def add_unit(self, unit_id: str, name: str, parent_id: str | None, area_id: str) -> None:
        """Add a unit that serves an area; it takes tips once its key is in the signed list.

        Raises:
            NotFound: no such area or unit above.
            Conflict: the id is taken, or the area has a unit already.
        """
        with self._intake.read() as view:
            known = {unit.id: unit for unit in view.areas.units()}
        if self._area(area_id) is None or (parent_id is not None and parent_id not in known):
            raise NotFound("no such area or unit above")
        if unit_id in known or area_id in {unit.area_id for unit in known.values()}:
            raise Conflict("this unit's id or area is taken")
        row = UnitRow(unit_id, clean(name), parent_id, area_id)
        self._intake.write_now(lambda tx: tx.areas.add_unit(row))
        self._places.forget()

    def units(self) -> tuple[UnitRow, ...]:
        """Return every unit, by id."""
        with self._intake.read() as view:
            return tuple(view.areas.units())

    def add_poster(self, area_id: str, code: str | None = None) -> str:
        """Add a poster for an area and return its opaque code.

        Raises:
            NotFound: no such area.
        """
        if self._area(area_id) is None:
            raise NotFound("no such area")
        chosen = code or secrets.token_hex(8)  # never a dash: operators type it after a command
        row = PosterRow(chosen, area_id, self._intake.clock.today())
        self._intake.write_now(lambda tx: tx.areas.add_poster(row))
        self._places.forget()
        return chosen

    def end_poster(self, code: str) -> None:
        """Stop using a poster's code; whoever scans it is asked for the place instead.

        Raises:
            NotFound: no such code.
        """
        today = self._intake.clock.today()
        if not self._intake.write_now(lambda tx: tx.areas.end_poster(code, today)):
            raise NotFound("no such code")
        self._places.forget()

    # --- reading ----------------------------------------------------------------------------------

    def tree(self, top: str | None = None) -> Iterator[tuple[int, AreaRow, UnitRow | None]]:
        """Yield depth, area and its unit, parents before children, ended areas too.

        Raises:
            NotFound: no area has the id ``top``.
        """
        with self._intake.read() as view:
            units = {unit.area_id: unit for unit in view.areas.units()}
            first = view.areas.get(top) if top else None
            inside: dict[str | None, list[AreaRow]] = {}
            wave = [first] if first else view.areas.of_level("province")
            roots = wave
            while wave:
                wave = view.areas.inside(row.id for row in wave)
                for row in wave:
                    inside.setdefault(row.parent_id, []).append(row)
        if top and first is None:
            raise NotFound("no such area")

        def walk(row: AreaRow, depth: int) -> Iterator[tuple[int, AreaRow, UnitRow | None]]:
            yield depth, row, units.get(row.id)
            for child in sorted(inside.get(row.id, []), key=_as_counted):
                yield from walk(child, depth + 1)

        for root in roots:
            yield from walk(root, 0)

    def _area(self, area_id: str) -> AreaRow | None:
        with self._intake.read() as view:
            return view.areas.get(area_id)


def _as_counted(row: AreaRow) -> tuple[str, str]:
    """Return a sort key by which tổ 2 stands before tổ 10."""
    return re.sub(r"\d+", lambda found: found[0].zfill(9), row.folded), row.id


def _rows_of_country(province: str | None) -> list[AreaRow]:
    shipped = country()
    since = shipped.valid_from
    provinces = [
        AreaRow(one.code, "province", None, one.kind, one.name, one.folded, since)
        for one in shipped.provinces
        if province in (None, one.code)
    ]
    communes = [
        AreaRow(one.code, "commune", one.province, one.kind, one.name, one.folded, since)
        for one in shipped.communes
        if province in (None, one.province)
    ]
    return provinces + communes
