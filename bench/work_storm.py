"""The evening storm: thousands of leaders file over Telegram's webhook within some minutes.

The real bot process on two cores, the whole way of each check-in: one line, the card, a tap on
[Lưu], the receipt. Nobody has written to this process before, so it shows each chat its menu too.
Replies leave at once: Telegram itself lets one bot send about 25 a second, slower than this storm.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import text

from bench.house import SECRET, House, Running, cpu_seconds, furnished, memory, running
from bench.work_country import Country
from intake.ports import SystemClock
from storage.database import Database

Found = dict[str, float]
CORES, CLIENTS, PACE = 2, 32, 25.0
CHANNEL, WARM, STEPS = "telegram", 200, 400


class Crowd:
    """The process in which the people are; see `bench.work_people`."""

    def __init__(self, house: House) -> None:
        where = [str(house.telegram_port), str(house.public_port), SECRET]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.work_people", *where],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.pid = self._process.pid

    def do(self, job: str, **more: float) -> Found:
        """Do one job and return what it saw."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"job": job, **more}), file=self._process.stdin, flush=True)
        answer: Found = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(15)


@contextmanager
def crowd(house: House) -> Generator[Crowd]:
    people = Crowd(house)
    try:
        yield people
    finally:
        people.close()


def on_two_cores() -> None:
    """Keep this process, and all that it starts from now on, on two cores."""
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)


def furnish(house: House, neighbourhoods: int, people: int) -> None:
    """Lay the country, open this month, and enrol the leaders of the first neighbourhoods."""
    database = Database(house.database_url)
    try:
        country = Country(database, house.folder, neighbourhoods, SystemClock())
        country.lay()
        country.obligations.open_period(country.clock.today())
        country.enrol(range(1, people + 1), CHANNEL)
        country.settle("obligation", "area", "leader", "leader_chat", "assignment")
    finally:
        database.close()


def measure(kind: str, neighbourhoods: int, check_ins: int, seconds: float) -> Found | None:
    """Return what the storm found on a database; None where it is not installed."""
    people = check_ins + WARM + STEPS
    with furnished(kind) as house:
        if house is None:
            return None
        furnish(house, max(neighbourhoods, people + 1), people)
        with crowd(house) as here, bot(house) as process:
            here.do("open", clients=CLIENTS)
            _steps(house, here, process, 1, WARM + 1)
            found = _steps(house, here, process, WARM + 1, WARM + STEPS + 1)
            found |= _storm(house, here, process, WARM + STEPS + 1, people + 1, seconds)
            found |= memory("bot", process.pid)
        return found | _kept(house)


@contextmanager
def bot(house: House) -> Generator[Running]:
    command = ("bench.server", str(house.config), "--unpaced")
    with running(*command, port=house.public_port) as process:
        process.refill()  # no receipt codes are derived meanwhile
        time.sleep(1)
        yield process


def _steps(house: House, here: Crowd, process: Running, first: int, upto: int) -> Found:
    """Return processor milliseconds a step, of the bot and of the database's processes."""
    found: Found = {}
    here.do("hellos", first=first, upto=upto)
    for job, name in (("lines", "http_line"), ("saves", "http_save")):
        bot_before, other_before = _cpu(house, process)
        done = here.do(job, first=first, upto=upto)["done"]
        bot_after, other_after = _cpu(house, process)
        if done != upto - first:
            raise RuntimeError(f"{upto - first - done:.0f} steps of the bench failed")
        found[f"{name}_cpu"] = (bot_after - bot_before) / done * 1000
        found[f"{name}_cpu_database"] = (other_after - other_before) / done * 1000
    return found


def _cpu(house: House, process: Running) -> tuple[float, float]:
    return cpu_seconds(process.pid), cpu_seconds(*house.database_processes())


def _storm(
    house: House, here: Crowd, process: Running, first: int, upto: int, seconds: float
) -> Found:
    before, crowd_before = _cpu(house, process), cpu_seconds(here.pid)
    found = here.do("storm", first=first, upto=upto, seconds=seconds)
    after, crowd_after = _cpu(house, process), cpu_seconds(here.pid)
    steps = max(1.0, found["filed"]) * 2
    return {f"storm_{name}": value for name, value in found.items()} | {
        "storm_cpu": (after[0] - before[0]) / steps * 1000,
        "storm_cpu_database": (after[1] - before[1]) / steps * 1000,
        "storm_people_cpu": (crowd_after - crowd_before) / steps * 1000,
        "storm_asked": float(upto - first),
        "storm_busy": (after[0] - before[0]) / found["seconds"] * 100,
        "storm_paced_minutes": 2 * (upto - first) / PACE / 60,
    }


def _kept(house: House) -> Found:
    """Return how many check-ins are stored, and how many duties are met by them: all, or it lies."""
    database = Database(house.database_url)
    try:
        with database.maintenance() as connection:
            queries = {
                "stored": "SELECT count(*) FROM check_in WHERE owner_id LIKE 'b%'",
                "met": "SELECT count(*) FROM obligation WHERE owner_id LIKE 'b%' AND met",
            }
            return {
                f"storm_{name}": float(connection.execute(text(query)).scalar() or 0) - WARM - STEPS
                for name, query in queries.items()
            }
    finally:
        database.close()
