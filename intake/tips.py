"""Receives tips: chooses who may read one, seals it for exactly them, and hands out the code.

Everything here works with public keys only. It can put a tip away and cannot take one out again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from intake.drafts import MAX_TEXT, KeptPhoto, TipDraft, compose
from intake.errors import EmptyTip, HoldsCode, NoOpenUnit, TooLong
from intake.keylist import KeyList
from intake.parts import Body, Headline, encode, to_minute
from intake.places import Places
from intake.ports import VIETNAM, Clock
from intake.receipts import holds_code
from intake.settings import Settings
from intake.text import is_empty
from intake.urgency import FIRST_VIEW, Suggestion, suggest
from intake.vault import sealing
from intake.vault.answers import CodePool, ReadyCode
from intake.vault.key_pairs import PublicKey
from intake.vault.keyring import Keyring
from storage.parts import NewPart
from storage.tips import NewTip
from storage.unit_of_work import Tx

_PAGE_EVERY = 5  # minutes: one content-free call per unit (``security.md`` 5.5)


class Receiver(NamedTuple):
    """Who will read a draft. ``raised``: the ward has no open box, so the unit above receives."""

    unit_id: str
    unit_name: str
    above_name: str  # "" where nobody but oversight stands above
    raised: bool


class Drawn(NamedTuple):
    """The receipt of one tip: the code (told once) and the two halves that are stored."""

    code: str
    lookup: bytes
    reply_key: PublicKey


@dataclass(frozen=True, slots=True, repr=False)
class PreparedTip:
    """A sealed tip, ready for one unit of work."""

    code: str
    urgent: bool
    tip: NewTip
    part: NewPart
    photo_wraps: tuple[tuple[bytes, tuple[tuple[bytes, bytes], ...]], ...]

    def add(self, tx: Tx) -> None:
        """Put the tip's rows into this unit of work and move its pictures out of the draft."""
        photos = move_photos(tx, self.tip.id, self.tip.release_at, self.photo_wraps)
        tx.tips.add(self.tip, [self.part, *photos])
        if self.urgent:
            tx.pushes.page_call(self.tip.unit_id, page_slot(self.tip.release_at))


