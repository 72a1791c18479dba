"""JSON: who is reminded of what, what has left and helped, by hand, the switch, own chat.

No words of a message and no address of a chat are ever told.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.dependencies import TheDesk
from api.policy import ManagesLeaders, ReadsWork, ReviewsWork, TurnsSwitch
from api.routes.answers import json_router
from api.routes.compliance import Area, Month
from api.routes.session import Asked
from intake.nudging.desk_shapes import HandView, LogView, PlanView, StopView
from intake.nudging.own_chat import OwnChatView
from intake.ward.phone_list import PhoneEntry
from intake.ward.shapes import InviteView

router = json_router("nhắc hạn")
Id = Annotated[str, Field(max_length=80)]


class HandAsked(Asked):
    """One person, or everybody of a commune who still owes something where it is empty."""

    leader_id: Id = ""
    area: Id = ""


class SwitchAsked(Asked):
    """Whether reminders are to stand still; ``area`` empty: one's own, or all for an admin."""

    stopped: bool
    area: Id = ""


class ChatAsked(Asked):
    """An entry of one's own unit, or a new one where it is empty."""

    leader_id: Id = ""
    address_as: Annotated[str, Field(max_length=10)] = "anh"


@router.get("/nudges/plan", operation_id="read_nudge_plan")
def read_plan(
    session: ReadsWork, desk: TheDesk, area: Area = None, day: date | None = None
) -> PlanView:
    """Return who will hear what on a day; tomorrow unless told. Nothing is changed."""
    return desk.nudges.desk.plan(session, area, day)


@router.get("/nudges", operation_id="list_nudges")
def list_nudges(
    session: ReadsWork, desk: TheDesk, area: Area = None, month: Month = ""
) -> LogView:  # fmt: skip
    """Return what became of a month's messages, and how many did it within three days."""
    return desk.nudges.desk.log(session, area, month)


@router.get("/nudges/phone", operation_id="list_calls")
def list_calls(
    session: ManagesLeaders, desk: TheDesk, area: Area = None
) -> list[PhoneEntry]:  # fmt: skip
    """Return whom no message reaches, with what each owes; no number of a telephone is kept."""
    return list(desk.work.phones.of(session, area))


@router.post("/nudges", operation_id="remind_by_hand")
def remind(asked: HandAsked, session: ReviewsWork, desk: TheDesk) -> HandView:
    """Ask for a message now, under the same rules: hours, one a day, six a month."""
    if asked.leader_id:
        return desk.nudges.acts.remind(session, asked.leader_id)
    return desk.nudges.acts.remind_all(session, asked.area or None)


@router.get("/nudges/switch", operation_id="read_nudge_switch")
def read_switch(session: TurnsSwitch, desk: TheDesk) -> list[StopView]:
    """Return every stop that concerns one's area or lies inside it."""
    return list(desk.nudges.acts.stops(session))


@router.put("/nudges/switch", status_code=204, operation_id="turn_nudge_switch")
def turn_switch(asked: SwitchAsked, session: TurnsSwitch, desk: TheDesk) -> None:
    """Stop every reminder of an area at once, or let them run again."""
    turn = desk.nudges.acts.stop if asked.stopped else desk.nudges.acts.resume
    turn(session, asked.area or None)


@router.get("/me/chat", operation_id="read_own_chat")
def read_chat(session: ReadsWork, desk: TheDesk) -> OwnChatView:
    """Return how one is written to, and what one may choose."""
    return desk.nudges.own_chat.mine(session)


@router.put("/me/chat", status_code=204, operation_id="connect_own_chat")
def connect(asked: ChatAsked, session: ReadsWork, desk: TheDesk) -> None:
    """Be written to under an entry of one's own unit, or under a new one."""
    desk.nudges.own_chat.connect(session, asked.leader_id, asked.address_as)


@router.delete("/me/chat", status_code=204, operation_id="disconnect_own_chat")
def disconnect(session: ReadsWork, desk: TheDesk) -> None:
    """End the link."""
    desk.nudges.own_chat.disconnect(session)


@router.post("/me/chat/invites", status_code=201, operation_id="invite_own_chat")
def invite(session: ReadsWork, desk: TheDesk) -> InviteView:
    """Draw a one-time code for one's own chat, told once."""
    return desk.nudges.own_chat.invite(session)
