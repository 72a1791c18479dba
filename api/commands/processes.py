"""Runs one process until it is told to stop, and minds several: the supervisor of ``homthu run``.

Knows sockets and signals, nothing of tips. A child that ends is started again, with a growing
pause; SIGTERM goes to all children, and the exit code is 0.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import uvicorn

from intake import memory
from intake.errors import Misconfigured

_log = logging.getLogger("homthu.processes")
_STOP = (signal.SIGTERM, signal.SIGINT)
_GRACE = 10.0  # seconds that a child has for stopping
_LONGEST_PAUSE = 30.0
_HEALTHY = 60.0  # seconds; whoever lived as long did not end because of its start


class Work(Protocol):
    """Something that runs beside the listeners."""

    async def start(self) -> None:
        """Begin; must return soon."""
        ...

    async def stop(self) -> None:
        """End; must return soon."""
        ...


@dataclass(frozen=True, slots=True)
class Listener:
    """An ASGI app and where it listens: a host and port, or a unix socket (mode 0600)."""

    app: Any
    host: str = "127.0.0.1"
    port: int = 0
    socket_path: Path | None = None


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: a stopped server exits 0, not 143."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the process."""
        yield


@dataclass
class Process:
    """Listeners and work of one process."""

    listeners: Sequence[Listener] = ()
    work: Sequence[Work] = ()
    close: Callable[[], None] = lambda: None
    ready: Callable[[], None] = lambda: None
    servers: list[_Server] = field(default_factory=list[_Server])

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises:
            Misconfigured: a listener cannot bind.
        """
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in _STOP:
            loop.add_signal_handler(number, stopping.set)
        try:
            for piece in self.work:
                await piece.start()
            await self._serve(stopping)
        finally:
            for piece in reversed(self.work):
                await piece.stop()
            await asyncio.to_thread(self.close)

    async def _serve(self, stopping: asyncio.Event) -> None:
        sockets = [_bind(listener) for listener in self.listeners]
        self.servers = [_server(listener) for listener in self.listeners]
        tasks = [
            asyncio.create_task(server.serve(sockets=[bound]))
            for server, bound in zip(self.servers, sockets, strict=True)
        ]
        waiting = asyncio.create_task(stopping.wait())
        while not all(server.started for server in self.servers) and not waiting.done():
            await asyncio.wait([waiting, *tasks], timeout=0.01)
        self.ready()
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for server in self.servers:
            server.should_exit = True
        waiting.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run_process(build: Callable[[], Awaitable[Process]]) -> None:
    """Build and run one process on a fast event loop."""

    async def main() -> None:
        memory.share_one_heap()
        process = await build()
        memory.settle()
        await process.run()

    import uvloop

    uvloop.run(main())


def _bind(listener: Listener) -> socket.socket:
    if listener.socket_path is not None:
        return _bind_unix(listener.socket_path)
    bound = socket.socket(socket.AF_INET6 if ":" in listener.host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listener.host, listener.port))
    except OSError:
        bound.close()
        raise Misconfigured(f"port {listener.port} is taken or not ours: choose another") from None
    bound.setblocking(False)
    return bound


def _bind_unix(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        bound.bind(str(path))
    finally:
        os.umask(before)
    bound.setblocking(False)
    return bound


def _server(listener: Listener) -> _Server:
    config = uvicorn.Config(
        listener.app,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=32_768,
    )
    return _Server(config)


class Supervisor:
    """Keeps child processes alive until it is told to stop."""

    def __init__(self, commands: dict[str, list[str]], pause: float = 1.0) -> None:
        self._commands = commands
        self._pause = pause
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._pauses: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._started: dict[str, float] = {}
        self._stopping = False

    def run(self) -> int:
        """Start and mind the children; return the exit code.

        A child that says its configuration is wrong (exit 2) ends everything with 2: starting it
        again would not help.
        """
        for number in _STOP:
            signal.signal(number, self._note_stop)
        for name in self._commands:
            self._start(name)
        code = 0
        while not self._stopping:
            time.sleep(0.1)
            if any(child.poll() == 2 for child in self._children.values()):
                code = 2
                break
            self._mind()
        self._end()
        return code

    def _note_stop(self, *_: object) -> None:
        self._stopping = True

    def _start(self, name: str) -> None:
        self._started[name] = time.monotonic()
        self._children[name] = subprocess.Popen(self._commands[name], start_new_session=True)  # noqa: S603

    def _mind(self) -> None:
        now = time.monotonic()
        for name, child in list(self._children.items()):
            if child.poll() is None:
                continue
            if name not in self._due:
                self._due[name] = now + self._pause_before(name, now)
                _log.warning("process ended, starting again", extra={"part": name})
            elif now >= self._due[name]:
                del self._due[name]
                self._start(name)

    def _pause_before(self, name: str, now: float) -> float:
        """Return how long to wait with a new start: longer each time that one fails at once."""
        failed_at_once = now - self._started[name] < _HEALTHY
        pause = self._pauses.get(name, self._pause) if failed_at_once else self._pause
        self._pauses[name] = min(_LONGEST_PAUSE, pause * 2)
        return pause

    def _end(self) -> None:
        living = [child for child in self._children.values() if child.poll() is None]
        for child in living:
            child.terminate()
        deadline = time.monotonic() + _GRACE
        for child in living:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def child_command(part: str, config: Path | None) -> list[str]:
    """Return the command line of one child."""
    extra = ["--config", str(config)] if config else []
    return [sys.executable, "-m", "homthu", "serve", part, *extra]
