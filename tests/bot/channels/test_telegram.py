"""The Telegram channel over real HTTP, against a Bot API that runs here."""

import pytest

from bot.channels.base import AddressGone
from bot.channels.telegram import TelegramChannel
from bot.messages import Attachment, Kind
from intake.errors import BadPicture, ChannelDown
from tests.bot.telegram_rig import CHAT, says
from tests.bot.telegram_server import TelegramServer
from tests.bot.timers import QuickTime

pytestmark = pytest.mark.anyio


# --- sending --------------------------------------------------------------------------------------


async def test_a_message_arrives_protected_plain_of_previews_and_with_its_buttons(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    handle = await channel.send(str(CHAT), says("Gọi **113** <ngay> & nhanh", "Có", "Không"))
    (message,) = server.messages(CHAT)
    assert handle == str(message.id)
    assert message.html == "Gọi <b>113</b> &lt;ngay&gt; &amp; nhanh"
    assert message.text == "Gọi 113 <ngay> & nhanh"
    assert message.fields["protect_content"] == "true"
    assert message.fields["link_preview_options"] == {"is_disabled": True}
    assert [(b["text"], b["callback_data"]) for b in message.buttons] == [
        ("Có", "tok0"),
        ("Không", "tok1"),
    ]


async def test_a_text_too_long_for_one_message_goes_in_several_and_is_deleted_as_one(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    text = "\n\n".join(f"Đoạn {number} " + "chữ " * 300 for number in range(7))
    handle = await channel.send(str(CHAT), says(text, "Gửi", private=True))
    first, *_, last = server.messages(CHAT)
    assert first.buttons == []
    assert len(last.buttons) == 1
    assert " ".join(m.text for m in server.messages(CHAT)).split() == text.split()
    assert await channel.delete(str(CHAT), [handle]) == []
    assert server.messages(CHAT) == []


async def test_half_a_long_message_is_taken_back(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.fail("sendMessage", 502, after=1)
    with pytest.raises(ChannelDown):
        await channel.send(str(CHAT), says("chữ " * 3000, private=True))
    assert server.messages(CHAT) == []


@pytest.mark.parametrize("status", [500, 502, 400, 401, 409])
async def test_any_refusal_is_a_channel_that_is_down(
    server: TelegramServer, channel: TelegramChannel, status: int
) -> None:
    server.fail("sendMessage", status)
    with pytest.raises(ChannelDown) as error:
        await channel.send(str(CHAT), says("x"))
    assert not isinstance(error.value, AddressGone)
    assert error.value.__suppress_context__


@pytest.mark.parametrize(
    "raw", [b"<html>gateway</html>", b"[]", b'{"ok": true}', b'{"ok": true, "result": {}}', b""]
)
async def test_an_answer_that_makes_no_sense_is_a_channel_that_is_down_and_is_not_logged(
    server: TelegramServer,
    channel: TelegramChannel,
    caplog: pytest.LogCaptureFixture,
    raw: bytes,
) -> None:
    server.fail("sendMessage", 200, raw=raw)
    with pytest.raises(ChannelDown):
        await channel.send(str(CHAT), says("bí mật"))
    assert "gateway" not in caplog.text
    assert str(CHAT) not in caplog.text


async def test_an_unreachable_telegram_is_a_channel_that_is_down(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.stop()
    with pytest.raises(ChannelDown):
        await channel.send(str(CHAT), says("x"))
    server.start()
    assert await channel.send(str(CHAT), says("x"))


async def test_a_person_who_blocked_the_bot_is_gone(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.blocked.add(CHAT)
    with pytest.raises(AddressGone):
        await channel.send(str(CHAT), says("x"))
    with pytest.raises(AddressGone):
        await channel.send("0", says("x"))  # "chat not found"


async def test_a_pause_that_telegram_asks_for_is_kept_and_the_message_then_sent(
    server: TelegramServer, channel: TelegramChannel, time: QuickTime
) -> None:
    server.fail("sendMessage", 429, retry_after=7, times=2)
    assert await channel.send(str(CHAT), says("x"))
    assert len(server.calls_of("sendMessage")) == 3
    assert time.waits == [7, 7]


async def test_a_429_that_names_no_pause_waits_a_second(
    server: TelegramServer, channel: TelegramChannel, time: QuickTime
) -> None:
    server.fail("sendMessage", 429, raw=b"slow down")
    assert await channel.send(str(CHAT), says("x"))
    assert time.waits == [1]


async def test_a_pause_too_long_to_sit_out_is_left_to_whoever_tries_again(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.fail("sendMessage", 429, retry_after=600)
    with pytest.raises(ChannelDown):
        await channel.send(str(CHAT), says("x"))
    assert len(server.calls_of("sendMessage")) == 1


async def test_a_429_that_never_ends_is_given_up(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.fail("sendMessage", 429, retry_after=1, times=None)
    with pytest.raises(ChannelDown):
        await channel.send(str(CHAT), says("x"))
    assert len(server.calls_of("sendMessage")) == 3


# --- deleting -------------------------------------------------------------------------------------


async def test_messages_of_both_sides_are_deleted_in_batches_of_a_hundred(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    numbers = [server.says(CHAT, "tin") for _ in range(205)]
    handles = [*map(str, numbers), "cb99", "", str(numbers[0])]
    assert await channel.delete(str(CHAT), handles) == []
    assert [len(c["message_ids"]) for c in server.calls_of("deleteMessages")] == [100, 100, 5]
    assert not any(server.still_shows(CHAT, number) for number in numbers)


async def test_nothing_to_delete_is_done(channel: TelegramChannel) -> None:
    assert await channel.delete(str(CHAT), ["cb1", ""]) == []


async def test_one_message_too_old_is_left_and_the_others_are_deleted(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    numbers = [server.says(CHAT, "tin") for _ in range(3)]
    server.undeletable.add((CHAT, numbers[1]))
    assert await channel.delete(str(CHAT), [*map(str, numbers)]) == [str(numbers[1])]
    assert [server.still_shows(CHAT, number) for number in numbers] == [False, True, False]


async def test_a_message_that_the_person_deleted_first_counts_as_deleted(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    number = server.says(CHAT, "tin")
    server.fail("deleteMessages", 400)
    assert await channel.delete(str(CHAT), [str(number), "987654"]) == []


async def test_deleting_while_telegram_is_down_leaves_all_and_raises_nothing(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.fail("deleteMessages", 502)
    assert await channel.delete(str(CHAT), ["5"]) == ["5"]
    server.fail("deleteMessages", 400)
    server.fail("deleteMessage", 502)
    assert await channel.delete(str(CHAT), ["5"]) == ["5"]
    server.blocked.add(CHAT)
    server.fail("deleteMessages", 403)
    assert await channel.delete(str(CHAT), ["5"]) == ["5"]


# --- fetching -------------------------------------------------------------------------------------


def photo(server: TelegramServer, data: bytes, size: int | None = None) -> Attachment:
    declared = len(data) if size is None else size
    return Attachment(Kind.PHOTO, server.keep_file(data), declared)


async def test_a_photo_comes_into_memory_whole(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    data = bytes(range(256)) * 4000
    assert await channel.fetch(photo(server, data), 2_000_000) == data


async def test_a_file_that_says_it_is_too_large_is_not_even_asked_for(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    with pytest.raises(BadPicture):
        await channel.fetch(Attachment(Kind.DOCUMENT, "f", 50 * 1024 * 1024), 10_000_000)
    assert server.calls == []


async def test_a_file_that_lied_about_its_size_is_refused(
    server: TelegramServer, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadPicture):
        await channel.fetch(photo(server, bytes(5000), size=0), 1000)
    lying = photo(server, bytes(10), size=0)
    server._state.files[lying.ref] = bytes(10)
    real = server._do_get_file

    def tell_less(fields: dict[str, str]) -> dict[str, object]:
        return {**real(fields), "file_size": 1}

    monkeypatch.setattr(server, "_do_get_file", tell_less)
    with pytest.raises(BadPicture):
        await channel.fetch(lying, 5)


async def test_a_file_over_telegrams_own_limit_is_refused_in_the_same_way(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    with pytest.raises(BadPicture):
        await channel.fetch(photo(server, bytes(21 * 1024 * 1024), size=0), 30_000_000)


async def test_a_file_that_cannot_be_had_now_is_asked_for_later(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    picture = photo(server, b"x")
    server.fail("getFile", 502)
    with pytest.raises(ChannelDown):
        await channel.fetch(picture, 100)
    server.fail("file", 502)
    with pytest.raises(ChannelDown):
        await channel.fetch(picture, 100)
    assert await channel.fetch(picture, 100) == b"x"
