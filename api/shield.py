"""The outermost wall of the officers' port, around every answer, errors included.

It sets the security headers, refuses writes that do not come from our own pages, caps the body in
memory, and turns whatever nobody expected into a plain 500. No message of an unexpected error may
be shown: it may hold what somebody typed. (The log keeps an error's type and place: intake.logs.)
"""

import logging
from collections.abc import Mapping

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.counters import Counters
from api.dependencies import origin_of
from api.errors import refuse
from api.policy import SAFE_METHODS
from intake.settings import Settings

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024
_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _CSP,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
_HTTPS_ONLY = "max-age=63072000"


class AnswerBroken(RuntimeError):
    """An answer failed after it had begun; the connection is cut. Says nothing of the cause."""


class BodyTooLarge(HTTPException):
    """More bytes than any form here needs; the framework passes this kind on as it is."""

    def __init__(self) -> None:
        super().__init__(413)


class Shield:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, settings: Settings, counters: Counters) -> None:
        self._app = app
        self._settings = settings
        self._counters = counters
        self._origin = origin_of(settings.console_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request behind the wall."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, self._counters, https=not self._settings.demo)
        request = Request(scope)
        if not self._own_page(request):
            await refuse(request, 403, "not_same_site")(scope, receive, answer.send)
            return
        try:
            await self._app(scope, _capped(receive), answer.send)
        except Exception:  # the last resort: nothing may leak past this line
            log.exception("an unexpected error on the officers' side")
            if answer.begun:
                raise AnswerBroken from None
            await refuse(request, 500, "error")(scope, receive, answer.send)

    def _own_page(self, request: Request) -> bool:
        """Return whether a write comes from our own page: by its browser's word, or its origin."""
        if request.method in SAFE_METHODS:
            return True
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = request.headers.get("origin", "").lower()
        here = f"http://{request.headers.get('host', '')}".lower() if self._settings.demo else None
        return bool(origin) and origin in (self._origin, here)


class _Answer:
    """Sends an answer with the headers on it, and remembers whether it has begun."""

    def __init__(self, send: Send, counters: Counters, *, https: bool) -> None:
        self._send = send
        self._counters = counters
        self._https = https
        self.begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            self._counters.add_answer(message["status"])
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self._https:
                headers["Strict-Transport-Security"] = _HTTPS_ONLY
        await self._send(message)


def _capped(receive: Receive) -> Receive:
    seen = 0

    async def read() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > MOST_BYTES:
                raise BodyTooLarge
        return message

    return read
