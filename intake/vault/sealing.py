"""Seal the pieces of a tip; needs public keys and fresh content keys only.

Each part (the tip's text, an addition, a picture, a reply) has its own content key, and that key is
sealed to each recipient. The tip's own text is the part whose id is the tip's id. This module must
never open anything: what opens is in `opening`, `answers`, `drafts` and `relay`.
"""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from intake.errors import TooLong
from intake.vault.envelope import Context, pad, seal_to, seal_under
from intake.vault.key_pairs import PublicKey, new_seed

ID_SIZE = 16
HEADLINE_SIZE = 1024
IDENTITY_SIZE = 512
PROBE = b"homthu probe"
NAMED = b"\x01"
UNNAMED = b"\x00"


class SealedPart(NamedTuple):
    """One part, ready to be stored; the content key stays with whoever sealed it, for more."""

    id: bytes
    body_sealed: bytes
    wraps: tuple[tuple[bytes, bytes], ...]  # (key id, sealed content key)
    content_key: bytes


class UnitSecret(NamedTuple):
    """What "Trao khóa" hands over: a unit key's seed, and the unit's signing seed if any."""

    key_id: bytes
    seed: bytes
    signing_seed: bytes | None


def new_id() -> bytes:
    """Return 16 random bytes: the id of a tip or a part says nothing about its arrival."""
    return secrets.token_bytes(ID_SIZE)


def seal_part(
    tip_id: bytes,
    body: bytes,
    recipients: Sequence[PublicKey],
    part_id: bytes | None = None,
    content_key: bytes | None = None,
) -> SealedPart:
    """Seal one part and wrap its content key to each recipient.

    The tip's own text takes ``part_id=tip_id``; without ``part_id`` the part gets a fresh one, as
    everything else in the thread has. A caller that has already sealed a picture hands in its
    content key.

    Raises:
        ValueError: an id that is none; no recipient, or the same one twice.
    """
    part = new_id() if part_id is None else part_id
    if len(tip_id) != ID_SIZE or len(part) != ID_SIZE:
        raise ValueError("ids of tips and parts have 16 bytes")
    key = new_seed() if content_key is None else content_key
    if not recipients or len(set(recipients)) != len(recipients):
        raise ValueError("a part needs recipients, each once")
    wraps = tuple(wrap_key(key, part, recipient) for recipient in recipients)
    return SealedPart(part, seal_body(key, part, body), wraps, key)


def wrap_key(content_key: bytes, part_id: bytes, recipient: PublicKey) -> tuple[bytes, bytes]:
    """Seal a part's content key to one recipient; return the key id and the sealed key."""
    return recipient.key_id, seal_to(recipient, content_key, wrap_context(part_id))


def seal_body(content_key: bytes, part_id: bytes, body: bytes) -> bytes:
    """Seal a part's text or picture under its content key, padded to the ladder."""
    return seal_under(content_key, body, body_context(part_id))


def seal_headline(content_key: bytes, tip_id: bytes, headline: bytes) -> bytes:
    """Seal what triage shows in a list, in one constant size, under the tip part's content key.

    Raises:
        ValueError: longer than 1,020 bytes; the caller shortens it.
    """
    return seal_under(content_key, headline, headline_context(tip_id), HEADLINE_SIZE)


def seal_identity(
    contact: str | None, tip_id: bytes, identity: PublicKey, gate: PublicKey
) -> bytes:
    """Seal a name or phone, or the lack of one, to the custodians and then to the gate.

    Every tip carries this slot, in one constant size, so that a named tip looks like any other.

    Raises:
        TooLong: a contact that does not fit.
    """
    slot = UNNAMED if contact is None else NAMED + contact.encode()
    try:
        framed = pad(slot, IDENTITY_SIZE)
    except ValueError:
        raise TooLong from None
    inner = seal_to(identity, framed, identity_context(tip_id))
    return seal_to(gate, inner, gate_context(tip_id))


def seal_probe(unit_key: PublicKey, unit_id: str) -> bytes:
    """Seal a known nothing: a unit that opens it proves that the listed key is its own."""
    return seal_to(unit_key, PROBE, probe_context(unit_id))


def seal_grant(officer_public: PublicKey, secret: UnitSecret) -> bytes:
    """Seal a unit's secret to one officer's key, in one size with or without a signing seed."""
    signing = secret.signing_seed
    flag = UNNAMED if signing is None else NAMED
    body = secret.seed + flag + (signing or bytes(len(secret.seed)))
    return seal_to(officer_public, body, grant_context(secret.key_id))


def wrap_context(part_id: bytes) -> Context:
    """Return where a part's wrapped content key belongs."""
    return Context("part", "wrap", "content_key", part_id)


def body_context(part_id: bytes) -> Context:
    """Return where a part's body belongs."""
    return Context("part", "body", "text", part_id)


def headline_context(tip_id: bytes) -> Context:
    """Return where a tip's headline belongs."""
    return Context("tip", "headline", "triage", tip_id)


def identity_context(tip_id: bytes) -> Context:
    """Return where the inner layer of an identity slot belongs."""
    return Context("tip", "identity", "custodians", tip_id)


def gate_context(tip_id: bytes) -> Context:
    """Return where the outer layer of an identity slot belongs."""
    return Context("tip", "identity", "gate", tip_id)


def probe_context(unit_id: str) -> Context:
    """Return where a unit's probe belongs."""
    return Context("unit", "probe", "nothing", unit_id.encode())


def grant_context(key_id: bytes) -> Context:
    """Return where a granted unit secret belongs."""
    return Context("unit", "grant", "secret", key_id)
