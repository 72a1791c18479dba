"""Message shapes that no channel owns.

An ``Incoming`` is what a person did, an ``Outgoing`` is what the bot says. A channel builds the
first and sends the second; the address in them is sealed state or RAM, never a column and never
logged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, object] = MappingProxyType({})


class Kind(StrEnum):
    """What a person attached."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"
    OTHER = "other"


@dataclass(frozen=True, slots=True, repr=False)
class Attachment:
    """Something that is not text. ``ref`` is the channel's own handle for fetching the bytes.

    ``most_together`` stands for all pictures of one form that were over this many bytes together.
    """

    kind: Kind
    ref: str = ""
    size: int = 0
    is_picture: bool = False  # a document whose type says it is a picture
    most_together: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Incoming:
    """One thing a person did, from any channel.

    ``choice`` is the opaque token of a tapped button. ``answers`` is set by a form that asks
    several questions at once (web page): step name → text. ``edited`` marks the change of an older
    message.
    """

    channel: str
    address: str
    message_id: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    choice: str | None = None
    on: str = ""  # the message whose button was tapped: one more to delete in the end
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    edited: bool = False
    in_group: bool = False
    language: str | None = None
    sent_at: datetime | None = None  # as the platform says; only a leader's work looks at it


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: ``token`` is opaque on the wire, ``key`` is what the flow sees."""

    key: str
    label: str
    token: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """A picture or a document that the bot sends; a picture is shown, a document is handed over."""

    name: str
    media: str
    body: bytes

    @property
    def is_picture(self) -> bool:
        """Whether the channel should show it."""
        return self.media.startswith("image/")


@dataclass(frozen=True, slots=True, repr=False)
class Outgoing:
    """One message to a person: text with ``**bold**`` marks, and at most a few buttons.

    ``file`` goes with the text, of at most 1,024 letters then, as one message: a table for the
    ward, never a tip.

    ``private`` marks a message that repeats what the resident wrote or shows the code: its id is
    stored at once so that it can be deleted.
    """

    key: str
    text: str
    choices: tuple[Choice, ...] = ()
    private: bool = False
    data: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    file: File | None = None
