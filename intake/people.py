"""Officers' accounts: who adds a person, makes their link and ends them, and who sees whom.

No secret is needed here: an account becomes a person's own by `sign_ins`, where its one-time link
is spent.
"""

import hashlib
import secrets
from datetime import timedelta

from intake.errors import Conflict, LoginTaken, NotAllowed, NotFound, NotValid
from intake.keylist import DUE
from intake.officers import OfficerView, Register, Session
from intake.person_ends import end_officer
from intake.policy import RIGHTS, Right, allowed
from intake.roster import fact_of
from intake.service import Intake
from intake.text import clean, fold
from storage.errors import Duplicate
from storage.officers import OfficerRow
from storage.unit_of_work import Tx

INVITE_LIFE = timedelta(hours=48)


class People:
    """Accounts and their invitations."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._register = Register(intake)

    # --- invitations ------------------------------------------------------------------------------

    def add_officer(
        self, actor: Session | None, unit_id: str, login: str, name: str, role: str = "officer"
    ) -> str:
        """Add an account and return its one-time link. ``actor`` None: the operator's command.

        Raises:
            NotAllowed: the actor manages no people in that unit.
            NotFound: no such unit.
            NotValid: a login of other characters than a–z, 0–9, dot and dash, or an unknown role.
            LoginTaken: somebody has that login.
        """
        if actor is not None and not self._may_add(actor, unit_id, role):
            raise NotAllowed("no right to add people to this unit")
        folded = fold(login)
        if role not in RIGHTS or not folded.replace(".", "").replace("-", "").isalnum():
            raise NotValid("a login has letters, digits, dots and dashes only")
        token = secrets.token_urlsafe(32)
        officer_id = secrets.token_bytes(16)
        now, today = self._intake.clock.now(), self._intake.clock.today()
        row = OfficerRow(
            id=officer_id, unit_id=unit_id, login=folded, name=clean(name)[:80], role=role,
            active=True, public_key=None, seed_sealed=None, totp_sealed=None, totp_step=0,
            added_on=today,
        )  # fmt: skip

        def work(tx: Tx) -> None:
            if tx.areas.unit(unit_id) is None:
                raise NotFound("no such unit")
            tx.officers.add(row)
            tx.officers.add_invite(link_hash(token), officer_id, now + INVITE_LIFE)
            tx.audit.append(now, _actor(actor), "officer.add", officer_id.hex(), {"role": role})

        try:
            self._intake.write_now(work)
        except Duplicate:
            raise LoginTaken("this login is taken") from None
        return token

    def new_link(self, session: Session, officer_id: str) -> str:
        """Return a new one-time link for an account that nobody has set up; the lost one dies.

        Raises:
            NotFound: no such officer, or none whom the person might have added.
            Conflict: the account is set up, or has ended.
        """
        target = self.officer(_id(officer_id))
        if not self._may_add(session, target.unit_id, target.role):
            raise NotFound("no such officer")
        token, row_id = secrets.token_urlsafe(32), bytes.fromhex(target.id)
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            # First, because it makes whoever sets this account up, or ends it, wait.
            tx.audit.append(now, session.officer.id, "officer.link", target.id)
            row = tx.officers.get(row_id)
            if row is None or not row.active or row.public_key is not None:
                raise Conflict("this account is set up already")
            tx.officers.add_invite(link_hash(token), row_id, now + INVITE_LIFE)

        self._intake.write_now(work)
        return token

    def _may_add(self, actor: Session, unit_id: str, role: str) -> bool:
        parents = self._register.parents()
        if allowed(actor, Right.MANAGE_PEOPLE, unit_id, parents):
            return True
        return role != "admin" and allowed(actor, Right.HAND_KEYS, unit_id, parents)

    # --- who is there -----------------------------------------------------------------------------

    def officers(self, session: Session) -> list[OfficerView]:
        """Return the people of every unit that the person may manage or hand keys in."""
        parents = self._register.parents()
        with self._intake.read() as view:
            rows = [row for unit in sorted(parents) for row in view.officers.of_unit(unit)]
        rights = (Right.MANAGE_PEOPLE, Right.HAND_KEYS)
        seen = [r for r in rows if any(allowed(session, x, r.unit_id, parents) for x in rights)]
        return [self._register.view(row) for row in seen]

    def officer(self, officer_id: bytes) -> OfficerView:
        """Return one officer.

        Raises:
            NotFound: there is none.
        """
        return self._register.officer(officer_id)

    def remove_officer(self, session: Session, officer_id: str) -> None:
        """End an account: sessions, grants and its own chat die at once; a new epoch is due.

        Raises:
            NotFound: no such officer, or none that the person may manage.
            Conflict: nobody removes themselves.
        """
        target = self.officer(_id(officer_id))
        parents = self._register.parents()
        rights = (Right.MANAGE_PEOPLE, Right.HAND_KEYS)
        if not any(allowed(session, right, target.unit_id, parents) for right in rights):
            raise NotFound("no such officer")
        if target.id == session.officer.id:
            raise Conflict("nobody removes themselves")
        now, row_id = self._intake.clock.now(), bytes.fromhex(target.id)

        def work(tx: Tx) -> None:
            # First, because it makes everyone wait who is drawing an epoch for this officer.
            tx.audit.append(now, session.officer.id, "officer.remove", target.id)
            tx.officers.set_active(row_id, False)
            tx.officers.drop_sessions_of(row_id)
            end_officer(tx, row_id)
            tx.keys.drop_fact(fact_of(row_id))
            if tx.keys.drop_grants(row_id):
                newest = max((k.epoch for k in tx.keys.unit_keys(target.unit_id)), default=0)
                tx.keys.set_fact(f"{DUE}{target.unit_id}", str(newest))

        self._intake.write_now(work)


def link_hash(token: str) -> bytes:
    """Return what an invitation's row is named by: SHA-256 of its link's token."""
    return hashlib.sha256(token.encode()).digest()


def _actor(session: Session | None) -> str:
    return session.officer.id if session else "operator"


def _id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotFound("no such officer") from None
