"""Key pairs of both suites, each from one 32-byte seed: X-Wing, and the older X25519 alone.

A suite says how a seed becomes a pair and how long a public key is; what is sealed to one is
`envelope`. Public keys are parsed once and cached. This module must never cache a secret key or a
seed: a process that did so for receipt codes would hold the reporters' secrets in its memory.
"""

import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

SUITE_XWING = 1
SUITE_X25519 = 2

KEY_SIZE = 32
KEY_ID_SIZE = 8

_MLKEM_SEED = 64
_MLKEM_PUBLIC = 1184
_RAW_SIZE = {SUITE_XWING: _MLKEM_PUBLIC + 32, SUITE_X25519: 32}

PrivateHalf = MLKEM768X25519PrivateKey | X25519PrivateKey
PublicHalf = MLKEM768X25519PublicKey | X25519PublicKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key pair that things are sealed to."""

    suite: int
    raw: bytes

    @property
    def key_id(self) -> bytes:
        """Return the first 8 bytes of SHA-256 over the raw key."""
        return hashlib.sha256(self.raw).digest()[:KEY_ID_SIZE]

    @classmethod
    def from_bytes(cls, stored: bytes) -> "PublicKey":
        """Read what :meth:`to_bytes` wrote.

        Raises:
            ValueError: an unknown suite, a wrong length, or no key of that suite.
        """
        key = cls(stored[0] if stored else 0, bytes(stored[1:]))
        parse_public(key)
        return key

    def to_bytes(self) -> bytes:
        """Return the suite byte and the raw key."""
        return bytes((self.suite,)) + self.raw


def key_id_of(stored: bytes) -> bytes:
    """Return the key id of what :meth:`PublicKey.to_bytes` wrote, without parsing the key."""
    return PublicKey(stored[0], stored[1:]).key_id


def new_seed() -> bytes:
    """Return 32 fresh random bytes: a key pair's seed or a secret key."""
    return secrets.token_bytes(KEY_SIZE)


def public_key(seed: bytes, suite: int = SUITE_XWING) -> PublicKey:
    """Return the public half of the key pair that a 32-byte seed stands for."""
    if suite == SUITE_XWING:
        mlkem, x25519 = _halves(seed)
        raw = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    else:
        raw = _plain(seed, suite).public_key().public_bytes_raw()
    return PublicKey(suite, raw)


def parse_private(seed: bytes, suite: int) -> PrivateHalf:
    """Return the secret key that a 32-byte seed stands for in a suite; never kept here.

    Raises:
        ValueError: an unknown suite, or a seed of another length.
    """
    if suite == SUITE_XWING:
        return MLKEM768X25519PrivateKey(*_halves(seed))
    return _plain(seed, suite)


@lru_cache(maxsize=1024)
def parse_public(key: PublicKey) -> PublicHalf:
    """Parse a public key; cached, because every tip is sealed to the same few.

    Raises:
        ValueError: an unknown suite, a wrong length, or no key of that suite.
    """
    if len(key.raw) != _RAW_SIZE.get(key.suite):
        raise ValueError("not a public key of a known suite")
    if key.suite == SUITE_X25519:
        return X25519PublicKey.from_public_bytes(key.raw)
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(key.raw[:_MLKEM_PUBLIC]),
        X25519PublicKey.from_public_bytes(key.raw[_MLKEM_PUBLIC:]),
    )


def _halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """Expand a seed as the X-Wing draft does (expandDecapsulationKey)."""
    expanded = hashlib.shake_256(_checked(seed)).digest(_MLKEM_SEED + 32)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED]),
        X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED:]),
    )


def _plain(seed: bytes, suite: int) -> X25519PrivateKey:
    if suite != SUITE_X25519:
        raise ValueError("unknown suite")
    # Another scalar than the X-Wing half: one seed never gives two suites the same key.
    scalar = hashlib.shake_256(_checked(seed) + b"homthu x25519").digest(32)
    return X25519PrivateKey.from_private_bytes(scalar)


def _checked(seed: bytes) -> bytes:
    if len(seed) != KEY_SIZE:
        raise ValueError("a seed has 32 bytes")
    return seed
