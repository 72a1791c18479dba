"""One round: one database, one disk, everything that residents' doors do, beside its limits."""

import json
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from bench import limits, queue_page
from bench.client import get, post
from bench.house import SECRET, House, Running, ask, cpu_seconds, memory, running
from bench.load import BODY, FORM
from bench.minimal import UNIT
from bot.channels.telegram_webhook import PATH

CLIENTS = 64
Found = dict[str, float]


@dataclass(frozen=True)
class Size:
    """How much of everything; the whole bench stays under seven minutes, a quick one under one."""

    burst: int = 1000
    bursts: int = 3
    seconds: float = 4
    moment: float = 1
    queue: tuple[int, ...] = (1_000, 10_000, 100_000)
    pages: int = 25


QUICK = Size(burst=200, bursts=1, seconds=1.5, moment=0.3, queue=(1_000, 10_000), pages=8)


_SETTLED = 4.0  # seconds; longer than restocking rests before it gives back what it borrowed


class Door:
    """The load process, pointed at one port."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.failed = 0.0

    def load(self, job: str, **more: Any) -> Found:
        """Do one job in a process of its own and return what it saw."""
        wanted = {"job": job, "port": self._port, "clients": CLIENTS, "seconds": 30, **more}
        done = subprocess.run(
            [sys.executable, "-m", "bench.load", json.dumps(wanted)],
            check=True,
            stdout=subprocess.PIPE,
        )
        result: Found = json.loads(done.stdout)
        self.failed += result["failed"]
        return result

    def chat(self, path: str = PATH, **more: Any) -> Found:
        """Let people tell their stories over Telegram."""
        return self.load("chat", path=path, secret=SECRET, **more)


@contextmanager
def neighbour(house: House) -> Generator[None]:
    """Let somebody else force the same disk for as long as the round lasts."""
    with running("bench.neighbour", str(house.folder / "neighbour"), "120"):
        yield


def measure(house: House, size: Size, *, busy: bool) -> Found:
    """Return everything that one round finds."""
    with neighbour(house) if busy else nullcontext():
        found = limits.yardsticks(house.folder, size.moment / 2)
        found |= limits.commits(house, size.moment) | limits.writer(house, size.burst // 2)
        before = _minimal(house, size)
        with running("bench.telegram", str(house.telegram_port), port=house.telegram_port):
            with _bot(house) as bot:
                time.sleep(_SETTLED)
                found |= memory("rest", bot.pid)
                found |= _web(house, bot, size) | _chats(house, bot, size)
                found |= memory("waiting", bot.pid)
            with _bot(house, "--unpaced") as bot:
                found |= _answered_chats(house, bot, size)
        after = _minimal(house, size)
    return found | {each: mean((before[each], after[each])) for each in before}


@contextmanager
def _bot(house: House, *options: str) -> Generator[Running]:
    with running("bench.server", str(house.config), *options, port=house.public_port) as bot:
        bot.refill()
        yield bot


def _minimal(house: House, size: Size) -> Found:
    with running("bench.minimal", str(house.config), port=house.public_port) as minimal:
        door = Door(house.public_port)
        tip = post("/tip", BODY, FORM).decode()
        found = {
            "bare": door.load("plain", request=get("/bare").decode(), seconds=size.moment)["rate"],
            "minimal_post": median(
                door.load("plain", request=tip, count=size.burst)["rate"]
                for _ in range(size.bursts)
            ),
            "minimal_step": door.chat("/step", seconds=size.seconds / 2)["rate"],
        }
        return found | memory("minimal", minimal.pid)


def _cpu(house: House, bot: Running) -> float:
    return cpu_seconds(bot.pid, *house.database_processes())


def _web(house: House, bot: Running, size: Size) -> Found:
    door = Door(house.public_port)
    count = f"SELECT count(*) FROM tip WHERE unit_id = '{UNIT}'"
    tips, stored = house.scalar(count), house.size()
    bursts, posts, used = list[Found](), list[Found](), list[float]()
    for _ in range(size.bursts):
        bot.refill()
        bursts.append(door.load("submit", count=size.burst))
        bot.refill()
        before = _cpu(house, bot)
        posts.append(door.load("posts", count=size.burst))
        used.append((_cpu(house, bot) - before) / size.burst * 1000)
    size_of_one = (house.size() - stored) / max(1, house.scalar(count) - tips)
    before = _cpu(house, bot)
    steady = door.load("submit", seconds=size.seconds * 1.6)
    steady_cpu = (_cpu(house, bot) - before) / max(1, steady["done"]) * 1000
    half = door.load("submit", rate=max(1, steady["rate"] / 2), seconds=size.seconds)
    return {
        "burst": median(one["rate"] for one in bursts),
        "burst_p50": median(one["p50"] for one in bursts),
        "burst_p99": median(one["p99"] for one in bursts),
        "post": median(one["rate"] for one in posts),
        "post_p99": median(one["p99"] for one in posts),
        "post_cpu": median(used),
        "steady": steady["rate"],
        "steady_p99": steady["p99"],
        "steady_cpu": steady_cpu,
        "half_p50": half["p50"],
        "half_p99": half["p99"],
        "web_failed": door.failed,
        "bytes": size_of_one,
    }


def _chats(house: House, bot: Running, size: Size) -> Found:
    door = Door(house.public_port)
    bot.refill()
    before = _cpu(house, bot)
    chat = door.chat(seconds=size.seconds)
    used = (_cpu(house, bot) - before) / max(1, chat["done"]) * 1000
    bot.refill()
    half = door.chat(rate=max(1, chat["rate"] / 2), seconds=size.seconds)
    return {
        "waiting": chat["done"] + half["done"] - _sent(house),
        "chat": chat["rate"],
        "chat_p50": chat["p50"],
        "chat_p99": chat["p99"],
        "chat_cpu": used,
        "chat_half_p99": half["p99"],
        "chat_failed": door.failed,
    }


def _answered_chats(house: House, bot: Running, size: Size) -> Found:
    """Return steps a second when every reply leaves at once, past Telegram's own limit.

    After them and a burst of tips nothing waits: what the process holds then, it needs.
    """
    door = Door(house.public_port)
    chat = door.chat(seconds=size.seconds * 0.8)
    bot.refill()
    door.load("submit", count=size.burst)
    bot.refill()
    time.sleep(_SETTLED)
    return {
        "chat_answered": chat["rate"],
        "answered_failed": door.failed,
        **memory("after", bot.pid),
    }


def _sent(house: House) -> float:
    """Return how many replies have come to the stand-in for Telegram."""
    return float(ask(house.telegram_port, "/count").rpartition(b"\n")[2])


def grown(house: House, size: Size) -> Found:
    """Return the queue page at each size, and what a tip costs when so many are stored."""
    queue_page.seal_first_page(house)
    few = _posts(house, size)
    found = queue_page.measure(house, size.queue, size.pages)
    many = _posts(house, size)
    with running("homthu", "serve", "reminders", "--config", str(house.config)) as reminders:
        time.sleep(2)
        found |= memory("reminders", reminders.pid)
    return {**found, **_whole(house), "cost_few": few, "cost_many": many}


def _whole(house: House) -> Found:
    """Return what all processes of an installation take together, at rest."""
    with (
        running("bench.telegram", str(house.telegram_port), port=house.telegram_port),
        running(
            "homthu", "run", "--config", str(house.config), port=house.public_port
        ) as supervisor,
    ):
        time.sleep(_SETTLED)
        pids = [supervisor.pid, *supervisor.children()]
        return {"share_whole": sum(memory("", pid)["share_"] for pid in pids)}


def _posts(house: House, size: Size) -> float:
    """Return the processor milliseconds of one post."""
    with (
        running("bench.telegram", str(house.telegram_port), port=house.telegram_port),
        _bot(house) as bot,
    ):
        door = Door(house.public_port)
        before = _cpu(house, bot)
        done = door.load("posts", count=size.burst // 2)["done"]
        return (_cpu(house, bot) - before) / max(1, done) * 1000
