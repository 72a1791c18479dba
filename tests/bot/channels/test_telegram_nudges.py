"""Telegram for nudges: its own wait is handed on, and what may have arrived is told apart."""

import asyncio
from dataclasses import replace

import pytest

from bot.channels.base import AskedToWait, MayHaveArrived
from bot.channels.telegram import TelegramChannel
from intake.errors import ChannelDown
from tests.bot.telegram_rig import CHAT, says
from tests.bot.telegram_server import TOKEN, TelegramServer
from tests.bot.timers import QuickTime

pytestmark = pytest.mark.anyio
NUDGE = replace(says("x"), data={"nudge": True})
MENU = (("thieu", "Ai còn thiếu"), ("viec", "Xem việc"))


async def test_a_nudge_hands_telegrams_wait_on_and_holds_nobody_up(
    server: TelegramServer, channel: TelegramChannel, time: QuickTime
) -> None:
    server.fail("sendMessage", 429, retry_after=7)
    with pytest.raises(AskedToWait) as asked:
        await channel.send(str(CHAT), NUDGE)
    assert asked.value.seconds == 7
    assert time.waits == []
    assert await channel.send(str(CHAT), NUDGE)
    assert time.waits == [7]  # the address rests for as long as Telegram asked


async def test_a_nudge_whose_turn_has_come_takes_no_other(
    channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[bool] = []

    async def turn(_address: str, *, nudge: bool = False) -> None:
        turns.append(nudge)

    monkeypatch.setattr(channel._sender._pacer, "turn", turn)
    await channel.turn(str(CHAT))
    await channel.send(str(CHAT), replace(NUDGE, data={"nudge": True, "paced": True}))
    assert turns == [True]
    long = replace(NUDGE, text="x " * 4000, data={"nudge": True, "paced": True})
    await channel.send(str(CHAT), long)
    assert turns == [True, True]  # its second half waits for one of its own
    await channel.send(str(CHAT), NUDGE)
    assert turns == [True, True, True]


async def test_what_telegram_cannot_take_now_has_not_arrived(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.fail("sendMessage", 502, raw=b"<html>")
    with pytest.raises(ChannelDown) as down:
        await channel.send(str(CHAT), NUDGE)
    assert not isinstance(down.value, MayHaveArrived)


async def test_a_line_that_breaks_after_the_message_has_left_leaves_it_open(
    time: QuickTime,
) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        channel = TelegramChannel(TOKEN, base_url=f"http://127.0.0.1:{port}/bot", timer=time.timer)
        with pytest.raises(MayHaveArrived):
            await channel.send(str(CHAT), NUDGE)
    with pytest.raises(ChannelDown) as down:
        await channel.send(str(CHAT), NUDGE)  # nobody listens there any more
    assert not isinstance(down.value, MayHaveArrived)
    await channel.stop()


async def test_a_chat_shows_its_own_commands_and_those_of_everybody_again(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    await channel.show_menu(str(CHAT), MENU)
    assert [one["command"] for one in server.chat_commands[CHAT]] == ["thieu", "viec"]
    await channel.show_menu(str(CHAT), ())
    assert server.chat_commands == {}


async def test_commands_that_telegram_does_not_take_disturb_nobody(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.fail("setMyCommands", 400)
    await channel.show_menu(str(CHAT), MENU)
    assert server.chat_commands == {}
