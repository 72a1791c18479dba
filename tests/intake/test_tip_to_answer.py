"""The main job below the doors: a tip is sealed, read, answered, and the answer comes back."""

import pytest

from intake.drafts import TipDraft
from intake.errors import Conflict, EmptyTip, NoOpenUnit, NotAllowed, NotFound, NotValid, TooLong
from tests.wards import CLOSED_AREA, COMMUNE_AREA, WARD_AREA, Ward

pytestmark = pytest.mark.anyio


async def test_an_answer_written_at_the_desk_is_read_with_the_code(ward: Ward) -> None:
    code = ward.send(what="bán ma tuý ở quán nước", where="ngõ 12")
    officer = ward.sign_in("phuong.chi")
    row = ward.services.triage.queue(officer).rows[0]
    view = ward.services.disclosure.open_tip(officer, row.id)
    assert view.messages[0].text == "Chuyện gì: bán ma tuý ở quán nước\nỞ đâu: ngõ 12"
    ward.services.triage.answer(officer, row.id, view.version, "Cảm ơn. Quán tên gì?", ask=True)
    found = await ward.follow_up.look_up(code)
    assert [(m.kind, m.text) for m in found.messages] == [("ask", "Cảm ơn. Quán tên gì?")]


async def test_what_the_reporter_adds_stands_in_the_thread_in_order(ward: Ward) -> None:
    code = ward.send()
    officer = ward.sign_in("phuong.binh")
    tip = ward.services.triage.queue(officer).rows[0]
    ward.services.triage.answer(officer, tip.id, tip.version, "hỏi một", ask=True)
    addition = ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "thêm hai", ())
    await ward.intake.write(addition.add)
    again = ward.services.triage.queue(officer).rows[0]
    assert again.has_new
    thread = ward.services.disclosure.open_tip(officer, tip.id).messages
    assert [m.kind for m in thread] == ["tip", "ask", "addition"]
    assert thread[2].text == "thêm hai"


async def test_text_added_under_an_unknown_code_becomes_a_tip_for_the_unit_above(
    ward: Ward,
) -> None:
    stranger = ward.pool.take().code
    found = await ward.follow_up.look_up(stranger)
    assert found.tip is None
    assert found.messages == ()
    prepared = ward.follow_up.prepare_addition(found, "chuyện mới", ())
    await ward.intake.write(prepared.add)
    assert ward.services.triage.queue(ward.sign_in("phuong.chi")).rows == ()
    top = ward.services.triage.queue(ward.sign_in("tinh.an")).rows
    assert [row.unit_id for row in top] == ["tinh"]
    assert (await ward.follow_up.look_up(stranger)).tip is not None


async def test_a_tip_about_the_wards_officers_does_not_exist_for_the_ward(ward: Ward) -> None:
    ward.send(what="công an phường nhận tiền", conflict="yes")
    ward_officer = ward.sign_in("phuong.chi")
    page = ward.services.triage.queue(ward_officer)
    assert page.rows == ()
    assert page.counts == {}
    top = ward.sign_in("tinh.an")
    row = ward.services.triage.queue(top).rows[0]
    assert row.unit_id == "tinh"
    assert row.readable
    with pytest.raises(NotFound):
        ward.services.disclosure.open_tip(ward_officer, row.id)


async def test_officers_of_another_ward_see_nothing(ward: Ward) -> None:
    ward.send()
    mine = ward.services.triage.queue(ward.sign_in("phuong.chi")).rows[0]
    other = ward.sign_in("xa.dung")
    assert ward.services.triage.queue(other).rows == ()
    with pytest.raises(NotFound):
        ward.services.disclosure.open_tip(other, mine.id)


async def test_the_unit_above_opens_a_wards_tip_with_its_own_wrap(ward: Ward) -> None:
    ward.send(what="ở phường")
    top = ward.sign_in("tinh.an")
    row = ward.services.triage.queue(top).rows[0]
    assert row.unit_id == "phuong"
    assert "ở phường" in ward.services.disclosure.open_tip(top, row.id).messages[0].text


