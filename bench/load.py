"""The load process: ``python -m bench.load '{"job": …}'`` does one job and prints its result.

It runs apart from what it measures, so that the two share no interpreter lock. Every job is bounded
in number and in time, and goes to 127.0.0.1.
"""

import json
import sys
import time
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlencode

import uvloop

from bench.client import Act, Connection, Tally, flood, get, one, pace, post

FORM = "application/x-www-form-urlencoded"
ANSWERS = {
    "conflict": "no",
    "place": "phường Hoa Mẫu",
    "what": "Tối nào cũng có người lạ tụ tập mua bán ma tuý ở cuối ngõ, xe máy ra vào nhiều. " * 2,
    "where": "cuối ngõ 12 đường Mẫu",
    "when": "Hay buổi tối",
    "go": "send",
}
BODY = urlencode(ANSWERS).encode()
_TOKEN = b'name="token" value="'
_RECEIPT = b'<section class="code"'
STORY = (
    "/bao",
    "1",  # không ai gặp nguy hiểm
    "1",  # đồng ý
    "1",  # không liên quan cán bộ
    ANSWERS["what"],
    ANSWERS["place"],
    ANSWERS["where"],
    ANSWERS["when"],
    "1",  # xem lại
    "1",  # gửi
    "1",  # đã chép
)


async def fetch_token(connection: Connection) -> bytes:
    status, page = await connection.ask(get("/gui-tin"))
    start = page.index(_TOKEN) + len(_TOKEN)
    if status != 200:
        raise ValueError
    return page[start : page.index(b'"', start)]


async def post_tip(connection: Connection, token: bytes) -> bool:
    status, page = await connection.ask(post("/gui-tin", b"token=" + token + b"&" + BODY, FORM))
    return status == 200 and _RECEIPT in page


async def submit(connection: Connection) -> bool:
    """One full submission: the form, then the post that sends."""
    return await post_tip(connection, await fetch_token(connection))


async def burst_of_posts(job: dict[str, Any]) -> dict[str, float]:
    """Fetch all forms first, then time the posts alone."""
    tokens: list[bytes] = []

    async def prepare(connection: Connection) -> bool:
        tokens.append(await fetch_token(connection))
        return True

    async def act(connection: Connection) -> bool:
        return await post_tip(connection, tokens.pop())

    clients, most = job["clients"], job["seconds"]
    await flood(job["port"], prepare, clients, job["count"], most)
    return (await flood(job["port"], act, clients, len(tokens), most)).result()


class Chats:
    """People who tell a tip over Telegram, one step after the other, as its server would post."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._path = job["path"]
        self._more = f"x-telegram-bot-api-secret-token: {job['secret']}\r\n"
        self._numbers = count(time.time_ns() // 1000)  # nobody of an earlier job comes back

    def update(self, chat: int, text: str) -> bytes:
        number = next(self._numbers)
        person = {"id": chat, "first_name": "Nguyễn", "language_code": "vi"}
        body = {
            "update_id": number,
            "message": {
                "message_id": number,
                "date": 1_790_000_000,
                "chat": {"id": chat, "type": "private", "first_name": "Nguyễn"},
                "from": {**person, "is_bot": False},
                "text": text,
            },
        }
        raw = json.dumps(body, ensure_ascii=False).encode()
        return post(self._path, raw, "application/json", self._more)

    def _story(self) -> Iterator[bytes]:
        chat = next(self._numbers)
        for text in STORY:
            yield self.update(chat, text)

    def act(self) -> Act:
        """Return one step of whichever person is not waiting for an answer."""
        waiting: list[Iterator[bytes]] = []

        async def step(connection: Connection) -> bool:
            story = waiting.pop(0) if waiting else self._story()
            request = next(story, None)
            if request is None:
                story = self._story()
                request = next(story)
            status, _ = await connection.ask(request)
            waiting.append(story)
            return status == 200

        return step


async def run(job: dict[str, Any]) -> dict[str, float]:
    port, clients, seconds = job["port"], job["clients"], job["seconds"]
    if job["job"] == "posts":
        return await burst_of_posts(job)
    acts: dict[str, Act] = {"submit": submit}
    if "request" in job:
        request = job["request"].encode()

        async def plain(connection: Connection) -> bool:
            return (await connection.ask(request))[0] == 200

        acts["plain"] = plain
    if "secret" in job:
        acts["chat"] = Chats(job).act()
    act = acts[job["job"]]
    await _warm(port, act, clients)
    if "rate" in job:
        tally = await pace(port, act, clients, job["rate"], seconds)
    else:
        tally = await flood(port, act, clients, job.get("count", 10**9), seconds)
    return tally.result()


async def _warm(port: int, act: Act, clients: int) -> None:
    connection = await Connection.open(port)
    for _ in range(min(clients, 4)):
        await one(act, connection, Tally())
    connection.close()


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(json.loads(sys.argv[1])))))
