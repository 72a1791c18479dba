"""The demo's phones: what stands in each chat, and the channel port over them.

Only the demo imports this module. Everything lives in RAM: an inbox per phone, gone with the
process. Every message of it says that this is a trial; it must never pretend to protect anybody.
"""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from bot.channels.base import AddressGone, Capabilities
from bot.messages import Attachment, File, Kind, Outgoing
from intake.errors import BadPicture, NotFound

BANNER = "BẢN THỬ, không gửi tin thật."
MAX_TEXT = 4096
_MOST_PHONES = 50
_MOST_FILES = 40


@dataclass(slots=True, repr=False)
class Phone:
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
        self._phones: OrderedDict[str, Phone] = OrderedDict()
        self._pictures: dict[str, bytes] = {}
        self._files: OrderedDict[str, File] = OrderedDict()

    def new_phone(self) -> str:
        """Return the address of a new, empty phone; the oldest one goes when there are many."""
        address = secrets.token_hex(12)
        self._phones[address] = Phone()
        if len(self._phones) > _MOST_PHONES:
            self._phones.popitem(last=False)
        return address

    def phone(self, address: str) -> Phone:
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
