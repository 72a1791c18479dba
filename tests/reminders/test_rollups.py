"""Who has a digest due and when: Monday, T−3, T0, what is late; told once, and never too early."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.plans.calendar import DAY
from intake.plans.programme_use import ProgrammeUses
from intake.plans.seasons import Season
from intake.plans.working_days import working_days
from intake.settings import settings_from
from reminders.ladders import shipped_ladders
from reminders.rollup_days import closing_days, first_working, roll_up_day, weekly_for
from reminders.rollups import Digests
from reminders.states import DigestDue
from storage.database import Database
from storage.nudge_tables import Nudge, NudgeRung, OfficerPerson
from storage.tables import Officer, Unit
from storage.tips import NewTip
from storage.unit_of_work import Tx
from storage.work_tables import Leader
from tests.clocks import FixedClock
from tests.intake.work_side import (
    NOVEMBER,
    OFFICER,
    OTHER_WARD,
    PROVINCE,
    TEMPLATE,
    WARD,
    Town,
    at,
    furnish,
)

HANOI = "hanoi-265-2024"
DAYS = working_days()
ANY_DAY = st.dates(date(2025, 1, 1), date(2030, 12, 31))


def duty(last: date) -> Season:
    return Season("p", "d", "Việc", "2026-11", "tháng 11", last, DAYS.last_until(last))


def report(named: date, window: tuple[date, date] | None = None) -> Season:
    last = named - DAY
    return Season(
        "p", "r", "Báo cáo", named.isoformat(), "", last, DAYS.last_until(last), is_report=True,
        named_on=named, window=window,
    )  # fmt: skip


def due_days(season: Season, around: int = 40) -> dict[str, list[date]]:
    """The days on which a thing makes a digest due, by why."""
    found: dict[str, list[date]] = {"below": [], "above": [], "closing": []}
    for n in range(-around, around):
        day = season.last_good_on + n * DAY
        on = roll_up_day(day, [season], DAYS, lambda _: (3, 7))
        for why, days in found.items():
            if season in getattr(on, why):
                days.append(day)
    return found


# --- days -----------------------------------------------------------------------------------------


def test_november_is_told_at_three_days_at_the_last_and_when_it_is_late() -> None:
    found = due_days(duty(date(2026, 11, 30)))
    assert found["below"] == [date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 3)]
    assert found["above"] == [date(2026, 12, 7)]
    assert found["closing"] == []


def test_a_month_that_ends_on_a_saturday_is_told_before_it() -> None:
    found = due_days(duty(date(2026, 10, 31)))  # its safe day is Friday the 30th
    assert found["below"] == [date(2026, 10, 27), date(2026, 10, 30), date(2026, 11, 3)]


def test_the_list_before_the_half_year_report_of_2026_goes_out_on_the_15th_and_16th() -> None:
    window = (date(2025, 12, 15), date(2026, 6, 14))
    found = due_days(report(date(2026, 6, 17), window))
    assert found["closing"] == [date(2026, 6, 15), date(2026, 6, 16)]
    assert found["above"] == [date(2026, 6, 24)]  # counted from the named day


def test_a_report_without_a_window_has_no_list() -> None:
    assert due_days(report(date(2026, 6, 15)))["closing"] == []


def test_mondays_of_the_tet_break_are_told_before_it() -> None:
    told = [day for n in range(40) if weekly_for(day := date(2026, 1, 26) + n * DAY, DAYS)]
    assert all(DAYS.is_working(day) for day in told)
    assert date(2026, 2, 16) not in told  # Tết
    assert date(2026, 2, 13) in told


@given(ANY_DAY)
def test_every_monday_has_one_day_that_is_not_later_and_not_off(day: date) -> None:
    monday = day - timedelta(days=day.weekday())
    told = DAYS.last_until(monday)
    assert weekly_for(told, DAYS) is not None
    assert DAYS.is_working(told)
    assert told <= monday
    assert (weekly_for(day, DAYS) is None) or DAYS.is_working(day)


@given(ANY_DAY)
def test_nothing_is_told_on_a_day_off_and_nothing_is_late_before_it_is(last: date) -> None:
    season = duty(last)
    found = due_days(season, around=25)
    assert all(DAYS.is_working(day) for days in found.values() for day in days)
    assert all(day >= last + 7 * DAY for day in found["above"])
    before = [day for day in found["below"] if day <= last]
    assert max(before) == season.safe_on
    assert sum(day > last for day in found["below"]) == 1


@given(ANY_DAY, st.integers(0, 10))
def test_the_list_lies_between_the_close_and_the_last_good_day(named: date, gap: int) -> None:
    last = named - DAY
    season = report(named, (last - timedelta(days=180), last - gap * DAY))
    for day in closing_days(season, DAYS):
        assert last - gap * DAY < day <= last
        assert first_working(day, DAYS) == day


# --- people ---------------------------------------------------------------------------------------


@dataclass
class Office:
    """A town with somebody in each ward and in the province."""

    town: Town
    digests: Digests
    people: dict[str, bytes]

    def at(self, moment: str) -> date:
        self.town.clock.set(at(moment))
        return self.town.clock.today()

    def due(self, day: date) -> dict[str, tuple[DigestDue, ...]]:
        """Who may have a digest due, found in bulk."""
        found, names = self.digests.due_on(day), {v: k for k, v in self.people.items()}
        return {names[leader]: dues for leader, dues in found.items()}

    def exactly(self, day: date) -> dict[str, tuple[DigestDue, ...]]:
        """Who has one due, asked one by one."""
        with self.town.intake.read() as view:
            asked = {who: self.digests.due_to(view, key, day) for who, key in self.people.items()}
        return {who: dues for who, dues in asked.items() if dues}

    def titles(self, who: str, day: date) -> list[str]:
        with self.town.intake.read() as view:
            return [each.title for each in self.digests.for_person(view, self.people[who], day)]

    def tell(self, who: str, due: DigestDue, state: str = "sent") -> None:
        """Note a digest as gone out."""
        now, nudge = self.town.clock.now(), secrets.token_bytes(16)
        leader = self.people[who]
        self.town.insert(
            Nudge(
                id=nudge, leader_id=leader, day=self.town.clock.today(), state=state,
                not_before=now, ends_at=now, planned_at=now,
            ),
            NudgeRung(subject=due.subject, rung=due.rung, leader_id=leader, nudge_id=nudge),
        )  # fmt: skip


def open_office(database: Database, clock: FixedClock, folder: Path) -> Office:
    clock.set(at("2026-11-01 08:00:00"))
    town = furnish(database, clock, folder, neighbourhoods=3)
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    people = {area: secrets.token_bytes(16) for area in (PROVINCE, WARD, OTHER_WARD)}
    for area, key in people.items():
        town.insert(Leader(id=key, name=f"Đ/c {area}", added_on=date(2026, 1, 1)))
        town.hold(area, leader=key.hex())
    settings = settings_from(
        state_dir=folder, demo=True, base_url="http://127.0.0.1:1", console_url="http://127.0.0.1:2"
    )
    uses = ProgrammeUses(town.intake, settings)
    return Office(town, Digests(town.intake, uses, settings, shipped_ladders()), people)


@pytest.fixture
def office(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> Office:
    return open_office(sqlite_database, clock, tmp_path)


@pytest.fixture
def office_on_both(database: Database, clock: FixedClock, tmp_path: Path) -> Office:
    return open_office(database, clock, tmp_path)


def test_on_monday_each_level_is_told_and_its_leaders_are_not(office_on_both: Office) -> None:
    office = office_on_both
    day = office.at("2026-11-23 08:00:00")
    assert set(office.due(day)) == {PROVINCE, WARD, OTHER_WARD}
    assert office.due(day) == office.exactly(day)
    assert office.titles(WARD, day)[:2] == office.titles(PROVINCE, day)[:2]


def test_a_ward_in_which_all_is_done_hears_nothing(office_on_both: Office) -> None:
    office = office_on_both
    for owner in (f"{WARD}-01", f"{WARD}-02", f"{WARD}-03"):
        for kind in ("outreach", "listening_meeting"):
            office.town.file(owner, date(2026, 11, 12), kind=kind, chair="x", people=40)
    day = office.at("2026-11-23 08:00:00")
    assert set(office.due(day)) == {PROVINCE, OTHER_WARD}
    assert office.due(day) == office.exactly(day)
    assert office.titles(WARD, day) == []


def test_a_digest_that_went_out_is_not_due_again_and_one_that_did_not_stays_wanted(
    office_on_both: Office,
) -> None:
    office = office_on_both
    day = office.at("2026-11-23 08:00:00")
    (ward,), (other,) = office.due(day)[WARD], office.due(day)[OTHER_WARD]
    office.tell(WARD, ward)
    office.tell(OTHER_WARD, other, state="waiting")
    assert set(office.due(day)) == {PROVINCE, OTHER_WARD}
    late = office.at("2026-11-24 20:00:00")  # nothing ran for 36 hours
    assert office.due(late) == office.exactly(late)
    assert office.due(late)[OTHER_WARD] == (other,)
    assert WARD not in office.due(late)
    assert office.due(office.at("2026-11-26 23:00:00")) != {}
    assert office.due(office.at("2026-11-29 08:00:00"))[WARD] != (ward,)  # the newer one, of T−3


def test_nobody_who_has_something_due_is_overlooked_in_bulk(office: Office) -> None:
    town = office.town
    town.uses.use(PROVINCE, HANOI, NOVEMBER)
    town.filings.name_holder(HANOI, "ubnd-quan-huyen", WARD, "UBND phường", OFFICER)
    for kind in ("outreach", "listening_meeting"):
        town.file(f"{OTHER_WARD}-01", date(2026, 11, 12), kind=kind, chair="x", people=40)
        town.file(f"{OTHER_WARD}-02", date(2026, 11, 12), kind=kind, chair="x", people=40)
    days = 0
    for n in range(15, 54):
        day = office.at(f"{NOVEMBER + n * DAY} 08:00:00")
        found = office.due(day)
        for who, dues in office.exactly(day).items():
            days += 1
            assert set(dues) <= set(found[who]), (who, day)
    assert days > 30


def test_a_monday_that_had_nothing_to_say_is_not_made_up_for_later(office: Office) -> None:
    """December's two weeks begin on Thursday the 17th; Monday the 14th is still wanted then."""
    town = office.town
    office.at("2026-12-13 08:00:00")
    for owner in ("W1-01", "W1-02", "W1-03", "W2-01", "W2-02"):
        for kind in ("outreach", "listening_meeting"):
            town.file(owner, date(2026, 11, 12), kind=kind, chair="x", people=40)
    town.obligations.close_due(town.clock.now())
    town.obligations.open_period(date(2026, 12, 1))
    for day in (14, 15, 16, 17, 18):
        today = office.at(f"2026-12-{day} 08:00:00")
        assert office.exactly(today) == office.due(today) == {}
    assert set(office.exactly(office.at("2026-12-21 08:00:00"))) == {PROVINCE, WARD, OTHER_WARD}


