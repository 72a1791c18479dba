"""What one level is told of its direct children: counts and names of units, never of people.

Reads alone. When somebody is told is decided by ``reminders.rollups``; here stands what there is to
tell on a day. A unit whose exemption the ward has not decided is never named one level up.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from intake.nudging.report_area import ReportArea, area_on
from intake.nudging.report_readiness import Readiness, below, filed_below, pending_late, readiness
from intake.nudging.report_senders import may_inherit, roles_of
from intake.nudging.shapes import AreaDigest
from intake.plans.programme import DAYS_OFF, Programme
from intake.plans.programme_use import ProgrammeUses
from intake.plans.seasons import Season, report_season, seasons_on
from intake.plans.working_days import WorkingDays, working_days
from intake.policy import RIGHTS, Right
from intake.ports import VIETNAM
from intake.service import Intake
from intake.settings import Settings
from storage.unit_of_work import View

MOST_NAMED = 10
Escalating = Callable[[Season], int | None]
"""Gives the days late from which a unit is named one level up; None: never."""
TOLD_AT = time(8)
READ_AGAIN = timedelta(minutes=5)
SILENT = ("web",)
"""Channels on which nobody can be written to unasked."""


@dataclass(frozen=True, slots=True)
class AreaNews:
    """Everything there is to tell of an area on a day."""

    area_id: str
    area_name: str
    missing: tuple[tuple[Season, AreaDigest], ...] = ()
    """Duties and reports in season that children still owe."""
    closing: tuple[tuple[Season, AreaDigest], ...] = ()
    """The area's own reports whose data is closed and which are not sent: what is missing."""
    escalated: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    pressing: bool = False
    """Whether a report in season waits for somebody to be named: it cannot wait for a new month."""
    undated: tuple[str, ...] = ()
    by_phone: tuple[str, ...] = ()


class AreaDigests:
    """Reads what digests say."""

    def __init__(
        self, intake: Intake, uses: ProgrammeUses, settings: Settings, escalating: Escalating
    ) -> None:
        self._intake = intake
        self._uses = uses
        self._settings = settings
        self._escalating = escalating
        self._days: tuple[datetime, WorkingDays] | None = None
        self._seasons: dict[tuple[str, date], tuple[Programme, tuple[Season, ...]]] = {}

    # --- what is in season ------------------------------------------------------------------------

    @property
    def days(self) -> WorkingDays:
        """The calendar of days off; read again every few minutes, and the programmes with it."""
        now = self._intake.clock.now()
        if self._days is None or not timedelta() <= now - self._days[0] < READ_AGAIN:
            own_file = self._settings.programmes / f"{DAYS_OFF}.toml"
            self._uses.forget()
            self._days = now, working_days(own_file)
            self._seasons.clear()
        return self._days[1]

    def seasons(self, programme: Programme, day: date) -> tuple[Season, ...]:
        """Return what a programme has in season on a day."""
        days, key = self.days, (programme.id, day)
        known = self._seasons.get(key)
        if known is None or known[0] is not programme:  # its file was read again
            known = programme, seasons_on(programme, day, days, self._uses.close_after)
            self._seasons[key] = known
        return known[1]

    def programmes(self, view: View, day: date) -> Mapping[str, Programme]:
        """Return the programmes that are in force anywhere on a day."""
        _ = self.days  # reads the files again where it is time to
        names = sorted({use.programme for use in view.programmes.uses() if use.is_on(day)})
        found = ((name, self._uses.programme(name)) for name in names)
        return {name: programme for name, programme in found if programme.in_force(day)}

    # --- one area ---------------------------------------------------------------------------------

    def news(self, view: View, area_id: str, day: date) -> AreaNews | None:
        """Return what there is to tell of a commune or province; None for any other area."""
        area = area_on(view, self._uses, area_id, day)
        if area is None:
            return None
        seasons = sorted(
            (s for p in area.inside.values() for s in self.seasons(p, day)),
            key=lambda each: (each.safe_on, each.is_report, each.item),
        )
        owed = [(s, found) for s in seasons if (found := self._owed_below(view, area, s))]
        return AreaNews(
            area_id,
            area.name,
            missing=tuple((s, _digest(view, area, s, found)) for s, found in owed),
            closing=tuple(self._closing(view, area, seasons, day)),
            escalated=self._escalated(view, area, owed, day),
            unset=_unset(area),
            pressing=any(_lacks_sender(area, season, day) for season in seasons),
            undated=self._undated(view, area, day),
            by_phone=self._by_phone(view, area, owed, day),
        )

    def _owed_below(self, view: View, area: ReportArea, season: Season) -> Readiness | None:
        if season.is_report:
            programme = area.inside[season.programme]
            found = filed_below(view, area, programme, season) if area.communes else None
        else:
            found = below(view, area, season)
        return found if found is not None and found.missing else None

    def _closing(
        self, view: View, area: ReportArea, seasons: Iterable[Season], day: date
    ) -> Iterator[tuple[Season, AreaDigest]]:
        for season in seasons:
            if is_closing(season, day) and self.owes_report(view, area, season):
                found = readiness(view, area, season, day)
                if found is not None and found.missing:
                    yield season, _digest(view, area, season, found)

    def owes_report(self, view: View, area: ReportArea, season: Season) -> bool:
        """Return whether an area has to send a report itself and has not marked it as sent."""
        applies = area.programmes.get(season.programme)
        if applies is None or not season.is_report:
            return False
        programme, since = applies
        sender = area.sender(programme, programme.deadline(season.item))
        if sender is None or sender.unset or season.last_good_on < since:
            return False
        return area.id not in view.digests.filed(season.programme, season.item, season.time)

    def _escalated(
        self, view: View, area: ReportArea, owed: Iterable[tuple[Season, Readiness]], day: date
    ) -> tuple[str, ...]:
        """Return the communes of a province with something seven days late in them."""
        late = set[str]()
        for season, found in owed if area.communes else ():
            if self.escalates(season, day):
                late |= found.missing if season.is_report else pending_late(view, area, season)
        return tuple(view.owners.names(late).values())

    def escalates(self, season: Season, day: date) -> bool:
        """Return whether units that still owe it are named one level up by now."""
        late = self._escalating(season)
        return late is not None and day >= season.late_from + timedelta(days=late)

    def _undated(self, view: View, area: ReportArea, day: date) -> tuple[str, ...]:
        year = str(day.year)
        done = {
            (row.programme, row.item)
            for row in view.filings.of_areas([area.id])
            if row.occurrence == year and not row.withdrawn
        }
        found = list[str]()
        for programme, _ in area.programmes.values():
            for item in programme.undated:
                sender = area.sender(programme, item)
                if sender and not sender.unset and (programme.id, item.id) not in done:
                    found.append(item.title)
            found += _unscheduled(programme)
        return tuple(dict.fromkeys(found))

    def _by_phone(
        self, view: View, area: ReportArea, owed: Iterable[tuple[Season, Readiness]], day: date
    ) -> tuple[str, ...]:
        if area.communes:
            return ()
        owing = {owner for season, found in owed if not season.is_report for owner in found.missing}
        return tuple(view.owners.names(unreached(view, owing, day)).values())

    # --- a report's own line ----------------------------------------------------------------------

    def ready(
        self, view: View, area_id: str, report: tuple[str, str], named_on: date, day: date
    ) -> tuple[tuple[int, int], tuple[str, ...]] | None:
        """Return (units ready, units expected) of a report and at most ten names of the others.

        ``report`` is the programme's id and the deadline's.
        None where nothing below the area is needed for it.
        """
        programme, item = report
        area = area_on(view, self._uses, area_id, day)
        plan = area.inside.get(programme) if area else None
        if area is None or plan is None:
            return None
        deadline = plan.deadline(item)
        season = report_season(plan, deadline, plan.occurrence(deadline, named_on), self.days)
        found = readiness(view, area, season, day)
        if found is None:
            return None
        names = tuple(view.owners.names(found.missing).values())
        return (found.met, found.expected), names[:MOST_NAMED]

    # --- tips that nobody has looked at -----------------------------------------------------------

    def unread(self, view: View, day: date) -> Mapping[bytes, tuple[str, int]]:
        """Return, by leader's entry, the unit of a linked officer and how many tips wait there.

        Only for officers who may read tips, only what their own unit received and could see by now,
        and only where nobody has looked for the set time. Tips about a unit's officers went to the
        unit above: they are no part of its number.
        """
        links = [
            link
            for link in view.digests.linked_officers()
            if Right.OPEN_TIP in RIGHTS.get(link.role, frozenset[Right]())
        ]
        told = datetime.combine(day, TOLD_AT, VIETNAM)
        now = self._intake.clock.now()
        if now.astimezone(VIETNAM).date() == day:
            told = max(told, now)
        before = min(now, told - timedelta(hours=self._settings.unread_tip_hours))
        waiting = view.digests.unread_tips({link.unit_id for link in links}, before)
        return {
            link.leader_id: (link.unit_id, waiting[link.unit_id])
            for link in links
            if waiting.get(link.unit_id)
        }


