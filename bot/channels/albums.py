"""One question after an album, not one per photo.

Photos of one album arrive as separate messages without an end mark. Each joins the draft as it
comes; what the dialogue says to each is kept here until no photo has come for a while, and of the
same sentence only the last is sent. In RAM only, and never what repeats the words of a person.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.channels.pacing import Timer
from bot.messages import Outgoing
from intake.errors import ChannelDown

QUIET_SECONDS = 2.0


class _Album:
    """What waits for one address; ``until`` moves on with every photo."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.kept: dict[str, Outgoing] = {}
        self.timer: asyncio.Task[None] | None = None


class Albums:
    """Keeps back what is said while photos keep coming."""

    def __init__(self, timer: Timer, send: Callable[[str, Outgoing], Awaitable[object]]) -> None:
        self._timer = timer
        self._send = send
        self._albums: dict[str, _Album] = {}

    def photo_came(self, address: str) -> None:
        """Note one more photo of an album."""
        until = self._timer.now() + QUIET_SECONDS
        album = self._albums.get(address)
        if album is None:
            album = self._albums[address] = _Album(until)
            album.timer = asyncio.create_task(self._wait_for_quiet(address, album))
        album.until = until

    def something_else_came(self, address: str) -> None:
        """Note that the person went on: the album is over, the quiet need not be waited for."""
        if album := self._albums.get(address):
            album.until = self._timer.now()

    def keeps(self, address: str, message: Outgoing) -> bool:
        """Keep ``message`` while an album comes in; an earlier one of its kind is dropped.

        A private message is never kept: its id must be known as soon as it is sent.
        """
        album = self._albums.get(address)
        if album is None or message.private or album.until <= self._timer.now():
            return False
        album.kept.pop(message.key, None)  # the later one goes to the end of the line
        album.kept[message.key] = message
        return True

    async def flush(self, address: str) -> None:
        """Send what was kept for ``address``, before anything newer."""
        album = self._albums.pop(address, None)
        if album is None:
            return
        if album.timer is not None and album.timer is not asyncio.current_task():
            album.timer.cancel()
        for message in album.kept.values():
            # Lost when the platform is down: a prompt, and the next thing said brings the next one.
            with suppress(ChannelDown):
                await self._send(address, message)

    async def stop(self) -> None:
        """Send everything kept."""
        for address in tuple(self._albums):
            await self.flush(address)

    async def _wait_for_quiet(self, address: str, album: _Album) -> None:
        while (pause := album.until - self._timer.now()) > 0:
            await self._timer.sleep(pause)
        if self._albums.get(address) is album:
            await self.flush(address)
