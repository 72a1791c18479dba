"""Enrolment and sign-in: generated passphrase, second factor, sessions with the key.

The server at rest opens nothing: an officer's seed lies under the passphrase, a session's copy
under the cookie. Failed sign-ins slow the next try; they never lock a known officer out
(``security.md`` 6).
"""

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from pyotp import random_base32
from pyotp.totp import TOTP

from intake.errors import NotFound, NotSignedIn, NotValid
from intake.officers import Enrolment, OfficerView, Register, Session, SignedIn, own
from intake.people import link_hash
from intake.service import Intake
from intake.settings import Settings
from intake.text import clean, fold
from intake.vault import officer_keys
from intake.vault.envelope import Context, NotOpened, open_under
from intake.vault.envelope import seal_under as seal
from intake.vault.key_pairs import new_seed, public_key
from storage.officers import OfficerRow, SessionRow
from storage.unit_of_work import Tx

_SETUP_LIFE = timedelta(minutes=30)
_TOTP_STEP = 30
_TOUCH_EVERY = timedelta(seconds=60)
TRIES_KEPT = timedelta(hours=24)
_SLOWEST = 8.0  # seconds added before a sign-in after many failures
_DERIVATIONS = threading.BoundedSemaphore(2)  # 256 MiB each: a wall of its own


