"""Plain APScheduler with one job for each reminder: the figures that ours stand beside.

Jobs in a SQLite file, as an installation would keep them. Nothing paces it, nothing asks whether a
reminder is still wanted, and nothing keeps two processes apart: that is what is shown.
"""

import logging
import resource
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

_PACE = 25.0  # messages a second of a channel
_PATIENCE = 20.0  # seconds
_SHARED = 400  # jobs that two schedulers share

ran: list[int] = []
_lock = threading.Lock()


def remind(number: int) -> None:
    """Be one reminder: wait for the channel's turn, as all others do."""
    with _lock:
        ran.append(number)
    time.sleep(1 / _PACE)


def plain_scheduler(jobs: int) -> dict[str, float]:
    """Add one job for each reminder, let them all come due at once, and look at what happens."""
    ran.clear()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'jobs.db'}"
        due = datetime.now(UTC) + timedelta(hours=1)
        first = _scheduler(url)
        first.start(paused=True)
        started = time.perf_counter()
        store = first._lookup_jobstore("default")  # noqa: SLF001
        for number in range(jobs):
            first.add_job(remind, "date", run_date=due, args=[number], id=str(number))
        added = time.perf_counter() - started
        started = time.perf_counter()
        found = store.get_due_jobs(due + timedelta(seconds=1))
        look = time.perf_counter() - started
        first.shutdown(wait=False)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures = {"add_s": added, "find_due_s": look, "found": float(len(found))}
        return figures | {"memory_mb": memory} | _two_processes(url)


def _two_processes(url: str) -> dict[str, float]:
    """Let two schedulers share a store of jobs that come due; return what was dropped and doubled.

    Each stands for a process; grace and pool are those of the library. A scheduler that fails over
    a job which the other has taken ends: that is counted too.
    """
    died: list[object] = []
    threading.excepthook = died.append
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    pair = [_scheduler(url) for _ in range(2)]
    for each in pair:
        each.start(paused=True)
    kept = [job for job in pair[0].get_jobs() if int(job.id) < _SHARED]
    for job in pair[0].get_jobs():
        if int(job.id) >= _SHARED:
            job.remove()
    soon = datetime.now(UTC) + timedelta(seconds=5 + len(kept) * 0.05)
    for job in kept:
        job.reschedule("date", run_date=soon)
    for each in pair:
        each.resume()
    end = time.monotonic() + _PATIENCE + len(kept) * 0.1
    while time.monotonic() < end and pair[0].get_jobs():
        time.sleep(0.5)
    for each in pair:
        each.shutdown(wait=True)
    threading.excepthook = threading.__excepthook__
    different, jobs = len(set(ran)), len(kept)
    return {
        "dropped_percent": 100 * (jobs - different) / jobs,
        "ran_twice_percent": 100 * (len(ran) - different) / jobs,
        "schedulers_died_of_2": float(len(died)),
    }


def _scheduler(url: str) -> Any:
    return BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=url)},
        executors={"default": ThreadPoolExecutor(10)}, timezone=UTC,
    )  # fmt: skip
