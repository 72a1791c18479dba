"""Codes are derived ahead of need, not while tips come in, and what that borrowed is given back."""

import asyncio
from collections.abc import Callable

import pytest

from bot.restocking import Restocking

pytestmark = pytest.mark.anyio


class Shelf:
    """A stock that is full at ``size``; counts who derives and when."""

    def __init__(self, size: int = 40) -> None:
        self.taken = 0
        self.ready = 0
        self.size = size
        self.broken = 0

    @property
    def is_low(self) -> bool:
        return self.ready < self.size // 8

    def fill(self, most: int | None = None) -> bool:
        if self.broken:
            self.broken -= 1
            raise MemoryError
        self.ready = min(self.size, self.ready + (most or self.size))
        return self.ready == self.size

    def sells(self, number: int) -> None:
        self.taken += number
        self.ready -= number


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not seen():  # noqa: ASYNC110 - a thread derives
            await asyncio.sleep(0.002)


class Kept:
    """A shelf with somebody who keeps it full."""

    def __init__(self, shelf: Shelf, rest: float = 0.0) -> None:
        self.given_back = 0
        self._restocking = Restocking(shelf, every=0.001, rest=rest, give_back=self._count)

    def _count(self) -> None:
        self.given_back += 1

    async def __aenter__(self) -> "Kept":
        self._task = asyncio.create_task(self._restocking.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert not self._task.done()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_the_stock_is_filled_and_the_memory_given_back_once_each_time() -> None:
    shelf = Shelf()
    async with Kept(shelf) as kept:
        await until(lambda: kept.given_back == 1)
        assert shelf.ready == shelf.size
        await asyncio.sleep(0.05)
        assert kept.given_back == 1
        shelf.sells(3)
        await until(lambda: kept.given_back == 2)
        assert shelf.ready == shelf.size


async def test_a_large_part_of_the_stock_is_derived_again_bite_by_bite() -> None:
    shelf = Shelf()
    async with Kept(shelf) as kept:
        await until(lambda: kept.given_back == 1)
        shelf.sells(30)
        await until(lambda: kept.given_back == 2)
        assert shelf.ready == shelf.size


async def test_nothing_is_derived_while_tips_come_in_until_little_is_left() -> None:
    shelf = Shelf()
    async with Kept(shelf, rest=60) as kept:
        await until(lambda: kept.given_back == 1)
        shelf.sells(1)
        await asyncio.sleep(0.1)  # a look that had begun before may still fill
        left = shelf.ready - 20
        shelf.sells(20)
        await asyncio.sleep(0.05)
        assert shelf.ready == left
        shelf.sells(left - 2)
        await until(lambda: shelf.ready > 2)


async def test_the_stock_is_filled_again_when_it_has_been_quiet_for_a_while() -> None:
    shelf = Shelf()
    async with Kept(shelf, rest=0.05) as kept:
        await until(lambda: kept.given_back == 1)
        shelf.sells(20)
        await until(lambda: shelf.ready == shelf.size)


async def test_a_derivation_that_fails_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf()
    shelf.broken = 2
    async with Kept(shelf):
        await until(lambda: shelf.ready == shelf.size)
    assert "no codes could be made ready" in caplog.text
