"""The people of the storm, and Telegram's side of their phones: ``python -m bench.work_people …``.

Runs apart from what it measures. It answers the bot's API calls as Telegram would, sees the card in
them, and taps its [Lưu]: nobody here knows a button before the bot has sent it. Jobs come as one
line of JSON each on standard input; each is answered by one line.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from itertools import count
from typing import Any, ClassVar
from urllib.parse import parse_qs

import uvloop

from bench.client import Connection, Tally, post
from bench.telegram import BotApi
from bot.channels.telegram_webhook import PATH
from intake.ports import VIETNAM

PATIENCE = 120.0
_CHAT = '{"id":%d,"type":"private","first_name":"N"}'
Message = tuple[int, str, str]  # its number, its text, and what [Lưu] on it says when tapped


class Phones(BotApi):
    """Telegram's API, which shows every message to whoever waits for it."""

    waiting: ClassVar[dict[int, asyncio.Future[Message]]] = {}

    def _answer(self, method: bytes) -> bytes:
        if method == b"sendMessage":
            fields = parse_qs(self._body.decode())
            chat, number = int(fields["chat_id"][0]), BotApi.sent + 1
            waiting = self.waiting.get(chat)
            if waiting is not None and not waiting.done():
                waiting.set_result((number, fields["text"][0], _save(fields)))
        return super()._answer(method)

    def data_received(self, data: bytes) -> None:
        self._body = (self._buffer + data).partition(b"\r\n\r\n")[2]
        super().data_received(data)


def _save(fields: dict[str, list[str]]) -> str:
    keyboard = json.loads(fields.get("reply_markup", ["{}"])[0]).get("inline_keyboard", [])
    buttons = (button for row in keyboard for button in row)
    return next((each["callback_data"] for each in buttons if each["text"] == "Lưu"), "")


