"""Jobs in the background: run when due, made up for when missed, never missed in silence."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import SQLModel

from intake.audit import AuditSigner
from intake.errors import ChannelDown
from intake.foundation import Foundation
from intake.ports import VIETNAM
from intake.relay import Relay
from intake.upkeep.doctor import examine
from intake.upkeep.health import Health
from intake.upkeep.jobs import JOBS, expected, troubles
from intake.vault.key_pairs import new_seed
from reminders.housekeeping import Housekeeping
from storage.leaders import ChatRow, LeaderRow
from tests.wards import Ward

pytestmark = pytest.mark.anyio


class Bell:
    """Remembers whom it rang; can be down, or find somebody gone."""

    def __init__(self) -> None:
        self.rang: list[str] = []
        self.down: set[str] = set()
        self.gone: set[str] = set()

    async def tell(self, channel: str, address: str) -> bool:
        raise AssertionError

    async def alarm(self, channel: str, address: str) -> bool:
        assert channel == "demo"
        if address in self.down:
            raise ChannelDown("down")
        if address in self.gone:
            return False
        self.rang.append(address)
        return True


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def keep(ward: Ward, bell: Bell) -> Housekeeping:
    return housekeeping(ward, bell)


def housekeeping(ward: Ward, bell: Bell) -> Housekeeping:
    signer = AuditSigner(ward.intake, bytes(range(32)))
    return Housekeeping(ward.intake, ward.settings, signer, Relay(ward.intake, new_seed()), bell)


def all_succeed(ward: Ward, *, but: str = "") -> None:
    """Note a success of every job now, and of every probe."""
    now, today = ward.clock.now(), ward.clock.today()

    def work(tx: Any) -> None:
        for job in JOBS:
            if job.name != but:
                tx.jobs.succeeded(job.name, now)
        for probe in tx.keys.probes():
            tx.keys.probe_opened(probe.unit_id, probe.key_id, today)

    ward.intake.write_now(work)


def link_administrator(ward: Ward, *addresses: str) -> None:
    """Give the administrator an entry and chats."""
    tables, now, who = SQLModel.metadata.tables, ward.clock.now(), b"a" * 16

    def work(tx: Any) -> None:
        tx.leaders.add(LeaderRow(who, "Quản trị", "anh", "vi", None, ward.clock.today(), None))
        for address in addresses:
            tx.leaders.add_chat(ChatRow("demo", address, who, now))
        officer = next(o for o in tx.officers.all() if o.role == "admin")
        tx.connection.execute(
            tables["officer_person"].insert().values(officer_id=officer.id, leader_id=who)
        )

    ward.intake.write_now(work)


async def look(ward: Ward, keep: Housekeeping) -> None:
    """Look twice: what is still wrong after five minutes is told."""
    await keep.watch()
    ward.clock.advance(minutes=5)
    await keep.watch()


async def test_what_is_wrong_for_a_moment_rings_nobody(
    ward: Ward, keep: Housekeeping, bell: Bell
) -> None:
    link_administrator(ward, "chat")
    all_succeed(ward)
    await keep.watch()
    ward.clock.advance(days=3)  # switched off meanwhile
    await keep.watch()
    ward.clock.advance(minutes=5)
    all_succeed(ward)
    await keep.watch()
    assert bell.rang == []


async def test_a_late_job_raises_one_alarm_and_another_only_after_it_had_recovered(
    ward: Ward, keep: Housekeeping, bell: Bell
) -> None:
    link_administrator(ward, "chat")
    all_succeed(ward)
    await keep.watch()
    assert bell.rang == []
    ward.clock.advance(hours=37)
    all_succeed(ward, but="mix-arrivals")
    await look(ward, keep)
    await keep.watch()
    assert bell.rang == ["chat"]
    all_succeed(ward)
    await keep.watch()
    ward.clock.advance(hours=37)
    all_succeed(ward, but="mix-arrivals")
    await look(ward, keep)
    assert bell.rang == ["chat", "chat"]


async def test_each_job_is_late_after_its_own_limit_and_not_before(
    ward: Ward, keep: Housekeeping
) -> None:
    all_succeed(ward)
    await keep.watch()
    jobs, begun = expected(ward.settings), ward.clock.now()
    for limit in sorted({job.limit for job in jobs}):
        ward.clock.set(begun + limit)
        with ward.intake.read() as view:
            before = {t.name for t in troubles(view, jobs, ward.clock) if t.kind == "late"}
        ward.clock.advance(seconds=1)
        with ward.intake.read() as view:
            after = {t.name for t in troubles(view, jobs, ward.clock) if t.kind == "late"}
        assert after - before == {job.name for job in jobs if job.limit == limit}


async def test_a_job_that_never_ran_counts_from_the_first_tick(
    ward: Ward, keep: Housekeeping
) -> None:
    jobs = expected(ward.settings)
    with ward.intake.read() as view:
        assert [t.name for t in troubles(view, jobs, ward.clock)] == ["reminders"]
    await keep.watch()
    with ward.intake.read() as view:
        assert troubles(view, jobs, ward.clock) == []
    ward.clock.advance(minutes=11)
    with ward.intake.read() as view:
        assert "dialogue" in {t.name for t in troubles(view, jobs, ward.clock)}


async def test_a_success_in_the_future_proves_nothing(ward: Ward, keep: Housekeeping) -> None:
    await keep.watch()
    ward.clock.advance(hours=1)
    all_succeed(ward)
    future = ward.clock.now() + timedelta(days=400)
    ward.intake.write_now(lambda tx: tx.jobs.succeeded("dialogue", future))
    with ward.intake.read() as view:
        found = troubles(view, expected(ward.settings), ward.clock)
    assert [trouble.name for trouble in found] == ["dialogue"]


async def test_a_probe_that_nobody_opened_for_a_week_raises_an_alarm(
    ward: Ward, keep: Housekeeping, bell: Bell
) -> None:
    link_administrator(ward, "chat")
    all_succeed(ward)
    ward.clock.advance(days=7)
    now = ward.clock.now()
    ward.intake.write_now(lambda tx: [tx.jobs.succeeded(job.name, now) for job in JOBS])
    await keep.watch()
    assert bell.rang == []
    ward.clock.advance(days=1)
    now = ward.clock.now()
    ward.intake.write_now(lambda tx: [tx.jobs.succeeded(job.name, now) for job in JOBS])
    await look(ward, keep)
    assert bell.rang == ["chat"]
    with ward.intake.read() as view:
        assert {row.kind for row in view.jobs.troubles()} == {"probe"}


async def test_an_alarm_that_could_not_be_sent_is_tried_again(
    ward: Ward, keep: Housekeeping, bell: Bell
) -> None:
    link_administrator(ward, "one", "two")
    await keep.watch()
    bell.down = {"one", "two"}
    ward.clock.advance(minutes=11)
    await look(ward, keep)
    assert bell.rang == []
    bell.down = {"one"}
    await keep.watch()
    await keep.watch()
    assert bell.rang == ["two"]


async def test_where_nobody_can_be_written_to_the_console_has_told(
    ward: Ward, keep: Housekeeping, bell: Bell
) -> None:
    link_administrator(ward, "one")
    bell.gone = {"one"}
    await keep.watch()
    ward.clock.advance(minutes=11)
    await look(ward, keep)
    with ward.intake.read() as view:
        assert {row.told_at is None for row in view.jobs.troubles()} == {False}
    assert any("biên nhận" in says for says in Health(ward.intake).troubles())


async def test_only_administrators_who_are_there_are_written_to(
    ward: Ward, keep: Housekeeping, bell: Bell
) -> None:
    link_administrator(ward, "chat")
    ward.intake.write_now(lambda tx: tx.leaders.note_blocked("demo", "chat", ward.clock.now()))
    await keep.watch()
    ward.clock.advance(minutes=11)
    await look(ward, keep)
    assert bell.rang == []


# --- nights ---------------------------------------------------------------------------------------


@pytest.fixture
def nights(keep: Housekeeping, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts the nightly jobs instead of doing them."""
    ran: list[str] = []

    def noting(name: str) -> Any:
        async def job() -> None:
            ran.append(name)

        return job

    monkeypatch.setattr(keep, "_nightly", {job.name: noting(job.name) for job in JOBS if job.at})
    return ran


