"""Makes the key files of an installation: 0600, never overwritten.

Server secrets only. What belongs offline (root, identity, oversight) is made by ``homthu custody
new``.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path

from intake.errors import Misconfigured
from intake.foundation import AUDIT, GATE, PEPPER, RELAY, SALT, SESSION, TOTP
from intake.vault.drafts import SessionKeys
from intake.vault.key_pairs import new_seed, public_key

SERVER_SECRETS = (SALT, PEPPER, TOTP, GATE, RELAY, AUDIT)


def write_secret(path: Path, content: str) -> None:
    """Write a new file readable by its owner only.

    Raises:
        Misconfigured: the file is there already; nothing is overwritten.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Misconfigured(f"{path.name} is there already; nothing was overwritten") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def make_server_keys(folder: Path, now: datetime) -> None:
    """Make every secret that a server holds.

    Raises:
        Misconfigured: one of the files is there already; then none is written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    taken = [name for name in (*SERVER_SECRETS, SESSION) if (folder / name).exists()]
    if taken:
        raise Misconfigured(f"{taken[0]} is there already; nothing was overwritten")
    for name in SERVER_SECRETS:
        seed = new_seed() if name in (GATE, RELAY) else secrets.token_bytes(32)
        write_secret(folder / name, seed.hex() + "\n")
    SessionKeys.create(folder / SESSION, now)


def public_half(folder: Path, name: str) -> str:
    """Return the public key of the gate or relay file, hex."""
    return public_key(bytes.fromhex((folder / name).read_text("ascii").strip())).to_bytes().hex()
