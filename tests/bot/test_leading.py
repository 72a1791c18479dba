"""The lead of a job: one at a time, followed when it ends, taken up at once in the same place."""

import pytest

from bot.leading import Lead
from intake.errors import DatabaseBusy
from tests.wards import Ward

pytestmark = pytest.mark.anyio


def lead(ward: Ward, holder: str) -> Lead:
    return Lead(ward.intake, "ask", holder, 60)


async def test_one_leads_at_a_time_and_is_followed_when_its_lease_ends(ward: Ward) -> None:
    first, second = lead(ward, "a"), lead(ward, "b")
    assert await first.take()
    assert not await second.take()
    ward.clock.advance(seconds=59)
    assert not await second.take()
    ward.clock.advance(seconds=2)
    assert await second.take()
    assert not await first.take()


async def test_whoever_renews_keeps_the_lead(ward: Ward) -> None:
    first, second = lead(ward, "a"), lead(ward, "b")
    for _ in range(5):
        assert await first.take()
        ward.clock.advance(seconds=40)
        assert not await second.take()


async def test_a_fresh_lease_is_not_written_again(ward: Ward) -> None:
    leader = lead(ward, "a")
    await leader.take()
    before = ward.intake.database.writer.units
    ward.clock.advance(seconds=14)
    assert await leader.take()
    assert ward.intake.database.writer.units == before
    ward.clock.advance(seconds=2)
    assert await leader.take()
    assert ward.intake.database.writer.units == before + 1


async def test_the_same_place_goes_on_at_once_and_giving_up_lets_the_other(ward: Ward) -> None:
    assert await lead(ward, "a").take()
    reborn = lead(ward, "a")
    assert await reborn.take()
    await reborn.give_up()
    assert await lead(ward, "b").take()


async def test_nobody_leads_without_a_database(ward: Ward) -> None:
    ward.intake.database.writer.stop()
    with pytest.raises(DatabaseBusy):
        await lead(ward, "a").take()
