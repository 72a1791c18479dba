"""JSON: the ward's book of leaders. An address of a chat is never told."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import TheDesk
from api.policy import ManagesLeaders
from api.routes.answers import json_router
from api.routes.compliance import Area
from api.routes.session import Asked
from intake.ward.shapes import InviteView, LeaderBook, LeaderLine

router = json_router("người phụ trách")
Id = Annotated[str, Field(max_length=80)]
Part = Literal["head", "deputy", "substitute"]


class LeaderAsked(Asked):
    """A new leader and the first thing that they look after."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    address_as: Literal["bác", "cô", "chú", "anh", "chị"]
    owner_id: Id
    part: Part = "head"


class LeaderAdded(BaseModel):
    """The new leader's id."""

    model_config = ConfigDict(frozen=True)
    id: str


class AssignmentAsked(Asked):
    """One more thing to look after; ``until`` is the first day on which it is over."""

    owner_id: Id
    part: Part
    since: date | None = None
    until: date | None = None


class HandOverAsked(Asked):
    """From whom to whom, on which day."""

    owner_id: Id
    giver: Id
    taker: Id
    on: date


@router.get("/leaders", operation_id="list_leaders")
def list_leaders(session: ManagesLeaders, desk: TheDesk, area: Area = None) -> LeaderBook:
    """Return leaders, what has no head, and everything that may be assigned."""
    return desk.work.leaders.book(session, area)


@router.get("/leaders/{leader_id}", operation_id="read_leader")
def read_leader(leader_id: str, session: ManagesLeaders, desk: TheDesk) -> LeaderLine:
    """Return one leader."""
    return desk.work.leaders.find(session, leader_id)[0]


@router.post("/leaders", status_code=201, operation_id="add_leader")
def add_leader(asked: LeaderAsked, session: ManagesLeaders, desk: TheDesk) -> LeaderAdded:
    """Add a leader who looks after something from today."""
    added = desk.work.leaders.add(
        session, asked.name, asked.address_as, asked.owner_id, asked.part
    )  # fmt: skip
    return LeaderAdded(id=added)


@router.post("/leaders/handovers", status_code=204, operation_id="hand_over")
def hand_over(asked: HandOverAsked, session: ManagesLeaders, desk: TheDesk) -> None:
    """Let another leader be head from a day on; what was filed stays."""
    desk.work.leaders.hand_over(session, asked.owner_id, asked.giver, asked.taker, asked.on)


@router.post("/leaders/{leader_id}/assignments", status_code=204, operation_id="assign_leader")
def assign(leader_id: str, asked: AssignmentAsked, session: ManagesLeaders, desk: TheDesk) -> None:
    """Let a leader look after something more, between two days."""
    desk.work.leaders.assign(
        session, leader_id, asked.owner_id, asked.part, since=asked.since, until=asked.until
    )


@router.post("/leaders/{leader_id}/invites", status_code=201, operation_id="invite_leader")
def invite(leader_id: str, session: ManagesLeaders, desk: TheDesk) -> InviteView:
    """Draw a one-time code, told once; an older one that nobody used stops working."""
    return desk.work.leaders.invite(session, leader_id)


@router.delete("/leaders/{leader_id}/chats", status_code=204, operation_id="close_leader_chats")
def close_chats(leader_id: str, session: ManagesLeaders, desk: TheDesk) -> None:
    """End every chat, browser, unused code and calendar of a leader whose phone is lost."""
    desk.work.leaders.close_chats(session, leader_id)


@router.delete("/leaders/{leader_id}/misuse", status_code=204, operation_id="clear_misuse")
def clear_misuse(leader_id: str, session: ManagesLeaders, desk: TheDesk) -> None:
    """Note that the ward has asked who came with a used invite: it is no longer shown."""
    desk.work.leaders.clear(session, leader_id)


@router.delete("/leaders/{leader_id}", status_code=204, operation_id="let_leader_go")
def leave(leader_id: str, session: ManagesLeaders, desk: TheDesk) -> None:
    """Let a leader go today; what was filed stays."""
    desk.work.leaders.leave(session, leader_id)
