"""A furnished installation for a round of the bench, and the processes that run over it.

SQLite in a folder of its own, or a private PostgreSQL cluster that really forces its log to disk.
Everything listens on 127.0.0.1 and is taken away afterwards.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.commands.demo import prepare
from api.demo_ward import SignIn
from bench.client import get
from intake.settings import TelegramSettings, settings_from
from storage.database import Database
from tests.databases import Cluster, postgres_programs

SECRET = "benchbenchbenchbench"
_ROOT = Path(__file__).parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")
_DURABLE = ("listen_addresses=''", "max_connections=100", "fsync=on")


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """One installation: its settings file, its database, its people."""

    name: str
    folder: Path
    database_url: str
    sign_ins: dict[str, SignIn]
    public_port: int
    officer_port: int
    telegram_port: int
    cluster: Cluster | None = None

    @property
    def config(self) -> Path:
        return self.folder / "homthu.toml"

    def size(self) -> int:
        """Return the bytes that the database takes."""
        if self.cluster is None:
            database = Database(self.database_url)
            database.checkpoint()
            database.close()
            return (self.folder / "homthu.db").stat().st_size
        return int(self.scalar("SELECT pg_database_size(current_database())"))

    def scalar(self, query: str) -> float:
        """Return one number from the database, read past the house."""
        from sqlalchemy import text

        database = Database(self.database_url)
        try:
            with database.maintenance() as connection:
                return float(connection.execute(text(query)).scalar() or 0)
        finally:
            database.close()

    def database_processes(self) -> list[int]:
        """Return PostgreSQL's own processes."""
        if self.cluster is None:
            return []
        main = int((self.cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
        return [main, *children_of(main)]


class Running:
    """One process of the house."""

    def __init__(self, command: list[str], port: int | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=_ROOT, stdout=subprocess.DEVNULL
        )
        self.pid = self._process.pid
        if port is not None:
            self._wait_for(port)

    def _wait_for(self, port: int) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError("a process of the bench did not start")

    def refill(self) -> None:
        """Put ready codes on the shelf of a bench server."""
        os.kill(self.pid, signal.SIGUSR1)
        time.sleep(0.2)

    def children(self) -> list[int]:
        """Return the processes that it has started."""
        return children_of(self.pid)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(*command: str, port: int | None = None) -> Generator[Running]:
    """Run ``python -m …`` until the block ends."""
    process = Running(list(command), port)
    try:
        yield process
    finally:
        process.stop()


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def cpu_seconds(*pids: int) -> float:
    """Return the processor time that these processes have used."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # one of PostgreSQL's has ended
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def memory(name: str, pid: int) -> dict[str, float]:
    """Return what a process takes in MB: ``memory_…``, and ``share_…`` as the kernel divides it.

    The first (RSS) counts the pages that others use too for each of them, the second (PSS) for each
    its part: only those may be added up.
    """
    return told_memory(name, Path(f"/proc/{pid}/smaps_rollup").read_text())


def told_memory(name: str, told: str) -> dict[str, float]:
    """Return the same from what a process has read about itself."""
    lines = (line.split() for line in told.strip().splitlines()[1:])
    sizes = {name: int(size) / 1024 for name, size, *_ in lines}
    return {f"memory_{name}": sizes["Rss:"], f"share_{name}": sizes["Pss:"]}


def ask(port: int, path: str) -> bytes:
    """Return one small answer of a process on loopback."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(get(path))
        return connection.recv(65536)


@contextmanager
def furnished(kind: str) -> Generator[House | None]:
    """Make an installation on SQLite or PostgreSQL; None where PostgreSQL is not installed."""
    programs = postgres_programs() if kind == "PostgreSQL" else None
    if kind == "PostgreSQL" and programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="homthu-bench-"))
    cluster = Cluster(programs, _DURABLE) if programs else None
    try:
        url = f"sqlite:///{folder / 'homthu.db'}"
        if cluster:
            cluster.start()
            cluster.make_template()
            url = cluster.url(cluster.new_database())
        yield _furnish(kind, folder, url, cluster)
    finally:
        if cluster:
            cluster.close()
        shutil.rmtree(folder, ignore_errors=True)


def _furnish(kind: str, folder: Path, url: str, cluster: Cluster | None) -> House:
    state = folder / "state"
    house = House(kind, folder, url, {}, free_port(), free_port(), free_port(), cluster)
    telegram = {
        "token_file": str(folder / "token"),
        "mode": "webhook",
        "webhook_secret_file": str(folder / "secret"),
        "base_url": f"http://127.0.0.1:{house.telegram_port}/bot",
        "base_file_url": f"http://127.0.0.1:{house.telegram_port}/file/bot",
    }
    values = {
        "state_dir": str(state),
        "demo": True,
        "database_url": url,
        "base_url": f"http://127.0.0.1:{house.public_port}",
        "console_url": f"http://127.0.0.1:{house.officer_port}",
        "public_port": house.public_port,
        "officer_port": house.officer_port,
        "release_minutes": 0,
        "hotline": "0200 000 113",
        "passphrase_memory_kib": 65536,
        "passphrase_passes": 2,
        "session_idle_minutes": 60,
        "log_level": "ERROR",
    }
    (folder / "token").write_text("7:bench")
    (folder / "secret").write_text(SECRET)
    settings = settings_from(**values, telegram=TelegramSettings.model_validate(telegram))
    house.sign_ins = {one.login: one for one in prepare(settings)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    lines += ["[telegram]", *(f"{name} = {json.dumps(value)}" for name, value in telegram.items())]
    house.config.write_text("\n".join(lines))
    return house
