"""What the promises share: one mother of bot processes for a whole session."""

from collections.abc import Iterator

import pytest

from tests.promises.nursery import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """The mother of all bots; opened by whoever first wants to kill one."""
    opened = Nursery()
    yield opened
    opened.close()
