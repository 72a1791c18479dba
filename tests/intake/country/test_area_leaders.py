"""Heads that a list names: found or made, shown before, taken back by the undo, never guessed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.country.area_import import BY_COMMAND
from intake.country.area_leaders import read_person
from intake.errors import NotTaken
from intake.work.leaders import Leaders
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.area_lists import OTHER, TODAY, WARD, Town

HEAD = "ward_code,own_code,unit_name,kind,leader_ref"


@pytest.fixture
def town(sqlite_database: Database, clock: FixedClock) -> Town:
    return Town(sqlite_database, clock)


@pytest.fixture
def each_town(database: Database, clock: FixedClock) -> Town:
    return Town(database, clock)


def line(number: int, head: str, ward: str = WARD) -> str:
    return f"{ward},{number:02},Tổ {number},tổ dân phố,{head}"


def take(town: Town, *lines: str) -> str:
    seen = town.preview(*lines, head=HEAD)
    assert seen.errors == ()
    town.clock.advance(minutes=1)
    return town.imports.take(seen, BY_COMMAND)


def heads(town: Town) -> dict[str, tuple[str, str, bytes]]:
    """Return who is head where: form of address, name and id."""
    leaders = Leaders(town.intake)
    owners = town.neighbourhoods()
    found = {owner: leaders.of_owner(owner, TODAY) for owner in owners}
    return {o: (h[0][0].address_as, h[0][0].name, h[0][0].id) for o, h in found.items() if h}


def everybody(town: Town) -> int:
    with town.intake.read() as view:
        return view.connection.exec_driver_sql("SELECT count(*) FROM leader").scalar_one()


def test_heads_are_shown_made_and_taken_back(each_town: Town) -> None:
    town = each_town
    lines = (line(1, "bác Nguyễn Văn Hòa"), line(2, "Cô Lan"), line(3, ""), line(4, "Cô Lan"))
    seen = town.preview(*lines, head=HEAD)
    assert [(row.leader, row.is_new) for row in seen.rows] == [
        ("bác Nguyễn Văn Hòa", True), ("cô Lan", True), ("", False), ("cô Lan", True),
    ]  # fmt: skip
    assert (seen.counts["heads"], seen.counts["people"]) == (3, 2)
    assert everybody(town) == 0
    done = take(town, *lines)
    found = heads(town)
    assert {owner: who[:2] for owner, who in found.items()} == {
        f"{WARD}-01": ("bác", "Nguyễn Văn Hòa"),
        f"{WARD}-02": ("cô", "Lan"),
        f"{WARD}-04": ("cô", "Lan"),
    }
    assert found[f"{WARD}-02"][2] == found[f"{WARD}-04"][2]
    town.imports.undo(done, BY_COMMAND)
    assert everybody(town) == 0
    with town.intake.read() as view:
        assert view.areas.get_many([f"{WARD}-01"]) == {}


def test_who_is_in_the_book_is_found_and_stays_after_an_undo(each_town: Town) -> None:
    town = each_town
    take(town, line(1, "bác Hòa"))
    second = take(town, line(2, "HÒA"))
    found = heads(town)
    assert found[f"{WARD}-01"] == found[f"{WARD}-02"]
    assert everybody(town) == 1
    town.imports.undo(second, BY_COMMAND)
    assert set(heads(town)) == {f"{WARD}-01"}
    assert everybody(town) == 1


def test_a_head_is_given_to_what_stands_and_the_same_list_again_changes_nothing(
    town: Town,
) -> None:
    take(town, line(1, ""))
    done = take(town, line(1, "chú Bình"))
    assert heads(town)[f"{WARD}-01"][:2] == ("chú", "Bình")
    assert not town.preview(line(1, "chú Bình"), head=HEAD).may_be_taken
    town.imports.undo(done, BY_COMMAND)
    assert heads(town) == {}
    assert town.get(f"{WARD}-01").valid_to is None


def test_the_same_name_in_two_communes_is_two_people(town: Town) -> None:
    take(town, line(1, "bác Hòa"), line(1, "bác Hòa", OTHER))
    found = heads(town)
    assert found[f"{WARD}-01"][2] != found[f"{OTHER}-01"][2]


def test_two_people_of_one_name_are_asked_about_and_never_picked(town: Town) -> None:
    take(town, line(1, "bác Hòa"), line(2, "cô Hòa"), line(3, ""))
    told = town.only_fault(line(3, "Hòa"), head=HEAD)
    assert "hai người cùng tên" in told
    assert "trang Người phụ trách" in told
    take(town, line(3, "cô Hòa"))
    assert heads(town)[f"{WARD}-03"][0] == "cô"


def test_a_list_takes_nothing_from_whoever_is_head(town: Town) -> None:
    take(town, line(1, "bác Hòa"))
    told = town.only_fault(line(1, "cô Lan"), head=HEAD)
    assert "đã có người phụ trách khác" in told
    assert "bàn giao" in told
    assert everybody(town) == 1


@pytest.mark.parametrize("cell", ["=1+1", "0912345678", "Hòa 0912345678", "x" * 81, "?"])
def test_what_is_no_name_is_a_fault(town: Town, cell: str) -> None:
    assert "không phải một tên người" in town.only_fault(line(1, cell), head=HEAD)


def test_once_somebody_has_enrolled_the_list_is_not_undone(each_town: Town) -> None:
    town = each_town
    done = take(town, line(1, "bác Hòa"))
    leaders = Leaders(town.intake)
    leaders.enrol(leaders.invite(heads(town)[f"{WARD}-01"][2]), "demo", "may-1")
    with pytest.raises(NotTaken, match="đã vào máy"):
        town.imports.undo(done, BY_COMMAND)
    assert leaders.is_enrolled("demo", "may-1")
    assert set(heads(town)) == {f"{WARD}-01"}


def test_a_head_named_meanwhile_overtakes_the_preview(town: Town) -> None:
    take(town, line(1, ""))
    seen = town.preview(line(1, "bác Hòa"), head=HEAD)
    Leaders(town.intake).take_on("Lan", "cô", f"{WARD}-01")
    with pytest.raises(NotTaken, match="xem trước lại"):
        town.imports.take(seen, BY_COMMAND)
    assert heads(town)[f"{WARD}-01"][1] == "Lan"


@given(st.text(max_size=120))
@example("²")
def test_a_cell_is_a_name_or_nothing(cell: str) -> None:
    found = read_person(cell)
    if found is not None:
        assert 0 < len(found.name) <= 80
        assert not any(char.isdigit() for char in found.name)
