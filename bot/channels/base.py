"""The one port that every channel passes through.

A channel verifies and parses what its platform sends, fetches attachments, sends and deletes. It
decides nothing. ``tests/bot/channels/conformance.py`` is the suite that each channel must pass.
"""

from dataclasses import dataclass
from typing import Protocol

from bot.messages import Attachment, Outgoing
from intake.errors import ChannelDown


class AddressGone(ChannelDown):
    """The person blocked the bot or left: nothing sent there will ever arrive."""

    code = "address_gone"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; flows and wording read this, never a channel's name."""

    name: str
    buttons: bool
    deletes: bool
    media: bool
    push: bool
    max_text: int
    max_media_bytes: int
    anonymity_text: str  # wording key of the honest sentence for this channel
    conflict_allowed: bool = True  # may "liên quan cán bộ" be taken here


class Channel(Protocol):
    """A way to reach people."""

    capabilities: Capabilities

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        """Return the attachment's bytes.

        Raises:
            BadPicture: larger than ``limit`` bytes.
            ChannelDown: the platform did not hand it out.
        """
        ...

    async def send(self, address: str, message: Outgoing) -> str:
        """Send one message, its file with it, and return the platform's message id.

        Raises:
            ChannelDown: not delivered; may be tried again.
            AddressGone: the person blocked the bot or left; never try again.
        """
        ...

    async def delete(self, address: str, message_ids: list[str]) -> bool:
        """Delete messages on both sides; True only when the platform said so for all."""
        ...
