"""Closing: the reporter's address dies with it."""

from datetime import timedelta

from storage.pushes import PushRow
from tests.wards import Ward


def test_a_push_address_dies_when_its_tip_is_closed(ward: Ward) -> None:
    ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    tip_id, last = bytes.fromhex(tip.id), ward.clock.today() + timedelta(days=90)
    row = PushRow(b"p" * 16, tip_id, b"sealed", last)
    ward.intake.write_now(lambda tx: tx.pushes.add(row))
    triage.answer(officer, tip.id, tip.version, "đã xử lý")
    with ward.intake.read() as view:
        assert [each.due_at is not None for each in view.pushes.of_tip(tip_id)] == [True]
    triage.close(officer, tip.id, tip.version + 1, "da_xu_ly")
    with ward.intake.read() as view:
        assert view.pushes.of_tip(tip_id) == []


def test_no_clock_runs_on_a_closed_tip(ward: Ward) -> None:
    ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    triage.close(officer, tip.id, tip.version, "trung")
    closed = triage.queue(officer, ["closed"]).rows[0]
    assert closed.due_at is None
    triage.set_state(officer, closed.id, closed.version, "screening")
    assert triage.queue(officer).rows[0].due_at is not None
