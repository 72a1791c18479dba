"""Stores of areas, organisations, zones and imports: lists longer than one statement, and order."""

from datetime import UTC, date, datetime

import pytest

from intake.service import Intake
from storage.areas import AreaRow, LinkRow
from storage.database import Database
from storage.errors import Duplicate
from storage.organisations import ImportedRow, ImportRow, OrganisationRow, ZoneRow
from storage.statements import in_chunks
from storage.unit_of_work import Tx
from storage.work_tables import Obligation
from tests.clocks import FixedClock

SINCE, LATER = date(2025, 7, 1), date(2026, 7, 1)
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
MANY = 1203
TOP = AreaRow("W", "commune", None, "xã", "xã W", "xa w", SINCE)
INSIDE = [
    AreaRow(f"W-{n:04}", "neighbourhood", "W", "thôn", f"thôn {n}", f"thon {n}", SINCE)
    for n in range(MANY)
]
IDS = [row.id for row in INSIDE]


@pytest.fixture
def intake(database: Database, clock: FixedClock) -> Intake:
    """A commune with more neighbourhoods than fit into one statement."""
    kept = Intake(database, clock)
    kept.write_now(lambda tx: tx.areas.add_new([TOP, *INSIDE]))
    return kept


def test_chunks_hold_everything_in_order_and_nothing_twice() -> None:
    assert [len(some) for some in in_chunks(IDS, 500)] == [500, 500, 203]
    assert [one for some in in_chunks(iter(IDS), 7) for one in some] == IDS
    assert list(in_chunks([])) == []


def test_more_areas_than_one_statement_holds_are_found_and_ended(intake: Intake) -> None:
    with intake.read() as view:
        assert set(view.areas.get_many(IDS)) == set(IDS)
        assert view.areas.inside(["W", "X"]) == INSIDE
    intake.write_now(lambda tx: tx.areas.end(IDS, LATER))
    with intake.read() as view:
        assert {row.valid_to for row in view.areas.inside(["W"])} == {LATER}
        assert view.areas.get("W") == TOP


def test_a_new_area_never_overwrites_one_that_stands(intake: Intake) -> None:
    with pytest.raises(Duplicate):
        intake.write_now(lambda tx: tx.areas.add_new([INSIDE[0]._replace(name="khác")]))
    with intake.read() as view:
        assert view.areas.get(IDS[0]) == INSIDE[0]


def test_links_are_found_from_both_ends(intake: Intake) -> None:
    links = [LinkRow(IDS[0], IDS[2], LATER), LinkRow(IDS[1], IDS[2], LATER)]
    intake.write_now(lambda tx: tx.areas.add_links(links))
    with intake.read() as view:
        assert view.areas.links_to([IDS[2]]) == links
        assert view.areas.links_from([IDS[1]]) == links[1:]
        assert view.areas.links_from([IDS[2]]) == []
    intake.write_now(lambda tx: tx.areas.delete_links_to([IDS[2]]))
    with intake.read() as view:
        assert view.areas.links_from(IDS) == []


def test_a_zone_is_renamed_and_drawn_anew(intake: Intake) -> None:
    def draw(tx: Tx, name: str, areas: list[str]) -> None:
        tx.zones.add(ZoneRow("z", name, SINCE))
        tx.zones.set_areas("z", areas)

    intake.write_now(lambda tx: draw(tx, "Một", IDS[:3]))
    intake.write_now(lambda tx: draw(tx, "Hai", ["W"]))
    with intake.read() as view:
        assert view.zones.all() == [ZoneRow("z", "Hai", SINCE)]
        assert view.zones.area_ids("z") == ["W"]


def test_an_import_is_undone_once_and_later_ones_are_found(intake: Intake) -> None:
    first = ImportRow(b"1" * 16, NOW, "command", None, b"d" * 32)
    second = ImportRow(b"2" * 16, NOW.replace(hour=2), "binh", "W", b"e" * 32)
    rows = [ImportedRow(first.id, line, IDS[line], "add") for line in (3, 2)]
    intake.write_now(lambda tx: tx.area_imports.add(first, rows))
    intake.write_now(lambda tx: tx.area_imports.add(second, []))
    with intake.read() as view:
        assert view.area_imports.newest(5) == [(second, 0), (first, 2)]
        assert view.area_imports.newest(1) == [(second, 0)]
        assert view.area_imports.rows(first.id) == sorted(rows)
        assert view.area_imports.owner_ids(first.id) == {IDS[2], IDS[3]}
        assert view.area_imports.later(first.id) == [second.id]
        assert view.area_imports.later(second.id) == []
    assert intake.write_now(lambda tx: tx.area_imports.mark_undone(second.id, NOW))
    assert not intake.write_now(lambda tx: tx.area_imports.mark_undone(second.id, NOW))
    with intake.read() as view:
        assert view.area_imports.later(first.id) == []


def owed(owner_id: str, **changes: object) -> dict[str, object]:
    row = {
        "id": owner_id.encode().ljust(16, b"-"), "owner_id": owner_id, "commune_id": "W",
        "province_id": "P", "programme": "p", "duty": "d", "kind": "outreach",
        "period": "2026-03", "first": SINCE, "last": LATER, "due_at": NOW, "need": 1,
        "exempt_reason": "", "opened_at": NOW,
    }  # fmt: skip
    return {**{f: d.default for f, d in Obligation.model_fields.items()}, **row, **changes}


def test_what_somebody_used_is_told_from_what_was_only_owed(intake: Intake) -> None:
    school = OrganisationRow("W-TH", "W", "school", "Trường", "truong", SINCE)
    intake.write_now(lambda tx: tx.organisations.add_new([school]))
    table = Obligation.__table__  # type: ignore[attr-defined]
    rows = [owed(IDS[0]), owed(IDS[1], done=1), owed(IDS[2], state="closed")]
    rows.append(owed(IDS[3], exempt="asked"))
    intake.write_now(lambda tx: tx.connection.execute(table.insert(), rows).rowcount)
    with intake.read() as view:
        used = [view.area_imports.used([owner]) for owner in (*IDS[:5], "W", "W-TH")]
    assert used == [False, True, True, True, False, True, False]
    intake.write_now(lambda tx: tx.area_imports.forget_what_is_owed(IDS[:1]))
    with intake.read() as view:
        left = view.connection.execute(table.select()).all()
    assert {row.owner_id for row in left} == set(IDS[1:4])
