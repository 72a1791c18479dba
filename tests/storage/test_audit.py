"""The audit chain holds under load, and shows every change made behind its back."""

import threading
from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text

from storage.audit import NO_HEAD, AuditEntry, CheckpointRow, verify_chain
from storage.database import Database
from tests.clocks import START, FixedClock


def append(database: Database, number: int) -> int:
    def work(tx: Any) -> int:
        at = START + timedelta(seconds=number)
        return tx.audit.append(at, f"officer {number}", "open", "tip", {"number": number})

    return database.writer.submit(work).result(30)


def rows(database: Database) -> list[AuditEntry]:
    with database.read() as view:
        return view.audit.rows()


def broken(database: Database) -> int | None:
    with database.read() as view:
        return view.audit.verify()


@pytest.fixture
def chain(database: Database) -> Database:
    """Five acts, numbered from 1."""
    for number in range(1, 6):
        assert append(database, number) == number
    return database


def test_the_chain_holds_under_eight_writers(database: Database) -> None:
    numbers: list[int] = []

    def work(start: int) -> None:
        numbers.extend(append(database, each) for each in range(start, start + 25))

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 200, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(numbers) == list(range(1, 201))
    assert [row.seq for row in rows(database)] == list(range(1, 201))
    assert broken(database) is None


def test_an_act_that_was_taken_back_leaves_no_gap(chain: Database) -> None:
    def work(tx: Any) -> None:
        tx.audit.append(START, "officer", "open", "tip")
        raise LookupError

    with pytest.raises(LookupError):
        chain.writer.submit(work).result(30)
    assert append(chain, 6) == 6
    assert broken(chain) is None


def test_two_acts_of_one_unit_of_work_follow_each_other(database: Database) -> None:
    def work(tx: Any) -> list[int]:
        return [tx.audit.append(START, "officer", act, "tip") for act in ("open", "close")]

    assert database.writer.submit(work).result(30) == [1, 2]
    assert broken(database) is None


def test_an_empty_chain_holds(database: Database) -> None:
    assert broken(database) is None
    with database.read() as view:
        assert view.audit.head() == NO_HEAD


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'somebody else'",
        "act = 'close'",
        "subject = 'another tip'",
        "detail = '{}'",
        "at = '2026-03-02 01:00:09'",
        "previous = digest",
        "digest = previous",
        "seq = 77",
    ],
)
@pytest.mark.parametrize("number", [1, 3, 5])
def test_an_altered_row_is_found(chain: Database, change: str, number: int) -> None:
    alter(chain, f"UPDATE audit_row SET {change} WHERE seq = {number}")
    assert broken(chain) == number


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_missing_row_is_found(chain: Database, number: int) -> None:
    alter(chain, f"DELETE FROM audit_row WHERE seq = {number}")
    assert broken(chain) == number


def test_an_end_cut_off_together_with_the_next_act_is_found(chain: Database) -> None:
    alter(chain, "DELETE FROM audit_row WHERE seq > 3")
    assert broken(chain) == 4
    assert append(chain, 6) == 6
    assert broken(chain) == 4


def test_swapped_rows_are_found(chain: Database) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        alter(chain, f"UPDATE audit_row SET seq = {new} WHERE seq = {old}")
    assert broken(chain) == 2


def test_a_row_made_up_at_the_end_is_found(chain: Database) -> None:
    alter(
        chain,
        "INSERT INTO audit_row SELECT 6, at, actor, act, subject, detail, digest, digest"
        " FROM audit_row WHERE seq = 5",
    )
    assert broken(chain) == 6


def test_pages_of_the_chain_follow_each_other(chain: Database) -> None:
    with chain.read() as view:
        pages = [view.audit.rows(after, 2) for after in (0, 2, 4)]
        head = view.audit.head()
    assert [[row.seq for row in page] for page in pages] == [[1, 2], [3, 4], [5]]
    assert verify_chain([row for page in pages for row in page]) is None
    assert head == (5, pages[2][0].digest)


def test_one_moment_has_one_form_in_every_time_zone(database: Database) -> None:
    local = START.astimezone(timezone(timedelta(hours=7)))
    database.writer.submit(lambda tx: tx.audit.append(local, "officer", "open", "tip")).result(30)
    assert rows(database)[0].at == START
    assert broken(database) is None


def test_signatures_over_the_head_are_kept(chain: Database, clock: FixedClock) -> None:
    with chain.read() as view:
        head = view.audit.head()
    row = CheckpointRow(head.seq, clock.now(), head.digest, b"signature")
    chain.writer.submit(lambda tx: tx.audit.add_checkpoint(row)).result(30)
    with chain.read() as view:
        assert view.audit.checkpoints() == [row]


def alter(database: Database, statement: str) -> None:
    database.writer.submit(lambda tx: tx.connection.execute(text(statement)) and None).result(30)
