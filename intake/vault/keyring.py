"""The signed key list: whose keys tips are sealed to, and which unit stands above which.

An offline root signs the top units, the shared keys (identity, gate, relay, oversight) and one
signing key per upper unit; an upper unit signs its own children. Keys *and parents* come from here
only, never from the database, so that a changed row cannot send a tip elsewhere. The signed pieces
are `segments`; here they become one list. Anything that does not verify stops the start. This
module must never hold a secret.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import ValidationError

from intake.errors import KeyListRejected, NoOpenUnit
from intake.vault.key_pairs import SUITE_XWING, PublicKey
from intake.vault.segments import (
    ROOT,
    ChildBody,
    RootBody,
    SignedSegment,
    Signer,
    UnitEntry,
    long_fingerprint,
    verify_segment,
)


class Keyring:
    """A key list that verified, as of one day; read it again every day."""

    def __init__(
        self,
        root: RootBody,
        units: Mapping[str, UnitEntry],
        versions: Mapping[str, int],
        *,
        fingerprint: str,
        today: date,
        suites: frozenset[int],
    ) -> None:
        """Take what :meth:`read` has verified; not for anybody else to call."""
        self.demo = root.demo
        self.version_of = versions
        self.identity = _key(root.identity, suites)
        self.gate = _key(root.gate, suites)
        self.relay = _key(root.relay, suites)
        self.oversight = _key(root.oversight, suites)
        self.root_fingerprint = fingerprint
        self.signers = {signer.unit_id: signer.public_key for signer in root.signers}
        self._units = units
        self._keys = {unit_id: _key(entry.public_key, suites) for unit_id, entry in units.items()}
        self._today = today
        listed = {key.key_id for key in (self.oversight, *self._keys.values())}
        if len(listed) != len(self._keys) + 1:
            raise KeyListRejected("key list: two units have one key")

    @classmethod
    def read(
        cls,
        root_public: bytes,
        segments: Iterable[SignedSegment],
        *,
        today: date,
        minimum: Mapping[str, int] | None = None,
        suites: frozenset[int] = frozenset({SUITE_XWING}),
    ) -> "Keyring":
        """Verify a key list against the root's public key.

        ``minimum`` pins the lowest version per signer, so that an old list cannot come back; a
        pinned segment that is missing is one. Suites other than X-Wing need the operator's word.

        Raises:
            KeyListRejected: anything at all that does not verify.
        """
        by_signer = _by_signer(segments)
        versions = {signer: segment.version for signer, segment in by_signer.items()}
        _check_versions(versions, minimum or {})
        root = _read_root(root_public, by_signer.pop(ROOT, None))
        units = _collect(root.units, None, {})
        for signer, segment in sorted(by_signer.items()):
            body, until = _read_child(segment, root.signers)
            units = _collect(_capped(body.units, until), signer, units)
        _check_rooted(units, root.signers)
        fingerprint = long_fingerprint(root_public)
        return cls(root, units, versions, fingerprint=fingerprint, today=today, suites=suites)

    def unit(self, unit_id: str) -> UnitEntry | None:
        """Return a unit's entry, or None when it is unknown or its key has expired."""
        entry = self._units.get(unit_id)
        return entry if entry is not None and self._today <= entry.expires_on else None

    @property
    def parents(self) -> Mapping[str, str | None]:
        """Every listed unit and the one above it: what rights and routes are judged by."""
        return {unit_id: entry.parent_id for unit_id, entry in self._units.items()}

    @property
    def top_unit(self) -> str:
        """The unit above all others; the first by id where the list names several.

        Raises:
            NoOpenUnit: the list names no unit at all.
        """
        tops = [unit_id for unit_id, entry in self._units.items() if entry.parent_id is None]
        if not tops:
            raise NoOpenUnit
        return min(tops)

    def key_of(self, unit_id: str) -> PublicKey:
        """Return the listed key of a unit, valid or not.

        Raises:
            NoOpenUnit: not listed.
        """
        if unit_id not in self._keys:
            raise NoOpenUnit
        return self._keys[unit_id]

    def parent_of(self, unit_id: str) -> str | None:
        """Return the unit above, whether or not its key is still good; None at the top."""
        entry = self._units.get(unit_id)
        return None if entry is None else entry.parent_id

    def recipients(self, unit_id: str) -> tuple[PublicKey, PublicKey]:
        """Return the two keys that a tip for this unit is sealed to: its own and the one above.

        Raises:
            NoOpenUnit: either has no valid key; a tip is never sealed to one alone.
        """
        entry = self.unit(unit_id)
        if entry is None:
            raise NoOpenUnit
        if entry.parent_id is None:
            return self._keys[unit_id], self.oversight
        if self.unit(entry.parent_id) is None:
            raise NoOpenUnit
        return self._keys[unit_id], self._keys[entry.parent_id]

    def is_open(self, unit_id: str) -> bool:
        """Tell whether a tip can be sealed for this unit today."""
        try:
            self.recipients(unit_id)
        except NoOpenUnit:
            return False
        return True