def test_a_day_ahead_is_looked_at_as_if_all_before_it_will_have_left(office: Office) -> None:
    office.at("2026-11-20 08:00:00")
    assert office.due(date(2026, 11, 24)) == {}
    assert office.exactly(date(2026, 11, 24)) == {}
    assert set(office.due(date(2026, 11, 23))) == {PROVINCE, WARD, OTHER_WARD}


def test_seven_days_late_is_told_to_the_province_alone(office: Office) -> None:
    day = office.at("2026-12-09 08:00:00")
    assert set(office.due(date(2026, 12, 10))) == set()
    assert set(office.exactly(day)) == {PROVINCE, WARD, OTHER_WARD}  # left from Monday the 7th
    with office.town.intake.read() as view:
        of_province = office.digests.for_person(view, office.people[PROVINCE], day)
        of_ward = office.digests.for_person(view, office.people[WARD], day)
    assert [each.escalated for each in of_province if not each.title] == [
        ("commune W1", "commune W2")
    ]
    assert all(each.escalated == () for each in of_ward)


def test_whoever_left_or_is_no_longer_assigned_is_told_nothing(office_on_both: Office) -> None:
    office = office_on_both
    gone, town = office.people[WARD], office.town
    town.intake.write_now(lambda tx: tx.leaders.change(gone, left_on=date(2026, 11, 20)))

    def end(tx: Tx) -> None:
        (held,) = tx.assignments.of_leader(office.people[OTHER_WARD])
        tx.assignments.end(held.id, date(2026, 11, 23))

    town.intake.write_now(end)
    assert set(office.due(office.at("2026-11-23 08:00:00"))) == {PROVINCE}


