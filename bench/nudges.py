"""The reminders at their full size: 90,000 people, 180,000 open obligations, one morning.

``python -m bench.nudges`` lays the country, sweeps it in a process of its own, claims with several
workers, drains through a channel's real pace with answers beside it, and then does what it can of
the same with plain APScheduler, one job for each reminder.
"""

import argparse
import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.nudges_beside import plain_scheduler
from bench.work_country import Country, neighbourhood, opened
from bot.channels.pacing import PACE, Pacer, Timer
from intake import memory
from intake.growing_ids import growing_id
from intake.nudging.shapes import Begin, Handed, NudgeContent
from intake.ports import VIETNAM
from intake.service import Intake
from intake.settings import settings_from
from reminders.joining import Reminders
from reminders.sending import AT_ONCE
from storage.database import Database
from storage.work_tables import Assignment, Leader, LeaderChat
from tests.clocks import FixedClock

MONTH, SEVEN_BEFORE = date(2026, 3, 1), date(2026, 3, 24)
LIMITS = {
    "sweep_s": "at most 10", "sweep_mb": "at most 400", "idle_sweep_s": "at most 0.5",
    "claims_per_s": "at least 5,000 on PostgreSQL, 2,000 on SQLite", "drain_idle_percent":
    "at most 2", "replies_p99_ms": "at most 300",
}  # fmt: skip
_BEGIN = date(2026, 1, 1)
_PLATFORM = 0.06  # seconds that a platform takes to answer
_REPLIES = 4.0  # answers to people each second, beside the nudges


def moment(day: date, hour: int) -> datetime:
    """Return an hour of a day in Vietnam."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=VIETNAM).astimezone(UTC)


def lay_all(country: Country) -> None:
    """Add a leader and a chat for each neighbourhood, and open what March asks for."""
    country.lay()
    country.clock.set(moment(MONTH, 1))
    at = country.clock.now()
    for start in range(0, country.neighbourhoods, 5_000):
        numbers = range(start, min(start + 5_000, country.neighbourhoods))
        ids = {n: growing_id() for n in numbers}
        leaders = [Leader(id=ids[n], name=f"Bác {n}", added_on=_BEGIN).model_dump() for n in ids]
        chats = [
            LeaderChat(channel="demo", address=f"c{n}", leader_id=ids[n], added_at=at).model_dump()
            for n in ids
        ]
        held = [
            Assignment(id=growing_id(), leader_id=ids[n], owner_id=neighbourhood(n), part="head",
                       since=_BEGIN).model_dump()
            for n in ids
        ]  # fmt: skip

        def work(tx: Any, rows: Any = ((Leader, leaders), (LeaderChat, chats), (Assignment, held))):
            for model, found in rows:
                tx.connection.execute(model.__table__.insert(), found)

        country.intake.write_now(work)
    country.obligations.open_period(MONTH)


@dataclass
class House:
    """The reminders over one database, at a given hour."""

    reminders: Reminders
    intake: Intake
    clock: FixedClock


def house(database: Database, folder: str, at: datetime) -> House:
    """Open the reminders."""
    clock = FixedClock(at)
    intake = Intake(database, clock)
    settings = settings_from(
        state_dir=Path(folder), demo=True, base_url="http://127.0.0.1:1",
        console_url="http://127.0.0.1:2",
    )  # fmt: skip
    return House(Reminders(intake, settings, ["demo"]), intake, clock)


def sweep_apart(url: str, folder: str, answer: Any) -> None:
    """Sweep in this process and say how long it took, and the most memory it held."""
    place = house(Database(url), folder, moment(SEVEN_BEFORE, 7))
    memory.settle()  # as every process of the service does
    started = time.perf_counter()
    swept = place.reminders.sweep.run()
    took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    place.clock.advance(minutes=1)
    started = time.perf_counter()
    place.reminders.sweep.run()
    idle = time.perf_counter() - started
    answer.put({"sweep_s": took, "sweep_mb": peak, "idle_sweep_s": idle, "planned": swept.planned})
    place.intake.database.close()


def sweep(url: str, folder: str) -> dict[str, float]:
    """Sweep in a process that has done nothing else."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    child = context.Process(target=sweep_apart, args=(url, folder, answer))
    child.start()
    found = answer.get(timeout=600)
    child.join()
    return found


