"""The demo phone: a chat on a page, wired to the same dialogue as every other channel.

Only the demo command imports this module. Everything lives in RAM: an inbox per phone, gone with
the process. Every page and every message of it says that this is a trial; it must never be
reachable from a real installation and never pretend to protect anybody.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.base import AddressGone, Capabilities
from bot.channels.demo_board import POLICIES as BOARD_POLICIES
from bot.channels.demo_posts import read_json, refuse_strangers, short
from bot.channels.demo_time import POLICIES as TIME_POLICIES
from bot.channels.demo_time import Time, TimeDoor
from bot.forms import Form, read_form
from bot.messages import Attachment, File, Incoming, Kind, Outgoing
from bot.pages import Pages
from bot.pages.front import HTML
from bot.policy import FORM_BODY, SMALL_BODY, RoutePolicy
from intake.errors import BadPicture, NotFound

BANNER = "BẢN THỬ, không gửi tin thật."
MAX_TEXT = 4096
_MOST_PHONES = 50
_MOST_FILES = 40
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


@dataclass(slots=True, repr=False)
class _Phone:
    """One phone's chat: what stands in it now, and a bell that rings when something changes."""

    messages: OrderedDict[str, dict[str, Any]] = field(
        default_factory=OrderedDict[str, dict[str, Any]]
    )
    changes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, message: dict[str, Any]) -> None:
        """Add or replace a message."""
        self.messages[message["id"]] = message
        self._change({"put": message["id"]})

    def drop(self, ids: list[str]) -> list[str]:
        """Delete messages on both sides, and what they said; return those that were not there."""
        here = [one for one in ids if self.messages.pop(one, None) is not None]
        if here:
            self._change({"gone": here})
        return [one for one in ids if one not in here]

    def after(self, seen: int) -> list[dict[str, Any]]:
        """Return the changes that a page has not seen; a deleted message shows only as gone."""
        return [
            {"put": self.messages[change["put"]]} if "put" in change else change
            for change in self.changes[seen:]
            if "put" not in change or change["put"] in self.messages
        ]

    def _change(self, change: dict[str, Any]) -> None:
        self.changes.append(change)
        self.bell.set()
        self.bell = asyncio.Event()


class DemoChannel:
    """The channel port over the phones in RAM."""

    capabilities = Capabilities(
        name="demo",
        buttons=True,
        deletes=True,
        media=True,
        push=True,
        max_text=MAX_TEXT,
        max_media_bytes=10 * 1024 * 1024,
        anonymity_text="an_danh.demo",
    )

    def __init__(self, banners: tuple[str, ...] = (BANNER,)) -> None:
        self._banners = banners
        self._phones: OrderedDict[str, _Phone] = OrderedDict()
        self._pictures: dict[str, bytes] = {}
        self._files: OrderedDict[str, File] = OrderedDict()

    def new_phone(self) -> str:
        """Return the address of a new, empty phone; the oldest one goes when there are many."""
        address = secrets.token_hex(12)
        self._phones[address] = _Phone()
        if len(self._phones) > _MOST_PHONES:
            self._phones.popitem(last=False)
        return address

    def phone(self, address: str) -> _Phone:
        """Return one phone.

        Raises:
            NotFound: no such phone, or one from before a restart.
        """
        phone = self._phones.get(address)
        if phone is None:
            raise NotFound("no such phone")
        return phone

    def hold(self, data: bytes, kind: Kind = Kind.PHOTO) -> Attachment:
        """Keep a picture or a voice note in RAM until ``release``, while its post is served."""
        ref = secrets.token_hex(8)
        self._pictures[ref] = data
        return Attachment(kind, ref, len(data), is_picture=kind is Kind.PHOTO)

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        """Return a picture's bytes.

        Raises:
            BadPicture: larger than ``limit`` bytes, or no longer here.
        """
        data = self._pictures.get(attachment.ref)
        if data is None or len(data) > limit:
            raise BadPicture("a picture over the limit")
        return data

    def release(self, attachment: Attachment) -> None:
        """Forget the picture of a post."""
        self._pictures.pop(attachment.ref, None)

    async def send(self, address: str, message: Outgoing) -> str:
        """Put a message into a phone; it begins with a banner, whoever forgot to say it.

        Raises:
            AddressGone: the phone went with a restart.
        """
        phone = self._phones.get(address)
        if phone is None:
            raise AddressGone("no such phone")
        marked = message.text.startswith(self._banners)
        text = message.text if marked else f"{self._banners[0]}\n{message.text}"
        buttons = [{"token": c.token or c.key, "label": c.label} for c in message.choices]
        message_id = secrets.token_hex(6)
        shown: dict[str, Any] = {
            "id": message_id,
            "from": "bot",
            "text": text,
            "buttons": buttons,
        }
        if message.file is not None:
            shown["file"] = self._offer(message.file)
        phone.put(shown)
        return message_id

    def _offer(self, file: File) -> dict[str, Any]:
        """Keep a file in RAM under a name that cannot be guessed; the oldest one goes."""
        ref = secrets.token_hex(16)
        self._files[ref] = file
        if len(self._files) > _MOST_FILES:
            self._files.popitem(last=False)
        address = f"/dien-thoai/tep/{ref}"
        return {"address": address, "name": file.name, "picture": file.is_picture}

    def file(self, ref: str) -> File:
        """Return a file that was sent to a phone.

        Raises:
            NotFound: no such file, or one from before a restart.
        """
        file = self._files.get(ref)
        if file is None:
            raise NotFound("no such file")
        return file

    async def delete(self, address: str, message_ids: list[str]) -> list[str]:
        """Delete messages on both sides; return those that were not there."""
        phone = self._phones.get(address)
        return message_ids if phone is None else phone.drop(message_ids)


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
