"""The tables of the work side: who looks after which neighbourhood, what was done, what is owed.

Nothing here may refer to a tip, a draft or a push address, nor they to anything here: a leader's
account and a resident's tip never meet in a table (`docs/decisions/0011`). Leaders have agreed to
be known, so names and chats stand in clear; a resident's never do.

No ``from __future__ import annotations`` here (SQLModel needs types).
"""

# pyright: reportAssignmentType=false
# SQLModel declares __tablename__ as an attribute of a kind that no plain string satisfies.

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class AreaLink(SQLModel, table=True):
    """An area that took the place of another, in a merger, a split or a renaming."""

    __tablename__ = "area_link"
    predecessor_id: str = Field(primary_key=True, foreign_key="area.id")
    successor_id: str = Field(primary_key=True, foreign_key="area.id", index=True)
    on: date


class Organisation(SQLModel, table=True):
    """A school, clinic, agency, business, department or mass organisation that hangs on an area."""

    id: str = Field(primary_key=True)
    area_id: str = Field(foreign_key="area.id", index=True)
    kind: str  # school, clinic, agency, business, department, mass_organisation
    name: str
    folded: str
    valid_from: date
    valid_to: date | None = None


class Zone(SQLModel, table=True):
    """A set of areas that ignores borders, drawn by somebody for a purpose."""

    id: str = Field(primary_key=True)
    name: str
    made_on: date


class ZoneArea(SQLModel, table=True):
    """One area of a zone."""

    __tablename__ = "zone_area"
    zone_id: str = Field(primary_key=True, foreign_key="zone.id")
    area_id: str = Field(primary_key=True, foreign_key="area.id")


class AreaImport(SQLModel, table=True):
    """One file of areas or organisations that was taken in, so that it can be undone."""

    __tablename__ = "area_import"
    id: bytes = Field(primary_key=True, max_length=16)
    at: datetime
    by: str  # officer's login, or "command"
    area_id: str | None = None  # the area that this officer answers for; None for the command
    digest: bytes = Field(max_length=32)  # SHA-256 of the file
    undone_at: datetime | None = None


class AreaImportRow(SQLModel, table=True):
    """What one line of such a file changed, with what stood there before, as JSON."""

    __tablename__ = "area_import_row"
    import_id: bytes = Field(primary_key=True, max_length=16, foreign_key="area_import.id")
    line: int = Field(primary_key=True)
    owner_id: str  # an area or an organisation
    act: str  # add, change, end
    before: str = ""


class ProgrammeUse(SQLModel, table=True):
    """A programme that applies to an area and everything below it."""

    __tablename__ = "programme_use"
    area_id: str = Field(primary_key=True, foreign_key="area.id")
    programme: str = Field(primary_key=True)
    since: date
    until: date | None = None


class RoleHolder(SQLModel, table=True):
    """Who stands for a body that is gone and for which a programme names no heir."""

    __tablename__ = "role_holder"
    programme: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    area_id: str = Field(primary_key=True, foreign_key="area.id")
    holder: str  # the name of the body that stands in
    named_at: datetime
    named_by: str


class Leader(SQLModel, table=True):
    """A person who looks after neighbourhoods or speaks for an organisation."""

    id: bytes = Field(primary_key=True, max_length=16)
    name: str
    address_as: str = "bác"  # bác, cô, chú, anh, chị
    language: str = "vi"
    paused_until: date | None = None
    added_on: date
    left_on: date | None = None


class LeaderChat(SQLModel, table=True):
    """A chat in which a leader works; in it the tip flow does not start."""

    __tablename__ = "leader_chat"
    channel: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    leader_id: bytes = Field(max_length=16, foreign_key="leader.id", index=True)
    added_at: datetime
    blocked_at: datetime | None = None  # the platform says that nothing arrives there any more


class LeaderInvite(SQLModel, table=True):
    """A one-time code with which a leader enrols a chat; only its hash is kept."""

    __tablename__ = "leader_invite"
    code_hash: bytes = Field(primary_key=True, max_length=32)
    leader_id: bytes = Field(max_length=16, foreign_key="leader.id", index=True)
    expires_at: datetime
    used_at: datetime | None = None
    tried_again_at: datetime | None = None  # somebody came with it after it was used: shown


class Assignment(SQLModel, table=True):
    """Who looks after an area or speaks for an organisation, in which part, between two days."""

    id: bytes = Field(primary_key=True, max_length=16)
    leader_id: bytes = Field(max_length=16, foreign_key="leader.id", index=True)
    owner_id: str = Field(index=True)  # an area or an organisation
    part: str  # head, deputy, substitute
    since: date
    until: date | None = None  # the first day on which it is over


class WorkDialogue(SQLModel, table=True):
    """Where the conversation with an enrolled chat stands."""

    __tablename__ = "work_dialogue"
    channel: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    version: int
    state: str  # JSON
    changed_at: datetime
    expires_at: datetime = Field(index=True)
    reminded_at: datetime | None = None  # of the draft that was left open: once


