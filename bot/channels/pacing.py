"""How fast a channel may send: answers before nudges, within a platform's limits.

Knows addresses for the seconds that its limits need them, in RAM only. It must never drop a turn:
whoever waits gets one, or is cancelled by its caller.
"""

import asyncio
import heapq
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timer:
    """Seconds that pass, and waiting for them: two things that a test replaces together.

    Not the ``Clock``: a platform's pace is the network's time, even where a test stops the clock.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages a second, and how many may go at once before the pace bites."""

    per_second: float
    burst: int

    @property
    def interval(self) -> float:
        """Seconds between two messages at full pace."""
        return 1 / self.per_second

    @property
    def slack(self) -> float:
        """How far ahead of the full pace a burst may run, in seconds."""
        return (self.burst - 1) * self.interval


PACE = Pace(25, 4)  # of one bot; Telegram allows about 30 messages a second
PACE_OF_ONE_CHAT = Pace(1, 6)  # Telegram: one a second, short bursts allowed


def growing_pauses(first: float = 1, most: float = 60) -> Iterator[float]:
    """Yield seconds to wait between tries, doubling up to ``most``, for ever."""
    pause = first
    while True:
        yield pause
        pause = min(most, pause * 2)


class Pacer:
    """Gives out turns to send, one at a time.

    Two paces hold: one for the whole bot and one for each address. ``hold`` is what a platform's
    "too many requests" adds: that address rests, and when a second one is told the same while the
    first rests, everybody does.
    """

    def __init__(
        self,
        timer: Timer,
        overall: Pace = PACE,
        each: Pace = PACE_OF_ONE_CHAT,
    ) -> None:
        self._timer = timer
        self._overall = overall
        self._each = each
        self._next = 0.0  # when the next message would go at full pace
        self._held_until = 0.0
        self._next_of: OrderedDict[str, float] = OrderedDict()
        self._held: dict[str, float] = {}
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0
        self._pump: asyncio.Task[None] | None = None

    async def turn(self, address: str, *, nudge: bool = False) -> None:
        """Wait until a message to ``address`` may leave; a ``nudge`` lets all answers go first."""
        pause = self._reserve(address)
        if pause > 0:
            await self._timer.sleep(pause)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._queue, (int(nudge), self._count, turn))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._give_turns())
        await turn

    def hold(self, address: str, seconds: float) -> None:
        """Let ``address`` rest; and everybody, when the platform has held another one too."""
        now = self._timer.now()
        self._held = {held: until for held, until in self._held.items() if until > now}
        if set(self._held) - {address}:
            self._held_until = max(self._held_until, now + seconds)
        self._held[address] = now + seconds

    async def stop(self) -> None:
        """Stop giving turns; whoever still waits is cancelled."""
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump
        for _, _, turn in self._queue:
            turn.cancel()
        self._queue.clear()

    def _reserve(self, address: str) -> float:
        """Book the address's next slot and return the seconds until it comes."""
        now = self._timer.now()
        self._forget_the_idle(now)
        due = max(now, self._next_of.pop(address, 0.0))
        at = max(now, due - self._each.slack, self._held.get(address, 0.0))
        self._next_of[address] = due + self._each.interval
        return at - now

    def _forget_the_idle(self, now: float) -> None:
        while self._next_of and next(iter(self._next_of.values())) <= now:
            self._next_of.popitem(last=False)

    async def _give_turns(self) -> None:
        while self._queue:
            now = self._timer.now()
            pause = max(self._next - self._overall.slack, self._held_until) - now
            if pause > 0:
                await self._timer.sleep(pause)
                continue
            _, _, turn = heapq.heappop(self._queue)
            if turn.cancelled():
                continue
            self._next = max(now, self._next) + self._overall.interval
            turn.set_result(None)
