"""The jobs that keep promises in the background: forgetting, mixing, telling, vouching, periods.

Each job may run again at any time. It knows no scheduler. Which process runs
it is settled by a lease, and its last success is a row that ``homthu doctor`` reads.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from intake.audit import AuditSigner
from intake.errors import DatabaseBusy, TryLater
from intake.obligations import Obligations
from intake.people import TRIES_KEPT
from intake.programme_use import ProgrammeUses
from intake.relay import Notice, Relay
from intake.service import Intake
from intake.settings import Settings
from storage.unit_of_work import Tx

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
        self._uses = ProgrammeUses(intake, settings)
        self._obligations = Obligations(intake, self._uses)

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
        await asyncio.to_thread(self._keep_periods)

    def _keep_periods(self) -> None:
        self._uses.forget()  # the installation's own files may have changed
        self._obligations.open_period(self._intake.clock.today())
        self._obligations.close_due(self._intake.clock.now())

    async def vouch_for_audit(self) -> None:
        """Sign the head of the audit chain."""
        await asyncio.to_thread(self._signer.checkpoint)

    async def run(self, name: str, job: Callable[[], Awaitable[None]], holder: str) -> bool:
        """Run one job if this process holds its lease; note its success; never raise.

        Returns whether it ran. A failed job is logged by name and type only, and runs again at its
        next tick.
        """
        now = self._intake.clock.now()
        try:
            mine = await self._intake.write(lambda tx: tx.jobs.lease(name, holder, now, 55))
            if not mine:
                return False
            await job()
            done = self._intake.clock.now()
            await self._intake.write(lambda tx: tx.jobs.succeeded(name, done))
        except Exception as error:  # noqa: BLE001  a job must not end the process
            _log.error("job failed", extra={"job": name, "reason": type(error).__name__})
            return False
        return True
