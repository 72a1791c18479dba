"""Asks Telegram for updates, where no address of ours can be reached from outside.

The offset, which is how an update is acknowledged, moves past an update only after the dialogue has
committed it; whatever was not kept comes again with the next question. Order holds within a chat;
chats do not wait for each other. Of several processes one asks at a time: two that ask with one
token are both refused by Telegram. Nothing of an update is logged.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from typing import TypeVar, cast

from bot.channels.pacing import Timer, growing_pauses
from bot.channels.telegram import Listener, TelegramChannel
from bot.channels.telegram_codec import Heard
from bot.leading import Lead
from intake.errors import ChannelDown, TryLater

LONG_POLL_SECONDS = 30
_CHATS_AT_ONCE = 16
_MOST_TRIES = 5
_STANDBY_SECONDS = 5.0

log = logging.getLogger(__name__)
T = TypeVar("T")


class Poller:
    """Brings updates to the dialogue until it is stopped."""

    def __init__(
        self,
        channel: TelegramChannel,
        dialogue: Listener,
        *,
        lead: Lead | None = None,
        seconds: int = LONG_POLL_SECONDS,
        timer: Timer | None = None,
    ) -> None:
        self._channel = channel
        self._dialogue = dialogue
        self._lead = lead
        self._seconds = seconds
        self._timer = timer or Timer()
        self._offset = 0
        self._waiting: asyncio.Task[object] | None = None
        self._stopping = False
        self._stopped = asyncio.Event()
        self._stopped.set()
        self._turns = asyncio.Semaphore(_CHATS_AT_ONCE)
        self._tries: dict[int, int] = {}
        self.given_up = 0
        """Updates that a fault of ours kept from ever being answered."""

    async def run(self) -> None:
        """Poll until ``stop``; an unreachable Telegram or a busy database is waited for."""
        self._stopping = False
        self._stopped.clear()
        pauses = growing_pauses()
        try:
            while not self._stopping:
                if not await self._leads():
                    await self._interruptible(self._rest(_STANDBY_SECONDS))
                elif await self._round():
                    pauses = growing_pauses()
                else:
                    await self._interruptible(self._rest(next(pauses)))
        finally:
            self._stopped.set()

    async def stop(self) -> None:
        """Stop asking, finish what is in hand, and tell Telegram how far we came."""
        self._stopping = True
        if self._waiting is not None:
            self._waiting.cancel()
        await self._stopped.wait()
        if self._offset and await self._leads():
            with suppress(ChannelDown):
                await self._channel.updates(self._offset, seconds=0, limit=1)
        if self._lead is not None:
            with suppress(TryLater):
                await self._lead.give_up()

    async def _leads(self) -> bool:
        """Return whether this process is the one that asks; nobody without a database is."""
        try:
            return self._lead is None or await self._lead.take()
        except TryLater:
            return False

    async def _round(self) -> bool:
        """Ask once and take what came; False when something has to be waited for."""
        try:
            batch = await self._interruptible(self._channel.updates(self._offset, self._seconds))
        except ChannelDown:
            return False
        except Exception:  # whatever Telegram answers, the next question must be asked
            log.exception("asking for updates failed")
            return False
        if batch is None:
            return True
        return await self._take(batch)

    async def _take(self, batch: list[object]) -> bool:
        """Have every update taken, and move the offset up to the first that was not kept."""
        numbered = list(_numbered(batch))
        if not numbered:
            return True
        chats: dict[str, list[tuple[int, Heard]]] = {}
        for number, raw in numbered:
            if (heard := self._channel.read(raw)) is not None:
                chats.setdefault(heard.incoming.address, []).append((number, heard))
        failed = await asyncio.gather(*(self._take_chat(updates) for updates in chats.values()))
        left = [number for number in failed if number is not None]
        self._offset = min(left) if left else max(number for number, _ in numbered) + 1
        return not left

    async def _take_chat(self, updates: list[tuple[int, Heard]]) -> int | None:
        """Take one chat's updates in order; return the first that has to come again."""
        async with self._turns:
            for number, heard in updates:
                if not await self._take_one(number, heard):
                    return number
        return None

    async def _take_one(self, number: int, heard: Heard) -> bool:
        try:
            await self._channel.take(heard, self._dialogue)
        except TryLater as error:
            log.warning(
                "an update was not kept and will be asked for again", extra={"code": error.code}
            )
            return False
        except Exception:
            log.exception("a step failed")
            return self._is_hopeless(number)
        self._tries.pop(number, None)
        return True

    def _is_hopeless(self, number: int) -> bool:
        """Return True after several faults of ours on one update, or it would block all others."""
        self._tries[number] = self._tries.get(number, 0) + 1
        if self._tries[number] < _MOST_TRIES:
            return False
        del self._tries[number]
        self.given_up += 1
        log.error("an update was given up", extra={"count": self.given_up})
        return True

    async def _rest(self, seconds: float) -> None:
        await self._timer.sleep(seconds)

    async def _interruptible(self, work: Coroutine[object, object, T]) -> T | None:
        """Return what ``work`` returns; None when ``stop`` cut it short."""
        task = asyncio.create_task(work)
        self._waiting = cast("asyncio.Task[object]", task)
        try:
            return await task
        except asyncio.CancelledError:
            if self._stopping and task.cancelled():
                return None
            task.cancel()
            raise
        finally:
            self._waiting = None


def _numbered(batch: list[object]) -> Iterator[tuple[int, object]]:
    """Yield every update with its number; what has none cannot be acknowledged or answered."""
    for raw in batch:
        if isinstance(raw, dict):
            number = cast("dict[str, object]", raw).get("update_id")
            if isinstance(number, int):
                yield number, raw
