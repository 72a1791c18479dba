"""The signed key list as this process last verified it.

Segments are rows, trust is not: each load verifies every signature against the root key file and
the versions pinned in the settings, and nobody goes back to a version older than this host has
seen: what has been seen outlives a restart in a file beside the database (`HighWater`).
"""

import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from intake.errors import KeyListRejected, MissingKey, WrongMark
from intake.ports import Clock
from intake.service import Intake
from intake.settings import Settings
from intake.vault import sealing
from intake.vault.key_pairs import SUITE_X25519, SUITE_XWING, PublicKey
from intake.vault.keyring import Keyring
from intake.vault.segments import ROOT, RootBody, SignedSegment, UnitEntry
from storage.errors import Stale
from storage.keys import ProbeRow
from storage.unit_of_work import Tx

DUE = "new-epoch:"  # fact: the newest epoch that somebody who has left was handed
REWRAP = "rewrap:"  # fact: when an epoch was signed whose re-wrapping may not be whole yet
WAITING = "waiting-children:"  # fact: the children as the key signs them that waits for the root
SEEN_FILE = "key-list.seen"
_REFRESH_SECONDS = 30.0


class _Seen(BaseModel):
    root: str
    versions: dict[str, int]


class HighWater:
    """The newest versions that this host has accepted, in a file of public numbers.

    Where the file cannot be read or written it is as if it were not there: then
    ``key_list_minimum`` alone keeps an old list out after a restart. It counts for one root key.
    """

    def __init__(self, path: Path, root_public: bytes) -> None:
        self._path = path
        self._root = root_public.hex()

    def read(self) -> Mapping[str, int]:
        """Return the versions by signer."""
        try:
            seen = _Seen.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return {}
        return seen.versions if seen.root == self._root else {}

    def keep(self, versions: Mapping[str, int]) -> None:
        """Write the versions, in one piece."""
        text = json.dumps({"root": self._root, "versions": dict(versions)}, sort_keys=True)
        whose = f"{os.getpid()}.{threading.get_ident()}"
        fresh = self._path.with_name(f"{self._path.name}.{whose}")
        with suppress(OSError):
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)


