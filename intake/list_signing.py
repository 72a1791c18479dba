"""An upper unit signs the keys of the units below it into the key list.

The root certifies the signing key and a session of that unit holds it, inside
``disclosure.UnitKeys``. What does not verify never enters the list, and who signs at the same
moment loses no entry: such a signing begins anew, as it does when the root's word on who may sign
has changed.
"""

from datetime import timedelta

from intake.disclosure import Disclosure
from intake.errors import Conflict, KeyListRejected, NotAllowed
from intake.keylist import DUE, REWRAP, WAITING, KeyList
from intake.officers import Session
from intake.service import Intake
from intake.vault import sealing
from intake.vault.key_pairs import PublicKey
from intake.vault.segments import ROOT, ChildBody, SignedSegment, UnitEntry
from storage.errors import Stale
from storage.keys import ProbeRow, UnitKeyRow
from storage.unit_of_work import Tx

ENTRY_LIFE = timedelta(days=366)  # an epoch ends at least yearly (``security.md`` 5.8)
_TRIES = 3


class ListSigning:
    """Puts units' newest keys into the signed list, each inside one officer's session."""

    def __init__(self, intake: Intake, key_list: KeyList, disclosure: Disclosure) -> None:
        self._intake = intake
        self._key_list = key_list
        self._disclosure = disclosure

    def unsigned(self, unit_id: str) -> UnitKeyRow | None:
        """Return a unit's newest key when the signed list does not name it yet."""
        with self._intake.read() as view:
            rows = [k for k in view.keys.unit_keys(unit_id) if k.ended_on is None]
        if not rows:
            return None
        newest = max(rows, key=lambda row: row.epoch)
        keyring = self._key_list.or_none
        listed = keyring.unit(unit_id) if keyring else None
        return None if listed and listed.public_key == newest.public_key.hex() else newest

    def signing_key(self, session: Session) -> bytes:
        """Return the key of this session's unit whose signing half the root has certified.

        Raises:
            NotAllowed: this session does not hold it.
        """
        keys, keyring = self._disclosure.keys(session), self._key_list.or_none
        certified = keyring.signers.get(session.unit_id) if keyring else None
        for key_id in keys.key_ids:
            signing = keys.publics(key_id)[1]
            if certified is not None and signing is not None and signing.hex() == certified:
                return key_id
        raise NotAllowed("the root has not certified a signing key that this session holds")

    def sign(self, session: Session, unit_id: str, key_id: bytes) -> None:
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

    def _sign_once(self, session: Session, unit_id: str, key_id: bytes) -> None:
        self._key_list.forget()
        signer, keys, mine = (
            session.unit_id,
            self._disclosure.keys(session),
            self.signing_key(session),
        )
        with self._intake.read() as view:
            rows = {k.key_id: k for k in view.keys.unit_keys(unit_id)}
            unit = view.areas.unit(unit_id)
            segments = {row[0]: SignedSegment(*row) for row in view.keys.segments()}
        if unit is None:
            raise NotAllowed("this unit is not known here")
        before = {each: segment.version for each, segment in segments.items()}
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
            now_listed = {row.signer: row.version for row in tx.keys.segments()}
            if any(now_listed.get(each) != before.get(each) for each in (ROOT, signer)):
                raise Stale("another segment came meanwhile")
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


def _children(segment: SignedSegment | None) -> ChildBody | None:
    return ChildBody.model_validate_json(segment.body) if segment else None
