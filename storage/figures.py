"""Counts of obligations by area: sums that come from one index alone, and the rows behind them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, select

from storage.check_ins import PHOTO
from storage.counting import CHECK_IN, COUNTS
from storage.obligations import OBLIGATION, ObligationRow
from storage.statements import Store

_SIGNS = ("exempt", "met", "timely", "approved", "state")


class Tally(NamedTuple):
    """How many obligations of a group share the same signs."""

    group: str
    exempt: str
    met: bool
    timely: bool
    approved: bool
    state: str
    number: int


class Place(NamedTuple):
    """Where figures are taken: a column of the obligation and its value; None: everywhere."""

    column: str | None = None  # province_id, commune_id, owner_id
    value: str = ""


class Leaf(NamedTuple):
    """One activity that counts for an obligation."""

    obligation_id: bytes
    done_on: date
    filed_at: datetime
    kind: str
    details: str
    pictures: int


# For one commune: conditions that no index serves, so that its few rows are found by commune and
# period, and not among all rows of the duty.
_BY_COMMUNE = tuple(
    OBLIGATION.c[name].concat("") == bindparam(name) for name in ("programme", "duty")
)
_OF_DUTY = (
    OBLIGATION.c.programme == bindparam("programme"),
    OBLIGATION.c.duty == bindparam("duty"),
)
_PERIODS = OBLIGATION.c.period.in_(bindparam("periods", expanding=True))
_COMMUNE: Select[Any] = (
    select(*(OBLIGATION.c[name] for name in ObligationRow._fields))
    .where(
        OBLIGATION.c.commune_id == bindparam("commune"),
        OBLIGATION.c.programme == bindparam("programme"),
        OBLIGATION.c.first <= bindparam("last"),
        OBLIGATION.c.last >= bindparam("first"),
    )
    .order_by(OBLIGATION.c.first, OBLIGATION.c.duty, OBLIGATION.c.period, OBLIGATION.c.owner_id)
)  # fmt: skip


class FigureStore(Store):
    """Counts; writes nothing."""

    __slots__ = ()

    def tallies(
        self, programme: str, duty: str, periods: Sequence[str], place: Place, group: str
    ) -> list[Tally]:
        """Count by signs and by ``group``: period, province_id, commune_id or owner_id."""
        columns = [OBLIGATION.c[group].label("of"), *(OBLIGATION.c[name] for name in _SIGNS)]
        query = (
            select(*columns, func.count().label("number"))
            .where(_PERIODS, *_of(place))
            .group_by(*columns)
        )
        values = {"programme": programme, "duty": duty, "periods": list(periods)}
        return [Tally._make(row) for row in self._connection.execute(query, values)]

    def met_times(
        self, programme: str, duty: str, period: str, place: Place
    ) -> list[tuple[datetime, datetime]]:
        """Return due time and filing time of what is met and expected."""
        query = select(OBLIGATION.c.due_at, OBLIGATION.c.met_at).where(
            _PERIODS, *_of(place), OBLIGATION.c.met.is_(True),
            OBLIGATION.c.exempt != "granted", OBLIGATION.c.state != "ended",
        )  # fmt: skip
        values = {"programme": programme, "duty": duty, "periods": [period]}
        return [tuple(row) for row in self._connection.execute(query, values)]

    def rows(
        self, programme: str, duty: str, periods: Sequence[str], place: Place
    ) -> list[ObligationRow]:
        """Return the obligations themselves, by period and owner."""
        query = (
            select(*(OBLIGATION.c[name] for name in ObligationRow._fields))
            .where(_PERIODS, *_of(place))
            .order_by(OBLIGATION.c.first, OBLIGATION.c.owner_id)
        )
        values = {"programme": programme, "duty": duty, "periods": list(periods)}
        return [ObligationRow._make(row) for row in self._connection.execute(query, values)]

    def span(self, programme: str, duty: str, period: str) -> tuple[date, date] | None:
        """Return the first and the last day of a period, as its obligations have it."""
        query = (
            select(OBLIGATION.c.first, OBLIGATION.c.last)
            .where(_PERIODS, *_OF_DUTY)
            .limit(1)
        )  # fmt: skip
        values = {"programme": programme, "duty": duty, "periods": [period]}
        row = self._connection.execute(query, values).first()
        return None if row is None else (row.first, row.last)

    def leaves(self, programme: str, duty: str, period: str, place: Place) -> list[Leaf]:
        """Return the activities behind what is expected, each with its obligation."""
        pictures = (
            select(func.count()).where(PHOTO.c.check_in_id == CHECK_IN.c.id).scalar_subquery()
        )
        columns = (CHECK_IN.c[n] for n in ("done_on", "filed_at", "details"))
        query = (
            select(OBLIGATION.c.id, OBLIGATION.c.kind.label("owed"), *columns, pictures.label("n"))
            .join(CHECK_IN, and_(*COUNTS))
            .where(
                _PERIODS, *_of(place), OBLIGATION.c.exempt != "granted",
                OBLIGATION.c.state != "ended",
            )
        )  # fmt: skip
        values = {"programme": programme, "duty": duty, "periods": [period]}
        return [
            Leaf(row.id, row.done_on, row.filed_at, row.owed, row.details, row.n)
            for row in self._connection.execute(query, values)
        ]

    def of_commune(
        self, commune_id: str, programme: str, first: date, last: date
    ) -> list[ObligationRow]:
        """Return a commune's obligations that touch these days, its own and those of its owners."""
        values = {"commune": commune_id, "programme": programme, "first": first, "last": last}
        return [ObligationRow._make(row) for row in self._connection.execute(_COMMUNE, values)]


def _of(place: Place) -> tuple[Any, ...]:
    """Return the conditions for a duty at a place."""
    if place.column is None:
        return _OF_DUTY
    duty = _BY_COMMUNE if place.column == "commune_id" else _OF_DUTY
    return (*duty, OBLIGATION.c[place.column] == place.value)