def is_closing(season: Season, day: date) -> bool:
    """Return whether a report's data is closed and its last good day is not over."""
    return season.window is not None and season.window[1] < day <= season.last_good_on


def unreached(view: View, owners: Collection[str], day: date) -> set[str]:
    """Return the owners that nobody looks after who can be written to."""
    held = view.assignments.assigned_on(owners, day)
    leaders = {
        row.id
        for row in view.leaders.some({each.leader_id for each in held})
        if row.left_on is None or row.left_on > day
    }
    reached = view.digests.reachable(leaders, SILENT)
    return set(owners) - {each.owner_id for each in held if each.leader_id in reached}


def _digest(view: View, area: ReportArea, season: Season, found: Readiness) -> AreaDigest:
    names = tuple(view.owners.names(found.missing).values())
    return AreaDigest(
        area.id, area.name, season.title, season.label, found.met, found.expected,
        names[:MOST_NAMED], max(len(names) - MOST_NAMED, 0),
    )  # fmt: skip


def _lacks_sender(area: ReportArea, season: Season, day: date) -> bool:
    applies = area.programmes.get(season.programme)
    if applies is None or not season.is_report or day > season.last_good_on:
        return False
    sender = area.sender(applies[0], applies[0].deadline(season.item))
    return sender is not None and bool(sender.unset)


def _unset(area: ReportArea) -> tuple[str, ...]:
    """Return what waits until somebody is named for a body that is gone."""
    found = list[str]()
    for programme, _ in area.programmes.values():
        for item in (*programme.deadlines, *programme.undated):
            sender = area.sender(programme, item)
            if sender and sender.unset:
                found.append(item.title)
        for duty in programme.duties:
            roles = roles_of(programme, duty.owed_by.roles)
            if programme.is_on(duty) and any(
                programme.holder(role.id) is None
                and may_inherit(role, area.level)
                and not area.named(programme.id, role.id)
                for role in roles
            ):
                found.append(duty.title)
    return tuple(dict.fromkeys(found))


def _unscheduled(programme: Programme) -> Iterator[str]:
    """Yield the duties whose periods nobody has set: semesters without days."""
    for duty in programme.duties:
        if programme.is_on(duty) and duty.per == "semester" and not programme.semesters:
            yield duty.title