class People:
    """Leaders who each write one line and tap [Lưu] on the card."""

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._more = f"x-telegram-bot-api-secret-token: {secret}\r\n"
        self._numbers = count(1)
        self._idle: asyncio.Queue[Connection] = asyncio.Queue()
        self.lines, self.saves = Tally(), Tally()
        self.cards, self.receipts = Tally(), Tally()

    async def open(self, clients: int) -> None:
        """Take up the connections over which Telegram would post."""
        for _ in range(clients):
            self._idle.put_nowait(await Connection.open(self._port))

    def _line(self, chat: int, text: str) -> bytes:
        number = next(self._numbers)
        body = (
            f'{{"update_id":{number},"message":{{"message_id":{number},"date":{int(time.time())},'
            f'"chat":{_CHAT % chat},"from":{{"id":{chat},"is_bot":false,"first_name":"N",'
            f'"language_code":"vi"}},"text":{json.dumps(text)}}}}}'
        )
        return body.encode()

    def _tap(self, chat: int, card: Message) -> bytes:
        number = next(self._numbers)
        return (
            f'{{"update_id":{number},"callback_query":{{"id":"{number}","chat_instance":"1",'
            f'"from":{{"id":{chat},"is_bot":false,"first_name":"N"}},"data":"{card[2]}",'
            f'"message":{{"message_id":{card[0]},"date":{int(time.time())},"text":".",'
            f'"chat":{_CHAT % chat}}}}}}}'
        ).encode()

    async def _step(self, chat: int, body: bytes, answered: Tally, told: Tally) -> Message:
        """Post one update; return the message that it brings."""
        waiting = Phones.waiting[chat] = asyncio.get_running_loop().create_future()
        started, well = time.perf_counter(), False
        connection = await self._idle.get()
        try:
            if connection.lost:
                connection = await Connection.open(self._port)
            status, _ = await connection.ask(post(PATH, body, "application/json", self._more))
            well = status == 200
        finally:
            self._idle.put_nowait(connection)
            answered.note(time.perf_counter() - started, well=well)
        try:
            async with asyncio.timeout(PATIENCE):
                message = await waiting
        except TimeoutError:
            told.note(PATIENCE, well=False)
            raise
        told.note(time.perf_counter() - started, well=True)
        return message

    async def line(self, chat: int) -> Message | None:
        """Write a line; return the card."""
        today = datetime.now(UTC).astimezone(VIETNAM)
        text = f"tuyen truyen {today.day}/{today.month} nha van hoa {30 + chat % 40} nguoi"
        try:
            card = await self._step(chat, self._line(chat, text), self.lines, self.cards)
        except (OSError, TimeoutError):
            return None
        return card if card[2] else None

    async def save(self, chat: int, card: Message | None) -> bool:
        """Tap [Lưu]; return whether the receipt says that it is filed."""
        if card is None:
            return False
        try:
            told = await self._step(chat, self._tap(chat, card), self.saves, self.receipts)
        except (OSError, TimeoutError):
            return False
        if "Đã ghi" not in told[1]:
            print(told, file=sys.stderr)
        return "Đã ghi" in told[1]

    # --- jobs -------------------------------------------------------------------------------------

    async def lines_of(self, job: dict[str, Any]) -> dict[str, float]:
        """Write the lines of some people, a few at a time; keep their cards."""
        self._cards = dict.fromkeys(range(job["first"], job["upto"]))
        await self._few(self._card(chat) for chat in tuple(self._cards))
        return {"done": sum(card is not None for card in self._cards.values())}

    async def _card(self, chat: int) -> None:
        self._cards[chat] = await self.line(chat)

    async def hellos_of(self, job: dict[str, Any]) -> dict[str, float]:
        """Let some people look at their menu: the bot has met them then."""

        async def hello(chat: int) -> None:
            await self._step(chat, self._line(chat, "/viec"), Tally(), Tally())

        await self._few(hello(chat) for chat in range(job["first"], job["upto"]))
        return {"done": job["upto"] - job["first"]}

    async def saves_of(self, job: dict[str, Any]) -> dict[str, float]:
        """Tap [Lưu] on the cards that were kept."""
        del job
        done: list[bool] = []

        async def tap(chat: int, card: Message | None) -> None:
            done.append(await self.save(chat, card))

        await self._few(tap(chat, card) for chat, card in self._cards.items())
        return {"done": sum(done)}

    async def _few(self, works: Any, at_once: int = 4) -> None:
        left = iter(works)

        async def one_after_another() -> None:
            for work in left:
                await work

        await asyncio.gather(*(one_after_another() for _ in range(at_once)))

    async def storm(self, job: dict[str, Any]) -> dict[str, float]:
        """Let people come at random moments; each looks at the card for a moment, then taps."""
        self.lines, self.saves, self.cards, self.receipts = Tally(), Tally(), Tally(), Tally()
        rng, running = random.Random(1), set[asyncio.Task[None]]()
        receipts: list[bool] = []
        people = job["upto"] - job["first"]
        started = due = time.perf_counter()

        async def person(chat: int, look: float) -> None:
            card = await self.line(chat)
            await asyncio.sleep(look)
            receipts.append(await self.save(chat, card))

        for chat in range(job["first"], job["upto"]):
            due += rng.expovariate(people / job["seconds"])
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(person(chat, rng.uniform(0.5, 3)))
            running.add(task)
            task.add_done_callback(running.discard)
        arrived = time.perf_counter() - started
        await asyncio.gather(*running)
        passed = time.perf_counter() - started
        filed = sum(receipts)
        tallies = {"line": self.lines, "card": self.cards, "save": self.saves,
                   "receipt": self.receipts}  # fmt: skip
        found = {"filed": float(filed), "failed": float(people - filed), "seconds": passed,
                 "arrived_s": arrived, "rate": filed / passed}  # fmt: skip
        for name, tally in tallies.items():
            result = tally.result()
            found |= {f"{name}_p50": result["p50"], f"{name}_p99": result["p99"]}
            found["failed"] = max(found["failed"], result["failed"])
        return found


async def serve(telegram_port: int, port: int, secret: str) -> None:
    """Listen as Telegram does, then do one job for each line that comes."""
    loop = asyncio.get_running_loop()
    await loop.create_server(Phones, "127.0.0.1", telegram_port)
    people = People(port, secret)
    jobs = {"lines": people.lines_of, "saves": people.saves_of, "storm": people.storm,
            "hellos": people.hellos_of}  # fmt: skip
    while line := await asyncio.to_thread(sys.stdin.readline):
        job = json.loads(line)
        if job["job"] == "open":
            await people.open(job["clients"])
            answer: dict[str, float] = {}
        else:
            work: Coroutine[Any, Any, dict[str, float]] = jobs[job["job"]](job)
            answer = await work
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
