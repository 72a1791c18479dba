"""A resident with a plain browser: no script, no cookie jar, real form fields, over the public app.

``House`` joins the real dialogue, database and pages; only pictures are cleaned by a stand-in,
because the decoder has tests of its own.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx2
from starlette.applications import Starlette

from bot.channels.demo import DEMO_POLICIES, demo_routes
from bot.channels.demo_phones import DemoChannel
from bot.channels.demo_time import TimeDoor
from bot.channels.web import WebChannel
from bot.dialogue import Dialogue
from bot.webhooks import OpenWork, create_pages, create_public_app
from bot.wording import Wording
from bot.work.engine import WorkDesk
from intake.errors import BadPicture
from intake.limits import Allowance, Buckets
from tests.wards import Ward

JPEG = b"\xff\xd8\xff a picture"
PLENTY = {kind: Allowance(1000, 1000) for kind in ("filing", "look_up", "upload", "bad_post")}
_VOID = {"input", "meta", "link", "path", "br", "rect"}


class StandInCleaner:
    """Takes what begins like a JPEG and nothing else."""

    async def clean(self, data: bytes) -> bytes:
        if not data.startswith(b"\xff\xd8"):
            raise BadPicture("not a picture")
        return b"clean " + data


@dataclass
class FormOnPage:
    """One form: where it goes, its hidden and preset fields, its buttons by label."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class Page(HTMLParser):
    """A page as a person meets it: its words, links and forms."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__()
        self.response = response
        self.status = response.status_code
        self.source = response.text
        self.forms: list[FormOnPage] = []
        self.links: dict[str, str] = {}
        self._words: list[str] = []
        self._button: tuple[str, str] | None = None
        self._link: str | None = None
        self._area: str | None = None
        self._label: list[str] = []
        self.feed(response.text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self.forms.append(FormOnPage(has["action"]))
            case "input" if "name" in has:
                self._input(has)
            case "textarea":
                self._area = has["name"]
                self.forms[-1].fields[has["name"]] = ""
            case "button":
                self._button, self._label = (has["name"], has["value"]), []
            case "a":
                self._link, self._label = has["href"], []
            case _:
                pass

    def _input(self, has: Mapping[str, str]) -> None:
        if has.get("type") == "file" or (has.get("type") == "radio" and "checked" not in has):
            return
        self.forms[-1].fields[has["name"]] = has.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            before = self.forms[-1].fields[self._area]
            self.forms[-1].fields[self._area] = (before + data).removeprefix("\n")
        self._words.append(data)
        self._label.append(data)

    def handle_endtag(self, tag: str) -> None:
        label = " ".join(" ".join(self._label).split())
        if tag == "button" and self._button:
            self.forms[-1].buttons[label] = self._button
            self._button = None
        elif tag == "a" and self._link is not None:
            self.links[label] = self._link
            self._link = None
        elif tag == "textarea":
            self._area = None

    def form_with(self, button: str) -> FormOnPage:
        return next(form for form in self.forms if button in form.buttons)

    def buttons(self) -> list[str]:
        return [label for form in self.forms for label in form.buttons]


Pictures = list[tuple[str, tuple[str, bytes, str]]]


@dataclass
class Resident:
    """Somebody with a browser."""

    client: httpx2.AsyncClient
    page: Page = field(init=False)

    async def visits(self, path: str) -> Page:
        self.page = Page(await self.client.get(path))
        return self.page

    async def presses(self, button: str, *pictures: bytes, **typed: str) -> Page:
        """Fill the form that has this button, and press it."""
        form = self.page.form_with(button)
        name, value = form.buttons[button]
        return await self.posts(form.action, {**form.fields, **typed, name: value}, *pictures)

    async def posts(self, path: str, fields: Mapping[str, str], *pictures: bytes) -> Page:
        files: Pictures = [("photo", ("IMG_1.jpg", data, "image/jpeg")) for data in pictures]
        if not files:
            files = [("photo", ("", b"", "application/octet-stream"))]
        self.page = Page(await self.client.post(path, data=dict(fields), files=files))
        return self.page

    async def writes(self, *pictures: bytes, button: str = "Xem lại", **typed: str) -> Page:
        """Open the form and fill it in; unnamed answers have quiet values."""
        await self.visits("/gui-tin")
        quiet = {"conflict": "no", "place": "phường Hoa Mẫu", "what": "có người bán ở quán nước"}
        return await self.presses(button, *pictures, **(quiet | typed))

    @property
    def code(self) -> str:
        """The 24 digits on the receipt."""
        inside = self.page.source.partition('class="code"')[2].partition("</ol>")[0]
        return "".join(letter for letter in inside if letter.isdigit())[-24:]


@dataclass
class House:
    """One installation with its public app."""

    ward: Ward
    app: Starlette
    dialogue: Dialogue
    limits: Buckets
    demo: DemoChannel
    client: httpx2.AsyncClient
    flags: dict[str, bool]

    def resident(self) -> Resident:
        return Resident(self.client)

    def queue(self, login: str) -> list[Any]:
        return list(self.ward.services.triage.queue(self.ward.sign_in(login)).rows)

    def read(self, login: str) -> list[str]:
        """Sign in, open every tip of the queue and return the texts."""
        session = self.ward.sign_in(login)
        rows = self.ward.services.triage.queue(session).rows
        opened = [self.ward.services.disclosure.open_tip(session, row.id) for row in rows]
        return [message.text for view in opened for message in view.messages]


@asynccontextmanager
async def open_house(
    ward: Ward,
    allowances: dict[str, Allowance] | None = None,
    *,
    with_phone: bool = True,
    work: WorkDesk | None = None,
    slider: TimeDoor | None = None,
) -> AsyncIterator[House]:
    """Join the public app over a furnished ward."""
    flags = {"ready": True}
    limits = Buckets(ward.clock, allowances=allowances or PLENTY)
    wording, keys = Wording.load(), ward.session_keys
    dialogue = Dialogue(
        ward.intake, ward.tips, ward.follow_up, keys, ward.foundation.places, wording,
        ward.settings, limits, StandInCleaner(), work,
    )  # fmt: skip
    channel, demo = WebChannel(ward.settings), DemoChannel()
    dialogue.join(channel)
    dialogue.join(demo)
    pages = create_pages(wording, ward.settings, ward.tips)
    slider = slider or TimeDoor(lambda: None, None)
    phone = [*demo_routes(dialogue, demo, pages), *slider.routes()] if with_phone else ()
    app = create_public_app(
        dialogue, channel, ward.tips, ward.foundation.places, wording, ward.settings, keys,
        limits, ward.clock,
        ready=lambda: flags["ready"],
        work=OpenWork(work, ward.intake, dialogue.lock) if work else None,
        extra_routes=phone,
        extra_policies=DEMO_POLICIES if with_phone else None,
    )  # fmt: skip
    transport = httpx2.ASGITransport(app, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url="http://tin.example") as client:
        yield House(ward, app, dialogue, limits, demo, client, flags)
        await dialogue.settle()


OpenWard = Callable[..., Ward]
