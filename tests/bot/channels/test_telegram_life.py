"""The Telegram channel's life: start, updates, taps, albums, stop."""

import asyncio
import logging
import re
from pathlib import Path

import pytest

from bot.channels.telegram import TelegramChannel, Webhook
from intake.errors import ChannelDown, Misconfigured, TryLater
from tests.bot.telegram_rig import CHAT, Ears, channel_to, says
from tests.bot.telegram_server import TOKEN, TelegramServer
from tests.bot.timers import QuickTime, SlowTime

pytestmark = pytest.mark.anyio
MENU = {"vi": [("start", "Bắt đầu"), ("xem", "Xem trả lời")], "en": [("start", "Begin")]}


# --- start ----------------------------------------------------------------------------------------


async def test_for_polling_the_webhook_is_taken_away_and_the_menu_set_in_both_languages(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    await channel.start(MENU)
    async with asyncio.timeout(20):
        await channel.ready.wait()
    assert server.hook is None
    assert server.calls_of("deleteWebhook") == [{"drop_pending_updates": "false"}]
    assert {
        language: [c["command"] for c in menu] for language, menu in server.commands.items()
    } == {
        "": ["start", "xem"],
        "vi": ["start", "xem"],
        "en": ["start"],
    }


async def test_for_a_webhook_address_secret_and_kinds_of_updates_are_registered(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    await channel.start({}, Webhook("https://tip.example/kenh/telegram", "s" * 32))
    async with asyncio.timeout(20):
        await channel.ready.wait()
    (call,) = server.calls_of("setWebhook")
    assert call["url"] == "https://tip.example/kenh/telegram"
    assert call["secret_token"] == "s" * 32
    assert call["allowed_updates"] == [
        *("message", "edited_message", "callback_query", "my_chat_member"),
    ]


async def test_an_unreachable_telegram_holds_nothing_up_and_is_tried_again(
    server: TelegramServer, time: QuickTime, caplog: pytest.LogCaptureFixture
) -> None:
    server.stop()
    channel = channel_to(server, time)
    await channel.start(MENU)
    assert not channel.ready.is_set()
    await time.waited(3)
    assert not channel.ready.is_set()
    server.start()
    async with asyncio.timeout(20):
        await channel.ready.wait()
    await channel.stop()
    assert time.waits[:3] == [1, 2, 4]
    assert TOKEN not in caplog.text


async def test_a_refused_token_is_reported_without_the_token(
    server: TelegramServer, time: QuickTime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    channel = TelegramChannel("111:wrong", base_url=server.base_url, timer=time.timer)
    await channel.start(MENU)
    await time.waited(1)
    await channel.stop()
    assert "has not taken the bot's settings yet" in caplog.text
    assert "111:wrong" not in caplog.text


def test_a_proxy_that_cannot_be_used_stops_the_start() -> None:
    for proxy in ("socks5://127.0.0.1:1", "gopher://x"):
        with pytest.raises(Misconfigured) as refusal:
            TelegramChannel(TOKEN, proxy=proxy)
        assert proxy not in str(refusal.value)


def test_every_proxy_that_the_example_names_can_be_used() -> None:
    shown = (Path(__file__).parents[3] / "deploy" / "homthu.toml.example").read_text("utf-8")
    named = re.findall(r'"(\w+://127\.0\.0\.1:\d+)"', shown)
    assert named
    for proxy in named:
        TelegramChannel(TOKEN, proxy=proxy)


async def test_calls_go_through_the_proxy_that_is_set_and_through_no_other(
    server: TelegramServer, time: QuickTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    plain = channel_to(server, time)
    assert await plain.send(str(CHAT), says("x"))
    await plain.stop()
    seen: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readline())
        writer.close()

    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        through = TelegramChannel(
            TOKEN,
            base_url="http://api.telegram.example/bot",
            proxy=f"http://127.0.0.1:{port}",
            timer=time.timer,
        )
        with pytest.raises(ChannelDown):
            await through.send(str(CHAT), says("x"))
        await through.stop()
    assert seen[0].startswith(b"POST http://api.telegram.example/bot")


# --- updates --------------------------------------------------------------------------------------


async def test_a_tap_is_answered_after_the_step_and_never_when_nothing_was_kept(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.taps(CHAT, "tok")
    (raw,) = await channel.updates(0, 0)
    heard = channel.read(raw)
    assert heard is not None
    ears = Ears()
    ears.errors = [TryLater()]
    with pytest.raises(TryLater):
        await channel.take(heard, ears)
    assert server.calls_of("answerCallbackQuery") == []
    await channel.take(heard, ears)
    await server.eventually(lambda: server.calls_of("answerCallbackQuery"))
    await channel.take(heard, ears)  # "query is too old": nothing comes of it
    await server.eventually(lambda: len(server.calls_of("answerCallbackQuery")) == 2)


async def test_updates_that_cannot_be_had_are_a_channel_that_is_down(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.fail("getUpdates", 502)
    server.fail("getUpdates", 429, retry_after=3)
    server.fail("getUpdates", 200, raw=b'{"ok": true}')
    for _ in range(3):
        with pytest.raises(ChannelDown):
            await channel.updates(0, 0)
    server.fail("getUpdates", 200, raw=b'{"ok": true, "result": {"not": "a list"}}')
    assert await channel.updates(0, 0) == []


async def test_an_unreadable_update_is_counted_and_nothing_of_it_is_logged(
    server: TelegramServer, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.push({"message": {"text": "canary-text", "chat": {"id": "canary-id"}}})
    (raw,) = await channel.updates(0, 0)
    caplog.clear()
    assert channel.read(raw) is None
    assert channel.unreadable == 1
    assert "canary" not in caplog.text
    assert "an update could not be read" in caplog.text


async def test_of_an_album_the_last_question_is_asked_once(server: TelegramServer) -> None:
    time = SlowTime()
    channel = channel_to(server, time)
    ears = Ears()
    for _ in range(3):
        server.sends_photo(CHAT, b"jpeg", album="g1")
    handles: list[str] = []
    for count, raw in enumerate(await channel.updates(0, 0), start=1):
        heard = channel.read(raw)
        assert heard is not None
        await channel.take(heard, ears)
        handles.append(await channel.send(str(CHAT), says(f"{count} ảnh. Còn nữa không?")))
    assert len(ears.heard) == 3
    assert handles == ["", "", ""]
    assert server.messages(CHAT) == []
    await time.passes(2.0)
    await server.eventually(lambda: server.messages(CHAT))
    await channel.stop()
    assert [m.text for m in server.messages(CHAT)] == ["3 ảnh. Còn nữa không?"]


async def test_text_after_an_album_gets_the_kept_question_first(server: TelegramServer) -> None:
    time = SlowTime()
    channel = channel_to(server, time)
    ears = Ears()
    server.sends_photo(CHAT, b"jpeg", album="g1")
    server.says(CHAT, "xong")
    first, second = (channel.read(raw) for raw in await channel.updates(0, 0))
    assert first is not None
    assert second is not None
    await channel.take(first, ears)
    await channel.send(str(CHAT), says("1 ảnh. Còn nữa không?"))
    await channel.take(second, ears)
    await channel.send(str(CHAT), says("Xem lại tin của bạn"))
    await channel.stop()
    texts = [m.text for m in server.messages(CHAT)]
    assert texts == ["1 ảnh. Còn nữa không?", "Xem lại tin của bạn"]


async def test_stopping_sends_what_an_album_kept_back(server: TelegramServer) -> None:
    channel = channel_to(server, SlowTime())
    server.sends_photo(CHAT, b"jpeg", album="g1")
    heard = channel.read((await channel.updates(0, 0))[0])
    assert heard is not None
    await channel.take(heard, Ears())
    await channel.send(str(CHAT), says("1 ảnh"))
    await channel.stop()
    assert [m.text for m in server.messages(CHAT)] == ["1 ảnh"]
