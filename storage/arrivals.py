"""What a message meets on its arrival: the one look with which every message of a chat begins.

Whose the chat is, where its dialogue stands and whether the message has been dealt with are one
statement: each by itself costs nearly as much as all of them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, exists, literal_column, select

from storage.drafts import (
    CHANGE,
    DRAFT,
    KEYS,
    OF_KEYS,
    TOMBSTONE,
    DraftRow,
    beginning,
    change_of,
    filled,
    first,
)
from storage.errors import Stale
from storage.leaders import CHAT, LEADER, LeaderRow
from storage.statements import InsertOrIgnore, Store, at_chat
from storage.work_dialogues import DIALOGUE, DialogueRow


class ChatPlace(NamedTuple):
    """Whose a chat is, and its conversation about work; None where there is none."""

    leader: LeaderRow | None
    is_blocked: bool
    """Noted as a chat in which nothing arrives."""
    dialogue: DialogueRow | None


NOWHERE = ChatPlace(None, is_blocked=False, dialogue=None)


class Arrival(NamedTuple):
    """A message that comes to a chat, by the names under which something may be kept of them."""

    row_keys: tuple[bytes, ...]
    """The chat's draft, under the current key first; at most 2."""
    marks: tuple[bytes, ...]
    """Its tombstones and those of the button that it taps; at most 4."""
    channel: str
    address: str

    def __repr__(self) -> str:
        """Keep the address out of every traceback."""
        return f"Arrival(channel={self.channel!r})"


class Met(NamedTuple):
    """What there is where a message arrives."""

    draft: DraftRow | None
    is_buried: bool
    """The message, or the button that it taps, belongs to a dialogue that is over."""
    at: ChatPlace


_MARKS = tuple(f"mark_{at}" for at in range(4))  # a message's and its button's, under both keys
_BURIED = exists().where(TOMBSTONE.c.mark.in_([bindparam(name) for name in _MARKS]))
_HERE = select(literal_column("1", Integer).label("one")).subquery("here")
_CHAT = (
    _HERE.outerjoin(CHAT, at_chat(CHAT))
    .outerjoin(LEADER, LEADER.c.id == CHAT.c.leader_id)
    .outerjoin(DIALOGUE, at_chat(DIALOGUE))
)
_PLACE: Select[Any] = select(
    CHAT.c.blocked_at,
    *(LEADER.c[name] for name in LeaderRow._fields),
    *(DIALOGUE.c[name] for name in DialogueRow._fields),
).select_from(_CHAT)
_MEET: Select[Any] = _PLACE.add_columns(
    _BURIED, *(DRAFT.c[name] for name in DraftRow._fields)
).select_from(_CHAT.outerjoin(DRAFT, OF_KEYS))
_CHANGE = CHANGE.where(
    ~_BURIED,
    ~exists().where(at_chat(CHAT)),
    ~exists().where(at_chat(DIALOGUE)),
)
_NEW = {name: f"new_{name}" for name in DraftRow._fields}
_ADD = InsertOrIgnore(
    DRAFT,
    select(*(bindparam(_NEW[column.name], type_=column.type) for column in DRAFT.columns)).where(
        ~exists().where(OF_KEYS), ~_BURIED
    ),
)
_LEADER = slice(1, 1 + len(LeaderRow._fields))
_DIALOGUE = slice(_LEADER.stop, _LEADER.stop + len(DialogueRow._fields))
_GRAVE = _DIALOGUE.stop


class ArrivalStore(Store):
    """Tells what a message meets."""

    __slots__ = ()

    def place(self, channel: str, address: str) -> ChatPlace:
        """Return whose a chat is, and its conversation: three looks into primary keys."""
        values = {"at_channel": channel, "at_address": address}
        return _place(self._connection.execute(_PLACE, values).one())

    def meet(self, arrival: Arrival) -> Met:
        """Return what a message meets."""
        values = {**filled(KEYS, arrival.row_keys), **_besides(arrival)}
        rows: Sequence[Any] = self._connection.execute(_MEET, values).all()
        drafts = [DraftRow._make(row[_GRAVE + 1 :]) for row in rows if row[_GRAVE + 1] is not None]
        return Met(first(drafts, arrival.row_keys), bool(rows[0][_GRAVE]), _place(rows[0]))

    def put(self, row: DraftRow, seen: int | None, arrival: Arrival) -> int:
        """Write a draft for a message of which nobody has looked what it meets.

        Returns:
            The version now stored.

        Raises:
            Stale: it meets something else than version ``seen`` of the draft (None: no draft) and
                nothing besides.
        """
        if seen is None:
            return self._add(row, arrival)
        values = {**change_of(row, seen), **_besides(arrival)}
        if self._connection.execute(_CHANGE, values).rowcount != 1:
            raise Stale("the message meets something else")
        return seen + 1

    def _add(self, row: DraftRow, arrival: Arrival) -> int:
        row = beginning(row)
        values = {_NEW[name]: value for name, value in row._asdict().items()}
        met = {**filled(KEYS, arrival.row_keys), **filled(_MARKS, arrival.marks)}
        if self._connection.execute(_ADD.on(self._connection), values | met).rowcount != 1:
            raise Stale("the message meets something")
        return row.version


def _besides(arrival: Arrival) -> dict[str, Any]:
    """Return the names of what a message may meet besides a draft."""
    chat = {"at_channel": arrival.channel, "at_address": arrival.address}
    return {**chat, **filled(_MARKS, arrival.marks)}


def _place(row: Any) -> ChatPlace:
    leader, dialogue = row[_LEADER], row[_DIALOGUE]
    return ChatPlace(
        None if leader[0] is None else LeaderRow._make(leader),
        row[0] is not None,
        None if dialogue[0] is None else DialogueRow._make(dialogue),
    )
