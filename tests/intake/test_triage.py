"""The desk's acts: audited before anything opens; what closing ends; what stays unseen."""

from datetime import timedelta

import pytest

from intake.errors import Conflict, DatabaseBusy
from intake.service import Intake
from intake.vault import opening
from storage.pushes import PushRow
from tests.wards import Ward

pytestmark = pytest.mark.anyio


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


@pytest.mark.parametrize("act", ["claim", "answer", "close", "set_state"])
def test_an_act_that_cannot_be_recorded_opens_no_headline(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    more = {"answer": ["x"], "close": ["trung"], "set_state": ["grounded"]}.get(act, [])
    opened: list[object] = []
    real = opening.open_headline

    def counted(*given: bytes) -> bytes:
        opened.append(given)
        return real(*given)  # type: ignore[arg-type]

    def full(self: Intake, work: object) -> None:
        raise DatabaseBusy("the disk is full")

    monkeypatch.setattr(opening, "open_headline", counted)
    with monkeypatch.context() as broken:
        broken.setattr(Intake, "write_now", full)
        with pytest.raises(DatabaseBusy):
            getattr(triage, act)(officer, tip.id, tip.version, *more)
    assert opened == []
    with pytest.raises(Conflict):
        getattr(triage, act)(officer, tip.id, 99, *more)
    assert len(opened) == 1
    with ward.intake.read() as view:
        last = view.audit.rows()[-1]
    assert (last.act, last.actor, last.subject) == ("headline.open", officer.officer.id, tip.id)


async def test_an_addition_that_comes_with_the_answer_keeps_its_news(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    monkeypatch.setattr(ward.settings, "release_minutes", 60)
    additions = [
        ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), text, ())
        for text in ("một", "hai")
    ]
    for addition in additions:
        await ward.intake.write(addition.add)
    triage.answer(officer, tip.id, tip.version, "đã đọc")
    assert not triage.queue(officer).rows[0].has_new
    ward.clock.set(min(addition.part.release_at for addition in additions))
    assert triage.queue(ward.sign_in("phuong.chi")).rows[0].has_new
