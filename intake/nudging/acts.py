"""What the ward does about reminders: asks for one by hand, stops them all, lets them run again.

Each act is written to the audit chain. A message that is asked for by hand keeps every rule: hours,
one a day, six a month, nothing to somebody who asked for quiet.
"""

from collections.abc import Iterable, Mapping

from intake.errors import Conflict, NotFound, NotValid
from intake.nudging.desk_shapes import HandView, RefusedView, StopView
from intake.nudging.shapes import NudgeByHand
from intake.nudging.stops import EVERYWHERE, area_of, is_in_hand, stops_seen, switch_of
from intake.officers import Session
from intake.policy import RIGHTS, Right
from intake.service import Intake
from intake.work.obligations import key_of
from intake.work.work_scope import Reach, WorkScope, say
from storage.assignments import AssignmentRow
from storage.unit_of_work import Tx, View


class NudgeActs:
    """Asks by hand; stops and lets run."""

    def __init__(
        self, intake: Intake, scope: WorkScope, by_hand: NudgeByHand | None = None
    ) -> None:
        self._intake = intake
        self._scope = scope
        self._by_hand = by_hand

    # --- by hand ----------------------------------------------------------------------------------

    def remind(self, session: Session, leader_id: str) -> HandView:
        """Ask for a message to one person of this area, now.

        Raises:
            NotFound: nobody of this area.
            Conflict: this process sends nothing, reminders are stopped here, or this is another
                officer's own chat: the answer would tell what was said there today.
        """
        reach = self._scope.reach(session, Right.REVIEW_WORK)
        with self._intake.read() as view:
            row = view.wards.leader(reach.area_id, key_of(leader_id))
            held = row and {h.leader_id for h in self._held(view, reach)}
            owned = view.own_addresses.owned([row.id]) if row else {}
        if row is None or not held or row.id not in held:
            raise say(NotFound("Người này hiện không phụ trách nơi nào trong địa bàn."))
        if _is_anothers(session, owned.get(row.id)):
            sentence = "Đây là khung chat riêng của một cán bộ: máy tự nhắc, không nhắc tay."
            raise say(Conflict(sentence))
        return self._ask(session, reach, {row.id: row.name}, row.id.hex())

    def remind_all(self, session: Session, area_id: str | None = None) -> HandView:
        """Ask for a message to everybody of a commune who still owes something.

        Other officers' own chats are left out.

        Raises:
            NotFound: the area lies outside.
            NotValid: more than a commune.
            Conflict: this process sends nothing, or reminders are stopped here.
        """
        reach = self._scope.reach(session, Right.REVIEW_WORK, area_id)
        if reach.level == "province":
            raise say(NotValid("Chọn một xã, phường: nhắc tay từng nơi một."))
        with self._intake.read() as view:
            ids = {each.leader_id for each in self._held(view, reach)}
            owned = view.own_addresses.owned(ids)
            ids -= {each for each in ids if _is_anothers(session, owned.get(each))}
            people = {row.id: row.name for row in view.leaders.some(ids)}
        asked = self._ask(session, reach, people, reach.area_id)
        owing = tuple(each for each in asked.refused if each.why != "nothing")
        return asked.model_copy(update={"refused": owing})

    def _held(self, view: View, reach: Reach) -> Iterable[AssignmentRow]:
        today = self._intake.clock.today()
        return [
            row for row in view.wards.assignments(reach.area_id)
            if row.since <= today and (row.until is None or today < row.until)
        ]  # fmt: skip

    def _ask(
        self, session: Session, reach: Reach, people: Mapping[bytes, str], subject: str
    ) -> HandView:
        if self._by_hand is None:
            raise say(Conflict("Máy này chưa bật phần nhắc hạn."))
        now = self._intake.clock.now()
        with self._intake.read() as view:
            stops = stops_seen(view, reach)
        if any(not each.area_id or each.area_id in reach.chain for each in stops):
            raise say(Conflict("Đang dừng gửi nhắc hạn: cho chạy lại rồi nhắc."))
        officer = session.officer.id
        told = {"people": len(people)}
        self._intake.write_now(
            lambda tx: tx.audit.append(now, officer, "nudge.hand", subject, told)
        )
        answers = self._by_hand.ask(sorted(people), f"officer:{officer}")
        refused = [
            RefusedView(leader_id=each.hex(), name=people[each], why=why)
            for each, why in answers.items() if why
        ]  # fmt: skip
        refused.sort(key=lambda each: each.name)
        return HandView(planned=len(answers) - len(refused), refused=tuple(refused))

    # --- the switch -------------------------------------------------------------------------------

    def stops(self, session: Session) -> tuple[StopView, ...]:
        """Return every stop that concerns this officer's area, or lies inside it."""
        reach = self._reach_of_stop(session, None)
        with self._intake.read() as view:
            return stops_seen(view, reach)

    def stop(self, session: Session, area_id: str | None = None) -> None:
        """Stop all reminders of an area at once; of the whole installation for an administrator.

        What stands stopped already stays as it is.

        Raises:
            NotAllowed: the role has no such right.
            NotFound: the area lies outside.
        """
        name, officer = _name_of(self._reach_of_stop(session, area_id)), session.officer.id
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            if tx.nudges.stop(name, now, f"officer:{officer}"):
                tx.audit.append(now, officer, "nudges.stop", area_of(name))

        self._intake.write_now(work)

    def resume(self, session: Session, area_id: str | None = None) -> None:
        """Let the reminders of an area run again: what is due by then is judged anew.

        Raises:
            NotAllowed: the role has no such right.
            NotFound: the area lies outside.
            Conflict: the level above stopped it, and lets it run again.
        """
        name, officer = _name_of(self._reach_of_stop(session, area_id)), session.officer.id
        own, now = self._reach_of_stop(session, None), self._intake.clock.now()

        def work(tx: Tx) -> None:
            row = tx.nudges.switch(name)
            if row is not None and not is_in_hand(tx, row, own):
                raise say(Conflict("Cấp trên đã dừng nơi này: cấp trên cho chạy lại."))
            if tx.nudges.resume(name):
                tx.audit.append(now, officer, "nudges.resume", area_of(name))

        self._intake.write_now(work)

    def _reach_of_stop(self, session: Session, area_id: str | None) -> Reach | None:
        """Return the area whose switch this is; None: the one of the whole installation."""
        if Right.MANAGE_PEOPLE in RIGHTS.get(session.role, frozenset[Right]()):
            return None
        return self._scope.reach(session, Right.MANAGE_LEADERS, area_id)


def _name_of(reach: Reach | None) -> str:
    return switch_of(reach.area_id) if reach else EVERYWHERE


def _is_anothers(session: Session, officer_id: bytes | None) -> bool:
    return officer_id is not None and officer_id.hex() != session.officer.id
