"""Lets the demo's days go by: the clock stops at the hours of reminders, and each is sent in turn.

Only ``homthu demo`` uses it. It sends what the outbox of a server would send, by the same acts, so
that a month on a slider leaves the same messages as a month.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Protocol

from intake.errors import HomThuError
from intake.plans.periods import local_day
from intake.ports import VIETNAM
from reminders.housekeeping import Housekeeping
from reminders.sending import Outbox
from reminders.sweep import Sweep

STOPS = (time(8, 1), time(14, 1), time(16, 1), time(18, 31))
MOST_DAYS = 31
_LOOK_EVERY = 1.0  # seconds between two looks while time goes by itself

log = logging.getLogger("homthu.nudges")


class MovableClock(Protocol):
    """A clock that can be moved on."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        ...

    def move_to(self, moment: datetime) -> None:
        """Move on to a moment."""
        ...


class DemoTime:
    """The demo's outbox, and its slider."""

    def __init__(
        self, clock: MovableClock, jobs: Housekeeping, sweep: Sweep, outbox: Outbox, channel: str
    ) -> None:
        self._clock = clock
        self._jobs = jobs
        self._sweep = sweep
        self._outbox = outbox
        self._channel = channel
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to send what waits."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop sending."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def now(self) -> datetime:
        """Return the moment of the demo."""
        return self._clock.now()

    async def go(self, days: int) -> datetime:
        """Let some days go by; return the moment afterwards.

        Raises:
            DatabaseBusy: the clock stands where that happened.
        """
        async with self._turn:
            end = self._clock.now() + timedelta(days=min(max(days, 0), MOST_DAYS))
            for stop in stops(self._clock.now(), end):
                self._clock.move_to(stop)
                await self._jobs.keep_periods()
                await asyncio.to_thread(self._sweep.run)
                await self._send()
            return self._clock.now()

    async def _send(self) -> None:
        while rows := await self._outbox.claim(self._channel):
            for row in rows:
                await self._outbox.deliver(row)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                async with self._turn:
                    await self._send()
            except HomThuError as error:
                log.warning("nudges wait for the database", extra={"code": error.code})
            except Exception:  # whatever one look brings, the next has its work too
                log.exception("nudges could not be sent")


def stops(begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the hours of reminders between two moments, then the end itself."""
    day, last = local_day(begin), local_day(end)
    while day <= last:
        for hour in STOPS:
            moment = datetime.combine(day, hour, VIETNAM)
            if begin < moment < end:
                yield moment
        day += timedelta(days=1)
    yield end
