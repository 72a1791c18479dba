"""The minute job, whatever comes: one bad chat, a faster process, a database that keeps nothing."""

from concurrent.futures import Future

import pytest

from bot.messages import Outgoing
from intake.errors import ChannelDown, DatabaseBusy
from intake.limits import Allowance
from storage.errors import Busy
from tests.bot.phones import PLENTY, FakePlatform, Household, Phone
from tests.wards import Ward

pytestmark = pytest.mark.anyio


class Picky(FakePlatform):
    """A platform that never takes anything for one chat."""

    refused = ""

    async def send(self, address: str, message: Outgoing) -> str:
        if address == self.refused:
            raise ChannelDown("not for this one")
        return await super().send(address, message)


async def test_a_chat_that_always_fails_keeps_no_other_waiting(
    household: Household, ward: Ward
) -> None:
    platform = Picky()
    dialogue = household.dialogue()
    phones = [household.phone(platform, dialogue, f"47{at}") for at in range(3)]
    taps = [(await phone.tells()).token("gui") for phone in phones]
    platform.down = True
    for phone, tap in zip(phones, taps, strict=True):
        await phone.does(choice=tap)
    platform.down = False
    platform.refused = phones[0].address
    ward.clock.advance(minutes=2)
    await dialogue.sweep()
    assert [phone.hears for phone in phones[1:]] == ["bien_nhan"] * 2


async def test_a_chat_that_goes_on_in_another_process_ends_no_minute_job(
    household: Household, phone: Phone, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    await phone.tells()
    tap = phone.token("gui")
    phone.platform.down = True
    await phone.does(choice=tap)
    phone.platform.down = False
    ward.clock.advance(minutes=2)
    rival = household.restart(phone)

    residents = phone.dialogue._residents
    commit = residents._commit

    async def step_in_between(*step: object) -> object:
        await rival.says("alo")
        return await commit(*step)  # type: ignore[arg-type]

    monkeypatch.setattr(residents, "_commit", step_in_between)
    assert await phone.dialogue._sweeper.sweep()
    assert household.tips == 1


async def test_a_dialogue_that_has_gone_on_is_not_nudged(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.tells()
    await phone.taps("gui")
    with ward.intake.read() as view:
        stored = phone.dialogue.book.load(view, "telegram", phone.address)
    assert stored.row is not None
    assert await phone.dialogue.nudge(stored.row, "sent", None) is None
    await phone.taps("da_chep")
    assert await phone.dialogue.nudge(stored.row, "told", None) is None


async def test_a_tip_that_the_database_could_not_keep_is_no_flood(ward: Ward) -> None:
    household = Household(ward, allowances={**PLENTY, "filing": Allowance(2, 0.001)})
    phone = household.phone()
    await phone.tells()
    writer = ward.intake.database.writer
    submit, token = writer.submit, phone.token("gui")
    for _ in range(10):
        writer.submit = refuse  # type: ignore[method-assign]
        with pytest.raises(DatabaseBusy):
            await phone.does(choice=token, message_id="tap")
    writer.submit = submit  # type: ignore[method-assign]
    await phone.does(choice=token, message_id="tap")
    assert phone.hears == "bien_nhan"


def refuse(_work: object) -> Future[object]:
    full: Future[object] = Future()
    full.set_exception(Busy("full"))
    return full
