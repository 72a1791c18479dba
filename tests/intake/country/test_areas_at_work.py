"""Areas over the years: the country laid down, mergers, splits, organisations, zones."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.country.areas import Areas, Laid
from intake.errors import Conflict, NotFound, NotValid
from intake.places import Places
from intake.service import Intake
from storage.areas import AreaRow
from storage.database import Database
from tests.clocks import FixedClock

WARD, OTHER = "00004", "00008"
LATER = date(2026, 7, 1)


@pytest.fixture
def areas(database: Database, clock: FixedClock) -> Areas:
    """Hà Nội's communes on each kind of database, and three tổ of one of them."""
    intake = Intake(database, clock)
    laid = Areas(intake, Places(intake))
    laid.lay_country("01")
    for number in (1, 2, 3):
        name = f"tổ dân phố số {number}"
        laid.add(f"{WARD}-0{number}", "neighbourhood", WARD, "tổ dân phố", name)
    clock.advance(days=30)
    return laid


def test_the_whole_country_is_laid_down_once_and_no_more(
    database: Database, clock: FixedClock
) -> None:
    intake = Intake(database, clock)
    areas = Areas(intake, Places(intake))
    assert areas.lay_country() == Laid(34, 3321)
    assert areas.lay_country() == Laid(0, 0)
    assert areas.lay_country("01") == Laid(0, 0)
    levels = [row.level for _, row, _ in areas.tree()]
    assert (levels.count("province"), levels.count("commune")) == (34, 3321)


def test_laying_the_country_again_leaves_what_was_ended_as_it_is(areas: Areas) -> None:
    areas.end(OTHER, LATER)
    assert areas.lay_country("01") == Laid(0, 0)
    assert areas.lay_country() == Laid(33, 3321 - 126)
    assert areas.heirs(OTHER, LATER) == ()


def test_a_posters_code_can_be_typed_after_any_command(areas: Areas) -> None:
    codes = {areas.add_poster(f"{WARD}-01") for _ in range(30)}
    assert len(codes) == 30
    assert all(code.isascii() and code.isalnum() for code in codes)


def test_a_province_that_does_not_exist_is_not_laid_down(areas: Areas) -> None:
    with pytest.raises(NotFound):
        areas.lay_country("00")


def test_a_folded_name_of_a_pair_asks_and_one_with_its_marks_does_not(
    sqlite_database: Database, clock: FixedClock
) -> None:
    intake = Intake(sqlite_database, clock)
    places = Places(intake)
    Areas(intake, places).lay_country("51")
    assert [place.label for place in places.find("xa ba to")] == [
        "xã Ba Tơ, tỉnh Quảng Ngãi", "xã Ba Tô, tỉnh Quảng Ngãi",
    ]  # fmt: skip
    assert [place.label for place in places.find("xã Ba Tơ")] == ["xã Ba Tơ, tỉnh Quảng Ngãi"]


def test_a_merger_keeps_the_row_and_leads_to_what_took_its_place(areas: Areas) -> None:
    areas.merge([f"{WARD}-01", f"{WARD}-02"], f"{WARD}-03", LATER)
    gone = {row.id: row.valid_to for _, row, _ in areas.tree(WARD)}
    assert gone == {WARD: None, f"{WARD}-01": LATER, f"{WARD}-02": LATER, f"{WARD}-03": None}
    assert areas.heirs(f"{WARD}-01", date(2026, 6, 30)) == (f"{WARD}-01",)
    assert areas.heirs(f"{WARD}-01", LATER) == (f"{WARD}-03",)
    assert areas.heirs(f"{WARD}-03", LATER) == (f"{WARD}-03",)


def test_heirs_are_found_over_several_mergers(areas: Areas) -> None:
    areas.merge([f"{WARD}-01"], f"{WARD}-02", LATER)
    areas.merge([f"{WARD}-02"], f"{WARD}-03", date(2027, 1, 1))
    assert areas.heirs(f"{WARD}-01", date(2026, 12, 31)) == (f"{WARD}-02",)
    assert areas.heirs(f"{WARD}-01", date(2027, 1, 1)) == (f"{WARD}-03",)


@pytest.mark.parametrize(
    ("gone", "into", "on", "error"),
    [
        ([], f"{WARD}-03", LATER, NotValid),
        ([f"{WARD}-03"], f"{WARD}-03", LATER, NotValid),
        ([f"{WARD}-09"], f"{WARD}-03", LATER, NotFound),
        ([f"{WARD}-01"], OTHER, LATER, NotValid),
        ([f"{WARD}-01"], f"{WARD}-03", date(2020, 1, 1), NotValid),
        ([WARD], OTHER, LATER, Conflict),
    ],
)
def test_a_merger_that_makes_no_sense_changes_nothing(
    areas: Areas, gone: list[str], into: str, on: date, error: type[Exception]
) -> None:
    before = list(areas.tree())
    with pytest.raises(error):
        areas.merge(gone, into, on)
    assert list(areas.tree()) == before


def test_what_was_merged_away_is_merged_and_ended_no_more(areas: Areas) -> None:
    areas.merge([f"{WARD}-01"], f"{WARD}-02", LATER)
    with pytest.raises(Conflict):
        areas.merge([f"{WARD}-01"], f"{WARD}-03", LATER)
    with pytest.raises(Conflict):
        areas.end(f"{WARD}-01", LATER)
    with pytest.raises(Conflict):
        areas.merge([f"{WARD}-03"], f"{WARD}-01", LATER)


