"""Full, locked, failing, stopped, unreachable: a real bot process under load lives through it all.

Each time residents go on writing meanwhile. Whoever asks is answered within seconds, with a page,
with the form again or with 503; the process stays the same; and afterwards the books are in order.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import Database
from tests.clocks import FixedClock
from tests.databases import Cluster, skip
from tests.promises.killing import Grounds, grounds_of, settle_and_check
from tests.promises.nursery import Life, Nursery
from tests.promises.town import Town
from tests.running.trouble import broken_commit
from tests.wards import Template, Ward, open_ward

pytestmark = pytest.mark.xdist_group("kills")

BUSY = 1.0  # seconds that a lock is waited for
PATIENCE = 15.0  # seconds within which everybody is answered, on a machine under load


def lives_through(
    grounds: Grounds,
    town: Town,
    life: Life,
    trouble: Callable[[], None],
    mend: Callable[[], None],
) -> None:
    """Let trouble come over a town and go; nobody may hang, and the same process must go on."""
    grounds.until(lambda: len(town.residents) > len(grounds.post.receipts) > 2, 60)
    trouble()
    grounds.until(lambda: any(page.troubles for page in town.pages), 30, "no trouble")
    assert life.alive
    assert life.status("/healthz") == 200
    troubles = sum(page.troubles for page in town.pages)
    grounds.until(lambda: sum(page.troubles for page in town.pages) > troubles, 60)
    mend()
    grounds.until(lambda: life.status("/readyz") == 200, 10, "not ready again")
    done = sum(each.done for each in town.residents)
    grounds.until(lambda: sum(each.done for each in town.residents) > done + 3, 30, "no recovery")
    grounds.passes(minutes=5)  # for whoever is born next
    assert life.alive
    settle_and_check(grounds, town)
    assert {status for page in town.pages for status in page.refused} <= {503}
    assert max(page.slowest for page in town.pages) < PATIENCE


# --- the disk -------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of a few megabytes: room for all that a town writes, and its log."""
    if os.geteuid() != 0:
        skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        skip("this machine does not let us mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk(
    small_disk: Path,
    tmp_path: Path,
    sqlite_template: Path,
    furnished: Template,
    clock: FixedClock,
    nursery: Nursery,
) -> None:
    shutil.copy(sqlite_template, small_disk / "homthu.db")
    database = Database(f"sqlite:///{small_disk / 'homthu.db'}")
    ward = open_ward(furnished, small_disk, database, clock)
    ballast = small_disk / "ballast"

    def fill_up() -> None:
        """Leave no room at all, at once."""
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(65536)) == 65536:
                    pass
            except OSError:
                pass

    with closing(database), grounds_of(ward, nursery, "webhook", seed=31) as grounds:
        grounds.log = tmp_path / "bot.log"
        life = grounds.birth().wait_ready()
        with Town(grounds.post, 31, grounds.base, chats=4, pages=4) as town:
            lives_through(grounds, town, life, fill_up, ballast.unlink)


# --- the database ---------------------------------------------------------------------------------


def test_a_locked_sqlite_file(
    sqlite_database: Database,
    furnished: Template,
    tmp_path: Path,
    clock: FixedClock,
    nursery: Nursery,
) -> None:
    ward = open_ward(furnished, tmp_path, sqlite_database, clock)
    path = str(sqlite_database.path)
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other:
        with grounds_of(ward, nursery, "poll", seed=32) as grounds:
            life = grounds.birth(busy_seconds=BUSY).wait_ready()
            with Town(grounds.post, 32, grounds.base, chats=4, pages=4) as town:
                lives_through(
                    grounds,
                    town,
                    life,
                    lambda: other.execute("BEGIN IMMEDIATE"),
                    lambda: other.execute("ROLLBACK"),
                )


@pytest.mark.postgres
def test_a_stopped_postgresql(
    own_cluster: Cluster,
    furnished: Template,
    tmp_path: Path,
    clock: FixedClock,
    nursery: Nursery,
) -> None:
    database = Database(own_cluster.url(own_cluster.new_database()))
    ward = open_ward(furnished, tmp_path, database, clock)

    def stop() -> None:
        own_cluster.stop()
        assert life.status("/readyz") == 503

    with closing(database), grounds_of(ward, nursery, "webhook", seed=33) as grounds:
        life = grounds.birth(busy_seconds=BUSY).wait_ready()
        with Town(grounds.post, 33, grounds.base, chats=4, pages=4) as town:
            lives_through(grounds, town, life, stop, own_cluster.start)


def test_commits_that_fail(ward: Ward, nursery: Nursery) -> None:
    broken = broken_commit(ward.intake.database)
    mode = "poll" if ward.intake.database.kind == "sqlite" else "webhook"
    with grounds_of(ward, nursery, mode, seed=34) as grounds:
        life = grounds.birth().wait_ready()
        with Town(grounds.post, 34, grounds.base, chats=4, pages=4) as town:
            lives_through(
                grounds,
                town,
                life,
                broken.__enter__,
                lambda: broken.__exit__(None, None, None),
            )


# --- Telegram -------------------------------------------------------------------------------------


def test_telegram_out_of_reach_at_the_start(ward: Ward, nursery: Nursery) -> None:
    mode = "webhook" if ward.intake.database.kind == "sqlite" else "poll"
    with grounds_of(ward, nursery, mode, seed=35) as grounds:
        grounds.post.stop()
        life = grounds.birth().wait_ready(10)
        with Town(grounds.post, 35, grounds.base, chats=0, pages=2) as pages:
            grounds.until(lambda: sum(page.done for page in pages.pages) > 3)
            pages.wait_all_done()
        assert not any(page.troubles for page in pages.pages)
        grounds.until(lambda: "Telegram has not taken" in grounds.log.read_text())
        grounds.post.start()
        with Town(grounds.post, 36, chats=3, pages=0) as chats:
            grounds.until(lambda: sum(chat.done for chat in chats.chats) > 3, 60)
            chats.wait_all_done()
        assert life.alive
        pages.residents += chats.residents
        settle_and_check(grounds, pages)
