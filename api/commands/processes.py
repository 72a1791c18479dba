"""Runs one process until it is told to stop. Knows signals, nothing of tips."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from intake import memory

if TYPE_CHECKING:  # housekeeping listens nowhere and loads no web server
    from api.commands.listening import Listener, Server

_STOP = (signal.SIGTERM, signal.SIGINT)


class Work(Protocol):
    """Something that runs beside the listeners."""

    async def start(self) -> None:
        """Begin; must return soon."""
        ...

    async def stop(self) -> None:
        """End; must return soon."""
        ...


@dataclass
class Process:
    """Listeners and work of one process."""

    listeners: "Sequence[Listener]" = ()
    work: Sequence[Work] = ()
    close: Callable[[], None] = lambda: None
    ready: Callable[[], None] = lambda: None
    servers: "list[Server]" = field(default_factory=list)

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT; no work begins before every listener has its address.

        Raises:
            Misconfigured: a listener cannot bind.
        """
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in _STOP:
            loop.add_signal_handler(number, stopping.set)
        try:
            sockets = [listener.bind() for listener in self.listeners]
            await self._work_and_serve(stopping, sockets)
        finally:
            await asyncio.to_thread(self.close)

    async def _work_and_serve(self, stopping: asyncio.Event, sockets: list[socket.socket]) -> None:
        try:
            for piece in self.work:
                await piece.start()
            await self._serve(stopping, sockets)
        finally:
            for piece in reversed(self.work):
                await piece.stop()

    async def _serve(self, stopping: asyncio.Event, sockets: list[socket.socket]) -> None:
        self.servers = [listener.server() for listener in self.listeners]
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
