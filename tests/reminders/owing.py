"""People who owe something, as the policy is handed them."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from intake.plans.calendar import Occurrence, month_of, quarter_of
from intake.plans.working_days import working_days
from intake.ports import VIETNAM
from reminders.calendar import LadderRule, plan_steps
from reminders.policy import OpenDuty, OwedItem, PersonState, SendingDays

OFFICES = working_days()
DAYS = SendingDays(OFFICES)
MONTHLY = LadderRule((14, 7, 3, 1, 0), (1,), (3, 1), (3, 7))
REPORT = LadderRule((30, 14, 7, 3, 1, 0), (1, 3, 7), (3, 1), (3, 7))


def at(day: str, hour: str = "08:00") -> datetime:
    """Return a moment in Vietnam."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), VIETNAM)


def month(name: str, duty: str = "tuyen-truyen-thang") -> OwedItem:
    """Return a monthly duty of a month written as 2026-06."""
    span = month_of(date.fromisoformat(f"{name}-01"))
    return _item(duty, span.name, Occurrence(span.last, span.last), MONTHLY)


def quarter(day: str) -> OwedItem:
    """Return a quarterly duty."""
    span = quarter_of(date.fromisoformat(day))
    return _item("tuyen-truyen-quy", span.name, Occurrence(span.last, span.last), MONTHLY)


def due_on(day: str, rule: LadderRule = MONTHLY) -> OwedItem:
    """Return a duty whose last good day is any day: a semester's, a unit's own."""
    last = date.fromisoformat(day)
    return _item("rieng", day, Occurrence(last, last), rule)


def report(named_on: str) -> OwedItem:
    """Return a report that is due before a day."""
    named = date.fromisoformat(named_on)
    occurrence = Occurrence(named, date.fromordinal(named.toordinal() - 1))
    item = _item("bao-cao-6-thang", named_on, occurrence, REPORT)
    return replace(item, sort="deadline", named_on=named)


def _item(name: str, period: str, when: Occurrence, rule: LadderRule) -> OwedItem:
    return OwedItem(
        programme="viec-hang-thang-cua-to", item=name, period=period, sort="duty", title=name,
        period_label=period, named_on=None, last_good_on=when.last_good_on,
        safe_on=OFFICES.last_until(when.last_good_on), steps=plan_steps(when, rule, OFFICES),
    )  # fmt: skip


def owed(item: OwedItem, owner: str = "TDP1", **about: Any) -> OpenDuty:
    """Return a duty that somebody owes since long."""
    about = {"appeared_at": at("2020-01-01")} | about
    subject = f"{item.item}{item.period}{owner}".encode()[-16:].rjust(16, b".")
    return OpenDuty(item, subject, owner, f"Tổ {owner[-1]}", **about)


def leader(*duties: OpenDuty, **about: Any) -> PersonState:
    """Return a leader who owes these."""
    return PersonState(b"leader".rjust(16, b"."), DAYS, duties, **about)


def officer(*duties: OpenDuty, **about: Any) -> PersonState:
    """Return somebody of the ward itself who owes these."""
    return leader(*duties, officer=True, **about)
