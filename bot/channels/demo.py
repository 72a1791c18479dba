"""The demo phone: a chat on a page, wired to the same dialogue as every other channel.

Only the demo command imports this module. The phones themselves live in RAM
(`bot.channels.demo_phones`); here are their page and its routes. Every page says that this is a
trial; it must never be reachable from a real installation and never pretend to protect anybody.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.demo_board import POLICIES as BOARD_POLICIES
from bot.channels.demo_phones import BANNER, MAX_TEXT, DemoChannel
from bot.channels.demo_posts import read_json, refuse_strangers, short
from bot.channels.demo_time import POLICIES as TIME_POLICIES
from bot.channels.demo_time import Time, TimeDoor
from bot.forms import Form, read_form
from bot.messages import Attachment, File, Incoming, Kind
from bot.pages import Pages
from bot.pages.front import HTML
from bot.policy import FORM_BODY, SMALL_BODY, RoutePolicy

_LONG_POLL = 1.5  # seconds: short, so that an open page never holds up the end of the process
_REFUSABLE = {"location": Kind.LOCATION, "contact": Kind.CONTACT}
_VOICE = b"OggS\x00 a second of silence"  # what the phone's microphone stands for

_POST = frozenset({"POST"})
DEMO_POLICIES: Mapping[str, RoutePolicy] = {
    "/dien-thoai": RoutePolicy(frozenset({"GET", "HEAD"})),
    "/dien-thoai/may": RoutePolicy(_POST, SMALL_BODY),
    "/dien-thoai/noi": RoutePolicy(_POST, SMALL_BODY),
    "/dien-thoai/anh": RoutePolicy(_POST, FORM_BODY),
    "/dien-thoai/nghe": RoutePolicy(_POST, SMALL_BODY),
    "/dien-thoai/tep/{ref}": RoutePolicy(frozenset({"GET", "HEAD"})),
    **TIME_POLICIES,
}


class Listener(Protocol):
    """What the dialogue offers to a door of chats."""

    async def handle(self, incoming: Incoming) -> None:
        """Take one step; returns after its commit, the answers follow by themselves."""
        ...


class _PhoneDoor:
    """The page and its small JSON routes."""

    def __init__(self, listener: Listener, channel: DemoChannel, pages: Pages) -> None:
        self._listener = listener
        self._channel = channel
        self._page = {
            language: pages.render("phone.html", language) for language in pages.languages
        }
        self._pages = pages

    async def page(self, request: Request) -> Response:
        """Show the phone."""
        language = self._pages.language(request.query_params.get("lang"))
        return Response(self._page[language], media_type=HTML)

    async def begin(self, request: Request) -> Response:
        """Hand out a new phone."""
        await read_json(request)
        return JSONResponse({"phone": self._channel.new_phone(), "banner": BANNER})

    async def say(self, request: Request) -> Response:
        """Take a text, an edit of one, a tapped button, or something that the bot refuses."""
        told = await read_json(request)
        address = short(told, "phone")
        phone = self._channel.phone(address)
        text, choice = _text(told), short(told, "choice")
        edits = short(told, "edits")
        attachments = self._attachments(short(told, "kind"))
        message_id = edits if edits in phone.messages else secrets.token_hex(6)
        if not choice:
            shown = text or short(told, "label")
            edited = message_id == edits
            phone.put({"id": message_id, "from": "me", "text": shown, "edited": edited})
        try:
            await self._listener.handle(
                Incoming(
                    channel="demo",
                    address=address,
                    message_id=message_id,
                    text=text,
                    choice=choice or None,
                    edited=message_id == edits,
                    attachments=attachments,
                    language=short(told, "lang") or None,
                )
            )
        finally:
            for attachment in attachments:
                self._channel.release(attachment)
        return JSONResponse({"id": message_id})

    def _attachments(self, kind: str) -> tuple[Attachment, ...]:
        """Return what the phone sends beside a text: a voice note, or what the bot refuses."""
        if kind == "voice":
            return (self._channel.hold(_VOICE, Kind.VOICE),)
        return (Attachment(_REFUSABLE[kind]),) if kind in _REFUSABLE else ()

    async def pictures(self, request: Request) -> Response:
        """Take pictures; each is a message of its own, the first one carries the caption."""
        refuse_strangers(request)
        form = await read_form(request, self._channel.capabilities.max_media_bytes)
        phone = self._channel.phone(form.get("phone"))
        ids = [secrets.token_hex(6) for _ in form.pictures]
        for at, (message_id, picture) in enumerate(zip(ids, form.pictures, strict=True)):
            caption = form.get("text") if at == 0 else ""
            phone.put({"id": message_id, "from": "me", "text": caption, "picture": True})
            await self._hear_picture(form, message_id, caption, picture)
        return JSONResponse({"ids": ids, "too_large": form.too_large})

    async def _hear_picture(
        self, form: Form, message_id: str, caption: str, picture: bytes
    ) -> None:
        attachment = self._channel.hold(picture)
        try:
            await self._listener.handle(
                Incoming(
                    channel="demo",
                    address=form.get("phone"),
                    message_id=message_id,
                    text=caption,
                    attachments=(attachment,),
                    language=form.get("lang") or None,
                )
            )
        finally:
            self._channel.release(attachment)

    async def file(self, request: Request) -> Response:
        """Hand out a picture or a document that the bot has sent."""
        file = self._channel.file(request.path_params["ref"])
        headers = {"content-disposition": _disposition(file), "cache-control": "no-store"}
        return Response(file.body, media_type=file.media, headers=headers)

    async def listen(self, request: Request) -> Response:
        """Return what changed since the page last asked; wait a while when nothing did."""
        told = await read_json(request)
        phone = self._channel.phone(short(told, "phone"))
        seen = told.get("seen")
        if not isinstance(seen, int) or not 0 <= seen <= len(phone.changes):
            seen = 0
        if seen == len(phone.changes) and told.get("wait") is True:
            await _wait(phone.bell)
        return JSONResponse({"seen": len(phone.changes), "changes": phone.after(seen)})


def _disposition(file: File) -> str:
    way = "inline" if file.is_picture else "attachment"
    return f"{way}; filename*=UTF-8''{quote(file.name)}"


def demo_routes(listener: Listener, channel: DemoChannel, pages: Pages) -> list[Route]:
    """Return the demo phone's routes; their policies are ``DEMO_POLICIES``."""
    door = _PhoneDoor(listener, channel, pages)
    return [
        Route("/dien-thoai", door.page, methods=["GET"]),
        Route("/dien-thoai/may", door.begin, methods=["POST"]),
        Route("/dien-thoai/noi", door.say, methods=["POST"]),
        Route("/dien-thoai/anh", door.pictures, methods=["POST"]),
        Route("/dien-thoai/nghe", door.listen, methods=["POST"]),
        Route("/dien-thoai/tep/{ref}", door.file, methods=["GET"]),
    ]


class DemoDoor:
    """The demo phone as an extra door of the public app; ``board`` shows how to sign in.

    ``invite`` makes an invite for a part, "leader" or "ward". ``time`` is what the slider moves: it
    stands on the process that this door is a part of, and is set once that is built.
    """

    policies: Mapping[str, RoutePolicy] = {**DEMO_POLICIES, **BOARD_POLICIES}

    def __init__(self, board: Route, invite: Callable[[str], str] | None = None) -> None:
        self.channel = DemoChannel()
        self.time: Time | None = None
        self._board = board
        self._invite = invite

    def routes(self, dialogue: Listener, pages: Pages) -> list[Route]:
        """Return the phone's routes over a dialogue, the slider's, and the board's."""
        phone = demo_routes(dialogue, self.channel, pages)
        return [*phone, *TimeDoor(lambda: self.time, self._invite).routes(), self._board]


async def _wait(bell: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_LONG_POLL):
            await bell.wait()
    except TimeoutError:
        return


def _text(told: dict[str, Any]) -> str:
    value = told.get("text")
    return value[: 4 * MAX_TEXT] if isinstance(value, str) else ""