async def test_an_administrator_sees_no_tip_at_all(ward: Ward) -> None:
    ward.send()
    admin = ward.sign_in("quantri")
    page = ward.services.triage.queue(admin)
    assert page.rows == ()
    assert page.counts == {}


def test_a_commune_without_a_box_is_received_by_the_unit_above(ward: Ward) -> None:
    receiver = ward.tips.destination(TipDraft(what="x", area_id=CLOSED_AREA))
    assert (receiver.unit_id, receiver.raised) == ("tinh", True)
    own = ward.tips.destination(TipDraft(what="x", area_id=WARD_AREA))
    assert (own.unit_id, own.raised, own.above_name) == ("phuong", False, "Công an tỉnh Sông Mẫu")
    neighbourhood = ward.tips.destination(TipDraft(what="x", area_id="D1-01-03"))
    assert neighbourhood.unit_id == "phuong"


def test_a_tip_that_says_nothing_or_too_much_is_refused(ward: Ward) -> None:
    for draft in (TipDraft(), TipDraft(what="   "), TipDraft(what="\u200d", area_id=WARD_AREA)):
        with pytest.raises(EmptyTip):
            ward.tips.prepare(draft)
    with pytest.raises(TooLong):
        ward.tips.prepare(TipDraft(what="a" * 8001, area_id=WARD_AREA))


async def test_two_officers_cannot_overwrite_each_other(ward: Ward) -> None:
    ward.send()
    officer = ward.sign_in("phuong.chi")
    tip = ward.services.triage.queue(officer).rows[0]
    ward.services.triage.claim(officer, tip.id, tip.version)
    with pytest.raises(Conflict):
        ward.services.triage.close(officer, tip.id, tip.version, "trung")


async def test_closing_needs_a_written_reason_and_reopening_is_a_move(ward: Ward) -> None:
    ward.send()
    officer = ward.sign_in("phuong.chi")
    triage = ward.services.triage
    tip = triage.queue(officer).rows[0]
    with pytest.raises(NotValid):
        triage.close(officer, tip.id, tip.version, "vì thế")
    triage.close(officer, tip.id, tip.version, "khong_can_cu")
    assert triage.queue(officer).rows == ()
    closed = triage.queue(officer, ["closed"]).rows[0]
    opened = ward.services.disclosure.open_tip(officer, closed.id)
    assert opened.headline.closing == "khong_can_cu"
    triage.set_state(officer, closed.id, closed.version, "screening")
    assert [row.state for row in triage.queue(officer).rows] == ["screening"]


async def test_state_words_reach_the_reporter_late_and_replies_at_once(ward: Ward) -> None:
    code = ward.send()
    officer = ward.sign_in("phuong.chi")
    tip = ward.services.triage.queue(officer).rows[0]
    ward.services.triage.answer(officer, tip.id, tip.version, "đã đọc")
    assert [m.kind for m in (await ward.follow_up.look_up(code)).messages] == ["reply"]
    ward.clock.advance(hours=1)
    ward.clock.advance(hours=24)
    kinds = [m.kind for m in (await ward.follow_up.look_up(code)).messages]
    assert kinds == ["reply", "state"]


async def test_a_ward_without_keys_is_closed_and_says_so(ward: Ward) -> None:
    ward.clock.advance(days=400)
    with pytest.raises(NoOpenUnit):
        ward.tips.destination(TipDraft(what="x", area_id=COMMUNE_AREA))
    assert not ward.tips.any_open()


