"""Retention: what is past its time goes for good, what is held stays, and nothing goes twice."""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from intake.disclosure import Disclosure
from intake.errors import DatabaseBusy, NotFound, NotValid
from intake.settings import RetentionMonths
from intake.tip_states import REASONS
from intake.upkeep.holds import Holds
from intake.upkeep.retention import NOBODY, Retention, months_before
from intake.vault.answers import derive
from storage.assignments import AssignmentRow
from storage.audit import AuditStore
from storage.check_ins import PhotoRow
from storage.keys import GrantRow, UnitKeyRow
from storage.leaders import ChatRow, InviteRow, LeaderRow
from storage.retention import RetentionStore, Told
from storage.tips import TipRow
from storage.unit_of_work import Tx
from tests.wards import CHEAP, Ward

TABLES = SQLModel.metadata.tables


@pytest.fixture
def retention(ward: Ward) -> Retention:
    return Retention(ward.intake, ward.settings)


@pytest.fixture
def half_a_year(ward: Ward) -> Retention:
    """Erases early, while the ward's keys are still valid."""
    months = RetentionMonths(tips=6)
    return Retention(ward.intake, ward.settings.model_copy(update={"retention": months}))


@pytest.fixture
def holds(ward: Ward) -> Holds:
    return Holds(ward.intake, Disclosure(ward.intake, ward.foundation.key_list))


def months_later(ward: Ward, months: int) -> None:
    """Move to a day that many months on, and a little."""
    ward.clock.advance(days=31 * months + 2)


def closed(ward: Ward, what: str = "bán ma tuý") -> TipRow:
    """Send a tip and close it; return its row."""
    code = ward.send(what=what)
    officer = ward.sign_in("phuong.chi")
    row = tip_of(ward, code)
    assert row is not None
    ward.services.triage.close(officer, row.id.hex(), row.version, REASONS[0].key)
    found = tip_of(ward, code)
    assert found is not None
    return found


def tip_of(ward: Ward, code: str) -> TipRow | None:
    """Return the row that a code leads to."""
    ground = ward.foundation
    keys = derive(code, ground.salt(), ground.code_cost())
    with ward.intake.read() as view:
        return view.tips.by_lookup(keys.lookup)


def count(ward: Ward, table: str) -> int:
    with ward.intake.read() as view:
        query = select(func.count()).select_from(TABLES[table])
        return view.connection.execute(query).scalar_one()


def acts(ward: Ward, act: str) -> list[str]:
    """Return the subjects of audit rows of one act."""
    with ward.intake.read() as view:
        return [row.subject for row in view.audit.rows(limit=10_000) if row.act == act]


# --- tips -----------------------------------------------------------------------------------------


def test_a_tip_is_erased_when_its_months_are_over_and_not_a_day_before(
    ward: Ward, retention: Retention
) -> None:
    tip = closed(ward)
    closing_day = ward.clock.today()
    while months_before(ward.clock.today(), 24) < closing_day - timedelta(days=1):
        ward.clock.advance(days=1)
    assert retention.erase().tips == 0
    ward.clock.advance(days=1)
    assert retention.erase().tips == 1
    assert [count(ward, name) for name in ("tip", "part", "wrap")] == [0, 0, 0]
    assert acts(ward, "tip.erase") == [tip.id.hex()]


def test_only_closed_tips_are_erased(ward: Ward, retention: Retention) -> None:
    ward.send()
    tip = closed(ward)
    officer = ward.sign_in("phuong.chi")
    reopened = closed(ward, "đánh bạc")
    ward.services.triage.set_state(officer, reopened.id.hex(), reopened.version, "screening")
    months_later(ward, 25)
    assert retention.erase().tips == 1
    assert acts(ward, "tip.erase") == [tip.id.hex()]
    assert count(ward, "tip") == 2


