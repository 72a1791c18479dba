"""The one door to sealed text: right, reason and audit row first, then the opening.

Only this module imports ``intake.vault.opening``. An opening whose audit row cannot be written
does not happen. Opened text is returned to the caller and kept nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from intake.errors import NotAllowed, NotFound
from intake.keylist import KeyList
from intake.officers import Session
from intake.parts import Headline, decode, nickname
from intake.policy import Right, units_for
from intake.ports import VIETNAM
from intake.seen import seen_versions, unseen
from intake.service import Intake
from intake.tip_views import MessageView, TipView, in_order, sender_of
from intake.vault import opening, sealing
from intake.vault.envelope import NotOpened, OpeningKey
from intake.vault.key_pairs import PublicKey, public_key
from intake.vault.sealing import UnitSecret
from intake.vault.segments import ChildBody, SignedSegment, sign_segment, signing_public
from storage.parts import PartRow, WrapRow
from storage.tips import TipRow
from storage.unit_of_work import View

_LONGEST_TEXT = 128 * 1024  # sealed: what is larger than any text may be is a picture, left alone


class Opened(NamedTuple):
    """A tip's rows with what opens them: for the desk's own acts, inside one request."""

    tip: TipRow
    content_key: bytes
    headline: Headline


class UnitKeys:
    """The unit keys that one officer was granted, opened for one request."""

    def __init__(self, secrets: Iterable[UnitSecret]) -> None:
        self._secrets = {secret.key_id: secret for secret in secrets}
        self._opening = {key_id: OpeningKey(s.seed) for key_id, s in self._secrets.items()}

    @property
    def key_ids(self) -> list[bytes]:
        """The epochs that can be opened."""
        return list(self._secrets)

    def holds(self, key_id: bytes) -> bool:
        """Return whether this epoch was granted."""
        return key_id in self._secrets

    def content_key(self, part_id: bytes, wraps: Iterable[WrapRow]) -> bytes:
        """Open a part's content key from whichever wrap fits.

        Raises:
            NotOpened: none of the wraps is for a key held here.
        """
        for wrap in wraps:
            key = self._opening.get(wrap.key_id)
            if key is not None and wrap.part_id == part_id:
                return opening.open_wrap(key, wrap.wrap_sealed, part_id)
        raise NotOpened

    def grant(self, key_id: bytes, officer: PublicKey) -> bytes:
        """Seal one epoch's secret to an officer's key: the wrapping half of "Trao khóa"."""
        return sealing.seal_grant(officer, self._secrets[key_id])

    def sign(self, key_id: bytes, body: ChildBody) -> SignedSegment:
        """Sign the children of an upper unit.

        Raises:
            NotAllowed: this unit signs for nobody.
        """
        seed = self._secrets[key_id].signing_seed
        if seed is None:
            raise NotAllowed("this unit has no signing key")
        return sign_segment(seed, body)

    def publics(self, key_id: bytes) -> tuple[PublicKey, bytes | None]:
        """Return the public halves of an epoch's key and of its signing key, from the secrets."""
        secret = self._secrets[key_id]
        signing = secret.signing_seed
        return public_key(secret.seed), signing_public(signing) if signing else None

    def open_probe(self, key_id: bytes, unit_id: str, sealed: bytes) -> None:
        """Prove that the listed key is the one held.

        Raises:
            NotOpened: it is not.
        """
        opening.open_probe(self._opening[key_id], unit_id, sealed)


