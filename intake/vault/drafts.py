"""The session key: what seals an open draft, and what is gone a day or two later.

There are two slots, current and previous; their file is `session_file`. Rotating moves current to
previous and destroys what was previous, and with it every draft, address and tombstone of that
time: nothing that names a reporter outlives two rotations. This module must never back up, copy or
print a slot.
"""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from intake.errors import NotValid
from intake.vault.envelope import Context, NotOpened, open_under, seal_under, subkey
from intake.vault.key_pairs import new_seed
from intake.vault.session_file import Slot, check_file, read_settled, replace_file

SLOT_LIFE = timedelta(hours=24)
_TOKEN = Context("form", "token", "expiry", b"")
_TOKEN_RANDOM = 16
_TOKEN_SIZE = 32


class FormBad(NotValid):
    """A form token that this server did not give, or gave under a key that is gone."""

    code = "form_bad"


class FormExpired(NotValid):
    """A form that was left open too long."""

    code = "form_expired"


class SessionKeys:
    """The two slots, read again whenever another process has rotated the file."""

    def __init__(self, path: Path, current: Slot, previous: Slot) -> None:
        self._path = path
        self._slots = (current, previous)
        self._seen: tuple[int, int, int] | None = None
        self._look_every = self._look_again = 0.0

    @classmethod
    def create(cls, path: Path, now: datetime) -> "SessionKeys":
        """Make two fresh slots and their file.

        Raises:
            FileExistsError: there is one already; it is never overwritten here.
        """
        if path.exists():
            raise FileExistsError(path)
        keys = cls(path, Slot(new_seed(), now), Slot(new_seed(), now))
        keys.save()
        return keys

    @classmethod
    def load(cls, path: Path, look_every: float = 0.0) -> "SessionKeys":
        """Read the slots; a look at the file holds for ``look_every`` seconds.

        Every look lets go of the interpreter lock. A process that alone serves a chat may look less
        often: what it names and seals in the meantime is found and opened under the previous slot.

        Raises:
            MissingKey: no file, not this user's, open to others, or unreadable.
        """
        seen, (current, previous) = read_settled(path)
        keys = cls(path, current, previous)
        keys._seen = seen
        keys._look_every = look_every
        return keys

    @property
    def current(self) -> Slot:
        """Return the slot that seals."""
        return self._slots[0]

    @property
    def previous(self) -> Slot:
        """Return the slot that still opens."""
        return self._slots[1]

    def due(self, now: datetime) -> bool:
        """Tell whether the current slot has served its day."""
        return now - self.current.created_at >= SLOT_LIFE

    def rotate(self, now: datetime) -> None:
        """Make a fresh current slot; current becomes previous, and previous is destroyed.

        After a long stop the old current slot has outlived its 48 hours and is destroyed as well.
        """
        self.reload_if_changed()
        old = self.current
        kept = old if now - old.created_at < 2 * SLOT_LIFE else Slot(new_seed(), now)
        self._save((Slot(new_seed(), now), kept))

    def save(self) -> None:
        """Replace the file in one step, then overwrite what the old one held."""
        self._save(self._slots)

    def _save(self, slots: tuple[Slot, Slot]) -> None:
        """Write first and use afterwards: nothing may be sealed under a key that no file holds."""
        replace_file(self._path, slots)
        self._slots, self._seen = slots, check_file(self._path)

    def reload_if_changed(self) -> bool:
        """Read the file again if another process has replaced it; tell whether it had.

        Raises:
            MissingKey: the file is gone or open to others.
        """
        if check_file(self._path) == self._seen:
            return False
        self._seen, self._slots = read_settled(self._path)
        return True

    def _look(self) -> None:
        now = time.monotonic()
        if now >= self._look_again:
            self.reload_if_changed()
            self._look_again = now + self._look_every

    def row_keys(self, channel: str, address: str) -> tuple[bytes, ...]:
        """Return the names that a chat's draft row may have, the current slot's first.

        Every step begins here: the one look whether another process has turned the key.
        """
        self._look()
        return self._names(f"draft|{channel}:{address}")

    def marks(self, channel: str, message_id: str) -> tuple[bytes, ...]:
        """Return the tombstones that a message may have met, the current slot's first."""
        return self._names(f"mark|{channel}:{message_id}")

    def seal(self, plaintext: bytes, row_key: bytes) -> bytes:
        """Seal a draft, under the current slot."""
        return seal_under(self.current.drafts, plaintext, _draft_context(row_key))

    def open(self, sealed: bytes, row_key: bytes) -> bytes:
        """Open a draft that either slot sealed.

        Raises:
            NotOpened: its slot is gone, another row's, or changed.
        """
        with suppress(NotOpened):
            return self._open_draft(sealed, row_key)
        if not self.reload_if_changed():
            raise NotOpened
        return self._open_draft(sealed, row_key)

    def _open_draft(self, sealed: bytes, row_key: bytes) -> bytes:
        for slot in self._slots:
            for key in _draft_keys(slot, row_key):
                with suppress(NotOpened):
                    return open_under(key, sealed, _draft_context(row_key))
        raise NotOpened

    def form_token(self, now: datetime, life: timedelta) -> str:
        """Return a sealed random number with an expiry, for one web form."""
        self._look()
        expires = int((now + life).timestamp())
        body = secrets.token_bytes(_TOKEN_RANDOM) + expires.to_bytes(8)
        sealed = seal_under(self.current.forms, body, _TOKEN, _TOKEN_SIZE)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def read_form_token(self, token: str, now: datetime) -> str:
        """Return the random part of a form token, in hex: the web draft's own name.

        Raises:
            FormBad: not given by this server, or its key is gone.
            FormExpired: left open too long.
        """
        self._look()
        body = self._token_body(token)
        if int(now.timestamp()) >= int.from_bytes(body[_TOKEN_RANDOM:]):
            raise FormExpired
        return body[:_TOKEN_RANDOM].hex()

    def _token_body(self, token: str) -> bytes:
        try:
            sealed = base64.b64decode(token.encode("ascii") + b"==", altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise FormBad from None
        for slot in self._slots:
            try:
                return open_under(slot.forms, sealed, _TOKEN)
            except NotOpened:
                continue
        raise FormBad

    def _names(self, what: str) -> tuple[bytes, ...]:
        # Not ``hmac.digest``: that lets go of the interpreter lock, and under load whoever does so
        # waits to have it again.
        text = what.encode()
        return tuple(hmac.new(slot.key, text, "sha256").digest() for slot in self._slots)


def _draft_keys(slot: Slot, row_key: bytes) -> Iterator[bytes]:
    yield slot.drafts
    yield subkey(slot.key, "draft", row_key)  # as 0.1.0 sealed, for as long as that lives


def _draft_context(row_key: bytes) -> Context:
    return Context("draft", "state", "dialogue", row_key)
