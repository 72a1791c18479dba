"""Phones of leaders over a furnished ward."""

import pytest

from tests.bot.telling import Teller
from tests.bot.work_rig import Workday
from tests.wards import Ward


@pytest.fixture
def workday(ward: Ward) -> Workday:
    """A ward with leaders, on each kind of database."""
    return Workday(ward)


@pytest.fixture
async def teller(workday: Workday) -> Teller:
    """A leader who enrolled an hour ago."""
    phone = await workday.enrolled()
    teller = Teller(workday, phone)
    teller.later(hours=1)
    return teller
