"""Every table, one sentence each.

What stands in clear about a tip is `security.md` 4 and nothing else: random id, unit, day,
release minute, priority, state, holder, clock due time, the minute from which it has news,
version; beside them the receipt's look-up hash and reply key, which are random to everybody
without the code.

Ids are 16 random bytes. Tables that hold anything a reporter caused are ``WITHOUT ROWID``: a rowid
would be an arrival counter. No ``from __future__ import annotations`` here (SQLModel needs types).

``fresh`` leads the primary key and every index of the tables that keep tips: 1 since the row was
written or changed, 0 after the next nightly rewrite. Fresh rows so live in pages of their own,
which the rewrite empties entirely; it says nothing that the day's file would not say anyway.
"""

# pyright: reportAssignmentType=false
# SQLModel declares __tablename__ as an attribute of a kind that no plain string satisfies.

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

NO_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}

# "No clock runs" and "no news", stored as a moment after all others: NULL sorts first on one
# database and last on the other, and would break paging by key. Stores hand out None instead.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Fact(SQLModel, table=True):
    """One fact about this installation: demo mark, pinned key-list versions, audit head."""

    __table_args__ = NO_ROWID
    name: str = Field(primary_key=True)
    value: str


class Area(SQLModel, table=True):
    """A province, commune or neighbourhood, valid between two days; ids are never reused."""

    id: str = Field(primary_key=True)
    level: str  # province, commune, neighbourhood
    parent_id: str | None = Field(default=None, foreign_key="area.id", index=True)
    kind: str  # tỉnh, thành phố, xã, phường, đặc khu, tổ dân phố, thôn …
    name: str
    folded: str = Field(index=True)
    valid_from: date
    valid_to: date | None = None  # the first day on which it is no more
    households: int | None = None
    population: int | None = None


class Unit(SQLModel, table=True):
    """A police unit; for routing and sealing, its parent comes from the signed key list only."""

    id: str = Field(primary_key=True)
    name: str
    parent_id: str | None = Field(default=None, foreign_key="unit.id")
    area_id: str = Field(foreign_key="area.id", unique=True)


class Poster(SQLModel, table=True):
    """The opaque code on one poster or box, and the area that it stands for."""

    code: str = Field(primary_key=True)
    area_id: str = Field(foreign_key="area.id")
    made_on: date
    ended_on: date | None = None


class Officer(SQLModel, table=True):
    """A person with an account on the officers' side; the key's secret half is sealed."""

    id: bytes = Field(primary_key=True, max_length=16)
    unit_id: str = Field(foreign_key="unit.id", index=True)
    login: str = Field(unique=True)
    name: str
    role: str  # officer, admin
    active: bool = True
    public_key: bytes | None = None
    seed_sealed: bytes | None = None
    totp_sealed: bytes | None = None
    totp_step: int = 0
    added_on: date


class Invite(SQLModel, table=True):
    """A one-time link with which an officer sets up passphrase, second factor and key."""

    token_hash: bytes = Field(primary_key=True, max_length=32)
    officer_id: bytes = Field(foreign_key="officer.id", max_length=16)
    expires_at: datetime


class OfficerSession(SQLModel, table=True):
    """A sign-in: SHA-256 of the cookie, and the officer's seed under a key from the cookie."""

    __tablename__ = "officer_session"
    __table_args__ = NO_ROWID
    id: bytes = Field(primary_key=True, max_length=32)
    officer_id: bytes = Field(foreign_key="officer.id", max_length=16, index=True)
    seed_sealed: bytes
    opened_at: datetime
    seen_at: datetime


class SignInTry(SQLModel, table=True):
    """Failed sign-ins of one login name: slows the next try, never locks the person out."""

    __tablename__ = "sign_in_try"
    login: str = Field(primary_key=True)
    failures: int
    last_at: datetime


class UnitKey(SQLModel, table=True):
    """One epoch of a unit's key: the public half, and when it stopped being used for sealing."""

    __tablename__ = "unit_key"
    key_id: bytes = Field(primary_key=True, max_length=8)
    unit_id: str = Field(foreign_key="unit.id", index=True)
    epoch: int
    public_key: bytes
    made_on: date
    ended_on: date | None = None


class KeyGrant(SQLModel, table=True):
    """A unit key's secret, sealed to one officer's key: what the act "Trao khóa" makes."""

    __tablename__ = "key_grant"
    key_id: bytes = Field(primary_key=True, max_length=8, foreign_key="unit_key.key_id")
    officer_id: bytes = Field(primary_key=True, max_length=16, foreign_key="officer.id")
    secret_sealed: bytes


class KeySegment(SQLModel, table=True):
    """One signed segment of the key list: the root's, or one upper unit's children."""

    __tablename__ = "key_segment"
    signer: str = Field(primary_key=True)  # "root" or the upper unit's id
    version: int
    body: bytes  # canonical JSON
    signature: bytes


class Probe(SQLModel, table=True):
    """A sealed nothing per unit that every sign-in opens: proves the listed key right."""

    unit_id: str = Field(primary_key=True, foreign_key="unit.id")
    key_id: bytes = Field(max_length=8)
    sealed: bytes
    made_on: date
    opened_on: date | None = None


