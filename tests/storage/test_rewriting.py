"""After the night nobody can tell in which order a day's rows came; before it, anybody could.

Thresholds: over n rows in random order the rank correlation has a spread of 1/sqrt(n-1), so 0.3 is
more than five of them at 300 rows, and 0.5 at a hundred.
"""

import os
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from storage import rewriting
from storage.database import Database
from storage.drafts import DraftRow, PhotoRow
from storage.errors import Stale
from storage.parts import NewPart
from storage.pushes import PushRow, StopRow
from storage.tips import NewTip
from storage.unit_of_work import Tx
from tests.clocks import START
from tests.storage.forensics import PAGE, free_pages, mark, offsets, ranks, spearman
from tests.storage.making import new_tip, part_of

KINDS = ("tip", "part", "wrap", "push")
TIPS = 300


def arrive(database: Database, numbers: range) -> list[bytes]:
    """Let tips come one after the other, each in a commit of its own; return their ids in order."""
    ids: list[bytes] = []
    for number in numbers:
        tip, part, push = marked(number)

        def work(tx: Tx, tip: NewTip = tip, part: NewPart = part, push: PushRow = push) -> None:
            tx.tips.add(tip, [part])
            tx.pushes.add(push)

        database.writer.submit(work).result(30)
        ids.append(tip.id)
    return ids


def marked(number: int) -> tuple[NewTip, NewPart, PushRow]:
    """Rows of the sizes that real ones have."""
    tip = new_tip(
        headline_sealed=os.urandom(1060),
        reply_key=os.urandom(1217),
        identity_sealed=os.urandom(2800) + mark(number, "tip"),
    )
    wraps = (
        (os.urandom(8), os.urandom(1180) + mark(number, "wrap")),
        (os.urandom(8), os.urandom(1190)),
    )
    part = part_of(tip, body_sealed=os.urandom(5000) + mark(number, "part"), wraps=wraps)
    push = PushRow(tip.id, tip.id, os.urandom(1400) + mark(number, "push"), START.date())
    return tip, part, push


def places(path: Path, kind: str, numbers: range) -> list[int]:
    """Where each row's mark stands in the file; each must stand there exactly once."""
    found = offsets(path, kind)
    assert [len(found.get(number, [])) for number in numbers] == [1] * len(numbers)
    return [found[number][0] for number in numbers]


def rewrite(database: Database) -> int:
    done = database.rewrite_day()
    assert done.clean
    return done.rows


@pytest.fixture
def path(sqlite_database: Database) -> Path:
    assert sqlite_database.path is not None
    return sqlite_database.path


def test_a_sqlite_file_forgets_the_order_of_arrival(sqlite_database: Database, path: Path) -> None:
    for night in range(2):  # the second night works on pages that the first one freed
        numbers = range(night * TIPS, (night + 1) * TIPS)
        ids = arrive(sqlite_database, numbers)
        sqlite_database.checkpoint()
        before = {kind: places(path, kind, numbers) for kind in KINDS}
        for kind in KINDS:
            assert spearman(before[kind], numbers) > 0.9, kind
        assert rewrite(sqlite_database) == TIPS * 5
        for kind in KINDS:
            after = places(path, kind, numbers)
            assert abs(spearman(after, numbers)) < 0.3, kind
            assert abs(spearman(after, ranks(ids))) < 0.3, kind
            assert abs(reuse(before[kind], after, ids)) < 0.5, kind


