"""Residents who want their tip to arrive: they tell it, tap twice, wait, ask again, post again.

Each writes one tip with a mark that stands in no other, and is done when a code has reached them.
They know nothing of processes: a bot that is gone is a bot that does not answer for a while.
"""

import asyncio
import io
import random
import re
import time
from dataclasses import dataclass, field
from functools import cache

import httpx
from PIL import Image

from bot.wording import Wording
from tests.bot.telegram_shapes import BotMessage
from tests.promises.post_office import PostOffice, code_in

PATIENCE = 1.0  # seconds without an answer after which a person asks what is going on
QUIET = 0.12  # seconds without a new message after which a person takes the last one for the last
PLACE = "phường Hoa Mẫu"
COLOURS = ((200, 30, 30), (30, 180, 40), (40, 50, 210), (220, 200, 40), (150, 40, 160))
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_SEND = re.compile(r'name="choice" value="([^"]+)"[^>]*>\s*Gửi')
_BUSY = "Chữ bạn gõ vẫn ở dưới đây"  # above a form that could not be kept just now
_DIGITS = re.compile(r"<li>(\d{4})</li>")


@cache
def label(key: str) -> str:
    return Wording.load().label("vi", key)


@cache
def opening(key: str) -> str:
    """Return the first words of a sentence without values."""
    return Wording.load().say("vi", key, {})[:25]


