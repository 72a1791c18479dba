"""Asks whoever stands in for a neighbourhood: a nudge to them, by hand, under the same rules.

The first of deputy, substitute and head who can be written to now is asked. Who has had a message
that day, has paused or cannot be written to is passed over.
"""

from datetime import date
from typing import NamedTuple

from intake.errors import NotFound
from intake.nudging.shapes import NudgeByHand
from intake.service import Intake
from intake.work.leaders import PARTS
from intake.work.obligations import key_of
from storage.unit_of_work import View

_ORDER = (*PARTS[1:], PARTS[0])
_TOLD = ("", "told")
"""What counts as asked: a message waits to leave, or one about the same has left today."""
_CLOSED = ("over", "quiet")


class StandIn(NamedTuple):
    """Who was asked; nobody: whether it is merely the hour or the day, and not the people."""

    name: str = ""
    is_closed: bool = False


class StandIns:
    """Finds who stands in, and asks them."""

    def __init__(self, intake: Intake, by_hand: NudgeByHand) -> None:
        self._intake = intake
        self._by_hand = by_hand

    def ask(self, obligation_id: str, leader_id: bytes) -> StandIn:
        """Ask whoever stands in for an owner; return whom, or why nobody could be asked.

        Raises:
            NotFound: no such obligation, or not one of this leader's.
        """
        today = self._intake.clock.today()
        with self._intake.read() as view:
            row = view.obligations.get(key_of(obligation_id))
            if row is None or row.owner_id not in view.owners.held_by(leader_id, today):
                raise NotFound("Không có việc phải làm này.")
            others = _others(view, row.owner_id, leader_id, today)
        closed = False
        for other, name in others:
            answer = self._by_hand.ask([other], f"leader:{leader_id.hex()}").get(other)
            if answer in _TOLD:
                return StandIn(name)
            closed = closed or answer in _CLOSED
        return StandIn(is_closed=closed)


def _others(view: View, owner_id: str, leader_id: bytes, day: date) -> list[tuple[bytes, str]]:
    """Return who else looks after an owner, those first who stand in for its head."""
    held = view.assignments.assigned_on([owner_id], day)
    held.sort(key=lambda each: _ORDER.index(each.part))
    names = {row.id: row.name for row in view.leaders.some([each.leader_id for each in held])}
    ids = dict.fromkeys(each.leader_id for each in held if each.leader_id != leader_id)
    return [(each, names[each]) for each in ids]
