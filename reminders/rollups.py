"""Who is told how the units below stand, and on which day: Monday, T−3, T0, and what is late.

One digest for an area and a day, whatever makes it due. A digest that could not leave on its day
stays wanted for three days, and a newer one takes its place. It goes to the people assigned to the
commune or province itself, in the same message as their own deadlines; nothing is posted in a
group, and no child's reminder is copied to anybody.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import takewhile

from intake.nudging.digests import AreaDigests, AreaNews
from intake.nudging.shapes import AreaDigest
from intake.plans.calendar import DAY
from intake.plans.programme import Programme
from intake.plans.programme_use import ProgrammeUses
from intake.plans.seasons import Season
from intake.plans.working_days import WorkingDays
from intake.service import Intake
from intake.settings import Settings
from reminders.ladders import Ladders, load_ladders
from reminders.rollup_days import RollUpDay, roll_up_day
from reminders.rollup_guesses import guesses
from reminders.states import DigestDue
from storage.unit_of_work import View

DIGEST_RUNG, UNREAD_RUNG = "digest", "unread"
WANTED_FOR = timedelta(days=3)


class Digests:
    """Answers who has a digest due, and what stands in it."""

    def __init__(
        self, intake: Intake, uses: ProgrammeUses, settings: Settings,
        ladders: Ladders | None = None,
    ) -> None:  # fmt: skip
        self._intake = intake
        self._uses = uses
        self._settings = settings
        self._given = ladders
        self._read: tuple[WorkingDays, Ladders] | None = None
        self.areas = AreaDigests(intake, uses, settings, lambda season: self._up(season)[1])

    # --- days -------------------------------------------------------------------------------------

    def _roll_up_day(self, programmes: Iterable[Programme], day: date) -> RollUpDay:
        seasons = [s for p in programmes for s in self.areas.seasons(p, day)]
        return roll_up_day(day, seasons, self.areas.days, self._up)

    def _wanted(self, programmes: Iterable[Programme], day: date) -> tuple[RollUpDay, ...]:
        """Return the roll-up days that are wanted on ``day``, the newest first.

        Those that were not told in the last days count too, on a day that has come: a day still
        ahead is looked at as if everything before it will have left in time.
        """
        back = WANTED_FOR.days if day <= self._intake.clock.today() else 0
        known = tuple(programmes)
        found = (self._roll_up_day(known, day - n * DAY) for n in range(back + 1))
        return tuple(each for each in found if not each.is_empty)

    def _up(self, season: Season) -> tuple[int | None, int | None]:
        """Return the days late at which it stands one level up, and two."""
        programme, ladders = self._uses.programme(season.programme), self._ladders
        if season.is_report:
            rule = ladders.of_deadline(programme, programme.deadline(season.item))
        else:
            rule = ladders.of_duty(programme, programme.duty(season.item))
        up = rule.up if rule else ()
        return (up[0] if up else None, up[1] if len(up) > 1 else None)

    @property
    def _ladders(self) -> Ladders:
        """The ladders, read again together with the days off."""
        days = self.areas.days
        if self._read is None or self._read[0] is not days:
            self._read = days, self._given or load_ladders(self._settings.programmes)
        return self._read[1]

    # --- one person -------------------------------------------------------------------------------

    def for_person(
        self, view: View, leader_id: bytes, day: date, *, tips: bool = True
    ) -> tuple[AreaDigest, ...]:
        """Return what stands in a person's digests on ``day``; nothing where none is due.

        ``tips=False`` leaves out how many tips wait: for everybody but the officer it is meant for.
        """
        found = (each for _, some in self.owed_to(view, leader_id, day) for each in some)
        return tuple(each for each in found if tips or not each.unread_tips)

    def due_to(self, view: View, leader_id: bytes, day: date) -> tuple[DigestDue, ...]:
        """Return the digests that are due to a person on ``day`` and not told yet."""
        return tuple(due for due, _ in self.owed_to(view, leader_id, day))

    def owed_to(
        self, view: View, leader_id: bytes, day: date
    ) -> Iterator[tuple[DigestDue, tuple[AreaDigest, ...]]]:
        """Yield each digest that is due to a person and not told yet, with what stands in it."""
        programmes = self.areas.programmes(view, day)
        wanted = self._wanted(programmes.values(), day)
        held = _held(view, leader_id, day)
        for area_id in held if wanted else ():
            news = self.areas.news(view, area_id, day)
            on = next((each for each in wanted if news and _is_due(news, each)), None)
            if news is None or on is None:
                continue
            due = DigestDue(subject_of(DIGEST_RUNG, area_id, on.day), DIGEST_RUNG)
            if not view.digests.told([(leader_id, due.subject)]):
                yield due, _told_of(news, weekly=on.weekly)
        yield from self._unread(view, leader_id, day)

    def _unread(
        self, view: View, leader_id: bytes, day: date
    ) -> Iterator[tuple[DigestDue, tuple[AreaDigest, ...]]]:
        found = self._unread_due(view, day).get(leader_id)
        if found is None:
            return
        due, unit_id, number = found
        unit = view.areas.unit(unit_id)
        area = view.areas.get(unit.area_id) if unit else None
        if area is not None:
            bare = AreaDigest(area.id, area.name, "", "", 0, 0, ())
            yield due, (replace(bare, unread_tips=number),)

    def _unread_due(self, view: View, day: date) -> Mapping[bytes, tuple[DigestDue, str, int]]:
        """Return what each linked officer is told of tips today: on working days, once a day."""
        if not self.areas.days.is_working(day):
            return {}
        waiting = self.areas.unread(view, day)
        dues = {
            leader: (DigestDue(subject_of(UNREAD_RUNG, unit, day), UNREAD_RUNG), unit, number)
            for leader, (unit, number) in waiting.items()
        }
        told = view.digests.told((leader, due.subject) for leader, (due, _, _) in dues.items())
        return {
            leader: found
            for leader, found in dues.items()
            if (leader, found[0].subject) not in told
        }

    # --- everybody --------------------------------------------------------------------------------

    def due_on(self, day: date) -> Mapping[bytes, tuple[DigestDue, ...]]:
        """Return, by leader, the digests that may be due on ``day`` and were not told yet.

        Found in bulk and so a little too many: whether there is anything to tell is decided by
        `for_person`, which is asked again before anything leaves.
        """
        found: dict[bytes, list[DigestDue]] = defaultdict(list)
        with self._intake.read() as view:
            programmes = self.areas.programmes(view, day)
            wanted = self._wanted(programmes.values(), day)
            if wanted:
                for leader, due in self._by_area(view, programmes, wanted, day):
                    found[leader].append(due)
            for leader, (due, _, _) in self._unread_due(view, day).items():
                found[leader].append(due)
        return {leader: tuple(dues) for leader, dues in found.items()}

    def names_on(self, day: date) -> tuple[str, ...]:
        """Return a name for everything that makes digests due on ``day``; cheap, reads no area.

        Whoever notes these as swept need not ask `due_on` again for them; tips that wait are found
        by `due_on` alone.
        """
        with self._intake.read() as view:
            programmes = self.areas.programmes(view, day)
        return tuple(
            f"digest {each.day.isoformat()}" for each in self._wanted(programmes.values(), day)
        )

    def _by_area(
        self, view: View, programmes: Mapping[str, Programme], wanted: tuple[RollUpDay, ...],
        day: date,
    ) -> Iterator[tuple[bytes, DigestDue]]:  # fmt: skip
        found: list[tuple[bytes, list[DigestDue]]] = []
        seasons = [s for p in programmes.values() for s in self.areas.seasons(p, day)]
        for head, guess in guesses(view, programmes, seasons, day):
            days = (each.day for each in wanted if guess.may_be_due(each))
            subjects = (subject_of(DIGEST_RUNG, head.area_id, each) for each in days)
            found.append((head.leader_id, [DigestDue(each, DIGEST_RUNG) for each in subjects]))
        told = view.digests.told((leader, due.subject) for leader, dues in found for due in dues)
        for leader, dues in found:  # nothing older than what was told
            untold = takewhile(lambda due, who=leader: (who, due.subject) not in told, dues)
            yield from ((leader, due) for due in untold)


def subject_of(kind: str, name: str, day: date) -> bytes:
    """Return the 16 bytes under which a digest of an area, or a unit's tips, happen once a day."""
    return sha256(f"{kind}|{name}|{day.isoformat()}".encode()).digest()[:16]


