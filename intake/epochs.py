"""Epochs of unit keys: drawing one, signing it into the list, wrapping open tips to it.

Part of what `handover` offers, kept apart because a leaver, a new suite and a yearly change all
come here. Secrets stay inside ``disclosure.UnitKeys``; every act is audited.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from intake.disclosure import Disclosure, UnitKeys
from intake.errors import Conflict, KeyListRejected, NotAllowed, NotFound, NotValid
from intake.keylist import DUE, REWRAP, WAITING, KeyList
from intake.officers import Session
from intake.roster import Roster
from intake.service import Intake
from intake.vault import sealing
from intake.vault.key_pairs import PublicKey, new_seed, public_key
from intake.vault.keyring import Keyring
from intake.vault.officer_keys import same_fingerprint
from intake.vault.sealing import UnitSecret
from intake.vault.segments import ChildBody, SignedSegment, UnitEntry, signing_public
from storage.errors import Duplicate, Stale
from storage.keys import GrantRow, ProbeRow, UnitKeyRow
from storage.unit_of_work import Tx

ENTRY_LIFE = timedelta(days=366)  # an epoch ends at least yearly (``security.md`` 5.8)
RENEW_BEFORE = timedelta(days=45)  # the offline root needs its time
_LIST_SETTLES = timedelta(minutes=2)  # by then every process has read the new key list
_TRIES = 3
_BATCH = 200


class Epochs:
    """Acts on the epochs of unit keys, each inside one officer's session."""

    def __init__(
        self, intake: Intake, key_list: KeyList, disclosure: Disclosure, roster: Roster
    ) -> None:
        self._intake = intake
        self._key_list = key_list
        self._disclosure = disclosure
        self.roster = roster

    def store(
        self,
        session: Session,
        unit_id: str,
        epoch: int,
        secret: UnitSecret,
        officers: Mapping[bytes, PublicKey],
    ) -> None:
        """Store a new epoch's public half, and its secret sealed to each officer's compared key.

        Raises:
            Conflict: meanwhile an epoch was drawn, or an officer left or changed.
        """
        public = public_key(secret.seed)
        grants = [(officer, sealing.seal_grant(key, secret)) for officer, key in officers.items()]
        row = UnitKeyRow(
            secret.key_id, unit_id, epoch, public.to_bytes(), self._intake.clock.today(), None
        )
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            # First, because it makes everyone else wait who draws, signs or removes.
            tx.audit.append(now, session.officer.id, "key.epoch", unit_id, {"epoch": epoch})
            if any(key.epoch >= epoch for key in tx.keys.unit_keys(unit_id)):
                raise Stale("another epoch was drawn meanwhile")
            for officer_id, key in officers.items():
                check_still_there(tx, officer_id, unit_id, key)
                self.roster.vouch(tx, officer_id, unit_id, key)
            tx.keys.add_unit_key(row)
            for officer_id, sealed in grants:
                tx.keys.add_grant(GrantRow(secret.key_id, officer_id, sealed))
            if secret.signing_seed is not None:
                tx.keys.set_fact(f"signer:{unit_id}", signing_public(secret.signing_seed).hex())

        try:
            self._intake.write_now(work)
        except Stale:
            raise Conflict("somebody else changed this unit's keys or people first") from None

    def unsigned(self, unit_id: str) -> UnitKeyRow | None:
        """Return a unit's newest key when the signed list does not name it yet."""
        with self._intake.read() as view:
            rows = [k for k in view.keys.unit_keys(unit_id) if k.ended_on is None]
        if not rows:
            return None
        newest = max(rows, key=lambda row: row.epoch)
        keyring = self.keyring
        listed = keyring.unit(unit_id) if keyring else None
        return None if listed and listed.public_key == newest.public_key.hex() else newest

    def new_epoch(
        self, session: Session, unit_id: str, newcomer: tuple[bytes, PublicKey] | None = None
    ) -> None:
        """Draw a new key for a unit, hand it to all whose key was compared, re-wrap its open tips.

        Needs public keys only, so colleagues need not be signed in. From the unit above it is
        signed at once; from the unit itself it waits for the unit above to sign. The unit at the
        top also gets a new signing key, signs its children with it, and waits for the offline root:
        until its word is imported the old list serves on. ``newcomer``: an officer whose digits
        have just been compared.

        Raises:
            NotAllowed: neither this unit's session nor the one above's, or without a key of it; or
                the root has not certified the key with which the unit above signs.
            Conflict: meanwhile an epoch was drawn, or an officer left or changed.
        """
        parent = self.parent_of(unit_id)
        if session.unit_id not in (unit_id, parent):
            raise NotAllowed("only the unit itself or the one above starts an epoch")
        if not self._disclosure.keys(session).key_ids:
            raise NotAllowed("whoever holds no key draws none")
        if session.unit_id == parent:
            self._signing_key(session)  # or none is drawn: it would wait, and so would the next
        with self._intake.read() as view:
            officers = self.roster.of_unit(view, unit_id)
            epochs = [k.epoch for k in view.keys.unit_keys(unit_id)]
        officers |= [newcomer] if newcomer else []
        secret = new_secret(signing=parent is None)
        self.store(session, unit_id, max(epochs, default=0) + 1, secret, officers)
        if parent is None:
            self.sign_children_again(session)
        if session.unit_id == parent:
            self._sign(session, unit_id, secret.key_id)
            self.rewrap(session, unit_id)

    def sign_entry(self, session: Session, unit_id: str, fingerprint: str) -> None:
        """Sign a key that a unit below has drawn for itself, after comparing its spoken digits.

        Raises:
            NotAllowed: not the unit above.
            NotFound: nothing waits to be signed.
            NotValid: the digits are of another key.
        """
        if self.parent_of(unit_id) != session.unit_id:
            raise NotAllowed("only the unit above signs")
        waiting = self.unsigned(unit_id)
        if waiting is None:
            raise NotFound("nothing waits to be signed")
        if not same_fingerprint(fingerprint, PublicKey.from_bytes(waiting.public_key)):
            raise NotValid("the spoken digits are of another key")
        self._sign(session, unit_id, waiting.key_id)
        self.rewrap(session, unit_id)

    def sign_children_again(self, session: Session) -> None:
        """Let the top unit's waiting key sign the children as they are listed now.

        The segment waits beside the list until the root has certified that key: one import then
        changes both. Without a waiting key in this session's hands, or without children, nothing
        happens.
        """
        unit_id = session.unit_id
        waiting, keys = self.unsigned(unit_id), self._disclosure.keys(session)
        with self._intake.read() as view:
            segments = {row[0]: SignedSegment(*row) for row in view.keys.segments()}
            kept = view.keys.fact(f"{WAITING}{unit_id}")
        listed = _children(segments.get(unit_id))
        if waiting is None or listed is None or not keys.holds(waiting.key_id):
            return
        version = max(listed.version, self._key_list.seen(unit_id)) + 1
        body = listed.model_copy(update={"version": version})
        text = keys.sign(waiting.key_id, body).to_json()
        if text != kept:
            self._intake.write_now(lambda tx: tx.keys.set_fact(f"{WAITING}{unit_id}", text))

    def renewal_due(self, unit_id: str) -> bool:
        """Return whether the unit at the top must draw a new key: a leaver had it, or it is old."""
        waiting, keyring = self.unsigned(unit_id), self.keyring
        with self._intake.read() as view:
            leaver_had = view.keys.fact(f"{DUE}{unit_id}")
        if leaver_had is not None and (waiting is None or waiting.epoch <= int(leaver_had)):
            return True
        if waiting is not None or keyring is None:
            return False
        entry = keyring.unit(unit_id)
        return entry is None or entry.expires_on < self._intake.clock.today() + RENEW_BEFORE

    def _signing_key(self, session: Session) -> bytes:
        """Return the key of this session's unit whose signing half the root has certified.

        Raises:
            NotAllowed: this session does not hold it.
        """
        keys, keyring = self._disclosure.keys(session), self.keyring
        certified = keyring.signers.get(session.unit_id) if keyring else None
        for key_id in keys.key_ids:
            signing = keys.publics(key_id)[1]
            if certified is not None and signing is not None and signing.hex() == certified:
                return key_id
        raise NotAllowed("the root has not certified a signing key that this session holds")

    def _sign(self, session: Session, unit_id: str, key_id: bytes) -> None:
        """Put a unit's newest key into the signed list and end the epochs before it.

        Raises:
            NotAllowed: this session holds no signing key that the root has certified.
            Conflict: others kept signing at the same moment.
        """
        for _ in range(_TRIES):
            try:
                self._sign_once(session, unit_id, key_id)
            except Stale:
                continue  # another session signed meanwhile: its entries must stay
            self.sign_children_again(session)
            return
        raise Conflict("others are signing at this moment")

    def _sign_once(self, session: Session, unit_id: str, key_id: bytes) -> None:
        self._key_list.forget()
        signer, keys, mine = (
            session.unit_id,
            self._disclosure.keys(session),
            self._signing_key(session),
        )
        with self._intake.read() as view:
            rows = {k.key_id: k for k in view.keys.unit_keys(unit_id)}
            unit = view.areas.unit(unit_id)
            segments = {row[0]: SignedSegment(*row) for row in view.keys.segments()}
        if unit is None:
            raise NotAllowed("this unit is not known here")
        old = _children(segments.get(signer))
        entry = UnitEntry(
            unit_id=unit_id,
            name=unit.name,
            parent_id=signer,
            epoch=rows[key_id].epoch,
            public_key=rows[key_id].public_key.hex(),
            expires_on=self._intake.clock.today() + ENTRY_LIFE,
        )
        others = tuple(e for e in (old.units if old else ()) if e.unit_id != unit_id)
        version = max(old.version if old else 0, self._key_list.seen(signer)) + 1
        body = ChildBody(version=version, signer=signer, units=(*others, entry))
        segment = keys.sign(mine, body)
        try:
            self._key_list.check(segment)
        except KeyListRejected:
            raise NotAllowed("the root has not certified this unit's signing key") from None
        public = PublicKey.from_bytes(rows[key_id].public_key)
        probe = sealing.seal_probe(public, unit_id)
        now, today = self._intake.clock.now(), self._intake.clock.today()

        def work(tx: Tx) -> None:
            # First, because it makes everyone else wait who draws, signs or removes.
            tx.audit.append(now, session.officer.id, "key.sign", unit_id, {"epoch": entry.epoch})
            versions = {row.signer: row.version for row in tx.keys.segments()}
            if versions.get(signer, 0) != (old.version if old else 0):
                raise Stale("another segment was signed meanwhile")
            tx.keys.put_segment(*segment)
            for row in rows.values():
                if row.key_id != key_id and row.ended_on is None:
                    tx.keys.end_unit_key(row.key_id, today)
            tx.keys.put_probe(ProbeRow(unit_id, key_id, probe, today))
            tx.keys.set_fact(f"{REWRAP}{unit_id}", now.isoformat())
            if int(tx.keys.fact(f"{DUE}{unit_id}") or 0) < entry.epoch:
                tx.keys.drop_fact(f"{DUE}{unit_id}")  # drawn after that officer had left

        self._intake.write_now(work)
        self._key_list.forget()

    def rewrap(self, session: Session, unit_id: str) -> int:
        """Wrap what open tips have for a unit's ended keys to its current one; count the parts.

        These are the unit's own tips and, for an upper unit, those of the units below, which it
        reads too. Serves a leaver and a new epoch alike. Wraps of ended keys are dropped; what
        was read or backed up before is not undone by this.
        """
        keys = self._disclosure.keys(session)
        current = self._key_list.current.key_of(unit_id)
        self._disclosure.note(session, "key.rewrap", unit_id)
        stale = self._ended(unit_id)
        done = 0
        for part_ids in self._open_parts(stale):
            done += self._rewrap_parts(keys, part_ids, current, stale)
        return done

    def finish_rewrap(self, session: Session, unit_id: str) -> None:
        """Go on with a re-wrapping that was cut short, or missed what was sealed meanwhile.

        It stays due until every process has read the new list and nothing old is left to wrap.
        """
        signed_at = self._fact(f"{REWRAP}{unit_id}")
        if signed_at is None:
            return
        with suppress(Duplicate):  # a colleague does the same at this moment
            self.rewrap(session, unit_id)
        since = self._intake.clock.now() - datetime.fromisoformat(signed_at)
        if since > _LIST_SETTLES and not any(self._open_parts(self._ended(unit_id))):
            self._intake.write_now(lambda tx: _drop_if_same(tx, f"{REWRAP}{unit_id}", signed_at))

    def _fact(self, name: str) -> str | None:
        with self._intake.read() as view:
            return view.keys.fact(name)

    def _ended(self, unit_id: str) -> list[bytes]:
        current = self._key_list.current.key_of(unit_id).key_id
        with self._intake.read() as view:
            return [k.key_id for k in view.keys.unit_keys(unit_id) if k.key_id != current]

    def reseal(self, session: Session, unit_id: str) -> int:
        """Wrap open tips' content keys afresh, under the current suite; return how many parts.

        Raises:
            NotAllowed: neither this unit nor the one above.
        """
        if session.unit_id not in (unit_id, self.parent_of(unit_id)):
            raise NotAllowed("only the unit itself or the one above re-seals")
        keys, current = self._disclosure.keys(session), self._key_list.current.key_of(unit_id)
        self._disclosure.note(session, "key.reseal", unit_id)
        done = 0
        for part_ids in self._open_parts([current.key_id]):
            done += self._rewrap_parts(keys, part_ids, current, [current.key_id])
        return done

    def _open_parts(self, key_ids: list[bytes]) -> Iterator[list[bytes]]:
        with self._intake.read() as view:
            found = view.parts.open_parts_with(key_ids) if key_ids else []
        for start in range(0, len(found), _BATCH):
            yield found[start : start + _BATCH]

    def _rewrap_parts(
        self, keys: UnitKeys, part_ids: list[bytes], current: PublicKey, drop: list[bytes]
    ) -> int:
        with self._intake.read() as view:
            wraps = view.parts.wraps(part_ids, keys.key_ids)
        by_part: dict[bytes, list[bytes]] = {}
        fresh: list[tuple[bytes, bytes, bytes]] = []
        for wrap in wraps:
            if wrap.part_id in by_part:
                continue
            by_part[wrap.part_id] = []
            content_key = keys.content_key(wrap.part_id, [wrap])
            fresh.append((wrap.part_id, *sealing.wrap_key(content_key, wrap.part_id, current)))
        self._intake.write_now(lambda tx: tx.parts.rewrap(drop, fresh))
        return len(fresh)

    @property
    def keyring(self) -> Keyring | None:
        """The verified key list, or None before there is one."""
        return self._key_list.or_none

    def parent_of(self, unit_id: str) -> str | None:
        """Return the unit above, by the rows: keys are drawn before anything is signed."""
        with self._intake.read() as view:
            unit = view.areas.unit(unit_id)
        return unit.parent_id if unit else None


def check_still_there(tx: Tx, officer_id: bytes, unit_id: str, key: PublicKey) -> None:
    """Check that an officer is still in this unit, with this key.

    Raises:
        Stale: not any more.
    """
    row = tx.officers.get(officer_id)
    if row is None or not row.active or row.unit_id != unit_id or row.public_key != key.to_bytes():
        raise Stale("an officer has left or changed")


def _drop_if_same(tx: Tx, name: str, value: str) -> None:
    if tx.keys.fact(name) == value:
        tx.keys.drop_fact(name)


def new_secret(*, signing: bool) -> UnitSecret:
    """Return a fresh unit secret, with a signing seed for a unit that has others below it."""
    seed = new_seed()
    signing_seed = secrets.token_bytes(32) if signing else None
    return UnitSecret(public_key(seed).key_id, seed, signing_seed)


def _children(segment: SignedSegment | None) -> ChildBody | None:
    return ChildBody.model_validate_json(segment.body) if segment else None
