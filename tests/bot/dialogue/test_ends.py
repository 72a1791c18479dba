"""How a dialogue ends: receipts that arrive late, messages deleted, rows gone, keys turned."""

import pytest

from bot.messages import Incoming
from intake.vault.drafts import SessionKeys
from tests.bot.phones import FakePlatform, Household, Phone
from tests.wards import Ward

pytestmark = pytest.mark.anyio


def word(household: Household) -> str:
    with household.ward.intake.read() as view:
        return str(view.connection.exec_driver_sql("SELECT state FROM draft").scalar_one())


# --- [Đã chép xong] -------------------------------------------------------------------------------


async def test_copied_deletes_every_message_and_forgets_the_chat(
    household: Household, phone: Phone
) -> None:
    await phone.sends_tip()
    typed = {f"u{number}" for number in range(1, 30)}
    shown = phone.shown
    await phone.taps("da_chep")
    assert phone.hears == "da_chep.xoa"
    assert shown <= set(phone.platform.deleted)
    assert {"u1", "u5"} <= set(phone.platform.deleted) <= typed | shown
    assert household.rows == 0


async def test_taps_are_not_messages_and_are_not_deleted(phone: Phone) -> None:
    await phone.says("/bao")
    await phone.does(choice=phone.token("khong_khan"), message_id="cb1")
    await phone.says("/xoa")
    assert "cb1" not in phone.platform.deleted
    assert "u1" in phone.platform.deleted


async def test_a_redelivery_after_the_end_is_acknowledged_in_silence(
    household: Household, phone: Phone
) -> None:
    await phone.tells()
    tap = Incoming("telegram", phone.address, "tap", choice=phone.token("gui"))
    await phone.dialogue.handle(tap)
    await phone.dialogue.settle()
    await phone.taps("da_chep")
    said = len(phone.screen)
    phone = household.restart(phone)  # a process that remembers nothing
    await phone.dialogue.handle(tap)
    await phone.dialogue.settle()
    assert len(phone.screen) == said
    assert household.rows == 0


async def test_two_taps_on_copied_delete_every_message_and_are_answered_once(
    household: Household, phone: Phone
) -> None:
    await phone.sends_tip()
    shown = phone.shown
    token = phone.token("da_chep")
    for finger in ("first", "second"):  # the second comes before anything could be deleted
        await phone.dialogue.handle(Incoming("telegram", phone.address, finger, choice=token))
    await phone.dialogue.settle()
    assert shown <= set(phone.platform.deleted)
    assert phone.hears == "da_chep.xoa"
    assert household.rows == 0
    phone = household.restart(phone)
    await phone.does(choice=token, message_id="third")
    assert phone.hears == "da_chep.xoa"


async def test_an_edit_after_the_end_is_told_the_way_back(phone: Phone) -> None:
    await phone.tells()
    await phone.taps("gui", "da_chep")
    await phone.does(text="khác", message_id="u5", edited=True)
    assert phone.hears == "sua_da_gui"


async def test_messages_that_cannot_be_deleted_are_tried_again_and_then_let_go(
    household: Household, phone: Phone
) -> None:
    await phone.sends_tip()
    phone.platform.keeps_messages = True
    await phone.taps("da_chep")
    assert household.rows == 1
    await household.passes(phone, 5)
    assert household.rows == 0


async def test_only_what_was_left_is_asked_for_again(household: Household, phone: Phone) -> None:
    await phone.sends_tip()
    old = phone.platform.sent[0][1]
    phone.platform.too_old = {old}
    await phone.taps("da_chep")
    assert len(phone.platform.asked_to_delete[-1]) > 5
    await household.passes(phone, 1)
    assert phone.platform.asked_to_delete[-1] == [old]
    await household.passes(phone, 4)
    assert household.rows == 0
    assert len(phone.platform.asked_to_delete) == 5


