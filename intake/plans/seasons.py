"""What a digest speaks of on a day: duties and reports from some weeks before until it is over.

Pure: a programme and a day go in. Before its season nobody is told that a thing is missing; what
has no end has no season.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from intake.plans.calendar import DAY, Occurrence
from intake.plans.due_rules import due_rule
from intake.plans.periods import period_label, terms_of
from intake.plans.programme import Programme
from intake.plans.programme_schema import Deadline, Duty
from intake.plans.working_days import WorkingDays

MONTHLY_LEAD = timedelta(days=14)
LEAD = timedelta(days=30)
LATE_REPORT = timedelta(days=30)
"""How long a report that was never sent stands in digests; afterwards only in the console."""


@dataclass(frozen=True, slots=True)
class Season:
    """One duty in one period, or one time of a report."""

    programme: str
    item: str
    title: str
    time: str
    """The period of a duty; the named day of a report."""
    label: str
    last_good_on: date
    safe_on: date
    is_report: bool = False
    named_on: date | None = None
    window: tuple[date, date] | None = None
    """The days whose data a report needs, where its plan says so; of a report in the narrow sense
    alone, not of a registration or a decision."""

    @property
    def late_from(self) -> date:
        """The day from which days late are counted: the one that the document names."""
        return self.named_on or self.last_good_on


def seasons_on(
    programme: Programme, day: date, days: WorkingDays, close_after: timedelta
) -> tuple[Season, ...]:
    """Return everything in season on ``day``, the most urgent first."""
    found: list[Season] = []
    for duty in programme.duties:
        if programme.is_on(duty):
            found += _of_duty(programme, duty, day, days, close_after)
    for deadline in programme.deadlines:
        found += _of_report(programme, deadline, day, days)
    return tuple(sorted(found, key=lambda each: (each.safe_on, each.is_report, each.item)))


def _of_duty(
    programme: Programme, duty: Duty, day: date, days: WorkingDays, close_after: timedelta
) -> Iterator[Season]:
    lead = MONTHLY_LEAD if duty.per == "month" else LEAD
    at = day - close_after
    while at <= day:
        terms = terms_of(programme, duty, at)
        if terms is None:
            at += DAY
            continue
        if terms.last == date.max:
            return
        safe_on = days.last_until(terms.last)
        if safe_on - lead <= day <= terms.last + close_after:
            label = period_label(terms.period)
            yield Season(
                programme.id, duty.id, duty.title, terms.period, label, terms.last, safe_on
            )
        at = terms.last + DAY


def _of_report(
    programme: Programme, deadline: Deadline, day: date, days: WorkingDays
) -> Iterator[Season]:
    rule = due_rule(deadline)
    near = {rule.latest(day), rule.earliest(day), rule.latest(day - LATE_REPORT)}
    for named in sorted(each for each in near if each is not None and programme.in_force(each)):
        season = report_season(programme, deadline, rule.at(named), days)
        if season.safe_on - LEAD <= day <= season.last_good_on + LATE_REPORT:
            yield season


def report_season(
    programme: Programme, deadline: Deadline, occurrence: Occurrence, days: WorkingDays
) -> Season:
    """Return one time of a report, in season or not."""
    window = programme.covers(deadline, occurrence)
    label = f"{window[0]:%d/%m/%Y} đến {window[1]:%d/%m/%Y}" if window else (
        f"hạn {occurrence.last_good_on:%d/%m/%Y}"
    )  # fmt: skip
    return Season(
        programme.id, deadline.id, deadline.title, occurrence.named_on.isoformat(), label,
        occurrence.last_good_on, days.last_until(occurrence.last_good_on), is_report=True,
        named_on=occurrence.named_on, window=window if deadline.kind == "report" else None,
    )  # fmt: skip
