"""Leaders: enrolled by the ward with a one-time code, assigned, handed over, gone when they like.

Nobody enrols by themselves. Of a code only a hash is kept; whoever comes with one that was used is
refused, and the ward is told. A leader's account never meets a resident's tip
(`docs/decisions/0011`).
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from intake.errors import Conflict, NotFound, NotValid
from intake.service import Intake
from intake.text import clean
from intake.vault.sealing import new_id
from storage.errors import Stale
from storage.leaders import AssignmentRow, ChatRow, InviteRow, LeaderRow
from storage.unit_of_work import Tx, View

FORMS_OF_ADDRESS = ("bác", "cô", "chú", "anh", "chị")
PARTS = ("head", "deputy", "substitute")
INVITE_LIFE = timedelta(hours=72)
_LONGEST_NAME = 80
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 and O, no 1, I and L
_CODE_LENGTH = 12  # 59 bits: beyond guessing within the life of an invite
_CODE = re.compile(rf"[{_LETTERS}]{{{_CODE_LENGTH}}}")
_BETWEEN = re.compile(r"[\s\-–_.]+")

Part = Literal["head", "deputy", "substitute"]
Reason = Literal["unknown", "used", "expired"]
Work = Callable[[Tx], None]


@dataclass(frozen=True, slots=True)
class Leader:
    """A person who looks after neighbourhoods or speaks for an organisation."""

    id: bytes
    name: str
    address_as: str
    language: str
    paused_until: date | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that a leader looks after."""

    owner_id: str
    owner_name: str
    part: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a code invites; ``code_hash`` stands for the code from here on."""

    leader: Leader
    code_hash: bytes
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class NotInvited:
    """Why a code opens nothing; ``code_hash`` is set for one that somebody has used before."""

    reason: Reason
    code_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Misuse:
    """Somebody came with an invite that had been used: the ward should ask who."""

    leader: Leader
    used_at: datetime | None
    tried_again_at: datetime


def tidy_code(typed: str) -> str | None:
    """Return an invite's code as it was made; None for what cannot be one."""
    code = _BETWEEN.sub("", typed).upper()
    return code if _CODE.fullmatch(code) else None


