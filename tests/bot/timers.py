"""Time for channels that passes only as far as somebody waits for it."""

import asyncio
import heapq
import itertools

from bot.channels.pacing import Timer


class QuickTime:
    """Every wait is over at once, and the time it would have taken has passed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self._waited = asyncio.Event()

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        self._waited.set()
        await asyncio.sleep(0)

    async def waited(self, times: int) -> None:
        """Return when somebody has waited so often."""
        while len(self.waits) < times:
            self._waited.clear()
            await self._waited.wait()

    @property
    def timer(self) -> Timer:
        return Timer(lambda: self.now, self._sleep)


class SlowTime:
    """Time stands still until the test lets it pass; whoever waits wakes in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    async def _sleep(self, seconds: float) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._count), done))
        await done

    @property
    def timer(self) -> Timer:
        return Timer(lambda: self.now, self._sleep)

    async def passes(self, seconds: float) -> None:
        """Let time pass, waking everybody whose time has come."""
        end = self.now + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, done = heapq.heappop(self._sleepers)
            self.now = max(self.now, at)
            if not done.done():
                done.set_result(None)
            await self.settle()
        self.now = end

    async def settle(self) -> None:
        """Let every task run that can."""
        for _ in range(30):
            await asyncio.sleep(0)
