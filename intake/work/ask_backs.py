"""Whom a question of the ward's is for: whoever filed, while they look after it, or the head now.

The question itself stands in the check-in; here stands only that nobody has been told. Once it is
answered or taken back there is nothing to tell.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from intake.service import Intake
from intake.work.obligations import key_of
from storage.ask_backs import AskBackRow
from storage.leaders import ChatRow
from storage.unit_of_work import Tx, View

AGAIN = timedelta(minutes=2)
"""When a question is tried again that could not be told; until then one process has it."""
FOR = timedelta(days=7)
"""After that nobody is told any more; the question still shows when the leader opens the chat."""


class Question(NamedTuple):
    """One question, and the chats in which it may be told, the best one first."""

    check_in_id: str
    chats: tuple[ChatRow, ...]


class AskBacks:
    """Finds what is still to be told."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def due(self, most: int) -> tuple[Question, ...]:
        """Return what may be told now, the oldest first; one look into an empty table mostly."""
        now, today = self._intake.clock.now(), self._intake.clock.today()
        with self._intake.glance() as view:
            rows = view.ask_backs.due(now, most)
        if not rows:
            return ()
        with self._intake.read() as view:
            return tuple(
                Question(
                    row.check_in_id.hex(),
                    () if now - row.asked_at > FOR else tuple(_chats(view, row, today)),
                )
                for row in rows
            )

    def claiming(self, check_in_id: str) -> Callable[[Tx], bool]:
        """Return the unit of work that takes a question up; False when somebody was faster."""
        now = self._intake.clock.now()
        return lambda tx: tx.ask_backs.claim(key_of(check_in_id), now, now + AGAIN)

    def dropping(self, check_in_id: str) -> Callable[[Tx], None]:
        """Return the unit of work that forgets a question."""
        return lambda tx: tx.ask_backs.drop(key_of(check_in_id))


def _chats(view: View, row: AskBackRow, today: date) -> Iterator[ChatRow]:
    """Yield where a question may be told: first where the check-in came from."""
    found = view.check_ins.get(row.check_in_id)
    if found is None or found.state != "returned":
        return
    assigned = view.assignments.assigned_on([found.owner_id], today)
    filer = key_of(found.filed_by.removeprefix("leader:"))
    heads = [each.leader_id for each in assigned if each.part == "head"]
    told = [filer] if filer in {each.leader_id for each in assigned} else heads
    chats = [chat for each in told for chat in view.leaders.chats_of(each)]
    chats.sort(key=lambda chat: not found.source.startswith(f"{chat.channel}:{chat.address}:"))
    yield from (chat for chat in chats if chat.blocked_at is None)
