"""What a list would do, as it is shown before it is taken: each line, and the whole.

Shapes alone. ``intake.country.area_import`` makes a preview and takes it; what was previewed is
what is laid down, and nothing is judged here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from intake.country.area_files import Fault
from intake.country.area_judge import Planned
from intake.country.area_leaders import Led
from intake.country.area_rows import Entry
from storage.areas import AreaRow


class PreviewRow(NamedTuple):
    """What one line would do, as it is shown."""

    line: int
    act: str  # add, change, end, same
    owner_id: str
    kind: str
    name: str
    parent_id: str
    households: int | None
    population: int | None
    valid_from: date
    valid_to: date | None
    ends: tuple[str, ...]
    leader: str = ""
    """Who becomes head: "bác Nguyễn Văn Hòa"; "" where nothing changes there."""
    is_new: bool = False
    """Whether that person is made."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do; ``errors`` stop it, ``doubts`` and ``notes`` do not."""

    file: str
    digest: bytes
    errors: tuple[Fault, ...]
    doubts: tuple[Fault, ...]
    notes: tuple[str, ...]
    counts: Mapping[str, int]
    scope: str | None
    entries: tuple[Entry, ...] = field(repr=False)
    planned: tuple[Planned, ...] = field(repr=False)
    led: tuple[Led, ...] = field(repr=False)
    seen: bytes = field(repr=False)  # what it was judged against

    @property
    def may_be_taken(self) -> bool:
        """Whether nothing is wrong and something would change."""
        return not self.errors and any(n for act, n in self.counts.items() if act != "same")

    @property
    def rows(self) -> tuple[PreviewRow, ...]:
        """What each line would do, in the order of the lines."""
        heads_by_line = {each.line: each for each in self.led}
        return tuple(_shown(one, heads_by_line.get(one.line)) for one in self.planned)


def _shown(one: Planned, led: Led | None) -> PreviewRow:
    row = one.row
    sizes = (row.households, row.population) if isinstance(row, AreaRow) else (None, None)
    above = (row.parent_id or "") if isinstance(row, AreaRow) else row.area_id
    return PreviewRow(
        one.line, one.act, row.id, row.kind, row.name, above, *sizes, row.valid_from, row.valid_to,
        one.ends, f"{led.leader.address_as} {led.leader.name}" if led else "",
        is_new=led is not None and led.is_new,
    )  # fmt: skip
