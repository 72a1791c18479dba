"""The process runner: it serves, stops cleanly, and refuses a port that is taken."""

import asyncio
import os
import signal
import socket
import stat
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api.commands.listening import Listener
from api.commands.processes import Process
from intake.errors import Misconfigured

pytestmark = pytest.mark.anyio


class Sleeper:
    """Work that notes its beginning and its end."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    async def start(self) -> None:
        self.notes.append("start")

    async def stop(self) -> None:
        self.notes.append("stop")


async def hello(_request: object) -> PlainTextResponse:
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", hello)])


async def test_a_process_serves_its_listeners_and_stops_cleanly_on_sigterm(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = tmp_path / "metrics.sock"
    path.write_text("left behind by a crash")
    work, closed = Sleeper(), []
    process = Process(
        [Listener(APP, port=port), Listener(APP, socket_path=path)],
        [work],
        lambda: closed.append("closed"),
    )
    running = asyncio.create_task(process.run())
    for _ in range(200):
        await asyncio.sleep(0.02)
        if process.servers and all(server.started for server in process.servers):
            break
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).text == "hello"
    transport = httpx.AsyncHTTPTransport(uds=str(path))
    async with httpx.AsyncClient(transport=transport) as client:
        assert (await client.get("http://operator/")).text == "hello"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)
    assert work.notes == ["start", "stop"]
    assert closed == ["closed"]


async def test_a_port_that_is_taken_ends_the_process_before_its_work_begins() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        work = Sleeper()
        closed: list[str] = []
        listener = Listener(APP, port=taken.getsockname()[1])
        process = Process([listener], [work], lambda: closed.append("closed"))
        with pytest.raises(Misconfigured, match="taken"):
            await process.run()
    assert work.notes == []
    assert closed == ["closed"]
