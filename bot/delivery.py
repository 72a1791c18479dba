"""What happens after the commit: send, in order per chat, and have it noted (`bot.sent_messages`).

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

from bot.channels.base import AddressGone, Channel, MayHaveArrived
from bot.dialogue_rows import place
from bot.messages import Incoming, Outgoing
from bot.sent_messages import SentMessages, Steps
from intake.errors import ChannelDown, TryLater
from storage.unit_of_work import Tx

_TROUBLE_EVERY = timedelta(minutes=5)

log = logging.getLogger(__name__)


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


Errand = Delivery | Callable[[], Awaitable[object]]


class Deliveries:
    """Sends what was committed, in order per chat."""

    def __init__(self, steps: Steps, channels: Mapping[str, Channel], sent: SentMessages) -> None:
        self._steps = steps
        self._channels = channels
        self._sent = sent
        self._lines: dict[tuple[str, str], deque[Errand]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._troubled: dict[tuple[str, str], datetime] = {}

    # --- sending ----------------------------------------------------------------------------------

    def chain(self, delivery: Delivery) -> None:
        """Send a delivery after everything that was chained for its chat before."""
        channel, address, apart = delivery.channel, delivery.address, delivery.parted
        self._append(channel, address, delivery)
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
                errand = line.popleft()
                try:
                    await (self.deliver(errand) if isinstance(errand, Delivery) else errand())
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
        if any(ids) and not delivery.leaving and not delivery.unnoted:
            self._sent.note(delivery.channel, delivery.address, ids)
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
            await self._sent.write_down(delivery.channel, delivery.address, receipt=True)
        elif any(message.private for message in delivery.messages):
            await self._sent.write_down(delivery.channel, delivery.address)

    async def _send_trouble(self, incoming: Incoming, message: Outgoing) -> None:
        try:
            await self._channels[incoming.channel].send(incoming.address, message)
        except ChannelDown:
            log.warning("trouble could not be told", extra={"channel": incoming.channel})

    def _clear_beside(self, channel: str, address: str, apart: str = "") -> None:
        """Clear in a line of its own: no answer waits for it."""
        line = place(address, apart or "left")
        self._append(channel, line, partial(self._clear_if_it_can, channel, address, apart))

    async def _clear_if_it_can(self, channel: str, address: str, apart: str) -> None:
        with suppress(TryLater):  # the minute job comes back to it
            await self._sent.clear(channel, address, apart)

    def forget(self, now: datetime) -> None:
        """Forget in RAM whom trouble was told to long ago."""
        self._troubled = {who: until for who, until in self._troubled.items() if until > now}
