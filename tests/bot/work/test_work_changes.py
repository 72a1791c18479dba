"""Taking back, changing, adding pictures and voice notes, asking to be let off, and time."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.messages import Attachment, Kind
from intake.work.check_in_shapes import Filer
from tests.bot.phones import Phone
from tests.bot.work_rig import TO_3, TODAY, Workday, voice

pytestmark = pytest.mark.anyio
LINE = "tuyên truyền 10/3 nvh 40 người"


# --- taking back and changing ---------------------------------------------------------------------


async def test_within_ten_minutes_a_filing_is_taken_back_with_one_tap(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    await phone.taps("luu")
    workday.ward.clock.advance(timedelta(minutes=9))
    await phone.taps(_key(phone, "@go."))
    assert phone.hears == "da_go_buoi"
    assert workday.filed[0].state == "voided"
    assert workday.done(TO_3, "outreach", date(2026, 3, 10)) == (0, 1)


async def test_after_ten_minutes_it_is_changed_with_a_reason(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    await phone.taps("luu")
    workday.ward.clock.advance(timedelta(minutes=11))
    await phone.taps(_key(phone, "@go."))
    assert phone.hears == "het_10_phut"
    await phone.taps(_key(phone, "@sua."), "sua_so")
    await phone.says("50")
    assert phone.hears == "the_sua"
    await phone.taps("luu_sua")
    assert phone.hears == "hoi_ly_do"
    assert workday.filed[0].people == 40
    await phone.taps("ly_do_dem_lai")
    assert phone.hears == "da_sua_buoi"
    (filed,) = workday.filed
    assert filed.people == 50
    (change,) = workday.workplace.check_ins.changes(filed.id)
    assert change.reason == "Đếm lại"
    assert change.before["details"]["people"] == 40


async def test_within_ten_minutes_a_change_needs_no_reason(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    await phone.taps("luu")
    await phone.taps(_key(phone, "@sua."), "sua_ngay", "hom_qua", "luu_sua")
    assert phone.hears == "da_sua_buoi"
    assert workday.filed[0].done_on == date(2026, 3, 19)


async def test_buttons_of_an_old_receipt_work_after_a_restart(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    await phone.taps("luu")
    key = _key(phone, "@go.")
    await phone.says("họp lắng nghe 11/3 nvh 30 người")
    await phone.taps("luu")
    after = workday.restart(phone)
    await after.taps(key)
    assert [each.state for each in workday.filed] == ["voided", "filed"]


async def test_nobody_takes_back_what_they_do_not_look_after(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    await phone.taps("luu")
    stranger = await workday.enrolled("D1-01-04", address="200")
    await stranger.does(choice=phone.token(_key(phone, "@go.")))
    await stranger.does(choice=phone.token(_key(phone, "@sua.")))
    assert stranger.heard()[-2:] == ["khong_con_phu_trach", "khong_thay_buoi"]
    assert workday.filed[0].state == "filed"


async def test_an_edited_message_changes_the_open_draft(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.does(text=LINE, message_id="77")
    await phone.does(text="tuyên truyền 11/3 nvh 45 người", message_id="77", edited=True)
    assert phone.hears == "the_xac_nhan"
    assert "11/3/2026" in phone.screen[-1].text
    assert "45 người" in phone.screen[-1].text
    await phone.taps("luu")
    assert [each.people for each in workday.filed] == [45]


async def test_an_edited_message_that_was_filed_becomes_a_draft_of_a_change(
    workday: Workday,
) -> None:
    phone = await workday.enrolled()
    await phone.does(text=LINE, message_id="77")
    await phone.taps("luu")
    await phone.does(text="tuyên truyền 10/3 nvh 45 người", message_id="77", edited=True)
    assert phone.hears == "the_sua"
    assert workday.filed[0].people == 40
    await phone.taps("luu_sua")
    assert [each.people for each in workday.filed] == [45]


async def test_an_edit_of_an_unknown_message_changes_nothing(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.does(text=LINE, message_id="5", edited=True)
    assert phone.hears == "sua_khong_ro"


async def test_what_the_ward_sent_back_is_answered_from_the_menu(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    await phone.taps("luu")
    officer = "ab" * 16
    workday.workplace.check_ins.send_back(workday.filed[0].id, "Họp ở đâu vậy?", officer)
    await phone.says("/viec")
    asked = next(each for each in phone.screen if each.key == "tra_lai")
    assert "Họp ở đâu vậy?" in asked.text
    await phone.taps(next(c.key for c in asked.choices if c.key.startswith("@dap.")))
    await phone.says("Ở sân đình")
    workday.ward.clock.advance(timedelta(hours=1))
    await phone.taps("luu_sua")
    (filed,) = workday.filed
    assert (filed.state, filed.note) == ("filed", "Ở sân đình")


# --- pictures and voice ---------------------------------------------------------------------------


async def test_a_picture_with_a_caption_is_one_message_and_one_tap(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.shows(b"picture of a meeting", LINE)
    assert "1 ảnh" in phone.screen[-1].text
    await phone.taps("luu")
    (filed,) = workday.filed
    (photo,) = workday.workplace.check_ins.photos(filed.id)
    assert (photo.media, photo.body) == ("image/jpeg", b"clean picture of a meeting")


async def test_a_picture_before_any_word_begins_a_draft(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.shows(b"picture")
    assert phone.heard()[-2:] == ["da_giu_anh", "hoi_viec"]
    await phone.says(LINE)
    await phone.taps("luu")
    assert workday.filed[0].photos == 1


async def test_a_voice_note_is_kept_while_the_bot_asks(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.does(attachments=voice(phone))
    assert phone.heard()[-2:] == ["da_giu_tieng", "hoi_viec"]
    await phone.taps("v_outreach", "hom_nay")
    await phone.says("35")
    assert "có ghi âm" in phone.screen[-1].text
    await phone.taps("luu")
    (photo,) = workday.workplace.check_ins.photos(workday.filed[0].id)
    assert photo.media == "audio/ogg"


async def test_pictures_of_a_draft_that_is_thrown_away_are_gone(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.shows(b"picture", LINE)
    assert workday.count("check_in_photo") == 1
    await phone.taps("bo_nhap")
    assert workday.count("check_in_photo") == 0


async def test_a_picture_whose_caption_names_somebody_is_not_kept(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.shows(b"picture", "anh Tuấn nhà số 5 bán ma túy")
    assert phone.hears == "khong_ten"
    assert workday.count("check_in_photo") == 0


async def test_more_than_four_pictures_are_refused_before_they_are_fetched(
    workday: Workday,
) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    for _ in range(5):
        await phone.shows(b"picture")
    assert len(phone.platform.fetched) == 4
    assert "du_anh_to" in phone.heard()


@pytest.mark.parametrize("kind", [Kind.LOCATION, Kind.CONTACT, Kind.VIDEO, Kind.STICKER])
async def test_other_things_are_refused_and_never_fetched(workday: Workday, kind: Kind) -> None:
    phone = await workday.enrolled()
    await phone.does(attachments=(Attachment(kind, "x", 5),))
    assert phone.hears == "khong_nhan_tep"
    assert phone.platform.fetched == []


async def test_a_broken_picture_and_a_broken_voice_note_are_said_to_be_so(
    workday: Workday,
) -> None:
    phone = await workday.enrolled()
    await phone.shows(b"broken")
    await phone.does(attachments=voice(phone, b"no sound"))
    assert phone.heard()[-2:] == ["tep_hong", "tep_hong"]


# --- what cannot be held --------------------------------------------------------------------------


async def test_what_cannot_be_held_is_asked_of_the_ward(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.taps("khong_to_chuc")
    assert phone.hears == "viec_nao_khong_to_chuc"
    await phone.taps("nghia_0", "nghi_mua_bao")
    assert phone.hears == "cho_duyet"
    standing = workday.workplace.obligations.standing(TO_3, TODAY.date())
    assert sorted(each.exempt for each in standing) == ["asked", "no"]
    await phone.taps("xem_viec")
    assert "**1 việc**" in phone.screen[-1].text


async def test_a_line_that_says_so_leads_there_too(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tháng này không tổ chức được")
    assert phone.hears == "viec_nao_khong_to_chuc"
    await phone.taps("nghia_1", "nghi_khac")
    await phone.says("nhà văn hóa đang sửa")
    assert phone.hears == "cho_duyet"


# --- time -----------------------------------------------------------------------------------------


async def test_the_filing_time_is_the_platforms_message_time(workday: Workday) -> None:
    phone = await workday.enrolled()
    sent = workday.ward.clock.now() - timedelta(minutes=40)
    await phone.does(text=LINE, sent_at=sent)
    workday.ward.clock.advance(timedelta(minutes=1))
    await phone.taps("luu")  # a tap has no time of its own: the line's delay is taken off
    (filed,) = workday.filed
    assert filed.filed_at == sent + timedelta(minutes=1)
    assert filed.received_at == workday.ward.clock.now()


async def test_an_outage_over_midnight_makes_nobody_late(workday: Workday) -> None:
    phone = await workday.enrolled()
    last = datetime(2026, 3, 31, 16, 50, tzinfo=UTC)  # ten to midnight in Vietnam
    workday.ward.clock.set(last + timedelta(minutes=30))
    await phone.does(text=LINE, sent_at=last)
    await phone.does(text="Lưu", sent_at=last + timedelta(minutes=1))
    (filed,) = workday.filed
    assert filed.filed_at == last + timedelta(minutes=1)
    standing = workday.workplace.obligations.standing(TO_3, date(2026, 3, 10))
    owed = next(each for each in standing if each.kind == "outreach")
    assert (owed.met, owed.timely) == (True, True)


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(days=-30)])
async def test_a_time_that_cannot_be_true_is_not_believed(workday: Workday, off: timedelta) -> None:
    phone = await workday.enrolled()
    await phone.does(text=LINE, sent_at=workday.ward.clock.now() + off)
    await phone.taps("luu")
    assert workday.filed[0].filed_at == workday.ward.clock.now()


async def test_a_draft_waits_seven_days_and_no_longer(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    workday.ward.clock.advance(timedelta(days=6, hours=23))
    await phone.dialogue.sweep()
    await phone.taps("luu")
    assert len(workday.filed) == 1
    await phone.says("họp lắng nghe 11/3 nvh 30 người")
    workday.ward.clock.advance(timedelta(days=7, minutes=1))
    await phone.dialogue.sweep()
    assert workday.count("work_dialogue") == 0
    await phone.taps("luu")
    assert len(workday.filed) == 1


async def test_a_draft_left_open_is_reminded_of_once_in_the_hours_of_all_reminders(
    workday: Workday,
) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    said = len(phone.screen)
    for hours in (38, 10, 27):  # Saturday at eleven at night, Sunday at nine, Monday at noon
        workday.ward.clock.advance(timedelta(hours=hours))
        await phone.dialogue.sweep()
        await phone.dialogue.settle()
        assert phone.heard(said) == []
    workday.ward.clock.advance(timedelta(hours=2))
    for _ in range(3):
        await phone.dialogue.sweep()
        await phone.dialogue.settle()
        workday.ward.clock.advance(timedelta(hours=1))
    assert phone.heard(said) == ["con_nhap"]
    assert "Tuyên truyền, T3 10/3/2026" in phone.screen[-1].text
    await phone.taps("luu")
    assert len(workday.filed) == 1


async def test_a_reminder_of_a_draft_that_was_not_taken_is_sent_again(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    said = len(phone.screen)
    workday.ward.clock.advance(timedelta(days=3, hours=5))
    phone.platform.down = True
    await phone.dialogue.sweep()
    await phone.dialogue.settle()
    phone.platform.down = False
    for _ in range(3):
        await phone.dialogue.sweep()
        await phone.dialogue.settle()
        workday.ward.clock.advance(timedelta(minutes=1))
    assert phone.heard(said) == ["con_nhap"]
    await phone.taps("luu")
    assert len(workday.filed) == 1


async def test_a_chat_that_blocks_the_bot_is_noted_until_it_comes_back(workday: Workday) -> None:
    phone = await workday.enrolled()
    leader = workday.leaders.of_chat("telegram", "100")
    assert leader is not None
    phone.platform.gone = True
    await phone.says(LINE)
    (chat,) = workday.leaders.chats_of(leader.id)
    assert chat.blocked_at == workday.ward.clock.now()
    phone.platform.gone = False
    await phone.says("/viec")
    (chat,) = workday.leaders.chats_of(leader.id)
    assert chat.blocked_at is None


async def test_an_officer_files_for_a_leader_by_phone_and_it_says_so(workday: Workday) -> None:
    from intake.ward.phone_desk import PhoneDesk
    from intake.work.check_in_shapes import CheckInDraft

    leader = workday.leader()
    desk = PhoneDesk(workday.ward.intake, workday.leaders, workday.workplace.check_ins)
    draft = CheckInDraft(owner_id=TO_3, kind="outreach", done_on=date(2026, 3, 10), people=40)
    told_at = workday.ward.clock.now() - timedelta(hours=2)
    officer = "cd" * 16
    desk.file(draft, leader.id, officer, told_at=told_at, ticket="t1")
    desk.file(draft, leader.id, officer, told_at=told_at, ticket="t1")
    (filed,) = workday.filed
    assert filed.by_phone
    assert filed.filed_by == str(Filer.officer(officer))
    assert filed.filed_at == told_at


def _key(phone: Phone, stem: str) -> str:
    for message in reversed(phone.screen):
        for choice in message.choices:
            if choice.key.startswith(stem):
                return choice.key
    raise AssertionError(f"no button {stem}")
