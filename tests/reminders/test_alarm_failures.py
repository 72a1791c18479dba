"""The alarm's own road fails: nobody is rung again and again, and nobody is left unrung."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from intake.errors import DatabaseBusy
from intake.upkeep.jobs import JOBS
from reminders import alarms
from reminders.alarms import Alarms
from reminders.housekeeping import Housekeeping
from tests.reminders.test_alarms import Bell, housekeeping, link_administrator, look
from tests.wards import Ward

pytestmark = pytest.mark.anyio


class BadBell(Bell):
    """Breaks, or never answers, in some chats."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: set[str] = set()
        self.silent: set[str] = set()

    async def alarm(self, channel: str, address: str) -> bool:
        if address in self.broken:
            raise RuntimeError("MARKED")
        if address in self.silent:
            await asyncio.Event().wait()
        return await super().alarm(channel, address)


@pytest.fixture
def bell() -> BadBell:
    return BadBell()


@pytest.fixture
def keep(ward: Ward, bell: BadBell) -> Housekeeping:
    return housekeeping(ward, bell)


async def late(ward: Ward, keep: Housekeeping) -> None:
    """Let jobs be late, and look twice."""
    await keep.watch()
    ward.clock.advance(minutes=11)
    await look(ward, keep)


async def test_a_chat_that_breaks_neither_rings_the_others_again_nor_keeps_them_from_it(
    ward: Ward, keep: Housekeeping, bell: BadBell
) -> None:
    link_administrator(ward, "a", "b", "c")
    bell.broken = {"b"}
    await late(ward, keep)
    for _ in range(3):
        ward.clock.advance(minutes=5)
        await keep.watch()
    assert bell.rang == ["a", "c"]


async def test_a_chat_that_never_answers_does_not_end_the_watch(
    ward: Ward, keep: Housekeeping, bell: BadBell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "_PATIENCE", 0.01)
    link_administrator(ward, "a", "b")
    bell.silent = {"a"}
    async with asyncio.timeout(30):
        await late(ward, keep)
    assert bell.rang == ["b"]


async def test_who_was_rung_is_not_rung_again_when_that_could_not_be_written_down(
    ward: Ward, keep: Housekeeping, bell: BadBell, monkeypatch: pytest.MonkeyPatch
) -> None:
    link_administrator(ward, "a")
    true_told: Any = Alarms._told

    def full(*_: Any) -> None:
        raise DatabaseBusy("the disk is full")

    monkeypatch.setattr(Alarms, "_told", full)
    await keep.watch()
    ward.clock.advance(minutes=11)
    for _ in range(4):
        try:
            await keep.watch()
        except DatabaseBusy:
            pass
        ward.clock.advance(minutes=5)
    assert bell.rang == ["a"]
    monkeypatch.setattr(Alarms, "_told", true_told)
    await keep.watch()
    assert bell.rang == ["a"]
    with ward.intake.read() as view:
        assert any(row.told_at for row in view.jobs.troubles())


async def test_an_alarm_that_cannot_leave_stands_in_the_log_once(
    ward: Ward, keep: Housekeeping, bell: BadBell, caplog: pytest.LogCaptureFixture
) -> None:
    link_administrator(ward, "a")
    bell.down = {"a"}
    with caplog.at_level(logging.ERROR, "homthu.alarms"):
        await late(ward, keep)
        first = len(caplog.records)
        for _ in range(5):
            ward.clock.advance(seconds=10)
            await keep.watch()
    assert first > 0
    assert len(caplog.records) == first


async def test_old_backups_die_on_a_replica_that_never_leads(
    ward: Ward, bell: BadBell, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    settings = ward.settings.model_copy(update={"backup_dir": folder})
    there = Ward(**(vars(ward) | {"foundation": replace(ward.foundation, settings=settings)}))
    mine = housekeeping(there, bell)
    folder.mkdir()
    day = ward.clock.today()
    for kind in ("brief", "body"):
        (folder / f"homthu-{day}-0011223344556677.{kind}").write_bytes(b"sealed")
    for days, left in ((6, 2), (1, 1), (27, 1), (1, 0)):
        ward.clock.advance(days=days)
        now = ward.clock.now()
        ward.intake.write_now(lambda tx, n=now: [tx.jobs.succeeded(job.name, n) for job in JOBS])
        await mine.nights("two")
        assert len(list(folder.iterdir())) == left
