"""Telegram's HTTP client with its two bad habits taken away.

The library's own client prints an answer it cannot parse, whole, and turns "too many requests" into
an error that warns about itself. This one says neither what came nor where it was asked.
"""

import asyncio
import json
from typing import Any, cast

import httpx
from telegram.error import TelegramError, TimedOut
from telegram.request import HTTPXRequest

from intake.errors import Misconfigured

TOO_MANY_REQUESTS = 429
_PATIENCE = 120.0  # seconds to wait for a free connection: late is better than never


class Flooded(TelegramError):
    """Telegram asks for a pause of ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def may_have_arrived(error: TelegramError) -> bool:
    """Return whether the line broke after the request had left."""
    cause = error.__cause__
    return isinstance(cause, httpx.HTTPError) and not isinstance(cause, _NEVER_LEFT)


class BotRequest(HTTPXRequest):
    """The client of one bot; ``proxy`` is the only way round, variables are not looked at.

    No more requests than connections are with the library at a time: it goes through all that wait
    at each call, so that a crowd of them would never get smaller again.
    """

    def __init__(self, *, proxy: str | None, connections: int) -> None:
        self._free = asyncio.Semaphore(connections)
        try:
            super().__init__(
                connection_pool_size=connections,
                pool_timeout=10,
                read_timeout=10,
                proxy=proxy,
                httpx_kwargs={"trust_env": False},
            )
        except (ValueError, RuntimeError, ImportError):
            raise Misconfigured("telegram.proxy cannot be used as it stands") from None

    async def do_request(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        """Pass the request on; raise on a 429 before the library sees it.

        Raises:
            Flooded: with the seconds that Telegram named.
            TimedOut: no connection was free in time; nothing has left.
        """
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._free.acquire()
        except TimeoutError:
            raise TimedOut("no connection was free") from httpx.PoolTimeout("none was free")
        try:
            status, payload = await super().do_request(*args, **options)
        finally:
            self._free.release()
        if status == TOO_MANY_REQUESTS:
            raise Flooded(_pause(payload))
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the parsed answer.

        Raises:
            TelegramError: not what the Bot API answers; the library would have logged it whole.
        """
        try:
            answer: object = json.loads(payload)
        except ValueError:
            raise TelegramError("the answer is not JSON") from None
        if not isinstance(answer, dict) or not ({"result", "description"} & answer.keys()):
            raise TelegramError("the answer is not one of the Bot API")
        return cast("dict[str, Any]", answer)


def _pause(payload: bytes) -> float:
    """Return the seconds that a 429 asks for; 1 when it does not say."""
    try:
        return max(1.0, float(json.loads(payload)["parameters"]["retry_after"]))
    except (ValueError, KeyError, TypeError):
        return 1.0
