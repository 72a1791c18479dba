"""Chats of leaders and the one-time codes that enrol them.

Nobody enrols by themselves. Of a code only a hash is kept; whoever comes with one that was used is
refused, and the ward is told. A leader's account never meets a resident's tip
(`docs/decisions/0011`).
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from intake.errors import Conflict, NotFound
from intake.service import Intake
from intake.work.leader_shapes import (
    Invited,
    Leader,
    Misuse,
    NotInvited,
    found_leader,
    holdings_of,
    leader_of,
)  # fmt: skip
from intake.work.work_audit import note
from storage.arrivals import ChatPlace
from storage.errors import Stale
from storage.leaders import ChatRow, InviteRow
from storage.unit_of_work import Tx

INVITE_LIFE = timedelta(hours=72)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 and O, no 1, I and L
_CODE_LENGTH = 12  # 59 bits: beyond guessing within the life of an invite
_CODE = re.compile(rf"[{_LETTERS}]{{{_CODE_LENGTH}}}")
_BETWEEN = re.compile(r"[\s\-–_.]+")

Work = Callable[[Tx], None]


def tidy_code(typed: str) -> str | None:
    """Return an invite's code as it was made; None for what cannot be one."""
    code = _BETWEEN.sub("", typed).upper()
    return code if _CODE.fullmatch(code) else None


def show_code(code: str) -> str:
    """Return a code in groups of four, for reading out."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


class Invites:
    """In which chats leaders are reached, and how a chat becomes a leader's."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    # --- chats ------------------------------------------------------------------------------------

    def of_chat(self, channel: str, address: str) -> Leader | None:
        """Return whose chat this is; None for one that is not enrolled."""
        with self._intake.read() as view:
            row = view.leaders.of_chat(channel, address)
        return None if row is None else leader_of(row)

    def is_enrolled(self, channel: str, address: str) -> bool:
        """Return whether a chat is enrolled: one look into one index."""
        with self._intake.glance() as view:
            return view.leaders.chat(channel, address) is not None

    def place_of(self, channel: str, address: str) -> ChatPlace:
        """Return whose a chat is, and its conversation: one statement."""
        with self._intake.glance() as view:
            return view.arrivals.place(channel, address)

    def chats_of(self, leader_id: bytes) -> tuple[ChatRow, ...]:
        """Return the chats in which a leader is reached."""
        with self._intake.read() as view:
            return tuple(view.leaders.chats_of(leader_id))

    def forgetting_chat(self, channel: str, address: str) -> Work:
        """Return the unit of work that ends one chat's enrolment; its leader stays one."""

        def work(tx: Tx) -> None:
            tx.leaders.drop_chat(channel, address)
            tx.work_dialogues.drop(channel, address)

        return work

    def noting_blocked(self, channel: str, address: str, at: datetime | None) -> Work:
        """Return the unit of work that notes since when nothing arrives; None: it does again."""

        def work(tx: Tx) -> None:
            tx.leaders.note_blocked(channel, address, at)

        return work

    # --- invites ----------------------------------------------------------------------------------

    def invite(self, leader_id: bytes, by: str | None = None) -> str:
        """Return a new one-time code for a leader; an older one that nobody used stops working.

        ``by`` is the officer's id (hex): then it stands in the audit chain.

        Raises:
            NotFound: no such leader.
            Conflict: the leader has left.
        """
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
        now = self._intake.clock.now()
        row = InviteRow(_hash(code), leader_id, now + INVITE_LIFE)

        def work(tx: Tx) -> None:
            if found_leader(tx, leader_id).left_on is not None:
                raise Conflict("this leader has left")
            tx.leaders.add_invite(row)
            note(tx, now, by, "leader.invite", leader_id.hex())

        self._intake.write_now(work)
        return code

    def look_at(self, code: str) -> Invited | NotInvited:
        """Return whom a code invites, or why it opens nothing; changes nothing."""
        return self.look_at_hash(_hash(code))

    def look_at_hash(self, code_hash: bytes) -> Invited | NotInvited:
        """Return whom a code invites, by the hash that stands for it."""
        now, today = self._intake.clock.now(), self._intake.clock.today()
        with self._intake.read() as view:
            invite = view.leaders.invite(code_hash)
            if invite is None:
                return NotInvited("unknown")
            if invite.used_at is not None:
                return NotInvited("used", code_hash)
            row = found_leader(view, invite.leader_id)
            if invite.expires_at <= now or row.left_on is not None:
                return NotInvited("expired")
            return Invited(leader_of(row), code_hash, holdings_of(view, row.id, today))

    def enrolling(self, invited: Invited, channel: str, address: str) -> Work:
        """Return the unit of work that uses an invite up and enrols a chat.

        The work raises ``Stale`` when somebody was faster: look at the code again.
        """
        now = self._intake.clock.now()
        chat = ChatRow(channel, address, invited.leader.id, now)

        def work(tx: Tx) -> None:
            if not tx.leaders.use_invite(invited.code_hash, now):
                raise Stale("this invite has been used")
            if not tx.leaders.add_chat(chat):
                raise Stale("this chat is enrolled already")

        return work

    def noting_misuse(self, code_hash: bytes) -> Work:
        """Return the unit of work that notes that somebody came with a used code."""
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            tx.leaders.note_misuse(code_hash, now)

        return work

    def clear_misuse(self, leader_id: bytes, by: str | None = None) -> None:
        """Note that the ward has asked who came with a used code: it is no longer shown.

        Raises:
            NotFound: nothing of that leader's is shown.
        """
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            if not tx.leaders.clear_misuse(leader_id):
                raise NotFound("nothing of this leader's is shown")
            note(tx, now, by, "leader.cleared", leader_id.hex())

        self._intake.write_now(work)

    def declining(self, invited: Invited) -> Work:
        """Return the unit of work for "Không phải tôi": the code has gone astray and is used up."""
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            if not tx.leaders.use_invite(invited.code_hash, now):
                raise Stale("this invite has been used")
            tx.leaders.note_misuse(invited.code_hash, now)

        return work

    def enrol(self, code: str, channel: str, address: str) -> Leader:
        """Enrol a chat with a code, once.

        Raises:
            NotFound: no such code, one that is too old, or one that somebody has used: that is
                noted for the ward.
            Conflict: this chat is enrolled already.
        """
        invited = self.look_at(code)
        if isinstance(invited, NotInvited):
            if invited.code_hash is not None:
                self._intake.write_now(self.noting_misuse(invited.code_hash))
            raise NotFound("this invite opens nothing")
        if self.is_enrolled(channel, address):
            raise Conflict("this chat is enrolled already")
        try:
            self._intake.write_now(self.enrolling(invited, channel, address))
        except Stale:
            return self.enrol(code, channel, address)
        return invited.leader

    def misused(self) -> tuple[Misuse, ...]:
        """Return the invites that the ward should look into, the oldest first."""
        with self._intake.read() as view:
            rows = view.leaders.misused()
            known = {
                row.id: leader_of(row) for row in view.leaders.some([r.leader_id for r in rows])
            }
        return tuple(
            Misuse(known[row.leader_id], row.used_at, row.tried_again_at)
            for row in rows
            if row.tried_again_at is not None
        )


def _hash(code: str) -> bytes:
    return hashlib.sha256(b"homthu invite " + (tidy_code(code) or "").encode()).digest()
