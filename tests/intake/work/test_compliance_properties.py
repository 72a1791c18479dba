"""Whatever is filed, changed, exempted, closed and merged: what holds of the figures."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.work.check_ins import Filer
from intake.work.compliance import Figures
from storage.check_ins import CheckInRow
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work_side import (
    LISTENING,
    NOVEMBER,
    OFFICER,
    OUTREACH,
    PROVINCE,
    TEMPLATE,
    Town,
    area,
    at,
    furnish,
)  # fmt: skip

KINDS = {OUTREACH: "outreach", LISTENING: "listening_meeting"}
PERIODS = {
    "2026-11": (NOVEMBER, date(2026, 11, 30)),
    "2026-12": (date(2026, 12, 1), date(2026, 12, 31)),
}
CLOSES = at("2026-12-11 00:00:00")
THREE = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Story(NamedTuple):
    """One activity: whose, which day, how long until it is told, for what, and what then."""

    owner: int
    day: int
    delay_hours: int
    kinds: tuple[str, ...]
    then: str
    twice: bool


stories = st.builds(
    Story,
    owner=st.integers(0, 2),
    day=st.integers(0, 60),
    delay_hours=st.integers(0, 24 * 20),
    kinds=st.sampled_from([("outreach",), ("listening_meeting",),
                           ("listening_meeting", "outreach"), ("radio",)]),
    then=st.sampled_from(["", "", "approve", "return", "withdraw", "answer"]),
    twice=st.booleans(),
)  # fmt: skip


@pytest.fixture
def town(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    clock.set(at("2026-11-01 08:00:00"))
    town = furnish(database, clock, tmp_path, neighbourhoods=1)
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    return town


def new_ward(town: Town) -> tuple[str, list[str]]:
    """Add a ward with three tổ that no other example uses, and open its periods."""
    with town.intake.read() as view:
        ward = f"E{len(view.owners.below(PROVINCE))}"
    owners = [f"{ward}-{number}" for number in range(3)]
    town.areas(
        area(ward, "commune", PROVINCE), *(area(each, "neighbourhood", ward) for each in owners)
    )
    town.hold(*owners)
    town.obligations.open_period(NOVEMBER)
    return ward, owners


def tell(town: Town, owners: list[str], story: Story) -> None:
    day = NOVEMBER + timedelta(days=story.day)
    moment = at(f"{day} 20:00:00") + timedelta(hours=story.delay_hours)
    kind, *also = story.kinds
    source = f"story:{owners[story.owner]}:{story}"
    leader = Filer.leader(town.leader)
    for _ in range(2 if story.twice else 1):
        filed = town.file(owners[story.owner], day, moment, kind=kind,
                          also_counts_as=tuple(also), source=source)  # fmt: skip
    if filed.again and not story.twice:
        return  # the very same story was told before
    if town.check_ins.find(filed.check_in_id).state != "filed":
        return
    if story.then == "approve":
        town.check_ins.approve([filed.check_in_id], OFFICER)
    if story.then in {"return", "answer"}:
        town.check_ins.send_back(filed.check_in_id, "Ai dự?", OFFICER)
    if story.then == "answer":
        town.check_ins.amend(filed.check_in_id, {"chair": "x"}, "đáp", leader, moment)
    if story.then == "withdraw":
        town.check_ins.withdraw(filed.check_in_id, "nhầm", leader, moment)


def leaves(town: Town, owners: Iterable[str]) -> list[CheckInRow]:
    with town.intake.read() as view:
        return [row for owner in owners for row in view.check_ins.of_owner(owner)]


def recount(rows: list[CheckInRow], owner: str, duty: str, period: str) -> Figures:
    """Count one owner's duty by hand, from its activities alone."""
    first, last = PERIODS[period]
    told = sorted(
        (row.filed_at, row.state == "approved")
        for row in rows
        if row.owner_id == owner and row.state in {"filed", "approved"}
        and KINDS[duty] in row.counts_as.split(",") and first <= row.done_on <= last
    )  # fmt: skip
    in_time = bool(told) and told[0][0] < at(f"{last + timedelta(days=1)} 00:00:00")
    return Figures(expected=1, met=bool(told), timely=in_time, approved=any(ok for _, ok in told))


def assert_sums(town: Town, ward: str, owners: list[str], period: str,
                by_hand: dict[tuple[str, str], Figures]) -> None:  # fmt: skip
    for duty in KINDS:
        rows = town.compliance.rollup(TEMPLATE, duty, period, ward)
        assert {row.id: row.figures for row in rows} == {o: by_hand[o, duty] for o in owners}
        whole = town.compliance.figures(TEMPLATE, duty, period, ward)
        assert whole == sum((by_hand[owner, duty] for owner in owners), Figures())
        assert whole.timely <= whole.met <= whole.expected
        in_province = town.compliance.rollup(TEMPLATE, duty, period, PROVINCE)
        assert {row.id: row.figures for row in in_province}[ward] == whole
        province = town.compliance.figures(TEMPLATE, duty, period, PROVINCE)
        assert province == sum((row.figures for row in in_province), Figures())


@given(told=st.lists(stories, max_size=12), merged_on=st.integers(0, 60))
@THREE
def test_figures_are_the_count_of_their_leaves_and_the_past_stays(
    town: Town, told: list[Story], merged_on: int
) -> None:
    ward, owners = new_ward(town)
    town.obligations.open_period(date(2026, 12, 1))
    told.sort(key=lambda story: 24 * story.day + story.delay_hours)
    in_november = [s for s in told if 24 * s.day + s.delay_hours + 20 < 24 * 40]
    for story in in_november:
        tell(town, owners, story)
    town.obligations.close_due(CLOSES)
    frozen = {(o, d): recount(leaves(town, owners), o, d, "2026-11") for o in owners for d in KINDS}
    assert_sums(town, ward, owners, "2026-11", frozen)
    for story in told[len(in_november) :]:
        tell(town, owners, story)
    assert_sums(town, ward, owners, "2026-11", frozen)
    rows = leaves(town, owners)
    december = {(o, d): recount(rows, o, d, "2026-12") for o in owners for d in KINDS}
    assert_sums(town, ward, owners, "2026-12", december)
    day = CLOSES.date() + timedelta(days=1 + merged_on)
    for owner in owners[:2]:
        town.obligations.end_owner(owner, day)
        if day <= date(2026, 12, 31):
            december |= {(owner, duty): Figures(ended=1) for duty in KINDS}
    assert_sums(town, ward, owners, "2026-11", frozen)
    assert_sums(town, ward, owners, "2026-12", december)


@given(
    parts=st.lists(
        st.tuples(*(st.integers(0, 50) for _ in range(3))).map(sorted), min_size=1, max_size=6
    )
)
def test_timeliness_never_exceeds_completeness_in_any_sum(parts: list[list[int]]) -> None:
    figures = [Figures(timely=t, met=m, expected=e) for t, m, e in parts]
    whole = sum(figures, Figures())
    assert whole.timeliness.numerator <= whole.completeness.numerator
    assert whole.timeliness.denominator == whole.completeness.denominator
    if whole.expected:
        assert whole.timeliness.value <= whole.completeness.value  # type: ignore[operator]
        shares = [f.completeness.value for f in figures if f.completeness.value is not None]
        assert min(shares) <= whole.completeness.value <= max(shares)  # type: ignore[operator]
