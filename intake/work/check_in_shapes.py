"""What a check-in looks like before it is filed, who files it, and what others may see of it.

Frozen shapes and how they are written into a row and read again; no rule lives here.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

from intake.plans.programme_schema import DutyKind
from storage.check_ins import CheckInRow

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Line = Annotated[str, Field(max_length=200)]
Note = Annotated[str, Field(max_length=2_000)]

DETAILS = (
    "place", "people", "households", "chair", "present", "topics", "opinions", "slips", "form",
    "note",
)  # fmt: skip


class CheckInDraft(BaseModel):
    """One activity as a leader or an officer tells it, before it is filed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    owner_id: str
    kind: DutyKind
    also_counts_as: tuple[DutyKind, ...] = ()
    done_on: date
    place: Line = ""
    people: Count | None = None
    households: Count | None = None
    chair: Line = ""
    present: tuple[Line, ...] = ()
    topics: tuple[Line, ...] = ()
    opinions: Count | None = None
    slips: Count | None = None
    """Of a tip box that was opened: how many slips lay in it."""
    form: Line = ""
    note: Note = ""
    photo_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: CheckInRow) -> Self:
        """Return the draft that would be filed as this row; it names no pictures."""
        also = tuple(kind for kind in row.counts_as.split(",") if kind != row.kind)
        values = {"owner_id": row.owner_id, "kind": row.kind, "done_on": row.done_on}
        return cls.model_validate(values | {"also_counts_as": also} | json.loads(row.details))

    @property
    def counts_as(self) -> tuple[str, ...]:
        """Every kind that it counts for, each once."""
        return tuple(dict.fromkeys((self.kind, *self.also_counts_as)))

    def details(self) -> str:
        """Return what stands in the column ``details``."""
        values = self.model_dump(include=set(DETAILS), exclude_defaults=True, mode="json")
        return json.dumps(values, ensure_ascii=False, sort_keys=True)


class Filer(BaseModel):
    """Who files: a leader from a chat, or an officer of the ward, perhaps for a leader by phone."""

    model_config = ConfigDict(frozen=True)
    part: Annotated[str, Field(pattern="^(leader|officer)$")]
    id: str
    by_phone: bool = False

    @classmethod
    def leader(cls, leader_id: str) -> Self:
        """Return the leader with this id (hex)."""
        return cls(part="leader", id=leader_id)

    @classmethod
    def officer(cls, officer_id: str, *, by_phone: bool = True) -> Self:
        """Return the officer with this id (hex); ``by_phone``: a leader rang and told it."""
        return cls(part="officer", id=officer_id, by_phone=by_phone)

    @property
    def is_leader(self) -> bool:
        """Whether rights come from an assignment and not from a ward's desk."""
        return self.part == "leader"

    def __str__(self) -> str:
        """Return what stands in the column ``filed_by``."""
        return f"{self.part}:{self.id}"


class Effect(BaseModel):
    """What one check-in does, or would do, for one obligation."""

    model_config = ConfigDict(frozen=True)
    obligation_id: str
    duty: str
    title: str
    period: str
    period_label: str
    done: int
    need: int
    met: bool
    closed: bool = False
    """The period was closed before: nothing there changes, the check-in is listed apart."""


class CheckInView(BaseModel):
    """One check-in, for lists and for the ward's desk."""

    model_config = ConfigDict(frozen=True)
    id: str
    owner_id: str
    owner_name: str
    commune_id: str
    kind: str
    counts_as: tuple[str, ...]
    done_on: date
    state: str
    flags: tuple[str, ...]
    filed_at: datetime
    received_at: datetime
    filed_by: str
    by_phone: bool
    after_close: bool
    version: int
    question: str
    photos: int
    place: str = ""
    people: int | None = None
    households: int | None = None
    chair: str = ""
    present: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    opinions: int | None = None
    slips: int | None = None
    form: str = ""
    note: str = ""


class Foreseen(NamedTuple):
    """What filing a draft would do, and what should be asked before."""

    effects: tuple[Effect, ...]
    warnings: tuple[str, ...]


class Filed(BaseModel):
    """A check-in as it stands after it was filed, amended or undone."""

    model_config = ConfigDict(frozen=True)
    check_in_id: str
    check_in: CheckInView
    version: int
    effects: tuple[Effect, ...]
    flags: tuple[str, ...] = ()
    after_close: bool = False
    again: bool = False
    """The same message came before: nothing was filed a second time."""


class History(BaseModel):
    """What was told before of one owner and kind, newest first, each value once: for buttons."""

    model_config = ConfigDict(frozen=True)
    people: tuple[int, ...] = ()
    households: tuple[int, ...] = ()
    places: tuple[str, ...] = ()
    chairs: tuple[str, ...] = ()


class Photo(BaseModel):
    """A cleaned picture, or a voice note."""

    model_config = ConfigDict(frozen=True)
    id: str
    media: str
    body: bytes


class Change(BaseModel):
    """What stood in a check-in before one change."""

    model_config = ConfigDict(frozen=True)
    version: int
    at: datetime
    by: str
    reason: str
    before: Mapping[str, Any]


def signed(by: str) -> str:
    """Return who did it as it is kept: an officer's id (hex), or "leader:<hex>" as it stands."""
    return by if by.startswith("leader:") else f"officer:{by}"


def before(row: CheckInRow) -> str:
    """Return what stands in a row, as it is kept when the row is changed."""
    kept = ("owner_id", "kind", "counts_as", "state", "flags", "question", "after_close")
    values: dict[str, Any] = {name: getattr(row, name) for name in kept}
    values |= {"done_on": row.done_on.isoformat(), "details": json.loads(row.details)}
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def view_of(row: CheckInRow, owner_name: str, photos: int) -> CheckInView:
    """Return a row as others may see it."""
    plain = {
        name: getattr(row, name)
        for name in ("owner_id", "commune_id", "kind", "done_on", "state", "filed_at",
                     "received_at", "filed_by", "by_phone", "after_close", "version", "question")
    }  # fmt: skip
    lists = {"counts_as": _split(row.counts_as), "flags": _split(row.flags)}
    fixed = {"id": row.id.hex(), "owner_name": owner_name, "photos": photos}
    return CheckInView.model_validate(plain | lists | fixed | json.loads(row.details))


def _split(words: str) -> tuple[str, ...]:
    return tuple(word for word in words.split(",") if word)
