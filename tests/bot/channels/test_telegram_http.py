"""The HTTP client of one bot: what it does with a crowd, with a broken line, and with files."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram import InputFile
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.channels.telegram_http import BotRequest, Flooded, may_have_arrived

pytestmark = pytest.mark.anyio
OK = b'{"ok":true,"result":true}'


class Server:
    """Telegram's side: reads calls whole, answers when it is open, and may fail in its own ways."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.connections = 0
        self.open = asyncio.Event()
        self.open.set()
        self.status = b"200 OK"
        self.answer: bytes | None = OK  # None: hang up without a word
        self.url = ""
        self._came = asyncio.Condition()

    async def heard(self, calls: int) -> None:
        """Return when so many calls are here."""
        async with asyncio.timeout(10), self._came:
            await self._came.wait_for(lambda: len(self.bodies) >= calls)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                body = await _body(reader, head.lower())
                async with self._came:
                    self.bodies.append(body)
                    self._came.notify_all()
                await self.open.wait()
                if self.answer is None:
                    return
                length = b"content-length: %d" % len(self.answer)
                writer.write(b"\r\n".join((b"HTTP/1.1 " + self.status, length, b"", self.answer)))
        except (asyncio.IncompleteReadError, ConnectionResetError):
            pass
        finally:
            writer.close()


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"content-length: " in head:
        return await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))
    whole = b""
    while size := int(await reader.readline(), 16):
        whole += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return whole


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    async with await asyncio.start_server(made.talk, "127.0.0.1", 0) as listening:
        made.url = (
            f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/bot1:token/sendMessage"
        )
        yield made


@asynccontextmanager
async def client(connections: int = 3, **more: float) -> AsyncIterator[BotRequest]:
    request = BotRequest(proxy=None, connections=connections, **more)
    async with request:
        yield request


def said(**parameters: Any) -> RequestData:
    return RequestData([RequestParameter.from_input(*one) for one in parameters.items()])


async def test_a_crowd_waits_for_few_connections_and_is_served_in_order(server: Server) -> None:
    server.open.clear()
    async with client(connections=3) as request:
        calls = [
            asyncio.create_task(request.do_request(server.url, "POST", said(n=n)))
            for n in range(50)
        ]
        await server.heard(3)
        assert sorted(server.bodies) == [b"n=0", b"n=1", b"n=2"]
        server.open.set()
        assert await asyncio.gather(*calls) == [(200, OK)] * 50
    assert server.connections == 3
    order = [int(body[2:]) for body in server.bodies]
    assert all(abs(n - at) < 3 for at, n in enumerate(order))


async def test_a_call_that_finds_no_connection_has_certainly_not_left(server: Server) -> None:
    server.open.clear()
    async with client(connections=1, patience=0.05) as request:
        first = asyncio.create_task(request.do_request(server.url, "POST"))
        await server.heard(1)
        with pytest.raises(TimedOut) as late:
            await request.do_request(server.url, "POST")
        assert not may_have_arrived(late.value)
        assert len(server.bodies) == 1
        server.open.set()
        await first
        assert await request.do_request(server.url, "POST") == (200, OK)


async def test_nobody_listening_means_that_nothing_left() -> None:
    async with client() as request:
        with pytest.raises(NetworkError) as lost:
            await request.do_request("http://127.0.0.1:9/bot1:token/sendMessage", "POST")
    assert not may_have_arrived(lost.value)
    assert "token" not in str(lost.value)


async def test_a_line_that_breaks_after_the_call_may_have_brought_it(server: Server) -> None:
    server.answer = None
    async with client() as request:
        with pytest.raises(NetworkError) as lost:
            await request.do_request(server.url, "POST", said(text="x"))
    assert may_have_arrived(lost.value)
    assert len(server.bodies) == 1, "what may have arrived is not sent again by itself"


async def test_an_answer_that_does_not_come_may_stand_for_a_message_that_did(
    server: Server,
) -> None:
    server.open.clear()
    async with client(read=0.05) as request:
        with pytest.raises(TimedOut) as late:
            await request.do_request(server.url, "POST", said(text="x"))
    assert may_have_arrived(late.value)


async def test_each_call_may_have_its_own_patience_for_an_answer(server: Server) -> None:
    server.open.clear()
    async with client(read=0.05) as request:
        asking = asyncio.create_task(request.do_request(server.url, "POST", read_timeout=20))
        await asyncio.sleep(0.2)
        server.open.set()
        assert await asking == (200, OK)


async def test_nobody_is_sent_elsewhere(server: Server) -> None:
    server.status = b"302 Found\r\nlocation: /elsewhere"
    async with client() as request:
        assert await request.do_request(server.url, "POST") == (302, OK)
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (json.dumps({"ok": False, "parameters": {"retry_after": 7}}).encode(), 7),
        (b"slow down", 1),
        (b"[]", 1),
    ],
)
async def test_too_many_requests_name_their_pause(
    server: Server, answer: bytes, seconds: float
) -> None:
    server.status, server.answer = b"429 Too Many Requests", answer
    async with client() as request:
        with pytest.raises(Flooded) as flood:
            await request.do_request(server.url, "POST")
    assert flood.value.seconds == seconds


async def test_words_go_as_a_form_and_a_file_as_one_of_many_parts(server: Server) -> None:
    async with client() as request:
        await request.do_request(server.url, "POST", said(text="bác ạ", n=[1]))
        picture = InputFile(b"\x89PNG" * 500_000, filename="bảng.png")
        await request.do_request(server.url, "POST", said(chat_id=1, photo=picture))
    words, parts = server.bodies
    assert words == b"text=b%C3%A1c+%E1%BA%A1&n=%5B1%5D"
    assert parts.count(b"\x89PNG") == 500_000
    assert b'name="chat_id"' in parts
    assert b"image/png" in parts


async def test_it_may_be_closed_twice_and_opened_again(server: Server) -> None:
    request = BotRequest(proxy=None, connections=1)
    await request.shutdown()
    assert (await request.do_request(server.url, "POST"))[0] == 200
    await request.shutdown()
    await request.shutdown()
    assert (await request.do_request(server.url, "POST"))[0] == 200
    await request.shutdown()


@pytest.mark.parametrize("payload", [b"", b"<html>", b"[7]", b'{"a":7}', b'"x"'])
def test_what_is_no_answer_of_the_bot_api_is_not_quoted(payload: bytes) -> None:
    with pytest.raises(TelegramError) as refused:
        BotRequest.parse_json_payload(payload)
    assert not payload or payload.decode() not in str(refused.value)
