"""Leaders, their chats and their one-time invites; what they look after: `storage.assignments`.

An invite is used at most once: that is one conditional statement, so that two people who come with
the same code at the same moment cannot both win.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, exists, insert, select, update
from sqlmodel import SQLModel

from storage.statements import InsertOrIgnore, Store, at_chat, in_chunks, table_of
from storage.work_tables import Leader, LeaderChat, LeaderInvite

LEADER, CHAT = table_of(Leader), table_of(LeaderChat)
INVITE = table_of(LeaderInvite)


class LeaderRow(NamedTuple):
    """A person who looks after neighbourhoods or speaks for an organisation."""

    id: bytes
    name: str
    address_as: str
    language: str
    paused_until: date | None
    added_on: date
    left_on: date | None


class ChatRow(NamedTuple):
    """A chat in which a leader works."""

    channel: str
    address: str
    leader_id: bytes
    added_at: datetime
    blocked_at: datetime | None = None


class InviteRow(NamedTuple):
    """A one-time code, as its hash."""

    code_hash: bytes
    leader_id: bytes
    expires_at: datetime
    used_at: datetime | None = None
    tried_again_at: datetime | None = None


_LEADER: Select[Any] = select(*(LEADER.c[name] for name in LeaderRow._fields))
_GET = _LEADER.where(LEADER.c.id == bindparam("id"))
_SOME = _LEADER.where(LEADER.c.id.in_(bindparam("ids", expanding=True))).order_by(LEADER.c.id)
_CHAT: Select[Any] = select(*(CHAT.c[name] for name in ChatRow._fields))
_AT = at_chat(CHAT)
_CHAT_AT = _CHAT.where(_AT)
_OF_CHAT = _LEADER.join(CHAT, CHAT.c.leader_id == LEADER.c.id).where(_AT)
_CHATS_OF = _CHAT.where(CHAT.c.leader_id == bindparam("leader")).order_by(CHAT.c.added_at)
_ADD_CHAT = InsertOrIgnore(CHAT)
_DROP_CHAT = delete(CHAT).where(_AT)
_DROP_CHATS = delete(CHAT).where(CHAT.c.leader_id == bindparam("leader"))
_BLOCK = update(CHAT).where(_AT).values(blocked_at=bindparam("moment", type_=CHAT.c.added_at.type))
_INVITE: Select[Any] = select(*(INVITE.c[name] for name in InviteRow._fields))
_INVITE_OF = _INVITE.where(INVITE.c.code_hash == bindparam("hash"))
_MISUSED = _INVITE.where(INVITE.c.tried_again_at.is_not(None)).order_by(INVITE.c.tried_again_at)
_USE = (
    update(INVITE)
    .where(
        INVITE.c.code_hash == bindparam("hash"),
        INVITE.c.used_at.is_(None),
        INVITE.c.expires_at > bindparam("now", type_=INVITE.c.expires_at.type),
    )
    .values(used_at=bindparam("now", type_=INVITE.c.expires_at.type))
)
_NOTE = (
    update(INVITE)
    .where(INVITE.c.code_hash == bindparam("hash"), INVITE.c.used_at.is_not(None))
    .values(tried_again_at=bindparam("now", type_=INVITE.c.expires_at.type))
)
_CLEAR = (
    update(INVITE)
    .where(INVITE.c.leader_id == bindparam("leader"), INVITE.c.tried_again_at.is_not(None))
    .values(tried_again_at=None)
)
_DROP_INVITES = delete(INVITE).where(
    INVITE.c.leader_id == bindparam("leader"), INVITE.c.used_at.is_(None)
)


def _among(column: Any) -> Any:
    return column.in_(bindparam("ids", expanding=True))


_ANY_CHAT = select(CHAT.c.leader_id).where(_among(CHAT.c.leader_id)).limit(1)
_LET_GO = (
    update(LEADER)
    .where(_among(LEADER.c.id))
    .values(left_on=bindparam("on", type_=LEADER.c.left_on.type))
)


class LeaderStore(Store):
    """Leaders, chats, invites."""

    __slots__ = ()

    # --- leaders ----------------------------------------------------------------------------------

    def add(self, leader: LeaderRow) -> None:
        """Add a leader."""
        self._connection.execute(insert(LEADER), leader._asdict())

    def add_all(self, leaders: Sequence[LeaderRow]) -> None:
        """Add many leaders."""
        if leaders:
            self._connection.execute(insert(LEADER), [each._asdict() for each in leaders])

    def forget(self, leader_ids: Collection[bytes], on: date) -> None:
        """Delete leaders to whom nothing refers; let the others go on a day."""
        referring = (
            exists().where(key.parent == LEADER.c.id)
            for table in SQLModel.metadata.sorted_tables
            for key in table.foreign_keys
            if key.column is LEADER.c.id
        )
        forget = delete(LEADER).where(_among(LEADER.c.id), *(~each for each in referring))
        for some in in_chunks(leader_ids):
            self._connection.execute(forget, {"ids": some})
            self._connection.execute(_LET_GO, {"ids": some, "on": on})

    def get(self, leader_id: bytes) -> LeaderRow | None:
        """Find a leader."""
        row = self._connection.execute(_GET, {"id": leader_id}).first()
        return None if row is None else LeaderRow._make(row)

    def some(self, leader_ids: Collection[bytes]) -> list[LeaderRow]:
        """Return leaders by id."""
        rows = self._connection.execute(_SOME, {"ids": list(leader_ids)})
        return [LeaderRow._make(row) for row in rows]

    def change(self, leader_id: bytes, **values: str | date | None) -> bool:
        """Change columns of a leader; False when there is no such leader."""
        change = update(LEADER).where(LEADER.c.id == leader_id).values(**values)
        return self._connection.execute(change).rowcount == 1

    # --- chats ------------------------------------------------------------------------------------

    def chat(self, channel: str, address: str) -> ChatRow | None:
        """Find an enrolled chat: one look into the primary key, for every message that comes in."""
        row = self._connection.execute(_CHAT_AT, _at(channel, address)).first()
        return None if row is None else ChatRow._make(row)

    def of_chat(self, channel: str, address: str) -> LeaderRow | None:
        """Find the leader of an enrolled chat."""
        row = self._connection.execute(_OF_CHAT, _at(channel, address)).first()
        return None if row is None else LeaderRow._make(row)

    def chats_of(self, leader_id: bytes) -> list[ChatRow]:
        """Return a leader's chats, the oldest first."""
        rows = self._connection.execute(_CHATS_OF, {"leader": leader_id})
        return [ChatRow._make(row) for row in rows]

    def add_chat(self, chat: ChatRow) -> bool:
        """Enrol a chat; False when it is enrolled already."""
        statement = _ADD_CHAT.on(self._connection)
        return self._connection.execute(statement, chat._asdict()).rowcount == 1

    def drop_chat(self, channel: str, address: str) -> None:
        """End one chat's enrolment; it may be over already."""
        self._connection.execute(_DROP_CHAT, _at(channel, address))

    def drop_chats(self, leader_id: bytes) -> None:
        """End the enrolment of all chats of a leader."""
        self._connection.execute(_DROP_CHATS, {"leader": leader_id})

    def enrolled(self, leader_ids: Collection[bytes]) -> bool:
        """Return whether any of these leaders has a chat."""
        return any(
            self._connection.execute(_ANY_CHAT, {"ids": some}).first()
            for some in in_chunks(leader_ids)
        )

    def note_blocked(self, channel: str, address: str, at: datetime | None) -> None:
        """Note since when nothing arrives in a chat; None when it does again."""
        self._connection.execute(_BLOCK, _at(channel, address) | {"moment": at})

    # --- invites ----------------------------------------------------------------------------------

    def add_invite(self, invite: InviteRow) -> None:
        """Add an invite; open ones of the same leader stop working."""
        self._connection.execute(_DROP_INVITES, {"leader": invite.leader_id})
        self._connection.execute(insert(INVITE), invite._asdict())

    def drop_invites(self, leader_id: bytes) -> None:
        """Remove the invites of a leader that nobody has used."""
        self._connection.execute(_DROP_INVITES, {"leader": leader_id})

    def invite(self, code_hash: bytes) -> InviteRow | None:
        """Find an invite."""
        row = self._connection.execute(_INVITE_OF, {"hash": code_hash}).first()
        return None if row is None else InviteRow._make(row)

    def use_invite(self, code_hash: bytes, now: datetime) -> bool:
        """Use an invite up; False when somebody has, or when its time is over."""
        found = self._connection.execute(_USE, {"hash": code_hash, "now": now})
        return found.rowcount == 1

    def note_misuse(self, code_hash: bytes, now: datetime) -> None:
        """Note that somebody came with a code that had been used."""
        self._connection.execute(_NOTE, {"hash": code_hash, "now": now})

    def clear_misuse(self, leader_id: bytes) -> bool:
        """Forget that somebody came with a leader's used codes; tell whether anybody had."""
        return self._connection.execute(_CLEAR, {"leader": leader_id}).rowcount > 0

    def misused(self) -> list[InviteRow]:
        """Return the invites with which somebody came again, the oldest first."""
        return [InviteRow._make(row) for row in self._connection.execute(_MISUSED)]


def _at(channel: str, address: str) -> dict[str, Any]:
    return {"at_channel": channel, "at_address": address}
