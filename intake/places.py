"""Which commune a resident means, and which unit's box stands there.

An immutable snapshot of areas, units and posters, reloaded every minute. A typed name is compared
folded, whole, and never guessed: several matches mean that the person is asked (``vietnam.md``
1.1).
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from intake.service import Intake
from intake.text import clean, fold
from storage.areas import AreaRow

_KIND_WORDS = re.compile(
    r"^(?:xa|phuong|dac khu|thi tran|thi xa|tinh|thanh pho|tp|p|x|tt)[. ]+(?=\S)"
)
_REFRESH_SECONDS = 60.0
_MOST_OFFERED = 4


class Place(NamedTuple):
    """An area and how it is shown: "phường Thượng Hồng, Hưng Yên"."""

    area_id: str
    label: str


class Snapshot:
    """Areas, units and posters as they stood at one moment."""

    def __init__(
        self, areas: Iterable[AreaRow], units: dict[str, str], posters: dict[str, str]
    ) -> None:
        self.areas = {area.id: area for area in areas}
        self._units = units  # area id → unit id
        self._posters = posters
        self._communes: defaultdict[str, list[AreaRow]] = defaultdict(list)
        for area in self.areas.values():
            if area.level == "commune":
                self._communes[_bare(area.folded)].append(area)

    def find(self, typed: str) -> list[Place]:
        """Return the communes that ``typed`` may mean: one is certain, several must be asked."""
        wanted = clean(typed)
        exact = [a for a in self._named(wanted) if _same_marks(a, wanted)]
        chosen = exact if len(exact) == 1 else self._named(wanted) or self._nearly(wanted)
        chosen = sorted(
            chosen, key=lambda area: self.unit_for(area.id) is None
        )  # served ones first
        return [self._show(area) for area in chosen[:_MOST_OFFERED]]

    def _named(self, typed: str) -> list[AreaRow]:
        name, _, province = (part.strip() for part in fold(typed).partition(","))
        matches = self._communes.get(_bare(name), [])
        if not matches:
            return self._with_province_at_end(_bare(name))
        if province:
            matches = [a for a in matches if self._province_of(a) == _bare(province)]
        return matches

    def _with_province_at_end(self, name: str) -> list[AreaRow]:
        """Read "thuong hong hung yen": a whole commune name followed by its province."""
        words = name.split()
        for cut in range(len(words) - 1, 0, -1):
            province = _bare(" ".join(words[cut:]))
            matches = self._communes.get(" ".join(words[:cut]), [])
            found = [a for a in matches if self._province_of(a) == province]
            if found:
                return found
        return []

    def _nearly(self, typed: str) -> list[AreaRow]:
        name = _bare(fold(typed).partition(",")[0].strip())
        close = difflib.get_close_matches(name, self._communes, n=_MOST_OFFERED, cutoff=0.8)
        return [area for key in close for area in self._communes[key]]

    def place(self, area_id: str) -> Place | None:
        """Return one area of any level, as it is shown."""
        area = self.areas.get(area_id)
        return self._show(area) if area else None

    def poster(self, code: str) -> str | None:
        """Return the area behind a poster's code."""
        return self._posters.get(code)

    def unit_for(self, area_id: str) -> str | None:
        """Return the unit whose box serves an area: its own, or the nearest area's above."""
        area = self.areas.get(area_id)
        while area is not None:
            if area.id in self._units:
                return self._units[area.id]
            area = self.areas.get(area.parent_id or "")
        return None

    def has_own_unit(self, area_id: str) -> bool:
        """Return whether the area's commune has a unit of its own, not only the province's."""
        area = self.areas.get(area_id)
        while area is not None and area.level != "province":
            if area.id in self._units:
                return True
            area = self.areas.get(area.parent_id or "")
        return False

    def communes_with_units(self) -> list[Place]:
        """Return the communes that have a unit, for a page that lists its doors."""
        found = [a for a in self.areas.values() if a.level == "commune" and a.id in self._units]
        return [self._show(area) for area in sorted(found, key=lambda a: a.folded)]

    def _province_of(self, area: AreaRow) -> str:
        parent = self.areas.get(area.parent_id or "")
        return _bare(parent.folded) if parent else ""

    def _show(self, area: AreaRow) -> Place:
        parent = self.areas.get(area.parent_id or "")
        return Place(area.id, f"{area.name}, {parent.name}" if parent else area.name)


class Places:
    """The current snapshot; reads the database at most once a minute."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._snapshot: Snapshot | None = None
        self._read_at = 0.0

    @property
    def current(self) -> Snapshot:
        """The snapshot, refreshed when it is older than a minute."""
        now = self._intake.clock.monotonic()
        if self._snapshot is None or now - self._read_at > _REFRESH_SECONDS:
            self._snapshot, self._read_at = self._load(), now
        return self._snapshot

    def forget(self) -> None:
        """Read again at the next use."""
        self._snapshot = None

    def _load(self) -> Snapshot:
        today = self._intake.clock.today()
        with self._intake.read() as view:
            units = {unit.area_id: unit.id for unit in view.areas.units()}
            known = view.areas.posters()
            tops = (*view.areas.of_level("province"), *view.areas.of_level("commune"))
            # Of a hundred thousand neighbourhoods a resident can only come from one with a poster.
            near = view.areas.get_many({poster.area_id for poster in known}).values()
        posters = {p.code: p.area_id for p in known if p.ended_on is None}
        areas = [a for a in (*tops, *near) if a.valid_to is None or a.valid_to > today]
        return Snapshot(areas, units, posters)

    def find(self, typed: str) -> list[Place]:
        """Return the communes that ``typed`` may mean."""
        return self.current.find(typed)

    def get(self, area_id: str) -> Place | None:
        """Return one area as it is shown."""
        return self.current.place(area_id)

    def poster(self, code: str) -> str | None:
        """Return the area behind a poster's code."""
        return self.current.poster(code)


def _bare(folded: str) -> str:
    return _KIND_WORDS.sub("", folded)


def _same_marks(area: AreaRow, typed: str) -> bool:
    name = clean(typed.partition(",")[0]).casefold()
    full = clean(area.name).casefold()
    return name == full or (full.endswith(f" {name}") and _bare(fold(name)) == _bare(area.folded))
