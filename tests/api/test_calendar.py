"""Calendars behind secret addresses: one's own duties alone, revocable, nothing kept of them."""

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from bot.guard import SECURITY_HEADERS
from bot.serve import BotProcess
from intake.errors import NotValid
from intake.limits import Allowance
from intake.nudging.ics import write_calendar
from intake.nudging.own_calendar import OwnCalendars, OwnDay
from intake.text import clean
from tests.api.work_desk import PLAN, THON_1, TO_3, TO_4, WorkDesk
from tests.wards import Ward

HALF_YEAR = date(2026, 6, 17)


@pytest.fixture
def calendars(work: WorkDesk) -> OwnCalendars:
    return work.desk.ward.services.nudges.calendars


@contextmanager
def open_door(
    work: WorkDesk, allowances: dict[str, Allowance] | None = None
) -> Generator[TestClient]:
    """The door that faces strangers, on one loop from the first request to the last."""
    app = BotProcess(work.desk.ward.foundation, allowances=allowances).app
    with TestClient(app, "http://127.0.0.1:8080", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def public(work: WorkDesk) -> Iterator[TestClient]:
    with open_door(work) as client:
        yield client


def events(body: bytes) -> list[icalendar.Event]:
    parsed = icalendar.Calendar.from_ical(body)
    assert parsed["VERSION"] == "2.0"
    return [each for each in parsed.walk("VEVENT") if isinstance(each, icalendar.Event)]


def leader(work: WorkDesk) -> str:
    return f"leader:{work.leader}"


# --- what stands in it ----------------------------------------------------------------------------


def test_a_leader_gets_their_own_duties_and_nothing_of_anybody_else(
    work: WorkDesk, calendars: OwnCalendars, public: TestClient
) -> None:
    token = calendars.make(leader(work))
    answer = public.get(f"/lich/{token}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = events(answer.content)
    titles = {str(each["SUMMARY"]) for each in found}
    assert "Tuyên truyền hằng tháng · tổ dân phố số 3" in titles
    assert not [each for each in titles if "thôn 1" in each or "Mẫu" in each]
    assert {str(each["SUMMARY"]).rpartition(" · ")[2] for each in found} == {
        "tổ dân phố số 3", "tổ dân phố số 4"
    }  # fmt: skip
    monthly = "Tuyên truyền hằng tháng · tổ dân phố số 3"
    days = sorted(each.end.isoformat() for each in found if str(each["SUMMARY"]) == monthly)
    assert days[:3] == ["2026-04-01", "2026-05-01", "2026-06-01"]
    assert days[-1] >= "2027-02-01"  # a year ahead


def test_an_officer_gets_the_reports_of_their_unit_with_both_days(
    work: WorkDesk, calendars: OwnCalendars
) -> None:
    ward, browser = work.desk.ward, work.desk.browser()
    officer, above = work.desk.officer_id("phuong.binh"), work.desk.officer_id("tinh.an")
    mine, theirs = (f"/lich/{calendars.make(f'officer:{each}')}.ics" for each in (officer, above))
    (half,) = [each for each in events(browser.get(theirs).content) if each.end == HALF_YEAR]
    assert half.start == date(2026, 6, 16)
    assert "Hết ngày 16/6/2026" in str(half["DESCRIPTION"])
    assert "Văn bản ghi trước ngày 17/6" in str(half["DESCRIPTION"])
    found = events(browser.get(mine).content)
    assert found
    assert not [each for each in found if each.end == HALF_YEAR]  # the district's, which is gone
    assert not [each for each in found if "tổ dân phố" in str(each["SUMMARY"])]
    filings = ward.services.work.services.filings
    filings.name_holder(PLAN, "ubnd-quan-huyen", "D1-01", "UBND phường", officer)
    assert [each for each in events(browser.get(mine).content) if each.end == HALF_YEAR]


def test_what_is_done_is_ticked_and_keeps_its_place(
    work: WorkDesk, calendars: OwnCalendars, public: TestClient
) -> None:
    address = f"/lich/{calendars.make(leader(work))}.ics"
    before = {str(each["UID"]) for each in events(public.get(address).content)}
    work.file(TO_3)
    after = events(public.get(address).content)
    assert {str(each["UID"]) for each in after} == before
    ticked = [str(each["SUMMARY"]) for each in after if str(each["SUMMARY"]).startswith("✓")]
    assert "✓ Tuyên truyền hằng tháng · tổ dân phố số 3" in ticked
    assert not [each for each in ticked if "số 4" in each]


def test_it_follows_what_somebody_looks_after_today(
    work: WorkDesk, calendars: OwnCalendars, public: TestClient
) -> None:
    ward, address = work.desk.ward, f"/lich/{calendars.make(leader(work))}.ics"
    leaders, taker = ward.services.work.services.leaders, bytes.fromhex(work.other_leader)
    leaders.hand_over(TO_4, bytes.fromhex(work.leader), taker, ward.clock.today())
    leaders.assign(bytes.fromhex(work.leader), THON_1, "deputy")
    found = events(public.get(address).content)
    owners = {str(each["SUMMARY"]).rpartition(" · ")[2] for each in found}
    assert owners == {"tổ dân phố số 3", "thôn 1"}


# --- the address ----------------------------------------------------------------------------------


def test_an_address_works_until_a_new_one_is_made_or_it_is_taken_back(
    work: WorkDesk, calendars: OwnCalendars, public: TestClient
) -> None:
    first = f"/lich/{calendars.make(leader(work))}.ics"
    second = f"/lich/{calendars.make(leader(work))}.ics"
    assert [public.get(each).status_code for each in (first, second)] == [404, 200]
    assert calendars.revoke(leader(work))
    assert not calendars.revoke(leader(work))
    assert public.get(second).status_code == 404
    assert calendars.state(leader(work)).made_at is None


def test_whoever_leaves_takes_their_calendar_along(
    work: WorkDesk, calendars: OwnCalendars, public: TestClient
) -> None:
    ward, mine = work.desk.ward, f"/lich/{calendars.make(leader(work))}.ics"
    officer = work.desk.officer_id("phuong.em")
    theirs = f"/lich/{calendars.make(f'officer:{officer}')}.ics"
    browser = work.desk.browser()
    assert [public.get(mine).status_code, browser.get(theirs).status_code] == [200, 200]
    ward.services.work.services.leaders.leave(bytes.fromhex(work.leader))
    admin = ward.sign_in("quantri")
    ward.services.people.remove_officer(admin, officer)
    assert [public.get(mine).status_code, browser.get(theirs).status_code] == [404, 404]
    for who in (leader(work), f"officer:{officer}"):
        assert calendars.state(who).made_at is None  # nothing is kept of an address that is dead


def test_an_address_that_is_fetched_without_end_has_to_wait_and_no_other_has_to(
    work: WorkDesk, calendars: OwnCalendars
) -> None:
    mine, other = (f"leader:{each}" for each in (work.leader, work.other_leader))
    busy, calm = (f"/lich/{calendars.make(each)}.ics" for each in (mine, other))
    with open_door(work, {"calendar": Allowance(2, 6)}) as public:
        assert [public.get(busy).status_code for _ in range(3)] == [200, 200, 429]
        assert int(public.get(busy).headers["retry-after"]) >= 60
        assert public.get(calm).status_code == 200
        assert {public.get(f"/lich/{'A' * 43}.ics").status_code for _ in range(4)} == {404}


def test_each_door_serves_its_own_people_alone(
    work: WorkDesk, calendars: OwnCalendars, public: TestClient
) -> None:
    mine = f"/lich/{calendars.make(leader(work))}.ics"
    officer = work.desk.officer_id("phuong.em")
    theirs = f"/lich/{calendars.make(f'officer:{officer}')}.ics"
    assert public.get(theirs).status_code == 404
    assert work.desk.browser().get(mine).status_code == 404


@pytest.mark.parametrize("guess", ["x", "A" * 43, "A" * 44, "..%2f..%2fhomthu", "%00" * 14])
def test_a_guess_opens_nothing_and_is_answered_like_any_page_that_is_not_there(
    public: TestClient, guess: str
) -> None:
    answer = public.get(f"/lich/{guess}.ics")
    assert answer.status_code == 404
    assert answer.content == public.get("/khong-co").content


def test_the_public_door_answers_with_its_headers_and_takes_no_writes(
    work: WorkDesk, calendars: OwnCalendars, public: TestClient
) -> None:
    address = f"/lich/{calendars.make(leader(work))}.ics"
    answer = public.get(address)
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    assert "set-cookie" not in answer.headers
    assert public.head(address).status_code == 200
    assert public.post(address).status_code == 405


def test_nothing_is_kept_of_an_address_but_its_hash_and_nothing_of_it_is_logged(
    work: WorkDesk, calendars: OwnCalendars, public: TestClient, ward: Ward,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    token = calendars.make(leader(work))
    public.get(f"/lich/{token}.ics")
    calendars.revoke(leader(work))
    public.get(f"/lich/{token}.ics")
    kept = b"".join(
        path.read_bytes() for path in ward.settings.state_dir.rglob("homthu.db*") if path.is_file()
    )
    assert kept
    assert token.encode() not in kept
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith("httpx")]
    assert token not in "".join(ours)


def test_what_officers_do_about_their_calendar_is_written_down_and_what_leaders_do_is_not(
    work: WorkDesk, calendars: OwnCalendars
) -> None:
    """`docs/decisions/0014`: the chain is no diary of leaders."""
    officer = work.desk.officer_id("phuong.em")
    for who in (leader(work), f"officer:{officer}"):
        calendars.make(who)
        calendars.revoke(who)
    with work.desk.ward.intake.read() as view:
        told = [(row.actor, row.act, row.subject) for row in view.audit.rows(0)]
    assert [each for each in told if each[1].startswith("calendar.")] == [
        (officer, "calendar.make", officer), (officer, "calendar.revoke", officer)
    ]  # fmt: skip
    assert not [each for each in told if work.leader in each[2]]


def test_nobody_but_leaders_and_officers_has_a_calendar(calendars: OwnCalendars) -> None:
    for who in ("resident:" + "0" * 32, "leader:zz", "leader:", ""):
        with pytest.raises(NotValid):
            calendars.make(who)


# --- the file -------------------------------------------------------------------------------------

# As names are kept; ``\\N`` in one is a line break to the library, which nobody can see.
TEXT = st.text(max_size=200).map(lambda text: " ".join(clean(text).replace("\\N", "").split()))
DAYS = st.dates(date(2020, 1, 1), date(2090, 1, 1))


@st.composite
def own_days(draw: st.DrawFn) -> OwnDay:
    last = draw(DAYS)
    safe = last - timedelta(days=draw(st.integers(0, 14)))
    named = draw(st.sampled_from([None, last + timedelta(days=1)]))
    key = draw(st.text(min_size=1, max_size=40))
    return OwnDay(key, draw(TEXT), draw(TEXT), draw(TEXT), last, safe, named, draw(st.booleans()))


@pytest.mark.parametrize("odd", ["\r", "\r\n", "\n", "\x85", "\u2028", "\x0b", "\0", "\x1b"])
def test_no_name_can_add_a_line_of_its_own(odd: str) -> None:
    title = f"Họp{odd}ATTENDEE:mailto:a@b.vn{odd}tổ 3, phó; \\n"
    day = OwnDay("key", title, title, title, date(2026, 3, 31), date(2026, 3, 30), None)
    body = write_calendar([day], datetime(2026, 3, 2, 1, tzinfo=UTC))
    assert odd.encode() not in body.replace(b"\r\n", b"")
    assert not [each for each in body.decode().splitlines() if each.startswith("ATTENDEE")]
    (read,) = events(body)
    assert "ATTENDEE" not in read
    assert str(read["SUMMARY"]).count("tổ 3, phó; \\n") == 2


@given(st.lists(own_days(), max_size=6, unique_by=lambda each: each.key))
def test_any_calendar_is_read_back_as_it_was_written(days: list[OwnDay]) -> None:
    body = write_calendar(days, datetime(2026, 3, 2, 1, tzinfo=UTC))
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert all(len(each) <= 75 for each in body.split(b"\r\n"))  # RFC 5545, 3.1
    assert b"\n" not in body.replace(b"\r\n", b"")
    found = events(body)
    assert len({str(each["UID"]) for each in found}) == len(days)
    for written, read in zip(days, found, strict=True):
        assert (read.start, read.end) == (written.safe_on, written.last_good_on + timedelta(days=1))
        said = f"{written.title} · {written.owner_name}".strip()
        assert str(read["SUMMARY"]).endswith(said)
        assert read["TRANSP"] == "TRANSPARENT"