class Tips:
    """The way in for tips."""

    def __init__(
        self, key_list: KeyList, places: Places, pool: CodePool, settings: Settings, clock: Clock
    ) -> None:
        self.key_list = key_list
        self.places = places
        self.settings = settings
        self._pool = pool
        self._clock = clock

    def destination(self, draft: TipDraft) -> Receiver:
        """Return who would receive this draft.

        A tip about the ward's own officers or leaders goes to the unit above and to nobody in the
        ward (``security.md`` 2, T2). Units, names and parents come from the signed list only.

        Raises:
            NoOpenUnit: neither the ward nor the unit above has a valid key.
        """
        keyring = self.key_list.current
        own = self._unit_of(draft, keyring)
        listed = own in keyring.parents  # a ward may be laid down before its key is signed
        above = (keyring.parent_of(own) or own) if listed else keyring.top_unit
        upwards = draft.conflict == "yes" or draft.to_upper
        # Where no box stands, the unit found is already the one above the place.
        wanted = above if upwards and not self._has_no_box(draft) else own
        for unit_id in dict.fromkeys((wanted, above)):
            entry = keyring.unit(unit_id)
            if entry is not None and keyring.is_open(unit_id):
                raised = unit_id != wanted or self._has_no_box(draft)
                return Receiver(unit_id, entry.name, _name_above(keyring, unit_id), raised)
        raise NoOpenUnit("neither the ward nor the unit above has a valid key")

    def any_open(self) -> bool:
        """Return whether any box can take a tip now."""
        keyring = self.key_list.current
        return any(keyring.is_open(unit) for unit in keyring.parents)

    def prepare(self, draft: TipDraft) -> PreparedTip:
        """Seal a resident's tip for the unit that receives it and the unit above.

        The text and the identity are sealed apart, so an officer can read one without the other.

        Raises:
            EmptyTip: nothing to read or see.
            TooLong: more than ``MAX_TEXT`` characters.
            HoldsCode: a receipt code stands in it.
            NoOpenUnit: neither the ward nor the unit above has a valid key.
        """
        text = compose(draft)
        if is_empty(draft.what) and not draft.photos:
            raise EmptyTip("nothing to read or see")
        if len(text) > MAX_TEXT:
            raise TooLong("the tip is longer than one tip may be")
        if holds_code(text):
            raise HoldsCode("a receipt code stands in the tip")
        receiver = self.destination(draft)
        ready = self._pool.take()
        drawn = Drawn(ready.code, ready.lookup, ready.reply_key)
        return self.seal(text, draft, receiver.unit_id, drawn, suggest(draft))

    def put_back(self, prepared: PreparedTip) -> None:
        """Take the code of a tip back that certainly was not kept, and not told either."""
        reply_key = PublicKey.from_bytes(prepared.tip.reply_key)
        self._pool.put_back(ReadyCode(prepared.code, prepared.tip.lookup, reply_key))

    def seal(
        self, text: str, draft: TipDraft, unit_id: str, drawn: Drawn, suggestion: Suggestion
    ) -> PreparedTip:
        """Seal ``text`` for one unit under an already drawn code."""
        keyring = self.key_list.current
        recipients = keyring.recipients(unit_id)
        tip_id = secrets.token_bytes(16)
        urgent = suggestion.priority == 1 and not draft.calm
        release_at = self.release_minute(at_once=urgent)
        body = Body(
            kind="tip",
            text=text,
            released_at=release_at,
            photos=tuple(photo.id for photo in draft.photos),
        )
        part = sealing.seal_part(tip_id, encode(body), recipients, part_id=tip_id)
        headline = self._headline(draft, suggestion)
        tip = NewTip(
            id=tip_id,
            unit_id=unit_id,
            day=release_at.astimezone(VIETNAM).date(),
            release_at=release_at,
            priority=suggestion.priority,
            state="new",
            holder_id=None,
            due_at=release_at + FIRST_VIEW[suggestion.priority],
            new_at=release_at,
            version=1,
            lookup=drawn.lookup,
            reply_key=drawn.reply_key.to_bytes(),
            headline_sealed=sealing.seal_headline(part.content_key, tip_id, headline),
            identity_sealed=sealing.seal_identity(
                draft.contact, tip_id, keyring.identity, keyring.gate
            ),
        )
        return PreparedTip(
            code=drawn.code,
            urgent=urgent,
            tip=tip,
            part=NewPart(tip_id, tip_id, release_at, part.body_sealed, part.wraps),
            photo_wraps=wrap_photos(draft.photos, recipients),
        )

    def release_minute(self, *, at_once: bool = False) -> datetime:
        """Return the minute at which officers first see something: random within the setting."""
        now = to_minute(self._clock.now())
        if at_once or self.settings.release_minutes == 0:
            return now
        return now + timedelta(minutes=1 + secrets.randbelow(self.settings.release_minutes))

    def _unit_of(self, draft: TipDraft, keyring: Keyring) -> str:
        unit = self.places.current.unit_for(draft.area_id) if draft.area_id else None
        return unit or keyring.top_unit

    def _has_no_box(self, draft: TipDraft) -> bool:
        return bool(draft.area_id) and not self.places.current.has_own_unit(draft.area_id or "")

    def _headline(self, draft: TipDraft, suggestion: Suggestion) -> bytes:
        place = self.places.get(draft.area_id) if draft.area_id else None
        headline = Headline(
            kind=suggestion.kind,
            area=place.label[:120] if place else "",
            words=suggestion.words,
            score=suggestion.score,
            photos=len(draft.photos),
        )
        return headline.model_dump_json(exclude_defaults=True).encode()


def _name_above(keyring: Keyring, unit_id: str) -> str:
    parent = keyring.parent_of(unit_id)
    entry = keyring.unit(parent) if parent else None
    return entry.name if entry else ""


def wrap_photos(
    photos: tuple[KeptPhoto, ...], recipients: tuple[PublicKey, ...]
) -> tuple[tuple[bytes, tuple[tuple[bytes, bytes], ...]], ...]:
    """Return each picture's id with its content key wrapped to the recipients."""
    return tuple(
        (
            photo_id := bytes.fromhex(photo.id),
            tuple(sealing.wrap_key(bytes.fromhex(photo.key), photo_id, key) for key in recipients),
        )
        for photo in photos
    )


def move_photos(
    tx: Tx,
    tip_id: bytes,
    release_at: datetime,
    photo_wraps: tuple[tuple[bytes, tuple[tuple[bytes, bytes], ...]], ...],
) -> list[NewPart]:
    """Take the draft's pictures out of the draft table and return them as parts of a tip."""
    if not photo_wraps:
        return []
    bodies = {row.id: row.body_sealed for row in tx.drafts.photos([i for i, _ in photo_wraps])}
    tx.drafts.take_photos(list(bodies))
    return [
        NewPart(photo_id, tip_id, release_at, bodies[photo_id], wraps)
        for photo_id, wraps in photo_wraps
        if photo_id in bodies
    ]


def page_slot(moment: datetime) -> datetime:
    """Return the start of the five-minute slot in which a unit is called at most once."""
    return moment.replace(minute=moment.minute - moment.minute % _PAGE_EVERY)
