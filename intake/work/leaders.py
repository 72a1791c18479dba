"""Leaders: added and assigned by the ward, handed over, gone when they like."""

from datetime import date

from intake.errors import Conflict, NotFound, NotValid
from intake.growing_ids import growing_id
from intake.person_ends import end_leader, end_ways_in
from intake.text import clean
from intake.work.invites import INVITE_LIFE, Invites, Work, show_code, tidy_code
from intake.work.leader_shapes import (
    Holding,
    Invited,
    Leader,
    Misuse,
    NotInvited,
    Part,
    found_leader,
    holdings_of,
    leader_of,
    owner_name,
)  # fmt: skip
from intake.work.work_audit import note
from storage.assignments import AssignmentRow
from storage.leaders import LeaderRow
from storage.unit_of_work import Tx

__all__ = ["INVITE_LIFE", "Holding", "Invited", "Leader", "Leaders", "Misuse", "NotInvited", "Part",
           "owner_name", "show_code", "tidy_code"]  # fmt: skip

FORMS_OF_ADDRESS = ("bác", "cô", "chú", "anh", "chị")
PARTS = ("head", "deputy", "substitute")
_LONGEST_NAME = 80


class Leaders(Invites):
    """Who looks after what; `Invites` holds in which chats they are reached."""

    # --- people -----------------------------------------------------------------------------------

    def add(self, name: str, address_as: str = "bác", language: str = "vi") -> Leader:
        """Add a leader.

        Raises:
            NotValid: no name, a name that is too long, or an unknown form of address.
        """
        row = LeaderRow(
            growing_id(),
            _good_name(name),
            _good_address(address_as),
            language,
            paused_until=None,
            added_on=self._intake.clock.today(),
            left_on=None,
        )
        self._intake.write_now(lambda tx: tx.leaders.add(row))
        return leader_of(row)

    def take_on(
        self, name: str, address_as: str, owner_id: str, part: str = "head", by: str | None = None
    ) -> Leader:
        """Add a leader together with what they look after from today on: both, or neither.

        ``by``, here and below, is the officer's id (hex): then it stands in the audit chain.

        Raises:
            NotFound: no such area or organisation.
            NotValid: as `add` and `assign`.
            Conflict: somebody is head there.
        """
        now, today = self._intake.clock.now(), self._intake.clock.today()
        if part not in PARTS:
            raise NotValid("an unknown part")
        row = LeaderRow(
            growing_id(),
            _good_name(name),
            _good_address(address_as),
            "vi",
            paused_until=None,
            added_on=today,
            left_on=None,
        )
        first = AssignmentRow(growing_id(), row.id, owner_id, part, today, None)

        def work(tx: Tx) -> None:
            tx.leaders.add(row)
            _assign(tx, first)
            note(tx, now, by, "leader.add", row.id.hex(), {"owner": owner_id, "part": part})

        self._intake.write_now(work)
        return leader_of(row)

    def get(self, leader_id: bytes) -> Leader:
        """Return one leader.

        Raises:
            NotFound: no such leader.
        """
        with self._intake.read() as view:
            return leader_of(found_leader(view, leader_id))

    def rename(self, leader_id: bytes, name: str, address_as: str) -> None:
        """Correct a leader's name and form of address.

        Raises:
            NotFound: no such leader.
            NotValid: as `add`.
        """
        values = {"name": _good_name(name), "address_as": _good_address(address_as)}
        if not self._intake.write_now(lambda tx: tx.leaders.change(leader_id, **values)):
            raise NotFound("no such leader")

    def pause(self, leader_id: bytes, until: date | None) -> None:
        """Send no reminders up to and including a day; None: remind again.

        Raises:
            NotFound: no such leader.
        """
        if not self._intake.write_now(lambda tx: tx.leaders.change(leader_id, paused_until=until)):
            raise NotFound("no such leader")

    def close_chats(self, leader_id: bytes, by: str | None = None) -> None:
        """End every chat, browser, unused code and calendar of a leader whose phone is lost.

        What they look after and what was filed stays; the ward invites them anew.

        Raises:
            NotFound: no such leader.
        """
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            found_leader(tx, leader_id)
            end_ways_in(tx, leader_id)
            note(tx, now, by, "leader.close_chats", leader_id.hex())

        self._intake.write_now(work)

    def leave(self, leader_id: bytes, by: str | None = None) -> None:
        """Let a leader go today: no chat, no open invite, no assignment; what was filed stays.

        Raises:
            NotFound: no such leader.
        """
        now, leaving = self._intake.clock.now(), self.leaving(leader_id)

        def work(tx: Tx) -> None:
            found_leader(tx, leader_id)
            leaving(tx)
            note(tx, now, by, "leader.leave", leader_id.hex())

        self._intake.write_now(work)

    def leaving(self, leader_id: bytes) -> Work:
        """Return the unit of work with which a leader goes."""
        today = self._intake.clock.today()

        def work(tx: Tx) -> None:
            end_leader(tx, leader_id)
            for assignment in tx.assignments.of_leader(leader_id):
                if assignment.until is None or assignment.until > today:
                    tx.assignments.end(assignment.id, max(today, assignment.since))
            tx.leaders.change(leader_id, left_on=today)

        return work

    # --- what they look after ---------------------------------------------------------------------

    def assign(
        self,
        leader_id: bytes,
        owner_id: str,
        part: str = "head",
        since: date | None = None,
        until: date | None = None,
        *,
        by: str | None = None,
    ) -> None:
        """Let a leader look after an area or speak for an organisation, between two days.

        ``until`` is the first day on which it is over.

        Raises:
            NotFound: no such leader or no such area or organisation.
            NotValid: an unknown part, or an end before the beginning.
            Conflict: somebody is head there on one of these days.
        """
        now, since = self._intake.clock.now(), since or self._intake.clock.today()
        if part not in PARTS or (until is not None and until <= since):
            raise NotValid("an unknown part, or an end before the beginning")
        row = AssignmentRow(growing_id(), leader_id, owner_id, part, since, until)

        def work(tx: Tx) -> None:
            _assign(tx, row)
            note(tx, now, by, "leader.assign", leader_id.hex(), {"owner": owner_id, "part": part})

        self._intake.write_now(work)

    def hand_over(
        self, owner_id: str, giver: bytes, taker: bytes, on: date, by: str | None = None
    ) -> None:
        """Let ``taker`` be head from ``on`` in ``giver``'s place; what was filed stays as it is.

        Raises:
            NotFound: no such leader, or ``giver`` is not the head there on that day.
        """
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            found_leader(tx, taker)
            current = [
                each
                for each in tx.assignments.assigned_on([owner_id], on)
                if each.part == "head" and each.leader_id == giver
            ]
            if not current:
                raise NotFound("this leader is not the head there on that day")
            tx.assignments.end(current[0].id, on)
            until = current[0].until
            tx.assignments.assign(AssignmentRow(growing_id(), taker, owner_id, "head", on, until))
            told = {"owner": owner_id, "from": giver.hex(), "on": on.isoformat()}
            note(tx, now, by, "leader.hand_over", taker.hex(), told)

        self._intake.write_now(work)

    def holdings(self, leader_id: bytes, day: date) -> tuple[Holding, ...]:
        """Return what a leader looks after on a day, in the order of the assignments."""
        with self._intake.glance() as view:
            return holdings_of(view, leader_id, day)

    def owners_of(self, leader_id: bytes, day: date) -> tuple[str, ...]:
        """Return the areas and organisations that a leader looks after on a day."""
        return tuple(each.owner_id for each in self.holdings(leader_id, day))

    def of_owner(self, owner_id: str, day: date) -> tuple[tuple[Leader, str], ...]:
        """Return who looks after an owner on a day, and in which part; the head first."""
        with self._intake.read() as view:
            held = view.assignments.assigned_on([owner_id], day)
            known = {
                row.id: leader_of(row) for row in view.leaders.some([h.leader_id for h in held])
            }
        ordered = sorted(held, key=lambda each: PARTS.index(each.part))
        return tuple((known[each.leader_id], each.part) for each in ordered)


def _assign(tx: Tx, row: AssignmentRow) -> None:
    """Add an assignment, unless it would give an owner two heads on one day."""
    found_leader(tx, row.leader_id)
    if owner_name(tx, row.owner_id) is None:
        raise NotFound("no such area or organisation")
    held = tx.assignments.of_owner(row.owner_id)
    if row.part == "head" and any(_collide(row, each) for each in held if each.part == row.part):
        raise Conflict("this area has a head on these days: hand it over instead")
    tx.assignments.assign(row)


def _collide(one: AssignmentRow, other: AssignmentRow) -> bool:
    return one.since < (other.until or date.max) and other.since < (one.until or date.max)


def _good_name(name: str) -> str:
    tidy = clean(name).replace("\n", " ")
    if not tidy or len(tidy) > _LONGEST_NAME:
        raise NotValid("a leader needs a name of at most 80 letters")
    return tidy


def _good_address(address_as: str) -> str:
    tidy = clean(address_as).lower()
    if tidy not in FORMS_OF_ADDRESS:
        raise NotValid("a form of address that is not offered")
    return tidy
