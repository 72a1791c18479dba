"""One open dialogue as it is stored: sealed under the session key, found by a keyed hash.

The row holds what names a reporter only while it must: the chat's address and the ids of messages
to delete, while they write and until the code has reached them. This module must never put any of
it into a column, a log line or an exception.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.flows.base import State
from intake.vault.drafts import SLOT_LIFE, SessionKeys
from intake.vault.envelope import NotOpened
from storage.arrivals import NOWHERE, Arrival, ChatPlace
from storage.drafts import DraftRow
from storage.errors import Stale
from storage.unit_of_work import Tx, View

Word = Literal["open", "sent", "told"]

LIFE_OF_KEY = 2 * SLOT_LIFE
GRACE = timedelta(hours=12)  # how long a row whose time has come may wait for the minute job
_SEEN = 32
_MOST_MESSAGES = 400


class Row(BaseModel):
    """What is sealed: where the dialogue stands, with whom, and what to delete in the end."""

    model_config = ConfigDict(frozen=True)
    channel: str
    address: str
    state: State = State()
    messages: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    tapped: str = ""
    tip_id: str | None = None
    leaving: bool = False  # text and code are gone; only the chat's messages are left to delete
    apart: str = ""  # under which name it stands when another dialogue has begun in the chat
    tries: int = 0  # at deleting

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """Keep address and content out of every traceback and log line."""
        return [("channel", self.channel)]

    def but(self, **changes: object) -> "Row":
        """Return this row with some fields changed."""
        return self.model_copy(update=changes)

    def hearing(self, message_id: str, *, deletable: bool) -> "Row":
        """Return this row with one more message seen."""
        noted = self.noting((message_id,)) if deletable else self
        return noted.but(seen=(*self.seen, message_id)[-_SEEN:])

    def noting(self, message_ids: Collection[str]) -> "Row":
        """Return this row with more messages to delete in the end."""
        known = dict.fromkeys((*self.messages, *message_ids))
        return self.but(messages=tuple(known)[-_MOST_MESSAGES:])


@dataclass(frozen=True, slots=True, repr=False)
class Loaded:
    """A row as it was read: what to write against. ``row`` is None when there was none."""

    row: Row | None
    word: Word
    row_key: bytes
    stored_key: bytes | None = None
    version: int | None = None
    expires_at: datetime | None = None
    assumed: Arrival | None = None
    """The message for which this was remembered or supposed, not read: the write has to look."""


class Met(NamedTuple):
    """What a message meets: its dialogue, whether that is over, and whose the chat is."""

    loaded: Loaded
    is_buried: bool
    at: ChatPlace


class Parted(NamedTuple):
    """The name of a left dialogue's row where it stands apart, and the work that puts it there."""

    name: str
    work: Callable[[Tx], int]


class RowBook:
    """Reads and writes rows under the session key."""

    def __init__(self, keys: SessionKeys) -> None:
        self._keys = keys

    def load(self, view: View, channel: str, address: str, apart: str = "") -> Loaded:
        """Return the open dialogue of an address, or one that was left and stands apart."""
        row_keys = self._keys.row_keys(channel, place(address, apart))
        return self.loaded(row_keys[0], view.drafts.get(row_keys))

    def arrival(self, channel: str, address: str, names: Collection[str]) -> Arrival:
        """Return a message as the database knows it, by its own id and the button that it taps."""
        marks = [mark for name in names for mark in self.marks(channel, address, name)]
        return Arrival(self._keys.row_keys(channel, address), tuple(marks), channel, address)

    def meet(self, view: View, arrival: Arrival) -> Met:
        """Return what a message meets."""
        met = view.arrivals.meet(arrival)
        return Met(self.loaded(arrival.row_keys[0], met.draft), met.is_buried, met.at)

    def loaded(self, row_key: bytes, stored: DraftRow | None) -> Loaded:
        """Return a stored row as it is to be written against, under the current key's name."""
        if stored is None:
            return Loaded(None, "open", row_key)
        return Loaded(
            self.read(stored),
            _word(stored.state),
            row_key,
            stored.row_key,
            stored.version,
            stored.expires_at,
        )

    def read(self, stored: DraftRow) -> Row | None:
        """Return what a stored row holds; None when its key is gone."""
        try:
            return Row.model_validate_json(self._keys.open(stored.sealed, stored.row_key))
        except (NotOpened, ValidationError):
            return None

    def pack(self, loaded: Loaded, row: Row, word: Word, expires_at: datetime) -> DraftRow:
        """Seal a row; the version is the store's business."""
        plain = row.model_dump_json(exclude_defaults=True).encode()
        sealed = self._keys.seal(plain, loaded.row_key)
        return DraftRow(loaded.row_key, 0, word, sealed, expires_at)

    def parting(self, loaded: Loaded, sent: Collection[str]) -> Parted | None:
        """Put a left dialogue's row apart from the one that begins; None where none was left.

        There it waits for its messages to be deleted, and for those ``sent`` since it was written,
        whatever becomes of the new one.
        """
        left = loaded.row
        if left is None or not left.leaving or loaded.expires_at is None:
            return None
        name = secrets.token_hex(8)
        key = self._keys.row_keys(left.channel, place(left.address, name))[0]
        own = Loaded(None, "open", key)
        packed = self.pack(own, left.noting(sent).but(apart=name), "told", loaded.expires_at)
        return Parted(name, putting(own, packed))

    def marks(self, channel: str, address: str, message_id: str) -> tuple[bytes, ...]:
        """Return the tombstones that a message may have met, the current key's first."""
        return self._keys.marks(channel, f"{address}:{message_id}")

    def tombstones(self, row: Row, message_ids: Collection[str]) -> list[bytes]:
        """Return the tombstones to leave for messages of a dialogue that is over."""
        return [self.marks(row.channel, row.address, each)[0] for each in message_ids]


def place(address: str, apart: str) -> str:
    """Return what a row is found by: its chat, and its name where it stands apart."""
    return f"{address}/{apart}" if apart else address


def putting(loaded: Loaded, packed: DraftRow) -> Callable[[Tx], int]:
    """Return the work that writes a row where nobody else has written since it was read.

    The work returns the version that is stored now, and raises ``Stale`` when somebody has.
    """
    moved = loaded.stored_key if loaded.stored_key != packed.row_key else None

    def work(tx: Tx) -> int:
        if loaded.assumed is not None:
            return tx.arrivals.put(packed, loaded.version, loaded.assumed)
        return tx.drafts.put(packed, loaded.version, moved_from=moved)

    return work


def dropping(loaded: Loaded) -> Callable[[Tx], None]:
    """Return the work that removes a row and its pictures, where nobody else has written since.

    The work raises ``Stale`` when somebody has.
    """

    def work(tx: Tx) -> None:
        if loaded.assumed is not None:
            met = tx.arrivals.meet(loaded.assumed)
            version = met.draft.version if met.draft else None
            if version != loaded.version or met.is_buried or met.at != NOWHERE:
                raise Stale("the message meets something else")
        if loaded.stored_key is None:
            return
        current = tx.drafts.get([loaded.stored_key])
        if current is not None and current.version != loaded.version:
            raise Stale("the dialogue has gone on")
        tx.drafts.drop(loaded.stored_key)

    return work


def _word(state: str) -> Word:
    match state:
        case "sent" | "told":
            return state
        case _:
            return "open"
