"""The demo's slider and parts over HTTP: what they take, and what they refuse."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.demo_time import TimeDoor
from tests.bot.resident import House, OpenWard, open_house

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 2, 1, tzinfo=UTC)


class Days:
    """A time that only counts."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    async def go(self, days: int) -> datetime:
        self.moment += timedelta(days=days)
        return self.moment


@pytest.fixture
async def house(new_ward: OpenWard) -> AsyncIterator[House]:
    """The public app of a demo with a slider."""
    days = Days()
    slider = TimeDoor(lambda: days, lambda part: f"code of {part}")
    async with open_house(new_ward(), slider=slider) as house:
        yield house


async def test_the_slider_tells_the_moment_and_moves_it(house: House) -> None:
    told = await house.client.post("/dien-thoai/gio", json={})
    assert told.json() == {"now": START.isoformat()}
    moved = await house.client.post("/dien-thoai/gio", json={"days": 3})
    assert moved.json() == {"now": (START + timedelta(days=3)).isoformat()}


@pytest.mark.parametrize("days", [-1, 32, True, "3", 1.5, None, []])
async def test_it_takes_whole_days_of_a_month_at_most_and_none_back(
    house: House, days: Any
) -> None:
    answer = await house.client.post("/dien-thoai/gio", json={"days": days})
    assert answer.status_code == 422
    told = await house.client.post("/dien-thoai/gio", json={})
    assert told.json() == {"now": START.isoformat()}


@pytest.mark.parametrize("part", ["leader", "ward"])
async def test_a_part_gets_an_invite(house: House, part: str) -> None:
    answer = await house.client.post("/dien-thoai/vai", json={"role": part})
    assert answer.json() == {"code": f"code of {part}"}


async def test_other_parts_and_other_sites_get_none(house: House) -> None:
    assert (await house.client.post("/dien-thoai/vai", json={"role": "officer"})).status_code == 404
    headers = {"sec-fetch-site": "cross-site"}
    for path in ("gio", "vai"):
        answer = await house.client.post(f"/dien-thoai/{path}", json={}, headers=headers)
        assert answer.status_code == 403


async def test_a_demo_without_a_slider_says_so(new_ward: OpenWard) -> None:
    async with open_house(new_ward()) as house:
        for path in ("gio", "vai"):
            answer = await house.client.post(f"/dien-thoai/{path}", json={"role": "leader"})
            assert answer.status_code == 404