def test_months_count_from_the_last_closing(ward: Ward, half_a_year: Retention) -> None:
    tip = closed(ward)
    months_later(ward, 4)
    officer = ward.sign_in("phuong.chi")
    triage = ward.services.triage
    triage.set_state(officer, tip.id.hex(), tip.version, "screening")
    triage.close(officer, tip.id.hex(), tip.version + 1, REASONS[0].key)
    months_later(ward, 3)
    assert half_a_year.erase().tips == 0
    months_later(ward, 4)
    assert half_a_year.erase().tips == 1


def test_what_the_reporter_added_after_closing_counts_from_then(
    ward: Ward, retention: Retention
) -> None:
    tip = closed(ward)
    months_later(ward, 20)
    ward.intake.write_now(lambda tx: tx.tips.mark_new(tip.id, ward.clock.now()))
    months_later(ward, 5)
    assert retention.erase().tips == 0
    months_later(ward, 20)
    assert retention.erase().tips == 1


def test_a_held_tip_stays_until_it_is_let_go(
    ward: Ward, retention: Retention, holds: Holds
) -> None:
    tip = closed(ward)
    officer = ward.sign_in("phuong.chi")
    holds.hold(officer, tip.id.hex(), "vu-an")
    assert holds.is_held(officer, tip.id.hex())
    months_later(ward, 60)
    assert retention.erase().tips == 0
    officer = ward.sign_in("phuong.chi")
    holds.release(officer, tip.id.hex())
    assert retention.erase().tips == 1


def test_a_hold_needs_a_written_ground_and_a_tip_of_ones_own(ward: Ward, holds: Holds) -> None:
    tip = closed(ward)
    officer = ward.sign_in("phuong.chi")
    with pytest.raises(NotValid):
        holds.hold(officer, tip.id.hex(), "vì thích")
    with pytest.raises(NotFound):
        holds.hold(ward.sign_in("xa.dung"), tip.id.hex(), "vu-an")
    assert acts(ward, "tip.hold") == []


