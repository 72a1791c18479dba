"""Completeness, timeliness and what follows from them, exactly as the definitions say.

Reads and changes nothing. Everything is a count of obligations, so that a roll-up is the sum of
numerators over the sum of denominators and never a mean (``check-ins-and-reminders.md`` 5).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median

from intake.errors import NotFound
from intake.plans.periods import local_day, month_span, period_label
from intake.service import Intake
from intake.work.check_in_desk import views
from intake.work.compliance_shapes import (
    Cell,
    Chronic,
    Column,
    Drilled,
    Figures,
    Lateness,
    Matrix,
    MatrixRow,
    Pace,
    Point,
    Quality,
    Row,
    Share,
)  # fmt: skip
from storage.check_ins import CheckInRow
from storage.counting import COUNTING
from storage.figures import Place, Tally
from storage.obligations import ObligationRow
from storage.tables import NEVER
from storage.unit_of_work import View

__all__ = ["Cell", "Chronic", "Column", "Compliance", "Drilled", "Figures", "Lateness", "Matrix",
           "MatrixRow", "Pace", "Point", "Quality", "Row", "Share", "letter_of"]  # fmt: skip

CHRONIC_OF, CHRONIC_FROM = 3, 2
"""Chronic: unmet in at least two of the last three closed periods."""

_COLUMNS = {"province": "province_id", "commune": "commune_id"}
_CHILDREN = {None: "province_id", "province_id": "commune_id", "commune_id": "owner_id"}
_HOUR = timedelta(hours=1)


class Compliance:
    """Reads figures; changes nothing."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def figures(self, programme: str, duty: str, period: str, area_id: str | None) -> Figures:
        """Return the figures of a country (None), province, commune or owner.

        Raises:
            NotFound: no such area or organisation.
        """
        with self._intake.read() as view:
            place = _place(view, area_id)
            return _summed(view.figures.tallies(programme, duty, [period], place, "period"))

    def rollup(
        self, programme: str, duty: str, period: str, area_id: str | None
    ) -> tuple[Row, ...]:
        """Return the figures of each child of an area, by name; its own debts stand under itself.

        Raises:
            NotFound: no such area or organisation.
        """
        with self._intake.read() as view:
            place = _place(view, area_id)
            group = _CHILDREN.get(place.column, "owner_id")
            tallies = view.figures.tallies(programme, duty, [period], place, group)
            by_child: dict[str, list[Tally]] = defaultdict(list)
            for tally in tallies:
                by_child[tally.group or place.value].append(tally)
            names = view.owners.names(by_child)
        return tuple(
            Row(id=child, name=names.get(child, child), figures=_summed(by_child[child]))
            for child in _in_order(by_child, names)
        )

    def trend(
        self, programme: str, duty: str, area_id: str | None, periods: Sequence[str]
    ) -> tuple[Point, ...]:
        """Return the figures of several periods, in the order asked for."""
        with self._intake.read() as view:
            place = _place(view, area_id)
            tallies = view.figures.tallies(programme, duty, periods, place, "period")
        return tuple(
            Point(
                period=period,
                period_label=period_label(period),
                figures=_summed(tally for tally in tallies if tally.group == period),
            )
            for period in periods
        )

    def matrix(self, commune_id: str, programme: str, months: Sequence[str]) -> Matrix:
        """Return owner × (duty, period) for the periods that touch the months ("2026-11").

        Letters: Đ đủ, M muộn, T thiếu, X miễn, · chưa tới hạn, – đơn vị đã sáp nhập.
        """
        spans, now = [month_span(month) for month in months], self._intake.clock.now()
        if not spans:
            return Matrix(columns=(), rows=())
        first, last = min(s.first for s in spans), max(s.last for s in spans)
        with self._intake.read() as view:
            rows = view.figures.of_commune(commune_id, programme, first, last)
            names = view.owners.names({row.owner_id for row in rows})
        keys = list(dict.fromkeys((row.duty, row.period) for row in rows))
        cells: dict[str, dict[tuple[str, str], Cell]] = defaultdict(dict)
        for row in rows:
            cell = Cell(letter=letter_of(row, now), obligation_id=row.id.hex())
            cells[row.owner_id][row.duty, row.period] = cell
        nothing = Cell(letter="")
        return Matrix(
            columns=tuple(
                Column(duty=duty, period=period, period_label=period_label(period))
                for duty, period in keys
            ),
            rows=tuple(
                MatrixRow(
                    owner_id=owner,
                    owner_name=names.get(owner, owner),
                    cells=tuple(cells[owner].get(key, nothing) for key in keys),
                )
                for owner in _in_order(cells, names)
            ),
        )

    def lateness(self, programme: str, duty: str, period: str, area_id: str | None) -> Lateness:
        """Return median and 90th percentile of filing time minus due time, and logging delay.

        Negative hours lie before the due time. The percentile is a value that occurred.
        """
        with self._intake.read() as view:
            place = _place(view, area_id)
            times = view.figures.met_times(programme, duty, period, place)
            leaves = view.figures.leaves(programme, duty, period, place)
        hours = sorted((met - due) / _HOUR for due, met in times if due != NEVER)
        delays = [(local_day(leaf.filed_at) - leaf.done_on).days for leaf in leaves]
        return Lateness(
            met=len(times),
            median_hours=median(hours) if hours else None,
            p90_hours=hours[ceil(0.9 * len(hours)) - 1] if hours else None,
            logging_median_days=median(delays) if delays else None,
        )

    def quality(self, programme: str, duty: str, period: str, area_id: str | None) -> Quality:
        """Return the evidence share of what is met, and the share with a named chair."""
        with self._intake.read() as view:
            place = _place(view, area_id)
            rows = view.figures.rows(programme, duty, [period], place)
            leaves = view.figures.leaves(programme, duty, period, place)
        met = {row.id for row in rows if row.met and _is_expected(row.exempt, row.state)}
        shown = {leaf.obligation_id for leaf in leaves if leaf.pictures} & met
        chaired = sum(bool(json.loads(leaf.details).get("chair")) for leaf in leaves)
        return Quality(
            evidence=Share(numerator=len(shown), denominator=len(met)),
            chaired=Share(numerator=chaired, denominator=len(leaves)),
        )

    def chronic(
        self, programme: str, duty: str, area_id: str, periods: Sequence[str]
    ) -> tuple[Chronic, ...]:
        """Return who missed two or more of the last three closed ones of ``periods``."""
        with self._intake.read() as view:
            place = _place(view, area_id)
            rows = view.figures.rows(programme, duty, periods, place)
            closed = [row for row in rows if row.state == "closed"]
            last = set(sorted({(row.first, row.period) for row in closed})[-CHRONIC_OF:])
            missed: dict[str, list[ObligationRow]] = defaultdict(list)
            for row in closed:
                if (row.first, row.period) in last and not row.met and row.exempt != "granted":
                    missed[row.owner_id].append(row)
            chronic = {who: rows for who, rows in missed.items() if len(rows) >= CHRONIC_FROM}
            names = view.owners.names(chronic)
        return tuple(
            Chronic(
                owner_id=owner,
                owner_name=names.get(owner, owner),
                commune_id=chronic[owner][-1].commune_id,
                missed=tuple(row.period for row in chronic[owner]),
            )
            for owner in _in_order(chronic, names)
        )

    def pace(
        self, programme: str, duty: str, period: str, area_id: str | None, day: date
    ) -> Pace:  # fmt: skip
        """Return met of expected beside the share of the period that is over, ``day`` included."""
        with self._intake.read() as view:
            place = _place(view, area_id)
            found = _summed(view.figures.tallies(programme, duty, [period], place, "period"))
            span = view.figures.span(programme, duty, period)
        if span is None or span[1] == date.max or span[0] == date.min:
            return Pace(met=found.completeness, elapsed=Share(numerator=0, denominator=0))
        whole = (span[1] - span[0]).days + 1
        over = min(max((day - span[0]).days + 1, 0), whole)
        return Pace(met=found.completeness, elapsed=Share(numerator=over, denominator=whole))

    def missing(
        self, programme: str, duty: str, period: str, area_id: str
    ) -> tuple[Row, ...]:  # fmt: skip
        """Return who still owes it: not met, not exempt, not merged away."""
        with self._intake.read() as view:
            rows = view.figures.rows(programme, duty, [period], _place(view, area_id))
            left = {r.owner_id for r in rows if not r.met and _is_expected(r.exempt, r.state)}
            names = view.owners.names(left)
        one = Figures(expected=1)
        return tuple(
            Row(id=owner, name=names.get(owner, owner), figures=one)
            for owner in _in_order(left, names)
        )

    def drill(self, owner_id: str, period: str) -> tuple[Drilled, ...]:
        """Return every obligation of an owner in a period, with the check-ins behind it."""
        now = self._intake.clock.now()
        with self._intake.read() as view:
            return tuple(
                _drilled(view, row, now) for row in view.obligations.of_owner(owner_id, period)
            )


