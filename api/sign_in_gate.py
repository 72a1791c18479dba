"""Slows sign-ins that come thick from one source; never locks anybody out.

A source that tries too often waits before each try, and may have only a few tries waiting at once,
so it cannot crowd out an officer elsewhere. Sign-ins have threads of their own: 256 MiB of key
derivation must not starve the desk. Sources are daily pseudonyms in RAM (``intake.limits``).
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from intake.limits import Buckets, Slow

T = TypeVar("T")

_THREADS = 8
_MOST_WAITING = 4
_WAIT_SECONDS = 4.0


class SignInGate:
    """Lets sign-ins through, a few at a time."""

    def __init__(
        self, buckets: Buckets, pause: Callable[[float], Awaitable[object]] = anyio.sleep
    ) -> None:
        self._buckets = buckets
        self._pause = pause
        self._waiting: Counter[str] = Counter()
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, source: str, work: Callable[[], T]) -> T:
        """Run one sign-in from ``source`` in a thread of its own.

        Raises:
            Slow: this source has several tries waiting already.
        """
        if self._waiting[source] >= _MOST_WAITING:
            raise Slow(1)
        self._waiting[source] += 1
        try:
            await self._slow_down(source)
            return await anyio.to_thread.run_sync(work, limiter=self._threads())
        finally:
            self._waiting[source] -= 1
            if not self._waiting[source]:
                del self._waiting[source]

    async def _slow_down(self, source: str) -> None:
        try:
            self._buckets.take("sign_in", source)
        except Slow:
            await self._pause(_WAIT_SECONDS)

    def _threads(self) -> anyio.CapacityLimiter:
        # Made on first use: a limiter belongs to the event loop that runs it.
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_THREADS)
        return self._limiter
