"""The tables of the reminders: what was promised to whom, what waits to be sent, who wants quiet.

They stand on the work side (`docs/decisions/0011`): nothing here refers to a tip, a draft or a push
address. A message's words are never stored: they are made when it is sent.

No ``from __future__ import annotations`` here (SQLModel needs types).
"""

# pyright: reportAssignmentType=false
# SQLModel declares __tablename__ as an attribute of a kind that no plain string satisfies.

from datetime import date, datetime

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel


class Nudge(SQLModel, table=True):
    """One message to one person on one day: waits, is claimed, is sent at most once.

    ``waiting`` → ``claimed`` (leased) → ``sending`` (written before the platform is asked) →
    ``sent``. A crash in ``sending`` counts as sent. ``dropped``: no longer wanted when its time
    came, and it may be planned anew. ``dead``: three tries failed. ``phone``: nobody can be written
    to, so the ward calls.
    """

    __table_args__ = (
        UniqueConstraint("leader_id", "day", "slot", name="uq_nudge"),
        Index("ix_nudge_waiting", "state", "channel", "urgency", "not_before"),
        Index("ix_nudge_day", "day", "state"),
    )
    id: bytes = Field(primary_key=True, max_length=16)
    leader_id: bytes = Field(max_length=16, foreign_key="leader.id")
    day: date  # in Vietnam
    slot: str = ""  # "" or "second": the officers' second hour on the last days
    state: str = "waiting"
    channel: str = ""  # "" while nobody can be written to
    address: str = ""
    not_before: datetime
    ends_at: datetime  # the window's end: afterwards it is computed again on another day
    urgency: int = 0  # calendar days to the nearest day to aim at; the smallest goes first
    tries: int = 0
    holder: str = ""
    lease_until: datetime | None = None
    planned_at: datetime
    sent_at: datetime | None = None
    reason: str = ""  # why it was dropped or is dead: a word of the code, never a text
    by: str = ""  # "officer:<hex>" where the ward asked for it by hand


class NudgeRung(SQLModel, table=True):
    """One rung of one subject for one person: the row that makes it happen once.

    ``subject`` is an obligation's id, or 16 bytes made of a deadline's or a digest's names.
    """

    __tablename__ = "nudge_rung"
    # The leader leads and the row is its own key: a sweep goes by leaders, and its many rows then
    # touch each page once.
    __table_args__ = (
        PrimaryKeyConstraint("leader_id", "subject", "rung"),
        {"sqlite_with_rowid": False},
    )
    subject: bytes = Field(primary_key=True, max_length=16)
    rung: str = Field(primary_key=True)  # "-14", "0", "+1", "digest", "draft" …
    leader_id: bytes = Field(primary_key=True, max_length=16)
    nudge_id: bytes = Field(max_length=16)


class NudgeSweep(SQLModel, table=True):
    """A step of a ladder that was swept on a day: an idle minute then costs nothing."""

    __tablename__ = "nudge_sweep"
    name: str = Field(primary_key=True)  # programme, item, period and rung
    day: date = Field(primary_key=True)
    swept_at: datetime


class NudgeSnooze(SQLModel, table=True):
    """A leader who asked to be reminded again on a day; until then only T−1 and T0 are sent."""

    __tablename__ = "nudge_snooze"
    leader_id: bytes = Field(primary_key=True, max_length=16, foreign_key="leader.id")
    until: date
    asked_at: datetime


class Hindrance(SQLModel, table=True):
    """What stands in the way of something owed, in a leader's words, until the ward settles it."""

    obligation_id: bytes = Field(primary_key=True, max_length=16)  # it may be taken back: no key
    leader_id: bytes = Field(max_length=16, foreign_key="leader.id")
    commune_id: str = Field(index=True)
    words: str
    told_at: datetime


class Switch(SQLModel, table=True):
    """Something that an officer has stopped for everybody: present while it is stopped."""

    name: str = Field(primary_key=True)  # nudges
    stopped_at: datetime
    stopped_by: str


class OfficerPerson(SQLModel, table=True):
    """The leader's entry under which an officer is written to."""

    __tablename__ = "officer_person"
    officer_id: bytes = Field(primary_key=True, max_length=16, foreign_key="officer.id")
    leader_id: bytes = Field(max_length=16, foreign_key="leader.id", unique=True)


class CalendarAddress(SQLModel, table=True):
    """The secret address of somebody's calendar: only its hash, until it is taken back."""

    __tablename__ = "calendar_address"
    token_hash: bytes = Field(primary_key=True, max_length=32)
    who: str = Field(index=True)  # "leader:<hex>" or "officer:<hex>"
    made_at: datetime


class JobTrouble(SQLModel, table=True):
    """A job that did not succeed in its time or a probe that nobody opened; who was told when."""

    __tablename__ = "job_trouble"
    name: str = Field(primary_key=True)
    since: datetime
    kind: str  # late, probe
    told_at: datetime | None = None
