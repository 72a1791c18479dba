"""What is owed: opened in bulk (`storage.opening`), found and frozen here, in bulk too.

Every bulk statement works on a part of the whole, so that no unit of work holds the writer for
long. What counts for it stands in `storage.counting`.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, insert, or_, select, update

from storage.opening import AREA, OBLIGATION, ORGANISATION, OpeningStore
from storage.statements import in_chunks


class ObligationRow(NamedTuple):
    """One thing owed, as it stands."""

    id: bytes
    owner_id: str
    commune_id: str
    province_id: str
    programme: str
    duty: str
    kind: str
    period: str
    first: date
    last: date
    due_at: datetime
    need: int
    done: int
    met: bool
    met_at: datetime | None
    timely: bool
    approved: bool
    exempt: str
    exempt_reason: str
    exempt_by: str
    state: str
    opened_at: datetime
    closed_at: datetime | None


_ROW: Select[Any] = select(*(OBLIGATION.c[name] for name in ObligationRow._fields))
_GET = _ROW.where(OBLIGATION.c.id == bindparam("id"))
_SOME = _ROW.where(OBLIGATION.c.id.in_(bindparam("ids", expanding=True))).order_by(OBLIGATION.c.id)
_TOUCHED = (
    _ROW.where(
        OBLIGATION.c.owner_id == bindparam("owner"),
        OBLIGATION.c.kind.in_(bindparam("kinds", expanding=True)),
        OBLIGATION.c.first <= bindparam("day"),
        OBLIGATION.c.last >= bindparam("day"),
    )
    .order_by(OBLIGATION.c.first.desc(), OBLIGATION.c.id)
)  # fmt: skip
_TOUCHED_KEPT = _TOUCHED.with_for_update()
_STANDING = _ROW.where(
    OBLIGATION.c.owner_id == bindparam("owner"),
    OBLIGATION.c.first <= bindparam("day"),
    or_(
        OBLIGATION.c.last >= bindparam("day"),
        (OBLIGATION.c.state == "open") & OBLIGATION.c.met.is_(False),
    ),
).order_by(OBLIGATION.c.due_at, OBLIGATION.c.duty, OBLIGATION.c.period)
_CLOSE = (
    update(OBLIGATION)
    .where(OBLIGATION.c.id.in_(bindparam("ids", expanding=True)), OBLIGATION.c.state == "open")
    .values(state=bindparam("into"), closed_at=bindparam("now", type_=OBLIGATION.c.closed_at.type))
)
_OPEN_OF = select(OBLIGATION.c.id, OBLIGATION.c.owner_id, OBLIGATION.c.last).where(
    OBLIGATION.c.owner_id.in_(bindparam("owners", expanding=True)), OBLIGATION.c.state == "open"
)
_DUE = (
    select(OBLIGATION.c.id)
    .where(OBLIGATION.c.state == "open", OBLIGATION.c.due_at <= bindparam("before"))
    .order_by(OBLIGATION.c.due_at)
    .limit(bindparam("most"))
)


class ObligationStore(OpeningStore):
    """Finds, opens and closes obligations."""

    __slots__ = ()

    def add(self, rows: Sequence[ObligationRow]) -> None:
        """Add rows as they are (for tests and for taking in what was kept elsewhere)."""
        if rows:
            self._connection.execute(insert(OBLIGATION), [row._asdict() for row in rows])

    # --- finding ----------------------------------------------------------------------------------

    def get(self, obligation_id: bytes) -> ObligationRow | None:
        """Find one by id."""
        row = self._connection.execute(_GET, {"id": obligation_id}).first()
        return None if row is None else ObligationRow._make(row)

    def lock(self, ids: Sequence[bytes]) -> list[ObligationRow]:
        """Find several and keep others from changing them until this unit of work is over."""
        return self._rows(_SOME.with_for_update(), ids=list(ids))

    def touched(
        self, owner_id: str, kinds: Sequence[str], day: date, *, lock: bool = False
    ) -> list[ObligationRow]:
        """Return what an activity of these kinds on that day counts for, closed ones too."""
        query = _TOUCHED_KEPT if lock else _TOUCHED
        return self._rows(query, owner=owner_id, kinds=list(kinds), day=day)

    def standing(self, owner_id: str, day: date) -> list[ObligationRow]:
        """Return what holds ``day``, and what is over, open and unmet, by due time."""
        return self._rows(_STANDING, owner=owner_id, day=day)

    def of_owner(self, owner_id: str, period: str) -> list[ObligationRow]:
        """Return everything that an owner owes in a period."""
        query = _ROW.where(
            OBLIGATION.c.owner_id == bindparam("owner"), OBLIGATION.c.period == bindparam("period")
        ).order_by(OBLIGATION.c.programme, OBLIGATION.c.duty)
        return self._rows(query, owner=owner_id, period=period)

    def asked(self, commune_ids: Collection[str]) -> list[ObligationRow]:
        """Return open obligations for which an exemption is asked, by due time."""
        query = _ROW.where(
            OBLIGATION.c.commune_id.in_(bindparam("communes", expanding=True)),
            OBLIGATION.c.state == "open",
            OBLIGATION.c.exempt == "asked",
        ).order_by(OBLIGATION.c.due_at, OBLIGATION.c.id)
        return self._rows(query, communes=list(commune_ids))

    # --- exemptions and the end -------------------------------------------------------------------

    def set_exempt(self, obligation_id: bytes, exempt: str, reason: str, by: str) -> bool:
        """Note an exemption that is asked for or decided; False once the row is closed."""
        statement = (
            update(OBLIGATION)
            .where(OBLIGATION.c.id == obligation_id, OBLIGATION.c.state == "open")
            .values(exempt=exempt, exempt_reason=reason, exempt_by=by)
        )
        return self._connection.execute(statement).rowcount == 1

    def due(self, before: datetime, most: int) -> list[bytes]:
        """Return open ones that were due at ``before`` or earlier."""
        return list(
            self._connection.execute(_DUE, {"before": before, "most": most}).scalars()
        )  # fmt: skip

    def close(self, ids: Sequence[bytes], now: datetime, into: str = "closed") -> int:
        """Freeze these, as ``closed`` or as ``ended``; return how many were open."""
        if not ids:
            return 0
        values = {"ids": list(ids), "now": now, "into": into}
        return self._connection.execute(_CLOSE, values).rowcount

    def unfinished_of(self, owner_id: str, on: date) -> list[bytes]:
        """Return an owner's open ones that run on ``on`` or later."""
        query = select(OBLIGATION.c.id).where(
            OBLIGATION.c.owner_id == owner_id,
            OBLIGATION.c.state == "open",
            OBLIGATION.c.last >= on,
        )
        return list(self._connection.execute(query).scalars())

    def orphans(self, day: date) -> list[bytes]:
        """Return open ones whose owner was gone, by ``day``, before their period was over."""
        ended: dict[str, date] = {}
        for owners in (AREA, ORGANISATION):
            query = select(owners.c.id, owners.c.valid_to).where(owners.c.valid_to <= day)
            ended |= {row.id: row.valid_to for row in self._connection.execute(query)}
        return [
            row.id
            for some in in_chunks(ended)
            for row in self._connection.execute(_OPEN_OF, {"owners": some})
            if row.last >= ended[row.owner_id]
        ]

    def of_programme(self, programme: str, on: date) -> list[tuple[bytes, str, str, str]]:
        """Return id, owner, commune and province of a programme's open ones that run on ``on``."""
        query = select(*(OBLIGATION.c[n] for n in ("id", "owner_id", "commune_id", "province_id")))
        query = query.where(
            OBLIGATION.c.programme == programme, OBLIGATION.c.state == "open",
            OBLIGATION.c.last >= on,
        )  # fmt: skip
        return [tuple(row) for row in self._connection.execute(query)]

    def _rows(self, statement: Select[Any], **values: Any) -> list[ObligationRow]:
        return [ObligationRow._make(row) for row in self._connection.execute(statement, values)]
