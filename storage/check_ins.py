"""Activities that were done and filed, their pictures, and what stood in them before a change."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from storage.histories import History, Past
from storage.owners import CHUNK
from storage.statements import InsertOrIgnore, Store, table_of
from storage.work_tables import CheckIn, CheckInChange, CheckInPhoto

CHECK_IN, PHOTO, CHANGE = table_of(CheckIn), table_of(CheckInPhoto), table_of(CheckInChange)


class CheckInRow(NamedTuple):
    """One activity."""

    id: bytes
    owner_id: str
    commune_id: str
    kind: str
    counts_as: str
    done_on: date
    details: str
    state: str
    flags: str
    filed_at: datetime
    received_at: datetime
    filed_by: str
    by_phone: bool
    after_close: bool
    source: str
    version: int = 1
    question: str = ""


class PhotoRow(NamedTuple):
    """A cleaned picture or a voice note."""

    id: bytes
    check_in_id: bytes | None
    media: str
    body: bytes
    added_at: datetime


_ADD = InsertOrIgnore(CHECK_IN)
_ROW: Select[Any] = select(*(CHECK_IN.c[name] for name in CheckInRow._fields))
_GET = _ROW.where(CHECK_IN.c.id == bindparam("id"))
_BY_SOURCE = _ROW.where(CHECK_IN.c.source == bindparam("source"))
_SOME = _ROW.where(CHECK_IN.c.id.in_(bindparam("ids", expanding=True))).order_by(CHECK_IN.c.id)
_OF_OWNER = (
    _ROW.where(
        CHECK_IN.c.owner_id == bindparam("owner"),
        CHECK_IN.c.done_on >= bindparam("first"),
        CHECK_IN.c.done_on <= bindparam("last"),
        CHECK_IN.c.state != "voided",
    )
    .order_by(CHECK_IN.c.done_on.desc(), CHECK_IN.c.filed_at.desc(), CHECK_IN.c.id)
    .limit(bindparam("most"))
)
_WAITING = (
    _ROW.where(
        CHECK_IN.c.commune_id.in_(bindparam("communes", expanding=True)),
        CHECK_IN.c.state == "filed",
    )
    .order_by((CHECK_IN.c.flags == "").asc(), CHECK_IN.c.filed_at, CHECK_IN.c.id)
    .limit(bindparam("most"))
)
_AFTER_CLOSE = (
    _ROW.where(
        CHECK_IN.c.commune_id.in_(bindparam("communes", expanding=True)),
        CHECK_IN.c.after_close.is_(True),
        CHECK_IN.c.done_on >= bindparam("first"),
        CHECK_IN.c.done_on <= bindparam("last"),
    )
    .order_by(CHECK_IN.c.done_on, CHECK_IN.c.filed_at, CHECK_IN.c.id)
)  # fmt: skip
_LISTED = (
    _ROW.where(
        CHECK_IN.c.commune_id == bindparam("commune"),
        CHECK_IN.c.done_on >= bindparam("first"),
        CHECK_IN.c.done_on <= bindparam("last"),
        CHECK_IN.c.state != "voided",
        (CHECK_IN.c.done_on > bindparam("day"))
        | ((CHECK_IN.c.done_on == bindparam("day")) & (CHECK_IN.c.id > bindparam("id"))),
    )
    .order_by(CHECK_IN.c.done_on, CHECK_IN.c.id)
    .limit(bindparam("most"))
)
_CHANGEABLE = tuple(
    name for name in CheckInRow._fields if name not in {"id", "source", "version", "filed_by",
                                                        "by_phone", "filed_at", "received_at"}
)  # fmt: skip
_HISTORY = History(CHECK_IN, CHANGE, "check_in_id", _CHANGEABLE)
_HOLD = (
    update(PHOTO)
    .where(PHOTO.c.id.in_(bindparam("ids", expanding=True)), PHOTO.c.check_in_id.is_(None))
    .values(check_in_id=bindparam("check_in", type_=PHOTO.c.id.type))
)
_PHOTOS: Select[Any] = (
    select(*(PHOTO.c[name] for name in PhotoRow._fields))
    .where(PHOTO.c.check_in_id == bindparam("id"))
    .order_by(PHOTO.c.added_at, PHOTO.c.id)
)
_PHOTO_COUNTS = (
    select(PHOTO.c.check_in_id, func.count().label("number"))
    .where(PHOTO.c.check_in_id.in_(bindparam("ids", expanding=True)))
    .group_by(PHOTO.c.check_in_id)
)


class CheckInStore(Store):
    """Keeps check-ins; a change is written only together with what stood there before."""

    __slots__ = ()

    def add(self, row: CheckInRow) -> bool:
        """Add one; False when its source has been filed before."""
        return self._connection.execute(_ADD.on(self._connection), row._asdict()).rowcount == 1

    def get(self, check_in_id: bytes) -> CheckInRow | None:
        """Find one by id."""
        return self._one(_GET, id=check_in_id)

    def by_source(self, source: str) -> CheckInRow | None:
        """Find what came from a message."""
        return self._one(_BY_SOURCE, source=source)

    def lock(self, ids: Sequence[bytes]) -> list[CheckInRow]:
        """Find several and keep others from changing them until this unit of work is over."""
        rows = self._connection.execute(_SOME.with_for_update(), {"ids": list(ids)})
        return [CheckInRow._make(row) for row in rows]

    def of_owner(
        self, owner_id: str, first: date = date.min, last: date = date.max, most: int = 1_000
    ) -> list[CheckInRow]:
        """Return an owner's unvoided activities between two days, the newest day first."""
        values = {"owner": owner_id, "first": first, "last": last, "most": most}
        return [CheckInRow._make(row) for row in self._connection.execute(_OF_OWNER, values)]

    def waiting(self, communes: Collection[str], most: int) -> list[CheckInRow]:
        """Return what the ward has not looked at, flagged ones first, then by filing time."""
        values = {"communes": list(communes), "most": most}
        return [CheckInRow._make(row) for row in self._connection.execute(_WAITING, values)]

    def after_close(self, communes: Collection[str], first: date, last: date) -> list[CheckInRow]:
        """Return what was filed or changed after its period was closed, taken back or not."""
        values = {"communes": list(communes), "first": first, "last": last}
        return [CheckInRow._make(row) for row in self._connection.execute(_AFTER_CLOSE, values)]

    def listed(
        self, commune: str, first: date, last: date, after: tuple[date, bytes], most: int
    ) -> list[CheckInRow]:
        """Return a commune's unvoided activities by day, those that come after a day and an id."""
        values = {"commune": commune, "first": first, "last": last, "most": most}
        values |= {"day": after[0], "id": after[1]}
        return [CheckInRow._make(row) for row in self._connection.execute(_LISTED, values)]

    def change(self, row: CheckInRow, at: datetime, by: str, reason: str, before: str) -> None:
        """Write a new version of a row, keeping what stood there before.

        ``row.version`` is the version that was read; the new one is one more.

        Raises:
            Stale: somebody else changed it first.
        """
        _HISTORY.change(self._connection, row, Past(row.version, at, by, reason, before))

    def changes(self, check_in_id: bytes) -> list[Past]:
        """Return what stood in a check-in before, oldest first."""
        return _HISTORY.of(self._connection, check_in_id)

    # --- pictures ---------------------------------------------------------------------------------

    def add_photo(self, row: PhotoRow) -> None:
        """Keep a picture."""
        self._connection.execute(insert(PHOTO), row._asdict())

    def hold_photos(self, check_in_id: bytes, ids: Sequence[bytes]) -> int:
        """Give loose pictures to a check-in; return how many there were."""
        if not ids:
            return 0
        values = {"check_in": check_in_id, "ids": list(ids)}
        return self._connection.execute(_HOLD, values).rowcount

    def photos(self, check_in_id: bytes) -> list[PhotoRow]:
        """Return the pictures of a check-in, oldest first."""
        return [PhotoRow._make(r) for r in self._connection.execute(_PHOTOS, {"id": check_in_id})]

    def photo_counts(self, ids: Collection[bytes]) -> dict[bytes, int]:
        """Return how many pictures each check-in has."""
        wanted, found = list(ids), dict[bytes, int]()
        for start in range(0, len(wanted), CHUNK):
            rows = self._connection.execute(_PHOTO_COUNTS, {"ids": wanted[start : start + CHUNK]})
            found |= {row.check_in_id: row.number for row in rows}
        return found

    def forget_loose_photos(self, before: datetime) -> int:
        """Delete pictures that no check-in holds, kept before that moment."""
        statement = delete(PHOTO).where(PHOTO.c.check_in_id.is_(None), PHOTO.c.added_at < before)
        return self._connection.execute(statement).rowcount

    def _one(self, statement: Select[Any], **values: Any) -> CheckInRow | None:
        row = self._connection.execute(statement, values).first()
        return None if row is None else CheckInRow._make(row)
