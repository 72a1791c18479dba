"""JSON: who is there, adding and removing officers. Managing people opens nothing."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Desk, TheDesk
from api.policy import SeesPeople
from api.routes.answers import json_router
from api.routes.session import Asked
from intake.officers import OfficerView

router = json_router("người")


class OfficerAsked(Asked):
    """A new account."""

    unit_id: Annotated[str, Field(max_length=80)]
    login: Annotated[str, Field(min_length=2, max_length=40)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    role: Literal["officer", "clerk", "admin"] = "officer"


class LinkView(BaseModel):
    """A one-time link, told once: ``token`` for the API, ``link`` for a browser."""

    model_config = ConfigDict(frozen=True)
    token: str
    link: str


@router.get("/officers", operation_id="list_officers")
def list_officers(session: SeesPeople, desk: TheDesk) -> list[OfficerView]:
    """Return the people whom this person may manage or hand keys to."""
    return desk.people.officers(session)


@router.post("/officers", status_code=201, operation_id="add_officer")
def add_officer(asked: OfficerAsked, session: SeesPeople, desk: TheDesk) -> LinkView:
    """Add an account and return its one-time link."""
    token = desk.people.add_officer(session, asked.unit_id, asked.login, asked.name, asked.role)
    return _link(desk, token)


@router.post("/officers/{officer_id}/link", status_code=201, operation_id="new_link")
def new_link(officer_id: str, session: SeesPeople, desk: TheDesk) -> LinkView:
    """Return a new one-time link for an account that nobody has set up; the lost one dies."""
    return _link(desk, desk.people.new_link(session, officer_id))


def _link(desk: Desk, token: str) -> LinkView:
    return LinkView(token=token, link=f"{desk.settings.console_url}/thiet-lap/{token}")


@router.delete("/officers/{officer_id}", status_code=204, operation_id="remove_officer")
def remove_officer(officer_id: str, session: SeesPeople, desk: TheDesk) -> None:
    """End an account: sessions and grants die at once."""
    desk.people.remove_officer(session, officer_id)
