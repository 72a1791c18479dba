"""Areas, units and posters, first form: what an administrator lays down before anybody reports.

Names here are for screens and for choosing a place. Who receives and who stands above comes from
the signed key list alone, never from these rows.
"""

import secrets

from intake.errors import NotValid
from intake.places import Places
from intake.service import Intake
from intake.text import clean, fold
from storage.areas import AreaRow, PosterRow, UnitRow

LEVELS = ("province", "commune", "neighbourhood")


class Areas:
    """Adds areas, units and posters."""

    def __init__(self, intake: Intake, places: Places) -> None:
        self._intake = intake
        self._places = places

    def add(self, area_id: str, level: str, parent_id: str | None, kind: str, name: str) -> None:
        """Add one area, valid from today; ``name`` carries its kind: "phường Hoa Mẫu".

        Raises:
            NotValid: an unknown level, or a level that does not stand below its parent's.
        """
        if level not in LEVELS:
            raise NotValid("unknown level of area")
        self._check_parent(level, parent_id)
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
        with self._intake.read() as view:
            parent = view.areas.get(parent_id or "")
        if parent is None or LEVELS.index(parent.level) != LEVELS.index(level) - 1:
            raise NotValid("this area does not stand below that one")

    def add_unit(self, unit_id: str, name: str, parent_id: str | None, area_id: str) -> None:
        """Add a unit that serves an area; it takes tips once its key is in the signed list."""
        row = UnitRow(unit_id, clean(name), parent_id, area_id)
        self._intake.write_now(lambda tx: tx.areas.add_unit(row))
        self._places.forget()

    def add_poster(self, area_id: str, code: str | None = None) -> str:
        """Add a poster for an area and return its opaque code."""
        chosen = code or secrets.token_urlsafe(9)
        row = PosterRow(chosen, area_id, self._intake.clock.today())
        self._intake.write_now(lambda tx: tx.areas.add_poster(row))
        self._places.forget()
        return chosen

    def is_laid(self) -> bool:
        """Return whether any unit is there yet."""
        with self._intake.read() as view:
            return bool(view.areas.units())
