"""Telegram keeps the channel port: the shared suite, over real HTTP and long polling."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.telegram import TelegramChannel
from bot.messages import Incoming, Kind
from tests.bot.channels.conformance import CHECKS, Check, Recorder, Seen
from tests.bot.telegram_rig import CHAT, channel_to
from tests.bot.telegram_server import TelegramServer
from tests.bot.telegram_shapes import chat_shape, now, person_shape
from tests.bot.timers import QuickTime

pytestmark = pytest.mark.anyio
GONE = 5_550_999


class TelegramRig:
    """A person on Telegram."""

    address = str(CHAT)
    gone_address = str(GONE)

    def __init__(self, server: TelegramServer, channel: TelegramChannel) -> None:
        self.channel = channel
        self._server = server
        self._recorder = Recorder()
        self._offset = 0
        self._last: list[object] = []
        self._last_message = 0
        server.blocked.add(GONE)

    async def says(self, text: str) -> list[Incoming]:
        self._last_message = self._server.says(CHAT, text)
        return await self._delivered()

    async def edits(self, text: str) -> list[Incoming]:
        self._server.edits(CHAT, self._last_message, text)
        return await self._delivered()

    async def repeats(self) -> list[Incoming]:
        return await self._take(self._last)

    async def taps(self, token: str) -> list[Incoming]:
        self._server.taps(CHAT, token)
        return await self._delivered()

    async def shows(self, picture: bytes) -> list[Incoming]:
        self._server.sends_photo(CHAT, picture)
        return await self._delivered()

    async def offers(self, kind: Kind, content: str) -> list[Incoming]:
        place = {"latitude": 21.03, "longitude": 105.85}
        parts: dict[Kind, dict[str, Any]] = {
            Kind.CONTACT: {"contact": {"phone_number": content, "first_name": content}},
            Kind.LOCATION: {"venue": {"location": place, "title": content, "address": content}},
            Kind.VOICE: {
                "voice": {
                    "file_id": "f",
                    "file_unique_id": "u",
                    "duration": 3,
                    "mime_type": content,
                }
            },
        }
        shape = {"chat": chat_shape(CHAT), "from": person_shape(CHAT), "date": now()}
        self._server.push({"message": {"message_id": 900, **shape, **parts[kind]}})
        return await self._delivered()

    def screen(self) -> list[Seen]:
        return [
            Seen(
                str(m.id),
                m.text,
                [(b["text"], b["callback_data"]) for b in m.buttons],
                m.file[1] if m.file else None,
            )
            for m in self._server.messages(CHAT)
        ]

    async def _delivered(self) -> list[Incoming]:
        self._last = await self.channel.updates(self._offset, 0)
        self._offset += len(self._last) + (1 if self._offset == 0 else 0)
        return await self._take(self._last)

    async def _take(self, updates: list[object]) -> list[Incoming]:
        for raw in updates:
            heard = self.channel.read(raw)
            assert heard is not None
            await self.channel.take(heard, self._recorder)
        return self._recorder.take()


@pytest.fixture
async def rig(server: TelegramServer) -> AsyncIterator[TelegramRig]:
    channel = channel_to(server, QuickTime())
    yield TelegramRig(server, channel)
    await channel.stop()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_telegram_keeps_the_port(rig: TelegramRig, check: Check) -> None:
    await check(rig)
