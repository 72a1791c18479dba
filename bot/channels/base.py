"""The one port that every channel passes through.

A channel verifies and parses what its platform sends, fetches attachments, sends and deletes. It
decides nothing. ``tests/bot/channels/conformance.py`` is the suite that each channel must pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.messages import Attachment, Outgoing
from intake.errors import ChannelDown


class AddressGone(ChannelDown):
    """The person blocked the bot or left: nothing sent there will ever arrive."""

    code = "address_gone"


class AskedToWait(ChannelDown):
    """The platform asks for a rest of some seconds; nothing was delivered."""

    code = "asked_to_wait"

    def __init__(self, seconds: float) -> None:
        super().__init__("the platform asks for a rest")
        self.seconds = seconds


class MayHaveArrived(ChannelDown):
    """The line broke after the message had left: nobody knows whether it arrived."""

    code = "may_have_arrived"


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
    page: bool = False  # shows what was said last whenever it is opened, and nothing older


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
            AskedToWait: the same, and when.
            MayHaveArrived: perhaps delivered.
            AddressGone: the person blocked the bot or left; never try again.
        """
        ...

    async def delete(self, address: str, message_ids: list[str]) -> list[str]:
        """Delete messages on both sides; return those that the platform did not say are gone."""
        ...


@runtime_checkable
class Paced(Protocol):
    """A channel with a pace, in which answers to people go before nudges."""

    async def turn(self, address: str) -> None:
        """Wait until a nudge may leave; `send` takes it with ``paced`` in the message's data."""
        ...


@runtime_checkable
class Menus(Protocol):
    """A channel that can show a chat commands of its own beside the writing line."""

    async def show_menu(self, address: str, entries: Sequence[tuple[str, str]]) -> None:
        """Show these commands with what they do; none: those of everybody. Never raises."""
        ...
