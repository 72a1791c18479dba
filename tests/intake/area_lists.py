"""A province laid down, lists brought into it, and workbooks made for them."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest

from intake.country.area_import import BY_COMMAND, AreaImport
from intake.country.area_preview import Preview
from intake.country.areas import Areas
from intake.errors import NotValid
from intake.places import Places
from intake.service import Intake
from storage.areas import AreaRow
from storage.database import Database
from tests.clocks import FixedClock

HEAD = "ward_code,own_code,unit_name,kind,households,population,valid_from,valid_to,replaces"
WARD, OTHER = "00004", "00008"
GOOD = f"{WARD},01,Tổ 1,tổ dân phố,,,,,"
TODAY = date(2026, 3, 2)


class Town:
    """Hà Nội laid down, and the import over it."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.clock = clock
        self.intake = Intake(database, clock)
        places = Places(self.intake)
        self.areas = Areas(self.intake, places)
        self.imports = AreaImport(self.intake, places)
        self.areas.lay_country("01")

    def preview(self, *lines: str, head: str = HEAD, scope: str | None = None) -> Preview:
        return self.imports.preview("\n".join([head, *lines]).encode(), "to.csv", scope)

    def take(self, *lines: str) -> str:
        seen = self.preview(*lines)
        assert seen.errors == ()
        self.clock.advance(minutes=1)
        return self.imports.take(seen, BY_COMMAND)

    def rows(self) -> list[tuple[object, ...]]:
        """Everything that an import may touch."""
        with self.intake.read() as view:
            areas = view.areas.all()
            inside = view.organisations.inside(row.id for row in areas)
            return [*areas, *inside, *view.areas.links_from(row.id for row in areas)]

    def neighbourhoods(self) -> list[str]:
        with self.intake.read() as view:
            return [row.id for row in view.areas.all() if row.level == "neighbourhood"]

    def get(self, area_id: str) -> AreaRow:
        with self.intake.read() as view:
            row = view.areas.get(area_id)
        assert row is not None
        return row

    def only_fault(self, *lines: str, **more: Any) -> str:
        """Return the one fault of a list, after making sure that nothing of it is stored."""
        before, seen = self.rows(), self.preview(*lines, **more)
        with pytest.raises(NotValid):
            self.imports.take(seen, BY_COMMAND)
        assert self.rows() == before
        (fault,) = seen.errors
        return str(fault)


def workbook(*rows: tuple[object, ...], change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
