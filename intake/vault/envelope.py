"""The two sealed forms that everything else in the vault is made of.

*To a public key* (HPKE, one shot) and *under a secret key* (ChaCha20-Poly1305). Both bind what they
hold to the place where it belongs, so that a row moved elsewhere does not open; both answer every
wrong key, changed byte and unknown version with the same :class:`NotOpened`.

    to a key   ``HT`` | version | suite | key id, 8 bytes | HPKE output
    under one  ``HT`` | version | 0x80  | nonce, 12 bytes | AEAD output

This module must never write, log or name what it seals, and never keep a secret key: a process that
cached the keys derived from receipt codes would hold the reporters' secrets in its memory.
"""

import secrets
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from intake.errors import HomThuError
from intake.vault.key_pairs import (
    KEY_ID_SIZE,
    KEY_SIZE,
    SUITE_X25519,
    SUITE_XWING,
    PrivateHalf,
    PublicKey,
    parse_private,
    parse_public,
)

_MAGIC = b"HT"
_VERSION = 1
_UNDER = 0x80
_NONCE_SIZE = 12
_TO_HEADER = len(_MAGIC) + 2 + KEY_ID_SIZE
_UNDER_HEADER = len(_MAGIC) + 2
_TAG_SIZE = 16

_SUITES = {
    SUITE_XWING: Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305),
    SUITE_X25519: Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305),
}

_LENGTH = 4
_LADDER = (256, 512, 1024, 2048, 4096, 8192, 16384, 65536)


class NotOpened(HomThuError):
    """Sealed bytes that this key does not open here; which of the reasons it was is not told."""

    code = "not_opened"


class Context(NamedTuple):
    """Where a sealed thing belongs; opening it as anything else fails."""

    label: str
    kind: str
    field: str
    record: bytes
    schema: int = 1


class OpeningKey:
    """A secret key parsed once, for a caller that opens many things in a row.

    It lives as long as its holder; nothing in this module keeps one.
    """

    __slots__ = ("_parsed", "_seed")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._parsed: dict[int, PrivateHalf] = {}

    def open(self, sealed: bytes, context: Context) -> bytes:
        """Open what was sealed to this key's public half.

        Raises:
            NotOpened: whatever the reason.
        """
        suite = sealed[3] if len(sealed) > _TO_HEADER and sealed.startswith(_head(0)[:3]) else 0
        if suite not in _SUITES:
            raise NotOpened
        info = _bound(sealed[:_TO_HEADER], context, sealed[4:_TO_HEADER])
        try:
            return _SUITES[suite].decrypt(sealed[_TO_HEADER:], self._private(suite), info=info)
        except (InvalidTag, ValueError):
            raise NotOpened from None

    def _private(self, suite: int) -> PrivateHalf:
        if suite not in self._parsed:
            self._parsed[suite] = parse_private(self._seed, suite)
        return self._parsed[suite]


def seal_to(key: PublicKey, plaintext: bytes, context: Context) -> bytes:
    """Seal to a public key; the length of the plaintext shows, so pad what varies.

    Raises:
        ValueError: the key is none.
    """
    header = _head(key.suite) + key.key_id
    info = _bound(header, context, key.key_id)
    return header + _SUITES[key.suite].encrypt(plaintext, parse_public(key), info=info)


def open_with(key: bytes | OpeningKey, sealed: bytes, context: Context) -> bytes:
    """Open with a seed, or with an :class:`OpeningKey` when there is much to open.

    Raises:
        NotOpened: whatever the reason.
    """
    holder = key if isinstance(key, OpeningKey) else OpeningKey(key)
    return holder.open(sealed, context)


def key_id_of(sealed: bytes) -> bytes:
    """Return the id of the key that something was sealed to.

    Raises:
        NotOpened: these bytes were not sealed to a public key by this version.
    """
    if len(sealed) <= _TO_HEADER or not sealed.startswith(_head(0)[:3]) or sealed[3] not in _SUITES:
        raise NotOpened
    return sealed[4:_TO_HEADER]


def seal_under(key: bytes, plaintext: bytes, context: Context, size: int | None = None) -> bytes:
    """Seal under a 32-byte secret key, padded to ``size`` or to the ladder.

    Raises:
        ValueError: the plaintext does not fit in ``size``.
    """
    header = _head(_UNDER)
    nonce = secrets.token_bytes(_NONCE_SIZE)
    framed = pad(plaintext, size)
    bound = _bound(header, context, b"")
    return header + nonce + ChaCha20Poly1305(key).encrypt(nonce, framed, bound)


def open_under(key: bytes, sealed: bytes, context: Context) -> bytes:
    """Open what was sealed under a secret key.

    Raises:
        NotOpened: whatever the reason.
    """
    header = _head(_UNDER)
    start = _UNDER_HEADER + _NONCE_SIZE
    if len(sealed) < start + _TAG_SIZE or not sealed.startswith(header):
        raise NotOpened
    bound = _bound(header, context, b"")
    try:
        framed = ChaCha20Poly1305(key).decrypt(sealed[_UNDER_HEADER:start], sealed[start:], bound)
    except (InvalidTag, ValueError):
        raise NotOpened from None
    return unpad(framed)


def pad(plaintext: bytes, size: int | None = None) -> bytes:
    """Frame with a 4-byte length and fill with zeros, to ``size`` or to the next rung.

    Rungs: 256, 512, 1k, 2k, 4k, 8k, 16k, 64k, then multiples of 64k, the length included.

    Raises:
        ValueError: the plaintext does not fit in ``size``.
    """
    framed = len(plaintext) + _LENGTH
    room = _rung(framed) if size is None else size
    if framed > room:
        raise ValueError("too long for its constant size")
    return len(plaintext).to_bytes(_LENGTH) + plaintext + bytes(room - framed)


def unpad(framed: bytes) -> bytes:
    """Return what :func:`pad` framed.

    Raises:
        NotOpened: the length does not fit, or the filling is not zeros.
    """
    end = _LENGTH + int.from_bytes(framed[:_LENGTH])
    if len(framed) < _LENGTH or end > len(framed) or framed[end:].strip(b"\0"):
        raise NotOpened
    return framed[_LENGTH:end]


def subkey(secret: bytes, purpose: str, record: bytes = b"", salt: bytes | None = None) -> bytes:
    """Derive a 32-byte key for one purpose and record (HKDF-SHA256)."""
    info = _prefixed(b"homthu subkey", purpose.encode(), record)
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=salt, info=info).derive(secret)


def _rung(size: int) -> int:
    for rung in _LADDER:
        if size <= rung:
            return rung
    return -(-size // _LADDER[-1]) * _LADDER[-1]


def _head(suite: int) -> bytes:
    return _MAGIC + bytes((_VERSION, suite))


def _bound(header: bytes, context: Context, key_id: bytes) -> bytes:
    return header + _prefixed(
        context.label.encode(),
        context.kind.encode(),
        context.field.encode(),
        context.record,
        key_id,
        context.schema.to_bytes(2),
    )


def _prefixed(*pieces: bytes) -> bytes:
    """Join pieces so that no two different lists of them give the same bytes."""
    return b"".join(len(piece).to_bytes(2) + piece for piece in pieces)
