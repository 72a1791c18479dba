"""Where each conversation about work stands, and the attachments of what is not filed yet.

A row is written where nobody else has written since it was read, as with drafts of tips; it holds
nothing of a tip and stands in clear, because a leader has agreed to be known.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, delete, insert, null, select, update

from storage.errors import Stale
from storage.statements import InsertOrIgnore, Store, at_chat, table_of
from storage.work_tables import CheckInPhoto, WorkDialogue

DIALOGUE, PHOTO = table_of(WorkDialogue), table_of(CheckInPhoto)


class DialogueRow(NamedTuple):
    """One conversation; ``reminded_at`` is None while an open draft waits to be reminded of."""

    channel: str
    address: str
    version: int
    state: str
    changed_at: datetime
    expires_at: datetime
    reminded_at: datetime | None = None


class AttachedRow(NamedTuple):
    """A cleaned picture or a voice note."""

    id: bytes
    check_in_id: bytes | None
    media: str
    body: bytes
    added_at: datetime


_DIALOGUE: Select[Any] = select(*(DIALOGUE.c[name] for name in DialogueRow._fields))
_AT = and_(DIALOGUE.c.channel == bindparam("channel"), DIALOGUE.c.address == bindparam("address"))
_THERE = at_chat(DIALOGUE)
_GET = _DIALOGUE.where(_AT)
_ADD = InsertOrIgnore(DIALOGUE)
_CHANGE = (
    update(DIALOGUE)
    .where(_THERE, DIALOGUE.c.version == bindparam("seen"))
    .values(
        version=bindparam("next"),
        state=bindparam("new_state"),
        changed_at=bindparam("at", type_=DIALOGUE.c.changed_at.type),
        expires_at=bindparam("until", type_=DIALOGUE.c.expires_at.type),
        reminded_at=bindparam("reminded", type_=DIALOGUE.c.changed_at.type),
    )
)
_UNREMIND = (
    update(DIALOGUE)
    .where(_THERE, DIALOGUE.c.version == bindparam("seen"))
    .values(reminded_at=null(), version=DIALOGUE.c.version + 1)
)
_DROP = delete(DIALOGUE).where(_AT)
_QUIET = (
    _DIALOGUE.where(DIALOGUE.c.expires_at <= bindparam("until"), DIALOGUE.c.reminded_at.is_(None))
    .order_by(DIALOGUE.c.expires_at)
    .limit(bindparam("limit"))
)
_OPEN_PHOTO = PHOTO.c.check_in_id.is_(None)
_TAKE = delete(PHOTO).where(_OPEN_PHOTO, PHOTO.c.id.in_(bindparam("ids", expanding=True)))
_SWEEP = delete(DIALOGUE).where(DIALOGUE.c.expires_at <= bindparam("now"))


class WorkDialogueStore(Store):
    """Keeps the place of each conversation about work, one writer at a time by version."""

    __slots__ = ()

    def get(self, channel: str, address: str) -> DialogueRow | None:
        """Find a conversation."""
        row = self._connection.execute(_GET, {"channel": channel, "address": address}).first()
        return None if row is None else DialogueRow._make(row)

    def put(self, row: DialogueRow, seen: int | None) -> None:
        """Write a conversation, where nobody else has written since ``seen`` was read.

        Raises:
            Stale: there is one after all, or another version of it, or it is gone.
        """
        if seen is None:
            added = self._connection.execute(_ADD.on(self._connection), row._asdict())
        else:
            values = {
                "at_channel": row.channel,
                "at_address": row.address,
                "seen": seen,
                "next": row.version,
                "new_state": row.state,
                "at": row.changed_at,
                "until": row.expires_at,
                "reminded": row.reminded_at,
            }
            added = self._connection.execute(_CHANGE, values)
        if added.rowcount != 1:
            raise Stale("the conversation has gone on")

    def drop(self, channel: str, address: str) -> None:
        """Forget a conversation; it may be gone already."""
        self._connection.execute(_DROP, {"channel": channel, "address": address})

    def quiet(self, until: datetime, limit: int) -> list[DialogueRow]:
        """Return open drafts that expire by ``until`` and that nobody was reminded of."""
        rows = self._connection.execute(_QUIET, {"until": until, "limit": limit})
        return [DialogueRow._make(row) for row in rows]

    def unremind(self, row: DialogueRow) -> None:
        """Let a draft wait to be reminded of again, where nobody has written since ``row``."""
        at = {"at_channel": row.channel, "at_address": row.address, "seen": row.version}
        self._connection.execute(_UNREMIND, at)

    def attach(self, attached: AttachedRow) -> None:
        """Keep a picture or a voice note."""
        self._connection.execute(insert(PHOTO), attached._asdict())

    def detach(self, ids: Collection[bytes]) -> None:
        """Remove attachments of a draft that was thrown away; what was filed stays."""
        if ids:
            self._connection.execute(_TAKE, {"ids": list(ids)})

    def sweep(self, now: datetime) -> int:
        """Remove expired conversations; count them."""
        return self._connection.execute(_SWEEP, {"now": now}).rowcount
