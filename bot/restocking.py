"""Keeps ready codes in stock: derived beside the loop, and not while a burst is served from it."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from intake import memory

_EVERY = 0.2  # seconds between two looks at a full stock
_BITE = 16  # codes between two looks at whether the process is to end
_REST = 3.0  # seconds after the last tip in which no code is derived, while the stock is not low

log = logging.getLogger(__name__)


class Stock(Protocol):
    """The part of a pool of codes that restocking uses."""

    taken: int

    @property
    def is_low(self) -> bool:
        """Whether a burst would soon have to derive its own."""
        ...

    def fill(self, most: int | None = None) -> bool:
        """Derive at most so many; return whether the stock is full."""
        ...


class Restocking:
    """Fills the stock, rests while tips come in, and fills it again afterwards."""

    def __init__(
        self,
        stock: Stock,
        *,
        every: float = _EVERY,
        rest: float = _REST,
        give_back: Callable[[], None] = memory.give_back,
    ) -> None:
        self._stock = stock
        self._every, self._rest = every, rest
        self._give_back = give_back
        self._taken = 0
        self._quiet_from = 0.0
        self._borrows = True  # at first the whole stock is derived

    async def run(self) -> None:
        """Go on until cancelled; what the deriving borrowed is given back once it is done."""
        while True:
            rests = self._rests()
            full = rests or await self._fill()
            if full and self._borrows and not rests:
                self._borrows = False
                await asyncio.to_thread(self._give_back)
            await asyncio.sleep(self._every if full else 0)

    def _rests(self) -> bool:
        now = asyncio.get_running_loop().time()
        if self._taken != self._stock.taken:  # as many are derived again
            self._taken = self._stock.taken
            self._borrows = True
            self._quiet_from = now + self._rest
        return now < self._quiet_from and not self._stock.is_low

    async def _fill(self) -> bool:
        try:
            return await asyncio.to_thread(self._stock.fill, _BITE)
        except Exception:  # a tip without a ready code derives its own
            log.exception("no codes could be made ready")
            return True
