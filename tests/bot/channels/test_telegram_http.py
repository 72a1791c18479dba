"""The HTTP client of one bot: what it does with a crowd."""

import asyncio
from typing import Any

import pytest
from telegram.error import TimedOut
from telegram.request import HTTPXRequest

from bot.channels import telegram_http
from bot.channels.telegram_http import BotRequest, may_have_arrived

pytestmark = pytest.mark.anyio


class Crowd:
    """Stands for the library's client: counts who is with it at a time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here = self.most = self.served = 0
        self.open = asyncio.Event()
        monkeypatch.setattr(HTTPXRequest, "do_request", self.do_request)

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:
        self.here += 1
        self.most = max(self.most, self.here)
        await self.open.wait()
        self.here, self.served = self.here - 1, self.served + 1
        return 200, b"{}"


async def test_however_many_wait_the_library_sees_as_many_as_it_has_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crowd, client = Crowd(monkeypatch), BotRequest(proxy=None, connections=3)
    calls = [asyncio.create_task(client.do_request("url", "POST")) for _ in range(50)]
    await asyncio.sleep(0.01)
    assert crowd.here == 3
    crowd.open.set()
    assert await asyncio.gather(*calls) == [(200, b"{}")] * 50
    assert (crowd.most, crowd.served) == (3, 50)


async def test_a_call_that_finds_no_connection_has_certainly_not_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telegram_http, "_PATIENCE", 0.01)
    crowd, client = Crowd(monkeypatch), BotRequest(proxy=None, connections=1)
    first = asyncio.create_task(client.do_request("url", "POST"))
    await asyncio.sleep(0)
    with pytest.raises(TimedOut) as late:
        await client.do_request("url", "POST")
    assert not may_have_arrived(late.value)
    crowd.open.set()
    await first
    assert (await client.do_request("url", "POST"))[0] == 200