class SignIns:
    """What a person does at the door: sets up their account, signs in, comes back, signs out."""

    def __init__(
        self,
        intake: Intake,
        settings: Settings,
        *,
        pepper: bytes,
        totp_key: bytes,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._intake = intake
        self._register = Register(intake)
        self._settings = settings
        self._pepper = pepper
        self._totp_key = totp_key
        self._pause = pause
        cost = (settings.passphrase_memory_kib, settings.passphrase_passes)
        self._cost = officer_keys.Cost(*cost)

    # --- enrolment --------------------------------------------------------------------------------

    def enrol_begin(self, token: str) -> Enrolment:
        """Return what the person behind a one-time link must write down: nothing is stored yet.

        Raises:
            NotFound: an unknown, used or expired link.
        """
        row = self._invited(token)
        passphrase, secret = officer_keys.new_passphrase(), random_base32()
        expires = self._intake.clock.now() + _SETUP_LIFE
        ticket = json.dumps([passphrase, secret, expires.isoformat()]).encode()
        uri = TOTP(secret).provisioning_uri(name=row.login, issuer_name="Hòm Thư")
        sealed = seal(self._totp_key, ticket, _ticket_context(token)).hex()
        return Enrolment(self._register.view(row), passphrase, secret, uri, sealed)

    def enrol_finish(self, token: str, ticket: str, passphrase: str, totp: str) -> OfficerView:
        """Make the officer's key and second factor; the link is spent.

        Raises:
            NotFound: an unknown, used or expired link or ticket.
            NotValid: the passphrase or the six digits were not typed as shown.
        """
        row = self._invited(token)
        shown, secret = self._read_ticket(token, ticket)
        if not hmac.compare_digest(" ".join(fold(passphrase).split()).encode(), shown.encode()):
            raise NotValid("the passphrase was not typed as shown")
        step = self._totp_step(secret, totp)
        if step is None:
            raise NotValid("the six digits do not fit")
        seed = new_seed()
        with _DERIVATIONS:
            sealed = officer_keys.seal_officer_seed(seed, shown, self._pepper, self._cost)
        totp_sealed = officer_keys.seal_totp(self._totp_key, row.id, secret.encode())
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            # First, because it makes whoever draws another link for this account wait.
            tx.audit.append(now, row.id.hex(), "officer.enrol", row.id.hex())
            if tx.officers.take_invite(link_hash(token), now) is None:
                raise NotFound("this link is used or has expired")
            tx.officers.set_key(row.id, public_key(seed).to_bytes(), sealed)
            tx.officers.set_totp(row.id, totp_sealed)
            tx.officers.use_totp_step(row.id, step)

        self._intake.write_now(work)
        return own(self._register.officer(row.id), seed)

    def _invited(self, token: str) -> OfficerRow:
        with self._intake.read() as view:
            officer_id = view.officers.invite(link_hash(token), self._intake.clock.now())
            row = view.officers.get(officer_id) if officer_id else None
        if row is None or not row.active:
            raise NotFound("this link is used or has expired")
        return row

    def _read_ticket(self, token: str, ticket: str) -> tuple[str, str]:
        try:
            raw = open_under(self._totp_key, bytes.fromhex(ticket), _ticket_context(token))
        except (NotOpened, ValueError):
            raise NotFound("this set-up page has expired") from None
        passphrase, secret, expires = json.loads(raw)
        if self._intake.clock.now() > datetime.fromisoformat(expires):
            raise NotFound("this set-up page has expired")
        return passphrase, secret

    # --- sign-in ----------------------------------------------------------------------------------

    def sign_in(self, login: str, passphrase: str, totp: str) -> SignedIn:
        """Open a session. Slow by design: one second of key derivation.

        Raises:
            NotSignedIn: any of the three does not fit; the answer never says which.
        """
        typed = fold(clean(login))
        with self._intake.read() as view:
            row = view.officers.by_login(typed)
            name = row.login if row else self._stranger(typed)
            tries = view.officers.tries(name)
        self._pause(min(_SLOWEST, 0.25 * 2 ** min(tries.failures, 10)) if tries else 0.0)
        seed = self._unlock(row, " ".join(fold(passphrase).split()))
        if row is None or seed is None or not self._second_factor(row, totp):
            self._note_failure(name)
            raise NotSignedIn("sign-in does not fit")
        return self._open_session(row, seed)

    def _unlock(self, row: OfficerRow | None, passphrase: str) -> bytes | None:
        with _DERIVATIONS:
            if row is None or row.seed_sealed is None or not row.active:
                officer_keys.seal_officer_seed(bytes(32), passphrase, self._pepper, self._cost)
                return None
            try:
                return officer_keys.open_officer_seed(row.seed_sealed, passphrase, self._pepper)
            except NotOpened:
                return None

    def _second_factor(self, row: OfficerRow, totp: str) -> bool:
        if row.totp_sealed is None:
            return False
        secret = officer_keys.open_totp(self._totp_key, row.id, row.totp_sealed).decode()
        step = self._totp_step(secret, totp)
        if step is None:
            return False
        return self._intake.write_now(lambda tx: tx.officers.use_totp_step(row.id, step))

    def _totp_step(self, secret: str, typed: str) -> int | None:
        digits = "".join(c for c in typed if c.isascii() and c.isdecimal())
        now = int(self._intake.clock.now().timestamp()) // _TOTP_STEP
        totp = TOTP(secret)
        for step in (now, now - 1, now + 1):
            if hmac.compare_digest(totp.generate_otp(step), digits):
                return step
        return None

    def _stranger(self, typed: str) -> str:
        """Return what an unknown login is counted under: people type passphrases there.

        A keyed hash of 16 bits, so that the rows are few, name nobody and are no list of guesses.
        """
        digest = hmac.digest(self._pepper, b"unknown login\0" + typed.encode(), "sha256")
        return f"?{digest[:2].hex()}"

    def _note_failure(self, name: str) -> None:
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            tx.officers.drop_tries(now - TRIES_KEPT)
            tx.officers.count_try(name, now)

        self._intake.write_now(work)

    def _open_session(self, row: OfficerRow, seed: bytes) -> SignedIn:
        cookie = secrets.token_bytes(32)
        sealed = officer_keys.seal_for_session(cookie, seed)
        now = self._intake.clock.now()
        session = SessionRow(officer_keys.session_id(cookie), row.id, sealed, now, now)

        def work(tx: Tx) -> None:
            tx.officers.add_session(session)
            tx.officers.clear_tries(row.login)
            tx.audit.append(now, row.id.hex(), "session.open", row.id.hex())

        self._intake.write_now(work)
        return SignedIn(cookie.hex(), self._session(cookie, row, seed))

    def session(self, cookie: str) -> Session:
        """Return the session behind a cookie, and note that it is in use.

        Raises:
            NotSignedIn: unknown, idle for too long, too old, or its officer has left.
        """
        try:
            secret = bytes.fromhex(cookie)
        except ValueError:
            raise NotSignedIn("no session") from None
        session_id = officer_keys.session_id(secret)
        now = self._intake.clock.now()
        with self._intake.read() as view:
            found = view.officers.session(session_id)
            row = view.officers.get(found.officer_id) if found else None
        idle, whole = self.session_limits()
        if found is None or row is None or not row.active:
            raise NotSignedIn("no session")
        if now - found.seen_at > idle or now - found.opened_at > whole:
            self._intake.write_now(lambda tx: tx.officers.drop_session(session_id))
            raise NotSignedIn("the session has ended")
        if now - found.seen_at > _TOUCH_EVERY:
            self._intake.write_now(lambda tx: tx.officers.touch_session(session_id, now))
        return self._session(secret, row, officer_keys.open_for_session(secret, found.seed_sealed))

    def session_limits(self) -> tuple[timedelta, timedelta]:
        """Return how long a session may be idle, and how long it may last at all."""
        idle = timedelta(minutes=self._settings.session_idle_minutes)
        return idle, timedelta(hours=self._settings.session_hours)

    def sign_out(self, cookie: str) -> None:
        """End a session; an unknown cookie is no error."""
        try:
            session_id = officer_keys.session_id(bytes.fromhex(cookie))
        except ValueError:
            return
        self._intake.write_now(lambda tx: tx.officers.drop_session(session_id))

    def _session(self, cookie: bytes, row: OfficerRow, seed: bytes) -> Session:
        form_token = hmac.new(cookie, b"homthu form token", hashlib.sha256).hexdigest()
        return Session(own(self._register.view(row), seed), seed, form_token)


def _ticket_context(token: str) -> Context:
    return Context("enrolment", "ticket", "sealed", link_hash(token))
