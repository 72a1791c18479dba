"""Open what officers may read, with unit keys and the gate key.

`intake.disclosure` alone imports this module, and it writes the audit row before it asks: that is a
build rule. This module must never be reached by the processes that talk with strangers, and never
keeps a key after the call.
"""

from intake.vault.envelope import NotOpened, OpeningKey, open_under, open_with, unpad
from intake.vault.key_pairs import KEY_SIZE, SUITE_X25519, SUITE_XWING, public_key
from intake.vault.sealing import (
    NAMED,
    PROBE,
    UnitSecret,
    body_context,
    gate_context,
    grant_context,
    headline_context,
    identity_context,
    probe_context,
    wrap_context,
)

__all__ = [
    "UnitSecret",
    "open_body",
    "open_grant",
    "open_headline",
    "open_identity",
    "open_probe",
    "open_wrap",
    "remove_gate",
]


def open_grant(officer_seed: bytes | OpeningKey, secret_sealed: bytes, key_id: bytes) -> UnitSecret:
    """Open a unit's secret that was granted to an officer.

    Raises:
        NotOpened: not for this officer, or the seed is not the one that the key id names.
    """
    body = open_with(officer_seed, secret_sealed, grant_context(key_id))
    if len(body) != 2 * KEY_SIZE + 1:
        raise NotOpened
    seed, flag, signing = body[:KEY_SIZE], body[KEY_SIZE : KEY_SIZE + 1], body[KEY_SIZE + 1 :]
    # A colleague who hands over a wrong seed is noticed now, not when a tip stays shut.
    if all(public_key(seed, suite).key_id != key_id for suite in (SUITE_XWING, SUITE_X25519)):
        raise NotOpened
    return UnitSecret(key_id, seed, signing if flag == NAMED else None)


def open_wrap(seed: bytes | OpeningKey, wrap_sealed: bytes, part_id: bytes) -> bytes:
    """Open a part's content key; hand an :class:`OpeningKey` when opening a whole page.

    Raises:
        NotOpened: sealed to another key, or another part's.
    """
    return open_with(seed, wrap_sealed, wrap_context(part_id))


def open_body(content_key: bytes, part_id: bytes, sealed: bytes) -> bytes:
    """Open a part's text or picture.

    Raises:
        NotOpened: another key's, another part's, or changed.
    """
    return open_under(content_key, sealed, body_context(part_id))


def open_headline(content_key: bytes, tip_id: bytes, sealed: bytes) -> bytes:
    """Open what triage shows of a tip, with its own part's content key.

    Raises:
        NotOpened: another key's, another tip's, or changed.
    """
    return open_under(content_key, sealed, headline_context(tip_id))


def open_probe(seed: bytes | OpeningKey, unit_id: str, sealed: bytes) -> None:
    """Prove that the key the list names is the one that the unit holds.

    Raises:
        NotOpened: it is not.
    """
    if open_with(seed, sealed, probe_context(unit_id)) != PROBE:
        raise NotOpened


def remove_gate(gate_seed: bytes | OpeningKey, tip_id: bytes, identity_sealed: bytes) -> bytes:
    """Take the outer layer off one identity slot; the inner one needs the custodians.

    Raises:
        NotOpened: another gate's, another tip's, or changed.
    """
    return open_with(gate_seed, identity_sealed, gate_context(tip_id))


def open_identity(identity_seed: bytes | OpeningKey, tip_id: bytes, inner: bytes) -> str | None:
    """Return the contact that a reporter left, or None for an anonymous tip.

    Raises:
        NotOpened: another key's, another tip's, or changed.
    """
    slot = unpad(open_with(identity_seed, inner, identity_context(tip_id)))
    try:
        return slot[1:].decode() if slot[:1] == NAMED else None
    except UnicodeDecodeError:  # it would carry the contact along
        raise NotOpened from None
