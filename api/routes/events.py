"""Live news for an open queue page: server-sent events that carry tip ids, and nothing else.

Watching is not using: the stream never keeps a session alive, and it ends when the session does. It
opens no tip, so it writes no audit row; the page decides whether to load the queue again.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated

import anyio
from fastapi import Depends, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.dependencies import Desk, TheDesk, cookie_name
from api.policy import ReadsQueue
from api.routes.answers import json_router
from intake.errors import TryLater

router = json_router("tin")

_LOOK_EVERY = 5.0
_BEAT_AFTER = 6  # looks without news before a line that only keeps the connection open


class Pace:
    """How long the stream waits between two looks; a test makes it short."""

    def __init__(self, seconds: float = _LOOK_EVERY) -> None:
        self.seconds = seconds


def pace() -> Pace:
    """Return the pace of this installation."""
    return Pace()


@router.get(
    "/events",
    operation_id="watch_queue",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Các tin có thay đổi"}},
)
async def watch_queue(
    session: ReadsQueue,
    desk: TheDesk,
    request: Request,
    beat: Annotated[Pace, Depends(pace)],
) -> StreamingResponse:
    """Send the ids of tips that changed, while the session lasts."""
    del session  # looked up again at every look: a session may end meanwhile
    cookie = request.cookies.get(cookie_name(desk.settings), "")
    return StreamingResponse(
        news(desk, cookie, beat.seconds),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def news(desk: Desk, cookie: str, seconds: float) -> AsyncIterator[str]:
    """Yield one event per change until the session ends."""
    known = await run_in_threadpool(_look, desk, cookie)
    quiet = 0
    yield ": open\n\n"
    while known is not None:
        await anyio.sleep(seconds)
        seen = await run_in_threadpool(_look, desk, cookie)
        if seen is None:
            break
        changed = sorted(tip for tip, mark in seen.items() if known.get(tip) != mark)
        known, quiet = seen, 0 if changed else quiet + 1
        if changed:
            yield f"event: tips\ndata: {' '.join(changed)}\n\n"
        elif quiet % _BEAT_AFTER == 0:
            yield ": quiet\n\n"
    yield "event: ended\ndata: \n\n"


def _look(desk: Desk, cookie: str) -> Mapping[str, str] | None:
    try:
        return desk.watch.marks(cookie)
    except TryLater:
        return None
