"""What a part of a day has to look at: every step of a ladder that has come, each by its name.

A name is noted once its step is done, so that it is looked at once in each part of a day, and a
minute in which nothing is new ends here. Reads by group; whether a person is reminded is not judged
here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from intake.ports import VIETNAM
from reminders.calendar import step_on
from reminders.items import DutyKey, Items
from storage.unit_of_work import View

PARTS_OF_A_DAY = (
    ("am", time(6), time(11, 15)), ("pm", time(13), time(17)), ("eve", time(17), time(21))
)  # fmt: skip
"""Everybody is looked at in each of these once: what the morning dropped, the afternoon plans, and
who took over or was refused an exemption in the afternoon hears of the last day in the evening."""
SNOOZED_SINCE = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Steps:
    """What a part of a day has to look at: by name, as it is noted once it is done."""

    duties: Mapping[str, DutyKey] = field(default_factory=dict[str, DutyKey])
    reports: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    snoozes: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all of them."""
        return (*self.duties, *self.reports, *self.digests, *filter(None, [self.snoozes]))

    def without(self, done: Collection[str]) -> "Steps":
        """Return those that are not done yet."""
        return Steps(
            {name: key for name, key in self.duties.items() if name not in done},
            tuple(name for name in self.reports if name not in done),
            tuple(name for name in self.digests if name not in done),
            "" if self.snoozes in done else self.snoozes,
        )


def part_of_day(now: datetime) -> str:
    """Return the part of the day that ``now`` lies in; "" in the hours between."""
    hour = now.astimezone(VIETNAM).time()
    return next((name for name, first, end in PARTS_OF_A_DAY if first <= hour < end), "")


def steps_of(
    view: View, items: Items, day: date, part: str, digests: Sequence[str] = ()
) -> Steps:  # fmt: skip
    """Return every step that is wanted on a day, each with its name for that part of the day."""
    programmes = items.programmes(view.programmes.uses(), day)
    duties = {
        f"{' '.join(key)} {step.rung} {part}": key
        for key, item in items.duties(programmes, day).items()
        if (step := step_on(item.steps, day)) is not None
    }
    reports = tuple(
        f"{name} {report.item.item} {report.item.period} {step.rung} {part}"
        for name in programmes
        for report in items.reports(name, day)
        if (step := step_on(report.item.steps, day)) is not None
    )
    told = tuple(f"{name} {part}" for name in (*digests, "tips"))
    return Steps(duties, reports, told, f"snoozes {part}")


def candidates(view: View, steps: Steps, day: date) -> set[bytes]:
    """Return everybody who may have something due by these steps."""
    found: set[bytes] = set()
    for programme, duty, period in steps.duties.values():
        found.update(view.nudge_states.owing(programme, duty, period, day))
    if steps.reports:
        found.update(view.nudge_states.senders(day))
    if steps.snoozes:
        found.update(view.nudge_states.snoozed(day - SNOOZED_SINCE, day))
    return found