class CheckIn(SQLModel, table=True):
    """One activity that was done and filed; never overwritten without a row of what stood there."""

    __tablename__ = "check_in"
    __table_args__ = (Index("ix_check_in_owner", "owner_id", "done_on", "kind"),)
    id: bytes = Field(primary_key=True, max_length=16)
    owner_id: str  # an area or an organisation
    commune_id: str = Field(index=True)
    kind: str
    counts_as: str  # kinds that it counts for, with commas: one meeting may serve two duties
    done_on: date
    details: str  # JSON: place, people, households, chair, present, topics, opinions, form, note
    state: str  # filed, approved, returned, voided
    flags: str = ""  # what the ward should look at, with commas
    filed_at: datetime  # the platform's message time: decides what is on time
    received_at: datetime
    filed_by: str  # "leader:<hex>" or "officer:<hex>"
    by_phone: bool = False
    after_close: bool = False  # an amendment after the period was closed: listed apart
    source: str = Field(unique=True)  # channel and message that it came from: no second row
    version: int = 1
    question: str = ""  # what the ward asks when it sends it back


class CheckInPhoto(SQLModel, table=True):
    """A cleaned picture, or the voice note, of an activity."""

    __tablename__ = "check_in_photo"
    id: bytes = Field(primary_key=True, max_length=16)
    check_in_id: bytes | None = Field(default=None, max_length=16, index=True)
    media: str  # image/jpeg, audio/ogg
    body: bytes
    added_at: datetime = Field(index=True)


class CheckInChange(SQLModel, table=True):
    """What stood in a check-in before it was changed, by whom and why."""

    __tablename__ = "check_in_change"
    check_in_id: bytes = Field(primary_key=True, max_length=16, foreign_key="check_in.id")
    version: int = Field(primary_key=True)  # the version that was replaced
    at: datetime
    by: str
    reason: str
    before: str  # JSON


class AskBack(SQLModel, table=True):
    """A question of the ward's that no leader has been told of yet; gone as soon as one has."""

    __tablename__ = "ask_back"
    check_in_id: bytes = Field(primary_key=True, max_length=16, foreign_key="check_in.id")
    asked_at: datetime
    not_before: datetime  # after a platform that could not be reached: tried again then


class Obligation(SQLModel, table=True):
    """One thing owed: an area or organisation, a duty, a period; frozen when the period closes."""

    __table_args__ = (
        # The period leads: a month's rows then stand together, and opening one stays as fast as the
        # first, however many are stored. The index that is scattered over owners is a narrow one.
        UniqueConstraint("period", "programme", "duty", "owner_id", name="uq_obligation"),
        Index("ix_obligation_owner", "owner_id", "last"),
        Index(
            "ix_obligation_figures",
            *("period", "programme", "duty", "province_id", "commune_id"),
            *("exempt", "met", "timely", "approved", "state"),  # figures come from the index alone
        ),
        Index("ix_obligation_open", "state", "due_at"),
        Index("ix_obligation_commune", "commune_id", "period"),
    )
    id: bytes = Field(primary_key=True, max_length=16)
    owner_id: str
    commune_id: str
    province_id: str
    programme: str
    duty: str
    kind: str
    period: str  # 2026-11, 2026-Q4, 2026 …
    first: date
    last: date
    due_at: datetime  # exclusive: what is filed before it is on time
    need: int
    done: int = 0
    met: bool = False
    met_at: datetime | None = None  # filing time of the need-th activity
    timely: bool = False
    approved: bool = False  # met, and what meets it is approved by the ward
    exempt: str = "no"  # no, asked, granted
    exempt_reason: str = ""
    exempt_by: str = ""  # who asked, and who decided, with a comma
    state: str = "open"  # open, closed, ended (its owner was merged away before the close)
    opened_at: datetime
    closed_at: datetime | None = None


class Filing(SQLModel, table=True):
    """A report, registration or one-off that an officer marked as sent: stops its reminders."""

    __table_args__ = (UniqueConstraint("programme", "item", "occurrence", "area_id", "role"),)
    id: bytes = Field(primary_key=True, max_length=16)
    programme: str
    item: str  # deadline, undated item or duty
    occurrence: str  # the named day, or the period
    area_id: str
    role: str  # the role that it was sent for; "" for the unit itself
    document_number: str
    document_on: date
    filed_at: datetime
    filed_by: str
    version: int = 1
    withdrawn: bool = False


class FilingChange(SQLModel, table=True):
    """What stood in a filing before it was changed."""

    __tablename__ = "filing_change"
    filing_id: bytes = Field(primary_key=True, max_length=16, foreign_key="filing.id")
    version: int = Field(primary_key=True)
    at: datetime
    by: str
    reason: str
    before: str  # JSON
