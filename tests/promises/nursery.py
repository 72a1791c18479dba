"""Bot processes to be killed: what ``homthu serve bot`` runs, born in a tenth of a second.

``python -m tests.promises.nursery`` imports everything once and forks a process for each line of
JSON it reads; each is a whole bot with its own database connections, listener and decoder. Only
what a test cannot wait for is changed: the pace of sending, the minute job's minute, the clock's
lead, the flood walls. Where to die is told by ``fates``.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_IMPORTED_ONCE = (
    "api.commands.listening",
    "api.commands.processes",
    "bot.serve",
    "intake.foundation",
    "intake.logs",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "tests.promises.fates",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)
QUICK = 25.0  # how much faster the pace of a platform passes


@dataclass
class Birth:
    """One process: its settings, how far its clock is ahead, where it dies."""

    settings: dict[str, Any]
    log: str
    ahead: float = 0.0  # seconds
    die_at: str = ""
    nth: int = 1
    sweep_every: float = 0.25
    busy_seconds: float = 5.0
    poll_seconds: int = 5
    lead_seconds: float = 60.0


# --- inside the child -----------------------------------------------------------------------------


def _live(birth: Birth) -> None:
    """Be a bot process until killed."""
    from api.commands.listening import Listener
    from api.commands.processes import Process, run_process
    from bot.serve import BotProcess
    from intake import logs
    from intake.foundation import lay
    from intake.limits import ALLOWANCES, Allowance
    from intake.ports import SystemClock
    from intake.settings import settings_from
    from tests.promises import fates

    class Ahead(SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(seconds=birth.ahead)

    settings = settings_from(**birth.settings)
    logs.configure(settings.log_level, sys.stdout)
    _hurry(birth)
    if birth.die_at:
        fates.arm(birth.die_at, birth.nth)
    plenty = dict.fromkeys(ALLOWANCES, Allowance(1_000_000, 1_000_000))

    async def build() -> Process:
        foundation = lay(settings, Ahead())
        bot = BotProcess(foundation, allowances=plenty)
        listener = Listener(bot.app, settings.host, settings.public_port)
        return Process([listener], [bot], foundation.close)

    run_process(build)


def _hurry(birth: Birth) -> None:
    import asyncio

    from bot import opening, serve
    from bot.channels import telegram
    from bot.channels.pacing import Timer
    from bot.polling import Poller
    from intake import foundation
    from intake.media import PictureCleaner
    from intake.vault.answers import CodePool

    timer = Timer(lambda: time.monotonic() * QUICK, lambda seconds: asyncio.sleep(seconds / QUICK))

    def fill_a_little(self: CodePool, *args: Any, fill: Any = CodePool.fill) -> Any:
        self._size = 4
        return fill(self, *args)

    async def open_when_needed(self: PictureCleaner) -> None:
        self._free.put_nowait(None)

    serve._SWEEP_EVERY = birth.sweep_every
    serve._POLL_LEASE = birth.lead_seconds
    serve.PictureCleaner = partial(PictureCleaner, workers=1)  # type: ignore[misc]
    PictureCleaner._open_slot = open_when_needed  # type: ignore[method-assign]
    CodePool.fill = fill_a_little  # type: ignore[method-assign]
    opening.TelegramChannel = partial(  # type: ignore[misc]
        telegram.TelegramChannel, timer=timer, messages_per_second=100
    )
    serve.Poller = partial(  # type: ignore[misc]
        Poller, timer=timer, seconds=birth.poll_seconds
    )
    foundation.Database = partial(  # type: ignore[misc]
        foundation.Database, busy_seconds=birth.busy_seconds
    )
    telegram.BotRequest = partial(telegram.BotRequest, read=1.0)  # type: ignore[misc]


def _fork(birth: Birth) -> int:
    child = os.fork()
    if child:
        return child
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        out = os.open(birth.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for number, handle in ((0, null), (1, out), (2, out)):
            os.dup2(handle, number)
        _live(birth)
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        sys.stderr.flush()
        os._exit(1)


def _reap(say: Callable[[str], None], living: set[int]) -> None:
    for child in tuple(living):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            living.discard(child)
            say(f"dead {child} {status}")


def main() -> None:
    """Fork a bot for each line; say who was born and who has died; end with standard input."""
    for name in _IMPORTED_ONCE:
        importlib.import_module(name)
    lines = sys.stdin.buffer
    awake, wake = os.pipe()
    for end in (awake, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    living: set[int] = set()

    def say(words: str) -> None:
        print(words, flush=True)

    say("ready")
    while True:
        readable, _, _ = select.select([lines, awake], [], [])
        if awake in readable:
            os.read(awake, 1024)
            _reap(say, living)
        if lines in readable:
            line = lines.readline()
            if not line:
                break
            child = _fork(Birth(**json.loads(line)))
            living.add(child)
            say(f"born {child}")
    for child in living:
        os.kill(child, signal.SIGKILL)


# --- outside --------------------------------------------------------------------------------------


class Nursery:
    """The mother of all bots of a test session."""

    def __init__(self) -> None:
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.promises.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._changed = threading.Condition()
        self._born: list[int] = []
        self._dead: dict[int, int] = {}
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.kills = 0

    def _listen(self) -> None:
        assert self._mother.stdout is not None
        for line in self._mother.stdout:
            word, *numbers = line.decode().split()
            with self._changed:
                if word == "born":
                    self._born.append(int(numbers[0]))
                elif word == "dead":
                    self._dead[int(numbers[0])] = int(numbers[1])
                self._changed.notify_all()

    def birth(self, birth: Birth) -> "Life":
        """Start a process; it may not be ready yet."""
        assert self._mother.stdin is not None
        with self._changed:
            before = len(self._born)
            self._mother.stdin.write(json.dumps(asdict(birth)).encode() + b"\n")
            self._mother.stdin.flush()
            assert self._changed.wait_for(lambda: len(self._born) > before, 60)
            return Life(self, self._born[-1], birth)

    def dead(self, pid: int, seconds: float = 0) -> int | None:
        """Return how a process ended, waiting for it; None while it lives."""
        with self._changed:
            self._changed.wait_for(lambda: pid in self._dead, seconds)
            return self._dead.get(pid)

    def close(self) -> None:
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.close()
        self._mother.wait(20)
        self._thread.join(20)
        self._mother.stdout.close()


@dataclass
class Life:
    """One bot process."""

    nursery: Nursery
    pid: int
    birth: Birth
    _connection: HTTPConnection | None = field(default=None, repr=False)

    @property
    def port(self) -> int:
        return int(self.birth.settings["public_port"])

    @property
    def alive(self) -> bool:
        return self.nursery.dead(self.pid) is None

    def still_lives(self) -> None:
        assert self.alive, Path(self.birth.log).read_text()[-3000:]

    def status(self, path: str = "/healthz") -> int:
        """Return what a path answers; 0 when nobody listens."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def wait_ready(self, seconds: float = 90) -> "Life":
        deadline = time.monotonic() + seconds
        while self.status() != 200:
            assert self.alive, Path(self.birth.log).read_text()[-3000:]
            assert time.monotonic() < deadline, "the bot did not come up"
            time.sleep(0.01)
        return self

    def kill(self) -> None:
        """``kill -9``, and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait_killed()

    def wait_killed(self, seconds: float = 90) -> None:
        """Wait for a death by SIGKILL, by whatever hand."""
        status = self.nursery.dead(self.pid, seconds)
        assert status is not None, "it still lives"
        assert os.WIFSIGNALED(status), Path(self.birth.log).read_text()[-3000:]
        self.nursery.kills += 1

    def stop(self) -> None:
        """SIGTERM; the process must end with 0."""
        if self.alive:
            os.kill(self.pid, signal.SIGTERM)
            assert self.nursery.dead(self.pid, 90) == 0, Path(self.birth.log).read_text()[-3000:]


if __name__ == "__main__":
    main()
