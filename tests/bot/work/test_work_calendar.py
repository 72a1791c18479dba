"""A leader's calendar, from the chat to the days behind its address."""

import re

import pytest

from bot.flows.wish_shapes import MakeCalendar
from bot.flows.work_shapes import Failed
from bot.work.calendar_acts import keep_calendar
from bot.work.world import LeaderWorld
from intake.nudging.own_calendar import OwnCalendars
from tests.bot.phones import Phone
from tests.bot.work_rig import Workday

pytestmark = pytest.mark.anyio
ADDRESS = re.compile(r"http://127\.0\.0\.1:8080/lich/([\w-]{43})\.ics")


def shown(phone: Phone) -> str:
    (token,) = ADDRESS.findall(phone.screen[-1].text)
    return str(token)


async def test_a_leader_gets_an_address_that_opens_their_own_days_until_it_is_taken_back(
    workday: Workday,
) -> None:
    phone = await workday.enrolled()
    await phone.says("/lich")
    token = shown(phone)
    calendars = OwnCalendars(workday.workplace.services)
    days = calendars.behind(token, "leader")
    assert days
    assert {each.owner_name for each in days} == {"tổ dân phố số 3"}
    with workday.ward.intake.read() as view:
        rows = view.connection.exec_driver_sql("SELECT state FROM work_dialogue").scalars().all()
    assert rows
    assert token not in "".join(rows)
    await phone.taps("thu_hoi_lich")
    assert phone.hears == "da_thu_hoi_lich"
    assert calendars.behind(token, "leader") is None


async def test_a_page_that_keeps_what_it_shows_is_told_no_address(workday: Workday) -> None:
    leader, now = workday.leader(), workday.ward.clock.now()
    world = LeaderWorld(workday.workplace, "web:1", leader, (), now, now, ("vi",))
    assert keep_calendar(MakeCalendar(), world, "web") == Failed("lich_o_chat")
    calendars = OwnCalendars(workday.workplace.services)
    assert calendars.state(f"leader:{leader.id.hex()}").made_at is None
