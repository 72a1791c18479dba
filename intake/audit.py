"""Vouches for the audit chain: a signed checkpoint of its head, and the check of the whole."""

from collections.abc import Iterator
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from intake.service import Intake
from storage.audit import CheckpointRow
from storage.unit_of_work import View


class Verdict(NamedTuple):
    """Whether the chain holds; ``broken_at`` is the first row or checkpoint that does not fit."""

    rows: int
    checkpoints: int
    broken_at: int | None


class AuditSigner:
    """Signs and checks with the audit key (Ed25519 seed, on the officers' hosts)."""

    def __init__(self, intake: Intake, seed: bytes) -> None:
        self._intake = intake
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> bytes:
        """The half with which anybody checks a checkpoint."""
        return self._key.public_key().public_bytes_raw()

    def checkpoint(self) -> None:
        """Sign the head of the chain, unless the newest checkpoint has it already."""
        with self._intake.read() as view:
            head, points = view.audit.head(), view.audit.checkpoints()
        if head.seq == 0 or (points and points[-1].seq == head.seq):
            return
        now, signature = self._intake.clock.now(), self._key.sign(_signed(head.seq, head.digest))
        row = CheckpointRow(head.seq, now, head.digest, signature)
        self._intake.write_now(lambda tx: tx.audit.add_checkpoint(row))

    def verify(self) -> Verdict:
        """Check every row against the one before, and every checkpoint against its row."""
        with self._intake.read() as view:
            broken = view.audit.verify()
            digests = dict(_digests(view))
            checkpoints = view.audit.checkpoints()
        public = Ed25519PublicKey.from_public_bytes(self.public_key)
        for point in checkpoints:
            try:
                public.verify(point.signature, _signed(point.seq, point.digest))
            except InvalidSignature:
                broken = point.seq if broken is None else min(broken, point.seq)
            if digests.get(point.seq) != point.digest:
                broken = point.seq if broken is None else min(broken, point.seq)
        return Verdict(len(digests), len(checkpoints), broken)


def _digests(view: View) -> Iterator[tuple[int, bytes]]:
    after = 0
    while page := view.audit.rows(after):
        yield from ((row.seq, row.digest) for row in page)
        after = page[-1].seq


def _signed(seq: int, digest: bytes) -> bytes:
    return b"homthu audit 1\0" + seq.to_bytes(8, "big") + digest
