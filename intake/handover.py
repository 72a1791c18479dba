"""What happens to unit keys in life: founding, "Trao khóa", new epochs, signing, re-sealing.

Admins manage people and never hold a unit key; only a session of the unit, or of the unit above,
can do any of this (``security.md`` 3). Every act is audited. Secrets stay inside
``disclosure.UnitKeys``.
"""

from contextlib import suppress

from intake.disclosure import Disclosure
from intake.epochs import Epochs, check_still_there, new_secret
from intake.errors import Conflict, NotAllowed, NotFound, NotValid
from intake.founding import Founding, Publics, root_request
from intake.keylist import DUE, REWRAP
from intake.officers import OfficerView, Session
from intake.pending_acts import PendingActs
from intake.people import People
from intake.service import Intake
from intake.vault.envelope import NotOpened
from intake.vault.key_pairs import PublicKey, public_key
from intake.vault.officer_keys import same_fingerprint
from intake.vault.segments import RootBody
from storage.errors import Stale
from storage.keys import GrantRow
from storage.unit_of_work import Tx


class KeyActs:
    """Acts on unit keys, each inside one officer's session."""

    def __init__(
        self,
        intake: Intake,
        people: People,
        disclosure: Disclosure,
        epochs: Epochs,
        publics: Publics,
    ) -> None:
        self._intake = intake
        self._people = people
        self._disclosure = disclosure
        self._publics = publics
        self.epochs = epochs
        self.pending = PendingActs(intake, people, disclosure, epochs)

    # --- founding the top unit --------------------------------------------------------------------

    def found(self, session: Session) -> Founding:
        """Make the top unit's first key and signing key, granted to this officer alone.

        The unit takes no tip until the offline root has certified both.

        Raises:
            NotAllowed: not an officer of a unit that has none above.
            Conflict: the unit has a key already.
        """
        with self._intake.read() as view:
            unit = view.areas.unit(session.unit_id)
            exists = view.keys.unit_keys(session.unit_id)
        if session.role != "officer" or unit is None or unit.parent_id is not None:
            raise NotAllowed("only the unit at the top is founded like this")
        if exists:
            raise Conflict("this unit has a key already")
        mine = {bytes.fromhex(session.officer.id): public_key(session.seed)}
        self.epochs.store(session, unit.id, 1, new_secret(signing=True), mine)
        return self.founding_request(session)

    def founding_request(self, session: Session) -> Founding:
        """Return what the offline root must sign for the top unit's newest key.

        Raises:
            NotAllowed: not an officer of the top unit who holds its newest key.
            Conflict: the stored public halves are not those of the key that this officer holds.
        """
        if session.role != "officer" or self.epochs.parent_of(session.unit_id) is not None:
            raise NotAllowed("only officers of the unit at the top ask the root")
        founding = root_request(self._intake, self.epochs.keyring, self._publics)
        self._check_own(session, RootBody.model_validate_json(founding.request))
        self.epochs.signing.sign_children_again(session)
        return founding

    def _check_own(self, session: Session, body: RootBody) -> None:
        """Compare what the root would certify with what this session holds: rows prove nothing."""
        keys = self._disclosure.keys(session)
        asked = PublicKey.from_bytes(bytes.fromhex(body.units[0].public_key))
        if not keys.holds(asked.key_id):
            raise NotAllowed("this session does not hold the unit's newest key")
        public, signing = keys.publics(asked.key_id)
        if public != asked or signing is None or signing.hex() != body.signers[0].public_key:
            raise Conflict("the stored public keys are not those that this session holds")

    # --- "Trao khóa" ------------------------------------------------------------------------------

    def hand_key(self, session: Session, officer_id: str, spoken: str) -> None:
        """Hand the unit key to an officer: the only act that wraps. "Trao khóa".

        ``spoken`` are the digits that the officer said aloud; they must be those of the stored key.
        The first officer of a ward makes this act also draw the ward's key and sign it in.

        Raises:
            NotAllowed: not the same unit nor the one above, or no key to hand.
            NotFound: no such officer, or one without a key of their own yet.
            NotValid: the spoken digits are of another key.
        """
        target = self._people.officer(_id(officer_id))
        if target.role != "officer" or not target.active:
            raise NotFound("no such officer")
        public = self._key_of(target)
        if not same_fingerprint(spoken, public):
            raise NotValid("the spoken digits are of another key")
        if target.unit_id == session.unit_id:
            self._hand_to_colleague(session, target, public)
        elif self.epochs.parent_of(target.unit_id) == session.unit_id:
            # The unit above does not hold the ward's key: the ward gets a new epoch, for everyone
            # whose digits were compared.
            self.epochs.new_epoch(session, target.unit_id, (bytes.fromhex(target.id), public))
        else:
            raise NotAllowed("only the same unit or the one above hands a key")

    def _hand_to_colleague(self, session: Session, target: OfficerView, public: PublicKey) -> None:
        keys = self._disclosure.keys(session)
        with self._intake.read() as view:
            epochs = [k.key_id for k in view.keys.unit_keys(session.unit_id)]
        held = [key_id for key_id in epochs if keys.holds(key_id)]
        if not held:
            raise NotAllowed("this session holds no key to hand on")
        officer_id = bytes.fromhex(target.id)
        grants = [(key_id, keys.grant(key_id, public)) for key_id in held]
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            tx.audit.append(
                now, session.officer.id, "key.hand", target.id, {"unit": target.unit_id}
            )
            check_still_there(tx, officer_id, target.unit_id, public)
            self.epochs.roster.vouch(tx, officer_id, target.unit_id, public)
            for key_id, sealed in grants:
                tx.keys.add_grant(GrantRow(key_id, officer_id, sealed))

        try:
            self._intake.write_now(work)
        except Stale:
            raise Conflict("this officer has left or changed meanwhile") from None

    # --- what is owed -----------------------------------------------------------------------------

    def settle(self, session: Session) -> None:
        """Do what a sign-in owes, as far as it can be done now; no failure keeps anybody out.

        Opens the probe, starts epochs that a leaver made due (not the top unit's: that one needs
        the offline root and is a pending act), goes on with cut-short re-wrapping.
        """
        if session.role != "officer":
            return
        with suppress(NotOpened):  # it stays unopened, and that raises the alarm
            self._open_probe(session)
        if self.epochs.keyring is None or not self._disclosure.keys(session).key_ids:
            return
        for unit_id in self._mine(session, DUE):
            with suppress(
                Conflict, NotAllowed
            ):  # a colleague is faster, or the root has not signed
                self._new_epoch_if_due(session, unit_id)
        for unit_id in self._mine(session, REWRAP):
            self.epochs.rewrapping.finish_rewrap(session, unit_id)
        if self.epochs.parent_of(session.unit_id) is None:
            self.epochs.signing.sign_children_again(session)

    def _mine(self, session: Session, prefix: str) -> list[str]:
        """Return the units named by such facts that this session's unit is, or stands above."""
        with self._intake.read() as view:
            units = [name.removeprefix(prefix) for name in view.keys.facts(prefix)]
        return [u for u in units if session.unit_id in (u, self.epochs.parent_of(u))]

    def _new_epoch_if_due(self, session: Session, unit_id: str) -> None:
        parent, waiting = self.epochs.parent_of(unit_id), self.epochs.signing.unsigned(unit_id)
        with self._intake.read() as view:
            leaver_had = int(view.keys.fact(f"{DUE}{unit_id}") or 0)
        drawn = waiting is not None and waiting.epoch > leaver_had
        if parent is not None and (session.unit_id == parent or not drawn):
            self.epochs.new_epoch(session, unit_id)

    def _open_probe(self, session: Session) -> None:
        keys, today = self._disclosure.keys(session), self._intake.clock.today()
        with self._intake.read() as view:
            probe = view.keys.probe(session.unit_id)
        if probe is None or not keys.holds(probe.key_id):
            return
        keys.open_probe(probe.key_id, session.unit_id, probe.sealed)
        self._intake.write_now(
            lambda tx: tx.keys.probe_opened(session.unit_id, probe.key_id, today)
        )

    def _key_of(self, officer: OfficerView) -> PublicKey:
        with self._intake.read() as view:
            row = view.officers.get(bytes.fromhex(officer.id))
        if row is None or row.public_key is None:
            raise NotFound("this officer has no key yet")
        return PublicKey.from_bytes(row.public_key)


def _id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotFound("no such officer") from None
