"""An officer's own chat: the leader's entry under which they are written to, and its invite.

Nobody else may draw an invite for an entry that is an officer's: into that chat goes how many tips
wait, which is not for everybody who keeps the ward's book (`intake.ward.leaders`).
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from intake.errors import Conflict, NotFound, NotValid
from intake.growing_ids import growing_id
from intake.officers import Session
from intake.person_ends import close_chats
from intake.policy import Right
from intake.service import Intake
from intake.ward.leader_lines import is_needed_elsewhere
from intake.ward.leaders import WardLeaders
from intake.ward.shapes import InviteView
from intake.work.leaders import FORMS_OF_ADDRESS
from intake.work.obligations import key_of
from intake.work.work_scope import Reach, WorkScope, say
from storage.assignments import AssignmentRow
from storage.leaders import LeaderRow
from storage.own_addresses import OfficerPersonRow
from storage.unit_of_work import Tx, View


class OwnEntry(BaseModel):
    """An entry that stands for people of the unit itself."""

    model_config = ConfigDict(frozen=True)
    leader_id: str
    name: str
    address_as: str
    chats: int
    blocked: int


class OwnChatView(BaseModel):
    """Whether and how an officer is written to."""

    model_config = ConfigDict(frozen=True)
    entry: OwnEntry | None
    invited_until: datetime | None
    """An invite is open until then."""
    choices: tuple[OwnEntry, ...]
    """Entries of the unit's own area that are nobody's yet."""


class OwnChat:
    """Links an officer to the entry under which they are written to."""

    def __init__(self, intake: Intake, scope: WorkScope, book: WardLeaders) -> None:
        self._intake = intake
        self._scope = scope
        self._book = book

    def mine(self, session: Session) -> OwnChatView:
        """Return how this officer is written to, and what they may choose."""
        reach, now = self._scope.reach(session, Right.READ_WORK), self._intake.clock.now()
        with self._intake.read() as view:
            linked = _linked(view, session)
            invites = view.wards.invites(reach.area_id)
            live = [
                one.expires_at for one in invites
                if linked and one.leader_id == linked.id and not one.used_at
                and one.expires_at > now
            ]  # fmt: skip
            return OwnChatView(
                entry=_entry(view, linked) if linked else None,
                invited_until=max(live, default=None),
                choices=tuple(_entry(view, row) for row in self._free(view, reach)),
            )

    def connect(self, session: Session, leader_id: str = "", address_as: str = "anh") -> None:
        """Be written to under an entry of one's own unit: one that is there, or a new one.

        Chats of the entry end: into it come those alone for whom the officer draws a code.

        Raises:
            NotFound: no such entry that is free.
            NotValid: an unknown form of address.
            Conflict: linked already.
        """
        reach = self._scope.reach(session, Right.READ_WORK)
        if address_as not in FORMS_OF_ADDRESS:
            raise say(NotValid("Chọn cách xưng hô: bác, cô, chú, anh hoặc chị."))
        now, today = self._intake.clock.now(), self._intake.clock.today()
        officer_id = bytes.fromhex(session.officer.id)
        new = LeaderRow(
            growing_id(), session.officer.name, address_as, "vi", paused_until=None, added_on=today,
            left_on=None,
        )  # fmt: skip

        def work(tx: Tx) -> None:
            if _linked(tx, session) is not None:
                raise say(Conflict("Tài khoản này đã nối với một khung chat: ngắt trước đã."))
            chosen = key_of(leader_id) if leader_id else new.id
            if not leader_id:
                tx.leaders.add(new)
                tx.assignments.assign(self._first(tx, reach, new.id))
            elif chosen not in {row.id for row in self._free(tx, reach)}:
                raise say(NotFound("Không có người này trong đơn vị, hoặc đã nối với người khác."))
            close_chats(tx, chosen)  # whoever was there, or held a code, came in by another's hand
            tx.own_addresses.unlink(officer_id)  # of somebody who has left
            tx.own_addresses.link(OfficerPersonRow(officer_id, chosen))
            tx.audit.append(now, session.officer.id, "officer.chat", session.officer.id)

        self._intake.write_now(work)

    def disconnect(self, session: Session) -> None:
        """End the link; the entry and its chats stay in the ward's book.

        Raises:
            Conflict: not linked.
        """
        self._scope.reach(session, Right.READ_WORK)
        now, officer_id = self._intake.clock.now(), bytes.fromhex(session.officer.id)

        def work(tx: Tx) -> None:
            if not tx.own_addresses.unlink(officer_id):
                raise say(Conflict("Tài khoản này chưa nối với khung chat nào."))
            tx.audit.append(now, session.officer.id, "officer.chat_end", session.officer.id)

        self._intake.write_now(work)

    def invite(self, session: Session) -> InviteView:
        """Return a one-time code for one's own chat, told once.

        Raises:
            Conflict: not linked, or the entry looks after something outside the unit's area.
        """
        reach = self._scope.reach(session, Right.READ_WORK)
        with self._intake.read() as view:
            row = _linked(view, session)
        if row is None:
            raise say(Conflict("Nối tài khoản với một khung chat trước đã."))
        return self._book.invite_own(reach, row, session.officer.id)

    # --- rules ------------------------------------------------------------------------------------

    def _free(self, view: View, reach: Reach) -> list[LeaderRow]:
        """Return the entries of the unit's own area that are nobody's yet."""
        today = self._intake.clock.today()
        held = view.assignments.assigned_on([reach.area_id], today)
        rows = view.leaders.some({each.leader_id for each in held})
        return [
            row for row in rows
            if row.left_on is None and view.own_addresses.officer_of(row.id) is None
            and not is_needed_elsewhere(view, reach, row.id, today)
        ]  # fmt: skip

    def _first(self, view: View, reach: Reach, leader_id: bytes) -> AssignmentRow:
        today = self._intake.clock.today()
        held = view.assignments.of_owner(reach.area_id)
        heads = [each for each in held if each.part == "head"]
        headed = any(each.until is None or each.until > today for each in heads)
        part = "deputy" if headed else "head"
        return AssignmentRow(growing_id(), leader_id, reach.area_id, part, today)


def _linked(view: View, session: Session) -> LeaderRow | None:
    link = view.own_addresses.person_of(bytes.fromhex(session.officer.id))
    row = view.leaders.get(link.leader_id) if link else None
    return row if row is not None and row.left_on is None else None


def _entry(view: View, row: LeaderRow) -> OwnEntry:
    chats = view.leaders.chats_of(row.id)
    return OwnEntry(
        leader_id=row.id.hex(), name=row.name, address_as=row.address_as, chats=len(chats),
        blocked=sum(chat.blocked_at is not None for chat in chats),
    )  # fmt: skip
