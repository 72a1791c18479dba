"""A month of reminders on the demo phone, over HTTP, with a clock that the slider moves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime

import pytest

from bot.channels.demo_time import TimeDoor
from bot.work.nudging import WorkNudges
from reminders.demo_time import DemoTime
from reminders.joining import Reminders
from tests.bot.resident import House, StandInCleaner, open_house
from tests.bot.work_rig import TO_3, Workday
from tests.clocks import FixedClock
from tests.journeys.test_check_in import PagePhone
from tests.wards import Ward

pytestmark = pytest.mark.anyio


class Movable:
    """A test's clock that the slider moves."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def move_to(self, moment: datetime) -> None:
        self._clock.set(moment)


@dataclass
class Month:
    """A leader's demo phone, and the slider beside it."""

    workday: Workday
    house: House
    phone: PagePhone

    async def keep_periods(self) -> None:
        self.workday.workplace.obligations.open_period(self.workday.ward.clock.today())

    async def goes_on(self, days: int) -> list[str]:
        """Pull the slider; return what the bot has said since, one after another."""
        before = len(self.phone.messages)
        answer = await self.house.client.post("/dien-thoai/gio", json={"days": days})
        assert answer.status_code == 200
        await self.phone._last()
        return [each["text"].replace("**", "") for each in self.phone.messages[before:]]


@pytest.fixture
async def month(ward: Ward) -> AsyncIterator[Month]:
    """Friday, 20 March 2026, nine in the morning: a leader has said yes."""
    workday = Workday(ward)
    desk = workday.desk(StandInCleaner())
    held: list[DemoTime] = []
    slider = TimeDoor(lambda: held[0], None)
    async with open_house(ward, work=desk, slider=slider) as house:
        month = Month(workday, house, await PagePhone(house).begins())
        reminders = Reminders(ward.intake, ward.settings, ["demo"])
        channels = {"demo": house.demo}
        nudges = WorkNudges(ward.intake, desk, channels, house.dialogue.lock, "https://ban")
        clock, outbox = Movable(ward.clock), reminders.outbox(nudges)
        held.append(DemoTime(clock, month, reminders.sweep, outbox, "demo"))  # type: ignore[arg-type]
        await month.phone.says(f"moi {workday.leaders.invite(workday.leader(TO_3).id)}")
        await month.phone.taps("Đồng ý")
        yield month


async def test_a_month_goes_by_on_the_slider_and_each_nudge_counts_its_own_days(
    month: Month,
) -> None:
    heard = await month.goes_on(12)
    expected = ("còn 7 ngày", "còn 4 ngày", "Còn 1 ngày", "Hôm nay là ngày cuối", "quá hạn 1 ngày")
    assert len(heard) == len(expected)  # the rung of Saturday came on Friday, and said four
    for text, words in zip(heard, expected, strict=True):
        assert words in text
    assert month.workday.ward.clock.today() == date(2026, 4, 1)


async def test_from_the_nudge_two_taps_and_a_number_file_it_and_the_nudges_end(
    month: Month,
) -> None:
    assert len(await month.goes_on(5)) == 1
    await month.phone.taps("Ghi ngay")
    await month.phone.taps("Hôm qua")
    await month.phone.says("35")
    await month.phone.taps("Lưu")
    await month.phone.says("tuyên truyền 23/3 nhà văn hóa 30 người")
    await month.phone.taps("Lưu")
    kinds = {each.kind for each in month.workday.filed}
    assert kinds == {"outreach", "listening_meeting"}
    assert await month.goes_on(7) == []


async def test_who_files_early_hears_nothing_all_month(month: Month) -> None:
    await month.phone.says("TT+LN 10/3 nhà văn hóa 40 người")
    await month.phone.taps("Cả hai")
    await month.phone.taps("Lưu")
    assert await month.goes_on(12) == []


async def test_reminders_rest_until_the_day_that_was_asked_for(month: Month) -> None:
    await month.phone.says("tạm dừng đến 30/3")
    heard = await month.goes_on(12)
    assert len(heard) == 2
    assert "Hôm nay là ngày cuối" in heard[0]
