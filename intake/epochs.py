"""Epochs of unit keys: who may draw one, to whom it is granted, when the next is due.

Part of what `handover` offers, kept apart because a leaver, a new suite and a yearly change all
come here. Signing an epoch into the list is `list_signing`, wrapping open tips to it `rewrapping`.
Secrets stay inside ``disclosure.UnitKeys``; every act is audited.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from intake.disclosure import Disclosure
from intake.errors import Conflict, NotAllowed, NotFound, NotValid
from intake.keylist import DUE, KeyList
from intake.list_signing import ListSigning
from intake.officers import Session
from intake.rewrapping import Rewrapping
from intake.roster import Roster
from intake.service import Intake
from intake.vault import sealing
from intake.vault.key_pairs import PublicKey, new_seed, public_key
from intake.vault.keyring import Keyring
from intake.vault.officer_keys import same_fingerprint
from intake.vault.sealing import UnitSecret
from intake.vault.segments import signing_public
from storage.errors import Stale
from storage.keys import GrantRow, UnitKeyRow
from storage.unit_of_work import Tx

RENEW_BEFORE = timedelta(days=45)  # the offline root needs its time


class Epochs:
    """Acts on the epochs of unit keys, each inside one officer's session."""

    def __init__(
        self, intake: Intake, key_list: KeyList, disclosure: Disclosure, roster: Roster
    ) -> None:
        self._intake = intake
        self._key_list = key_list
        self._disclosure = disclosure
        self.roster = roster
        self.signing = ListSigning(intake, key_list, disclosure)
        self.rewrapping = Rewrapping(intake, key_list, disclosure)

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
            # Or none is drawn: it would wait, and so would the next.
            self.signing.signing_key(session)
        with self._intake.read() as view:
            officers = self.roster.of_unit(view, unit_id)
            epochs = [k.epoch for k in view.keys.unit_keys(unit_id)]
        officers |= [newcomer] if newcomer else []
        secret = new_secret(signing=parent is None)
        self.store(session, unit_id, max(epochs, default=0) + 1, secret, officers)
        if parent is None:
            self.signing.sign_children_again(session)
        if session.unit_id == parent:
            self.signing.sign(session, unit_id, secret.key_id)
            self.rewrapping.finish_rewrap(session, unit_id)

    def sign_entry(self, session: Session, unit_id: str, fingerprint: str) -> None:
        """Sign a key that a unit below has drawn for itself, after comparing its spoken digits.

        Raises:
            NotAllowed: not the unit above.
            NotFound: nothing waits to be signed.
            NotValid: the digits are of another key.
        """
        if self.parent_of(unit_id) != session.unit_id:
            raise NotAllowed("only the unit above signs")
        waiting = self.signing.unsigned(unit_id)
        if waiting is None:
            raise NotFound("nothing waits to be signed")
        if not same_fingerprint(fingerprint, PublicKey.from_bytes(waiting.public_key)):
            raise NotValid("the spoken digits are of another key")
        self.signing.sign(session, unit_id, waiting.key_id)
        self.rewrapping.finish_rewrap(session, unit_id)

    def reseal(self, session: Session, unit_id: str) -> int:
        """Wrap open tips' content keys afresh, under the current suite; return how many parts.

        Raises:
            NotAllowed: neither this unit nor the one above.
        """
        if session.unit_id not in (unit_id, self.parent_of(unit_id)):
            raise NotAllowed("only the unit itself or the one above re-seals")
        return self.rewrapping.reseal(session, unit_id)

    def renewal_due(self, unit_id: str) -> bool:
        """Return whether the unit at the top must draw a new key: a leaver had it, or it is old."""
        waiting, keyring = self.signing.unsigned(unit_id), self.keyring
        with self._intake.read() as view:
            leaver_had = view.keys.fact(f"{DUE}{unit_id}")
        if leaver_had is not None and (waiting is None or waiting.epoch <= int(leaver_had)):
            return True
        if waiting is not None or keyring is None:
            return False
        entry = keyring.unit(unit_id)
        return entry is None or entry.expires_on < self._intake.clock.today() + RENEW_BEFORE

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


def new_secret(*, signing: bool) -> UnitSecret:
    """Return a fresh unit secret, with a signing seed for a unit that has others below it."""
    seed = new_seed()
    signing_seed = secrets.token_bytes(32) if signing else None
    return UnitSecret(public_key(seed).key_id, seed, signing_seed)
