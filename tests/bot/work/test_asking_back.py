"""What the ward asks reaches the leader at once, once, and in the chat that the line came from."""

from datetime import timedelta

import pytest

from bot.dialogue import Dialogue
from bot.work.asking_back import WorkQuestions
from intake.work.ask_backs import AGAIN, FOR
from tests.bot.phones import FakePlatform, Phone
from tests.bot.work_rig import TO_3, Workday

pytestmark = pytest.mark.anyio

LINE = "tuyên truyền 18/3 nhà văn hóa 45 người"
ASKED = "tra_lai"
OFFICER = "0f" * 16


def questions(workday: Workday, *phones: Phone) -> WorkQuestions:
    """Return a fresh teller, as in another process, over the chats of these phones."""
    channels = {phone.platform.capabilities.name: phone.platform for phone in phones}
    dialogue: Dialogue = phones[0].dialogue
    return WorkQuestions(workday.ward.intake, workday.desk(), channels, dialogue.lock)


async def filed(workday: Workday, platform: FakePlatform | None = None) -> Phone:
    phone = await workday.enrolled(platform=platform)
    await phone.says(LINE)
    await (phone.taps("luu") if phone.platform.capabilities.buttons else phone.says("1"))
    assert len(workday.filed) == 1
    return phone


def ask(workday: Workday, question: str = "45 người hay 45 hộ?") -> str:
    (view,) = workday.filed
    workday.workplace.check_ins.send_back(view.id, question, OFFICER)
    return view.id


def times_told(phone: Phone) -> int:
    return sum(message.key == ASKED for _, _, message in phone.platform.sent)


async def test_the_question_comes_with_two_buttons_and_the_answer_makes_it_count_again(
    workday: Workday,
) -> None:
    phone = await filed(workday)
    check_in = ask(workday)
    await questions(workday, phone).tell()
    message = phone.platform.sent[-1][2]
    assert "45 người hay 45 hộ?" in message.text
    assert [choice.key for choice in message.choices] == [f"@dap.{check_in}", f"@sua.{check_in}"]
    await phone.taps(f"@dap.{check_in}")
    await phone.says("45 người")
    assert phone.hears != "chua_hieu_viec"


async def test_it_is_told_once_by_however_many_processes(workday: Workday) -> None:
    phone = await filed(workday)
    ask(workday)
    one, other = questions(workday, phone), questions(workday, phone)
    await one.tell()
    await other.tell()
    workday.ward.clock.advance(AGAIN)
    await other.tell()
    assert times_told(phone) == 1


async def test_a_platform_out_of_reach_is_tried_again_and_the_answer_is_not_lost(
    workday: Workday,
) -> None:
    phone = await filed(workday)
    ask(workday)
    teller = questions(workday, phone)
    phone.platform.down = True
    await teller.tell()
    phone.platform.down = False
    await teller.tell()
    assert times_told(phone) == 0  # it is left alone for a while
    workday.ward.clock.advance(AGAIN)
    await teller.tell()
    assert times_told(phone) == 1


async def test_a_process_that_died_after_taking_it_up_holds_nobody_up(workday: Workday) -> None:
    phone = await filed(workday)
    check_in = ask(workday)
    workday.ward.intake.write_now(
        lambda tx: tx.ask_backs.claim(
            bytes.fromhex(check_in), workday.ward.clock.now(), workday.ward.clock.now() + AGAIN
        )
    )
    teller = questions(workday, phone)
    await teller.tell()
    assert times_told(phone) == 0
    workday.ward.clock.advance(AGAIN)
    await teller.tell()
    assert times_told(phone) == 1


async def test_what_was_answered_meanwhile_is_not_asked_any_more(workday: Workday) -> None:
    from intake.work.check_in_shapes import Filer

    phone = await filed(workday)
    check_in = ask(workday)
    (view,) = workday.filed
    filer = Filer.leader(view.filed_by.removeprefix("leader:"))
    workday.workplace.check_ins.amend(
        check_in, {"people": 44}, "đếm lại", filer, workday.ward.clock.now()
    )
    teller = questions(workday, phone)
    await teller.tell()
    await teller.tell()
    assert times_told(phone) == 0


async def test_an_open_draft_is_not_disturbed(workday: Workday) -> None:
    phone = await filed(workday)
    await phone.says("họp lắng nghe 17/3 nhà văn hóa 30 người")
    ask(workday)
    await questions(workday, phone).tell()
    assert times_told(phone) == 1
    card = next(c for c in reversed(phone.platform.sent) if c[2].key != ASKED)[2]
    assert any(choice.key == "luu" for choice in card.choices)
    await phone.does(choice=next(c.token for c in card.choices if c.key == "luu"))
    assert len(workday.filed) == 2


async def test_where_there_are_no_buttons_it_waits_for_the_open_draft(workday: Workday) -> None:
    phone = await filed(workday, FakePlatform("zalo", buttons=False))
    await phone.says("họp lắng nghe 17/3 nhà văn hóa 30 người")
    ask(workday)
    teller = questions(workday, phone)
    await teller.tell()
    assert times_told(phone) == 0
    await phone.says("1")
    assert len(workday.filed) == 2
    workday.ward.clock.advance(AGAIN)
    await teller.tell()
    assert times_told(phone) == 1


async def test_after_a_hand_over_the_new_head_is_asked(workday: Workday) -> None:
    phone = await filed(workday)
    (view,) = workday.filed
    giver = bytes.fromhex(view.filed_by.removeprefix("leader:"))
    taker = workday.leaders.add("Trần Mới", "cô")
    workday.leaders.hand_over(TO_3, giver, taker.id, workday.ward.clock.today())
    ask(workday)
    workday.leaders.enrol(workday.leaders.invite(taker.id), "telegram", "200")
    await questions(workday, phone).tell()
    told = [address for address, _, message in phone.platform.sent if message.key == ASKED]
    assert told == ["200"]


async def test_a_chat_that_is_gone_is_noted_and_the_other_one_is_used(workday: Workday) -> None:
    phone = await filed(workday)
    (view,) = workday.filed
    leader = bytes.fromhex(view.filed_by.removeprefix("leader:"))
    other = workday.phone(FakePlatform("demo"), address="d1")
    workday.leaders.enrol(workday.leaders.invite(leader), "demo", "d1")
    ask(workday)
    phone.platform.gone = True
    await questions(workday, phone, other).tell()
    assert times_told(other) == 1
    noted = {chat.channel: chat.blocked_at is not None for chat in workday.leaders.chats_of(leader)}
    assert noted == {"telegram": True, "demo": False}


@pytest.mark.parametrize("reason", ["nobody", "too old"])
async def test_what_can_be_told_to_nobody_is_given_up(workday: Workday, reason: str) -> None:
    phone = await filed(workday)
    (view,) = workday.filed
    if reason == "nobody":
        workday.leaders.leave(bytes.fromhex(view.filed_by.removeprefix("leader:")))
    ask(workday)
    if reason == "too old":
        workday.ward.clock.advance(FOR + timedelta(minutes=1))
    await questions(workday, phone).tell()
    assert times_told(phone) == 0
    with workday.ward.intake.read() as reading:
        assert reading.ask_backs.due(workday.ward.clock.now() + FOR, 10) == []
