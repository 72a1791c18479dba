"""Areas, units and posters, first form: what an administrator lays down before anybody reports.

Names here are for screens and for choosing a place. Who receives and who stands above comes from
the signed key list alone, never from these rows.
"""

import secrets
from collections.abc import Iterator

from intake.errors import Conflict, NotFound, NotValid
from intake.places import Places
from intake.service import Intake
from intake.text import clean, fold
from storage.areas import AreaRow, PosterRow, UnitRow

LEVELS = ("province", "commune", "neighbourhood")


class Areas:
    """Adds areas, units and posters; nothing is overwritten and no id is used twice."""

    def __init__(self, intake: Intake, places: Places) -> None:
        self._intake = intake
        self._places = places

    def add(self, area_id: str, level: str, parent_id: str | None, kind: str, name: str) -> None:
        """Add one area, valid from today; ``name`` carries its kind: "phường Hoa Mẫu".

        Raises:
            NotValid: an unknown level, or a level that does not stand below its parent's.
            Conflict: the id is taken.
        """
        if level not in LEVELS:
            raise NotValid("unknown level of area")
        self._check_parent(level, parent_id)
        if self._area(area_id) is not None:
            raise Conflict("this id is taken")
        row = AreaRow(
            id=area_id,
            level=level,
            parent_id=parent_id,
            kind=kind,
            name=clean(name),
            folded=fold(name),
            valid_from=self._intake.clock.today(),
        )
        self._intake.write_now(lambda tx: tx.areas.add_areas([row]))
        self._places.forget()

    def _check_parent(self, level: str, parent_id: str | None) -> None:
        if level == "province":
            if parent_id is not None:
                raise NotValid("a province stands below nothing")
            return
        parent = self._area(parent_id or "")
        if parent is None or LEVELS.index(parent.level) != LEVELS.index(level) - 1:
            raise NotValid("this area does not stand below that one")

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

    def add_poster(self, area_id: str, code: str | None = None) -> str:
        """Add a poster for an area and return its opaque code.

        Raises:
            NotFound: no such area.
        """
        if self._area(area_id) is None:
            raise NotFound("no such area")
        chosen = code or secrets.token_urlsafe(9)
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

    def tree(self) -> Iterator[tuple[int, AreaRow, str | None]]:
        """Yield depth, area and its unit's name, parents before children."""
        with self._intake.read() as view:
            areas = view.areas.all()
            names = {unit.area_id: unit.name for unit in view.areas.units()}

        def below(parent_id: str | None, depth: int) -> Iterator[tuple[int, AreaRow, str | None]]:
            children = [area for area in areas if area.parent_id == parent_id]
            for area in sorted(children, key=lambda each: each.folded):
                yield depth, area, names.get(area.id)
                yield from below(area.id, depth + 1)

        yield from below(None, 0)

    def _area(self, area_id: str) -> AreaRow | None:
        with self._intake.read() as view:
            return view.areas.get(area_id)
