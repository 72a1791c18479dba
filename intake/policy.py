"""Who may do what: one function, deny by default, from which the SQL filters are built too.

Rights follow role and unit subtree. A unit sees its own tips. The unit above a ward reads what was
sealed to it as receiver; it opens a ward's tip with its own wrap, so that no ward can make one
vanish. The monthly work of leaders has rights of its own; a clerk has these and no tip and no key.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class Right(StrEnum):
    """Everything that a signed-in person may be allowed to do."""

    SELF = "self"  # own session, own account
    READ_QUEUE = "read_queue"
    OPEN_TIP = "open_tip"
    ANSWER = "answer"
    CLOSE = "close"
    HAND_KEYS = "hand_keys"
    MANAGE_PEOPLE = "manage_people"
    READ_AUDIT = "read_audit"
    READ_WORK = "read_work"
    REVIEW_WORK = "review_work"
    MANAGE_LEADERS = "manage_leaders"
    FILE_REPORTS = "file_reports"
    MANAGE_AREAS = "manage_areas"


_WORK = frozenset(
    {Right.READ_WORK, Right.REVIEW_WORK, Right.MANAGE_LEADERS, Right.FILE_REPORTS,
     Right.MANAGE_AREAS}
)  # fmt: skip
_OFFICER = _WORK | {
    Right.SELF, Right.READ_QUEUE, Right.OPEN_TIP, Right.ANSWER, Right.CLOSE, Right.HAND_KEYS,
}  # fmt: skip
_CLERK = _WORK | {Right.SELF}
_ADMIN = frozenset({Right.SELF, Right.MANAGE_PEOPLE, Right.READ_AUDIT, Right.MANAGE_AREAS})
RIGHTS: Mapping[str, frozenset[Right]] = {
    "officer": _OFFICER,
    "clerk": _CLERK,
    "admin": _ADMIN,
}
KEYLESS = frozenset(RIGHTS) - {"officer"}
"""Roles that hold no key of a unit, so that they open no tip."""


class HasRole(Protocol):
    """The part of an officer that rights are judged by."""

    @property
    def role(self) -> str:
        """``officer``, ``clerk`` or ``admin``."""
        ...

    @property
    def unit_id(self) -> str:
        """The unit that the person belongs to."""
        ...


def units_for(person: HasRole, right: Right, parents: Mapping[str, str | None]) -> frozenset[str]:
    """Return the units over which ``person`` has ``right``: their own and every unit below it.

    ``parents`` maps each unit to the one above, from the signed key list.
    """
    if right not in RIGHTS.get(person.role, frozenset()):
        return frozenset()
    return frozenset(unit for unit in parents if _is_under(unit, person.unit_id, parents))


def allowed(person: HasRole, right: Right, unit_id: str, parents: Mapping[str, str | None]) -> bool:
    """Return whether ``person`` has ``right`` over ``unit_id``."""
    return unit_id in units_for(person, right, parents)


def _is_under(unit: str, top: str, parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    current: str | None = unit
    while current is not None and current not in seen:
        if current == top:
            return True
        seen.add(current)
        current = parents.get(current)
    return False
