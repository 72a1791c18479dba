"""Processes that plan and send nudges until they are killed; the platform is a file they share."""

import asyncio
import contextlib
import os
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from intake.nudging.shapes import Begin, Handed, NudgeContent
from intake.ports import VIETNAM, SystemClock
from intake.service import Intake
from intake.settings import settings_from
from reminders.joining import Reminders
from storage.database import Database

HANDS = 2  # messages that a platform takes at a time from one process
_SLOW = 0.03  # seconds that it takes for one


@dataclass(frozen=True)
class Task:
    """One process: where its database is, what it writes to, and what its clock shows at birth."""

    url: str
    folder: str
    post: str
    at: datetime
    seed: int


class Moving(SystemClock):
    """A clock that begins at a moment and runs."""

    def __init__(self, at: datetime) -> None:
        self._at, self._since = at, time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._since)


class Post:
    """Takes a message by writing a line; now and then it asks to wait first, once for each."""

    channels = ("demo",)

    def __init__(self, path: str, seed: int) -> None:
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._random = random.Random(seed)
        self._hands = asyncio.Semaphore(HANDS)

    def _first_wait(self, message: str) -> bool:
        """Return whether no process has asked yet to wait with a message: three times end it."""
        with contextlib.suppress(FileExistsError):
            Path(f"{self._path}.{message}").touch(exist_ok=False)
            return True
        return False

    async def nudge(
        self, channel: str, address: str, content: NudgeContent, begin: Begin
    ) -> Handed:
        async with self._hands:
            await asyncio.sleep(self._random.uniform(0, _SLOW))
            if not await begin():
                return Handed("kept")
            if self._random.random() < 0.1 and self._first_wait(f"{address} {content.day}"):
                return Handed("later", 0.05)
            rungs = ",".join(sorted({line.rung for line in content.lines}))
            os.write(self._file, f"{address} {content.day} {rungs}\n".encode())
            await asyncio.sleep(self._random.uniform(0, _SLOW))
            return Handed("sent")


def live(task: Task) -> None:
    """Plan and send until killed."""
    asyncio.run(_live(task))


async def _live(task: Task) -> None:
    intake = Intake(Database(task.url), Moving(task.at.astimezone(VIETNAM)))
    settings = settings_from(
        state_dir=Path(task.folder), demo=True, base_url="http://127.0.0.1:1",
        console_url="http://127.0.0.1:2",
    )  # fmt: skip
    reminders = Reminders(intake, settings, Post.channels)

    async def soon(_seconds: float) -> None:
        await asyncio.sleep(0.02)

    outbox = reminders.outbox(Post(task.post, task.seed))
    outbox._rest = soon  # type: ignore[assignment]
    await outbox.start()
    while True:
        await asyncio.to_thread(reminders.sweep.run)
        await asyncio.sleep(0.05)


class Nudgers:
    """The mother of such processes: each is born in a moment, with nothing of the test's in it."""

    def __init__(self) -> None:
        self._context = ForkServerContext()
        self._context.set_forkserver_preload([__name__, "sqlalchemy.dialects.postgresql.psycopg"])
        self._living: list[ForkServerProcess] = []

    def birth(self, task: Task) -> ForkServerProcess:
        child = self._context.Process(target=live, args=(task,), daemon=True)
        child.start()
        self._living.append(child)
        return child

    @staticmethod
    def kill(child: ForkServerProcess) -> None:
        """``kill -9``, and wait until it is gone."""
        assert child.is_alive(), "a process ended by itself"
        child.kill()
        child.join(30)

    def end(self) -> None:
        for child in self._living:
            if child.is_alive():
                child.kill()
                child.join(30)
