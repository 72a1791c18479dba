"""Processes that erase what is due until they are killed."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import event

from intake.ports import VIETNAM, SystemClock
from intake.service import Intake
from intake.settings import RetentionMonths, settings_from
from intake.upkeep.retention import Retention
from storage.database import Database


@dataclass(frozen=True)
class Task:
    """One process: its database, what its clock shows, and after how many statements it stops."""

    url: str
    folder: str
    at: datetime
    statements: int
    mark: str


class Still(SystemClock):
    """A clock that shows one moment."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


def erase(task: Task) -> None:
    """Erase; stand still for ever before some statement, whichever it is, and say so by a file."""
    left = [task.statements]
    database = Database(task.url)

    def stop(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            Path(task.mark).touch()
            time.sleep(600)

    event.listen(database._writes, "before_cursor_execute", stop)
    intake = Intake(database, Still(task.at.astimezone(VIETNAM)))
    settings = settings_from(
        state_dir=Path(task.folder), demo=True, base_url="http://127.0.0.1:1",
        console_url="http://127.0.0.1:2", retention=RetentionMonths(tips=6),
    )  # fmt: skip
    Retention(intake, settings).erase()
    Path(task.mark).with_suffix(".done").touch()


class Erasers:
    """The mother of such processes."""

    def __init__(self) -> None:
        self._context = ForkServerContext()
        self._context.set_forkserver_preload([__name__, "sqlalchemy.dialects.postgresql.psycopg"])
        self._living: list[ForkServerProcess] = []

    def live_and_die(self, task: Task, patience: timedelta = timedelta(seconds=60)) -> bool:
        """Let one erase and kill it where it stands still; False when it came to its end."""
        child = self._context.Process(target=erase, args=(task,), daemon=True)
        child.start()
        self._living.append(child)
        mark, end = Path(task.mark), time.monotonic() + patience.total_seconds()
        while child.is_alive() and not mark.exists():
            assert time.monotonic() < end, "it neither stood still nor ended"
            time.sleep(0.01)
        child.kill()  # ``kill -9``
        child.join(30)
        assert mark.exists() or mark.with_suffix(".done").exists(), "it ended by itself, badly"
        return mark.exists()

    def end(self) -> None:
        """Leave none behind."""
        for child in self._living:
            if child.is_alive():
                child.kill()
                child.join(30)
