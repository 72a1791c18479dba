"""The whole service, running: both doors on real loopback ports, the jobs, a Telegram of our own.

One thread with an event loop of its own runs what ``homthu`` would run as processes; a test talks
with it over HTTP only, and keeps every answer, by who received it.
"""

import asyncio
import io
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import httpx
import uvloop

from api.commands import demo
from api.commands.listening import Listener
from api.commands.processes import Process
from api.serve import OfficerProcess
from bot.channels.demo import DemoDoor
from bot.channels.demo_board import board_route
from bot.channels.pacing import Timer
from bot.channels.telegram_webhook import PATH
from bot.serve import BotProcess
from intake.limits import Allowance
from intake.settings import Settings
from reminders.serve import HousekeepingProcess
from tests.bot.telegram_server import TelegramServer
from tests.wards import Ward

T = TypeVar("T")
WAIT = 60
SECRET = "s3cret_of_the_webhook_0123456789"
FASTER = 50
PLENTY = {
    name: Allowance(10_000, 10_000.0)
    for name in ("filing", "look_up", "upload", "bad_post", "sign_in")
}
HURRIED = Timer(lambda: time.monotonic() * FASTER, lambda wait: asyncio.sleep(wait / FASTER))
"""Telegram's pace, run through faster: a chat may be written to once a second."""


class House:
    """One running installation; every answer that left it, by who received it."""

    def __init__(self, ward: Ward, telegram: TelegramServer | None, log: io.StringIO) -> None:
        self.ward = ward
        self.telegram = telegram
        self.log = log
        self.began = time.time()
        self.answers: dict[str, list[bytes]] = defaultdict(list)
        self.callers: list[httpx.Client] = []
        self.bot: Any = None
        self.jobs: Any = None
        self.officers: Any = None
        self.addresses: dict[str, str] = {}
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    @property
    def settings(self) -> Settings:
        return self.ward.settings

    # --- life -------------------------------------------------------------------------------------

    def start(
        self, allowances: dict[str, Allowance] | None = PLENTY, *, desk: bool = True
    ) -> "House":
        """Run until ``stop``; returns when the doors answer. Without ``desk``: the bot alone."""
        self._ready = threading.Event()
        run = lambda: uvloop.run(self._run(allowances, desk=desk))  # noqa: E731
        self._thread = threading.Thread(target=run, name="house", daemon=True)
        self._thread.start()
        assert self._ready.wait(WAIT)
        if self._failure is not None:
            raise self._failure
        if self.telegram is not None and self.telegram.listening:
            self.connect_hook()
        return self

    def connect_hook(self) -> None:
        """Stand in for the proxy in front, which takes off TLS: have updates posted straight."""
        chosen, server = self.settings.telegram, self.telegram
        if server is not None and chosen is not None and chosen.mode == "webhook":
            hook = server.until(lambda: server.hook)
            assert hook.url == f"{self.settings.base_url}{PATH}"
            hook.url = self.addresses["public"] + PATH

    def stop(self) -> None:
        """End the house; what waits is finished."""
        for caller in self.callers:
            caller.close()
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(WAIT)
            assert not self._thread.is_alive()

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _run(self, allowances: dict[str, Allowance] | None, *, desk: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        try:
            self.bot = BotProcess(self.ward.foundation, self._phone_door(), allowances)
            listeners = {"public": Listener(self.bot.app)}
            work = [self.bot]
            if desk:
                listeners |= self._open_desk()
                work.append(self.jobs)
        except BaseException as error:
            self._failure = error
            self._ready.set()
            return
        process = Process(
            list(listeners.values()), work, ready=lambda: self._note_addresses(process, listeners)
        )
        sockets = [listener.bind() for listener in process.listeners]
        await process._work_and_serve(self._stopping, sockets)

    def _open_desk(self) -> dict[str, Listener]:
        officers = OfficerProcess(self.ward.foundation)
        self.officers = officers.app
        self.jobs = HousekeepingProcess(self.ward.foundation, self.bot.messenger)
        socket = self.settings.state_dir / "metrics.sock"
        return {
            "officer": Listener(officers.app),
            "metrics": Listener(officers.metrics, socket_path=socket),
        }

    def _phone_door(self) -> DemoDoor | None:
        if not self.settings.demo:
            return None
        sign_ins = list(self.ward.sign_ins.values())
        return DemoDoor(board_route(lambda: demo.board(sign_ins), self.settings.console_url))

    def _note_addresses(self, process: Process, listeners: dict[str, Listener]) -> None:
        for (door, listener), server in zip(listeners.items(), process.servers, strict=True):
            if listener.socket_path is not None:
                self.addresses[door] = str(listener.socket_path)
            else:
                port = server.servers[0].sockets[0].getsockname()[1]
                self.addresses[door] = f"http://127.0.0.1:{port}"
        self._ready.set()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the house's own loop do something."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT)

    def settle(self) -> None:
        """Wait until every update is taken and everything said has been sent."""
        if self.telegram is not None:
            self.telegram.until(lambda: not self.telegram.waiting, WAIT)
        self.call(self.bot.dialogue.settle())

    # --- from outside -----------------------------------------------------------------------------

    def caller(self, role: str, door: str = "public", **headers: str) -> httpx.Client:
        """Return a client of one door; each of its answers is kept under ``role``."""
        kept = self.answers[role]

        def keep(response: httpx.Response) -> None:
            response.read()
            lines = [b"%s: %s" % pair for pair in response.headers.raw]
            kept.append(b"\n".join([b"%d" % response.status_code, *lines, response.content]))

        address = self.addresses[door]
        over: dict[str, Any] = {"base_url": address}
        if door == "metrics":
            transport = httpx.HTTPTransport(uds=address)
            over = {"base_url": "http://metrics", "transport": transport}
        caller = httpx.Client(
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            event_hooks={"response": [keep]},
            trust_env=False,
            verify=False,
            timeout=WAIT,
            **over,
        )
        self.callers.append(caller)
        return caller

    # --- what is kept -----------------------------------------------------------------------------

    def count(self, table: str) -> int:
        """Return how many rows a table holds."""
        with self.ward.intake.read() as view:
            counting = f"SELECT count(*) FROM {table}"
            return int(view.connection.exec_driver_sql(counting).scalar_one())

    def texts(self, login: str = "tinh.an") -> list[str]:
        """Return every text that an officer can open."""
        session = self.ward.sign_in(login)
        rows = self.ward.services.triage.queue(session, limit=100).rows
        opened = [self.ward.services.disclosure.open_tip(session, row.id) for row in rows]
        return [message.text for view in opened for message in view.messages]


def until(seen: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait until ``seen()`` is true."""
    deadline = time.monotonic() + seconds
    while not (result := seen()):
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen")
        time.sleep(0.01)
    return result
