"""The supervisor and the process runner: restart, stop, refuse; always with the right exit code."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api.commands.processes import Listener, Process, Supervisor
from intake.errors import Misconfigured

pytestmark = pytest.mark.anyio


def supervise(tmp_path: Path, children: dict[str, str]) -> subprocess.Popen[str]:
    """Start a supervisor over small Python programs; it prints `EXIT n` when it ends."""
    commands = {name: [sys.executable, "-c", code] for name, code in children.items()}
    program = textwrap.dedent(
        f"""
        from api.commands.processes import Supervisor
        print("EXIT", Supervisor({commands!r}, pause=0.1).run(), flush=True)
        """
    )
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


COUNTS = "import pathlib,time; p=pathlib.Path({path!r}); p.open('a').write('x'); {after}"


async def test_a_child_that_ends_is_started_again(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    process = supervise(
        tmp_path, {"a": COUNTS.format(path=str(marks), after="raise SystemExit(1)")}
    )
    for _ in range(200):
        await asyncio.sleep(0.05)
        if marks.exists() and len(marks.read_text()) >= 3:
            break
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert "EXIT 0" in out
    assert len(marks.read_text()) >= 3


async def test_only_a_child_that_fails_again_and_again_waits_longer_each_time() -> None:
    supervisor = Supervisor({"a": []})
    supervisor._started["a"] = 100.0
    assert [supervisor._pause_before("a", 101.0) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert supervisor._pause_before("a", 100.0 + 3600) == 1


async def test_a_child_that_calls_itself_misconfigured_ends_everything(tmp_path: Path) -> None:
    process = supervise(
        tmp_path, {"good": "import time; time.sleep(60)", "bad": "raise SystemExit(2)"}
    )
    out, _ = process.communicate(timeout=30)
    assert "EXIT 2" in out


async def test_children_are_told_to_stop_and_one_that_will_not_is_ended(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    polite = COUNTS.format(path=str(ready), after="time.sleep(60)")
    process = supervise(tmp_path, {"polite": polite})
    for _ in range(200):
        await asyncio.sleep(0.05)
        if ready.exists():
            break
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert "EXIT 0" in out


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


async def test_a_port_that_is_taken_ends_the_process_and_its_work() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        work = Sleeper()
        process = Process([Listener(APP, port=taken.getsockname()[1])], [work])
        with pytest.raises(Misconfigured, match="taken"):
            await process.run()
    assert work.notes == ["start", "stop"]
