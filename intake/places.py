"""Which commune a resident means, and which unit's box stands there.

An immutable snapshot of areas, units and posters, reloaded every minute. A typed name is compared
folded, whole, and never guessed: several matches mean that the person is asked (``vietnam.md``
1.1), and so does a single one whose letters, marks or province are not those that were typed.
"""

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from intake.service import Intake
from intake.text import clean, fold
from storage.areas import AreaRow

_IN_ENGLISH = "(?:ward|commune|township|province|city)"
_KIND_WORDS = re.compile(
    r"^(?:xa|phuong|dac khu|thi tran|thi xa|tinh|thanh pho|tp|p|x|tt"
    rf"|{_IN_ENGLISH}(?: of)?)[. ]+(?=\S)"
)
_KIND_BEHIND = re.compile(rf"(?<=\S) {_IN_ENGLISH}(?=$|[ .,])", re.IGNORECASE)
"""As English has it: "Thuong Hong ward, Hung Yen province"."""
_REFRESH_SECONDS = 60.0
_MOST_OFFERED = 4
_LONGEST_TYPED = 200  # characters; longer is no name, and comparing it would hold everybody up


class Place(NamedTuple):
    """An area and how it is shown: "phường Thượng Hồng, Hưng Yên". ``near``: typed otherwise."""

    area_id: str
    label: str
    near: bool = False


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
        """Return the communes that ``typed`` may mean: one alone that is not near is certain."""
        if len(typed) > _LONGEST_TYPED:
            return []
        name, province = _parts(typed)
        named = self._named(fold(name), fold(province))
        exact = [a for a in named if _same_marks(a, name)]
        chosen = exact if len(exact) == 1 else named or self._nearly(fold(name), fold(province))
        near = all(_has_other_marks(area, name) for area in named)  # none is named: all are near
        chosen = sorted(
            chosen, key=lambda area: self.unit_for(area.id) is None
        )  # served ones first
        return [self._show(area)._replace(near=near) for area in chosen[:_MOST_OFFERED]]

    def _named(self, name: str, province: str) -> list[AreaRow]:
        matches = self._communes.get(_bare(name), [])
        if not matches:
            return self._with_province_at_end(_bare(name))
        return self._within(matches, province) if province else matches

    def _within(self, areas: list[AreaRow], province: str) -> list[AreaRow]:
        return [area for area in areas if self._province_of(area) == _bare(province)]

    def _with_province_at_end(self, name: str) -> list[AreaRow]:
        """Read "thuong hong hung yen": a whole commune name followed by its province."""
        words = name.split()
        for cut in range(len(words) - 1, 0, -1):
            province = _bare(" ".join(words[cut:]))
            matches = self._communes.get(" ".join(words[:cut]), [])
            found = self._within(matches, province)
            if found:
                return found
        return []

    def _nearly(self, name: str, province: str) -> list[AreaRow]:
        close = difflib.get_close_matches(_bare(name), self._communes, n=_MOST_OFFERED, cutoff=0.8)
        areas = [area for key in close for area in self._communes[key]]
        return self._within(areas, province) or areas

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


def _parts(typed: str) -> tuple[str, str]:
    """Return the commune's name and, behind the last comma, the province: "" when not said."""
    parts = (part.strip(" .") for part in _KIND_BEHIND.sub(",", clean(typed)).split(","))
    name, *rest = [part for part in parts if part] or [""]
    return name, rest[-1] if rest else ""


def _same_marks(area: AreaRow, typed: str) -> bool:
    name = typed.casefold()
    full = clean(area.name).casefold()
    return name == full or (full.endswith(f" {name}") and _bare(fold(name)) == _bare(area.folded))


def _has_other_marks(area: AreaRow, typed: str) -> bool:
    """Return whether ``typed`` bears a mark that the name does not, as "Hòa Mậu" for "Hoa Mẫu".

    Marks left out say nothing; the kind in front and a province behind are not looked at.
    """
    kind = len(fold(typed)) - len(_bare(fold(typed)))
    plain = _bare(area.folded).split()
    marked = area.name.split()[-len(plain) :]
    borne = zip(typed[kind:].split(), marked, plain, strict=False)
    return any(_letters(word) - _letters(own) - set(bare) for word, own, bare in borne)


def _letters(word: str) -> set[str]:
    """Return the letters and the marks apart: "hoà" and "hòa" are one."""
    return set(unicodedata.normalize("NFD", word.casefold()))
