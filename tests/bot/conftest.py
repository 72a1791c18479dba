"""A furnished ward with its public app and a resident in front of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.bot.resident import House, OpenWard, Resident, open_house
from tests.clocks import FixedClock
from tests.wards import Template, Ward, open_ward


@pytest.fixture
def new_ward(
    furnished: Template, tmp_path: Path, sqlite_database: Database, clock: FixedClock
) -> OpenWard:
    """Opens a furnished installation on SQLite with some settings changed."""

    def make(**changes: object) -> Ward:
        return open_ward(furnished, tmp_path, sqlite_database, clock, **changes)

    return make


@pytest.fixture
async def house(new_ward: OpenWard) -> AsyncIterator[House]:
    """The public app over a furnished ward on SQLite."""
    async with open_house(new_ward()) as house:
        yield house


@pytest.fixture
def resident(house: House) -> Resident:
    """Somebody with a browser at the public app."""
    return house.resident()
