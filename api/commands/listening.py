"""Where a process is reached: a port or a unix socket, and the web server behind it.

Apart from `api.commands.processes`, so that a process that nobody reaches carries no web server.
"""

import contextlib
import os
import socket
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from intake.errors import Misconfigured


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: a stopped server exits 0, not 143."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the process."""
        yield


@dataclass(frozen=True, slots=True)
class Listener:
    """An ASGI app and where it listens: a host and port, or a unix socket (mode 0600).

    ``chosen_by`` names what an operator sets to choose another port.
    """

    app: Any
    host: str = "127.0.0.1"
    port: int = 0
    socket_path: Path | None = None
    chosen_by: str = ""

    def bind(self) -> socket.socket:
        """Take the port or make the unix socket.

        Raises:
            Misconfigured: somebody else has the port.
        """
        if self.socket_path is not None:
            return _bind_unix(self.socket_path)
        bound = _bind_port(self.host, self.port)
        if bound is None:
            how = f" ({self.chosen_by})" if self.chosen_by else ""
            raise Misconfigured(f"port {self.port} is taken or not ours: choose another{how}")
        return bound

    def server(self) -> Server:
        """Return a server of the app that has not begun: no access log, no headers of its own."""
        config = uvicorn.Config(
            self.app,
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
        return Server(config)


def _bind_port(host: str, port: int) -> socket.socket | None:
    """Return a socket on this port; None where it is somebody else's."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        return None
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
