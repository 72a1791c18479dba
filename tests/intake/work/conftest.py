"""A ward on the evening of 12 November."""

from pathlib import Path

import pytest

from intake.work.check_ins import Filer
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work.november import EVENING
from tests.intake.work_side import NOVEMBER, PROVINCE, TEMPLATE, Town, furnish


@pytest.fixture
def town(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    """November is open, and it is the evening of the 12th."""
    clock.set(EVENING)
    town = furnish(database, clock, tmp_path, neighbourhoods=3)
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    return town


@pytest.fixture
def leader(town: Town) -> Filer:
    """Who files."""
    return Filer.leader(town.leader)
