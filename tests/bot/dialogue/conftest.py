"""Phones over a furnished ward."""

import pytest

from tests.bot.phones import Household, Phone
from tests.wards import Ward


@pytest.fixture
def household(ward: Ward) -> Household:
    """A ward with phones."""
    return Household(ward)


@pytest.fixture
def phone(household: Household) -> Phone:
    """One phone."""
    return household.phone()
