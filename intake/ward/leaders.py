"""The ward's book of leaders: add, assign, hand over, invite, let go.

A leader is seen by the ward in which they look after something, did or will. Two wards may share
one; neither sees what they do in the other.
"""

import secrets
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from intake.errors import Conflict, HeadTaken, NotFound, NotValid
from intake.officers import Session
from intake.policy import Right
from intake.service import Intake
from intake.settings import Settings
from intake.ward.leader_lines import holdings, holds, is_needed_elsewhere, line
from intake.ward.review import places_inside
from intake.ward.shapes import InviteView, LeaderBook, LeaderLine, Place
from intake.work.leaders import FORMS_OF_ADDRESS, INVITE_LIFE, PARTS, Leaders, show_code
from intake.work.obligations import key_of
from intake.work.work_scope import Reach, WorkScope, owner_within, say
from storage.leaders import LeaderRow

T = TypeVar("T")
START = "moi_"
"""What the deep link's start parameter begins with; the bot knows it by the same word."""

_NO_LEADER = "Không có người này trong sổ của địa bàn: tải lại danh sách."


class WardLeaders:
    """Reads and keeps the book of leaders of an area."""

    def __init__(
        self, intake: Intake, scope: WorkScope, leaders: Leaders, settings: Settings
    ) -> None:
        self._intake = intake
        self._scope = scope
        self._leaders = leaders
        self._settings = settings

    def book(self, session: Session, area_id: str | None = None) -> LeaderBook:
        """Return leaders, what has no head, and everything that may be assigned.

        Raises:
            NotFound: the area lies outside.
        """
        reach = self._scope.reach(session, Right.MANAGE_LEADERS, area_id)
        return self._book(reach)

    def _book(self, reach: Reach) -> LeaderBook:
        today, now = self._intake.clock.today(), self._intake.clock.now()
        with self._intake.read() as view:
            rows, held = view.wards.leaders(reach.area_id), view.wards.assignments(reach.area_id)
            invites, chats = view.wards.invites(reach.area_id), view.wards.chats(reach.area_id)
            owners = places_inside(view, reach, today)
            names = view.owners.names({each.owner_id for each in held})
        headed = {h.owner_id for h in held if h.part == "head" and holds(h, today)}
        return LeaderBook(
            leaders=tuple(
                line(row, holdings(held, row.id, names, today), chats.get(row.id),
                      [each for each in invites if each.leader_id == row.id], now)
                for row in rows
            ),
            vacant=tuple(o for o in owners if o.level == "neighbourhood" and o.id not in headed),
            owners=owners,
        )  # fmt: skip

    def find(self, session: Session, leader_id: str) -> tuple[LeaderLine, tuple[Place, ...]]:
        """Return one leader, and everything that may be assigned.

        Raises:
            NotFound: the leader looks after nothing here.
        """
        book = self._book(self._scope.reach(session, Right.MANAGE_LEADERS))
        for each in book.leaders:
            if each.id == leader_id:
                return each, book.owners
        raise say(NotFound(_NO_LEADER))

    # --- changing ---------------------------------------------------------------------------------

    def add(
        self, session: Session, name: str, address_as: str, owner_id: str, part: str = "head"
    ) -> str:
        """Add a leader who looks after something from today; return the leader's id.

        Raises:
            NotFound: what they are to look after lies outside.
            HeadTaken: somebody is head there.
            NotValid: no name, an unknown form of address or an unknown part.
        """
        reach = self._scope.reach(session, Right.MANAGE_LEADERS)
        if address_as not in FORMS_OF_ADDRESS:
            raise say(NotValid("Chọn cách xưng hô: bác, cô, chú, anh hoặc chị."))
        with self._intake.read() as view:
            owner_within(view, reach, owner_id)
        _check_part(part)
        by = session.officer.id
        return _saying(lambda: self._leaders.take_on(name, address_as, owner_id, part, by)).id.hex()

    def assign(
        self, session: Session, leader_id: str, owner_id: str, part: str, *,
        since: date | None = None, until: date | None = None,
    ) -> None:  # fmt: skip
        """Let a leader of this area look after something more, between two days.

        Raises:
            NotFound: the leader or the area lies outside.
            HeadTaken: somebody is head there on one of these days.
            NotValid: an unknown part, or an end before the beginning.
        """
        row = self._leader(session, leader_id, owner_id)
        _check_part(part)
        if until is not None and until <= (since or self._intake.clock.today()):
            raise say(NotValid("Ngày thôi phải sau ngày bắt đầu."))
        by = session.officer.id
        _saying(lambda: self._leaders.assign(row.id, owner_id, part, since, until, by=by))

    def hand_over(self, session: Session, owner_id: str, giver: str, taker: str, on: date) -> None:
        """Let another leader of this area be head from a day on; what was filed stays.

        Raises:
            NotFound: one of them lies outside, or the giver is not the head there on that day.
            NotValid: to themselves.
        """
        gives, takes = self._leader(session, giver, owner_id), self._leader(session, taker)
        if gives.id == takes.id:
            raise say(NotValid("Chọn người khác để nhận bàn giao."))
        try:
            self._leaders.hand_over(owner_id, gives.id, takes.id, on, session.officer.id)
        except NotFound:
            sentence = "Người giao không phụ trách nơi này vào ngày đó: xem lại ngày bàn giao."
            raise say(NotFound(sentence)) from None

    def invite(self, session: Session, leader_id: str) -> InviteView:
        """Return a new one-time code, told once; an older one that nobody used stops working.

        Raises:
            NotFound: the leader lies outside.
            Conflict: the leader has left, is needed elsewhere too, or this is another officer's own
                chat.
        """
        row = self._leader(session, leader_id)
        with self._intake.read() as view:
            owned = view.own_addresses.officer_of(row.id)
        if owned is not None and owned.officer_id.hex() != session.officer.id:
            sentence = "Đây là khung chat riêng của một cán bộ: người đó tự lấy mã ở Nhắc của tôi."
            raise say(Conflict(sentence))
        reach = self._scope.reach(session, Right.MANAGE_LEADERS)
        return self.invite_own(reach, row, session.officer.id)

    def invite_own(self, reach: Reach, row: LeaderRow, by: str) -> InviteView:
        """Return a one-time code for an entry whose right was checked before.

        A code opens everything that its leader looks after, so whoever draws it reaches all of it.

        Raises:
            Conflict: the leader has left, or looks after something outside ``reach``, or will.
        """
        if row.left_on is not None:
            raise say(Conflict("Người này đã thôi: thêm lại rồi mời."))
        with self._intake.read() as view:
            elsewhere = is_needed_elsewhere(view, reach, row.id, self._intake.clock.today())
        if elsewhere:
            raise say(Conflict("Người này còn phụ trách nơi khác: đơn vị cấp trên lấy mã mời."))
        code = self._leaders.invite(row.id, by)
        return InviteView(
            leader_id=row.id.hex(), name=row.name, address_as=row.address_as, code=show_code(code),
            link=self._link(code), page=f"{self._settings.base_url.rstrip('/')}/viec?moi={code}",
            expires_at=self._intake.clock.now() + INVITE_LIFE,
        )  # fmt: skip

    def close_chats(self, session: Session, leader_id: str) -> None:
        """End every chat, browser, unused code and calendar of a leader whose phone is lost.

        Raises:
            NotFound: the leader lies outside.
        """
        row = self._leader(session, leader_id)
        self._leaders.close_chats(row.id, session.officer.id)

    def leave(self, session: Session, leader_id: str) -> None:
        """Let a leader go today: no chat, no invite, no assignment; what was filed stays.

        Raises:
            NotFound: the leader lies outside.
            Conflict: the leader still looks after something outside this area.
        """
        reach, row = (
            self._scope.reach(session, Right.MANAGE_LEADERS),
            self._leader(session, leader_id),
        )
        today = self._intake.clock.today()
        with self._intake.read() as view:
            elsewhere = is_needed_elsewhere(view, reach, row.id, today)
        if elsewhere:
            raise say(Conflict("Người này còn phụ trách nơi khác: báo đơn vị cấp trên."))
        self._leaders.leave(row.id, session.officer.id)

    def clear(self, session: Session, leader_id: str) -> None:
        """Note that the ward has asked who came with a used invite: it is no longer shown.

        Raises:
            NotFound: the leader lies outside, or nothing of theirs is shown.
        """
        row = self._leader(session, leader_id)
        try:
            self._leaders.clear_misuse(row.id, session.officer.id)
        except NotFound:
            raise say(NotFound("Việc này đã được xem rồi: tải lại trang.")) from None

    # --- the wall ---------------------------------------------------------------------------------

    def _leader(self, session: Session, leader_id: str, owner_id: str | None = None) -> LeaderRow:
        reach = self._scope.reach(session, Right.MANAGE_LEADERS)
        with self._intake.read() as view:
            if owner_id is not None:
                owner_within(view, reach, owner_id)
            row = view.wards.leader(reach.area_id, key_of(leader_id))
        if row is None:
            raise say(NotFound(_NO_LEADER))
        return row

    def _link(self, code: str) -> str | None:
        telegram = self._settings.telegram
        if telegram is not None and telegram.name:
            return f"https://t.me/{telegram.name}?start={START}{code}"
        if self._settings.demo:
            return f"{self._settings.base_url}/dien-thoai?q={START}{code}"
        return None


def new_once() -> str:
    """Return a word that lets a form be filed once."""
    return secrets.token_hex(12)


def _saying(act: Callable[[], T]) -> T:
    try:
        return act()
    except Conflict:
        sentence = "Nơi này đã có người phụ trách trong những ngày đó: dùng bàn giao."
        raise say(HeadTaken(sentence)) from None
    except NotValid:
        raise say(
            NotValid("Tên phải có, không quá 80 chữ; ngày thôi phải sau ngày bắt đầu.")
        ) from None


def _check_part(part: str) -> None:
    if part not in PARTS:
        raise say(NotValid("Chọn phụ trách chính, phó hoặc người thay."))
