"""Leaders' calendars on the public port: a secret address hands out its owner's duties alone.

A calendar program cannot sign in, so the address is the key. What opens nothing answers as a page
that does not exist. Nothing is logged, and no officer's address works at this door.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from intake.limits import Buckets
from intake.nudging.ics import MEDIA, write_calendar
from intake.nudging.own_calendar import OwnCalendars
from intake.ports import Clock

PATH = "/lich/{secret}.ics"


def calendar_routes(calendars: OwnCalendars, clock: Clock, limits: Buckets) -> list[Route]:
    """Return the one route; each address has its own wall, for reading it is much work."""

    def read(who: str) -> bytes | None:
        days = calendars.days_of(who)
        return None if days is None else write_calendar(days, clock.now())

    async def calendar(request: Request) -> Response:
        """Hand out a leader's own duties."""
        secret = request.path_params["secret"]
        who = await asyncio.to_thread(calendars.whose, secret, "leader")
        if who is None:
            raise HTTPException(404)
        limits.take("calendar", who)
        found = await asyncio.to_thread(read, who)
        if found is None:
            raise HTTPException(404)
        return Response(found, media_type=MEDIA)

    return [Route(PATH, calendar, methods=["GET"])]
