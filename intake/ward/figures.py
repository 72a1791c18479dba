"""What the ward reads of its work: this month, the matrix, the grid, what lies behind a cell.

Every call asks the scope first. Figures come from `Compliance`; nothing is computed twice.
"""

from collections.abc import Iterator
from datetime import date
from itertools import dropwhile

from intake.errors import NotFound, NotValid, UnknownItem
from intake.officers import Session
from intake.plans.calendar import Span, month_of
from intake.plans.periods import recent_periods, typed_month
from intake.plans.programme import Programme
from intake.plans.programme_use import ProgrammeUses
from intake.policy import Right
from intake.service import Intake
from intake.ward.shapes import DutyView, Line, Overview, Place, Standing, Tile
from intake.ward.views import duty_view, is_owed_in, letter_for, pace_of, place_of, shares_of
from intake.work.compliance import Compliance, Drilled, Figures, Matrix
from intake.work.work_scope import Reach, WorkScope, owner_within, say, telling

MONTHS = 12
_MOST_NAMED = 60
_MOST_WAITING = 500


class WardFigures:
    """Reads how an area stands; changes nothing."""

    def __init__(
        self, intake: Intake, scope: WorkScope, uses: ProgrammeUses, compliance: Compliance
    ) -> None:
        self._intake = intake
        self._scope = scope
        self._uses = uses
        self._compliance = compliance

    # --- which duties there are -------------------------------------------------------------------

    def duties(
        self, session: Session, area_id: str | None = None, month: str = ""
    ) -> tuple[DutyView, ...]:
        """Return what the programmes here ask for in a month ("2026-11"; "": this one).

        Raises:
            NotFound: the area lies outside.
            NotValid: not a month.
        """
        reach, day = self._scope.reach(session, Right.READ_WORK, area_id), self.day(month)
        return tuple(self._duties(reach, day))

    def _duties(self, reach: Reach, day: date) -> Iterator[DutyView]:
        for programme in self._programmes(reach, day):
            for duty in sorted(programme.duties, key=lambda each: _ORDER.index(each.per)):
                view = duty_view(programme, duty, day)
                if view is not None and is_owed_in(reach, duty):
                    yield view

    def _programmes(self, reach: Reach, day: date) -> list[Programme]:
        """Return the programmes in force that apply to the area, above it or inside it."""
        with self._intake.read() as view:
            inside = (*reach.communes, *view.owners.below(reach.area_id))
            uses = view.programmes.uses_of({*reach.chain, *inside})
            found = {use.programme for use in uses if use.is_on(day)}
        programmes = [self._uses.programme(name) for name in sorted(found)]
        programmes.sort(key=lambda each: (each.plan.is_plan, each.id))
        return [programme for programme in programmes if programme.in_force(day)]

    def duty(self, reach: Reach, programme: str, duty: str, day: date) -> DutyView:
        """Return one duty as it stands on a day.

        Raises:
            UnknownItem: no programme here has it, or it asks for nothing then.
        """
        for view in self._duties(reach, day):
            if (view.programme, view.duty) == (programme, duty):
                return view
        raise say(UnknownItem("Không có việc này trong các chương trình của địa bàn: chọn lại."))

    # --- this month -------------------------------------------------------------------------------

    def overview(
        self, session: Session, area_id: str | None = None, month: str = ""
    ) -> Overview:  # fmt: skip
        """Return how every duty stands in a month, who is missing and what waits.

        Raises:
            NotFound: the area lies outside.
            NotValid: not a month.
        """
        reach, day = self._scope.reach(session, Right.READ_WORK, area_id), self.day(month)
        lines = (self._line(reach, duty, day) for duty in self._duties(reach, day))
        with self._intake.read() as view:
            waiting = view.check_ins.waiting(reach.communes, _MOST_WAITING)
            asked = view.obligations.asked(reach.communes)
            misused = [row for row in view.wards.invites(reach.area_id) if row.tried_again_at]
        return Overview(
            area=place_of(reach),
            month=month_of(day).name,
            lines=tuple(line for line in lines if line.figures != Figures()),
            to_review=len(waiting),
            flagged=sum(bool(row.flags) for row in waiting),
            exemptions=len(asked),
            misused=len(misused),
        )

    def _line(self, reach: Reach, duty: DutyView, day: date) -> Line:
        asked = (duty.programme, duty.duty, duty.period, reach.area_id)
        children = self._compliance.rollup(*asked)
        figures = sum((row.figures for row in children), Figures())
        rows = [row for row in children if row.figures.met < row.figures.expected]
        named = (Place(id=row.id, name=row.name, level="") for row in rows[:_MOST_NAMED])
        return Line(
            duty=duty,
            figures=figures,
            pace=pace_of(figures, duty, day),
            letter=letter_for(figures, duty, self._intake.clock.now()),
            missing=tuple(named),
            missing_count=len(rows),
        )

    # --- matrix, grid, trend ----------------------------------------------------------------------

    def matrix(
        self, session: Session, area_id: str | None, programme: str, duty: str, month: str = ""
    ) -> Matrix:
        """Return a commune's owners by period for one duty, over twelve months, newest first.

        Raises:
            NotFound: the area lies outside.
            NotValid: not a commune, or not a month.
            UnknownItem: no such duty here.
        """
        reach, day = self._scope.reach(session, Right.READ_WORK, area_id), self.day(month)
        if reach.level != "commune":
            raise say(NotValid("Bảng theo tháng là của một xã, phường: chọn xã, phường trước."))
        self.duty(reach, programme, duty, day)
        whole = self._compliance.matrix(reach.area_id, programme, months_until(day, MONTHS))
        chosen = [at for at, column in enumerate(whole.columns) if column.duty == duty][::-1]
        rows = (
            row.model_copy(update={"cells": tuple(row.cells[at] for at in chosen)})
            for row in whole.rows
        )
        return Matrix(
            columns=tuple(whole.columns[at] for at in chosen),
            rows=tuple(row for row in rows if any(cell.letter for cell in row.cells)),
        )

    def standing(
        self,
        session: Session,
        area_id: str | None,
        programme: str,
        duty: str,
        month: str = "",
        *,
        whole: bool = False,
    ) -> Standing:
        """Return figures, trend and children of an area for one duty.

        What is read from every single row (lateness, evidence, who misses again and again) comes
        with a commune; with the area above it only where ``whole`` asks for it.

        Raises:
            NotFound, NotValid, UnknownItem: as `matrix`.
        """
        reach, day = self._scope.reach(session, Right.READ_WORK, area_id), self.day(month)
        found, now = self.duty(reach, programme, duty, day), self._intake.clock.now()
        asked = (programme, duty, found.period, reach.area_id)
        plan = self._uses.programme(programme)
        periods = recent_periods(plan, plan.duty(duty), day, MONTHS)
        children = self._compliance.rollup(*asked)
        figures = sum((row.figures for row in children), Figures())
        rows_too = whole or reach.level != "province"
        chronic = (
            self._compliance.chronic(programme, duty, reach.area_id, periods) if rows_too else ()
        )
        named = (Place(id=each.owner_id, name=each.owner_name, level="") for each in chronic)
        trend = self._compliance.trend(programme, duty, reach.area_id, periods)
        return Standing(
            area=place_of(reach),
            duty=found,
            figures=figures,
            shares=shares_of(figures),
            pace=pace_of(figures, found, day),
            letter=letter_for(figures, found, now),
            quality=self._compliance.quality(*asked) if rows_too else None,
            lateness=self._compliance.lateness(*asked) if rows_too else None,
            children=tuple(
                Tile(
                    id=row.id, name=row.name, figures=row.figures,
                    letter=letter_for(row.figures, found, now),
                    is_area=reach.level == "province" and row.id != reach.area_id,
                )
                for row in children
            ),
            trend=tuple(dropwhile(lambda point: point.figures == Figures(), trend)),
            chronic=tuple(named),
        )  # fmt: skip

    def drill(
        self, session: Session, owner_id: str, period: str
    ) -> tuple[Place, tuple[tuple[str, Drilled], ...]]:
        """Return an owner, and what it owes in a period: title and the check-ins behind it.

        Raises:
            NotFound: it lies outside, or owes nothing then.
        """
        reach = self._scope.reach(session, Right.READ_WORK)
        with self._intake.read() as view:
            owner = owner_within(view, reach, owner_id)
        found = self._compliance.drill(owner_id, period)
        if not found:
            raise say(NotFound("Kỳ này đơn vị không phải làm việc gì: chọn kỳ khác."))
        titles = self._uses.titles({each.programme for each in found})
        place = Place(id=owner.id, name=owner.name, level=owner.kind, parent_id=owner.commune_id)
        named = ((titles.get((each.programme, each.duty), each.duty), each) for each in found)
        return place, tuple(named)

    def overview_place(self, session: Session) -> Place:
        """Return the area of the officer's own unit."""
        return place_of(self._scope.reach(session, Right.READ_WORK))

    def children(self, session: Session) -> tuple[Place, ...]:
        """Return the areas directly below the officer's own, to choose from."""
        reach, today = self._scope.reach(session, Right.READ_WORK), self._intake.clock.today()
        with self._intake.read() as view:
            rows = view.areas.children(reach.area_id)
        standing = (row for row in rows if row.valid_to is None or row.valid_to > today)
        return tuple(
            Place(id=row.id, name=row.name, level=row.level, parent_id=row.parent_id)
            for row in standing
        )

    def day(self, month: str) -> date:
        """Return the day on which a month is looked at: today in this one, else its last.

        Raises:
            NotValid: not a month.
        """
        today = self._intake.clock.today()
        if not month:
            return today
        with telling():
            span = _span_of(month)
        return today if span.holds(today) else span.last


_ORDER = ("month", "quarter", "semester", "year", "plan", "always")


def months_until(day: date, n: int) -> tuple[str, ...]:
    """Return the names of the last ``n`` months up to a day, oldest first."""
    at = day.year * 12 + day.month - 1
    return tuple(f"{month // 12:04}-{month % 12 + 1:02}" for month in range(at - n + 1, at + 1))


def _span_of(month: str) -> Span:
    try:
        return typed_month(month)
    except ValueError:
        raise NotValid("Tháng phải viết theo dạng 2026-11.") from None