def test_what_nobody_is_named_for_is_told_alone_once_a_month_only(office: Office) -> None:
    office.town.uses.end(PROVINCE, TEMPLATE, date(2026, 11, 2))
    office.town.uses.use(PROVINCE, "hanoi-du-an-5", NOVEMBER)
    assert set(office.exactly(office.at("2026-11-02 08:00:00"))) == {PROVINCE, WARD, OTHER_WARD}
    assert office.exactly(office.at("2026-11-09 08:00:00")) == {}
    day = office.at("2026-12-07 08:00:00")
    assert set(office.exactly(day)) == set(office.due(day)) == {PROVINCE, WARD, OTHER_WARD}


def test_a_report_that_nobody_is_named_for_is_told_every_monday_of_its_season(
    office: Office,
) -> None:
    office.town.uses.end(PROVINCE, TEMPLATE, date(2026, 11, 2))
    office.town.uses.use(WARD, HANOI, NOVEMBER)
    for day in ("2026-11-16", "2026-11-23", "2026-11-30"):
        today = office.at(f"{day} 08:00:00")
        assert WARD in office.exactly(today)
        assert office.due(today)[WARD] == office.exactly(today)[WARD]
    with office.town.intake.read() as view:
        news = office.digests.areas.news(view, WARD, date(2026, 11, 30))
    assert news is not None
    assert news.pressing
    assert "Báo cáo năm" in news.unset