def claims(place: House, workers: int = 4) -> float:
    """Claim everything with several workers; return rows a second; all of it waits again then."""
    now = place.clock.now()

    def work(number: int) -> int:
        seen = 0
        while rows := place.intake.write_now(
            lambda tx: tx.nudge_outbox.claim(
                "demo", f"w{number}", now, now + timedelta(minutes=9), AT_ONCE
            )
        ):
            seen += len(rows)
        return seen

    started = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        claimed = sum(pool.map(work, range(workers)))
    took = time.perf_counter() - started
    again = text("UPDATE nudge SET state = 'waiting', holder = '', lease_until = NULL")
    place.intake.write_now(lambda tx: tx.connection.execute(again) and None)
    return claimed / took


class Platform:
    """A channel at its own pace: takes nudges, and answers to people that go first."""

    channels = ("demo",)

    def __init__(self) -> None:
        self.pacer = Pacer(Timer(), PACE)
        self.sent = 0
        self.waits: list[float] = []

    async def nudge(
        self,
        channel: str,  # noqa: ARG002
        address: str,
        content: NudgeContent,  # noqa: ARG002
        begin: Begin,
    ) -> Handed:
        await self.pacer.turn(address, nudge=True)
        if not await begin():
            return Handed("kept")
        await asyncio.sleep(_PLATFORM)
        self.sent += 1
        return Handed("sent")

    async def answer(self, number: int) -> None:
        started = time.perf_counter()
        await self.pacer.turn(f"resident {number}")
        self.waits.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(_PLATFORM)


async def drain(place: House, seconds: float) -> dict[str, float]:
    """Send for some seconds at the channel's pace, with people who are answered beside it."""
    platform = Platform()
    outbox = place.reminders.outbox(platform)
    await outbox.start()
    await asyncio.sleep(2)  # its stride
    began, before, number = time.perf_counter(), platform.sent, 0
    answers: list[asyncio.Task[None]] = []
    while time.perf_counter() - began < seconds:
        answers.append(asyncio.create_task(platform.answer(number)))
        number += 1
        await asyncio.sleep(1 / _REPLIES)
    took = time.perf_counter() - began
    sent = platform.sent - before
    await outbox.stop()
    await asyncio.gather(*answers)
    await platform.pacer.stop()
    waits = sorted(platform.waits)
    return {
        "drain_per_s": sent / took,
        "drain_idle_percent": 100 * (1 - (sent + number) / (took * PACE.per_second)),
        "replies_p99_ms": waits[int(len(waits) * 0.99)] if waits else 0.0,
        "drain_90000_hours": 90_000 / (sent / took) / 3600 if sent else 0.0,
    }


def measure(country: Country, folder: str, seconds: float) -> dict[str, float]:
    """Do everything once; return what was found."""
    database = country.intake.database
    lay_all(country)
    if database.kind == "postgresql":  # as its own autovacuum would within a minute
        with database.maintenance() as connection:
            connection.execute(text("VACUUM ANALYZE"))
    _say("  laid")
    found = sweep(database.url.render_as_string(hide_password=False), folder)
    _say(f"  swept in {found['sweep_s']:.1f} s")
    place = house(database, folder, moment(SEVEN_BEFORE, 8))
    found["claims_per_s"] = claims(place)
    if database.kind == "postgresql":
        with database.maintenance() as connection:
            connection.execute(text("VACUUM ANALYZE nudge"))
    return found | asyncio.run(drain(place, seconds))


def _show(kind: str, found: dict[str, float]) -> None:
    for name, value in found.items():
        limit = f"  ({LIMITS[name]})" if name in LIMITS else ""
        print(f"{kind:24} {name:22} {value:12.2f}{limit}", flush=True)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    """Measure on both databases, then beside them plain APScheduler, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.nudges", description=__doc__)
    parser.add_argument("--people", type=int, default=90_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to drain")
    parser.add_argument("--jobs", type=int, default=0, help="jobs of plain APScheduler; 0: as many")
    parser.add_argument("--dir", default="/var/tmp", help="where the databases stand: a real disk")
    parser.add_argument("--kind", choices=("SQLite", "PostgreSQL"), action="append")
    options = parser.parse_args()
    tempfile.tempdir = options.dir
    kinds: list[str] = options.kind or ["SQLite", "PostgreSQL"]
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder, opened(kind, Path(folder)) as database:
            if database is None:
                _say(f"{kind} is not installed here: left out")
                continue
            _say(kind)
            country = Country(database, Path(folder), options.people)
            _show(kind, measure(country, folder, options.seconds))
    jobs = options.jobs or options.people
    beside: Callable[[], dict[str, float]] = lambda: plain_scheduler(jobs)  # noqa: E731
    _show(f"plain APScheduler, {jobs}", beside())


if __name__ == "__main__":
    main()
