"""A year of reminders for 10,000 neighbourhoods, two replicas that die, and every promise kept.

The checks know nothing of the policy: they count messages, look at hours and days, and at what was
owed. The same seed gives the same year. The stores themselves go through the same in a smaller run
below, and in a large one under `make soak`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256

import pytest

from intake.ports import VIETNAM
from reminders.calendar import Step
from reminders.policy import judge
from reminders.states import PersonState, Verdict
from tests.reminders.owing import OFFICES
from tests.reminders.simulated_ward import Country, Heard, Owing, Somebody

pytestmark = pytest.mark.no_cover  # a year is long: the tests of each rule cover its lines

TET = (date(2026, 2, 14), date(2026, 2, 22))
YEAR = date(2026, 1, 1)


def lived(country: Country) -> Country:
    """Live through a country's time and let the checks look at it."""
    found = list(broken(country.run()))
    assert not found, f"{len(found)}, first: {found[:5]}"
    return country


def broken(country: Country) -> Iterator[str]:
    """Yield every promise that was not kept."""
    yield from _too_often(country.heard)
    yield from _at_a_wrong_time(country.heard)
    yield from _twice(country.heard)
    yield from _after_it_was_done(country)
    yield from _missed(country)


# --- the promises ---------------------------------------------------------------------------------


def _too_often(heard: list[Heard]) -> Iterator[str]:
    days = Counter((each.who, _local(each).date()) for each in heard)
    months = Counter((each.who, f"{_local(each):%Y-%m}") for each in heard)
    yield from (f"two messages on a day: {key}" for key, n in days.items() if n > 1)
    yield from (f"more than six in a month: {key}" for key, n in months.items() if n > 6)


def _at_a_wrong_time(heard: list[Heard]) -> Iterator[str]:
    for each in heard:
        now, rungs = _local(each), {rung for _, rung in each.rungs}
        evening = time(21) if "0" in rungs or "draft" in rungs else time(20, 30)
        if not (time(7) <= now.time() < time(11, 15) or time(14) <= now.time() < evening):
            yield f"outside the windows: {each}"
        day = now.date()
        if day.weekday() == 6 and not rungs & {"-1", "0", "draft"}:
            yield f"on a Sunday: {each}"
        if TET[0] <= day <= TET[1] or (day.weekday() < 5 and not OFFICES.is_working(day)):
            yield f"on a holiday: {each}"


def _twice(heard: list[Heard]) -> Iterator[str]:
    told = Counter((each.who, *rung) for each in heard for rung in each.rungs)
    yield from (f"a rung twice: {key}" for key, n in told.items() if n > 1)


def _after_it_was_done(country: Country) -> Iterator[str]:
    yield from (f"after it was done: {each}" for each in country.heard if each.done_already)
    told = {each.who for each in country.heard}
    for who, person in enumerate(country.people):
        asked_for = person.habit != "early" or person.by_hand
        if who in told and not asked_for and _always_early(country, who):
            yield f"an early filer heard something: {who}"


def _always_early(country: Country, who: int) -> bool:
    return who not in country.by_owner or all(
        owing.filed_at is not None and owing.filed_at.astimezone(VIETNAM).date() < first
        for owing, first in country.by_owner[who]
    )


def _missed(country: Country) -> Iterator[str]:
    """Yield rungs that were wanted on every day of theirs and never came, though there was room.

    A month's six may leave out an early rung, but never a T−1 or a T0.
    """
    country.checked = 0
    months = Counter((each.who, f"{_local(each):%Y-%m}") for each in country.heard)
    for item, owed in country.groups.values():
        for step in item.steps:
            for who, owing, part in owed:
                if part != "deputy" and _was_wanted(country, who, owing, step):
                    country.checked += 1
                    full = not step.is_last and months[who, f"{step.day:%Y-%m}"] == 6
                    if not full and (owing.subject, step.rung, who) not in country.outbox.rungs:
                        yield f"missed: {who} {item.item} {item.period} {step.rung}"