def test_the_preparer_is_told_what_is_missing_after_the_close_of_the_data(office: Office) -> None:
    town = office.town
    town.uses.use(PROVINCE, HANOI, NOVEMBER)
    town.filings.name_holder(HANOI, "ubnd-quan-huyen", PROVINCE, "UBND xã, phường", OFFICER)
    for day in ("2026-12-15", "2026-12-16"):
        today = office.at(f"{day} 08:00:00")
        assert "Báo cáo năm" in office.titles(WARD, today)
        assert set(office.exactly(today)) <= set(office.due(today))
        office.tell(WARD, office.due(today)[WARD][-1])
        assert WARD not in office.exactly(today)
    assert office.titles(WARD, office.at("2026-12-18 08:00:00")) == []


def test_a_linked_officer_is_told_of_tips_once_a_working_day(office_on_both: Office) -> None:
    office = office_on_both
    town, officer, leader = office.town, secrets.token_bytes(16), secrets.token_bytes(16)
    office.people["officer"] = leader
    town.insert(
        Unit(id="U1", name="Công an phường", parent_id=None, area_id=WARD),
        Leader(id=leader, name="Đ/c", added_on=date(2026, 1, 1)),
        Officer(
            id=officer, unit_id="U1", login="a", name="Đ/c", role="officer",
            added_on=date(2026, 1, 1),
        ),
        OfficerPerson(officer_id=officer, leader_id=leader),
    )  # fmt: skip
    released, random = at("2026-11-03 08:00:00"), secrets.token_bytes(16)
    tip = NewTip(
        random, "U1", date(2026, 11, 3), released, 2, "new", random, b"", b"", b"", new_at=released
    )
    town.intake.write_now(lambda tx: tx.tips.add(tip, []))
    assert office.due(office.at("2026-11-03 20:00:00")) == {}
    day = office.at("2026-11-04 08:00:00")
    (due,) = office.due(day)["officer"]
    assert office.exactly(day)["officer"] == (due,)
    with town.intake.read() as view:
        (digest,) = office.digests.for_person(view, leader, day)
        assert (digest.unread_tips, digest.area_id, digest.title) == (1, WARD, "")
        assert office.digests.for_person(view, leader, day, tips=False) == ()
    office.tell("officer", due)
    assert "officer" not in office.due(day)
    assert "officer" in office.due(office.at("2026-11-05 08:00:00"))
    assert office.due(office.at("2026-11-07 08:00:00")) == {}  # a Saturday


def test_a_day_has_a_name_for_what_is_due_so_that_it_is_swept_once(office: Office) -> None:
    assert office.digests.names_on(office.at("2026-11-13 08:00:00")) == ()
    assert office.digests.names_on(office.at("2026-11-23 08:00:00")) == ("digest 2026-11-23",)
    assert office.digests.names_on(office.at("2026-11-28 08:00:00")) == ("digest 2026-11-27",)