WEEKLY = {"compact"}


def at(ward: Ward, hour: int, minute: int = 0, days: int = 0) -> None:
    """Move to an hour in Vietnam, some days on."""
    local = ward.clock.now().astimezone(VIETNAM) + timedelta(days=days)
    ward.clock.set(local.replace(hour=hour, minute=minute, second=0, microsecond=0))


async def test_a_night_runs_each_job_once_in_its_order(
    ward: Ward, keep: Housekeeping, nights: list[str]
) -> None:
    await keep.nights("one")
    nights.clear()
    at(ward, 0, 0, days=1)
    for _ in range(12 * 24):
        ward.clock.advance(minutes=5)
        await keep.nights("one")
    assert nights == [
        "forget-old-addresses", "erase-what-is-due", "mix-arrivals", "vouch-for-audit",
    ]  # fmt: skip


async def test_a_tick_missed_for_36_hours_is_made_up_for_once(
    ward: Ward, keep: Housekeeping, nights: list[str]
) -> None:
    await keep.nights("one")
    nights.clear()
    ward.clock.advance(hours=36)
    for _ in range(10):
        ward.clock.advance(minutes=1)
        await keep.nights("one")
    assert sorted(nights) == sorted(
        job.name for job in expected(ward.settings) if job.at and job.name not in WEEKLY
    )