def _is_due(news: AreaNews, on: RollUpDay) -> bool:
    """Return whether a day's digest has something to say of an area."""
    below = {season for season, _ in news.missing}
    unsettled = news.pressing or (on.monthly and bool(news.unset or news.undated))
    weekly = on.weekly and bool(below & on.seasons or unsettled)
    further = bool(news.escalated and on.above & below)
    closing = any(season in on.closing for season, _ in news.closing)
    return weekly or further or closing or bool(on.below & below)


def _told_of(news: AreaNews, *, weekly: bool) -> tuple[AreaDigest, ...]:
    """Return the digests of an area: one for each thing, then one for the area itself."""
    known = {season for season, _ in news.missing}
    lines = [each for _, each in news.missing]
    lines += [each for season, each in news.closing if season not in known]
    whole = AreaDigest(
        news.area_id, news.area_name, "", "", 0, 0, (), escalated=news.escalated,
        unset=news.unset if weekly else (), undated=news.undated if weekly else (),
        by_phone=news.by_phone,
    )  # fmt: skip
    if whole.escalated or whole.unset or whole.undated or whole.by_phone:
        lines.append(whole)
    return tuple(lines)


def _held(view: View, leader_id: bytes, day: date) -> list[str]:
    """Return what somebody is assigned to on a day, each once."""
    rows = view.assignments.of_leader(leader_id)
    held = (row for row in rows if row.since <= day and (row.until is None or day < row.until))
    return list(dict.fromkeys(row.owner_id for row in held))
