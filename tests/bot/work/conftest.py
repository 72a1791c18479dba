"""Phones of leaders over a furnished ward."""

import pytest

from tests.bot.work_rig import Workday
from tests.wards import Ward


@pytest.fixture
def workday(ward: Ward) -> Workday:
    """A ward with leaders, on each kind of database."""
    return Workday(ward)
