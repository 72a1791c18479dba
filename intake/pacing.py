"""Lets answers leave at whole steps of time, so that how long one took tells nothing about it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

STEP = 0.05  # seconds
_NEAR = 0.01  # what is left to a thread, which wakes to a tenth of a millisecond


async def next_step(
    began: float,
    now: Callable[[], float],
    doze: Callable[[float], Awaitable[object]] = asyncio.sleep,
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """Return a whole number of steps after ``began``, in seconds of the clock ``now``.

    An event loop rounds a sleep up to its next millisecond: slept in one piece, a step would end
    by as much too late as what went before it says. So the loop only comes near (``doze``), and a
    thread waits for the moment (``wait``): for the next one, where a busy loop has missed it.
    """

    def left() -> float:
        return STEP - (now() - began) % STEP

    if (far := left() - _NEAR) > 0:
        await doze(far)
    await asyncio.to_thread(lambda: wait(left()))
