"""The queue between the one that claims messages of a channel and the several that hand them over.

Lives in one process and is kept nowhere: what lies here is claimed, and nobody was asked to send it
yet. Claims nothing and sends nothing itself.
"""

import asyncio

from storage.nudges import NudgeRow

IN_FLIGHT = 8
"""Messages that one process hands over at a time; a crash costs those that a platform is asked to
take in that moment."""


class SendingDesk:
    """What one process has claimed of a channel and not handed over yet."""

    def __init__(self) -> None:
        self.waiting: asyncio.Queue[NudgeRow] = asyncio.Queue()
        self.idle = asyncio.Event()
        self._low = asyncio.Event()
        self._taken = 0
        self.idle.set()

    async def take(self) -> NudgeRow:
        """Wait for the next message and take it in hand."""
        row = await self.waiting.get()
        self._taken += 1
        self.idle.clear()
        if self.waiting.qsize() < IN_FLIGHT:
            self._low.set()
        return row

    def done(self) -> None:
        """Put one down."""
        self._taken -= 1
        if not self._taken:
            self.idle.set()

    async def runs_low(self) -> None:
        """Wait until it is time to fetch more."""
        while self.waiting.qsize() >= IN_FLIGHT:
            self._low.clear()
            await self._low.wait()

    def clear(self) -> list[NudgeRow]:
        """Return what nobody has in hand, and forget it."""
        return [self.waiting.get_nowait() for _ in range(self.waiting.qsize())]
