"""A furnished ward with its public app and a resident in front of it; Telegram and one bot."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.channels.telegram import TelegramChannel
from storage.database import Database
from tests.bot.resident import House, OpenWard, Resident, open_house
from tests.bot.telegram_rig import Ears, channel_to
from tests.bot.telegram_server import TelegramServer
from tests.bot.timers import QuickTime
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


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    """Telegram's stand-in."""
    with TelegramServer() as server:
        yield server


@pytest.fixture
def time() -> QuickTime:
    """Seconds that pass at once."""
    return QuickTime()


@pytest.fixture
async def channel(server: TelegramServer, time: QuickTime) -> AsyncIterator[TelegramChannel]:
    """One bot."""
    channel = channel_to(server, time)
    yield channel
    await channel.stop()


@pytest.fixture
def ears() -> Ears:
    """What listens to it."""
    return Ears()
