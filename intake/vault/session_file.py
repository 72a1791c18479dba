"""The file of the session key: two slots, current and previous, one reader and one way to replace.

It is meant for a memory-only file system. Whoever replaces it writes the new one first, and wipes
the old one and what a dead process left: a key that is gone must be gone from the disk as well.
This module must never back up, copy or print a slot, and never read a file that others may read.
"""

import json
import os
import secrets
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from intake.errors import MissingKey
from intake.vault.envelope import subkey
from intake.vault.key_pairs import KEY_SIZE

_READ_TRIES = 3


@dataclass(frozen=True, repr=False)
class Slot:
    """One session key and the moment it was made; what is derived from it dies with it."""

    key: bytes
    created_at: datetime

    @cached_property
    def drafts(self) -> bytes:
        """The key that seals drafts; each is bound to its row by its context."""
        return subkey(self.key, "drafts")

    @cached_property
    def forms(self) -> bytes:
        """The key that seals form tokens."""
        return subkey(self.key, "form token")


def check_file(path: Path) -> tuple[int, int, int]:
    """Return what changes when the file is replaced: its inode, time (ns) and size (bytes).

    Raises:
        MissingKey: no file, not this user's, or open to others.
    """
    try:
        found = path.stat()
    except OSError:
        raise MissingKey(f"session key file {path} is missing") from None
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise MissingKey(f"session key file {path} must be yours alone (0600)")
    return found.st_ino, found.st_mtime_ns, found.st_size


def read_settled(path: Path) -> tuple[tuple[int, int, int], tuple[Slot, Slot]]:
    """Return what :func:`check_file` saw, and the current and the previous slot.

    Raises:
        MissingKey: no file, not this user's, open to others, or unreadable.
    """
    for _ in range(_READ_TRIES):
        seen = check_file(path)
        try:
            return seen, _read(path)
        except (ValueError, TypeError):
            # The file that was read may just have been replaced and wiped: look again.
            continue
    raise MissingKey(f"session key file {path} cannot be read")


def replace_file(path: Path, slots: tuple[Slot, Slot]) -> None:
    """Replace the file in one step, then overwrite what the old one held."""
    _wipe_leftovers(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    body = json.dumps([[slot.key.hex(), slot.created_at.isoformat()] for slot in slots])
    old = _open_old(path)
    try:
        _write_new(temporary, body.encode())
        temporary.replace(path)
        _sync_folder(path.parent)
        if old is not None:
            _wipe(old)
    finally:
        temporary.unlink(missing_ok=True)
        if old is not None:
            os.close(old)


def _read(path: Path) -> tuple[Slot, Slot]:
    pairs: list[tuple[str, str]] = json.loads(path.read_bytes())
    (current, previous) = (
        Slot(bytes.fromhex(key), datetime.fromisoformat(at).astimezone(UTC)) for key, at in pairs
    )
    if len(current.key) != KEY_SIZE or len(previous.key) != KEY_SIZE:
        raise ValueError
    return current, previous


def _write_new(path: Path, body: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()  # all of it or an error: a full disk may take the half of a bare write
        os.fsync(handle)


def _open_old(path: Path) -> int | None:
    try:
        return os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return None


def _wipe_leftovers(path: Path) -> None:
    """Destroy what a process left that died while it saved: keys that no rotation would end."""
    for leftover in path.parent.glob(f".{path.name}.*"):
        handle = _open_old(leftover)
        if handle is not None:
            with os.fdopen(handle, "wb"):
                _wipe(handle)
            leftover.unlink(missing_ok=True)


def _wipe(handle: int) -> None:
    os.write(handle, bytes(os.fstat(handle).st_size))
    os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