async def test_urgent_tips_are_released_at_once_and_others_at_a_random_minute(ward: Ward) -> None:
    ward.settings.__dict__["release_minutes"] = 60
    urgent = ward.tips.prepare(
        TipDraft(what="có người cầm dao, ngáo đá", when="Đang diễn ra", area_id=WARD_AREA)
    )
    assert urgent.urgent
    assert urgent.tip.release_at <= ward.clock.now()
    calm = TipDraft(
        what="có người cầm dao, ngáo đá", when="Đang diễn ra", area_id=WARD_AREA, calm=True
    )
    minutes = {ward.tips.prepare(calm).tip.release_at for _ in range(30)}
    assert len(minutes) > 5
    assert all(ward.clock.now() <= minute for minute in minutes)


async def test_an_officer_who_was_not_handed_the_key_opens_nothing(ward: Ward) -> None:
    ward.send()
    people, sign_ins = ward.services.people, ward.services.sign_ins
    token = people.add_officer(None, "phuong", "moi", "Mới")
    assert ward.services.key_acts.pending.of(ward.sign_in("phuong.chi")) == []
    shown = sign_ins.enrol_begin(token)
    import pyotp

    sign_ins.enrol_finish(
        token, shown.ticket, shown.passphrase, pyotp.TOTP(shown.totp_secret).at(ward.clock.now())
    )
    ward.clock.advance(hours=1)
    newcomer = sign_ins.sign_in(
        "moi", shown.passphrase, pyotp.TOTP(shown.totp_secret).at(ward.clock.now())
    ).session
    row = ward.services.triage.queue(newcomer).rows[0]
    assert not row.readable
    with pytest.raises(NotAllowed):
        ward.services.disclosure.open_tip(newcomer, row.id)
    colleague = ward.sign_in("phuong.chi")
    waiting = ward.services.key_acts.pending.of(colleague)
    assert [act.kind for act in waiting] == ["hand_key"]
    target = waiting[0].officer
    assert target is not None
    with pytest.raises(NotValid):
        ward.services.key_acts.hand_key(colleague, target.id, "00000000")
    ward.services.key_acts.hand_key(colleague, target.id, ward.spoken(target.id))
    assert ward.services.disclosure.open_tip(newcomer, row.id).messages


async def test_a_leaver_opens_nothing_and_the_ward_gets_a_new_epoch(ward: Ward) -> None:
    ward.send(what="trước khi đi")
    leaver = ward.sign_in("phuong.binh")
    top = ward.sign_in("tinh.an")
    before = ward.foundation.key_list.current.key_of("phuong").key_id
    ward.services.people.remove_officer(top, leaver.officer.id)
    ward.services.key_acts.settle(top)
    assert ward.foundation.key_list.current.key_of("phuong").key_id != before
    ward.send(what="sau khi đi")
    with pytest.raises((NotFound, NotAllowed)):
        ward.services.disclosure.open_tip(leaver, ward.services.triage.queue(top).rows[0].id)
    stayed = ward.sign_in("phuong.chi")
    texts = {
        ward.services.disclosure.open_tip(stayed, row.id).messages[0].text
        for row in ward.services.triage.queue(stayed).rows
    }
    assert texts == {"Chuyện gì: trước khi đi", "Chuyện gì: sau khi đi"}


async def test_resealing_keeps_every_open_tip_readable(ward: Ward) -> None:
    for number in range(3):
        ward.send(what=f"tin {number}")
    officer = ward.sign_in("phuong.chi")
    assert ward.services.key_acts.epochs.reseal(officer, "phuong") == 3
    rows = ward.services.triage.queue(officer).rows
    assert all(row.readable for row in rows)
    assert len(rows) == 3


async def test_two_state_words_of_one_day_reach_the_reporter_in_their_order(ward: Ward) -> None:
    for _ in range(6):
        code = ward.send()
        officer = ward.sign_in("phuong.chi")
        triage = ward.services.triage
        tip = next(row for row in triage.queue(officer).rows if row.state == "new")
        triage.claim(officer, tip.id, tip.version)
        triage.close(officer, tip.id, tip.version + 1, "trung")
        ward.clock.advance(hours=49)
        told = (await ward.follow_up.look_up(code)).messages
        assert [message.text for message in told] == ["dang_xem", "ket_thuc"]
