"""What a leader and an invite look like outside the tables, and how they are read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from intake.errors import NotFound
from storage.assignments import AssignmentRow
from storage.leaders import LeaderRow
from storage.unit_of_work import View

Part = Literal["head", "deputy", "substitute"]
Reason = Literal["unknown", "used", "expired"]


@dataclass(frozen=True, slots=True)
class Leader:
    """A person who looks after neighbourhoods or speaks for an organisation."""

    id: bytes
    name: str
    address_as: str
    language: str
    paused_until: date | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that a leader looks after."""

    owner_id: str
    owner_name: str
    part: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a code invites; ``code_hash`` stands for the code from here on."""

    leader: Leader
    code_hash: bytes
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class NotInvited:
    """Why a code opens nothing; ``code_hash`` is set for one that somebody has used before."""

    reason: Reason
    code_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Misuse:
    """Somebody came with an invite that had been used: the ward should ask who."""

    leader: Leader
    used_at: datetime | None
    tried_again_at: datetime


def owner_name(view: View, owner_id: str) -> str | None:
    """Return the name of an area or an organisation; None when there is none of that id."""
    owner = view.owners.get(owner_id)
    return owner.name if owner else None


def holdings_of(view: View, leader_id: bytes, day: date) -> tuple[Holding, ...]:
    """Return what a leader looks after on a day, in the order of the assignments."""
    return tuple(
        Holding(each.owner_id, name, each.part, each.since, each.until)
        for each, name in view.assignments.holdings_of(leader_id)
        if name is not None and holds(each, day)
    )


def holds(assignment: AssignmentRow, day: date) -> bool:
    """Return whether an assignment is on: half-open, its last day is not in it."""
    return assignment.since <= day and (assignment.until is None or day < assignment.until)


def found_leader(view: View, leader_id: bytes) -> LeaderRow:
    """Return a leader's row.

    Raises:
        NotFound: no such leader.
    """
    row = view.leaders.get(leader_id)
    if row is None:
        raise NotFound("no such leader")
    return row


def leader_of(row: LeaderRow) -> Leader:
    """Return a row as others see it."""
    return Leader(row.id, row.name, row.address_as, row.language, row.paused_until, row.left_on)
