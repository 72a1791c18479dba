"""The chain of what officers and the service did, each row bound to the one before by SHA-256.

Rows are only ever added. The head stands in a fact beside the rows, so cutting the end off shows
as well; signed checkpoints, copied elsewhere, guard against somebody who rewrites everything.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, insert, select, update

from storage.statements import InsertOrIgnore, Store, table_of
from storage.tables import AuditCheckpoint, AuditRow, Fact

ROW, CHECKPOINT, FACT = table_of(AuditRow), table_of(AuditCheckpoint), table_of(Fact)
FIRST = bytes(32)  # what the first row is chained to
_HEAD = "audit_head"


class AuditEntry(NamedTuple):
    """One act. ``detail`` is canonical JSON."""

    seq: int
    at: datetime
    actor: str
    act: str
    subject: str
    detail: str
    previous: bytes
    digest: bytes


class Head(NamedTuple):
    """The last link of the chain; seq 0 when there is none."""

    seq: int
    digest: bytes


NO_HEAD = Head(0, FIRST)


class CheckpointRow(NamedTuple):
    """A signature over the head of the chain at some moment."""

    seq: int
    at: datetime
    digest: bytes
    signature: bytes


_ENTRY: Select[Any] = select(*(ROW.c[name] for name in AuditEntry._fields))
_AFTER = _ENTRY.where(ROW.c.seq > bindparam("after")).order_by(ROW.c.seq).limit(bindparam("limit"))
_ADD = insert(ROW)
_START_HEAD = InsertOrIgnore(FACT)
# Taking the head by an update makes everyone else who appends wait until this unit of work ends.
_TAKE_HEAD = (
    update(FACT).where(FACT.c.name == _HEAD).values(value=FACT.c.value).returning(FACT.c.value)
)
_MOVE_HEAD = update(FACT).where(FACT.c.name == _HEAD).values(value=bindparam("head"))
_READ_HEAD = select(FACT.c.value).where(FACT.c.name == _HEAD)


class AuditStore(Store):
    """Appends to the chain and reads it."""

    __slots__ = ()

    def append(
        self,
        at: datetime,
        actor: str,
        act: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
    ) -> int:
        """Add one act and return its number.

        Never put content, codes or addresses into ``subject`` or ``detail``.
        """
        head = self._take_head()
        text = canonical(detail or {})
        entry = AuditEntry(head.seq + 1, at, actor, act, subject, text, head.digest, b"")
        digest = digest_of(entry)
        entry = entry._replace(digest=digest)
        self._connection.execute(_ADD, entry._asdict())
        self._connection.execute(_MOVE_HEAD, {"head": _head_text(Head(entry.seq, digest))})
        return entry.seq

    def rows(self, after: int = 0, limit: int = 1000) -> list[AuditEntry]:
        """Return a page of the chain, oldest first."""
        values = {"after": after, "limit": limit}
        return [AuditEntry._make(row) for row in self._connection.execute(_AFTER, values)]

    def head(self) -> Head:
        """Return the last link of the chain."""
        return _read_head(self._connection.execute(_READ_HEAD).scalar())

    def verify(self) -> int | None:
        """Return the number of the first row that does not fit, or None when the chain holds."""
        head, last = self.head(), NO_HEAD
        while page := self.rows(last.seq):
            broken = verify_chain(page, last)
            if broken is not None:
                return broken
            last = Head(page[-1].seq, page[-1].digest)
        return None if last == head else min(last.seq, head.seq) + 1

    def add_checkpoint(self, checkpoint: CheckpointRow) -> None:
        """Keep a signature over the head."""
        self._connection.execute(insert(CHECKPOINT), checkpoint._asdict())

    def checkpoints(self) -> list[CheckpointRow]:
        """Return the kept signatures, oldest first."""
        query = select(*(CHECKPOINT.c[name] for name in CheckpointRow._fields))
        rows = self._connection.execute(query.order_by(CHECKPOINT.c.seq))
        return [CheckpointRow._make(row) for row in rows]

    def _take_head(self) -> Head:
        value = self._connection.execute(_TAKE_HEAD).scalar()
        if value is None:
            first = {"name": _HEAD, "value": _head_text(NO_HEAD)}
            self._connection.execute(_START_HEAD.on(self._connection), first)
            value = self._connection.execute(_TAKE_HEAD).scalar()
        return _read_head(value)


def canonical(detail: Mapping[str, Any]) -> str:
    """Write JSON in the one form that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(detail, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(entry: AuditEntry) -> bytes:
    """Return the link of one row: SHA-256 over its canonical JSON, the link before included."""
    moment = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    what = [entry.actor, entry.act, entry.subject, entry.detail]
    fields = [entry.seq, moment, *what, entry.previous.hex()]
    return hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode()).digest()


def verify_chain(rows: Iterable[AuditEntry], last: Head = NO_HEAD) -> int | None:
    """Return the number of the first row that does not follow from the one before."""
    for row in rows:
        fits = row.seq == last.seq + 1 and row.previous == last.digest
        if not fits or row.digest != digest_of(row):
            return last.seq + 1
        last = Head(row.seq, row.digest)
    return None


def _head_text(head: Head) -> str:
    return f"{head.seq}:{head.digest.hex()}"


def _read_head(value: str | None) -> Head:
    if value is None:
        return NO_HEAD
    seq, _, digest = value.partition(":")
    return Head(int(seq), bytes.fromhex(digest))
