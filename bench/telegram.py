"""The least of a Telegram Bot API that takes replies: loopback, keep-alive, counts and forgets.

``python -m bench.telegram PORT`` runs until it is stopped; ``GET /count`` says how many messages
were sent. The strict double that the tests talk to is `tests.bot.telegram_server`; this one costs
little enough to stand beside a measurement.
"""

import asyncio
import sys
from typing import Any

import uvloop

_CHAT = b'{"id":1,"type":"private","first_name":"N"}'
_USER = b'{"id":7,"is_bot":true,"first_name":"H","username":"homthu_bot"}'


class BotApi(asyncio.Protocol):
    """One connection of the bot's HTTP client."""

    sent = 0

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, gap, body = self._buffer.partition(b"\r\n\r\n")
        at = head.lower().find(b"content-length: ")
        length = int(head[at + 16 :].split(b"\r", 1)[0]) if at > 0 else 0
        if not gap or len(body) < length:
            return
        self._buffer = b""
        answer = self._answer(head.split(b" ", 2)[1].rpartition(b"/")[2])
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (len(answer), answer)
        )

    def _answer(self, method: bytes) -> bytes:
        if method == b"count":
            return b"%d" % BotApi.sent
        if method == b"sendMessage":
            BotApi.sent += 1
            message = b'{"message_id":%d,"date":1,"chat":%b,"text":"."}' % (BotApi.sent, _CHAT)
            return b'{"ok":true,"result":%b}' % message
        return b'{"ok":true,"result":%b}' % (_USER if method == b"getMe" else b"true")


async def serve(port: int) -> None:
    """Listen on loopback for ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(BotApi, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
