"""A cheap HTTP client for the load process: raw keep-alive sockets, and no parsing it can spare.

One request at a time on each connection, loopback only. It costs about 50 µs a request, so that the
generator does not take the machine away from what is measured.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "
Act = Callable[["Connection"], Awaitable[bool]]


class Connection(asyncio.Protocol):
    """One keep-alive connection to 127.0.0.1."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: Any = None
        self.lost = False

    @classmethod
    async def open(cls, port: int) -> "Connection":
        """Connect, and see that the server has taken the connection up, as a proxy's ones are."""
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(cls, "127.0.0.1", port)
        await made.ask(get("/healthz"))
        return made

    async def ask(self, request: bytes, seconds: float = 60) -> tuple[int, bytes]:
        """Send a whole request; return status and the whole answer, its head included."""
        if self.lost:
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(seconds):
            return await self._answer

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(_HEAD_END)
        if head < 0:
            return
        at = self._buffer.lower().find(_LENGTH, 0, head)
        length = int(self._buffer[at + len(_LENGTH) :].split(b"\r", 1)[0]) if at > 0 else 0
        if len(self._buffer) >= head + len(_HEAD_END) + length:
            answer, self._buffer = bytes(self._buffer), bytearray()
            if self._answer and not self._answer.done():
                self._answer.set_result((int(answer[9:12]), answer))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.lost = True
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())


def get(path: str, cookie: str = "") -> bytes:
    more = f"cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{more}\r\n".encode()


def post(path: str, body: bytes, kind: str, more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {kind}\r\n{more}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


@dataclass
class Tally:
    """What a job saw: how many went well, how many did not, how long each took."""

    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)

    def note(self, took: float, *, well: bool) -> None:
        self.done += well
        self.failed += not well
        self.times.append(took)

    def result(self) -> dict[str, float]:
        times = sorted(self.times) or [0.0]
        return {
            "rate": self.done / self.seconds if self.seconds else 0.0,
            "done": self.done,
            "failed": self.failed,
            "p50": times[len(times) // 2] * 1000,
            "p99": times[min(len(times) - 1, int(len(times) * 0.99))] * 1000,
        }


async def one(act: Act, connection: Connection, tally: Tally, since: float | None = None) -> None:
    """Do one act; a refusal, a cut connection and a time-out all count as failed."""
    started = time.perf_counter() if since is None else since
    try:
        well = await act(connection)
    except (OSError, TimeoutError, ValueError):
        well = False
    tally.note(time.perf_counter() - started, well=well)


async def flood(port: int, act: Act, clients: int, count: int, seconds: float) -> Tally:
    """Let ``clients`` act one after the other, each as fast as it is answered."""
    tally, left = Tally(), count
    connections = [await Connection.open(port) for _ in range(clients)]
    started = time.perf_counter()

    async def client(connection: Connection) -> None:
        nonlocal left
        while left > 0 and time.perf_counter() - started < seconds:
            left -= 1
            if connection.lost:
                connection = await Connection.open(port)
            await one(act, connection, tally)
        connection.close()

    await asyncio.gather(*map(client, connections))
    tally.seconds = time.perf_counter() - started
    return tally


async def pace(port: int, act: Act, clients: int, rate: float, seconds: float) -> Tally:
    """Act at random moments, ``rate`` a second; each is timed from the moment it was due."""
    tally, rng = Tally(), random.Random(1)
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(clients):
        idle.put_nowait(await Connection.open(port))
    started = time.perf_counter()
    due, running = started, set[asyncio.Task[None]]()

    async def when_free(moment: float) -> None:
        connection = await idle.get()
        if connection.lost:
            connection = await Connection.open(port)
        await one(act, connection, tally, since=moment)
        idle.put_nowait(connection)

    while (due := due + rng.expovariate(rate)) < started + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(when_free(due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    tally.seconds = time.perf_counter() - started
    return tally
