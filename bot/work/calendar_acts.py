"""Makes and takes back the address of a leader's calendar, as asked for in the chat."""

from bot.flows.wish_shapes import Addressed, CalendarAct, MakeCalendar
from bot.flows.work_shapes import Failed, Told
from bot.work.world import LeaderWorld
from intake.nudging.own_calendar import OwnCalendars

_PAGE = "web"
"""The channel that is a page: what was said last stays in its row, and an address must not."""


def keep_calendar(act: CalendarAct, world: LeaderWorld, channel: str) -> Addressed | Told | Failed:
    """Do one act."""
    work, who = world.workplace.services, f"leader:{world.leader.id.hex()}"
    if not isinstance(act, MakeCalendar):
        OwnCalendars(work).revoke(who)
        return Told()
    if channel == _PAGE:
        return Failed("lich_o_chat")
    token = OwnCalendars(work).make(who)
    return Addressed(f"{work.settings.base_url.rstrip('/')}/lich/{token}.ics")
