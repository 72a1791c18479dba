"""Open dialogues, their pictures, and tombstones of messages that have been dealt with.

Row keys are keyed hashes under the session key and bodies are sealed under it, so these rows mean
nothing once that key is gone. They are never backed up.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.errors import Stale
from storage.statements import InsertOrIgnore, Store, table_of
from storage.tables import Draft, DraftPhoto, Tombstone

DRAFT, PHOTO, TOMBSTONE = table_of(Draft), table_of(DraftPhoto), table_of(Tombstone)


class DraftRow(NamedTuple):
    """An open dialogue. ``version`` is set by the store: what a caller puts there is not read."""

    row_key: bytes
    version: int
    state: str
    sealed: bytes
    expires_at: datetime


class PhotoRow(NamedTuple):
    """A sealed picture of an open dialogue."""

    id: bytes
    row_key: bytes
    body_sealed: bytes
    expires_at: datetime


KEYS = tuple(f"key_{at}" for at in range(2))  # a row's names under the two session keys
_DRAFT = select(*(DRAFT.c[name] for name in DraftRow._fields))
OF_KEYS = DRAFT.c.row_key.in_([bindparam(name) for name in KEYS])
_GET = _DRAFT.where(OF_KEYS)
_WAITING = (
    _DRAFT.where(DRAFT.c.state == bindparam("state"), DRAFT.c.expires_at > bindparam("now"))
    .order_by(DRAFT.c.expires_at, DRAFT.c.row_key)
    .limit(bindparam("limit"))
)
_ADD = InsertOrIgnore(DRAFT)
CHANGE = (
    update(DRAFT)
    .where(DRAFT.c.row_key == bindparam("old_key"), DRAFT.c.version == bindparam("seen"))
    .values(
        row_key=bindparam("new_key"),
        version=bindparam("next"),
        state=bindparam("new_state"),
        sealed=bindparam("new_sealed"),
        expires_at=bindparam("until", type_=DRAFT.c.expires_at.type),
    )
)
_MOVE_PHOTOS = (
    update(PHOTO)
    .where(PHOTO.c.row_key == bindparam("old_key"))
    .values(row_key=bindparam("new_key"))
)
_DROP = delete(DRAFT).where(DRAFT.c.row_key == bindparam("key"))
_ADD_PHOTO = insert(PHOTO)
_PHOTOS = (
    select(*(PHOTO.c[name] for name in PhotoRow._fields))
    .where(PHOTO.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(PHOTO.c.id)
)
_COUNT_PHOTOS = select(func.count()).select_from(PHOTO).where(PHOTO.c.row_key == bindparam("key"))
_DROP_PHOTOS = delete(PHOTO).where(PHOTO.c.row_key == bindparam("key"))
_TAKE_PHOTOS = delete(PHOTO).where(PHOTO.c.id.in_(bindparam("ids", expanding=True)))
_BURY = InsertOrIgnore(TOMBSTONE)
_SWEEP = (
    delete(DRAFT).where(DRAFT.c.expires_at <= bindparam("now")),
    delete(PHOTO).where(
        or_(
            PHOTO.c.expires_at <= bindparam("now"),
            ~exists().where(DRAFT.c.row_key == PHOTO.c.row_key),
        )
    ),
    delete(TOMBSTONE).where(TOMBSTONE.c.expires_at <= bindparam("now")),
)


class DraftStore(Store):
    """Keeps the place of each open dialogue, one writer at a time by version."""

    __slots__ = ()

    def get(self, row_keys: Sequence[bytes]) -> DraftRow | None:
        """Return the draft under the first of these keys that has one (current key first)."""
        rows = self._connection.execute(_GET, filled(KEYS, row_keys))
        return first(map(DraftRow._make, rows), row_keys)

    def put(self, row: DraftRow, seen: int | None, moved_from: bytes | None = None) -> int:
        """Write a draft, where nobody else has written since it was read.

        Args:
            row: what to keep; its version is not read.
            seen: the version that was read; None when there was no draft.
            moved_from: the key it was read under, when that is not ``row.row_key`` (the session key
                has turned). Its pictures move along.

        Returns:
            The version now stored.

        Raises:
            Stale: there is a draft after all, or another version of it, or it is gone.
        """
        if seen is None:
            return self._add(row)
        old_key = moved_from or row.row_key
        if self._connection.execute(CHANGE, change_of(row, seen, old_key)).rowcount != 1:
            raise Stale("the draft has changed")
        if old_key != row.row_key:
            self._connection.execute(_MOVE_PHOTOS, {"old_key": old_key, "new_key": row.row_key})
        return seen + 1

    def drop(self, row_key: bytes) -> None:
        """Remove a draft and its pictures; it may be gone already."""
        self._connection.execute(_DROP, {"key": row_key})
        self.drop_photos(row_key)

    def waiting(self, state: str, now: datetime, limit: int = 100) -> list[DraftRow]:
        """Return drafts in this state that have not expired, the next to expire first."""
        values = {"state": state, "now": now, "limit": limit}
        return [DraftRow._make(row) for row in self._connection.execute(_WAITING, values)]

    def add_photo(self, photo: PhotoRow) -> None:
        """Keep a picture, in the unit of work that also puts the draft which mentions it."""
        self._connection.execute(_ADD_PHOTO, photo._asdict())

    def photos(self, ids: Collection[bytes]) -> list[PhotoRow]:
        """Return pictures by id."""
        rows = self._connection.execute(_PHOTOS, {"ids": list(ids)})
        return [PhotoRow._make(row) for row in rows]

    def photo_count(self, row_key: bytes) -> int:
        """Count the pictures of a draft."""
        return self._connection.execute(_COUNT_PHOTOS, {"key": row_key}).scalar_one()

    def drop_photos(self, row_key: bytes) -> None:
        """Remove the pictures of a draft."""
        self._connection.execute(_DROP_PHOTOS, {"key": row_key})

    def take_photos(self, ids: Collection[bytes]) -> None:
        """Remove pictures by id: they have become parts of a tip."""
        self._connection.execute(_TAKE_PHOTOS, {"ids": list(ids)})

    def bury(self, marks: Collection[bytes], until: datetime) -> None:
        """Leave tombstones for messages that have been dealt with."""
        rows = [{"mark": mark, "expires_at": until} for mark in marks]
        if rows:
            self._connection.execute(_BURY.on(self._connection), rows)

    def sweep(self, now: datetime) -> int:
        """Remove expired drafts, pictures without a draft, and expired tombstones; count them."""
        return sum(self._connection.execute(each, {"now": now}).rowcount for each in _SWEEP)

    def _add(self, row: DraftRow) -> int:
        values = beginning(row)
        if self._connection.execute(_ADD.on(self._connection), values._asdict()).rowcount != 1:
            raise Stale("there is a draft already")
        return values.version


def beginning(row: DraftRow) -> DraftRow:
    """Return a draft's first version.

    Its number is random: a step that read a draft before it was wiped must not match its successor
    and write the wiped words back.
    """
    return row._replace(version=secrets.randbelow(2**30) + 1)


def change_of(row: DraftRow, seen: int, old_key: bytes | None = None) -> dict[str, Any]:
    """Return the values with which `CHANGE` writes a row over the version that was seen."""
    return {
        "old_key": old_key or row.row_key,
        "seen": seen,
        "new_key": row.row_key,
        "next": seen + 1,
        "new_state": row.state,
        "new_sealed": row.sealed,
        "until": row.expires_at,
    }


def filled(names: Sequence[str], values: Sequence[bytes]) -> dict[str, bytes]:
    """Return values for a fixed number of names: a list of any length is written anew each time."""
    if len(values) > len(names):
        raise ValueError("more keys than there can be")
    padding = [b""] * (len(names) - len(values))
    return dict(zip(names, [*values, *padding], strict=True))


def first(drafts: Iterable[DraftRow], row_keys: Sequence[bytes]) -> DraftRow | None:
    """Return the draft under the first of these keys that has one."""
    found = {draft.row_key: draft for draft in drafts}
    return next((found[key] for key in row_keys if key in found), None)