@cache
def picture(colour: int) -> bytes:
    """Return a small photo of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (96, 64), COLOURS[colour]).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Resident:
    """What all residents have in common: a mark, pictures, the codes they were told."""

    mark: str
    rng: random.Random
    photos: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    done: bool = False
    trail: list[str] = field(default_factory=list)

    @property
    def story(self) -> str:
        return f"tối nào cũng có người lạ tới mua rồi đi ngay, dấu {self.mark}"

    def hears(self, code: str) -> None:
        if code not in self.codes:
            self.codes.append(code)


@dataclass
class ChatResident(Resident):
    """One chat. ``asks`` when the bot is silent; ``copies`` means a tap on [Đã chép xong]."""

    chat: int = 0
    asks: bool = True
    copies: bool = True
    twice: bool = False
    unsent: list[int] = field(default_factory=list)
    lost_drafts: int = 0
    shown_at_end: int | None = None
    _seen: int = 0
    _tapped_receipts: set[int] = field(default_factory=set)

    async def tells(self, post: PostOffice) -> None:
        """Go on until the code is here and, if wanted, the chat is clean again."""
        self.unsent = list(self.photos)
        post.says(self.chat, "/bao")
        unread, since, patience = list[BotMessage](), time.monotonic(), PATIENCE
        while not self.done:
            await asyncio.sleep(0.03)
            fresh = [m for m in post.messages(self.chat) if m.id > self._seen]
            silence = time.monotonic() - since
            if fresh:
                self._seen, since = fresh[-1].id, time.monotonic()
                unread += fresh
            elif unread and silence > QUIET:
                self._react(post, unread)
                unread = []
            elif self.copies and self._is_left_clean(post):
                self._ends(post)
            elif silence > patience:
                since, patience = time.monotonic(), patience * 1.5
                self._asks_again(post)

    @property
    def tapped(self) -> int:
        """Return on how many receipts [Đã chép xong] was tapped."""
        return len(self._tapped_receipts)

    def _asks_again(self, post: PostOffice) -> None:
        """Do what people do when nothing happens; some only wait for their code."""
        receipts = self._receipts(post)
        if receipts:
            self._copies(post, self.rng.choice(receipts))
        elif not self.codes and (self.asks or "gui" not in self.trail):
            self.trail.append("?")
            post.says(self.chat, "/trogiup")

    def _receipts(self, post: PostOffice) -> list[BotMessage]:
        return [message for message in post.messages(self.chat) if code_in(message.text)]

    def _is_left_clean(self, post: PostOffice) -> bool:
        """Return whether the receipt whose button was tapped is gone.

        One that was sent by a process that died before it noted so may stay beside it.
        """
        shown = {message.id for message in self._receipts(post)}
        return bool(self._tapped_receipts - shown)

    def _ends(self, post: PostOffice) -> None:
        self.done = True
        self.shown_at_end = post.shown[self.chat]

    def _react(self, post: PostOffice, fresh: list[BotMessage]) -> None:
        """Answer the last question among the new messages; a prompt that is repeated asks once."""
        for message in reversed(fresh):
            code = code_in(message.text)
            if code:
                self.hears(code)
                self._copies(post, message)
                return
            if not self.codes and self._answers(post, message):
                return

    def _copies(self, post: PostOffice, message: BotMessage) -> None:
        if self.copies:
            self._tapped_receipts.add(message.id)
            self._taps(post, message, "da_chep")
        else:
            self._ends(post)

    def _answers(self, post: PostOffice, message: BotMessage) -> bool:
        labels = {button["text"] for button in message.buttons}
        for key in ("khong_khan", "dong_y", "cb_khong", "hay_buoi_toi"):
            if label(key) in labels:
                self._taps(post, message, key)
                return True
        if {label("gui"), label("sua")} <= labels:
            self._taps(post, message, "gui")
        elif label("mua_ban") in labels:
            post.says(self.chat, self.story)
        elif label("gui_len_tren") in labels or message.text.endswith(_end("chon_phuong")):
            post.says(self.chat, PLACE)
        elif label("tren_mang") in labels:
            post.says(self.chat, "cuối ngõ 12")
        elif label("xem_lai_gui") in labels:
            self._goes_on(post, message)
        elif label("bao") in labels:
            self.lost_drafts += len(self.trail) > 2
            post.says(self.chat, "/bao")
        else:
            return False
        return True

    def _goes_on(self, post: PostOffice, message: BotMessage) -> None:
        if self.unsent:
            post.sends_photo(self.chat, picture(self.unsent.pop(0)))
        else:
            self._taps(post, message, "xem_lai_gui")

    def _taps(self, post: PostOffice, message: BotMessage, key: str) -> None:
        self.trail.append(key)
        token = message.token(label(key))
        for _ in range(2 if self.twice and key in ("gui", "da_chep") else 1):
            post.taps(self.chat, token, message.id)


@cache
def _end(key: str) -> str:
    return Wording.load().say("vi", key, {})[-25:]


@dataclass
class WebResident(Resident):
    """A browser without scripts, and a person who reloads until there is an answer."""

    bases: tuple[str, ...] = ()
    at_once: bool = False
    twice: bool = False
    expired: int = 0
    refused: list[int] = field(default_factory=list)
    put_off: int = 0
    slowest: float = 0.0

    @property
    def troubles(self) -> int:
        """Return how often nothing could be kept of what was sent."""
        return len(self.refused) + self.put_off

    async def tells(self, client: httpx.AsyncClient) -> None:
        """Post the same form until a code is on the page."""
        while not self.done:
            token = _TOKEN.search(await self._until_answered(client, None))
            assert token
            await self._sends(client, token[1])

    async def _sends(self, client: httpx.AsyncClient, token: str) -> None:
        page = await self._until_answered(client, self._form(token))
        pressed = _SEND.search(page)
        if pressed:
            page = await self._presses(client, {"token": token, "choice": pressed[1]})
        digits = "".join(_DIGITS.findall(page))
        if len(digits) == 24:
            self.hears(digits)
            self.done = True
        else:  # the form again: it was open for too long, and nothing was sent
            self.expired += 1

    async def _presses(self, client: httpx.AsyncClient, fields: dict[str, str]) -> str:
        if not self.twice:
            return await self._until_answered(client, fields)
        pages = await asyncio.gather(*(self._until_answered(client, fields) for _ in range(2)))
        for page in pages:
            digits = "".join(_DIGITS.findall(page))
            if digits:
                self.hears(digits)
        return pages[-1]

    def _form(self, token: str) -> dict[str, str]:
        go = "send" if self.at_once and not self.photos else "review"
        fields = {"token": token, "conflict": "no", "place": PLACE, "what": self.story, "go": go}
        return fields | {"where": "cuối ngõ 12", "when": "buổi tối"}

    async def _until_answered(
        self, client: httpx.AsyncClient, fields: dict[str, str] | None
    ) -> str:
        while True:
            began = time.monotonic()
            try:
                answer = await self._asks(client, fields)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            self.slowest = max(self.slowest, time.monotonic() - began)
            if answer.status_code != 200:
                self.refused.append(answer.status_code)
            elif _BUSY in answer.text:  # the form again, with the words
                self.put_off += 1
            else:
                return answer.text
            await asyncio.sleep(0.1)

    async def _asks(
        self, client: httpx.AsyncClient, fields: dict[str, str] | None
    ) -> httpx.Response:
        address = f"{self.rng.choice(self.bases)}/gui-tin"
        if fields is None:
            return await client.get(address)
        pictures = self.photos if "what" in fields else []
        files = [("photo", ("a.jpg", picture(each), "image/jpeg")) for each in pictures]
        return await client.post(address, data=fields, files=files or None)
