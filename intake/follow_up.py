"""Comes back with a code: what may be shown for it, and what the reporter adds.

An unknown code, an erased tip and a tip without news get one answer and take the same path: every
look-up derives, reads, opens (or does the same work in vain) and leaves at the next 50 ms boundary.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from intake.drafts import MAX_TEXT, KeptPhoto, TipDraft
from intake.errors import EmptyTip, HoldsCode, TooLong
from intake.pacing import next_step
from intake.parts import Body, decode, encode
from intake.receipts import holds_code, normalise
from intake.service import Intake
from intake.text import is_empty
from intake.tips import Drawn, PreparedTip, Tips, move_photos, page_slot, wrap_photos
from intake.urgency import is_urgent, suggest
from intake.vault import answers, sealing
from intake.vault.answers import CodeCost, CodeKeys
from intake.vault.envelope import NotOpened
from intake.vault.key_pairs import PublicKey, public_key
from storage.errors import Stale
from storage.parts import NewPart, PartHead, PartRow
from storage.tips import TipRow
from storage.unit_of_work import Tx, View

_AT_ONCE = 2  # derivations side by side: its own wall, apart from filing and sign-in


class Message(NamedTuple):
    """One thing the unit said: a reply, a question, or a state word (a wording key)."""

    kind: Literal["reply", "ask", "state"]
    text: str
    at: datetime
    place: int


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """The outcome of one look-up; an unknown code has no tip and, like no news, no messages."""

    keys: CodeKeys
    tip: TipRow | None
    messages: tuple[Message, ...]
    parts: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class PreparedAddition:
    """A sealed addition to a known tip, ready for one unit of work.

    ``unit_id`` names who can read it: the tip's unit, or the next one above while that one takes
    nothing because a key is out of date.
    """

    tip_id: bytes
    unit_id: str
    part: NewPart
    photo_wraps: tuple[tuple[bytes, tuple[tuple[bytes, bytes], ...]], ...]
    urgent: bool = False

    def add(self, tx: Tx) -> None:
        """Put the addition and its pictures into this unit of work; the tip has news at release.

        An urgent one makes the tip urgent too, so that it stands on top of the queue, whatever
        its state.

        Raises:
            Stale: the tip has been erased meanwhile; look the code up again.
        """
        if not tx.tips.mark_new(self.tip_id, self.part.release_at, urgent=self.urgent):
            raise Stale("the tip is gone")
        photos = move_photos(tx, self.tip_id, self.part.release_at, self.photo_wraps)
        for part in (self.part, *photos):
            tx.parts.add(part)
        if self.urgent:
            tx.pushes.page_call(self.unit_id, page_slot(self.part.release_at))


class FollowUp:
    """The way back in, for whoever holds a code."""

    def __init__(self, intake: Intake, tips: Tips, salt: bytes, cost: CodeCost) -> None:
        self._intake = intake
        self._tips = tips
        self._salt = salt
        self._cost = cost
        self._wall = asyncio.Semaphore(_AT_ONCE)

    async def look_up(self, typed: str) -> Found:
        """Return what may be shown for a typed code.

        Raises:
            BadCode: the check digits do not fit (said before any derivation).
        """
        code = normalise(typed)
        now = asyncio.get_running_loop().time
        began = now()
        async with self._wall:
            found = await asyncio.to_thread(self._find, code)
        await next_step(began, now)
        return found

    def _find(self, code: str) -> Found:
        keys = answers.derive(code, self._salt, self._cost)
        mine = public_key(keys.seed)
        with self._intake.read() as view:
            tip = view.tips.by_lookup(keys.lookup)
            heads = view.parts.heads(tip.id if tip else keys.lookup)
            sealed = self._released(view, heads, keys, mine)
        if not sealed:
            answers.dummy_work(keys)
        opened = [self._open(keys, part, wrap) for part, wrap in sealed]
        ordered = sorted((m for m in opened if m is not None), key=lambda m: (m.at, m.place))
        return Found(keys, tip, tuple(ordered), len(heads))

    def _released(
        self, view: View, heads: Sequence[PartHead], keys: CodeKeys, mine: PublicKey
    ) -> list[tuple[PartRow, bytes]]:
        now = self._intake.clock.now()
        # A code without a tip asks the same question, about a part that cannot be there.
        shown = [head.id for head in heads if head.release_at <= now] or [keys.lookup]
        wraps = view.parts.wraps_for(shown, mine.key_id)
        return [(part, wraps[part.id]) for part in view.parts.bodies(wraps)]

    def _open(self, keys: CodeKeys, part: PartRow, wrap: bytes) -> Message | None:
        try:
            body, _ = decode(answers.open_reply(keys.seed, part.id, wrap, part.body_sealed))
        except NotOpened:
            return None
        if body.kind not in ("reply", "ask", "state"):
            return None
        return Message(body.kind, body.text, body.released_at or part.release_at, body.place)

    def prepare_addition(
        self, found: Found, text: str, photos: tuple[KeptPhoto, ...], *, calm: bool = False
    ) -> PreparedAddition | PreparedTip:
        """Seal what the reporter adds, for the tip's current two recipients.

        While the tip's unit takes nothing it is sealed for the next one above that does.
        ``calm``: it may wait for its minute, urgent or not.

        Under an unknown code it becomes a new tip for the unit at the top, under that same code,
        and the person gets the same answer: where that unit takes nothing, no code's is taken.

        Raises:
            EmptyTip: nothing to read or see.
            TooLong: more than ``MAX_TEXT`` characters.
            HoldsCode: a receipt code stands in it.
            NoOpenUnit: the unit at the top has no valid key.
        """
        if is_empty(text) and not photos:
            raise EmptyTip("nothing to read or see")
        if len(text) > MAX_TEXT:
            raise TooLong("the addition is longer than one tip may be")
        if holds_code(text):
            raise HoldsCode("a receipt code stands in the addition")
        draft = TipDraft(what=text, photos=photos, to_upper=True, calm=calm)
        top = self._tips.destination(draft).unit_id  # asked for every code, known or not
        if found.tip is None:
            return self._as_new_tip(found.keys, draft, top)
        return self._as_part(found.tip, found.parts, draft, top)

    def _as_part(self, tip: TipRow, place: int, draft: TipDraft, top: str) -> PreparedAddition:
        unit_id = self._reader(tip.unit_id, top)
        recipients = self._tips.key_list.current.recipients(unit_id)
        urgent = is_urgent(draft)
        text, photos = draft.what, draft.photos
        release_at = self._tips.release_minute(at_once=urgent)
        body = Body(
            kind="addition",
            text=text,
            released_at=release_at,
            place=place,
            photos=tuple(photo.id for photo in photos),
        )
        part = sealing.seal_part(tip.id, encode(body), recipients)
        return PreparedAddition(
            tip_id=tip.id,
            unit_id=unit_id,
            part=NewPart(part.id, tip.id, release_at, part.body_sealed, part.wraps),
            photo_wraps=wrap_photos(photos, recipients),
            urgent=urgent,
        )

    def _reader(self, unit_id: str, top: str) -> str:
        """Return the first unit from this one upwards that takes tips today, or else the top."""
        keyring = self._tips.key_list.current
        while unit_id != top and not keyring.is_open(unit_id):
            unit_id = keyring.parent_of(unit_id) or top
        return unit_id

    def _as_new_tip(self, keys: CodeKeys, draft: TipDraft, top: str) -> PreparedTip:
        drawn = Drawn("", keys.lookup, public_key(keys.seed))
        return self._tips.seal(draft.what, draft, top, drawn, suggest(draft))


def state_delay(minimum_hours: int = 1, maximum_hours: int = 24) -> timedelta:
    """Return how late a state word reaches the reporter: random, so that it is no oracle."""
    span = (maximum_hours - minimum_hours) * 60
    return timedelta(hours=minimum_hours, minutes=secrets.randbelow(span + 1))
