"""A step from memory is a step from the row: whatever has happened in between, nobody can tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.dialogue import Dialogue
from bot.flows.tip import has_content
from bot.messages import Incoming
from intake.vault.drafts import SessionKeys
from tests.bot.phones import Household, Phone
from tests.bot.work_rig import Workday
from tests.wards import Ward

pytestmark = pytest.mark.anyio


@contextmanager
def looks() -> Iterator[list[str]]:
    """Collect the looks with which a message begins."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def remembered(dialogue: Dialogue) -> int:
    return len(dialogue._arrivals._recent)


def forgetful(household: Household, phone: Phone) -> Phone:
    """Return the same phone over one of several processes, none of which remembers."""
    several = household.ward.settings.model_copy(update={"bot_processes": 2})
    dialogue = household.dialogue(settings=several)
    dialogue.join(phone.platform)
    return Phone(dialogue, phone.platform, phone.address, phone.ids, phone.last)


async def test_the_step_that_follows_soon_reads_no_row(phone: Phone) -> None:
    await phone.says("/bao")
    with looks() as asked:
        await phone.taps("khong_khan", "dong_y", "cb_khong")
    assert not asked
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
    phone = forgetful(household, phone)
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
    phone = workday.phone()
    await phone.says("/bao")
    assert remembered(phone.dialogue) == 1
    other = workday.restart(phone)
    invite = workday.leaders.invite(workday.leader().id)
    await other.says(f"/start moi_{invite}")
    await other.taps("dong_y_viec")
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    assert phone.hears == "the_xac_nhan"


async def test_an_invite_that_comes_into_a_remembered_dialogue_is_looked_at(ward: Ward) -> None:
    workday = Workday(ward)
    phone = workday.phone()
    await phone.says("/bao")
    assert remembered(phone.dialogue) == 1
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
    with looks() as asked:
        await phone.says("bán ma tuý")
    assert asked
    assert phone.hears == "chon_phuong"


DOINGS = (
    "/bao", "/huy", "/trogiup", "/nn", "/start", "1", "2", "bán ma tuý ở quán nước",
    "đối diện nhà tôi", "phường Hoa Mẫu", "số 5 ngõ 12", "tối qua", "again", "edit", "tap",
    "tap", "tap", "1", "1", "1",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
async def test_processes_that_remember_say_what_those_without_memory_would(
    household: Household, seed: int
) -> None:
    """One chat is served by two that remember, another by two that do not, in the same turns."""
    rng = Random(seed)
    one, other = household.phone(address="1"), household.phone(address="2")
    remembering = (one, household.restart(one))
    without = (forgetful(household, other), forgetful(household, other))
    for _ in range(40):
        what, turn = rng.choice(DOINGS), rng.randrange(2)
        await _does(remembering[turn], what)
        await _does(without[turn], what)
        assert one.heard() == other.heard()


async def _does(phone: Phone, what: str) -> None:
    message_id = f"u{next(phone.ids)}"
    name, address = phone.platform.capabilities.name, phone.address
    match what:
        case "again":
            message_id = f"u{int(message_id[1:]) - 1}"
            incoming = Incoming(name, address, message_id, text="bán ma tuý ở quán nước")
        case "edit":
            incoming = Incoming(name, address, "u2", text="bán ma tuý ở chợ", edited=True)
        case "tap":
            offered = [message.choices for message in phone.screen if message.choices]
            tokens = [choice.token for choice in offered[-1]] if offered else ["x-0"]
            incoming = Incoming(name, address, message_id, choice=tokens[0])
        case text:
            incoming = Incoming(name, address, message_id, text=text)
    await phone.dialogue.handle(incoming)
    await phone.dialogue.settle()
