"""Puts together what several neighbourhoods owe alike: one line for each thing, not one for each.

Pure. What is grouped is what one message holds to one person; the lines keep the order in which
they are urgent: what can still be on time first, the nearest day on top, what is late below.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from intake.nudging.desk_shapes import AboutView, OwedView
from intake.ward.phone_list import PhoneEntry, PhoneOwed

_NUMBERED = re.compile(r"(.*\D)?(\d+)(\w{0,3})")
_STEP = re.compile(r"([+-]?)(\d{1,3})(?: second)?")
_LAST = 1000
T = TypeVar("T")


class OwedGroup(NamedTuple):
    """One thing that a message asks for, and everybody who owes it."""

    line: OwedView
    """Any of them: all but the owner is alike."""
    owners: str


class AboutGroup(NamedTuple):
    """One thing that a message was about, for whom, and who did it after that."""

    line: AboutView
    owners: str
    number: int
    done: str
    """Who did it since, where it is not everybody; "" too where nobody did."""
    done_at: datetime | None
    """When the last of them did it; None where nobody did."""
    is_done: bool


class CallGroup(NamedTuple):
    """One person to be called, or one that is missing, with all that is owed."""

    entry: PhoneEntry
    owners: str
    owed: tuple[tuple[PhoneOwed, str], ...]
    """Each thing, and who owes it where the person looks after several."""
    owner_ids: tuple[str, ...]


def joined(names: Iterable[str]) -> str:
    """Return names in their order, the common beginning said once: "tổ dân phố số 3, 4, 5"."""
    alike: dict[str, list[tuple[int, str]]] = {}
    for name in dict.fromkeys(names):
        split = _NUMBERED.fullmatch(name)
        start, number, end = (split[1] or "", int(split[2]), split[3]) if split else (name, 0, "")
        alike.setdefault(start, []).append((number, f"{split[2]}{end}" if split else ""))
    told = [start + ", ".join(end for _, end in sorted(found)) for start, found in alike.items()]
    several = any(len(found) > 1 for found in alike.values())
    return ("; " if several else ", ").join(told)


def owed_groups(lines: Iterable[OwedView]) -> tuple[OwedGroup, ...]:
    """Return what a message would hold, the most urgent first."""

    def same(line: OwedView) -> Hashable:
        when = line.rung, line.named_on, line.last_good_on, line.days_left
        return line.title, line.period_label, when, line.done, line.need, line.ready

    groups = [
        OwedGroup(some[0], joined(each.owner_name for each in some if each.owner_name))
        for some in _alike(lines, same)
    ]
    return tuple(sorted(groups, key=lambda one: _when(one.line.days_left)))


def about_groups(about: Iterable[AboutView], at: datetime) -> tuple[AboutGroup, ...]:
    """Return what a message of ``at`` was about, the most urgent first."""

    def same(line: AboutView) -> Hashable:
        return line.title, line.period_label, line.rung

    groups = [_about(some, at) for some in _alike(about, same)]
    return tuple(sorted(groups, key=lambda one: _rung(one.line.rung)))


def call_groups(entries: Iterable[PhoneEntry]) -> tuple[CallGroup, ...]:
    """Return whom to call, those first whose nearest day is the earliest; the missing last."""

    def same(entry: PhoneEntry) -> Hashable:
        return entry.leader_id or entry.owner_id

    groups = [_call(some) for some in _alike(entries, same)]
    return tuple(sorted(groups, key=lambda one: (one.entry.why == "vacant", _day(one))))


def _about(some: Sequence[AboutView], at: datetime) -> AboutGroup:
    done = [each for each in some if each.met_at is not None and each.met_at >= at]
    told = joined(each.owner_name for each in done) if len(done) < len(some) else ""
    last = max((each.met_at for each in done if each.met_at), default=None)
    owners = joined(each.owner_name for each in some if each.owner_name)
    return AboutGroup(some[0], owners, len(some), told, last, len(done) == len(some))


def _call(some: Sequence[PhoneEntry]) -> CallGroup:
    owing = [(owed, entry.owner_name) for entry in some for owed in entry.owes]

    def same(one: tuple[PhoneOwed, str]) -> Hashable:
        return one[0].title, one[0].period_label, one[0].last_good_on

    things = [
        (part[0][0], joined(name for _, name in part) if len(some) > 1 else "")
        for part in _alike(owing, same)
    ]
    things.sort(key=lambda one: one[0].last_good_on or date.max)
    return CallGroup(
        some[0], joined(each.owner_name for each in some), tuple(things),
        tuple(each.owner_id for each in some),
    )  # fmt: skip


def _day(group: CallGroup) -> tuple[date, str]:
    nearest = group.owed[0][0].last_good_on if group.owed else None
    return nearest or date.max, group.owners


def _when(days_left: int) -> tuple[bool, int]:
    return days_left < 0, abs(days_left)


def _rung(rung: str) -> tuple[bool, int]:
    step = _STEP.fullmatch(rung)
    return (step[1] == "+", int(step[2])) if step else (True, _LAST)


def _alike(found: Iterable[T], same: Callable[[T], Hashable]) -> list[list[T]]:
    groups: dict[Hashable, list[T]] = {}
    for each in found:
        groups.setdefault(same(each), []).append(each)
    return list(groups.values())
