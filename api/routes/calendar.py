"""An officer's calendar behind its secret address, and JSON to make and take back that address.

The address is the key, for a calendar program cannot sign in. What opens nothing answers like what
does not exist.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict

from api.dependencies import TheDesk
from api.policy import Anyone, ReadsWork
from api.routes.answers import json_router
from intake.errors import NotFound
from intake.nudging.ics import MEDIA, write_calendar
from intake.officers import Session

router = json_router("lịch của tôi")
pages = APIRouter(include_in_schema=False)


class CalendarAddress(BaseModel):
    """A secret address, told once."""

    model_config = ConfigDict(frozen=True)
    address: str


class CalendarKept(BaseModel):
    """Since when there is an address; null where there is none."""

    model_config = ConfigDict(frozen=True)
    made_at: datetime | None


def who_is(session: Session) -> str:
    """Return how an officer's calendar names its person."""
    return f"officer:{session.officer.id}"


def address_of(base: str, token: str) -> str:
    """Return the address of a calendar."""
    return f"{base.rstrip('/')}/lich/{token}.ics"


@pages.get("/lich/{secret}.ics")
def calendar(
    secret: str,
    desk: TheDesk,
    _: Annotated[None, Depends(Anyone("the secret address is the key: own deadlines alone"))],
) -> Response:
    """Hand out an officer's own deadlines."""
    days = desk.nudges.calendars.behind(secret, "officer")
    if days is None:
        raise NotFound("no such calendar")
    return Response(write_calendar(days, desk.clock.now()), media_type=MEDIA)


@router.get("/me/calendar", operation_id="read_own_calendar")
def read(session: ReadsWork, desk: TheDesk) -> CalendarKept:
    """Return whether this officer's calendar has an address."""
    return CalendarKept(made_at=desk.nudges.calendars.state(who_is(session)).made_at)


@router.post("/me/calendar", status_code=201, operation_id="make_own_calendar")
def make(session: ReadsWork, desk: TheDesk) -> CalendarAddress:
    """Make an address, told once; an older one stops working."""
    token = desk.nudges.calendars.make(who_is(session))
    return CalendarAddress(address=address_of(desk.settings.console_url, token))


@router.delete("/me/calendar", status_code=204, operation_id="take_back_own_calendar")
def revoke(session: ReadsWork, desk: TheDesk) -> None:
    """Take the address back."""
    desk.nudges.calendars.revoke(who_is(session))