def show_code(code: str) -> str:
    """Return a code in groups of four, for reading out."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


class Leaders:
    """Who looks after what, and in which chats they are reached."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    # --- people -----------------------------------------------------------------------------------

    def add(self, name: str, address_as: str = "bác", language: str = "vi") -> Leader:
        """Add a leader.

        Raises:
            NotValid: no name, a name that is too long, or an unknown form of address.
        """
        row = LeaderRow(
            new_id(),
            _good_name(name),
            _good_address(address_as),
            language,
            paused_until=None,
            added_on=self._intake.clock.today(),
            left_on=None,
        )
        self._intake.write_now(lambda tx: tx.leaders.add(row))
        return _leader(row)

    def take_on(self, name: str, address_as: str, owner_id: str, part: str = "head") -> Leader:
        """Add a leader together with what they look after from today on: both, or neither.

        Raises:
            NotFound: no such area or organisation.
            NotValid: as `add` and `assign`.
            Conflict: somebody is head there.
        """
        today = self._intake.clock.today()
        if part not in PARTS:
            raise NotValid("an unknown part")
        row = LeaderRow(
            new_id(),
            _good_name(name),
            _good_address(address_as),
            "vi",
            paused_until=None,
            added_on=today,
            left_on=None,
        )
        first = AssignmentRow(new_id(), row.id, owner_id, part, today, None)

        def work(tx: Tx) -> None:
            tx.leaders.add(row)
            _assign(tx, first)

        self._intake.write_now(work)
        return _leader(row)

    def get(self, leader_id: bytes) -> Leader:
        """Return one leader.

        Raises:
            NotFound: no such leader.
        """
        with self._intake.read() as view:
            return _leader(_found(view, leader_id))

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

    def leave(self, leader_id: bytes) -> None:
        """Let a leader go today: no chat, no open invite, no assignment; what was filed stays.

        Raises:
            NotFound: no such leader.
        """
        with self._intake.read() as view:
            _found(view, leader_id)
        self._intake.write_now(self.leaving(leader_id))

    def leaving(self, leader_id: bytes) -> Work:
        """Return the unit of work with which a leader goes."""
        today = self._intake.clock.today()

        def work(tx: Tx) -> None:
            for chat in tx.leaders.chats_of(leader_id):
                tx.work_dialogues.drop(chat.channel, chat.address)
            tx.leaders.drop_chats(leader_id)
            tx.leaders.drop_invites(leader_id)
            for assignment in tx.leaders.assignments_of(leader_id):
                if assignment.until is None or assignment.until > today:
                    tx.leaders.end_assignment(assignment.id, max(today, assignment.since))
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
    ) -> None:
        """Let a leader look after an area or speak for an organisation, between two days.

        ``until`` is the first day on which it is over.

        Raises:
            NotFound: no such leader or no such area or organisation.
            NotValid: an unknown part, or an end before the beginning.
            Conflict: somebody is head there on one of these days.
        """
        since = since or self._intake.clock.today()
        if part not in PARTS or (until is not None and until <= since):
            raise NotValid("an unknown part, or an end before the beginning")
        row = AssignmentRow(new_id(), leader_id, owner_id, part, since, until)
        self._intake.write_now(lambda tx: _assign(tx, row))

    def hand_over(self, owner_id: str, giver: bytes, taker: bytes, on: date) -> None:
        """Let ``taker`` be head from ``on`` in ``giver``'s place; what was filed stays as it is.

        Raises:
            NotFound: no such leader, or ``giver`` is not the head there on that day.
        """

        def work(tx: Tx) -> None:
            _found(tx, taker)
            current = [
                each
                for each in tx.leaders.assigned_on([owner_id], on)
                if each.part == "head" and each.leader_id == giver
            ]
            if not current:
                raise NotFound("this leader is not the head there on that day")
            tx.leaders.end_assignment(current[0].id, on)
            until = current[0].until
            tx.leaders.assign(AssignmentRow(new_id(), taker, owner_id, "head", on, until))

        self._intake.write_now(work)

    def holdings(self, leader_id: bytes, day: date) -> tuple[Holding, ...]:
        """Return what a leader looks after on a day, in the order of the assignments."""
        with self._intake.read() as view:
            return _holdings(view, leader_id, day)

    def owners_of(self, leader_id: bytes, day: date) -> tuple[str, ...]:
        """Return the areas and organisations that a leader looks after on a day."""
        return tuple(each.owner_id for each in self.holdings(leader_id, day))

    def of_owner(self, owner_id: str, day: date) -> tuple[tuple[Leader, str], ...]:
        """Return who looks after an owner on a day, and in which part; the head first."""
        with self._intake.read() as view:
            held = view.leaders.assigned_on([owner_id], day)
            known = {row.id: _leader(row) for row in view.leaders.some([h.leader_id for h in held])}
        ordered = sorted(held, key=lambda each: PARTS.index(each.part))
        return tuple((known[each.leader_id], each.part) for each in ordered)

    # --- chats ------------------------------------------------------------------------------------

    def of_chat(self, channel: str, address: str) -> Leader | None:
        """Return whose chat this is; None for one that is not enrolled."""
        with self._intake.read() as view:
            chat = view.leaders.chat(channel, address)
            return None if chat is None else _leader(_found(view, chat.leader_id))

    def is_enrolled(self, channel: str, address: str) -> bool:
        """Return whether a chat is enrolled: one look into one index."""
        with self._intake.glance() as view:
            return view.leaders.chat(channel, address) is not None

    def place_of(self, channel: str, address: str) -> str | None:
        """Return whether a chat is "enrolled", "back", "invited" (it holds a code), or None.

        "back": enrolled, and noted as a chat in which nothing arrives; now something has come.
        """
        with self._intake.glance() as view:
            return view.leaders.place(channel, address)

    def chats_of(self, leader_id: bytes) -> tuple[ChatRow, ...]:
        """Return the chats in which a leader is reached."""
        with self._intake.read() as view:
            return tuple(view.leaders.chats_of(leader_id))

    def noting_blocked(self, channel: str, address: str, at: datetime | None) -> Work:
        """Return the unit of work that notes since when nothing arrives; None: it does again."""

        def work(tx: Tx) -> None:
            tx.leaders.note_blocked(channel, address, at)

        return work

    # --- invites ----------------------------------------------------------------------------------

    def invite(self, leader_id: bytes) -> str:
        """Return a new one-time code for a leader; an older one that nobody used stops working.

        Raises:
            NotFound: no such leader.
            Conflict: the leader has left.
        """
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
        row = InviteRow(_hash(code), leader_id, self._intake.clock.now() + INVITE_LIFE)

        def work(tx: Tx) -> None:
            if _found(tx, leader_id).left_on is not None:
                raise Conflict("this leader has left")
            tx.leaders.add_invite(row)

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
            row = _found(view, invite.leader_id)
            if invite.expires_at <= now or row.left_on is not None:
                return NotInvited("expired")
            return Invited(_leader(row), code_hash, _holdings(view, row.id, today))

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
            known = {row.id: _leader(row) for row in view.leaders.some([r.leader_id for r in rows])}
        return tuple(
            Misuse(known[row.leader_id], row.used_at, row.tried_again_at)
            for row in rows
            if row.tried_again_at is not None
        )


def _assign(tx: Tx, row: AssignmentRow) -> None:
    """Add an assignment, unless it would give an owner two heads on one day."""
    _found(tx, row.leader_id)
    if owner_name(tx, row.owner_id) is None:
        raise NotFound("no such area or organisation")
    held = tx.leaders.assignments_to(row.owner_id)
    if row.part == "head" and any(_collide(row, each) for each in held if each.part == row.part):
        raise Conflict("this area has a head on these days: hand it over instead")
    tx.leaders.assign(row)


def owner_name(view: View, owner_id: str) -> str | None:
    """Return the name of an area or an organisation; None when there is none of that id."""
    owner = view.owners.get(owner_id)
    return owner.name if owner else None


def _holdings(view: View, leader_id: bytes, day: date) -> tuple[Holding, ...]:
    held = (each for each in view.leaders.assignments_of(leader_id) if _holds(each, day))
    return tuple(
        Holding(each.owner_id, name, each.part, each.since, each.until)
        for each in held
        if (name := owner_name(view, each.owner_id)) is not None
    )


def _holds(assignment: AssignmentRow, day: date) -> bool:
    return assignment.since <= day and (assignment.until is None or day < assignment.until)


def _collide(one: AssignmentRow, other: AssignmentRow) -> bool:
    return one.since < (other.until or date.max) and other.since < (one.until or date.max)


def _found(view: View, leader_id: bytes) -> LeaderRow:
    row = view.leaders.get(leader_id)
    if row is None:
        raise NotFound("no such leader")
    return row


def _leader(row: LeaderRow) -> Leader:
    return Leader(row.id, row.name, row.address_as, row.language, row.paused_until, row.left_on)


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


def _hash(code: str) -> bytes:
    return hashlib.sha256(b"homthu invite " + (tidy_code(code) or "").encode()).digest()
