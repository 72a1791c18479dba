"""A chat that was left and writes again: its old messages go, whatever the new dialogue does."""

import asyncio

import pytest

from bot.messages import Incoming, Outgoing
from tests.bot.phones import FakePlatform, Household, Phone

pytestmark = pytest.mark.anyio


class SlowPlatform(FakePlatform):
    """A platform whose sending and deleting can be held up."""

    def __init__(self) -> None:
        super().__init__()
        self.sends, self.deletes, self.asked = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.sends.set()
        self.deletes.set()

    async def send(self, address: str, message: Outgoing) -> str:
        await self.sends.wait()
        return await super().send(address, message)

    async def delete(self, address: str, message_ids: list[str]) -> list[str]:
        self.asked.set()
        await self.deletes.wait()
        return await super().delete(address, message_ids)


@pytest.mark.parametrize("begins", ["/bao", "an old button"])
async def test_whoever_begins_anew_before_the_deletion_is_rid_of_the_old_messages_all_the_same(
    household: Household, phone: Phone, begins: str
) -> None:
    await phone.sends_tip()
    old = phone.token("da_chep").replace("-", "0-", 1)  # of a receipt told once more since
    shown = phone.shown
    phone.platform.keeps_messages = True
    await phone.taps("da_chep")
    assert household.rows == 1
    phone.platform.keeps_messages = False
    if begins == "/bao":
        await phone.says("/bao")
        assert phone.hears == "nguy_hiem"
    else:
        await phone.does(choice=old, message_id="late")
    assert {*shown, "u1", "u5"} <= set(phone.platform.deleted)
    assert phone.platform.sent[-1][1] not in phone.platform.deleted
    already = len(phone.platform.deleted)
    await phone.says("/xoa")
    assert not shown & set(phone.platform.deleted[already:])
    assert household.rows == 0


async def test_a_new_beginning_that_comes_before_the_old_goodbye_cancels_no_deletion(
    household: Household, phone: Phone
) -> None:
    await phone.sends_tip()
    shown = phone.shown
    tap = Incoming("telegram", phone.address, "tap", choice=phone.token("da_chep"))
    await phone.dialogue.handle(tap)
    await phone.dialogue.handle(Incoming("telegram", phone.address, "next", "/bao"))
    await phone.dialogue.settle()
    assert shown <= set(phone.platform.deleted)
    assert phone.hears == "nguy_hiem"
    assert household.rows == 1


async def test_old_messages_that_stayed_go_with_the_minute_job_whatever_the_new_dialogue_does(
    household: Household, phone: Phone
) -> None:
    await phone.sends_tip()
    shown = phone.shown
    phone.platform.keeps_messages = True
    await phone.taps("da_chep")
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says("bán ma tuý")
    assert not shown & set(phone.platform.deleted)
    phone.platform.keeps_messages = False
    phone = household.restart(phone)
    await household.passes(phone, 1)
    assert shown <= set(phone.platform.deleted)
    assert household.rows == 1
    await phone.says("/xoa")
    assert household.rows == 0


async def test_death_after_each_commit_keeps_no_old_message(
    household: Household, phone: Phone
) -> None:
    await phone.sends_tip()
    shown = phone.shown
    tap = Incoming("telegram", phone.address, "tap", choice=phone.token("da_chep"))
    for step in (tap, Incoming("telegram", phone.address, "next", "/bao")):
        await phone.dialogue._take(step)  # committed; the process ends before it can answer
        phone = household.restart(phone)
    await household.passes(phone, 40)
    assert shown <= set(phone.platform.deleted)
    assert household.rows == 0


async def test_old_messages_that_can_never_be_deleted_are_let_go(
    household: Household, phone: Phone
) -> None:
    await phone.sends_tip()
    phone.platform.keeps_messages = True
    await phone.taps("da_chep")
    await phone.says("/bao")
    assert household.rows == 2
    await household.passes(phone, 5)
    assert household.rows == 1


async def test_a_chat_that_is_left_again_and_again_is_clean_in_the_end(
    household: Household, phone: Phone
) -> None:
    phone.platform.keeps_messages = True
    for _ in range(3):
        await phone.sends_tip()
        await phone.taps("da_chep")
    secret = {message_id for _, message_id, message in phone.platform.sent if message.private}
    assert len(secret) == 6  # each with its preview
    assert household.rows == 3
    phone.platform.keeps_messages = False
    await household.passes(phone, 1)
    assert secret <= set(phone.platform.deleted)
    assert household.rows == 0


async def test_no_answer_waits_for_the_first_try_at_deleting_either(household: Household) -> None:
    platform = SlowPlatform()
    phone = household.phone(platform)
    await phone.sends_tip()
    shown = phone.shown
    platform.deletes.clear()
    step = phone.dialogue.handle
    tap = phone.token("da_chep")
    async with asyncio.timeout(20):
        await step(Incoming("telegram", phone.address, "copied", choice=tap))
        await platform.asked.wait()
        await step(Incoming("telegram", phone.address, "again", "/bao"))
        while phone.hears != "nguy_hiem":  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    new = phone.platform.sent[-1][1]
    platform.deletes.set()
    await phone.dialogue.settle()
    assert shown <= set(platform.deleted)
    assert new not in platform.deleted
    assert household.rows == 1


async def test_no_answer_waits_for_a_deletion_that_takes_long(household: Household) -> None:
    platform = SlowPlatform()
    phone = household.phone(platform)
    await phone.sends_tip()
    platform.keeps_messages = True
    await phone.taps("da_chep")
    platform.deletes.clear()
    step = phone.dialogue.handle
    await step(Incoming("telegram", phone.address, "again", "/bao"))
    await platform.asked.wait()
    async with asyncio.timeout(20):
        for key in ("khong_khan", "dong_y", "cb_khong"):
            while key not in {choice.key for choice in phone.screen[-1].choices}:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            await step(Incoming("telegram", phone.address, key, choice=phone.token(key)))
    assert not platform.deletes.is_set()
    platform.keeps_messages = False
    platform.deletes.set()
    await phone.dialogue.settle()
    assert household.rows == 1


async def test_a_receipt_on_its_way_while_the_chat_is_left_does_not_stay_in_the_next_dialogue(
    household: Household,
) -> None:
    platform = SlowPlatform()
    phone = household.phone(platform)
    await phone.tells()
    platform.sends.clear()
    step = phone.dialogue.handle
    await step(Incoming("telegram", phone.address, "gui", choice=phone.token("gui")))
    await step(Incoming("telegram", phone.address, "xoa", "/xoa"))
    await step(Incoming("telegram", phone.address, "bao", "/bao"))
    platform.sends.set()
    await phone.dialogue.settle()
    receipts = {message_id for _, message_id, message in platform.sent if message.private}
    assert receipts
    assert receipts <= set(platform.deleted)
    assert phone.hears == "nguy_hiem"


async def test_a_line_that_is_cut_short_leaves_its_chat_able_to_speak(household: Household) -> None:
    platform = SlowPlatform()
    phone = household.phone(platform)
    await phone.says("/bao")
    platform.sends.clear()
    await phone.dialogue.handle(Incoming("telegram", phone.address, "more", "alo"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(phone.dialogue.settle(), 0.1)
    platform.sends.set()
    said = len(phone.screen)
    await phone.says("/bao")
    assert len(phone.screen) > said
