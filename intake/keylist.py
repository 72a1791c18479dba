"""The signed key list as this process last verified it.

Segments are rows, trust is not: each load verifies every signature against the root key file and
the versions pinned in the settings, and a process never goes back to a version older than it has
seen.
"""

from intake.errors import KeyListRejected, MissingKey
from intake.ports import Clock
from intake.service import Intake
from intake.settings import Settings
from intake.vault.envelope import SUITE_X25519, SUITE_XWING
from intake.vault.keyring import Keyring, SignedSegment
from storage.unit_of_work import Tx

_REFRESH_SECONDS = 30.0


class KeyList:
    """Gives the current ``Keyring``; reads the database at most every 30 seconds."""

    def __init__(self, intake: Intake, settings: Settings, root_public: bytes) -> None:
        self._intake = intake
        self._settings = settings
        self._root = root_public
        self._seen = dict(settings.key_list_minimum)
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

    def seen(self, signer: str) -> int:
        """Return the highest version of a segment that this process has accepted."""
        return self._seen.get(signer, 0)

    def forget(self) -> None:
        """Verify again at the next use."""
        self._keyring = None

    def put(self, segment: SignedSegment) -> None:
        """Take a signed segment into the list, if the list then verifies.

        Raises:
            KeyListRejected: it would not verify, or is no newer than what this process has seen.
        """
        in_use = self.or_none  # a list that no longer verifies holds nobody to its versions
        listed = in_use.version_of.get(segment.signer, 0) if in_use else 0
        if segment.version <= max(listed, self.seen(segment.signer)):
            raise KeyListRejected("this segment is no newer than the one in use")
        self.check(segment)
        now = self.clock.now()

        def work(tx: Tx) -> None:
            tx.keys.put_segment(*segment)
            tx.audit.append(now, "operator", "keys.import", segment.signer)

        self._intake.write_now(work)
        self.forget()

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
        keyring = self._verify(segments)
        for signer, version in keyring.version_of.items():
            self._seen[signer] = max(version, self._seen.get(signer, 0))
        return keyring

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
            raise KeyListRejected("a demo's key list serves the demo only")
        return keyring


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
