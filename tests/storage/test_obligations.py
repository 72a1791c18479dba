"""Rows of what is owed: opened in bulk, kept from changing once they are closed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage.counting import Counted
from storage.database import Database
from storage.obligations import ObligationRow
from storage.opening import DutyTerms
from storage.owners import OwnerStore
from storage.unit_of_work import Tx
from tests.clocks import START, FixedClock
from tests.intake.work_side import (
    NOVEMBER,
    PROVINCE,
    TEMPLATE,
    WARD,
    Town,
    area,
    at,
    furnish,
)  # fmt: skip

TERMS = DutyTerms(
    "plan", "duty", "outreach", "2026-11", NOVEMBER, date(2026, 11, 30),
    at("2026-12-01 00:00:00"), 1,
)  # fmt: skip


@pytest.fixture
def town(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    return furnish(database, clock, tmp_path, neighbourhoods=3)


def open_ward(town: Town, terms: DutyTerms = TERMS) -> int:
    return town.intake.write_now(
        lambda tx: tx.obligations.open_for_areas(terms, "neighbourhood", [WARD], NOVEMBER, START)
    )


def rows(town: Town, owner: str = f"{WARD}-01") -> list[ObligationRow]:
    with town.intake.read() as view:
        return view.obligations.of_owner(owner, "2026-11")


def test_a_row_carries_its_commune_and_province_as_they_are_that_day(town: Town) -> None:
    assert open_ward(town) == 3
    (row,) = rows(town)
    assert (row.commune_id, row.province_id, len(row.id)) == (WARD, PROVINCE, 16)
    assert row[4:12] == TERMS
    town.areas(area(WARD, "commune", None))
    assert rows(town) == [row]


def test_opening_again_leaves_rows_and_their_ids_alone(town: Town) -> None:
    open_ward(town)
    before = rows(town)
    assert open_ward(town, TERMS._replace(need=5)) == 0
    assert rows(town) == before


def test_two_who_open_at_once_open_everything_once(town: Town) -> None:
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(lambda _: town.obligations.open_period(NOVEMBER), range(4)))
    assert sum(new) == 5 * 2
    assert len(rows(town)) == 2


def test_a_closed_row_takes_no_counts_no_exemption_and_no_second_close(town: Town) -> None:
    open_ward(town)
    (row,) = rows(town)

    def work(tx: Tx) -> tuple[int, int, bool]:
        store = tx.obligations
        first, second = store.close([row.id], START), store.close([row.id], START, "ended")
        tx.counting.set_counts(
            [Counted(row.id, 9, met=True, met_at=START, timely=True, approved=True)]
        )
        return first, second, store.set_exempt(row.id, "granted", "", "")

    assert town.intake.write_now(work) == (1, 0, False)
    (after,) = rows(town)
    assert after == row._replace(state="closed", closed_at=START)


def test_rows_that_miss_an_activity_are_found_in_their_commune_and_by_id(town: Town) -> None:
    open_ward(town)
    open_ward(town, TERMS._replace(duty="other", kind="radio"))
    town.file(f"{WARD}-01", NOVEMBER, kind="radio", also_counts_as=("outreach",))
    ids = {r.duty: r.id for r in rows(town)}
    town.intake.write_now(
        lambda tx: tx.counting.set_counts(
            [Counted(ids["duty"], 0, met=False, met_at=None, timely=False, approved=False)]
        )
    )
    with town.intake.read() as view:
        found = view.counting.uncounted_in(TERMS, PROVINCE, [WARD])
        assert found == view.counting.uncounted(list(ids.values())) == [ids["duty"]]
        assert view.counting.uncounted_in(TERMS, PROVINCE, ["elsewhere"]) == []


def test_a_kind_that_is_part_of_another_kinds_name_is_not_counted(town: Town) -> None:
    open_ward(town, TERMS._replace(kind="plan"))
    town.file(f"{WARD}-01", NOVEMBER, kind="pledge", also_counts_as=("outreach",))
    with town.intake.read() as view:
        assert view.counting.uncounted([rows(town)[0].id]) == []


def test_what_is_due_is_given_out_in_portions(town: Town) -> None:
    open_ward(town)
    with town.intake.read() as view:
        assert len(view.obligations.due(TERMS.due_at, 2)) == 2
        assert view.obligations.due(TERMS.due_at - timedelta(seconds=1), 2) == []


def test_orphans_are_those_whose_owner_ended_before_the_period_was_over(town: Town) -> None:
    open_ward(town)
    town.areas(
        area(f"{WARD}-01", "neighbourhood", WARD, valid_to=date(2026, 11, 30)),
        area(f"{WARD}-02", "neighbourhood", WARD, valid_to=date(2026, 12, 1)),
    )
    with town.intake.read() as view:
        assert view.obligations.orphans(date(2026, 11, 29)) == []
        assert view.obligations.orphans(date(2027, 1, 1)) == [rows(town)[0].id]


def test_owners_know_their_commune_and_province(town: Town) -> None:
    town.organisation("S1", f"{WARD}-01", "school")
    town.organisation("S2", PROVINCE, "school")
    with town.intake.read() as view:
        store: OwnerStore = view.owners
        places = {
            owner: (row.commune_id, row.province_id)
            for owner in (PROVINCE, WARD, f"{WARD}-01", "S1", "S2")
            if (row := store.get(owner))
        }
        assert store.get("nowhere") is None
        assert store.chain(f"{WARD}-01") == [f"{WARD}-01", WARD, PROVINCE]
    assert places == {
        PROVINCE: ("", PROVINCE), WARD: (WARD, PROVINCE), f"{WARD}-01": (WARD, PROVINCE),
        "S1": (WARD, PROVINCE), "S2": ("", PROVINCE),
    }  # fmt: skip
