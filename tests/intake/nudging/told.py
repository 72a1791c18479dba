"""A town in November, and the reader of what its levels are told."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.nudging.digests import AreaDigests, AreaNews
from intake.plans.programme_use import ProgrammeUses
from intake.settings import Settings, settings_from
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work_side import (
    NOVEMBER,
    PROVINCE,
    TEMPLATE,
    WARD,
    Town,
    at,
    furnish,
)

HANOI = "hanoi-265-2024"
UNITS_OF_WARD = (f"{WARD}-01", f"{WARD}-02", f"{WARD}-03")
DISTRICT = "ubnd-quan-huyen"


@dataclass
class Told:
    """A town, and the reader of its digests."""

    town: Town
    areas: AreaDigests

    def news(self, area_id: str, day: date) -> AreaNews:
        """What there is to tell of an area on a day."""
        clock = self.town.clock
        if clock.today() < day:
            clock.set(at(f"{day} 08:00:00"))
        with self.town.intake.read() as view:
            found = self.areas.news(view, area_id, day)
        assert found is not None
        return found

    def of(self, area_id: str, day: date, item: str) -> tuple[int, int, tuple[str, ...]] | None:
        """Met, expected and missing of one thing; None where it is not told."""
        for season, each in self.news(area_id, day).missing:
            if season.item == item:
                return each.met, each.expected, each.missing
        return None

    def ready(
        self, area_id: str, item: str, named_on: date, day: date
    ) -> tuple[tuple[int, int], tuple[str, ...]] | None:
        with self.town.intake.read() as view:
            return self.areas.ready(view, area_id, (HANOI, item), named_on, day)


def settings_of(folder: Path) -> Settings:
    return settings_from(
        state_dir=folder, demo=True, base_url="http://127.0.0.1:1", console_url="http://127.0.0.1:2"
    )


def november(database: Database, clock: FixedClock, tmp_path: Path) -> Told:
    clock.set(at("2026-11-01 08:00:00"))
    town = furnish(database, clock, tmp_path, neighbourhoods=3)
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    settings = settings_of(tmp_path)
    uses = ProgrammeUses(town.intake, settings)
    return Told(town, AreaDigests(town.intake, uses, settings, lambda _: 7))
