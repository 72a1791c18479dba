"""The page of leaders over a furnished ward, and a browser that nobody has met."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.leaders_page import Browser, open_page
from tests.bot.resident import House, OpenWard
from tests.bot.work_rig import Workday


@pytest.fixture
def workday(new_ward: OpenWard) -> Workday:
    """A ward with leaders, on SQLite; coming and leaving run on each kind of database."""
    return Workday(new_ward())


@pytest.fixture
async def house(workday: Workday) -> AsyncIterator[House]:
    """The public app with the page of leaders."""
    async with open_page(workday) as house:
        yield house


@pytest.fixture
def browser(house: House) -> Browser:
    """A browser that nobody has met."""
    return Browser(house.client)
