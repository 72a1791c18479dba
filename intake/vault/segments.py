"""The signed pieces of the key list: what the root and an upper unit sign, and how.

A segment is canonical JSON with an Ed25519 signature over its kind and its body; people carry it
between machines as a file. Which segments make a list is for `keyring` to say. This module must
never hold a secret beyond one signature.
"""

import hashlib
import json
from datetime import date
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict

from intake.errors import KeyListRejected

ROOT = "root"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class UnitEntry(_Entry):
    """One unit's place and current key; the last good day is ``expires_on``."""

    unit_id: str
    name: str
    parent_id: str | None
    epoch: int
    public_key: str  # hex of PublicKey.to_bytes()
    expires_on: date


class Signer(_Entry):
    """The root's word that this key signs for this upper unit, until a day."""

    unit_id: str
    public_key: str  # hex, Ed25519
    expires_on: date


class RootBody(_Entry):
    """What the root signs."""

    version: int
    demo: bool = False
    identity: str  # hex of PublicKey.to_bytes(), as the next three
    gate: str
    relay: str
    oversight: str
    units: tuple[UnitEntry, ...]
    signers: tuple[Signer, ...]


class ChildBody(_Entry):
    """What an upper unit signs: its children."""

    version: int
    signer: str
    units: tuple[UnitEntry, ...]


class SignedSegment(NamedTuple):
    """One signed piece of the list, as it is stored."""

    signer: str  # "root" or the upper unit's id
    version: int
    body: bytes  # canonical JSON
    signature: bytes

    def to_json(self) -> str:
        """Return the segment as a file that people carry between machines."""
        readable = {
            "signer": self.signer,
            "version": self.version,
            "body": self.body.decode(),
            "signature": self.signature.hex(),
        }
        return json.dumps(readable, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "SignedSegment":
        """Read such a file; whether it is genuine is for `keyring.Keyring.read` to say.

        Raises:
            KeyListRejected: not such a file.
        """
        try:
            piece = _SegmentFile.model_validate_json(text)
            signature = bytes.fromhex(piece.signature)
        except ValueError:
            raise KeyListRejected("this file is not a segment of a key list") from None
        return cls(piece.signer, piece.version, piece.body.encode(), signature)


class _SegmentFile(_Entry):
    signer: str
    version: int
    body: str
    signature: str


def signing_public(signing_seed: bytes) -> bytes:
    """Return the raw Ed25519 public key of a signing seed."""
    return Ed25519PrivateKey.from_private_bytes(signing_seed).public_key().public_bytes_raw()


def sign_segment(signing_seed: bytes, body: RootBody | ChildBody) -> SignedSegment:
    """Sign one piece of the list."""
    signer = ROOT if isinstance(body, RootBody) else body.signer
    canonical = json.dumps(
        body.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    key = Ed25519PrivateKey.from_private_bytes(signing_seed)
    return SignedSegment(signer, body.version, canonical, key.sign(_signed(signer, canonical)))


def verify_segment(public: bytes, segment: SignedSegment) -> None:
    """Check a segment's signature against a raw Ed25519 public key.

    Raises:
        KeyListRejected: another's signature, another document's, or no key at all.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(segment.signature, _signed(segment.signer, segment.body))
    except (InvalidSignature, ValueError):
        raise KeyListRejected(f"key list: {segment.signer}'s signature is not valid") from None


def long_fingerprint(public: bytes) -> str:
    """Return 8 groups of 4 hexadecimal digits of a public key, as posters print the root's."""
    digits = hashlib.sha256(public).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def request_fingerprint(body: RootBody) -> str:
    """Return the digits of what the root is asked to sign: over its units' and signers' keys.

    The server that asks and the offline machine that signs both show them.
    """
    keys = [unit.public_key for unit in body.units] + [each.public_key for each in body.signers]
    return long_fingerprint(b"".join(bytes.fromhex(key) for key in keys))


def _signed(signer: str, body: bytes) -> bytes:
    """Return what is signed: no segment passes for another signer's, nor for another document."""
    kind = b"root" if signer == ROOT else b"child"
    return b"homthu key list 1\0" + kind + b"\0" + body
