"""Which messages stand in a chat: noted when sent, written into its row, deleted when it is left.

Until the row is written their ids wait in RAM, no longer than a draft would live. What cannot be
deleted at once the minute job tries again. Nothing here may run before its step's commit.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from bot.channels.base import AddressGone, Channel
from bot.dialogue_rows import GRACE, Loaded, Row, RowBook, Word, dropping, place, putting
from bot.recent import Recent
from intake.errors import ChannelDown
from intake.service import Intake
from storage.errors import Stale
from storage.unit_of_work import Tx

_MOST_TRIES = 5  # at deleting a chat's messages; some can never be deleted
_WRITES = 3


class Steps(Protocol):
    """The part of the dialogue that is used after its commits."""

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


class SentMessages:
    """Knows the messages of every chat until they are deleted, or forgotten with its row."""

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
        self._unwritten: dict[tuple[str, str], tuple[datetime, tuple[str, ...]]] = {}

    # --- message ids that still have to be written down -------------------------------------------

    def note(self, channel: str, address: str, ids: list[str]) -> None:
        """Note the ids of messages that were sent just now; "" is none."""
        known = self.unwritten(channel, address)
        self._unwritten[channel, address] = self._steps.now, (*known, *filter(None, ids))

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

    # --- rows -------------------------------------------------------------------------------------

    async def write_down(self, channel: str, address: str, *, receipt: bool = False) -> None:
        """Write the row again, with the ids of what was sent; a ``receipt`` counts as told then.

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
                word, until = (self._told if receipt and not row.leaving else _as_it_is)(loaded)
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