async def test_deletion_that_failed_once_succeeds_with_the_minute_job(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.sends_tip()
    phone.platform.down = True
    await phone.taps("da_chep")
    phone.platform.down = False
    ward.clock.advance(minutes=1)
    phone = household.restart(phone)
    await phone.dialogue.sweep()
    assert phone.platform.deleted
    assert household.rows == 0


# --- the receipt ----------------------------------------------------------------------------------


async def test_an_undelivered_receipt_is_told_again_until_it_arrives(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.tells()
    tap = phone.token("gui")
    phone.platform.down = True
    await phone.does(choice=tap)
    assert word(household) == "sent"
    for _ in range(3):
        ward.clock.advance(minutes=5)
        await phone.dialogue.sweep()
    assert "bien_nhan" not in phone.heard()
    phone.platform.down = False
    ward.clock.advance(hours=5)
    phone = household.restart(phone)
    await phone.dialogue.sweep()
    assert phone.hears == "bien_nhan"
    assert word(household) == "told"
    assert household.tips == 1
    await phone.taps("da_chep")
    assert household.rows == 0


async def test_a_receipt_that_arrived_is_not_told_twice(phone: Phone, ward: Ward) -> None:
    await phone.sends_tip()
    for _ in range(3):
        ward.clock.advance(minutes=2)
        await phone.dialogue.sweep()
    assert phone.heard().count("bien_nhan") == 1


async def test_a_told_code_is_wiped_after_its_minutes_and_the_messages_with_it(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.sends_tip()
    ward.clock.advance(minutes=29)
    await phone.dialogue.sweep()
    assert household.rows == 1
    await household.passes(phone, 2)
    assert phone.hears == "da_chep.xoa"
    assert household.rows == 0
    assert {"u1", "u5"} <= set(phone.platform.deleted)


async def test_asking_again_does_not_prolong_a_told_code(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.sends_tip()
    ward.clock.advance(minutes=20)
    await phone.says("alo")
    assert phone.hears == "bien_nhan"
    ward.clock.advance(minutes=10)
    await household.passes(phone, 1)
    assert household.rows == 0


async def test_a_receipt_for_somebody_who_left_is_wiped_like_any_other(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.tells()
    tap = phone.token("gui")
    phone.platform.gone = True
    await phone.does(choice=tap)
    ward.clock.advance(minutes=30)
    await household.passes(phone, 1)
    assert household.rows == 0
    assert household.tips == 1


# --- drafts ---------------------------------------------------------------------------------------


async def test_an_idle_draft_is_gone_and_an_old_button_says_so(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.shows(b"picture")
    old = phone.token("mua_ban")
    ward.clock.advance(minutes=31)
    await phone.dialogue.sweep()
    assert household.rows == 0
    assert household.count("draft_photo") == 0
    await phone.does(choice=old)
    assert phone.heard()[-2:] == ["het_phien", "chao"]


async def test_cancelling_drops_words_and_pictures_but_messages_can_still_be_erased(
    household: Household, phone: Phone
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.does(text="bán ma túy", message_id="u9")
    await phone.shows(b"picture")
    await phone.says("/huy")
    assert phone.hears == "da_huy"
    assert household.count("draft_photo") == 0
    await phone.says("/xoa")
    assert "u9" in phone.platform.deleted
    assert household.rows == 0


async def test_stop_erases_the_draft_and_leaves_a_sealed_request(
    household: Household, phone: Phone
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.shows(b"picture")
    await phone.says("/dung")
    assert phone.hears == "tat_bao"
    assert household.count("draft_photo") == 0
    assert household.count("stop_request") == 1


async def test_a_draft_goes_on_when_the_session_key_turns_once_and_dies_with_the_second_turn(
    household: Household, ward: Ward
) -> None:
    phone = household.phone()
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    keys = SessionKeys.load(ward.settings.key_file("session.key"))
    keys.rotate(ward.clock.now())
    await phone.says("bán ma túy")
    assert phone.hears == "chon_phuong"
    assert household.rows == 1
    keys.rotate(ward.clock.now())
    keys.rotate(ward.clock.now())
    await phone.says("phường Hoa Mẫu")
    assert phone.hears == "chao"


async def test_the_minute_job_turns_the_key_once_a_day_in_one_process(
    household: Household, phone: Phone, ward: Ward
) -> None:
    other = household.restart(phone)
    before = ward.session_keys.current.key
    ward.clock.advance(hours=25)
    await phone.dialogue.sweep()
    after = ward.session_keys.current.key
    assert after != before
    await other.dialogue.sweep()
    assert ward.session_keys.current.key == after


async def test_a_channel_that_cannot_delete_forgets_at_once(household: Household) -> None:
    phone = household.phone(FakePlatform(deletes=False))
    await phone.tells()
    await phone.taps("gui", "da_chep")
    assert household.rows == 0
    assert phone.platform.deleted == []
