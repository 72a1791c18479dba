"""What every test gets: a clock that stands still, databases, and no way to the outside."""

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import settings

from tests.clocks import FixedClock

settings.register_profile("untimed", deadline=None)  # a loaded machine is slow, not wrong
settings.load_profile("untimed")
pytest_plugins = [
    "tests.databases", "tests.wards", "tests.running.fixtures", "tests.running.newcomers"
]  # fmt: skip


WHOLE = {"journeys", "promises"}
"""Folders of whole stories. The lines that they run through are covered by the tests of each part,
and counting them again takes minutes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count no lines in whole stories."""
    for item in items:
        if WHOLE & set(item.path.parts):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still until the test moves it."""
    return FixedClock()


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(autouse=True)
def no_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _loopback_only(getattr(socket.socket, name)))


def _loopback_only(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            raise AssertionError("a test tried to reach the outside")
        return connect(self, address)

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
