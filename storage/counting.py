"""What counts for an obligation: the check-ins and filings beside it, and the counts in its row.

When it is met is decided in ``intake.work.recounting``; this module finds what counts, keeps what
was counted, and finds the rows in which that is no longer true.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)

from storage.opening import OBLIGATION, DutyTerms
from storage.statements import Store, table_of
from storage.work_tables import CheckIn, Filing

CHECK_IN, FILING = table_of(CheckIn), table_of(Filing)
COUNTING = ("filed", "approved")  # states of a check-in that counts


class LeafRow(NamedTuple):
    """A check-in or a filing that counts for an obligation."""

    filed_at: datetime
    id: bytes
    approved: bool


class Counted(NamedTuple):
    """The result of counting one obligation."""

    id: bytes
    done: int
    met: bool
    met_at: datetime | None
    timely: bool
    approved: bool


_SET = (
    update(OBLIGATION)
    .where(OBLIGATION.c.id == bindparam("key"), OBLIGATION.c.state == "open")
    .values({name: bindparam(f"new_{name}") for name in Counted._fields if name != "id"})
)
_LISTED = literal(",").concat(CHECK_IN.c.counts_as).concat(",")
COUNTS = (  # a check-in for the obligation beside it
    CHECK_IN.c.owner_id == OBLIGATION.c.owner_id,
    CHECK_IN.c.done_on.between(OBLIGATION.c.first, OBLIGATION.c.last),
    or_(*(CHECK_IN.c.state == state for state in COUNTING)),
    _LISTED.like(literal("%,").concat(OBLIGATION.c.kind).concat(",%")),
)
_SENT = (
    FILING.c.programme == OBLIGATION.c.programme,
    FILING.c.item == OBLIGATION.c.duty,
    FILING.c.occurrence == OBLIGATION.c.period,
    FILING.c.area_id == OBLIGATION.c.owner_id,
    FILING.c.withdrawn.is_(False),
)
_LEAVES = union_all(
    select(CHECK_IN.c.filed_at, CHECK_IN.c.id, CHECK_IN.c.state == "approved")
    .join(OBLIGATION, and_(*COUNTS))
    .where(OBLIGATION.c.id == bindparam("id")),
    select(FILING.c.filed_at, FILING.c.id, true())
    .join(OBLIGATION, and_(*_SENT))
    .where(OBLIGATION.c.id == bindparam("id")),
)


def _number(table: Any, conditions: tuple[Any, ...]) -> ColumnElement[int]:
    """Return how many rows of a table count for the obligation of the statement around it."""
    counted = select(func.count()).select_from(table).where(*conditions)
    return counted.correlate(OBLIGATION).scalar_subquery()


_UNCOUNTED = select(OBLIGATION.c.id).where(
    OBLIGATION.c.state == "open",
    OBLIGATION.c.done != _number(CHECK_IN, COUNTS) + _number(FILING, _SENT),
)

_UNCOUNTED_SOME = _UNCOUNTED.where(OBLIGATION.c.id.in_(bindparam("ids", expanding=True)))


class CountingStore(Store):
    """Finds what counts for obligations and keeps what was counted."""

    __slots__ = ()

    def leaves(self, obligation_id: bytes) -> list[LeafRow]:
        """Return what counts for one: activities in its time, and what was sent for it."""
        rows = self._connection.execute(_LEAVES, {"id": obligation_id})
        return [LeafRow._make(row) for row in rows]

    def set_counts(self, counted: Sequence[Counted]) -> None:
        """Write what was counted; a row that is closed stays as it is."""
        if counted:
            values = [
                {"key": one.id} | {f"new_{name}": value for name, value in one._asdict().items()
                                   if name != "id"}
                for one in counted
            ]  # fmt: skip
            self._connection.execute(_SET, values)

    def uncounted(self, ids: Sequence[bytes]) -> list[bytes]:
        """Return open ones whose number of activities is not the one that stands in the row."""
        return list(self._connection.execute(_UNCOUNTED_SOME, {"ids": list(ids)}).scalars())

    def uncounted_in(
        self, terms: DutyTerms, province: str, communes: Sequence[str]
    ) -> list[bytes]:  # fmt: skip
        """Return such ones of a duty's period in some communes of a province."""
        query = _UNCOUNTED.where(
            OBLIGATION.c.period == terms.period, OBLIGATION.c.programme == terms.programme,
            OBLIGATION.c.duty == terms.duty, OBLIGATION.c.province_id == province,
            OBLIGATION.c.commune_id.in_(communes),
        )  # fmt: skip
        return list(self._connection.execute(query).scalars())
