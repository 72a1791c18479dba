"""A nudge at its turn: begun just before the platform is asked, and what the platform does."""

import asyncio

import pytest

from bot.channels.base import AddressGone, AskedToWait, MayHaveArrived
from bot.messages import Outgoing
from intake.errors import ChannelDown, DatabaseBusy
from intake.nudging.shapes import Handed
from storage.errors import Stale
from tests.bot.telling import LINE, Teller, at_once

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("trouble", "handed"),
    [
        (AddressGone("left"), Handed("gone")),
        (AskedToWait(37), Handed("later", 37)),
        (ChannelDown("down"), Handed("later")),
        (MayHaveArrived("who knows"), Handed("sent")),
    ],
)
async def test_what_a_platform_does_is_an_answer_and_never_an_error(
    teller: Teller, trouble: Exception, handed: Handed
) -> None:
    async def send(address: str, message: Outgoing) -> str:
        raise trouble

    teller.phone.platform.send = send
    assert await teller.nudges_them() == handed


async def test_a_chat_that_is_no_longer_this_leaders_gets_nothing(teller: Teller) -> None:
    before = len(teller.phone.screen)
    assert await teller.nudges_them(leader_id=b"another leader!!") == Handed("busy")
    content = teller.content()  # nobody has blocked anything: the new leader's chat stays open
    assert await teller.nudges.nudge("telegram", "unknown", content, at_once) == Handed("busy")
    assert len(teller.phone.screen) == before


async def test_a_channel_that_is_closed_here_is_tried_later(teller: Teller) -> None:
    content = teller.content()
    assert (await teller.nudges.nudge("zalo", "100", content, at_once)).how == "later"
    assert teller.nudges.channels == ("telegram",)


@pytest.mark.parametrize("error", [Stale("x"), DatabaseBusy("x")])
async def test_a_nudge_whose_buttons_cannot_be_noted_has_not_begun(
    teller: Teller, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def write(_: object, _work: object) -> None:
        raise error

    async def begin() -> bool:
        pytest.fail("it counts as sent")

    before = len(teller.phone.screen)
    monkeypatch.setattr(type(teller.workday.ward.intake), "write", write)
    if isinstance(error, DatabaseBusy):
        with pytest.raises(DatabaseBusy):  # its lease runs out, and no try is counted
            await teller.nudges_them(begin)
    else:
        assert await teller.nudges_them(begin) == Handed("busy")
    assert len(teller.phone.screen) == before


async def test_a_nudge_begins_when_its_turn_has_come_and_nobody_who_writes_waits_with_it(
    teller: Teller,
) -> None:
    order: list[str] = []
    waits, let_go = asyncio.Event(), asyncio.Event()

    async def turn(_address: str) -> None:
        order.append("waits")
        waits.set()
        await let_go.wait()

    async def begin() -> bool:
        order.append("begins")
        return True

    teller.phone.platform.turn = turn  # type: ignore[attr-defined]
    nudging = asyncio.create_task(teller.nudges_them(begin))
    await waits.wait()
    async with asyncio.timeout(5):
        await teller.phone.says("/trogiup")  # answered while the nudge waits
    assert order == ["waits"]
    teller.later(minutes=3)
    let_go.set()
    assert await nudging == Handed("sent")
    assert order == ["waits", "begins"]
    assert teller.phone.screen[-1].data == {"nudge": True, "paced": True}


@pytest.mark.parametrize("draft", [False, True])
async def test_a_nudge_that_is_not_to_leave_after_all_is_kept(
    teller: Teller, *, draft: bool
) -> None:
    async def begin() -> bool:
        return False

    if draft:
        await teller.phone.says(LINE)
        teller.later(hours=5)
    before = len(teller.phone.screen)
    wanted = {"draft_open": True, "lines": ()} if draft else {}
    assert await teller.nudges_them(begin, **wanted) == Handed("kept")
    assert len(teller.phone.screen) == before
    assert await teller.nudges_them(**wanted) == Handed("sent")


async def test_what_has_left_in_part_goes_to_no_other_chat(teller: Teller) -> None:
    await teller.phone.says(LINE)
    teller.later(hours=5)
    send = teller.phone.platform.send
    speak = teller.nudges._desk.speaker.speak

    def twice(*args: object) -> object:
        messages, state = speak(*args)  # type: ignore[arg-type]
        return (*messages, *messages), state

    async def once(address: str, message: Outgoing) -> str:
        teller.phone.platform.send = gone
        return await send(address, message)

    async def gone(address: str, message: Outgoing) -> str:
        raise AddressGone("left")

    teller.nudges._desk.speaker.speak = twice  # type: ignore[method-assign]
    teller.phone.platform.send = once
    assert await teller.nudges_them(draft_open=True, lines=()) == Handed("sent")