def reuse(before: list[int], after: list[int], ids: list[bytes]) -> float:
    """Correlate who sits on a page now with who sat on it before.

    Whoever knows how the rewrite works could compute the old order back from the new one, if pages
    were handed on in an order that follows from the ids. Sorting by id does exactly that.
    """
    rank = ranks(ids)
    old = {place // PAGE: rank[number] for number, place in enumerate(before)}
    new = {place // PAGE: rank[number] for number, place in enumerate(after)}
    shared = sorted(old.keys() & new.keys(), key=new.__getitem__)
    assert len(shared) > 50 or not shared
    return spearman([old[page] for page in shared], range(len(shared))) if shared else 0.0


def test_sorting_by_id_would_leave_the_order_in_the_file(
    sqlite_database: Database, path: Path
) -> None:
    """The reason for random order: the usual cure looks well and can be undone."""
    numbers = range(TIPS)
    ids = arrive(sqlite_database, numbers)
    sqlite_database.checkpoint()
    before = places(path, "part", numbers)

    def by_id(tx: Tx) -> None:
        for statement in (
            "CREATE TEMPORARY TABLE sorted AS SELECT * FROM part",
            "DELETE FROM part",
            "INSERT INTO part SELECT * FROM sorted ORDER BY id",
            "DROP TABLE sorted",
        ):
            tx.connection.execute(text(statement))

    sqlite_database.writer.submit(by_id).result(30)
    sqlite_database.checkpoint()
    after = places(path, "part", numbers)
    assert abs(spearman(after, numbers)) < 0.3
    assert abs(reuse(before, after, ids)) > 0.7


def test_small_tables_forget_the_order_of_arrival_too(
    sqlite_database: Database, path: Path
) -> None:
    for number in range(TIPS):

        def work(tx: Tx, n: int = number) -> None:
            tx.pushes.add_stop(StopRow(os.urandom(16), os.urandom(1400) + mark(n, "stop")))
            tx.drafts.bury([os.urandom(16) + mark(n, "tomb")], START)

        sqlite_database.writer.submit(work).result(30)
    sqlite_database.checkpoint()
    numbers = range(TIPS)
    assert spearman(places(path, "stop", numbers), numbers) > 0.9
    rewrite(sqlite_database)
    assert abs(spearman(places(path, "stop", numbers), numbers)) < 0.3
    for copy in (0, 1):  # the table and its index
        after = [offsets(path, "tomb")[number][copy] for number in numbers]
        assert abs(spearman(after, numbers)) < 0.3


def test_no_old_copy_is_left_anywhere(sqlite_database: Database, path: Path) -> None:
    arrive(sqlite_database, range(50))
    rewrite(sqlite_database)
    log = path.with_name(path.name + "-wal")
    assert not log.exists() or log.stat().st_size == 0
    data = path.read_bytes()
    for kind in KINDS:
        places(path, kind, range(50))  # once each
    for page in free_pages(path)[1:]:
        rest = data[(page - 1) * PAGE : page * PAGE]
        assert b"<" + b"part" not in rest
    beside = [each for each in path.parent.iterdir() if each.name.startswith(path.name)]
    assert {each.name.removeprefix(path.name) for each in beside} <= {"", "-wal", "-shm"}


def test_an_erased_tip_is_in_no_byte_of_the_file(sqlite_database: Database, path: Path) -> None:
    ids = arrive(sqlite_database, range(20))
    rewrite(sqlite_database)
    ids += arrive(sqlite_database, range(20, 40))
    for tip_id in (ids[3], ids[30]):
        sqlite_database.writer.submit(lambda tx, i=tip_id: tx.tips.erase(i)).result(30)
    assert sqlite_database.checkpoint()
    for kind in KINDS:
        found = offsets(path, kind)
        assert sorted(found) == [n for n in range(40) if n not in {3, 30}]
    assert ids[3] not in path.read_bytes()


def test_the_rewrite_keeps_every_row_as_it_was(database: Database) -> None:
    def everything() -> list[Any]:
        rows: list[Any] = []
        with database.read() as view:
            for table in (*rewriting.TABLES, *rewriting.SMALL):
                columns = [column for column in table.columns if column.name != "fresh"]
                rows.append(sorted(map(tuple, view.connection.execute(select(*columns))), key=str))
        return rows

    def others(tx: Tx) -> None:
        tx.drafts.put(DraftRow(b"d" * 32, 0, "open", b"sealed", START), None)
        tx.drafts.add_photo(PhotoRow(os.urandom(16), b"d" * 32, b"sealed", START))
        tx.drafts.bury([os.urandom(32) for _ in range(5)], START)
        for _ in range(5):
            tx.pushes.add_stop(StopRow(os.urandom(16), b"sealed"))

    arrive(database, range(140))  # more than one chunk
    database.writer.submit(others).result(30)
    before = everything()
    assert rewrite(database) == 140 * 5
    assert everything() == before
    assert fresh(database) == 0


def fresh(database: Database) -> int:
    with database.read() as view:
        return sum(len(rewriting.fresh_keys(view.connection, table)) for table in rewriting.TABLES)


def test_the_work_of_a_night_follows_the_day_and_not_the_store(database: Database) -> None:
    ids = arrive(database, range(20))
    assert rewrite(database) == 100
    assert rewrite(database) == 0
    new = part_of(new_tip(), id=os.urandom(16), tip_id=ids[0])

    def touch(tx: Tx) -> None:
        tx.tips.change(ids[0], 1, state="screening")
        tx.tips.mark_new(ids[1], START)
        tx.parts.add(new)
        tx.pushes.schedule(ids[2], START)

    database.writer.submit(touch).result(30)
    assert rewrite(database) == 1 + 1 + 3 + 1
    assert fresh(database) == 0


def test_a_wrap_written_twice_does_not_stop_the_night(database: Database) -> None:
    tip = new_tip()
    part = part_of(tip)
    key_id = part.wraps[0][0]
    database.writer.submit(lambda tx: tx.tips.add(tip, [part])).result(30)
    rewrite(database)
    twice = "INSERT INTO wrap SELECT 1, part_id, key_id, wrap_sealed FROM wrap"
    database.writer.submit(lambda tx: tx.connection.execute(text(twice)) and None).result(30)
    assert rewrite(database) == 2
    with database.read() as view:
        assert view.parts.wraps_for([part.id], key_id) == {part.id: part.wraps[0][1]}
        assert len(view.parts.wraps([part.id])) == 2


def test_a_reader_that_holds_the_old_pages_is_reported(
    new_sqlite: Callable[..., Database],
) -> None:
    database = new_sqlite(busy_seconds=0.05)
    arrive(database, range(3))
    with database.read() as view:
        assert view.tips.open_tips_of("ward")
        assert not database.rewrite_day().clean
    assert database.rewrite_day() == (0, True)
    database.close()


SYSTEM_COLUMNS = {
    "heap": "SELECT id, ctid::text FROM tip",
    "transactions": "SELECT id, xmin::text FROM tip",
    "wraps": "SELECT part_id, ctid::text FROM wrap",
}


def system_places(database: Database, what: str, ids: list[bytes]) -> list[float]:
    """What a system column says about each row, as a number."""
    with database.read() as view:
        rows = view.connection.execute(text(SYSTEM_COLUMNS[what])).all()
    found: dict[bytes, float] = {}
    for row_id, place in rows:
        page, _, item = str(place).strip("()").partition(",")
        number = int(page) * 1000 + int(item or 0)
        found[bytes(row_id)] = min(number, found.get(bytes(row_id), number))
    return [found[each] for each in ids]


def toast_places(database: Database, numbers: range) -> list[int]:
    """The running number under which PostgreSQL keeps each long body outside its row."""
    with database.read() as view:
        name = view.connection.execute(
            text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'part'")
        ).scalar_one()
        chunks = view.connection.execute(text(f"SELECT chunk_id, chunk_data FROM {name}")).all()
    found = {bytes(data)[-13:]: int(chunk) for chunk, data in chunks}
    return [found[mark(number, "part")] for number in numbers]


@pytest.mark.postgres
def test_postgresql_forgets_the_order_of_arrival(postgres_database: Database) -> None:
    for night in range(2):
        numbers = range(night * TIPS, (night + 1) * TIPS)
        ids = arrive(postgres_database, numbers)
        for what in SYSTEM_COLUMNS:
            if night == 0 or what == "transactions":
                assert spearman(system_places(postgres_database, what, ids), numbers) > 0.9, what
        assert spearman(toast_places(postgres_database, numbers), numbers) > 0.9
        rewrite(postgres_database)
        for what in SYSTEM_COLUMNS:
            after = system_places(postgres_database, what, ids)
            assert abs(tied_spearman(after, ids)) < 0.3, what
        assert abs(spearman(toast_places(postgres_database, numbers), numbers)) < 0.3


def tied_spearman(values: list[float], ids: list[bytes]) -> float:
    """Correlate with arrival, where many rows share a value: ties are broken by the random id."""
    arrival = range(len(values))
    order = sorted(arrival, key=lambda number: (values[number], ids[number]))
    place = [0.0] * len(values)
    for rank, number in enumerate(order):
        place[number] = rank
    return spearman(place, arrival)


def test_nothing_is_lost_or_brought_back_while_others_write(database: Database) -> None:
    ids = arrive(database, range(60))
    erased, changed = ids[:20], ids[20:]
    stop = threading.Event()
    nights: list[int] = []

    def sleepless() -> None:
        while not stop.is_set():
            nights.append(database.rewrite_day().rows)

    night = threading.Thread(target=sleepless)
    night.start()
    try:
        futures = [database.writer.submit(lambda tx, i=i: tx.tips.erase(i)) for i in erased]
        for _ in range(5):
            order = random.sample(changed, len(changed))
            finish([database.writer.submit(step(tip_id)) for tip_id in order])
        finish(futures)
    finally:
        stop.set()
        night.join(60)
    with database.read() as view:
        rows = {row.id: row.version for row in view.tips.open_tips_of("ward")}
        assert rows == dict.fromkeys(changed, 6)
        assert [view.parts.of_tip(each) for each in erased] == [[]] * 20
        assert len(view.parts.wraps(ids)) == 2 * len(changed)
    assert nights


def step(tip_id: bytes) -> Callable[[Tx], None]:
    """A change that reads the version in its own unit of work, as the rules of the desk do."""

    def work(tx: Tx) -> None:
        row = tx.tips.get(tip_id, ["ward"])
        assert row is not None
        tx.tips.change(tip_id, row.version, holder_id=os.urandom(16))

    return work


def finish(futures: list[Future[None]]) -> None:
    for future in futures:
        future.result(60)


def test_a_change_after_the_night_still_needs_the_version(database: Database) -> None:
    (tip_id,) = arrive(database, range(1))
    rewrite(database)
    database.writer.submit(lambda tx: tx.tips.change(tip_id, 1, state="closed")).result(30)
    with pytest.raises(Stale):
        database.writer.submit(lambda tx: tx.tips.change(tip_id, 1, state="new")).result(30)