def _by_signer(segments: Iterable[SignedSegment]) -> dict[str, SignedSegment]:
    found: dict[str, SignedSegment] = {}
    for segment in segments:
        if segment.signer in found:
            raise KeyListRejected(f"key list: two segments of {segment.signer}")
        found[segment.signer] = segment
    return found


def _check_versions(versions: Mapping[str, int], minimum: Mapping[str, int]) -> None:
    for signer, lowest in minimum.items():
        if versions.get(signer, lowest - 1) < lowest:
            raise KeyListRejected(f"key list: the segment of {signer} is older than {lowest}")


def _read_root(root_public: bytes, segment: SignedSegment | None) -> RootBody:
    if segment is None:
        raise KeyListRejected("key list: the root's segment is missing")
    verify_segment(root_public, segment)
    try:
        body = RootBody.model_validate_json(segment.body)
    except ValidationError:
        raise KeyListRejected("key list: the root's segment cannot be read") from None
    if body.version != segment.version:
        raise KeyListRejected("key list: the root's segment names another version")
    if len({signer.unit_id for signer in body.signers}) != len(body.signers):
        raise KeyListRejected("key list: two signing keys for one unit")
    return body


def _read_child(segment: SignedSegment, signers: tuple[Signer, ...]) -> tuple[ChildBody, date]:
    """Return a verified segment and the last day on which its signer's word counts."""
    certified = {signer.unit_id: signer for signer in signers}.get(segment.signer)
    if certified is None:
        raise KeyListRejected(f"key list: {segment.signer} is not certified to sign")
    try:
        public = bytes.fromhex(certified.public_key)
    except ValueError:
        raise KeyListRejected("key list: a signing key cannot be read") from None
    verify_segment(public, segment)
    try:
        body = ChildBody.model_validate_json(segment.body)
    except ValidationError:
        raise KeyListRejected(f"key list: {segment.signer}'s segment cannot be read") from None
    if (body.signer, body.version) != (segment.signer, segment.version):
        raise KeyListRejected(f"key list: {segment.signer}'s segment is not what it claims")
    return body, certified.expires_on


def _capped(entries: tuple[UnitEntry, ...], until: date) -> tuple[UnitEntry, ...]:
    """Let no entry outlive its signer: then those boxes close, and the rest of the list holds."""
    return tuple(
        entry.model_copy(update={"expires_on": min(entry.expires_on, until)}) for entry in entries
    )


def _collect(
    entries: tuple[UnitEntry, ...], parent: str | None, known: Mapping[str, UnitEntry]
) -> dict[str, UnitEntry]:
    """Add one signer's entries: it may speak for its own children and for nobody else."""
    units = dict(known)
    for entry in entries:
        if entry.parent_id != parent:
            raise KeyListRejected(f"key list: {entry.unit_id} is not a child of its signer")
        if entry.unit_id in units or entry.unit_id == ROOT:
            raise KeyListRejected(f"key list: {entry.unit_id} is listed twice")
        units[entry.unit_id] = entry
    return units


def _check_rooted(units: Mapping[str, UnitEntry], signers: tuple[Signer, ...]) -> None:
    """Follow every unit up to the top, and every signer to a unit."""
    for signer in signers:
        if signer.unit_id not in units:
            raise KeyListRejected(f"key list: the signer {signer.unit_id} is no listed unit")
    for unit_id in units:
        above, steps = units[unit_id].parent_id, 0
        while above is not None:
            steps += 1
            if above not in units or steps > len(units):
                raise KeyListRejected(f"key list: {unit_id} does not lead up to the top")
            above = units[above].parent_id


def _key(stored: str, suites: frozenset[int]) -> PublicKey:
    try:
        key = PublicKey.from_bytes(bytes.fromhex(stored))
    except ValueError:
        raise KeyListRejected("key list: a public key cannot be read") from None
    if key.suite not in suites:
        raise KeyListRejected("key list: a key of a suite that the settings do not allow")
    return key
