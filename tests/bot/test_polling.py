"""Long polling: the offset is the acknowledgement, so it moves only past what was committed."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram import TelegramChannel
from bot.messages import Incoming
from bot.polling import Poller
from intake.errors import DatabaseBusy
from tests.bot.telegram_rig import CHAT, Ears
from tests.bot.telegram_server import TelegramServer
from tests.bot.timers import QuickTime

pytestmark = pytest.mark.anyio
OTHER = 5_550_222


@pytest.fixture
async def poller(channel: TelegramChannel, ears: Ears, time: QuickTime) -> AsyncIterator[Poller]:
    poller = Poller(channel, ears, timer=time.timer)
    running = asyncio.create_task(poller.run())
    yield poller
    await poller.stop()
    await running


def offsets(server: TelegramServer) -> list[int]:
    return [int(call["offset"]) for call in server.calls_of("getUpdates")]


async def test_updates_are_taken_in_order_and_acknowledged(
    server: TelegramServer, poller: Poller, ears: Ears
) -> None:
    for number in range(5):
        server.says(CHAT, f"tin {number}")
    await server.eventually(lambda: not server.waiting)
    assert ears.texts == [f"tin {number}" for number in range(5)]


async def test_what_came_while_nobody_asked_is_still_there(
    server: TelegramServer, channel: TelegramChannel, ears: Ears, time: QuickTime
) -> None:
    server.says(CHAT, "sớm")
    poller = Poller(channel, ears, timer=time.timer)
    running = asyncio.create_task(poller.run())
    await server.eventually(lambda: not server.waiting)
    await poller.stop()
    await running
    assert ears.texts == ["sớm"]


async def test_the_offset_stays_before_what_was_not_committed(
    server: TelegramServer, channel: TelegramChannel, ears: Ears, time: QuickTime
) -> None:
    server.says(CHAT, "một")
    server.says(CHAT, "hai")
    ears.errors = [DatabaseBusy("locked")] * 3
    poller = Poller(channel, ears, timer=time.timer)
    running = asyncio.create_task(poller.run())
    await server.eventually(lambda: not server.waiting)
    await poller.stop()
    await running
    assert ears.texts == ["một", "hai"]
    assert offsets(server)[:4] == [0, 1, 1, 1]
    assert time.waits[:3] == [1, 2, 4]


class Picky(Ears):
    """Fails for one chat only."""

    def __init__(self, refused: int) -> None:
        super().__init__()
        self.refused, self.patience = str(refused), 2

    async def handle(self, incoming: Incoming) -> None:
        if incoming.address == self.refused and self.patience:
            self.patience -= 1
            raise DatabaseBusy("locked")
        await super().handle(incoming)


async def test_one_chats_trouble_loses_nothing_and_keeps_that_chats_order(
    server: TelegramServer, channel: TelegramChannel, time: QuickTime
) -> None:
    ears = Picky(CHAT)
    for number in range(3):
        server.says(CHAT, f"a{number}")
        server.says(OTHER, f"b{number}")
    poller = Poller(channel, ears, timer=time.timer)
    running = asyncio.create_task(poller.run())
    await server.eventually(lambda: not server.waiting)
    await poller.stop()
    await running
    assert [text for text in ears.texts if text[0] == "a"] == ["a0", "a1", "a2"]
    # The other chat's came again; the dialogue knows a message that it has already taken.
    assert set(ears.texts) >= {"b0", "b1", "b2"}


async def test_one_slow_chat_does_not_keep_the_others_waiting(
    server: TelegramServer, channel: TelegramChannel, time: QuickTime
) -> None:
    gate = asyncio.Event()

    class Slow(Ears):
        async def handle(self, incoming: Incoming) -> None:
            if incoming.address == str(CHAT):
                await gate.wait()
            else:
                gate.set()
            await super().handle(incoming)

    ears = Slow()
    server.says(CHAT, "chậm")
    server.says(OTHER, "nhanh")
    poller = Poller(channel, ears, timer=time.timer)
    running = asyncio.create_task(poller.run())
    await server.eventually(lambda: not server.waiting)
    await poller.stop()
    await running
    assert ears.texts == ["nhanh", "chậm"]


async def test_a_fault_of_ours_blocks_nobody_for_ever(
    server: TelegramServer, poller: Poller, ears: Ears, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    ears.errors = [ValueError("fault") for _ in range(5)]
    server.says(CHAT, "canary")
    server.says(CHAT, "sau")
    await server.eventually(lambda: not server.waiting)
    assert ears.texts == ["sau"]
    assert poller.given_up == 1
    assert "canary" not in caplog.text


async def test_a_fault_that_passes_loses_nothing(
    server: TelegramServer, poller: Poller, ears: Ears
) -> None:
    ears.errors = [ValueError("fault") for _ in range(4)]
    server.says(CHAT, "tin")
    await server.eventually(lambda: not server.waiting)
    assert ears.texts == ["tin"]
    assert poller.given_up == 0


async def test_unreadable_updates_are_acknowledged_and_counted(
    server: TelegramServer, poller: Poller, ears: Ears, channel: TelegramChannel
) -> None:
    server.push({"message": {"text": "canary"}})
    server.push({"channel_post": {"text": "canary"}})
    server.says(CHAT, "sau")
    await server.eventually(lambda: not server.waiting)
    assert ears.texts == ["sau"]
    assert channel.unreadable == 2


async def test_an_answer_without_numbers_is_not_taken_for_progress(
    server: TelegramServer, poller: Poller, ears: Ears
) -> None:
    server.fail("getUpdates", 200, raw=b'{"ok": true, "result": [1, {"update_id": "x"}, {}]}')
    server.says(CHAT, "tin")
    await server.eventually(lambda: not server.waiting)
    assert ears.texts == ["tin"]


@pytest.mark.parametrize("status", [429, 409, 500, 502])
async def test_a_telegram_in_trouble_is_waited_for_with_growing_pauses(
    server: TelegramServer, channel: TelegramChannel, ears: Ears, time: QuickTime, status: int
) -> None:
    server.fail("getUpdates", status, times=3)
    server.says(CHAT, "tin")
    poller = Poller(channel, ears, timer=time.timer)
    running = asyncio.create_task(poller.run())
    await server.eventually(lambda: not server.waiting)
    await poller.stop()
    await running
    assert time.waits == [1, 2, 4]
    assert ears.texts == ["tin"]


async def test_an_unreachable_telegram_is_found_again(
    server: TelegramServer, channel: TelegramChannel, ears: Ears, time: QuickTime
) -> None:
    server.stop()
    poller = Poller(channel, ears, timer=time.timer)
    running = asyncio.create_task(poller.run())
    await time.waited(3)
    server.start()
    server.says(CHAT, "tin")
    await server.eventually(lambda: not server.waiting)
    await poller.stop()
    await running
    assert ears.texts == ["tin"]


async def test_stopping_finishes_what_is_in_hand_and_tells_telegram(
    server: TelegramServer, channel: TelegramChannel, time: QuickTime
) -> None:
    begun, gate = asyncio.Event(), asyncio.Event()

    class Busy(Ears):
        async def handle(self, incoming: Incoming) -> None:
            begun.set()
            await gate.wait()
            await super().handle(incoming)

    ears = Busy()
    server.says(CHAT, "đang làm")
    poller = Poller(channel, ears, timer=time.timer)
    running = asyncio.create_task(poller.run())
    await begun.wait()
    stopping = asyncio.create_task(poller.stop())
    await asyncio.sleep(0)
    gate.set()
    await stopping
    await running
    assert ears.texts == ["đang làm"]
    assert server.waiting == 0


async def test_stopping_does_not_wait_for_the_long_poll_or_for_a_pause(
    server: TelegramServer, channel: TelegramChannel, ears: Ears, time: QuickTime
) -> None:
    poller = Poller(channel, ears, timer=time.timer)
    await poller.stop()  # never begun
    running = asyncio.create_task(poller.run())
    await server.eventually(lambda: server.calls_of("getUpdates"))
    await poller.stop()
    await running


async def test_being_cancelled_from_outside_is_not_mistaken_for_a_stop(
    server: TelegramServer, poller: Poller, channel: TelegramChannel, ears: Ears, time: QuickTime
) -> None:
    other = Poller(channel, ears, timer=time.timer)
    running = asyncio.create_task(other.run())
    await server.eventually(lambda: len(server.calls_of("getUpdates")) > 1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


class Turns:
    """A lead that is had, or not, as a test wants."""

    def __init__(self) -> None:
        self.mine = False
        self.given_up = 0

    async def take(self) -> bool:
        return self.mine

    async def give_up(self) -> None:
        self.given_up += 1


async def test_who_does_not_lead_asks_nothing_and_begins_when_it_does(
    server: TelegramServer, channel: TelegramChannel, ears: Ears, time: QuickTime
) -> None:
    turns = Turns()
    server.says(CHAT, "một")
    poller = Poller(channel, ears, lead=turns, timer=time.timer)  # type: ignore[arg-type]
    running = asyncio.create_task(poller.run())
    await server.eventually(lambda: len(time.waits) > 3)
    assert offsets(server) == []
    turns.mine = True
    await server.eventually(lambda: not server.waiting)
    await poller.stop()
    await running
    assert ears.texts == ["một"]
    assert turns.given_up == 1


async def test_an_answer_of_another_shape_does_not_end_the_asking(
    server: TelegramServer, poller: Poller, ears: Ears
) -> None:
    server.fail("getUpdates", 200, raw=b'{"ok": true, "description": "odd"}')
    server.says(CHAT, "một")
    await server.eventually(lambda: not server.waiting)
    assert ears.texts == ["một"]
