"""The dialogue over real services: one step, one commit, and only then an answer."""

import asyncio

import pytest

from bot.messages import Attachment, Incoming, Kind
from intake.errors import DatabaseBusy
from intake.limits import Allowance
from tests.bot.phones import FakePlatform, Household, Phone
from tests.wards import Ward

pytestmark = pytest.mark.anyio


async def test_a_tip_goes_from_the_phone_to_the_desk_and_the_answer_comes_back(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.tells("bán ma túy ở quán nước")
    preview = phone.screen[-1]
    await phone.taps("gui")
    assert phone.hears == "bien_nhan"
    code = phone.code
    officer = ward.sign_in("phuong.chi")
    row = ward.services.triage.queue(officer).rows[0]
    view = ward.services.disclosure.open_tip(officer, row.id)
    assert view.messages[0].text in preview.text
    ward.services.triage.answer(officer, row.id, view.version, "Quán tên gì?", ask=True)
    await phone.taps("da_chep")
    other = household.phone(address="8888")
    await other.says("xem", code)
    assert "Quán tên gì?" in other.screen[-2].text
    await other.says("Quán Bốn Mùa")
    assert other.hears == "da_gui_them"
    again = ward.services.disclosure.open_tip(officer, row.id)
    assert again.messages[-1].text == "Quán Bốn Mùa"


async def test_plain_numbers_and_words_do_what_buttons_do(household: Household) -> None:
    phone = household.phone(FakePlatform(buttons=False))
    await phone.says("bao", "1", "1", "1", "bán ma túy", "phường Hoa Mẫu", "ngõ 12", "3", "1")
    assert phone.hears == "xem_lai"
    assert phone.screen[-1].choices == ()
    assert "1. Gửi\n2. Sửa" in phone.screen[-1].text
    await phone.says("Gửi")
    assert phone.hears == "bien_nhan"
    assert household.tips == 1


async def test_a_name_that_is_a_command_is_asked_about_and_kept_on_plain_text_channels(
    household: Household,
) -> None:
    phone = household.phone(FakePlatform(buttons=False))
    await phone.says("bao", "1", "1", "1", "bán ma túy", "phường Hoa Mẫu", "ngõ 12", "3", "Huy")
    assert "1. Hủy\n2. Là lời tôi viết" in phone.screen[-1].text
    await phone.again()
    assert phone.hears == "lenh_bo_nhap_hay_loi"
    await household.restart(phone).says("2", "1")
    assert "Thêm: Huy" in phone.screen[-1].text


async def test_near_equal_communes_are_offered_as_choices(phone: Phone) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says("bán ma túy", "dong mau")
    assert phone.hears == "trung_ten"
    labels = [choice.label for choice in phone.screen[-1].choices]
    places = ["xã Đồng Mẫu, tỉnh Sông Mẫu", "xã Đông Mẫu, tỉnh Sông Mẫu"]
    assert labels == [*places, "Nơi khác"]
    await phone.says("2")
    assert phone.hears == "chua_co_hom_thu"


@pytest.mark.parametrize(
    ("answer", "next_question"),
    [("dung", "hoi_o_dau"), ("ok", "hoi_o_dau"), ("khong", "khong_thay_noi")],
)
async def test_a_near_name_is_asked_about_and_answered_in_plain_words(
    phone: Phone, answer: str, next_question: str
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says("bán ma túy", "Hoa Mai")
    assert phone.hears == "gan_dung_noi"
    labels = [choice.label for choice in phone.screen[-1].choices]
    assert labels == ["phường Hoa Mẫu, tỉnh Sông Mẫu", "Nơi khác"]
    await phone.says(answer)
    assert phone.hears == next_question


async def test_every_trial_message_begins_with_the_warning(phone: Phone) -> None:
    await phone.tells()
    await phone.taps("gui")
    assert all(m.text.startswith("BẢN THỬ, không gửi tin thật.") for m in phone.screen)


# --- acknowledge after commit ---------------------------------------------------------------------


async def test_nothing_is_answered_when_nothing_was_kept(phone: Phone, ward: Ward) -> None:
    await phone.tells()
    ward.intake.database.writer.stop()
    with pytest.raises(DatabaseBusy):
        await phone.taps("gui")
    await phone.dialogue.settle()
    assert phone.hears == "loi"
    assert "Chưa thấy mã 24 số là tin chưa được nhận" in phone.screen[-1].text
    assert "bien_nhan" not in phone.heard()


async def test_a_bug_in_one_step_is_told_and_ends_nothing(phone: Phone, ward: Ward) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    broken = Attachment(Kind.PHOTO, "no such file", 10)
    await phone.does(attachments=(broken,))  # the fake platform raises KeyError
    assert phone.hears == "loi"
    await phone.says("bán ma túy")
    assert phone.hears == "chon_phuong"


# --- once and only once ---------------------------------------------------------------------------


async def test_two_taps_on_send_make_one_tip(household: Household, phone: Phone) -> None:
    await phone.tells()
    tap = phone.token("gui")
    first, second = (
        Incoming("telegram", phone.address, name, choice=tap) for name in ("tap1", "tap2")
    )
    await asyncio.gather(phone.dialogue.handle(first), phone.dialogue.handle(second))
    await phone.dialogue.settle()
    assert household.tips == 1
    assert phone.heard().count("bien_nhan") == 1


async def test_two_processes_that_hear_the_same_tap_make_one_tip(household: Household) -> None:
    phone = household.phone()
    await phone.tells()
    other = household.restart(phone)
    tap = phone.token("gui")
    await asyncio.gather(
        phone.dialogue.handle(Incoming("telegram", phone.address, "tap1", choice=tap)),
        other.dialogue.handle(Incoming("telegram", phone.address, "tap1", choice=tap)),
    )
    await phone.dialogue.settle()
    await other.dialogue.settle()
    assert household.tips == 1
    codes = {m.text for m in phone.screen if m.key == "bien_nhan"}
    assert len(codes) == 1


async def test_a_redelivered_message_is_met_with_silence(phone: Phone) -> None:
    await phone.tells()
    said = len(phone.screen)
    await phone.again()
    assert len(phone.screen) == said


async def test_after_a_crash_before_the_answer_the_prompt_comes_with_the_redelivery(
    household: Household, phone: Phone
) -> None:
    await phone.says("/bao")
    incoming = Incoming("telegram", phone.address, "u77", choice=phone.token("khong_khan"))
    await phone.dialogue.answer(incoming)  # committed, and the process dies before it is sent
    phone = household.restart(phone)
    await phone.dialogue.handle(incoming)
    await phone.dialogue.settle()
    assert phone.hears == "dong_y"


async def test_after_a_crash_between_commit_and_receipt_the_same_code_is_told(
    household: Household, phone: Phone
) -> None:
    await phone.tells()
    tap = Incoming("telegram", phone.address, "tap", choice=phone.token("gui"))
    (receipt,) = await phone.dialogue.answer(tap)
    phone = household.restart(phone)
    await phone.dialogue.handle(tap)
    await phone.dialogue.settle()
    assert [phone.screen[-1].data[f"m{n}"] for n in range(1, 7)] == [
        receipt.data[f"m{n}"] for n in range(1, 7)
    ]
    assert household.tips == 1


async def test_a_tap_on_an_old_button_changes_nothing(household: Household, phone: Phone) -> None:
    await phone.says("/bao")
    old = phone.token("khong_khan")
    await phone.taps("khong_khan", "dong_y")
    await phone.does(choice=old)
    assert phone.hears == "hoi_can_bo"
    await phone.does(choice="ffffffff-0")
    assert phone.hears == "hoi_can_bo"


# --- what a resident may send ---------------------------------------------------------------------


async def test_pictures_are_cleaned_sealed_and_travel_with_the_tip(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says("bán ma túy")
    await phone.shows(b"picture of a door")
    assert phone.hears == "anh_da_nhan"
    assert household.count("draft_photo") == 1
    await phone.says("phường Hoa Mẫu", "ngõ 12")
    await phone.taps("da_qua", "xem_lai_gui", "gui")
    assert household.count("draft_photo") == 0
    officer = ward.sign_in("phuong.chi")
    row = ward.services.triage.queue(officer).rows[0]
    view = ward.services.disclosure.open_tip(officer, row.id)
    photo = view.messages[0].photo_ids[0]
    assert ward.services.disclosure.photo(officer, row.id, photo) == b"clean picture of a door"


async def test_a_picture_survives_a_long_draft(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.shows(b"picture")
    for text in ("bán ma túy", "phường Hoa Mẫu", "ngõ 12"):
        ward.clock.advance(minutes=25)
        await phone.dialogue.sweep()
        await phone.says(text)
    assert household.count("draft_photo") == 1


@pytest.mark.parametrize(
    ("attachment", "caption", "key"),
    [
        (Attachment(Kind.CONTACT), "", "danh_ba"),
        (Attachment(Kind.LOCATION), "", "vi_tri"),
        (Attachment(Kind.VOICE, "v", 10), "", "chua_nhan_loai_nay"),
        (Attachment(Kind.VIDEO, "v", 10), "", "chua_nhan_loai_nay"),
        (Attachment(Kind.STICKER), "", "chua_nhan_loai_nay"),
        (Attachment(Kind.POLL), "", "chua_nhan_loai_nay"),
        (Attachment(Kind.DOCUMENT, "d", 10), "", "chua_nhan_loai_nay"),
        (Attachment(Kind.PHOTO, "p", 10), "ảnh căn cước của tôi", "anh_giay_to"),
        (Attachment(Kind.PHOTO, "p", 50_000_000), "", "qua_lon"),
    ],
)
async def test_what_is_not_taken_is_never_fetched(
    household: Household, phone: Phone, attachment: Attachment, caption: str, key: str
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.does(attachments=(attachment,), text=caption)
    assert phone.hears == key
    assert phone.platform.fetched == []
    assert household.count("draft_photo") == 0
    await phone.says("bán ma túy")
    assert phone.hears == "chon_phuong"


async def test_a_broken_picture_and_one_before_consent_are_not_kept(
    household: Household, phone: Phone
) -> None:
    await phone.says("/bao")
    await phone.shows(b"picture")
    assert phone.hears == "chua_luc_nay"
    assert phone.platform.fetched == []
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.shows(b"PNG bomb")
    assert phone.hears == "anh_hong"
    assert household.count("draft_photo") == 0


async def test_a_group_is_answered_once_and_keeps_nothing(
    household: Household, phone: Phone
) -> None:
    for number in range(3):
        await phone.does(in_group=True, message_id=f"g{number}")
    assert phone.heard() == ["nhom"]
    assert household.rows == 0


async def test_an_edit_changes_the_open_draft(phone: Phone) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.does(text="ban ma tui", message_id="m5")
    await phone.does(text="bán ma túy", message_id="m5", edited=True)
    assert phone.hears == "da_sua"
    await phone.says("phường Hoa Mẫu", "ngõ 12")
    await phone.taps("da_qua", "xem_lai_gui")
    assert "Chuyện gì: bán ma túy\n" in phone.screen[-1].text


async def test_a_long_tip_comes_in_pieces_that_hold_everything(phone: Phone) -> None:
    story = " ".join(f"Lần {number} thấy xe số {number}." for number in range(220))
    await phone.tells(story)
    pieces = [message for message in phone.screen if message.key == "xem_lai"]
    assert len(pieces) > 1
    assert all(len(piece.text) <= 4096 for piece in pieces)
    joined = " ".join(piece.text.partition("\n")[2] for piece in pieces)
    assert "Lần 219 thấy xe số 219." in joined
    await phone.taps("gui")
    assert phone.hears == "bien_nhan"


async def test_floods_are_slowed_and_say_for_how_long(ward: Ward) -> None:
    household = Household(ward, allowances={"filing": Allowance(1, 60), "look_up": Allowance(2, 60),
                                            "upload": Allowance(1, 60)})  # fmt: skip
    phone = household.phone()
    await phone.tells()
    await phone.taps("gui", "da_chep")
    await phone.tells()
    await phone.taps("gui")
    assert phone.heard()[-2:] == ["qua_nhieu", "xem_lai"]
    ward.clock.advance(minutes=2)
    await phone.taps("gui")
    assert phone.hears == "bien_nhan"
    code = phone.code
    await phone.taps("da_chep")
    other = household.phone(address="99")
    for _ in range(3):
        await other.says("/xem", code)
    assert other.heard()[-2:] == ["thu_nhieu_lan", "xem_tin"]
