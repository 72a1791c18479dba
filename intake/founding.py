"""What the offline root is asked to sign: the unit at the top, and the keys that belong to no unit.

Public halves only; an operator's command and the console both come here.
"""

from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from intake.errors import Misconfigured, NotAllowed
from intake.foundation import GATE, RELAY
from intake.keyfiles import public_half
from intake.list_signing import ENTRY_LIFE
from intake.service import Intake
from intake.vault.custody import CustodyPublic
from intake.vault.keyring import Keyring
from intake.vault.segments import ROOT, RootBody, Signer, UnitEntry, request_fingerprint

CUSTODY_PUBLIC = "custody-public.json"


class Publics(NamedTuple):
    """The public keys that belong to no unit, hex: what the root certifies beside the top unit."""

    identity: str
    oversight: str
    gate: str
    relay: str
    demo: bool = False


class Founding(NamedTuple):
    """A request for the root: the list that it should sign, and the digits to compare there."""

    request: str
    fingerprint: str


def read_custody(keys: Path) -> CustodyPublic:
    """Read the public half of the offline keys from the keys folder.

    Raises:
        Misconfigured: missing or not such a file.
    """
    try:
        return CustodyPublic.model_validate_json((keys / CUSTODY_PUBLIC).read_bytes())
    except (OSError, ValidationError):
        raise Misconfigured(f"{CUSTODY_PUBLIC} is missing or unreadable") from None


def read_publics(keys: Path, *, demo: bool) -> Publics:
    """Gather the public keys that belong to no unit from the keys folder.

    Raises:
        Misconfigured: a file is missing or unreadable.
    """
    custody = read_custody(keys)
    try:
        gate, relay = public_half(keys, GATE), public_half(keys, RELAY)
    except (OSError, ValueError):
        raise Misconfigured("gate.key or relay.key is missing or unreadable") from None
    return Publics(custody.identity, custody.oversight, gate, relay, demo)


def root_request(intake: Intake, keyring: Keyring | None, publics: Publics) -> Founding:
    """Return what the root must sign for the newest key of the unit at the top.

    Raises:
        NotAllowed: no unit at the top has been founded yet.
    """
    with intake.read() as view:
        tops = [unit for unit in view.areas.units() if unit.parent_id is None]
        top = tops[0] if tops else None
        rows = view.keys.unit_keys(top.id) if top else []
        signer = view.keys.fact(f"signer:{top.id}") if top else None
    if top is None or not rows or signer is None:
        raise NotAllowed("the unit at the top has not been founded yet")
    newest = max(rows, key=lambda row: row.epoch)
    expires = intake.clock.today() + ENTRY_LIFE
    entry = UnitEntry(
        unit_id=top.id,
        name=top.name,
        parent_id=None,
        epoch=newest.epoch,
        public_key=newest.public_key.hex(),
        expires_on=expires,
    )
    body = RootBody(
        version=(keyring.version_of[ROOT] if keyring else 0) + 1,
        units=(entry,),
        signers=(Signer(unit_id=top.id, public_key=signer, expires_on=expires),),
        **publics._asdict(),
    )
    return Founding(body.model_dump_json(indent=1) + "\n", request_fingerprint(body))