class Tip(SQLModel, table=True):
    """One tip: what triage needs in clear, everything else sealed."""

    __table_args__ = (
        Index(
            "ix_tip_queue",
            *("fresh", "unit_id", "state", "priority", "due_at", "id"),
            *("release_at", "holder_id"),  # so that a page of the queue is found in the index alone
        ),
        Index("ix_tip_news", "fresh", "unit_id", "state", "new_at"),
        UniqueConstraint("fresh", "lookup", name="uq_tip_lookup"),
        NO_ROWID,
    )
    fresh: int = Field(default=1, primary_key=True)
    id: bytes = Field(primary_key=True, max_length=16)
    unit_id: str
    day: date
    release_at: datetime
    priority: int  # 1, 2, 3
    state: str  # new, screening, need_info, grounded, acting, closed
    holder_id: bytes | None = Field(default=None, max_length=16)
    due_at: datetime  # NEVER when no clock runs
    new_at: datetime  # release minute of the oldest piece that nobody has seen; NEVER when none
    version: int = 1
    lookup: bytes = Field(max_length=16)
    reply_key: bytes
    headline_sealed: bytes
    identity_sealed: bytes


class Part(SQLModel, table=True):
    """One sealed piece of a thread: the tip, an addition, a picture, a reply, a state word."""

    __table_args__ = (Index("ix_part_tip", "fresh", "tip_id"), NO_ROWID)
    fresh: int = Field(default=1, primary_key=True)
    id: bytes = Field(primary_key=True, max_length=16)
    tip_id: bytes = Field(max_length=16)
    release_at: datetime
    body_sealed: bytes


class Wrap(SQLModel, table=True):
    """A part's content key, sealed to one recipient."""

    __table_args__ = NO_ROWID
    fresh: int = Field(default=1, primary_key=True)
    part_id: bytes = Field(primary_key=True, max_length=16)
    key_id: bytes = Field(primary_key=True, max_length=8)
    wrap_sealed: bytes


class Draft(SQLModel, table=True):
    """One open dialogue, sealed under the session key; never backed up."""

    __table_args__ = NO_ROWID
    row_key: bytes = Field(primary_key=True, max_length=32)
    version: int
    state: str  # open, sent (receipt not yet delivered), told (receipt delivered)
    sealed: bytes
    expires_at: datetime = Field(index=True)


class DraftPhoto(SQLModel, table=True):
    """A picture of an open draft, sealed under its own content key, which the draft holds."""

    __tablename__ = "draft_photo"
    __table_args__ = NO_ROWID
    id: bytes = Field(primary_key=True, max_length=16)
    row_key: bytes = Field(max_length=32, index=True)
    body_sealed: bytes
    expires_at: datetime = Field(index=True)


class Tombstone(SQLModel, table=True):
    """Keyed hash of a message whose draft is gone: its redelivery is acknowledged in silence."""

    __table_args__ = NO_ROWID
    mark: bytes = Field(primary_key=True, max_length=32)
    expires_at: datetime = Field(index=True)


class PushAddress(SQLModel, table=True):
    """A chat address sealed to the relay key: its owner asked to be told of answers."""

    __tablename__ = "push_address"
    __table_args__ = (
        Index("ix_push_address_tip", "fresh", "tip_id"),
        Index("ix_push_address_due", "fresh", "due_at"),
        NO_ROWID,
    )
    fresh: int = Field(default=1, primary_key=True)
    id: bytes = Field(primary_key=True, max_length=16)
    tip_id: bytes = Field(max_length=16)
    address_sealed: bytes
    expires_on: date
    due_at: datetime | None = None


class StopRequest(SQLModel, table=True):
    """An address sealed to the relay key whose push rows the relay must delete."""

    __tablename__ = "stop_request"
    __table_args__ = NO_ROWID
    id: bytes = Field(primary_key=True, max_length=16)
    address_sealed: bytes


class PageCall(SQLModel, table=True):
    """A content-free "there is something urgent" for a unit: at most one in five minutes.

    A later release sends these; until then they are only dropped after a day.
    """

    __tablename__ = "page_call"
    __table_args__ = NO_ROWID
    unit_id: str = Field(primary_key=True)
    slot: datetime = Field(primary_key=True)
    sent_at: datetime | None = None


class AuditRow(SQLModel, table=True):
    """One act of an officer or of the service, chained by hash to the one before."""

    __tablename__ = "audit_row"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    actor: str
    act: str
    subject: str = Field(index=True)  # what was done to one tip is asked for before it is erased
    detail: str
    previous: bytes = Field(max_length=32)
    digest: bytes = Field(max_length=32)


class AuditCheckpoint(SQLModel, table=True):
    """A signature over the head of the audit chain; copies are kept elsewhere."""

    __tablename__ = "audit_checkpoint"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    digest: bytes = Field(max_length=32)
    signature: bytes


class Lease(SQLModel, table=True):
    """Who leads a job that only one process may do, and until when."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime


class JobRun(SQLModel, table=True):
    """When a housekeeping job last succeeded."""

    __tablename__ = "job_run"
    name: str = Field(primary_key=True)
    succeeded_at: datetime
