"""What comes in under a code that is known already."""

from datetime import timedelta

import pytest

from tests.wards import Ward

pytestmark = pytest.mark.anyio


async def test_an_urgent_addition_pages_the_unit_in_the_same_unit_of_work(ward: Ward) -> None:
    code = ward.send()
    found = await ward.follow_up.look_up(code)
    calm = ward.follow_up.prepare_addition(found, "nhớ thêm biển số xe", ())
    await ward.intake.write(calm.add)
    with ward.intake.read() as view:
        assert view.pushes.calls() == []
    urgent = ward.follow_up.prepare_addition(found, "đang diễn ra: cầm dao, ngáo đá", ())
    await ward.intake.write(urgent.add)
    with ward.intake.read() as view:
        assert [call.unit_id for call in view.pushes.calls()] == ["phuong"]


async def test_an_addition_not_released_yet_stays_marked_after_an_answer(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ward.send()
    monkeypatch.setattr(ward.settings, "release_minutes", 60)
    addition = ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "thêm", ())
    await ward.intake.write(addition.add)
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    triage.answer(officer, tip.id, tip.version, "đã đọc")
    ward.clock.advance(timedelta(minutes=61))
    assert triage.queue(ward.sign_in("phuong.chi")).rows[0].has_new