@pytest.mark.parametrize("act", ["hold", "reopen", "addition"])
def test_whoever_is_faster_than_the_erasure_keeps_the_tip(
    ward: Ward, half_a_year: Retention, holds: Holds, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    tip = closed(ward)
    months_later(ward, 7)
    officer = ward.sign_in("phuong.chi")
    true_told = RetentionStore.told

    def meanwhile(store: RetentionStore, ids: Collection[bytes]) -> dict[bytes, Told]:
        found = true_told(store, ids)
        if act == "hold":
            holds.hold(officer, tip.id.hex(), "vu-an")
        elif act == "reopen":
            ward.services.triage.set_state(officer, tip.id.hex(), tip.version, "screening")
        else:
            ward.intake.write_now(lambda tx: tx.tips.mark_new(tip.id, ward.clock.now()))
        return found

    monkeypatch.setattr(RetentionStore, "told", meanwhile)
    assert half_a_year.erase().tips == 0
    assert count(ward, "wrap") > 0


def test_a_tip_of_which_nobody_knows_when_it_was_closed_is_left_alone(
    ward: Ward, retention: Retention
) -> None:
    code = ward.send()
    tip = tip_of(ward, code)
    assert tip is not None
    ward.intake.write_now(lambda tx: tx.tips.change(tip.id, tip.version, state="closed"))
    months_later(ward, 60)
    assert retention.erase().tips == 0
    assert count(ward, "tip") == 1


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("survived", [0, 2])
def test_an_erasure_that_was_killed_is_finished_by_the_next_run_and_counts_nothing_twice(
    ward: Ward, retention: Retention, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    tips = [closed(ward, f"việc {number}") for number in range(3)]
    months_later(ward, 25)
    write_now, left = ward.intake.write_now, [survived]

    def dying(work: Callable[[Tx], Any]) -> Any:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return write_now(work)

    monkeypatch.setattr(ward.intake, "write_now", dying)
    with pytest.raises(Killed):
        retention.erase()
    monkeypatch.undo()
    # Every tip is there as a whole or gone as a whole.
    left_of_each = [count(ward, name) // (3 - survived) for name in ("tip", "part", "wrap")]
    assert left_of_each == [1, 2, 5]
    assert count(ward, "wrap") == 5 * (3 - survived)
    assert retention.erase().tips == 3 - survived
    assert sorted(acts(ward, "tip.erase")) == sorted(tip.id.hex() for tip in tips)
    assert retention.erase().tips == 0
    assert len(acts(ward, "tip.erase")) == 3


def test_a_unit_of_erasure_that_fails_half_way_takes_nothing_away(
    ward: Ward, retention: Retention, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(ward)
    months_later(ward, 25)

    def broken(*_: Any) -> int:
        raise RuntimeError("no audit row, no erasure")

    before = [count(ward, name) for name in ("tip", "part", "wrap")]
    monkeypatch.setattr(AuditStore, "append", broken)
    with pytest.raises(RuntimeError):
        retention.erase()
    assert [count(ward, name) for name in ("tip", "part", "wrap")] == before


def test_pages_that_a_reader_keeps_alive_make_the_erasure_run_again(
    ward: Ward, retention: Retention, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(ward)
    months_later(ward, 25)
    monkeypatch.setattr(ward.intake.database, "scrub", lambda: False)
    with pytest.raises(DatabaseBusy):
        retention.erase()
    monkeypatch.undo()
    assert retention.erase().tips == 0


# --- keys -----------------------------------------------------------------------------------------


def test_a_seed_dies_with_its_last_tip_and_no_sooner(ward: Ward, retention: Retention) -> None:
    closed(ward)
    with ward.intake.read() as view:
        (key,) = view.keys.unit_keys("phuong")
        grants = len(view.keys.grants_for(key.key_id))
    assert grants > 0
    assert retention.forget_dead_keys() == 0  # in use
    today = ward.clock.today()
    ward.intake.write_now(lambda tx: tx.keys.end_unit_key(key.key_id, today))
    ward.clock.advance(days=31)
    assert retention.forget_dead_keys() == 0  # a tip is sealed to it
    months_later(ward, 25)
    retention.erase()
    assert retention.forget_dead_keys() == 1
    assert retention.forget_dead_keys() == 0
    with ward.intake.read() as view:
        assert view.keys.grants_for(key.key_id) == []
        assert [k.key_id for k in view.keys.unit_keys("phuong")] == [key.key_id]
    assert acts(ward, "key.forget") == ["phuong"]


def test_a_key_that_ended_a_moment_ago_keeps_its_secret(ward: Ward, retention: Retention) -> None:
    officer, today = bytes.fromhex(ward.sign_in("phuong.chi").officer.id), ward.clock.today()
    row = UnitKeyRow(b"k" * 8, "phuong", 9, b"public", today, today)
    ward.intake.write_now(lambda tx: tx.keys.add_unit_key(row))
    ward.intake.write_now(lambda tx: tx.keys.add_grant(GrantRow(b"k" * 8, officer, b"sealed")))
    ward.clock.advance(days=29)
    assert retention.forget_dead_keys() == 0
    ward.clock.advance(days=1)
    assert retention.forget_dead_keys() == 1


# --- the work side --------------------------------------------------------------------------------


def test_pictures_of_activities_go_after_their_months_and_loose_ones_are_another_s(
    ward: Ward, retention: Retention
) -> None:
    for number in range(120):
        photo = PhotoRow(bytes([0, number]) * 8, b"c" * 16, "image/jpeg", b"x", ward.clock.now())
        ward.intake.write_now(lambda tx, p=photo: tx.check_ins.add_photo(p))
    loose = PhotoRow(b"l" * 16, None, "image/jpeg", b"x", ward.clock.now())
    ward.intake.write_now(lambda tx: tx.check_ins.add_photo(loose))
    assert retention.erase().photos == 0
    months_later(ward, 24)
    fresh = PhotoRow(b"f" * 16, b"c" * 16, "image/jpeg", b"x", ward.clock.now())
    ward.intake.write_now(lambda tx: tx.check_ins.add_photo(fresh))
    assert retention.erase().photos == 120
    assert count(ward, "check_in_photo") == 2


def leader(ward: Ward, number: int, left_on: date | None) -> bytes:
    """Add a leader with everything that names or reaches one."""
    who, now, today = bytes([number]) * 16, ward.clock.now(), ward.clock.today()
    row = LeaderRow(who, f"Nguyễn Văn {number}", "bác", "vi", None, today, left_on)

    def work(tx: Tx) -> None:
        tx.leaders.add(row)
        tx.leaders.add_chat(ChatRow("demo", f"chat-{number}", who, now))
        tx.leaders.add_invite(InviteRow(bytes([number]) * 32, who, now))
        tx.assignments.assign(AssignmentRow(who, who, "D1-01-03", "head", today, left_on))
        tx.connection.execute(
            TABLES["nudge_snooze"].insert().values(leader_id=who, until=today, asked_at=now)
        )
        tx.connection.execute(
            TABLES["calendar_address"]
            .insert()
            .values(token_hash=who * 2, who=f"leader:{who.hex()}", made_at=now)
        )
        nudge(tx, ward, who, who, today)

    ward.intake.write_now(work)
    return who


def nudge(tx: Tx, ward: Ward, nudge_id: bytes, who: bytes, day: date) -> None:
    """Add a reminder that was sent, with its step."""
    now = ward.clock.now()
    tx.connection.execute(
        TABLES["nudge"].insert().values(
            id=nudge_id, leader_id=who, day=day, slot="", state="sent", channel="demo",
            address="a", not_before=now, ends_at=now, urgency=0, tries=1, holder="",
            planned_at=now, reason="", by="",
        )
    )  # fmt: skip
    tx.connection.execute(
        TABLES["nudge_rung"]
        .insert()
        .values(subject=nudge_id, rung="0", leader_id=who, nudge_id=nudge_id)
    )


def test_a_leader_who_left_loses_the_name_and_everything_that_reaches_them(
    ward: Ward, retention: Retention
) -> None:
    gone, stays = leader(ward, 1, ward.clock.today()), leader(ward, 2, None)
    before = count(ward, "assignment")
    assert retention.erase().leaders == 0
    months_later(ward, 12)
    assert retention.erase().leaders == 1
    assert retention.erase().leaders == 0
    with ward.intake.read() as view:
        names = {row.id: row.name for row in view.leaders.some([gone, stays])}
    assert names == {gone: NOBODY, stays: "Nguyễn Văn 2"}
    for table in ("nudge_snooze", "calendar_address", "nudge", "nudge_rung"):
        assert count(ward, table) == 1
    with ward.intake.read() as view:
        assert view.leaders.chats_of(gone) == []
        assert len(view.leaders.chats_of(stays)) == 1
    assert count(ward, "assignment") == before  # history stays, without a name


def test_reminders_go_with_their_steps(ward: Ward, retention: Retention) -> None:
    who, today = leader(ward, 1, None), ward.clock.today()
    months_later(ward, 25)
    later = ward.clock.today()
    ward.intake.write_now(lambda tx: nudge(tx, ward, b"n" * 16, who, later))
    ward.intake.write_now(
        lambda tx: tx.connection.execute(
            TABLES["nudge_sweep"].insert(),
            [{"name": "x", "day": day, "swept_at": ward.clock.now()} for day in (today, later)],
        )
    )
    assert retention.erase().nudges == 1
    assert (count(ward, "nudge"), count(ward, "nudge_rung"), count(ward, "nudge_sweep")) == (
        1,
        1,
        1,
    )


def test_the_old_way_of_writing_the_retention_still_reads(ward: Ward) -> None:
    values = ward.settings.model_dump(exclude=set(CHEAP)) | {"retention": "36 tháng"}
    assert type(ward.settings).model_validate(values).retention == RetentionMonths(tips=36)
