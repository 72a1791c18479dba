"""The jobs that keep promises in the background: forgetting, mixing, telling, vouching, periods.

Each job may run again at any time. It knows no scheduler. Which process runs
it is settled by a lease, and its last success is a row that ``homthu doctor`` reads.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from intake.audit import AuditSigner
from intake.errors import DatabaseBusy, HomThuError, TryLater
from intake.relay import Notice, Relay
from intake.service import Intake
from intake.settings import Settings
from intake.sign_ins import TRIES_KEPT
from intake.upkeep.backups import Backups
from intake.upkeep.jobs import Job, expected, job_named
from intake.upkeep.period_keeper import PeriodKeeper
from intake.upkeep.retention import Retention
from reminders.alarms import Alarms
from storage.unit_of_work import Tx

_LEASE = 55  # seconds
_TRY_AGAIN = 1800.0  # seconds after a nightly job began and did not succeed
_PRUNE_EVERY = 3600.0  # seconds
_HANGS = timedelta(hours=36)
_CALLS_KEPT = timedelta(days=1)
_log = logging.getLogger("homthu.housekeeping")


class Messenger(Protocol):
    """Hands one content-free notice to a person on some channel."""

    async def tell(self, channel: str, address: str) -> bool:
        """Send the notice; False when the person has left or blocked the bot.

        Raises:
            TryLater: not delivered; try again later.
        """
        ...

    async def alarm(self, channel: str, address: str) -> bool:
        """Tell an administrator that the machine needs a look; as `tell` otherwise."""
        ...


class Housekeeping:
    """The jobs of one installation."""

    def __init__(
        self,
        intake: Intake,
        settings: Settings,
        signer: AuditSigner,
        relay: Relay,
        messenger: Messenger,
    ) -> None:
        self._intake = intake
        self._settings = settings
        self._signer = signer
        self._relay = relay
        self._messenger = messenger
        self._periods = PeriodKeeper(intake, settings)
        self._retention = Retention(intake, settings)
        folder = settings.backup_dir
        self._backups = Backups(intake, settings, folder) if folder else None
        self._jobs = expected(settings)
        self._alarms = Alarms(intake, self._jobs, messenger)
        self._tried: dict[str, float] = {}
        self._pruned: float | None = None
        self._nightly: Mapping[str, Callable[[], Awaitable[None]]] = {
            "forget-old-addresses": self.forget_old_addresses,
            "erase-what-is-due": self.erase_what_is_due,
            "mix-arrivals": self.mix_arrivals,
            "vouch-for-audit": self.vouch_for_audit,
            "back-up": self.back_up,
            "compact": self.compact,
        }

    async def end_idle_sessions(self) -> None:
        """Delete officers' sessions that are idle or old: with the row goes the copy of the key."""
        now = self._intake.clock.now()
        idle = now - timedelta(minutes=self._settings.session_idle_minutes)
        opened = now - timedelta(hours=self._settings.session_hours)
        await self._intake.write(lambda tx: tx.officers.drop_idle_sessions(idle, opened))

    async def tell_of_answers(self) -> None:
        """Honour stop requests first, then send the notices that are due."""
        await asyncio.to_thread(self._relay.honour_stops)
        for notice in await asyncio.to_thread(self._relay.due):
            # Telling takes a while, and somebody may say stop meanwhile.
            await asyncio.to_thread(self._relay.honour_stops)
            if await asyncio.to_thread(self._relay.is_kept, notice):
                await self._tell(notice)

    async def _tell(self, notice: Notice) -> None:
        try:
            reached = await self._messenger.tell(notice.channel, notice.address)
        except TryLater:
            return  # still due: the next tick tries again
        await asyncio.to_thread(self._relay.told if reached else self._relay.gone, notice)

    async def mix_arrivals(self) -> None:
        """Rewrite the rows that reporters caused against the order in which they came."""
        done = await asyncio.to_thread(self._intake.database.rewrite_day)
        if not done.clean:
            raise DatabaseBusy("readers kept old pages alive: the rewrite runs again")

    async def forget_old_addresses(self) -> None:
        """Drop push addresses past their last day."""
        today = self._intake.clock.today()
        await self._intake.write(lambda tx: tx.pushes.expire(today))

    async def forget_what_is_past(self) -> None:
        """Drop page calls older than a day, expired one-time links and old failed sign-ins."""
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            tx.pushes.drop_calls(now - _CALLS_KEPT)
            tx.officers.drop_invites(now)
            tx.officers.drop_tries(now - TRIES_KEPT)

        await self._intake.write(work)

    async def keep_periods(self) -> None:
        """Open what is owed in the periods of today, and freeze the periods that are over."""
        await asyncio.to_thread(self._periods.keep)

    async def erase_what_is_due(self) -> None:
        """Erase tips, pictures, names and reminders that are past their time."""
        await asyncio.to_thread(self._retention.erase)

    async def compact(self) -> None:
        """Forget keys that open nothing any more, and give the database's free pages back."""
        await asyncio.to_thread(self._retention.forget_dead_keys)
        await asyncio.to_thread(self._intake.database.vacuum)

    async def back_up(self) -> None:
        """Make tonight's sealed backup, and delete what is too old."""
        if self._backups is not None:
            await asyncio.to_thread(self._backups.take)

    async def vouch_for_audit(self) -> None:
        """Sign the head of the audit chain."""
        await asyncio.to_thread(self._signer.checkpoint)

    async def nights(self, holder: str) -> None:
        """Run the nightly and weekly jobs that are due, one after another, in their order."""
        await self._prune_backups()
        for job in self._jobs:
            work = self._nightly.get(job.name)
            if work is not None and await self._is_due(job):
                self._tried[job.name] = self._intake.clock.monotonic()
                await self.run(job.name, work, holder)

    async def _prune_backups(self) -> None:
        """Delete old backups here, whoever leads: each host may have a folder of its own."""
        now = self._intake.clock.monotonic()
        recent = self._pruned is not None and now - self._pruned < _PRUNE_EVERY
        if self._backups is None or recent:
            return
        self._pruned = now
        try:
            await asyncio.to_thread(self._backups.prune)
        except OSError as error:
            _log.error("old backups stay", extra={"reason": type(error).__name__})

    async def _is_due(self, job: Job) -> bool:
        """Return whether a job has not succeeded since it was due, and was not tried just now."""
        now, tried = self._intake.clock.now(), self._tried.get(job.name)
        if tried is not None and self._intake.clock.monotonic() - tried < _TRY_AGAIN:
            return False
        due = job.last_due(now)
        if due is None or not job.may_begin(now):
            return False
        try:
            with self._intake.read() as view:
                last = view.jobs.last(job.name)
        except TryLater:
            return False
        return last is None or not due <= last <= now

    async def watch(self) -> None:
        """Tell an administrator, once, of a job that did not succeed in its time."""
        await self._alarms.watch()

    async def run(self, name: str, job: Callable[[], Awaitable[None]], holder: str) -> bool:
        """Run one job if this process holds its lease; note how it went; never raise.

        Returns whether it succeeded. A failed job is logged by name and type only, and runs again
        at its next tick. The lease is renewed while the job runs, as long as its limit is: a job
        that hangs is another process's then.
        """
        try:
            if not await self._lease(name, holder):
                return False
            renewing = asyncio.create_task(self._renew(name, holder))
            try:
                await job()
            finally:
                renewing.cancel()
            done = self._intake.clock.now()
            await self._intake.write(lambda tx: tx.jobs.succeeded(name, done))
        except Exception as error:  # noqa: BLE001  a job must not end the process
            _log.error("job failed", extra={"job": name, "reason": type(error).__name__})
            return False
        return True

    async def _lease(self, name: str, holder: str) -> bool:
        now = self._intake.clock.now()
        return await self._intake.write(lambda tx: tx.jobs.lease(name, holder, now, _LEASE))

    async def _renew(self, name: str, holder: str) -> None:
        clock, job = self._intake.clock, job_named(name)
        begun, limit = clock.monotonic(), (job.limit if job else _HANGS).total_seconds()
        while True:
            await asyncio.sleep(_LEASE / 3)
            if clock.monotonic() - begun > limit:
                return
            with suppress(HomThuError):
                await self._lease(name, holder)