def letter_of(row: ObligationRow, now: datetime) -> str:
    """Return the letter of an obligation: nothing is missing before it is due."""
    if row.state == "ended":
        return "–"
    if row.exempt == "granted":
        return "X"
    if row.met:
        return "Đ" if row.timely else "M"
    return "T" if row.state == "closed" or now >= row.due_at else "·"


def _drilled(view: View, row: ObligationRow, now: datetime) -> Drilled:
    found = [
        each
        for each in view.check_ins.of_owner(row.owner_id, row.first, row.last)
        if row.kind in each.counts_as.split(",") and each.state in COUNTING
    ]
    late = [each for each in found if each.after_close and row.state == "closed"]
    counted: list[CheckInRow] = [each for each in found if each not in late]
    return Drilled(
        obligation_id=row.id.hex(), programme=row.programme, duty=row.duty, period=row.period,
        period_label=period_label(row.period), letter=letter_of(row, now), done=row.done,
        need=row.need, exempt=row.exempt, exempt_reason=row.exempt_reason, state=row.state,
        counted=views(view, counted), after_close=views(view, late),
    )  # fmt: skip


def _place(view: View, area_id: str | None) -> Place:
    if area_id is None:
        return Place()
    owner = view.owners.get(area_id)
    if owner is None:
        raise NotFound("Không có đơn vị này: xem lại mã trong danh sách địa bàn.")
    return Place(_COLUMNS.get(owner.kind, "owner_id"), area_id)


def _is_expected(exempt: str, state: str) -> bool:
    return exempt != "granted" and state != "ended"


def _summed(tallies: Iterable[Tally]) -> Figures:
    sums: dict[str, int] = defaultdict(int)
    for tally in tallies:
        if tally.state == "ended":
            sums["ended"] += tally.number
        elif tally.exempt == "granted":
            sums["exempt"] += tally.number
        else:
            sums["expected"] += tally.number
            for sign in ("met", "timely", "approved"):
                sums[sign] += tally.number if getattr(tally, sign) else 0
    return Figures(**sums)


def _in_order(ids: Iterable[str], names: dict[str, str]) -> list[str]:
    """Return ids in the order of their names; those without a name come last."""
    place = {owner: at for at, owner in enumerate(names)}
    return sorted(ids, key=lambda owner: (place.get(owner, len(place)), owner))
