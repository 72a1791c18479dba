"""The thinnest check-in: one line, a card, one tap, a receipt."""

from datetime import date

import pytest

from bot.messages import Incoming
from tests.bot.work_rig import TO_3, Workday

pytestmark = pytest.mark.anyio


async def test_one_line_and_one_tap_file_a_check_in(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyen truyen 10/3 nha van hoa 45 nguoi")
    card = phone.screen[-1]
    assert card.key == "the_xac_nhan"
    for piece in ("tổ dân phố số 3", "Tuyên truyền", "T3 10/3/2026", "nhà văn hóa", "45 người"):
        assert piece in card.text
    assert "đủ 1/1" in card.text
    assert "Còn thiếu: Họp lắng nghe" in card.text
    assert workday.filed == []
    await phone.taps("luu")
    assert phone.hears == "da_ghi"
    (filed,) = workday.filed
    assert (filed.owner_id, filed.kind, filed.done_on) == (TO_3, "outreach", date(2026, 3, 10))
    assert (filed.people, filed.place) == (45, "nhà văn hóa")
    assert "Còn lại: Họp lắng nghe" in phone.screen[-1].text
    assert workday.done(TO_3, "outreach", date(2026, 3, 10)) == (1, 1)


async def test_the_platform_brings_the_tap_again_and_nothing_is_filed_twice(
    workday: Workday,
) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nhà văn hóa 45 người")
    tap = phone.token("luu")
    await phone.does(choice=tap, message_id="cb1")
    await phone.again()
    after = workday.restart(phone)
    await after.again()
    await after.does(choice=tap, message_id="cb2")
    assert len(workday.filed) == 1
    assert after.hears in {"da_ghi", "dau_thang"}


async def test_a_restart_between_line_and_tap_loses_nothing(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nhà văn hóa 45 người")
    after = workday.restart(phone)
    await after.taps("luu")
    assert len(workday.filed) == 1


async def test_a_filing_whose_answer_was_lost_is_answered_and_not_repeated(
    workday: Workday,
) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nhà văn hóa 45 người")
    token = phone.token("luu")
    before = await _state(workday)
    await phone.does(choice=token, message_id="cb1")
    await _put_back(workday, before)  # as if the process had died between the two commits
    again = workday.restart(phone)
    await again.does(choice=token, message_id="cb1")
    assert again.hears == "da_ghi_roi"
    assert len(workday.filed) == 1


async def _state(workday: Workday) -> str:
    with workday.ward.intake.read() as view:
        row = view.work_dialogues.get("telegram", "100")
    assert row is not None
    return row.state


async def _put_back(workday: Workday, state: str) -> None:
    with workday.ward.intake.read() as view:
        row = view.work_dialogues.get("telegram", "100")
    assert row is not None
    again = row._replace(state=state, version=row.version + 1)
    await workday.ward.intake.write(lambda tx: tx.work_dialogues.put(again, row.version))


async def test_what_is_not_saved_is_thrown_away_with_one_tap(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nhà văn hóa 45 người")
    await phone.taps("bo_nhap")
    assert phone.hears == "da_bo_nhap"
    assert workday.filed == []


async def test_a_button_of_an_older_card_files_nothing(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nhà văn hóa 45 người")
    old = phone.token("luu")
    await phone.says("tuyên truyền 11/3 nhà văn hóa 45 người")
    await phone.does(choice=old)
    assert workday.filed == []
    assert phone.hears == "the_xac_nhan"
    assert "11/3/2026" in phone.screen[-1].text


async def test_nothing_is_said_when_nothing_was_kept(workday: Workday) -> None:
    phone = await workday.enrolled()
    workday.ward.intake.database.writer.stop()
    said = len(phone.screen)
    with pytest.raises(Exception, match="no writes"):
        await phone.says("tuyên truyền 10/3 nhà văn hóa 45 người")
    await phone.dialogue.settle()
    assert phone.heard(said) == ["loi_viec"]


async def test_a_resident_beside_it_is_served_as_ever(workday: Workday) -> None:
    await workday.enrolled()
    resident = workday.phone(address="9999")
    await resident.tells()
    await resident.taps("gui")
    assert resident.hears == "bien_nhan"
    assert workday.count("work_dialogue") == 1


async def test_messages_of_one_chat_at_once_file_once(workday: Workday) -> None:
    import asyncio

    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nhà văn hóa 45 người")
    token = phone.token("luu")
    taps = [Incoming("telegram", "100", f"cb{at}", choice=token) for at in range(4)]
    await asyncio.gather(*(phone.dialogue.handle(tap) for tap in taps))
    await phone.dialogue.settle()
    assert len(workday.filed) == 1
