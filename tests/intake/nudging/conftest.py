"""A town in November whose levels are told something, on SQLite and on each kind of database."""

from pathlib import Path

import pytest

from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.nudging.told import Told, november


@pytest.fixture
def told(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> Told:
    """November with the monthly template everywhere; nobody has filed."""
    return november(sqlite_database, clock, tmp_path)


@pytest.fixture
def told_on_both(database: Database, clock: FixedClock, tmp_path: Path) -> Told:
    """The same, on each kind of database."""
    return november(database, clock, tmp_path)
