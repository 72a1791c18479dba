"""An officer's own key: sealed by a passphrase, carried by a session, compared by voice.

At rest the seed lies under HKDF(Argon2id(passphrase), pepper file); while somebody is signed in it
lies under a key that only the browser's cookie gives. This module must never see a unit's key, and
never store a passphrase or a cookie.
"""

import hashlib
import secrets
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from intake.vault.envelope import Context, NotOpened, open_under, seal_under, subkey
from intake.vault.key_pairs import KEY_SIZE, PublicKey

_WORDS = Path(__file__).with_name("words.txt")
_FORMAT = b"OK\x01"
_SALT_SIZE = 16
_PRELUDE = len(_FORMAT) + 4 + 2 + _SALT_SIZE
_COOKIE_SIZE = 32
# What a row may ask of the server: a changed row must not make a sign-in eat all memory.
_MOST_MEMORY_KIB = 2 * 1024 * 1024
_MOST_PASSES = 64
_FINGERPRINT_SALT = b"homthu officer fingerprint 1"


class Cost(NamedTuple):
    """What one try at a passphrase costs: by default 256 MiB and four passes, about a second."""

    memory_kib: int = 262144
    passes: int = 4


def new_passphrase(words: int = 6) -> str:
    """Return words drawn from a list of 2,048 plain syllables: 11 bits each."""
    return " ".join(secrets.choice(_words()) for _ in range(words))


def seal_officer_seed(seed: bytes, passphrase: str, pepper: bytes, cost: Cost) -> bytes:
    """Seal an officer's seed under the passphrase and the pepper file; cost and salt go along."""
    salt = secrets.token_bytes(_SALT_SIZE)
    prelude = _FORMAT + cost.memory_kib.to_bytes(4) + cost.passes.to_bytes(2) + salt
    key = _stretched(passphrase, pepper, salt, cost)
    return prelude + seal_under(key, seed, _passphrase_context(prelude))


def open_officer_seed(sealed: bytes, passphrase: str, pepper: bytes) -> bytes:
    """Open an officer's seed, whatever case or spacing the passphrase was typed in.

    Raises:
        NotOpened: a wrong passphrase, another pepper, or changed bytes.
    """
    prelude = sealed[:_PRELUDE]
    if len(prelude) < _PRELUDE or not prelude.startswith(_FORMAT):
        raise NotOpened
    at = len(_FORMAT)
    cost = Cost(int.from_bytes(prelude[at : at + 4]), int.from_bytes(prelude[at + 4 : at + 6]))
    if not (8 <= cost.memory_kib <= _MOST_MEMORY_KIB and 1 <= cost.passes <= _MOST_PASSES):
        raise NotOpened
    key = _stretched(passphrase, pepper, prelude[-_SALT_SIZE:], cost)
    return open_under(key, sealed[_PRELUDE:], _passphrase_context(prelude))


def seal_for_session(cookie: bytes, seed: bytes) -> bytes:
    """Seal a seed for the length of a sign-in, under a key that only this cookie gives.

    Raises:
        ValueError: a cookie of less than 32 bytes.
    """
    return seal_under(_session_key(cookie), seed, _session_context(cookie))


def open_for_session(cookie: bytes, sealed: bytes) -> bytes:
    """Open the seed that a sign-in carries.

    Raises:
        NotOpened: another session's, or changed.
        ValueError: a cookie of less than 32 bytes.
    """
    return open_under(_session_key(cookie), sealed, _session_context(cookie))


def session_id(cookie: bytes) -> bytes:
    """Return what the session's row is named by: SHA-256 of the cookie."""
    return hashlib.sha256(cookie).digest()


def seal_totp(key: bytes, officer_id: bytes, secret: bytes) -> bytes:
    """Seal an officer's second-factor secret under the installation's TOTP key."""
    return seal_under(key, secret, Context("officer", "totp", "secret", officer_id))


def open_totp(key: bytes, officer_id: bytes, sealed: bytes) -> bytes:
    """Open an officer's second-factor secret.

    Raises:
        NotOpened: another key's, another officer's, or changed.
    """
    return open_under(key, sealed, Context("officer", "totp", "secret", officer_id))


@lru_cache(maxsize=256)
def fingerprint(public: PublicKey) -> str:
    """Return the 8 digits that two colleagues compare by voice before "Trao khóa".

    Stretched with Argon2id (64 MiB), because eight digits alone would let somebody who can swap
    the key try key pairs until one speaks the same: an afternoon becomes most of a year.
    """
    kdf = Argon2id(salt=_FINGERPRINT_SALT, length=8, iterations=3, lanes=1, memory_cost=65536)
    digits = f"{int.from_bytes(kdf.derive(public.to_bytes())) % 10**8:08d}"
    return f"{digits[:4]} {digits[4:]}"


def same_fingerprint(spoken: str, public: PublicKey) -> bool:
    """Return whether eight spoken digits, typed with any spaces, are those of this key."""
    return "".join(c for c in spoken if c.isdecimal()) == fingerprint(public).replace(" ", "")


@cache
def _words() -> tuple[str, ...]:
    return tuple(_WORDS.read_text(encoding="ascii").split())


def _stretched(passphrase: str, pepper: bytes, salt: bytes, cost: Cost) -> bytes:
    typed = unicodedata.normalize("NFKC", passphrase).casefold().replace("-", " ")
    kdf = Argon2id(
        salt=salt, length=KEY_SIZE, iterations=cost.passes, lanes=1, memory_cost=cost.memory_kib
    )
    return subkey(kdf.derive(" ".join(typed.split()).encode()), "officer seed", salt=pepper)


def _session_key(cookie: bytes) -> bytes:
    if len(cookie) < _COOKIE_SIZE:
        raise ValueError("a session cookie has at least 32 bytes")
    return subkey(cookie, "officer session")


def _session_context(cookie: bytes) -> Context:
    return Context("officer", "session", "seed", session_id(cookie))


def _passphrase_context(prelude: bytes) -> Context:
    return Context("officer", "seed", "passphrase", prelude)