class KeyList:
    """Gives the current ``Keyring``; reads the database at most every 30 seconds."""

    def __init__(self, intake: Intake, settings: Settings, root_public: bytes) -> None:
        self._intake = intake
        self._settings = settings
        self._root = root_public
        self._seen = dict(settings.key_list_minimum)
        self._high_water = HighWater(settings.state_dir / SEEN_FILE, root_public)
        self._keyring: Keyring | None = None
        self._read_at = 0.0

    @property
    def clock(self) -> Clock:
        """The clock that expiry is judged by."""
        return self._intake.clock

    @property
    def current(self) -> Keyring:
        """The verified key list.

        Raises:
            KeyListRejected: missing, forged, too old, or a demo's list outside the demo.
        """
        now = self.clock.monotonic()
        if self._keyring is None or now - self._read_at > _REFRESH_SECONDS:
            self._keyring, self._read_at = self._load(), now
        return self._keyring

    @property
    def or_none(self) -> Keyring | None:
        """The verified key list, or None while there is none that verifies."""
        try:
            return self.current
        except KeyListRejected:
            return None

    def check_mark(self) -> None:
        """Refuse to start beside a list that is not ours; one that is missing only closes the box.

        Raises:
            WrongMark: a demo's list outside the demo, or another's in it.
        """
        try:
            _ = self.current
        except WrongMark:
            raise
        except KeyListRejected:
            return

    def seen(self, signer: str) -> int:
        """Return the highest version of a segment that this process knows to have been accepted."""
        return self._seen.get(signer, 0)

    def forget(self) -> None:
        """Verify again at the next use."""
        self._keyring = None

    def put(self, segment: SignedSegment) -> None:
        """Take a signed segment into the list, if the list then verifies.

        A root segment that certifies another signing key of the unit at the top brings along that
        unit's children, which that key has signed anew and which wait for this moment: both become
        the list at once, the unit's older keys end, and its open wraps are due to be renewed.

        Raises:
            KeyListRejected: it would not verify, or is no newer than what this process has seen.
        """
        with self._intake.read() as view:
            rows = {row.signer: SignedSegment(*row) for row in view.keys.segments()}
        pieces = self._fitting(segment, rows)
        in_use = self.or_none  # a list that no longer verifies holds nobody to its versions
        for piece in pieces:
            listed = in_use.version_of.get(piece.signer, 0) if in_use else 0
            if piece.version <= max(listed, self.seen(piece.signer)):
                raise KeyListRejected("this segment is no newer than the one in use")
        certified = RootBody.model_validate_json(segment.body).units if _is_root(segment) else ()
        probes = [(entry, _probe(entry, self.clock.today())) for entry in certified]
        before = {signer: row.version for signer, row in rows.items()}
        now = self.clock.now()

        def work(tx: Tx) -> None:
            tx.audit.append(now, "operator", "keys.import", segment.signer)
            if {row.signer: row.version for row in tx.keys.segments()} != before:
                raise Stale("another segment came meanwhile")
            for piece in pieces:
                tx.keys.put_segment(*piece)
                tx.keys.drop_fact(f"{WAITING}{piece.signer}")
            for entry, probe in probes:
                _start_key(tx, entry, probe, now)

        try:
            self._intake.write_now(work)
        except Stale:
            raise KeyListRejected("others were signing at this moment: import again") from None
        self.forget()

    def _fitting(
        self, segment: SignedSegment, rows: Mapping[str, SignedSegment]
    ) -> tuple[SignedSegment, ...]:
        """Return the segment, with the children that wait for it where they are needed."""
        try:
            self._verify([*({**rows, segment.signer: segment}).values()])
        except KeyListRejected as refused:
            waiting = self._waiting() if _is_root(segment) else ()
            if not waiting:
                raise
            both = {**rows, segment.signer: segment, **{each.signer: each for each in waiting}}
            try:
                self._verify([*both.values()])
            except KeyListRejected:
                raise refused from None
            return (segment, *waiting)
        return (segment,)

    def _waiting(self) -> tuple[SignedSegment, ...]:
        with self._intake.read() as view:
            kept = [view.keys.fact(name) for name in view.keys.facts(WAITING)]
        return tuple(SignedSegment.from_json(text) for text in kept if text)

    def check(self, segment: SignedSegment) -> None:
        """Refuse a segment with which the list would not verify; nothing is stored.

        Raises:
            KeyListRejected: it would not.
        """
        with self._intake.read() as view:
            rows = {row.signer: SignedSegment(*row) for row in view.keys.segments()}
        self._verify([*(rows | {segment.signer: segment}).values()])

    def _load(self) -> Keyring:
        with self._intake.read() as view:
            segments = [SignedSegment(*row) for row in view.keys.segments()]
        if not segments:
            raise KeyListRejected("there is no key list yet: run `homthu keys import`")
        kept = self._high_water.read()
        self._raise_to(kept)
        keyring = self._verify(segments)
        self._raise_to(keyring.version_of)
        if any(kept.get(signer, 0) < version for signer, version in keyring.version_of.items()):
            self._high_water.keep(self._seen)
        return keyring

    def _raise_to(self, versions: Mapping[str, int]) -> None:
        for signer, version in versions.items():
            self._seen[signer] = max(version, self._seen.get(signer, 0))

    def _verify(self, segments: list[SignedSegment]) -> Keyring:
        suites = {SUITE_XWING, SUITE_X25519} if self._settings.allow_x25519 else {SUITE_XWING}
        keyring = Keyring.read(
            self._root,
            segments,
            today=self.clock.today(),
            minimum=self._seen,
            suites=frozenset(suites),
        )
        if keyring.demo != self._settings.demo:
            raise WrongMark("a demo's key list serves the demo only")
        return keyring


def _is_root(segment: SignedSegment) -> bool:
    return segment.signer == ROOT


def _probe(entry: UnitEntry, today: date) -> ProbeRow:
    public = PublicKey.from_bytes(bytes.fromhex(entry.public_key))
    sealed = sealing.seal_probe(public, entry.unit_id)
    return ProbeRow(entry.unit_id, public.key_id, sealed, today)


def _start_key(tx: Tx, entry: UnitEntry, probe: ProbeRow, now: datetime) -> None:
    """Let the key that the root has certified take the place of the unit's older ones."""
    keys = tx.keys.unit_keys(entry.unit_id)
    if all(key.key_id != probe.key_id for key in keys):
        return  # a list from elsewhere: nobody here holds this key
    older = [key for key in keys if key.epoch < entry.epoch and key.ended_on is None]
    for key in older:
        tx.keys.end_unit_key(key.key_id, probe.made_on)
    if older:
        tx.keys.set_fact(f"{REWRAP}{entry.unit_id}", now.isoformat())
    if int(tx.keys.fact(f"{DUE}{entry.unit_id}") or 0) < entry.epoch:
        tx.keys.drop_fact(f"{DUE}{entry.unit_id}")  # drawn after that officer had left
    known = tx.keys.probe(entry.unit_id)
    if known is None or known.key_id != probe.key_id:
        tx.keys.put_probe(probe)


def read_key_file(settings: Settings, name: str, size: int = 32) -> bytes:
    """Return the bytes of one key file under ``settings.keys`` (hex, 0600).

    Raises:
        MissingKey: absent, of another size, or readable by others; names the file only.
    """
    path = settings.key_file(name)
    try:
        mode = path.stat().st_mode & 0o077
        raw = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError):
        raise MissingKey(f"the key file {name} is missing or unreadable") from None
    if mode and not name.endswith(".pub"):
        raise MissingKey(f"the key file {name} is readable by others: chmod 600")
    if len(raw) != size:
        raise MissingKey(f"the key file {name} does not hold {size} bytes")
    return raw
