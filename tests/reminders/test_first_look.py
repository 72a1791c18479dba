"""The first look at the jobs comes at once, whatever moment a demo's clock shows."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from reminders.scheduler import Ticker
from tests.reminders.test_alarms import Bell, housekeeping
from tests.wards import Ward

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("years", [0, 30])
async def test_the_jobs_are_looked_at_as_soon_as_ticking_begins(ward: Ward, years: int) -> None:
    ward.clock.advance(timedelta(days=365 * years))
    keep, looked = housekeeping(ward, Bell()), asyncio.Event()

    async def run(name: str, *_: Any) -> bool:
        if name == "watch-jobs":
            looked.set()
        return True

    vars(keep)["run"] = run
    ticker = Ticker(keep, "one", None)  # type: ignore[arg-type]
    ticker.start()
    try:
        async with asyncio.timeout(20):
            await looked.wait()
    finally:
        ticker.stop()
