"""Takes a leader's picture or voice note in: refused before a byte is fetched, cleaned, kept.

A picture is redrawn without anything hidden in it, as a resident's is; a voice note is kept as it
came, after a look at its first bytes. Nothing else is fetched.
"""

from typing import NamedTuple

from bot.channels.base import Channel
from bot.flows import check_in_card as card
from bot.flows.base import NotKept
from bot.flows.work_shapes import Kept, WorkState
from bot.messages import Attachment, Incoming, Kind
from bot.pictures import Cleaner
from intake.errors import BadPicture, TryLater
from intake.limits import Buckets, Slow
from intake.text import mentions_identity_card
from intake.vault.sealing import new_id

LARGEST_VOICE = 2 * 1024 * 1024
_SOUNDS = ((b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"))


class Taken(NamedTuple):
    """An attachment that waits for the step's unit of work."""

    id: bytes
    media: str
    body: bytes
    kept: Kept


class AttachmentDesk:
    """Takes attachments in."""

    def __init__(self, cleaner: Cleaner, limits: Buckets, max_bytes: int) -> None:
        self._cleaner = cleaner
        self._limits = limits
        self._max_bytes = max_bytes

    async def take(self, incoming: Incoming, channel: Channel, state: WorkState) -> Taken | NotKept:
        """Fetch the first attachment of a message; each comes as a message of its own.

        Raises:
            TryLater: the platform or the decoder cannot serve now.
        """
        attachment = incoming.attachments[0]
        refusal = self._refusal(attachment, incoming.text, state)
        if refusal is not None:
            return NotKept(refusal)
        who = f"{incoming.channel}:{incoming.address}"
        try:
            self._limits.take("upload", who)
            media, body = await self._fetch(attachment, channel)
        except Slow as slow:
            return NotKept("qua_nhieu_anh_to", {"so_phut": slow.minutes})
        except BadPicture:
            return NotKept("tep_hong")
        except TryLater:
            self._limits.give_back("upload", who)
            raise
        photo_id = new_id()
        is_voice = attachment.kind is Kind.VOICE
        kept = Kept(photo_id.hex(), is_voice, incoming.text, incoming.message_id)
        return Taken(photo_id, media, body, kept)

    def _refusal(self, attachment: Attachment, caption: str, state: WorkState) -> str | None:
        is_voice = attachment.kind is Kind.VOICE
        if not is_voice and attachment.kind is not Kind.PHOTO and not attachment.is_picture:
            return "khong_nhan_tep"
        if mentions_identity_card(caption):
            return "khong_nhan_giay_to"
        largest = LARGEST_VOICE if is_voice else self._max_bytes
        if attachment.size > largest:
            return "tep_lon"
        return card.attachment_refusal(state, is_voice=is_voice)

    async def _fetch(self, attachment: Attachment, channel: Channel) -> tuple[str, bytes]:
        most = min(self._max_bytes, channel.capabilities.max_media_bytes)
        if attachment.kind is not Kind.VOICE:
            data = await channel.fetch(attachment, most)
            return "image/jpeg", await self._cleaner.clean(data)
        data = await channel.fetch(attachment, min(most, LARGEST_VOICE))
        media = next((media for head, media in _SOUNDS if data.startswith(head)), None)
        if media is None and data[4:8] == b"ftyp":
            media = "audio/mp4"
        if media is None:
            raise BadPicture("not a voice note")
        return media, data
