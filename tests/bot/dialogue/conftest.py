"""Phones over a furnished ward."""

import pytest

from tests.bot.dialogue.page import Browser, FakePage
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


@pytest.fixture
def browser(household: Household) -> Browser:
    """One form in one browser."""
    dialogue = household.dialogue()
    dialogue.join(FakePage())
    return Browser(dialogue)
