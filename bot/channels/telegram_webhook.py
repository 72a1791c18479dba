"""Where Telegram posts updates: one route, one update, one committed step, then 200.

Everything short of a commit answers with a status that makes Telegram send the update again. The
answer's body is always empty: no receipt, no error, nothing that was typed.
"""

import hmac
import json
import logging
import re
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram import Listener, TelegramChannel
from bot.policy import RoutePolicy
from intake.errors import Misconfigured, TryLater

PATH = "/kenh/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
LARGEST_BODY = 1024 * 1024
POLICIES = {PATH: RoutePolicy(frozenset({"POST"}), LARGEST_BODY)}
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")

log = logging.getLogger(__name__)


def routes(
    channel: TelegramChannel, dialogue: Listener, secret: str, path: str = PATH
) -> list[Route]:
    """Return the webhook's route.

    Raises:
        Misconfigured: a secret that Telegram would not accept or that is too short.
    """
    if not _SECRET.fullmatch(secret):
        raise Misconfigured("the webhook secret must be 16 to 256 letters, digits, - or _")
    expected = secret.encode()

    async def receive(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER)
        if given is None:
            return Response(status_code=401)
        if not hmac.compare_digest(given.encode(), expected):
            return Response(status_code=403)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        try:
            raw: object = json.loads(body)
        except (ValueError, RecursionError):  # not JSON, or nested without end
            return Response(status_code=400)
        if not isinstance(raw, dict):
            return Response(status_code=400)
        return Response(status_code=await _take(channel, dialogue, cast("object", raw)))

    return [Route(path, receive, methods=["POST"])]


async def _body(request: Request) -> bytes | None:
    """Return the body; None when it is larger than any update, read no further than that."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > LARGEST_BODY:
        return None
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


async def _take(channel: TelegramChannel, dialogue: Listener, raw: object) -> int:
    heard = channel.read(raw)
    if heard is None:
        return 200
    try:
        await channel.take(heard, dialogue)
    except TryLater as error:
        log.warning("an update was not kept and must come again", extra={"code": error.code})
        return 503
    except Exception:
        log.exception("a step failed; the update must come again")
        return 500
    return 200
