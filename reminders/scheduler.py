"""APScheduler as a clock that ticks, and nothing more.

What is due is read from the database at each tick: APScheduler drops a job that wakes late and
doubles one that two processes share (``architecture.md`` 5.5), so no job carries state here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs]

from intake.ports import VIETNAM
from reminders.housekeeping import Housekeeping
from reminders.sweep import Sweep


class Ticker:
    """Starts and stops the ticks of one process."""

    def __init__(self, housekeeping: Housekeeping, holder: str, sweep: Sweep) -> None:
        self._housekeeping = housekeeping
        self._sweep = sweep
        self._holder = holder
        self._scheduler: Any = AsyncIOScheduler(timezone=VIETNAM)

    def start(self) -> None:
        """Begin to tick."""
        keep = self._housekeeping
        self._every_minute("end-idle-sessions", keep.end_idle_sessions)
        self._every_minute("tell-of-answers", keep.tell_of_answers)
        self._every_minute("plan-nudges", self._plan_nudges)
        self._every_few_minutes("keep-periods", keep.keep_periods)
        self._every_hour("forget-what-is-past", keep.forget_what_is_past)
        self._every_few_minutes("watch-jobs", keep.watch)
        self._add("watch-jobs", keep.watch, id="first-look", trigger="date")  # at once
        # Nightly jobs have no tick of their own: whether one is due is read from its last success,
        # so a night that was missed is made up for, and a clock that was set back repeats nothing.
        self._scheduler.add_job(
            keep.nights, args=(self._holder,), id="nights", trigger="interval", seconds=60,
            coalesce=True, max_instances=1, misfire_grace_time=None,
        )  # fmt: skip
        self._scheduler.start()

    async def _plan_nudges(self) -> None:
        await asyncio.to_thread(self._sweep.run)

    def stop(self) -> None:
        """Stop ticking; jobs are cancelled, and what one does in a thread ends by itself."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _every_minute(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        self._add(name, job, trigger="interval", seconds=60)

    def _every_few_minutes(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        self._add(name, job, trigger="interval", seconds=300)

    def _every_hour(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        self._add(name, job, trigger="interval", seconds=3600)

    def _add(self, name: str, job: Callable[[], Awaitable[None]], **when: Any) -> None:
        once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler.add_job(
            self._housekeeping.run,
            args=(name, job, self._holder),
            **{"id": name, **once, **when},
        )
