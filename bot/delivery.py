"""What happens after the commit: send, remember what to delete, delete, and try again every minute.

A receipt counts as told only when the platform took every message of it; until then the minute job
tells it again, for as long as the session key lives. Nothing here may run before its step's commit.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.channels.base import AddressGone, Channel, MayHaveArrived
from bot.dialogue_rows import GRACE, Loaded, Row, RowBook, Word, dropping, place, putting
from bot.messages import Incoming, Outgoing
from bot.recent import Recent
from intake.errors import ChannelDown, TryLater
from intake.service import Intake
from storage.errors import Stale
from storage.unit_of_work import Tx

_MOST_TRIES = 5  # at deleting a chat's messages; some can never be deleted
_WRITES = 3
_TROUBLE_EVERY = timedelta(minutes=5)

log = logging.getLogger(__name__)
Change = Callable[[Loaded], tuple[Word, datetime]]
Errand = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, repr=False)
class Delivery:
    """What one committed step wants said, and what follows when it has been."""

    channel: str
    address: str
    messages: tuple[Outgoing, ...]
    receipt: bool = False  # a code that still has to reach its owner
    leaving: bool = False  # afterwards delete the chat's messages and forget it
    parted: str = ""  # where a dialogue that was left before waits for its messages to go
    unnoted: bool = False  # nothing of it is kept for deleting: a group, a leader's work
    gone: Callable[[Tx], None] | None = None  # what to write when nobody is there any more
    lost: Callable[[Tx], None] | None = None  # what to write when it has certainly not arrived


class Steps(Protocol):
    """The part of the dialogue that deliveries use."""

    @property
    def book(self) -> RowBook:
        """How rows are read and sealed."""
        ...

    @property
    def intake(self) -> Intake:
        """The way to the database."""
        ...

    @property
    def now(self) -> datetime:
        """The moment."""
        ...

    def lock(self, channel: str, address: str) -> asyncio.Lock:
        """Return the one lock of a chat."""
        ...


class Deliveries:
    """Sends what was committed, in order per chat."""

    def __init__(
        self,
        steps: Steps,
        channels: Mapping[str, Channel],
        draft_life: timedelta,
        recent: Recent,
    ) -> None:
        self._steps = steps
        self._recent = recent
        self._channels = channels
        self._draft_life = draft_life
        self._lines: dict[tuple[str, str], deque[Errand]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unwritten: dict[tuple[str, str], tuple[datetime, tuple[str, ...]]] = {}
        self._troubled: dict[tuple[str, str], datetime] = {}

    # --- sending ----------------------------------------------------------------------------------

    def chain(self, delivery: Delivery) -> None:
        """Send a delivery after everything that was chained for its chat before."""
        channel, address, apart = delivery.channel, delivery.address, delivery.parted
        self._append(channel, address, partial(self.deliver, delivery))
        if apart:
            self._clear_beside(channel, address, apart)

    def trouble(self, incoming: Incoming, message: Outgoing) -> None:
        """Say that nothing was kept; a platform that repeats itself is not answered each time."""
        who, now = (incoming.channel, incoming.address), self._steps.now
        if incoming.in_group or now < self._troubled.get(who, now):
            return
        self._troubled[who] = now + _TROUBLE_EVERY
        self._append(
            incoming.channel, incoming.address, partial(self._send_trouble, incoming, message)
        )

    def _append(self, channel: str, address: str, errand: Errand) -> None:
        """Stand in the chat's line; one task a chat goes through it, for as long as it is there."""
        who = (channel, address)
        if (line := self._lines.get(who)) is not None:
            line.append(errand)
            return
        self._lines[who] = deque([errand])
        task = asyncio.create_task(self._go_through(who))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _go_through(self, who: tuple[str, str]) -> None:
        line = self._lines[who]
        try:
            while line:
                try:
                    await line.popleft()()
                except Exception:  # a chat's next answers must not die with this one
                    log.exception("a delivery failed")
        finally:
            del self._lines[who]

    async def settle(self) -> None:
        """Wait until nothing is left to send."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def deliver(self, delivery: Delivery) -> bool:
        """Send the messages in order, then do what follows; whatever fails, a minute job finds.

        Returns:
            False when the platform could not be reached.
        """
        channel = self._channels[delivery.channel]
        told, ids, then = True, list[str](), None
        try:
            for message in delivery.messages:
                ids.append(await channel.send(delivery.address, message))
        except AddressGone:  # nothing can be told, and nothing needs to be
            then = delivery.gone
        except MayHaveArrived:
            told = False
        except ChannelDown:
            told, then = False, delivery.lost
        self._note(delivery, ids)
        try:
            if then is not None:
                await self._steps.intake.write(then)
            await self._follow(delivery, told=told)
        except TryLater:
            log.warning("a delivery could not be noted", extra={"channel": delivery.channel})
        return told

    async def _follow(self, delivery: Delivery, *, told: bool) -> None:
        if delivery.leaving:
            self._clear_beside(delivery.channel, delivery.address)
        elif delivery.receipt and told:
            await self._change(delivery.channel, delivery.address, self._told, receipt=True)
        elif any(message.private for message in delivery.messages):
            await self._change(delivery.channel, delivery.address, _as_it_is)

    async def _send_trouble(self, incoming: Incoming, message: Outgoing) -> None:
        try:
            await self._channels[incoming.channel].send(incoming.address, message)
        except ChannelDown:
            log.warning("trouble could not be told", extra={"channel": incoming.channel})

    # --- message ids that still have to be written down -------------------------------------------

    def _note(self, delivery: Delivery, ids: list[str]) -> None:
        if any(ids) and not delivery.leaving and not delivery.unnoted:
            who = (delivery.channel, delivery.address)
            known = self.unwritten(*who)
            self._unwritten[who] = self._steps.now, (*known, *filter(None, ids))

    def unwritten(self, channel: str, address: str) -> tuple[str, ...]:
        """Return the ids of messages that were sent since the row was last written."""
        sent = self._unwritten.get((channel, address))
        return sent[1] if sent else ()

    def written(self, channel: str, address: str) -> None:
        """Forget the ids that ``unwritten`` gave: they stand in the row now."""
        self._unwritten.pop((channel, address), None)

    def forget(self, now: datetime) -> None:
        """Forget addresses in RAM whose drafts are gone: RAM must not outlive the rows."""
        since = now - self._draft_life
        self._unwritten = {who: each for who, each in self._unwritten.items() if each[0] > since}
        self._troubled = {who: until for who, until in self._troubled.items() if until > now}

    # --- rows -------------------------------------------------------------------------------------

    async def _change(
        self, channel: str, address: str, change: Change, *, receipt: bool = False
    ) -> None:
        """Write the row again, with the ids of what was sent and with one more change.

        The chat may have been left while this was on its way: then what was sent is deleted too,
        here or by whoever is deleting already. So is a ``receipt`` that meets another dialogue.
        """
        async with self._steps.lock(channel, address):
            for _ in range(_WRITES):
                loaded = self._load(channel, address)
                if loaded.row is None or (receipt and loaded.word == "open"):
                    await self._take_back(channel, address)
                    return
                row = loaded.row.noting(self.unwritten(channel, address))
                word, until = (_as_it_is if row.leaving else change)(loaded)
                packed = self._steps.book.pack(loaded, row, word, until)
                if await self._write(putting(loaded, packed)):
                    self.written(channel, address)
                    return

    async def _take_back(self, channel: str, address: str) -> None:
        """Delete what was sent to a chat that is over; tried once, for nothing is known of it."""
        ids = self.unwritten(channel, address)
        self.written(channel, address)
        with suppress(ChannelDown):
            await self._channels[channel].delete(address, list(ids))

    def _told(self, loaded: Loaded) -> tuple[Word, datetime]:
        """Note that the code has reached its owner: from now on it is kept a short while only."""
        if loaded.word != "sent":
            return _as_it_is(loaded)
        return "told", self._steps.now + self._draft_life + GRACE

    async def clear(self, channel: str, address: str, apart: str = "") -> None:
        """Delete a left dialogue's messages, then forget it; the minute job tries again.

        ``apart``: its name, where another dialogue has begun in the chat since. The chat may go on
        while the platform deletes: whoever begins there parts the row, and it is not written here.
        """
        async with self._steps.lock(channel, place(address, apart)):
            loaded = self._load(channel, address, apart)
            row = loaded.row
            if row is None or not row.leaving or loaded.expires_at is None:
                return
            if not apart:  # what was still on its way when the chat was left has been sent by now
                row = row.noting(self.unwritten(channel, address))
        left = await self._left_of(row)
        if left:
            again = row.but(messages=left, tries=row.tries + 1)
            work = putting(loaded, self._steps.book.pack(loaded, again, "told", loaded.expires_at))
        else:
            work = dropping(loaded)
        async with self._steps.lock(channel, place(address, apart)):
            if await self._write(work) and not apart:
                self.written(channel, address)

    def _clear_beside(self, channel: str, address: str, apart: str = "") -> None:
        """Clear in a line of its own: no answer waits for it."""
        line = place(address, apart or "left")
        self._append(channel, line, partial(self._clear_if_it_can, channel, address, apart))

    async def _clear_if_it_can(self, channel: str, address: str, apart: str) -> None:
        with suppress(TryLater):  # the minute job comes back to it
            await self.clear(channel, address, apart)

    def _load(self, channel: str, address: str, apart: str = "") -> Loaded:
        """Read a row to write it: what was remembered of it will be true no more."""
        with self._steps.intake.read() as view:
            loaded = self._steps.book.load(view, channel, address, apart)
        self._recent.take(loaded.row_key, self._steps.now)
        return loaded

    async def _write(self, work: Callable[[Tx], object]) -> bool:
        """Write a row; False when somebody else has written since it was read."""
        try:
            await self._steps.intake.write(work)
        except Stale:
            return False
        return True

    async def _left_of(self, row: Row) -> tuple[str, ...]:
        """Delete a row's messages; return those that are worth another try."""
        channel, left = self._channels.get(row.channel), row.messages
        try:
            if channel is not None:
                left = tuple(await channel.delete(row.address, list(left)))
        except AddressGone:
            return ()
        except ChannelDown:
            pass
        return left if row.tries + 1 < _MOST_TRIES else ()


def _as_it_is(loaded: Loaded) -> tuple[Word, datetime]:
    assert loaded.expires_at is not None
    return loaded.word, loaded.expires_at
