"""Whom the ward has to call: the people of its neighbourhoods who cannot be written to.

Names and what is owed, for those who keep the book of leaders; no address of a chat. Reads alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from intake.nudging.digests import unreached
from intake.officers import Session
from intake.plans.periods import local_day, period_label
from intake.plans.programme_use import ProgrammeUses
from intake.policy import Right
from intake.service import Intake
from intake.work.work_scope import WorkScope
from storage.assignments import AssignmentRow
from storage.digests import OpenRow
from storage.leaders import LeaderRow
from storage.tables import NEVER
from storage.unit_of_work import View

Why = Literal["vacant", "no_chat", "blocked"]
_ORDER = ("head", "substitute", "deputy")


class PhoneOwed(BaseModel):
    """One thing that is owed, as it is said by phone."""

    model_config = ConfigDict(frozen=True)
    title: str
    period_label: str
    last_good_on: date | None
    """None where it has no last day."""
    days_left: int | None
    """Calendar days from today; negative once it is late."""


class PhoneEntry(BaseModel):
    """One neighbourhood, or whatever else owes something here, that no message reaches."""

    model_config = ConfigDict(frozen=True)
    owner_id: str
    owner_name: str
    leader_id: str = ""
    """"" where nobody looks after it."""
    name: str = ""
    address_as: str = ""
    part: str = ""
    why: Why
    """vacant: nobody is named; no_chat: none was enrolled; blocked: the chats take no messages."""
    owes: tuple[PhoneOwed, ...]
    """The nearest first."""


class PhoneList:
    """Lists the people who cannot be written to."""

    def __init__(self, intake: Intake, scope: WorkScope, uses: ProgrammeUses) -> None:
        self._intake = intake
        self._scope = scope
        self._uses = uses

    def of(self, session: Session, area_id: str | None = None) -> tuple[PhoneEntry, ...]:
        """Return who is to be called in an area: those that owe something, in order of names.

        A deputy or substitute who can be written to is enough for a neighbourhood.

        Raises:
            NotAllowed: the role keeps no book of leaders.
            NotFound: the area lies outside.
        """
        reach = self._scope.reach(session, Right.MANAGE_LEADERS, area_id)
        today = self._intake.clock.today()
        with self._intake.read() as view:
            standing = {row.id for row in view.wards.standing(reach.area_id, today)}
            owed = self._owed(view, standing, today)
            silent = unreached(view, owed, today)
            people = _people(view, silent, today)
            blocked = {k for k, row in view.wards.chats(reach.area_id).items() if row.blocked}
            names = view.owners.names(silent)
        titles = self._uses.titles({row.programme for rows in owed.values() for row in rows})
        return tuple(
            _entry(
                (owner, name), people.get(owner), blocked,
                tuple(_owes(row, titles, today) for row in owed[owner]),
            )
            for owner, name in names.items()
        )  # fmt: skip

    def _owed(self, view: View, owners: set[str], today: date) -> dict[str, list[OpenRow]]:
        found: dict[str, list[OpenRow]] = defaultdict(list)
        for row in view.digests.open_of(owners, today - self._uses.close_after, today):
            found[row.owner_id].append(row)
        return found


def _people(
    view: View, owners: set[str], today: date
) -> dict[str, tuple[AssignmentRow, LeaderRow]]:
    """Return whom to call for each owner: its head, or whoever stands in."""
    held = view.assignments.assigned_on(owners, today)
    known = {row.id: row for row in view.leaders.some({each.leader_id for each in held})}
    found: dict[str, tuple[AssignmentRow, LeaderRow]] = {}
    for each in sorted(held, key=lambda row: _ORDER.index(row.part)):
        leader = known[each.leader_id]
        if leader.left_on is None or leader.left_on > today:
            found.setdefault(each.owner_id, (each, leader))
    return found


def _owes(row: OpenRow, titles: Mapping[tuple[str, str], str], today: date) -> PhoneOwed:
    last = None if row.due_at == NEVER else local_day(row.due_at) - timedelta(days=1)
    return PhoneOwed(
        title=titles.get((row.programme, row.duty), row.duty),
        period_label=period_label(row.period), last_good_on=last,
        days_left=(last - today).days if last else None,
    )  # fmt: skip


def _entry(
    owner: tuple[str, str], person: tuple[AssignmentRow, LeaderRow] | None, blocked: set[bytes],
    owes: tuple[PhoneOwed, ...],
) -> PhoneEntry:  # fmt: skip
    owner_id, owner_name = owner
    if person is None:
        return PhoneEntry(owner_id=owner_id, owner_name=owner_name, why="vacant", owes=owes)
    held, leader = person
    return PhoneEntry(
        owner_id=owner_id, owner_name=owner_name, leader_id=leader.id.hex(), name=leader.name,
        address_as=leader.address_as, part=held.part,
        why="blocked" if leader.id in blocked else "no_chat", owes=owes,
    )  # fmt: skip