class Disclosure:
    """Opens tips for signed-in officers."""

    def __init__(self, intake: Intake, key_list: KeyList) -> None:
        self._intake = intake
        self._key_list = key_list

    def units(self, session: Session, right: Right) -> frozenset[str]:
        """Return the units over which the officer has a right, by the signed list's parents."""
        return units_for(session, right, self._key_list.current.parents)

    def keys(self, session: Session) -> UnitKeys:
        """Open the unit keys granted to this officer."""
        with self._intake.read() as view:
            grants = view.keys.grants_of(bytes.fromhex(session.officer.id))
        officer = OpeningKey(session.seed)
        return UnitKeys(opening.open_grant(officer, g.secret_sealed, g.key_id) for g in grants)

    def note(self, session: Session, act: str, subject: str, **detail: str) -> None:
        """Write and commit one audit row; whoever cannot be recorded opens nothing.

        Raises:
            DatabaseBusy: the row could not be kept.
        """
        now, actor = self._intake.clock.now(), session.officer.id
        self._intake.write_now(lambda tx: tx.audit.append(now, actor, act, subject, detail))

    def find(self, session: Session, tip_id: str, right: Right) -> TipRow:
        """Return a tip's clear row if the officer has ``right`` over its unit.

        Raises:
            NotFound: none that this officer may see; a withheld tip does not exist for them.
        """
        units = self.units(session, right)
        with self._intake.read() as view:
            tip = view.tips.get(_id(tip_id), units) if units else None
        if tip is None or tip.release_at > self._intake.clock.now():
            raise NotFound("no such tip")
        return tip

    def headlines(self, session: Session, tips: Sequence[TipRow]) -> dict[bytes, Headline]:
        """Open the headlines of one list page; the caller has written its audit row."""
        keys = self.keys(session)
        ids = [tip.id for tip in tips]
        with self._intake.read() as view:
            wraps = view.parts.wraps(ids, keys.key_ids)
        by_part = _by_part(wraps)
        return {
            tip.id: self._headline(keys, tip, by_part.get(tip.id, ()))
            for tip in tips
            if tip.id in by_part
        }

    def _headline(self, keys: UnitKeys, tip: TipRow, wraps: Sequence[WrapRow]) -> Headline:
        content_key = keys.content_key(tip.id, wraps)
        raw = opening.open_headline(content_key, tip.id, tip.headline_sealed)
        return Headline.model_validate_json(raw)

    def opened(self, session: Session, tip: TipRow, act: str) -> Opened:
        """Open what a desk act needs to re-seal a headline, after its audit row is committed.

        Raises:
            NotAllowed: the officer was not handed the key.
            DatabaseBusy: the audit row could not be kept, so nothing was opened.
        """
        self.note(session, "headline.open", tip.id.hex(), reason=act)
        keys = self.keys(session)
        with self._intake.read() as view:
            wraps = view.parts.wraps([tip.id], keys.key_ids)
        if not wraps:
            raise NotAllowed("the key has not been handed over yet")
        headline = self._headline(keys, tip, wraps)
        return Opened(tip, keys.content_key(tip.id, wraps), headline)

    def open_tip(self, session: Session, tip_id: str, reason: str = "xử lý tin") -> TipView:
        """Open one tip's thread, after its audit row is committed.

        Raises:
            NotFound: none that this officer may see.
            NotAllowed: the officer was not handed the unit's key.
            DatabaseBusy: the audit row could not be kept, so nothing was opened.
        """
        tip = self.find(session, tip_id, Right.OPEN_TIP)
        self.note(session, "tip.open", tip.id.hex(), reason=reason)
        keys, now = self.keys(session), self._intake.clock.now()
        with self._intake.read() as view:
            heads = view.parts.heads(tip.id)
            shown = [h.id for h in heads if h.release_at <= now and h.size <= _LONGEST_TEXT]
            wraps = _by_part(view.parts.wraps(shown, keys.key_ids))
            parts = view.parts.bodies(wraps)
            unit_name = _unit_name(view, tip.unit_id)
            version = seen_versions(view, [tip], now)[tip.id]
            closed_to_us = sum(at <= now for at in unseen(view, tip, heads, keys.key_ids, now))
        if tip.id not in wraps:
            raise NotAllowed("the key has not been handed over yet")
        thread = [self._message(keys, part, wraps[part.id]) for part in parts]
        return TipView(
            id=tip.id.hex(),
            nickname=nickname(tip.id),
            unit_id=tip.unit_id,
            unit_name=unit_name,
            day=tip.day,
            state=tip.state,
            priority=tip.priority,
            version=version,
            holder_id=tip.holder_id.hex() if tip.holder_id else None,
            due_at=tip.due_at,
            has_new=tip.has_news(now),
            headline=self._headline(keys, tip, wraps[tip.id]),
            messages=tuple(in_order(thread)),
            unopened=closed_to_us,
        )

    def _message(
        self, keys: UnitKeys, part: PartRow, wraps: Sequence[WrapRow]
    ) -> tuple[tuple[datetime, int], MessageView] | None:
        content_key = keys.content_key(part.id, wraps)
        body, _ = decode(opening.open_body(content_key, part.id, part.body_sealed))
        if body.kind == "photo":
            return None
        at = body.released_at or part.release_at
        view = MessageView(
            id=part.id.hex(),
            sender=sender_of(body),
            kind=body.kind,
            text=body.text,
            day=at.astimezone(VIETNAM).date(),
            photo_ids=body.photos,
        )
        return (at, body.place), view

    def photo(self, session: Session, tip_id: str, part_id: str) -> bytes:
        """Open one picture (JPEG), after its audit row is committed.

        Raises:
            NotFound: no such picture in a tip that this officer may open.
            DatabaseBusy: the audit row could not be kept, so nothing was opened.
        """
        tip = self.find(session, tip_id, Right.OPEN_TIP)
        wanted = _id(part_id)
        self.note(session, "photo.open", tip.id.hex(), part=wanted.hex())
        keys = self.keys(session)
        with self._intake.read() as view:
            part = view.parts.get(wanted)
            wraps = view.parts.wraps([wanted], keys.key_ids)
        if part is None or part.tip_id != tip.id or not wraps:
            raise NotFound("no such picture")
        content_key = keys.content_key(wanted, wraps)
        body, data = decode(opening.open_body(content_key, wanted, part.body_sealed))
        if body.kind != "photo":
            raise NotFound("no such picture")
        return data


def _by_part(wraps: Iterable[WrapRow]) -> Mapping[bytes, list[WrapRow]]:
    found: dict[bytes, list[WrapRow]] = {}
    for wrap in wraps:
        found.setdefault(wrap.part_id, []).append(wrap)
    return found


def _unit_name(view: View, unit_id: str) -> str:
    unit = view.areas.unit(unit_id)
    return unit.name if unit else unit_id


def _id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotFound("no such tip") from None
