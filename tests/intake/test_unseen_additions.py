"""What no page has shown stays news: an addition that is sealed to the unit above alone."""

from datetime import timedelta

import pytest

from tests.wards import Ward

pytestmark = pytest.mark.anyio
WORDS = "nhớ thêm biển số xe"


async def add_while_the_wards_key_is_out_of_date(
    ward: Ward, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = ward.foundation.key_list.current
    listed = {name: ring.unit(name) for name in ("tinh", "phuong")}
    assert listed["phuong"] is not None
    yesterday = ward.clock.today() - timedelta(days=1)
    old = listed["phuong"].model_copy(update={"expires_on": yesterday})
    with monkeypatch.context() as patch:
        patch.setattr(ring, "_units", listed | {"phuong": old})
        found = await ward.follow_up.look_up(code)
        addition = ward.follow_up.prepare_addition(found, WORDS, ())
    assert addition.unit_id == "tinh"  # type: ignore[union-attr]
    await ward.intake.write(addition.add)
    ward.clock.advance(hours=2)  # it is released, and the ward's key is valid again


async def test_whoever_cannot_open_it_does_not_take_its_news_away(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ward.send()
    await add_while_the_wards_key_is_out_of_date(ward, code, monkeypatch)
    triage, disclosure = ward.services.triage, ward.services.disclosure
    chi = ward.sign_in("phuong.chi")
    page = disclosure.open_tip(chi, triage.queue(chi).rows[0].id)
    assert WORDS not in [message.text for message in page.messages]
    assert page.unopened == 1
    triage.close(chi, page.id, page.version, "trung")

    above = ward.sign_in("tinh.an")
    row = triage.queue(above).rows[0]
    assert (row.id, row.state, row.has_new) == (page.id, "closed", True)
    page = disclosure.open_tip(above, row.id)
    assert page.messages[-1].text == WORDS
    assert page.unopened == 0
    triage.answer(above, page.id, page.version, "Đã nhận.")
    assert triage.queue(ward.sign_in("phuong.chi")).rows == ()


async def test_what_a_unit_wrote_is_never_counted(ward: Ward) -> None:
    ward.send()
    triage, disclosure = ward.services.triage, ward.services.disclosure
    chi = ward.sign_in("phuong.chi")
    page = disclosure.open_tip(chi, triage.queue(chi).rows[0].id)
    triage.answer(chi, page.id, page.version, "Bạn nhớ giờ không?", ask=True)
    page = disclosure.open_tip(chi, page.id)
    assert page.unopened == 0
    assert not page.has_new
