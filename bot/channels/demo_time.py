"""The demo's slider, and invites for whoever wants to watch a month as a leader or as the ward.

A part of the demo phone's page: no real installation has these routes (`bot/channels/demo.py`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.channels.demo_posts import read_json, short
from bot.policy import SMALL_BODY, RoutePolicy
from intake.errors import NotFound, NotValid

CLOCK, ROLE = "/dien-thoai/gio", "/dien-thoai/vai"
MOST_DAYS = 31
_POST = frozenset({"POST"})
POLICIES: Mapping[str, RoutePolicy] = {
    CLOCK: RoutePolicy(_POST, SMALL_BODY),
    ROLE: RoutePolicy(_POST, SMALL_BODY),
}


class Time(Protocol):
    """The demo's time."""

    def now(self) -> datetime:
        """Return the moment of the demo."""
        ...

    async def go(self, days: int) -> datetime:
        """Let some days go by; return the moment afterwards."""
        ...


class TimeDoor:
    """The routes of the slider."""

    def __init__(
        self, time: Callable[[], Time | None], invite: Callable[[str], str] | None
    ) -> None:
        self._time = time
        self._invite = invite

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(CLOCK, self.move, methods=["POST"]),
            Route(ROLE, self.role, methods=["POST"]),
        ]

    async def move(self, request: Request) -> JSONResponse:
        """Let days go by, or none, and tell the moment."""
        told = await read_json(request)
        time = self._time()
        if time is None:
            raise NotFound("this demo has no slider")
        days = told.get("days", 0)
        if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= MOST_DAYS:
            raise NotValid("a number of days")
        now = await time.go(days) if days else time.now()
        return JSONResponse({"now": now.isoformat()})

    async def role(self, request: Request) -> JSONResponse:
        """Return an invite for a sample leader, or for the ward's own chat."""
        told = await read_json(request)
        role = short(told, "role")
        if self._invite is None or role not in {"leader", "ward"}:
            raise NotFound("this demo has no such part")
        return JSONResponse({"code": self._invite(role)})
