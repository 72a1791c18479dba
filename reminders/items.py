"""What can be owed on a day, by group: each duty in a period and each time of a report, once.

All who owe the same thing share its days, so a ladder is planned for a group and not for each of
180,000 rows. Reads programmes and ladders; knows no person.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from intake.nudging.shapes import Sort
from intake.nudging.windows import SendingDays
from intake.plans.calendar import Occurrence
from intake.plans.due_rules import due_rule
from intake.plans.periods import period_label, terms_of
from intake.plans.programme import DAYS_OFF, Programme
from intake.plans.programme_schema import Deadline, Duty
from intake.plans.programme_use import ProgrammeUses
from intake.plans.working_days import WorkingDays, working_days
from intake.service import Intake
from intake.settings import Settings
from reminders.calendar import LadderRule, plan_steps
from reminders.ladders import Ladders, load_ladders
from reminders.states import OwedItem
from storage.programmes import UseRow

_LOOK_BACK = (timedelta(), timedelta(days=14), timedelta(days=28))
"""Days before today in whose periods something may still be reminded of."""
_READ_AGAIN = timedelta(minutes=5)

DutyKey = tuple[str, str, str]
"""Programme, duty and period."""


class Report(NamedTuple):
    """One time of a deadline whose ladder runs."""

    deadline: Deadline
    item: OwedItem


@dataclass
class Items:
    """Everything whose ladder runs on some day; read from files once."""

    uses: ProgrammeUses
    ladders: Ladders
    working: WorkingDays
    days: SendingDays
    read_at: datetime
    _duties: dict[tuple[str, date], dict[DutyKey, OwedItem]] = field(
        default_factory=dict[tuple[str, date], dict[DutyKey, OwedItem]]
    )
    _reports: dict[tuple[str, date], tuple[Report, ...]] = field(
        default_factory=dict[tuple[str, date], tuple[Report, ...]]
    )

    def programmes(self, uses: Iterable[UseRow], day: date) -> Mapping[str, Programme]:
        """Return the programmes that are in force by some of these uses."""
        names = sorted({use.programme for use in uses if use.is_on(day)})
        found = ((name, self.uses.programme(name)) for name in names)
        return {name: programme for name, programme in found if programme.in_force(day)}

    def duties(self, names: Iterable[str], day: date) -> dict[DutyKey, OwedItem]:
        """Return the duties of programmes in the periods around a day that have a ladder."""
        found: dict[DutyKey, OwedItem] = {}
        for name in names:
            if (name, day) not in self._duties:
                self._duties[name, day] = dict(self._of_duties(self.uses.programme(name), day))
            found |= self._duties[name, day]
        return found

    def reports(self, name: str, day: date) -> tuple[Report, ...]:
        """Return the deadlines of a programme with a ladder that has begun and is not over."""
        if (name, day) not in self._reports:
            self._reports[name, day] = tuple(self._of_reports(self.uses.programme(name), day))
        return self._reports[name, day]

    def _of_duties(self, programme: Programme, day: date) -> Iterator[tuple[DutyKey, OwedItem]]:
        for duty in programme.duties:
            rule = self.ladders.of_duty(programme, duty)
            if not programme.is_on(duty) or rule is None:
                continue
            for period, last in _periods(programme, duty, day):
                label = period_label(period)
                names = (programme.id, duty.id, period)
                item = self._item(names, (duty.title, label), "duty", Occurrence(last, last), rule)
                if item.steps:
                    yield names, item

    def _of_reports(self, programme: Programme, day: date) -> Iterator[Report]:
        for deadline in programme.deadlines:
            due, rule = due_rule(deadline), self.ladders.of_deadline(programme, deadline)
            near = {named for named in (due.latest(day), due.earliest(day)) if named is not None}
            for named in sorted(each for each in near if programme.in_force(each)):
                when = due.at(named)
                covers = programme.covers(deadline, when)
                label = f"{covers[0]:%d/%m/%Y} đến {covers[1]:%d/%m/%Y}" if covers else ""
                names = (programme.id, deadline.id, named.isoformat())
                item = self._item(names, (deadline.title, label), "deadline", when, rule)
                if _runs(item, day):
                    yield Report(deadline, item)

    def _item(
        self, names: DutyKey, said: tuple[str, str], sort: Sort, when: Occurrence, rule: LadderRule
    ) -> OwedItem:
        named_on = when.named_on if when.named_on != when.last_good_on else None
        return OwedItem(
            *names, sort, *said, named_on, when.last_good_on,
            self.working.last_until(when.last_good_on), plan_steps(when, rule, self.working),
        )  # fmt: skip


class Shelf:
    """Keeps what was read from files for some minutes: an installation's own may change."""

    def __init__(self, intake: Intake, settings: Settings) -> None:
        self._intake = intake
        self._settings = settings
        self._items: Items | None = None

    def items(self) -> Items:
        """Return what can be owed.

        Raises:
            BadFile: a programme, the ladders or the days off do not fit.
        """
        now = self._intake.clock.now()
        kept = self._items
        if kept is None or not timedelta() <= now - kept.read_at < _READ_AGAIN:
            folder = self._settings.programmes
            working = working_days(folder / f"{DAYS_OFF}.toml")
            uses = ProgrammeUses(self._intake, self._settings)
            kept = Items(uses, load_ladders(folder), working, SendingDays(working), now)
            self._items = kept
        return kept


def _periods(programme: Programme, duty: Duty, day: date) -> Iterator[tuple[str, date]]:
    """Yield name and last day of the periods around a day that have an end."""
    seen: set[str] = set()
    for back in _LOOK_BACK:
        terms = terms_of(programme, duty, day - back)
        if terms is not None and terms.period not in seen and terms.last != date.max:
            seen.add(terms.period)
            yield terms.period, terms.last


def _runs(item: OwedItem, day: date) -> bool:
    return bool(item.steps) and item.steps[0].day <= day <= item.steps[-1].until