def _was_wanted(country: Country, who: int, owing: Owing, step: Step) -> bool:
    """Return whether nothing at all stood in the way of a rung from its first day to its last."""
    since, until = _midnight(step.day), _midnight(step.until + timedelta(days=1))
    person = country.people[who]
    owed = owing.filed_at is None or owing.filed_at >= until
    asked = any(first < until and last > since for first, last in owing.asked)
    down = any(first < until and last > since for first, last in country.outages)
    return owed and not asked and not down and not _kept_away(person, step, since, until)


def _kept_away(person: Somebody, step: Step, since: datetime, until: datetime) -> bool:
    """Return whether the person's own wishes, the cap or their platform kept the rung away."""
    first, last = since.date(), step.until
    gone = any(at is not None and at < until for at in (person.left_at, person.blocked_at))
    held = any(a <= last and b >= first for a, b in person.paused)
    draft = any(a < until and b > since for a, b in person.drafts)
    if (
        gone
        or held
        or draft
        or any(first <= day <= last for day in (*person.busy, *person.refused))
    ):
        return True
    if step.days in (-1, 0):
        return False
    asked = any(a <= last and b >= first - timedelta(days=31) for a, b in person.snoozed)
    return asked or any(day.month in (first.month, last.month) for day in person.by_hand)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


def _local(heard: Heard) -> datetime:
    return heard.at.astimezone(VIETNAM)


# --- the runs -------------------------------------------------------------------------------------


def test_a_year_of_10_000_neighbourhoods_keeps_every_promise() -> None:
    country = lived(Country(seed=20261122, size=10_000, first=YEAR, months=12))
    assert country.deaths > 100
    assert country.checked > 25_000
    assert {row.state for row in country.outbox.rows.values()} >= {"sent", "dropped", "phone"}
    assert len(country.outages) >= 3
    assert any(row.unknown for row in country.outbox.rows.values())
    quiet = set(range(10_000)) - {each.who for each in country.heard}
    assert len(quiet) > 4_000, "who files early hears nothing"


def test_the_same_seed_gives_the_same_year_and_another_seed_another() -> None:
    logs = [_log(Country(seed=seed, size=150, first=YEAR, months=2).run()) for seed in (5, 5, 6)]
    assert logs[0] == logs[1] != logs[2]


def _log(country: Country) -> str:
    return sha256(repr(country.heard).encode()).hexdigest()


def _forgets_the_day(state: PersonState, now: datetime) -> Verdict:
    return judge(replace(state, told=()), now)


def _forgets_what_was_sent(state: PersonState, now: datetime) -> Verdict:
    duties = tuple(replace(duty, sent=frozenset()) for duty in state.duties)
    return judge(replace(state, duties=duties), now)


def _forgets_what_was_filed(state: PersonState, now: datetime) -> Verdict:
    duties = tuple(replace(duty, stopped="") for duty in state.duties)
    return judge(replace(state, duties=duties), now)


def _forgets_the_hour(state: PersonState, now: datetime) -> Verdict:
    nudges = judge(state, now).nudges
    day = now.astimezone(VIETNAM).date()
    whole = {"not_before": _midnight(day), "ends_at": _midnight(day + timedelta(days=1))}
    return Verdict(tuple(replace(n, **whole) for n in nudges))


def _forgets_the_last_day(state: PersonState, now: datetime) -> Verdict:
    nudges = judge(state, now).nudges
    return Verdict(tuple(n for n in nudges if not any(rung == "0" for _, rung in n.rungs)))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (_forgets_the_day, "more than six"),
        (_forgets_what_was_filed, "after it was done"),
        (_forgets_the_hour, "outside the windows"),
        (_forgets_the_last_day, "missed"),
    ],
)
def test_the_checks_notice_a_policy_that_forgets_something(wrong: object, says: str) -> None:
    country = Country(7, 600, YEAR, 3, judge=wrong)  # type: ignore[arg-type]
    found = list(broken(country.run()))
    assert [each for each in found if each.startswith(says)]


def test_unique_rows_alone_stop_a_policy_that_forgets_what_was_sent() -> None:
    country = Country(7, 300, YEAR, 2, judge=_forgets_what_was_sent).run()
    assert list(_twice(country.heard)) == []
    assert len(country.heard) > 100