def test_an_id_is_never_given_again_to_an_area_or_an_organisation(areas: Areas) -> None:
    areas.end(f"{WARD}-01", LATER)
    school = areas.organisations.add(WARD, "TH", "school", "Trường Tiểu học")
    for taken in (f"{WARD}-01", school):
        with pytest.raises(Conflict):
            areas.add(taken, "neighbourhood", WARD, "tổ dân phố", "tổ dân phố số 1")
    with pytest.raises(Conflict):
        areas.organisations.add(WARD, "01", "school", "Trường khác")


def test_nothing_is_added_below_an_area_that_has_ended(areas: Areas) -> None:
    areas.end(OTHER, LATER)
    with pytest.raises(NotValid):
        areas.add(f"{OTHER}-01", "neighbourhood", OTHER, "thôn", "thôn Đông")


def test_an_organisation_hangs_on_an_area_between_two_days(areas: Areas, clock: FixedClock) -> None:
    today = clock.today()
    school = areas.organisations.add(WARD, "TH-1", "school", "Trường  Tiểu học Ba Đình")
    assert school == f"{WARD}-TH-1"
    assert areas.organisations.get(school).name == "Trường Tiểu học Ba Đình"
    areas.organisations.end(school, LATER)
    assert [one.id for one in areas.organisations.on(WARD, today)] == [school]
    assert areas.organisations.on(WARD, LATER) == ()
    assert areas.organisations.on(OTHER, today) == ()
    with pytest.raises(Conflict):
        areas.organisations.end(school, LATER)


def test_an_organisation_without_kind_code_name_or_place_is_refused(areas: Areas) -> None:
    for code, kind, name in (
        ("TH", "shop", "Tên"), ("a/b", "school", "Tên"), ("TH", "school", " "),
    ):  # fmt: skip
        with pytest.raises(NotValid):
            areas.organisations.add(WARD, code, kind, name)
    with pytest.raises(NotFound):
        areas.organisations.add("99999", "TH", "school", "Tên")
    with pytest.raises(NotFound):
        areas.organisations.end("99999-TH", LATER)
    with pytest.raises(NotFound):
        areas.organisations.get("99999-TH")


def test_a_zone_is_drawn_across_borders_and_drawn_anew(areas: Areas) -> None:
    areas.zones.draw("ven-song", "Ven sông", [f"{WARD}-01", OTHER])
    areas.zones.draw("ven-song", "Ven sông Hồng", [OTHER, OTHER, f"{WARD}-02"])
    zone = areas.zones.get("ven-song")
    assert (zone.name, zone.area_ids) == ("Ven sông Hồng", (f"{WARD}-02", OTHER))
    assert areas.zones.all() == (zone,)


def test_a_zone_of_unknown_areas_is_not_drawn(areas: Areas) -> None:
    with pytest.raises(NotFound):
        areas.zones.draw("z", "Vùng", [WARD, "99999"])
    with pytest.raises(NotValid):
        areas.zones.draw("z", "Vùng", [])
    with pytest.raises(NotFound):
        areas.zones.get("z")


def test_the_tree_of_an_area_shows_what_is_inside_and_nothing_else(areas: Areas) -> None:
    assert [(depth, row.id) for depth, row, _ in areas.tree(WARD)] == [
        (0, WARD), (1, f"{WARD}-01"), (1, f"{WARD}-02"), (1, f"{WARD}-03"),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        list(areas.tree("99999"))


def test_the_tree_counts_as_people_do(areas: Areas) -> None:
    for number in (10, 9):
        areas.add(f"{OTHER}-{number}", "neighbourhood", OTHER, "tổ", f"Tổ {number}")
    inside = [row.name for depth, row, _ in areas.tree(OTHER) if depth]
    assert inside.index("Tổ 9") < inside.index("Tổ 10")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(mergers=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=12))
def test_heirs_of_any_mergers_stand_and_never_lead_in_a_circle(
    sqlite_database: Database, clock: FixedClock, mergers: list[tuple[int, int]]
) -> None:
    """Every area that was merged away has exactly one heir, and that heir still stands."""
    intake = Intake(sqlite_database, clock)
    areas, home = Areas(intake, Places(intake)), f"P{clock.now():%Y%m%d}"
    clock.advance(days=1)
    top, since = f"{home}-X", date(2020, 1, 1)
    rows = [AreaRow(home, "province", None, "tỉnh", home, home, since),
            AreaRow(top, "commune", home, "xã", top, top, since)]  # fmt: skip
    ids = {n: f"{top}-{n}" for n in range(1, 10)}
    rows += [AreaRow(i, "neighbourhood", top, "thôn", i, i, since) for i in ids.values()]
    intake.write_now(lambda tx: tx.areas.add_new(rows))
    standing, day = set(ids.values()), clock.today()
    for gone, into in mergers:
        if gone != into and {ids[gone], ids[into]} <= standing:
            areas.merge([ids[gone]], ids[into], day)
            standing.discard(ids[gone])
        else:
            with pytest.raises((Conflict, NotValid)):
                areas.merge([ids[gone]], ids[into], day)
    for one in ids.values():
        heirs = areas.heirs(one, day)
        assert len(heirs) == 1
        assert set(heirs) <= standing
        assert areas.heirs(one, since) == (one,)
