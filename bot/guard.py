"""Stands before every public route: headers, body size, memory for uploads, and plain errors.

A pure ASGI layer, because it runs on every request. No error that leaves through it repeats what
was typed, and nothing about a request is logged but the kind of failure and where it happened.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.policy import SMALL_BODY, RoutePolicy
from intake.errors import HomThuError, TryLater
from intake.limits import sender_of

log = logging.getLogger(__name__)

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_POLICY,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": (
        "camera=(), microphone=(), geolocation=(), browsing-topics=(), payment=(), usb=()"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-dns-prefetch-control": "off",
}
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000")

LEAST = "Hòm thư đang bận. Chưa thấy mã 24 số là tin chưa được nhận. Việc gấp gọi 113."
UPLOAD_ROOM = 48 * 1024 * 1024  # bytes of bodies that this process holds at one time
WORDS_ROOM = 8 * 1024 * 1024  # of these, kept free of pictures: words always find a place
WORDS_ONLY = "homthu.words_only"  # in the scope of a form that was cut: its files are missing
_NO_ROUTE = RoutePolicy(frozenset(), sys.maxsize)  # answered without reading
_FORM_TYPE = b"multipart/form-data"
_SILENCE = 30.0  # seconds in which a sender must bring another stride of a body, or its end
_STRIDE = 8 * 1024  # bytes; a byte at a time would hold a place for hours

Problem = Callable[[Request, int, HomThuError | None], Response]


class TooLarge(HomThuError):
    """A body over the route's limit; it is not read to its end."""

    code = "too_large"
    status = 413


class NoRoom(TryLater):
    """Too many large bodies at once."""

    code = "no_room"


@dataclass(slots=True)
class Room:
    """How many bytes of bodies are in memory now, and how many may be.

    ``for_words`` of them are for bodies that have no more than a form's words.
    """

    limit: int = UPLOAD_ROOM
    held: int = 0
    for_words: int = WORDS_ROOM

    def take(self, size: int, before: int = 0) -> None:
        """Count ``size`` more bytes, for a body of which ``before`` are here already.

        Raises:
            NoRoom: the limit is reached.
        """
        is_small = before + size <= SMALL_BODY
        if self.held + size > self.limit - (0 if is_small else self.for_words):
            raise NoRoom("too many large bodies at once")
        self.held += size


class Guard:
    """The layer itself; ``problem`` renders an error page for a status."""

    def __init__(
        self,
        app: ASGIApp,
        policies: Mapping[str, RoutePolicy],
        problem: Problem,
        *,
        https: bool,
        room: Room | None = None,
    ) -> None:
        self._app = app
        self._problem = problem
        self._exact = {path: policy for path, policy in policies.items() if "{" not in path}
        self._prefixes = [
            (path.partition("{")[0], policy) for path, policy in policies.items() if "{" in path
        ]
        self._headers = [*_RAW_HEADERS, _STRICT_TRANSPORT] if https else _RAW_HEADERS
        self._room = room or Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request behind the wall."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": self._with_headers(message.get("headers", ()))}
            await send(message)

        policy = self._policy_of(scope["path"])
        body = _Body(receive, policy, self._room)
        is_served = scope["method"] in policy.methods  # if not, the router says so, reading nothing
        try:
            scope[WORDS_ONLY] = is_served and body.is_cut(scope["headers"])
            await self._app(scope, body.receive, send_guarded)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the last wall: everything becomes a page
            expected = _as_expected(error)
            if started:
                return
            await self._answer(scope, expected, send_guarded)
        finally:
            body.leave()

    async def _answer(self, scope: Scope, error: HomThuError | None, send: Send) -> None:
        status = error.status if error else 500
        try:
            response = self._problem(Request(scope), status, error)
        except Exception:  # noqa: BLE001 - the page itself needs what is broken: say the least
            response = PlainTextResponse(LEAST, status)
        if isinstance(error, TooLarge | NoRoom):
            response.headers["connection"] = "close"  # the rest of the body is not read
        await response(scope, _nothing, send)

    def _with_headers(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        return [*given, *self._headers]

    def _policy_of(self, path: str) -> RoutePolicy:
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        found = (policy for prefix, policy in self._prefixes if path.startswith(prefix))
        return next(found, _NO_ROUTE)


class _Body:
    """Counts a body as it arrives and stops it at the limit."""

    def __init__(self, receive: Receive, policy: RoutePolicy, room: Room) -> None:
        self._receive = receive
        self._limit = policy.max_body
        self._read_on = policy.read_on
        self._kept_at_most = policy.max_body
        self._room = room
        self._read = 0
        self._held = 0
        self._stride = 0  # bytes since the deadline was set
        self._deadline: float | None = None

    def is_cut(self, headers: list[tuple[bytes, bytes]]) -> bool:
        """Return whether only a form's words will be passed on, as its files are too large.

        Raises:
            TooLarge: the announced length is over every limit; nothing has been read.
        """
        told = dict(headers)
        announced = told.get(b"content-length", b"")
        if not announced.isdigit() or int(announced) <= self._limit:
            return False
        is_form = told.get(b"content-type", b"").startswith(_FORM_TYPE)
        if not is_form or int(announced) > self._read_on:
            raise TooLarge("a body over the route's limit")
        self._limit, self._kept_at_most = self._read_on, SMALL_BODY
        return True

    async def receive(self) -> Message:
        """Pass on one message, without what is over what may be kept."""
        loop = asyncio.get_running_loop()
        if self._deadline is None or self._stride >= _STRIDE:
            self._deadline, self._stride = loop.time() + _SILENCE, 0
        async with asyncio.timeout_at(self._deadline):
            message = await self._receive()
        body = message.get("body", b"")
        self._stride += len(body)
        if not message.get("more_body", False):
            self._deadline = None
        if not body:
            return message
        self._read += len(body)
        kept = body[: self._kept_at_most - self._held]
        self._room.take(len(kept), self._held)
        self._held += len(kept)
        if self._read > self._limit:
            raise TooLarge("a body over the route's limit")
        return {**message, "body": kept}

    def leave(self) -> None:
        """Give the memory back."""
        self._room.held -= self._held


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _as_expected(error: Exception) -> HomThuError | None:
    """Return the error if it is one that we know; note that any other happened."""
    if isinstance(error, HomThuError):
        return error
    if isinstance(error, TimeoutError):
        return NoRoom("a body that stopped arriving")
    log.error("a public route failed", exc_info=error)
    return None


def refused_by_router(problem: Problem) -> Callable[[Request, Exception], Response]:
    """Return the handler for what the router itself refuses: 404 and 405."""

    def handle(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        response = problem(request, status, None)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = _served(request)
            response.headers["connection"] = "close"  # a body that came along is not read
        return response

    return handle


def _served(request: Request) -> str:
    """Return the methods of every route at this address; the router knows only the first one's."""
    here = (route for route in request.app.routes if route.matches(request.scope)[0] != Match.NONE)
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


def client_of(request: Request, trusted_proxies: int) -> str:
    """Return whom a request counts for in a bucket in RAM; see `intake.limits.sender_of`."""
    peer = request.client.host if request.client else ""
    return sender_of(request.headers.getlist("x-forwarded-for"), peer, trusted_proxies)
