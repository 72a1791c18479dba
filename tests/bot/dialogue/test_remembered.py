"""A step from memory is a step from the row: whatever has happened in between, nobody can tell."""

from dataclasses import replace

import pytest

from bot.dialogue import Dialogue
from bot.flows.tip import has_content
from intake.vault.drafts import SessionKeys
from tests.bot.phones import Household, Phone
from tests.bot.work_rig import Workday
from tests.statements import Asked, statements
from tests.wards import Ward

pytestmark = pytest.mark.anyio


def looks(asked: list[Asked]) -> list[Asked]:
    """Keep the looks with which a message begins."""
    return [each for each in asked if each.text.startswith("SELECT")]


def remembered(dialogue: Dialogue) -> int:
    return len(dialogue._arrivals._recent)


async def test_the_step_that_follows_soon_reads_no_row(phone: Phone) -> None:
    await phone.says("/bao")
    with statements() as asked:
        await phone.taps("khong_khan", "dong_y", "cb_khong")
    assert not looks(asked)
    assert phone.hears == "hoi_viec_gi"


async def test_what_is_remembered_is_the_sealed_row_and_no_word_of_it(
    household: Household, phone: Phone
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says("bán ma tuý đối diện nhà tôi", "phường Hoa Mẫu")
    (kept,) = phone.dialogue._arrivals._recent._kept.values()
    with household.ward.intake.read() as view:
        names = household.ward.session_keys.row_keys("telegram", phone.address)
        assert view.drafts.get(names) == kept.row
    assert "đối diện" not in repr(kept)


@pytest.mark.parametrize("end", ["/huy", "/xoa", "/dung", "da_chep"])
async def test_who_ends_a_dialogue_is_forgotten_at_once(phone: Phone, end: str) -> None:
    if end == "da_chep":
        await phone.sends_tip()
        await phone.taps(end)
    else:
        await phone.says("/bao")
        await phone.taps("khong_khan", "dong_y", "cb_khong")
        await phone.says("bán ma tuý")
        assert remembered(phone.dialogue) == 1
        await phone.says(end)
    kept = list(phone.dialogue._arrivals._recent._kept.values())
    rows = [phone.dialogue.book.read(each.row) for each in kept]
    assert not any(row is None or has_content(row.state) or row.state.code for row in rows)


async def test_the_minute_job_forgets_who_has_fallen_silent(
    household: Household, phone: Phone
) -> None:
    await phone.says("/bao")
    assert remembered(phone.dialogue) == 1
    await household.passes(phone, 2)
    assert not remembered(phone.dialogue)
    await phone.taps("khong_khan")
    assert phone.hears == "dong_y"


async def test_one_of_several_processes_remembers_nothing(
    household: Household, phone: Phone
) -> None:
    phone = household.restart(phone, forgetful=True)
    await phone.says("/bao")
    assert not remembered(phone.dialogue)


async def test_another_process_that_went_on_is_seen(household: Household, phone: Phone) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y")
    other = household.restart(phone)
    await other.taps("cb_khong")
    await other.says("bán ma tuý ở quán nước")
    await phone.says("phường Hoa Mẫu")
    assert phone.hears == "hoi_o_dau"
    assert household.rows == 1


async def test_a_draft_that_another_process_ended_is_not_written_back(
    household: Household, phone: Phone
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says("bán ma tuý ở quán nước")
    await household.restart(phone).says("/huy")
    await phone.says("phường Hoa Mẫu")
    assert phone.hears == "chao"


async def test_a_message_of_an_ended_dialogue_that_comes_again_is_met_with_silence(
    household: Household, phone: Phone
) -> None:
    other = household.restart(phone)
    await other.sends_tip()
    await other.taps("da_chep")
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    said = len(phone.screen)
    assert remembered(phone.dialogue) == 1
    await phone.does(message_id="u5", text="bán ma tuý ở quán nước")  # answered by the other
    assert len(phone.screen) == said
    await phone.says("đánh bạc và hút chích")
    assert phone.hears == "chon_phuong"
    assert household.tips == 1


async def test_an_ended_dialogues_word_to_end_does_not_end_the_next_one(
    household: Household, phone: Phone
) -> None:
    phone.platform.capabilities = replace(phone.platform.capabilities, deletes=False)
    other = household.restart(phone)
    await other.says("/bao")
    await other.taps("khong_khan")
    await other.does(message_id="end", text="/huy")
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    assert remembered(phone.dialogue) == 1
    await phone.does(message_id="end", text="/huy")
    await phone.says("bán ma tuý")
    assert phone.hears == "chon_phuong"


async def test_a_chat_that_another_process_enrolled_is_the_work_sides(ward: Ward) -> None:
    workday = Workday(ward)
    phone = await _remembered_before_work(workday)
    other = workday.restart(phone)
    invite = workday.leaders.invite(workday.leader().id)
    await other.says(f"/start moi_{invite}")
    await other.taps("dong_y_viec")
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    assert phone.hears == "the_xac_nhan"


async def test_an_invite_that_comes_into_a_remembered_dialogue_is_looked_at(ward: Ward) -> None:
    workday = Workday(ward)
    phone = await _remembered_before_work(workday)
    await phone.says(f"/start moi_{workday.leaders.invite(workday.leader().id)}")
    await phone.taps("dong_y_viec")
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    assert phone.hears == "the_xac_nhan"


async def test_a_turned_key_makes_the_row_be_read(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    SessionKeys.load(ward.settings.key_file("session.key")).rotate(ward.clock.now())
    with statements() as asked:
        await phone.says("bán ma tuý")
    assert looks(asked)
    assert phone.hears == "chon_phuong"


# --- what is done before anything is written ------------------------------------------------------


async def test_a_picture_of_an_ended_dialogue_is_not_fetched_again(phone: Phone) -> None:
    await _begins(phone)
    await phone.shows(b"picture", message_id="pic")
    await phone.says("/xoa")
    await _begins(phone)
    fetched, said = len(phone.platform.fetched), len(phone.screen)
    await phone.shows(b"picture", message_id="pic")
    assert len(phone.platform.fetched) == fetched
    assert len(phone.screen) == said


async def test_a_picture_is_judged_by_where_the_dialogue_stands_now(
    household: Household, phone: Phone
) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan")
    other = household.restart(phone)
    await other.taps("dong_y", "cb_khong")
    await other.says("bán ma tuý ở quán nước")
    await phone.shows(b"picture")
    assert household.count("draft_photo") == 1


async def test_silence_from_memory_is_looked_at(household: Household, phone: Phone) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y")
    tap = phone.token("cb_khong")
    await phone.does(choice=tap)
    await household.restart(phone).says("bán ma tuý ở quán nước")
    said = len(phone.screen)
    await phone.does(choice=tap)  # once more, when something else is asked
    assert phone.heard(said) == ["chon_phuong"]


async def test_a_word_to_end_finds_that_another_process_has_ended_it(
    household: Household, phone: Phone
) -> None:
    phone.platform.capabilities = replace(phone.platform.capabilities, deletes=False)
    await _begins(phone)
    await household.restart(phone).says("/xoa")
    assert household.rows == 0
    await phone.says("/huy")
    assert phone.hears == "khong_co_nhap"


async def _begins(phone: Phone) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says("bán ma tuý ở quán nước")
    assert remembered(phone.dialogue) == 1


async def _remembered_before_work(workday: Workday) -> Phone:
    """Return a phone that is to be a leader's, in a resident's dialogue that is remembered."""
    phone = workday.phone()
    await phone.says("/bao")
    assert remembered(phone.dialogue) == 1
    return phone
