"""Areas, units, keys, pushes and jobs: rows come back as they went in, leases go to one."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

import pytest

from storage.areas import AreaRow, PosterRow, UnitRow
from storage.database import Database
from storage.errors import Duplicate
from storage.keys import GrantRow, ProbeRow, UnitKeyRow
from storage.officers import OfficerRow
from storage.pushes import CallRow, PushRow, StopRow
from storage.unit_of_work import Tx
from tests.clocks import START, FixedClock

T = TypeVar("T")
DAY = START.date()
PROVINCE = AreaRow("p", "province", None, "tỉnh", "Hà Nam", "ha nam", DAY)
WARD = AreaRow("w", "commune", "p", "phường", "Châu Sơn", "chau son", DAY)
TWIN = AreaRow("t", "commune", "p", "xã", "Châu Sơn", "chau son", DAY, DAY)
GROUP = AreaRow("g", "neighbourhood", "w", "tổ dân phố", "Tổ 1", "to 1", DAY)
UPPER = UnitRow("upper", "Công an tỉnh", None, "p")
UNIT = UnitRow("ward", "Công an phường", "upper", "w")


@pytest.fixture
def write(database: Database) -> Callable[[Callable[[Tx], T]], T]:
    return lambda work: database.writer.submit(work).result(30)


@pytest.fixture
def places(write: Any) -> None:
    def work(tx: Tx) -> None:
        tx.areas.add_areas([PROVINCE, WARD, TWIN, GROUP])
        tx.areas.add_unit(UPPER)
        tx.areas.add_unit(UNIT)

    write(work)


@pytest.mark.usefixtures("places")
def test_areas_are_found_by_id_parent_and_folded_name(database: Database, write: Any) -> None:
    with database.read() as view:
        assert view.areas.get("w") == WARD
        assert view.areas.get("x") is None
        assert view.areas.children("p") == [TWIN, WARD]
        assert view.areas.find_folded("chau son", "commune") == [TWIN, WARD]
        assert view.areas.find_folded("chau son", "province") == []
        assert view.areas.all_communes() == [TWIN, WARD]
        assert view.areas.all() == [GROUP, PROVINCE, TWIN, WARD]
    renamed = WARD._replace(name="Lam Hạ", folded="lam ha")
    write(lambda tx: tx.areas.add_areas([renamed]))
    write(lambda tx: tx.areas.add_areas([]))
    with database.read() as view:
        assert view.areas.get("w") == renamed


@pytest.mark.usefixtures("places")
def test_units_are_found_by_id_and_area(database: Database, write: Any) -> None:
    with database.read() as view:
        assert view.areas.unit("ward") == view.areas.unit_of_area("w") == UNIT
        assert view.areas.unit("x") is view.areas.unit_of_area("g") is None
        assert view.areas.units() == [UPPER, UNIT]
    with pytest.raises(Duplicate):
        write(lambda tx: tx.areas.add_unit(UNIT._replace(id="second")))


@pytest.mark.usefixtures("places")
def test_a_poster_stands_for_an_area(database: Database, write: Any) -> None:
    poster = PosterRow("K7", "w", DAY)
    write(lambda tx: tx.areas.add_poster(poster))
    with database.read() as view:
        assert view.areas.poster("K7") == poster
        assert view.areas.poster("K8") is None
        assert view.areas.posters() == [poster]
    assert write(lambda tx: tx.areas.end_poster("K7", DAY))
    assert not write(lambda tx: tx.areas.end_poster("K8", DAY))
    with database.read() as view:
        assert view.areas.poster("K7") == poster._replace(ended_on=DAY)


def test_a_segment_replaces_the_one_before(database: Database, write: Any) -> None:
    write(lambda tx: tx.keys.put_segment("upper", 1, b"body", b"signature"))
    write(lambda tx: tx.keys.put_segment("root", 1, b"root", b"signature"))
    write(lambda tx: tx.keys.put_segment("upper", 2, b"other", b"signature"))
    with database.read() as view:
        assert view.keys.segments() == [
            ("root", 1, b"root", b"signature"),
            ("upper", 2, b"other", b"signature"),
        ]


@pytest.mark.usefixtures("places")
def test_unit_keys_come_newest_first_and_end(database: Database, write: Any) -> None:
    keys = [UnitKeyRow(os.urandom(8), "ward", epoch, b"public", DAY) for epoch in (1, 2)]
    for key in keys:
        write(lambda tx, key=key: tx.keys.add_unit_key(key))
    write(lambda tx: tx.keys.end_unit_key(keys[0].key_id, DAY))
    with database.read() as view:
        assert view.keys.unit_keys("ward") == [keys[1], keys[0]._replace(ended_on=DAY)]
        assert view.keys.unit_keys("upper") == []


@pytest.mark.usefixtures("places")
def test_grants_are_given_again_and_taken_away(database: Database, write: Any) -> None:
    officer = OfficerRow(
        os.urandom(16), "ward", "lan", "Lan", "officer", True, None, None, None, 0, DAY
    )
    key = UnitKeyRow(os.urandom(8), "ward", 1, b"public", DAY)
    grant = GrantRow(key.key_id, officer.id, b"first")

    def work(tx: Tx) -> None:
        tx.officers.add(officer)
        tx.keys.add_unit_key(key)
        tx.keys.add_grant(grant)
        tx.keys.add_grant(grant._replace(secret_sealed=b"second"))

    write(work)
    with database.read() as view:
        assert view.keys.grants_of(officer.id) == [grant._replace(secret_sealed=b"second")]
        assert view.keys.grants_for(key.key_id) == view.keys.grants_of(officer.id)
    write(lambda tx: tx.keys.drop_grants(officer.id))
    with database.read() as view:
        assert view.keys.grants_for(key.key_id) == []


@pytest.mark.usefixtures("places")
def test_a_probe_notes_that_the_listed_key_opened_it(database: Database, write: Any) -> None:
    probe = ProbeRow("ward", b"key-id-1", b"sealed", DAY)
    write(lambda tx: tx.keys.put_probe(probe))
    write(lambda tx: tx.keys.probe_opened("ward", b"key-id-2", DAY))
    with database.read() as view:
        assert view.keys.probe("ward") == probe
    write(lambda tx: tx.keys.probe_opened("ward", b"key-id-1", DAY))
    with database.read() as view:
        assert view.keys.probes() == [probe._replace(opened_on=DAY)]
        assert view.keys.probe("upper") is None


def test_facts_are_kept_listed_and_dropped(database: Database, write: Any) -> None:
    for name, value in (("demo", "yes"), ("new_x", "1"), ("new-epoch:a", "1"), ("demo", "no")):
        write(lambda tx, n=name, v=value: tx.keys.set_fact(n, v))
    with database.read() as view:
        assert view.keys.fact("demo") == "no"
        assert view.keys.fact("missing") is None
        assert view.keys.facts("new_") == ["new_x"]
    write(lambda tx: tx.keys.drop_fact("demo"))
    with database.read() as view:
        assert view.keys.fact("demo") is None


def push_of(tip_id: bytes, expires_on: date = DAY) -> PushRow:
    return PushRow(os.urandom(16), tip_id, b"sealed", expires_on)


def test_a_notice_is_planned_once_and_sent_once(
    database: Database, write: Any, clock: FixedClock
) -> None:
    tip_id = os.urandom(16)
    pushes = sorted(push_of(tip_id) for _ in range(2))
    other = push_of(os.urandom(16))
    for each in (*pushes, other):
        write(lambda tx, each=each: tx.pushes.add(each))
    due_at = START + timedelta(minutes=10)
    write(lambda tx: tx.pushes.schedule(tip_id, due_at))
    write(lambda tx: tx.pushes.schedule(tip_id, due_at + timedelta(hours=1)))
    with database.read() as view:
        assert view.pushes.due(clock.now(), clock.today()) == []
        clock.advance(minutes=10)
        assert view.pushes.due(clock.now(), clock.today()) == [
            each._replace(due_at=due_at) for each in pushes
        ]
        assert len(view.pushes.due(clock.now(), clock.today(), 1)) == 1
    write(lambda tx: tx.pushes.sent(pushes[0].id))
    write(lambda tx: tx.pushes.drop(pushes[1].id))
    with database.read() as view:
        assert view.pushes.due(clock.now(), clock.today()) == []
        assert view.pushes.of_tip(tip_id) == [pushes[0]]
        assert view.pushes.all() == sorted([pushes[0], other])
        assert view.pushes.all(after=max(pushes[0].id, other.id)) == []
    write(lambda tx: tx.pushes.drop_of_tip(tip_id))
    with database.read() as view:
        assert view.pushes.all() == [other]


def test_addresses_die_after_their_last_day(database: Database, write: Any) -> None:
    last = push_of(os.urandom(16))
    write(lambda tx: tx.pushes.add(last))
    assert write(lambda tx: tx.pushes.expire(DAY)) == 0
    assert write(lambda tx: tx.pushes.expire(DAY + timedelta(days=1))) == 1


def test_a_stop_request_waits_for_the_relay(database: Database, write: Any) -> None:
    stop = StopRow(os.urandom(16), b"sealed")
    write(lambda tx: tx.pushes.add_stop(stop))
    with database.read() as view:
        assert view.pushes.stops() == [stop]
    write(lambda tx: tx.pushes.drop_stop(stop.id))
    with database.read() as view:
        assert view.pushes.stops() == []


def test_a_unit_is_paged_once_a_slot(database: Database, write: Any) -> None:
    futures = [
        database.writer.submit(lambda tx: tx.pushes.page_call("ward", START)) for _ in range(8)
    ]
    assert sum(future.result(30) for future in futures) == 1
    assert write(lambda tx: tx.pushes.page_call("ward", START + timedelta(minutes=5)))
    with database.read() as view:
        calls = view.pushes.calls()
    assert [call.slot for call in calls] == [START, START + timedelta(minutes=5)]
    write(lambda tx: tx.pushes.call_sent(calls[0], START))
    with database.read() as view:
        assert view.pushes.calls() == [CallRow("ward", START + timedelta(minutes=5))]
    assert write(lambda tx: tx.pushes.drop_calls(START + timedelta(minutes=5))) == 1


def test_a_job_has_one_leader(database: Database, write: Any, clock: FixedClock) -> None:
    futures = [
        database.writer.submit(lambda tx, n=n: tx.jobs.lease("sweep", f"host {n}", START, 60))
        for n in range(8)
    ]
    won = [future.result(30) for future in futures]
    assert sum(won) == 1
    leader = f"host {won.index(True)}"
    clock.advance(seconds=59)
    assert write(lambda tx: tx.jobs.lease("sweep", leader, clock.now(), 60))
    clock.advance(seconds=59)
    assert not write(lambda tx: tx.jobs.lease("sweep", "other", clock.now(), 60))
    clock.advance(seconds=1)
    assert write(lambda tx: tx.jobs.lease("sweep", "other", clock.now(), 60))
    write(lambda tx: tx.jobs.release("sweep", leader))
    assert not write(lambda tx: tx.jobs.lease("sweep", leader, clock.now(), 60))
    write(lambda tx: tx.jobs.release("sweep", "other"))
    assert write(lambda tx: tx.jobs.lease("sweep", leader, clock.now(), 60))


def test_a_job_remembers_its_last_success(
    database: Database, write: Any, clock: FixedClock
) -> None:
    with database.read() as view:
        assert view.jobs.last("sweep") is None
    for _ in range(2):
        now = clock.advance(minutes=1)
        write(lambda tx, now=now: tx.jobs.succeeded("sweep", now))
    with database.read() as view:
        assert view.jobs.last("sweep") == now
        assert view.jobs.all() == {"sweep": now}