async def test_a_clock_set_back_an_hour_repeats_nothing(
    ward: Ward, keep: Housekeeping, nights: list[str]
) -> None:
    await keep.nights("one")
    nights.clear()
    at(ward, 5, 0, days=1)
    await keep.nights("one")
    ran = list(nights)
    vars(ward.clock)["_moment"] -= timedelta(minutes=55)
    for _ in range(60):
        ward.clock.advance(minutes=1)
        await keep.nights("one")
    assert nights == ran


async def test_the_compaction_begins_on_sunday_nights_only(
    ward: Ward, keep: Housekeeping, nights: list[str]
) -> None:
    begun: list[datetime] = []
    for _ in range(24 * 15):
        ward.clock.advance(hours=1)
        before = nights.count("compact")
        await keep.nights("one")
        if nights.count("compact") > before:
            begun.append(ward.clock.now().astimezone(VIETNAM))
    assert [(moment.weekday(), moment.hour) for moment in begun] == [(6, 3), (6, 3)]


async def test_a_night_job_that_fails_is_tried_again_half_an_hour_later(
    ward: Ward, keep: Housekeeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[datetime] = []

    async def broken() -> None:
        tries.append(ward.clock.now())
        raise RuntimeError("MARKED")

    monkeypatch.setattr(keep, "_nightly", {"mix-arrivals": broken})
    for _ in range(61):
        await keep.nights("one")
        ward.clock.advance(minutes=1)
    assert [second - first for first, second in pairwise(tries)] == [timedelta(minutes=30)] * 2


async def test_two_processes_run_a_night_once(
    ward: Ward, keep: Housekeeping, bell: Bell, nights: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = housekeeping(ward, bell)
    monkeypatch.setattr(other, "_nightly", vars(keep)["_nightly"])
    await keep.nights("one")
    nights.clear()
    at(ward, 5, 0, days=1)
    await keep.nights("one")
    ran = list(nights)
    ward.clock.advance(minutes=5)
    await other.nights("two")
    assert nights == ran


async def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(ward: Ward) -> None:
    now = ward.clock.now()
    later = now + timedelta(days=400)
    assert ward.intake.write_now(lambda tx: tx.jobs.lease("job", "one", later, 60))
    assert ward.intake.write_now(lambda tx: tx.jobs.lease("job", "two", now, 60))
    assert not ward.intake.write_now(lambda tx: tx.jobs.lease("job", "three", now, 60))


# --- what the operator sees -----------------------------------------------------------------------


def test_the_doctor_lists_every_job_with_its_own_limit(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(*_: object) -> Foundation:
        return ward.foundation

    def stay_open(*_: object) -> None:
        """The test still needs it."""

    monkeypatch.setattr("intake.upkeep.doctor.lay", found)
    monkeypatch.setattr(Foundation, "close", stay_open)
    all_succeed(ward, but="mix-arrivals")
    lines = [f.says for f in examine(ward.settings) if "(việc nền" in f.says]
    bad = [f.says for f in examine(ward.settings) if not f.good and "việc nền" in f.says]
    assert len(lines) == len(expected(ward.settings))
    assert all("hạn" in line for line in lines)
    assert ["(việc nền mix-arrivals)" in line for line in bad] == [True]
    assert any("keep-periods" in line and "hạn 45 phút" in line for line in lines)


def test_the_backup_is_a_job_only_where_it_is_set_up(ward: Ward) -> None:
    names = {job.name for job in expected(ward.settings)}
    assert "back-up" not in names
    there = ward.settings.model_copy(update={"backup_dir": ward.settings.state_dir / "b"})
    assert {job.name for job in expected(there)} - names == {"back-up"}
