"""Plans messages that the ward asks for: under the same rules as the machine's own."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from intake.service import Intake
from reminders.items import Shelf
from reminders.people import Person, Question, load
from reminders.policy import judge
from reminders.sweep import row_of
from storage.nudges import NudgeRow, RungRow


class ByHand:
    """Answers `intake.nudging.shapes.NudgeByHand`."""

    def __init__(self, intake: Intake, shelf: Shelf, channels: Sequence[str]) -> None:
        self._intake = intake
        self._shelf = shelf
        self._channels = tuple(channels)

    def ask(self, leader_ids: Sequence[bytes], by: str) -> Mapping[bytes, str]:
        """Plan one message to each person, to leave as soon as it may.

        Returns for each "" where it waits to leave now, or a word of the code why none does.

        Raises:
            DatabaseBusy: nothing was kept for those who are not in the answer.
        """
        now = self._intake.clock.now()
        asked = Question(list(dict.fromkeys(leader_ids)), now, self._channels)
        with self._intake.read() as view:
            people = load(view, self._shelf.items(), asked)
        answers = dict.fromkeys(leader_ids, "nothing")
        return answers | {each.state.leader_id: self._plan(each, now, by) for each in people}

    def _plan(self, person: Person, now: datetime, by: str) -> str:
        verdict = judge(person.state, now, by_hand=True)
        due = next((each for each in verdict.nudges if not each.slot), None)
        if due is None:
            return verdict.why or "nothing"
        if not person.chats:
            return "phone"
        row: NudgeRow = row_of(person, due, now, by)
        rungs = [RungRow(*rung, due.leader_id, row.id) for rung in due.rungs]
        kept = self._intake.write_now(lambda tx: tx.nudges.plan([row], rungs))
        return "" if kept else "told"
