"""What officers look at of the reminders: who will hear what, what has left, what came of it.

Every call asks the scope first, and what lies outside the area is never named: of a person who is
shared with another ward, only what concerns this area. No message's words are here: they are made
when it leaves.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta

from intake.errors import Misconfigured, NotValid
from intake.nudging.desk_shapes import EffectView, LoggedView, LogView, PlannedView, PlanView
from intake.nudging.shapes import NudgePreview
from intake.nudging.stops import stops_seen
from intake.nudging.subjects import ReportSubject, report_subjects
from intake.nudging.telling import about, logged, names_of, planned, rung_kind, rung_order
from intake.officers import Session
from intake.plans.calendar import Span, month_of
from intake.plans.periods import typed_month
from intake.plans.programme import Programme
from intake.plans.programme_use import ProgrammeUses
from intake.policy import Right
from intake.service import Intake
from intake.ward.views import place_of
from intake.work.compliance_shapes import Share
from intake.work.work_scope import Reach, WorkScope, say
from storage.nudge_log import EffectRow, LoggedRow, SubjectRow
from storage.unit_of_work import View

SOON = timedelta(days=3)
"""Done within this time of a reminder counts as done after it."""
_AHEAD = timedelta(days=62)
_MOST = 200
_ON_THE_WAY = ("waiting", "claimed", "sending")
_PHONE = "phone"


class NudgeDesk:
    """Reads what will leave and what has left; changes nothing."""

    def __init__(
        self, intake: Intake, scope: WorkScope, uses: ProgrammeUses,
        preview: NudgePreview | None = None,
    ) -> None:  # fmt: skip
        self._intake = intake
        self._scope = scope
        self._uses = uses
        self._preview = preview

    # --- beforehand -------------------------------------------------------------------------------

    def plan(
        self, session: Session, area_id: str | None = None, day: date | None = None
    ) -> PlanView:
        """Return who will hear what on a day; tomorrow unless told.

        Raises:
            NotFound: the area lies outside.
            NotValid: a day that is over, or too far ahead to be told.
        """
        reach = self._scope.reach(session, Right.READ_WORK, area_id)
        today = self._intake.clock.today()
        on = day or today + timedelta(days=1)
        if not today <= on <= today + _AHEAD:
            raise say(NotValid("Chọn một ngày từ hôm nay tới hai tháng nữa."))
        found = self._preview.on(on, reach.area_id) if self._preview else ()
        with self._intake.read() as view:
            inside = {row.id for row in view.wards.standing(reach.area_id, on)}
            stops = stops_seen(view, reach)
        messages = [each for each in (planned(one, inside) for one in found) if each]
        messages.sort(key=_soonest)
        return PlanView(
            area=place_of(reach), day=on, is_known=self._preview is not None, stops=stops,
            messages=tuple(m for m in messages if not m.stopped and m.channel != _PHONE),
            by_phone=tuple(m for m in messages if not m.stopped and m.channel == _PHONE),
            held=tuple(m for m in messages if m.stopped),
        )  # fmt: skip

    # --- afterwards -------------------------------------------------------------------------------

    def log(self, session: Session, area_id: str | None = None, month: str = "") -> LogView:
        """Return what became of a month's messages, and how many did it within three days.

        Raises:
            NotFound: the area lies outside.
            NotValid: not a month.
        """
        reach = self._scope.reach(session, Right.READ_WORK, area_id)
        span = self._month(month)
        asked = (reach.area_id, span.first, span.last)
        with self._intake.read() as view:
            counts = view.nudge_log.counts(*asked)
            trouble = view.nudge_log.logged(*asked, ("dead", _PHONE), _MOST)
            rows = view.nudge_log.logged(*asked, ("sent", *_ON_THE_WAY), _MOST)
            effects = view.nudge_log.effects(*asked)
            reports = self._reports(view, reach, span)
            told = self._told(view, reach, [*trouble, *rows], reports)
        effects = [each for one in effects if (each := _judged(one, reports)) is not None]
        waiting = sum(counts.get(state, 0) for state in _ON_THE_WAY)
        sent = counts.get("sent", 0)
        return LogView(
            area=place_of(reach), month=span.name, sent=sent, waiting=waiting,
            dead=counts.get("dead", 0), phone=counts.get(_PHONE, 0),
            trouble=tuple(told[row.id] for row in trouble),
            messages=tuple(told[row.id] for row in rows), more=max(0, sent + waiting - len(rows)),
            effects=tuple(self._effects(effects)), effect=self._effect("", effects),
        )  # fmt: skip

    def _reports(self, view: View, reach: Reach, span: Span) -> Mapping[bytes, ReportSubject]:
        """Return the reports of this area and of the communes in it, by their bytes."""
        used = {use.programme for use in view.programmes.uses()}
        areas = {reach.area_id, *reach.communes}
        filed = view.filings.of_areas(sorted(areas))
        programmes: list[Programme] = []
        for name in sorted(used):
            with suppress(Misconfigured):  # its file was taken away
                programmes.append(self._uses.programme(name))
        return report_subjects(programmes, areas, filed, span.first, span.last)

    def _told(
        self, view: View, reach: Reach, rows: Iterable[LoggedRow],
        reports: Mapping[bytes, ReportSubject],
    ) -> Mapping[bytes, LoggedView]:  # fmt: skip
        found = list(rows)
        inside = {row.id for row in view.wards.standing(reach.area_id, self._intake.clock.today())}
        some: dict[bytes, list[SubjectRow]] = {}
        for each in view.nudge_log.subjects([row.id for row in found]):
            if each.owner_id is None or each.owner_id in inside:
                some.setdefault(each.nudge_id, []).append(each)
        subjects = [one for part in some.values() for one in part]
        owners = {one.owner_id for one in subjects if one.owner_id}
        owners |= {each.area_id for each in reports.values()}
        names = view.owners.names(owners)
        titles = self._uses.titles({one.programme for one in subjects if one.programme})
        askers = names_of(view, {row.by for row in found if row.by})
        return {
            row.id: logged(
                row, askers if row.id in some else {},  # about another ward: no name of its people
                about(some.get(row.id, ()), names, titles, reports),
            )
            for row in found
        }  # fmt: skip

    def _effects(self, rows: list[EffectRow]) -> Iterable[EffectView]:
        by_rung: dict[str, list[EffectRow]] = {}
        for row in rows:
            by_rung.setdefault(rung_kind(row.rung), []).append(row)
        for rung in sorted(by_rung, key=rung_order):
            yield self._effect(rung, by_rung[rung])

    def _effect(self, rung: str, rows: Iterable[EffectRow]) -> EffectView:
        """Count each thing once, however many people were reminded of it."""
        now = self._intake.clock.now()
        firsts: dict[tuple[bytes, str], EffectRow] = {}
        for row in sorted(rows, key=lambda each: each.sent_at):
            firsts.setdefault((row.subject, rung_kind(row.rung)), row)
        soon = [_was_soon(row) for row in firsts.values()]
        judged = [
            done for done, row in zip(soon, firsts.values(), strict=True)
            if done or row.sent_at + SOON <= now
        ]  # fmt: skip
        share = Share(numerator=sum(judged), denominator=len(judged))
        return EffectView(rung=rung, sent=len(firsts), soon=share)

    # --- small things -----------------------------------------------------------------------------

    def _month(self, month: str) -> Span:
        if not month:
            return month_of(self._intake.clock.today())
        try:
            return typed_month(month)
        except ValueError:
            raise say(NotValid("Tháng viết theo dạng 2026-11.")) from None


def _judged(row: EffectRow, reports: Mapping[bytes, ReportSubject]) -> EffectRow | None:
    """Return a rung with when its thing was done; None for what is no duty and no report here."""
    if row.obligation_id is not None:
        return row
    report = reports.get(row.subject)
    return row._replace(met_at=report.filed_at) if report else None


def _soonest(message: PlannedView) -> tuple[datetime, tuple[bool, int], str]:
    """Order by when it leaves, and within an hour by what is nearest; what is late comes after."""
    days = [(line.days_left < 0, abs(line.days_left)) for line in message.owed]
    return message.at, min(days, default=(True, _AHEAD.days)), message.name


def _was_soon(row: EffectRow) -> bool:
    return row.met_at is not None and row.sent_at <= row.met_at <= row.sent_at + SOON
