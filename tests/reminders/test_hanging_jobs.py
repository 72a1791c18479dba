"""A job that hangs for ever is noticed, and another replica takes it over."""

import asyncio

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from intake.upkeep.jobs import expected, job_named, troubles
from reminders import housekeeping as room
from reminders.housekeeping import Housekeeping
from tests.reminders.test_alarms import Bell, all_succeed, housekeeping
from tests.wards import Ward

pytestmark = pytest.mark.anyio
NAME = "mix-arrivals"


@pytest.fixture
def keep(ward: Ward) -> Housekeeping:
    return housekeeping(ward, Bell())


def leads_until(ward: Ward) -> object:
    lease = SQLModel.metadata.tables["lease"]
    with ward.intake.read() as view:
        query = select(lease.c.until).where(lease.c.name == NAME)
        return view.connection.execute(query).scalar()


async def test_a_job_that_hangs_is_late_and_its_lease_ends_with_its_limit(
    ward: Ward, keep: Housekeeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_LEASE", 0.03)
    job = job_named(NAME)
    assert job is not None
    begun, ran = asyncio.Event(), list[str]()

    async def hangs() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def runs() -> None:
        ran.append("two")

    all_succeed(ward)
    await keep.watch()  # the first tick
    hanging = asyncio.create_task(keep.run(NAME, hangs, "one"))
    await begun.wait()
    ward.clock.advance(job.limit)
    async with asyncio.timeout(30):
        while leads_until(ward) <= ward.clock.now():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not await keep.run(NAME, runs, "two")  # it may just be slow
    ward.clock.advance(minutes=1)
    with ward.intake.read() as view:
        late = {t.name for t in troubles(view, expected(ward.settings), ward.clock)}
    assert NAME in late
    await asyncio.sleep(0.1)  # long enough to be renewed several times, were it still wanted
    assert await keep.run(NAME, runs, "two")
    assert ran == ["two"]
    hanging.cancel()
