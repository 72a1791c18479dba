"""Takes a picture in: refused before a byte is fetched, cleaned in a subprocess, sealed at once.

The original lives in RAM for the length of one step and nowhere else; a picture that is not kept
leaves nothing behind. What is not a picture is never fetched.
"""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from bot.channels.base import Channel
from bot.flows import router
from bot.flows.base import NotKept, State
from bot.flows.world import World
from bot.messages import Attachment, Incoming, Kind
from bot.world import FORMS
from intake.drafts import KeptPhoto
from intake.errors import BadPicture, TryLater
from intake.limits import Buckets, Slow
from intake.parts import Body, encode
from intake.text import mentions_identity_card
from intake.vault.key_pairs import new_seed
from intake.vault.sealing import new_id, seal_body

_REFUSED = {Kind.CONTACT: "danh_ba", Kind.LOCATION: "vi_tri"}


class Cleaner(Protocol):
    """What redraws a picture without anything hidden in it."""

    async def clean(self, data: bytes) -> bytes:
        """Return a new JPEG.

        Raises:
            BadPicture: cannot be decoded within the limits.
        """
        ...


@dataclass(frozen=True, slots=True, repr=False)
class SealedPhoto:
    """A cleaned, sealed picture that waits for the step's unit of work."""

    kept: KeptPhoto
    body_sealed: bytes


class PictureDesk:
    """Takes attachments in."""

    def __init__(self, cleaner: Cleaner, limits: Buckets, max_bytes: int) -> None:
        self._cleaner = cleaner
        self._limits = limits
        self._max_bytes = max_bytes

    def refusal(self, attachment: Attachment, caption: str) -> NotKept | None:
        """Return why an attachment is not taken, from its kind, size and caption alone."""
        if attachment.most_together:
            return NotKept("qua_lon_ca_lan", {"mb": attachment.most_together >> 20})
        if attachment.kind in _REFUSED:
            return NotKept(_REFUSED[attachment.kind])
        if attachment.kind is not Kind.PHOTO and not attachment.is_picture:
            return NotKept("chua_nhan_loai_nay", {"loai": attachment.kind.value})
        if mentions_identity_card(caption):
            return NotKept("anh_giay_to")
        return NotKept("qua_lon") if attachment.size > self._max_bytes else None

    async def take_all(
        self, incoming: Incoming, channel: Channel, state: State, world: World
    ) -> list[SealedPhoto | NotKept]:
        """Return the outcome of each attachment; the flow may refuse one before it is fetched.

        A page draws from the flood bucket at its own door, where the sender is known. Its file box
        comes back empty, so a picture that is in the draft already is often chosen again: left out.

        Raises:
            TryLater: the platform or the decoder cannot serve now.
        """
        who = None if world.channel.one_page else f"{incoming.channel}:{incoming.address}"
        had = {photo.digest for photo in state.draft.photos} if world.channel.one_page else ()
        outcomes: list[SealedPhoto | NotKept] = []
        for attachment in incoming.attachments:
            refusal = self.refusal(attachment, incoming.text)
            refusal = refusal or router.photo_refusal(state, world)
            outcome = refusal or await self.take(attachment, channel, who)
            if isinstance(outcome, SealedPhoto):
                if outcome.kept.digest in had:
                    continue
                state = state.drafted(photos=(*state.draft.photos, outcome.kept))
            outcomes.append(outcome)
        return outcomes

    def still_fitting(
        self, taken: list[SealedPhoto | NotKept], state: State, world: World
    ) -> list[SealedPhoto | NotKept]:
        """Return what becomes of pictures in the draft as it stands now.

        Another process may have gone on with it since they were fetched: sent it, or kept the same.
        """
        had = {photo.digest for photo in state.draft.photos} if world.channel.one_page else ()
        outcomes: list[SealedPhoto | NotKept] = []
        for outcome in taken:
            if isinstance(outcome, NotKept):
                outcomes.append(outcome)
            elif refusal := router.photo_refusal(state, world):
                outcomes.append(refusal)
            elif outcome.kept.digest not in had:
                state = state.drafted(photos=(*state.draft.photos, outcome.kept))
                outcomes.append(outcome)
        return outcomes

    async def take(
        self, attachment: Attachment, channel: Channel, who: str | None
    ) -> SealedPhoto | NotKept:
        """Fetch, clean and seal a picture; ``who`` draws from the flood bucket, if given.

        Raises:
            TryLater: the platform or the decoder cannot serve now.
        """
        limit = min(self._max_bytes, channel.capabilities.max_media_bytes)
        try:
            if who is not None:
                self._limits.take("upload", who)
            data = await channel.fetch(attachment, limit)
            jpeg = await self._cleaner.clean(data)
        except Slow as slow:
            return NotKept("qua_nhieu_anh", {"so_phut": slow.minutes})
        except BadPicture:
            return NotKept("anh_hong")
        except TryLater:
            if who is not None:
                self._limits.give_back("upload", who)
            raise
        return seal(jpeg)

    def give_back(self, incoming: Incoming, taken: list[SealedPhoto | NotKept]) -> None:
        """Undo the counting of pictures that were not kept: the platform will bring them again."""
        for outcome in taken:
            if isinstance(outcome, SealedPhoto) and incoming.channel not in FORMS:
                self._limits.give_back("upload", f"{incoming.channel}:{incoming.address}")


def seal(jpeg: bytes) -> SealedPhoto:
    """Seal a cleaned picture under a content key of its own, as the part it will become."""
    photo_id, key = new_id(), new_seed()
    body = seal_body(key, photo_id, encode(Body(kind="photo"), jpeg))
    digest = hashlib.blake2b(jpeg, digest_size=16).hexdigest()
    return SealedPhoto(KeptPhoto(id=photo_id.hex(), key=key.hex(), digest=digest), body)
