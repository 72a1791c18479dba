"""APScheduler as a clock that ticks, and nothing more.

What is due is read from the database at each tick: APScheduler drops a job that wakes late and
doubles one that two processes share (``architecture.md`` 5.5), so no job carries state here.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs]

from intake.ports import VIETNAM
from reminders.housekeeping import Housekeeping


class Ticker:
    """Starts and stops the ticks of one process."""

    def __init__(self, housekeeping: Housekeeping, holder: str) -> None:
        self._housekeeping = housekeeping
        self._holder = holder
        self._scheduler: Any = AsyncIOScheduler(timezone=VIETNAM)

    def start(self) -> None:
        """Begin to tick."""
        keep = self._housekeeping
        self._every_minute("end-idle-sessions", keep.end_idle_sessions)
        self._every_minute("tell-of-answers", keep.tell_of_answers)
        self._every_few_minutes("keep-periods", keep.keep_periods)
        self._nightly("forget-old-addresses", keep.forget_old_addresses, hour=0, minute=20)
        self._every_hour("forget-what-is-past", keep.forget_what_is_past)
        self._nightly("mix-arrivals", keep.mix_arrivals, hour=2, minute=10)
        self._nightly("vouch-for-audit", keep.vouch_for_audit, hour=3, minute=30)
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking; a job that runs finishes by itself."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _every_minute(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        self._add(name, job, trigger="interval", seconds=60)

    def _every_few_minutes(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        self._add(name, job, trigger="interval", seconds=300)

    def _every_hour(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        self._add(name, job, trigger="interval", seconds=3600)

    def _nightly(
        self, name: str, job: Callable[[], Awaitable[None]], *, hour: int, minute: int
    ) -> None:
        self._add(name, job, trigger="cron", hour=hour, minute=minute)

    def _add(self, name: str, job: Callable[[], Awaitable[None]], **when: Any) -> None:
        self._scheduler.add_job(
            self._housekeeping.run,
            args=(name, job, self._holder),
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            **when,
        )
