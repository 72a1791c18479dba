"""The dialogue's minute job: receipts that did not arrive, codes that were told, old drafts.

One process at a time does it, by lease. It also turns the session key once a day, which is what
ends the life of everything that names a reporter. It must never keep a row longer than its sentence
says.
"""

import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from bot.channels.base import Channel
from bot.delivery import Deliveries, Delivery
from bot.dialogue_rows import GRACE, LIFE_OF_KEY, Row
from bot.flows.base import Chose, Heard
from bot.sent_messages import SentMessages, Steps
from intake.errors import TryLater
from intake.vault.drafts import SessionKeys
from storage.drafts import DraftRow
from storage.errors import Stale
from storage.unit_of_work import Tx

LEASE = "dialogue"
_LEASE_SECONDS = 90.0
_AT_ONCE = 100  # rows looked at in one minute
_RETRY_AFTER = timedelta(minutes=1)  # what was sent just now may still be on its way
_MOST_FAILURES = 3  # of one platform in one minute; a single chat may fail for reasons of its own

log = logging.getLogger(__name__)


class Nudging(Steps, Protocol):
    """The part of the dialogue that the minute job uses."""

    async def nudge(self, row: Row, word: str, heard: Heard | None) -> Delivery | None:
        """Take a step that nobody asked for, under the chat's lock."""
        ...


class Sweeper:
    """Does the minute's work."""

    def __init__(
        self,
        steps: Nudging,
        keys: SessionKeys,
        deliveries: Deliveries,
        sent: SentMessages,
        channels: Mapping[str, Channel],
    ) -> None:
        self._steps = steps
        self._keys = keys
        self._deliveries = deliveries
        self._sent = sent
        self._channels = channels
        self._holder = secrets.token_hex(8)

    async def sweep(self) -> bool:
        """Do the minute's work; False while another process has the lease.

        Raises:
            TryLater: the database cannot serve now; the next minute will.
        """
        now = self._steps.now
        self._keys.reload_if_changed()
        self._deliveries.forget(now)
        self._sent.forget(now)
        if not await self._steps.intake.write(self._lease(now)):
            return False
        if self._keys.due(now):
            self._keys.rotate(now)
        await self._each("sent", now, self._tell_again)
        await self._each("told", now, self._wipe)
        await self._steps.intake.write(_expire(now))
        return True

    def _lease(self, now: datetime) -> Callable[[Tx], bool]:
        def work(tx: Tx) -> bool:
            return tx.jobs.lease(LEASE, self._holder, now, _LEASE_SECONDS)

        return work

    async def _each(
        self, word: str, now: datetime, act: Callable[[Row, DraftRow], Awaitable[bool]]
    ) -> None:
        """Do something about each waiting row, in any order.

        One failure stops none. A platform that fails again and again is left alone until the next
        minute; the order is random, so that no chat that always fails stands before all others.
        """
        with self._steps.intake.read() as view:
            waiting = view.drafts.waiting(word, now, _AT_ONCE)
        failures: Counter[str] = Counter()
        secrets.SystemRandom().shuffle(waiting)
        for stored in waiting:
            row = self._steps.book.read(stored)
            if row is None or row.channel not in self._channels:
                continue
            if failures[row.channel] >= _MOST_FAILURES:
                continue
            try:
                failures[row.channel] += not await act(row, stored)
            except (TryLater, Stale):  # the database, or another process that was faster
                log.warning("a row has to wait for the next minute", extra={"channel": row.channel})

    async def _tell_again(self, row: Row, stored: DraftRow) -> bool:
        """Send a receipt again that no platform has taken yet."""
        sent_at = stored.expires_at - LIFE_OF_KEY
        return self._steps.now - sent_at < _RETRY_AFTER or await self._nudge(row, "sent", None)

    async def _wipe(self, row: Row, stored: DraftRow) -> bool:
        """Do what [Đã chép xong] does, when its time has come; and finish what was begun."""
        if stored.expires_at - GRACE > self._steps.now:
            return True
        if not row.leaving:
            return await self._nudge(row, "told", Chose("da_chep"))
        await self._sent.clear(row.channel, row.address, row.apart)
        return True

    async def _nudge(self, row: Row, word: str, heard: Heard | None) -> bool:
        async with self._steps.lock(row.channel, row.address):
            delivery = await self._steps.nudge(row, word, heard)
        return delivery is None or await self._deliveries.deliver(delivery)


def _expire(now: datetime) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        tx.jobs.succeeded(LEASE, now)  # the doctor and the alarms look for it
        return tx.drafts.sweep(now)

    return work
