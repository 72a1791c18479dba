"""An album is several photos and one question."""

import pytest

from bot.channels.albums import Albums
from bot.messages import Outgoing
from intake.errors import ChannelDown
from tests.bot.timers import SlowTime

pytestmark = pytest.mark.anyio


class Phone:
    def __init__(self) -> None:
        self.time = SlowTime()
        self.hears: list[tuple[str, float]] = []
        self.down = False
        self.albums = Albums(self.time.timer, self.send)

    async def send(self, address: str, message: Outgoing) -> None:
        if self.down:
            raise ChannelDown
        self.hears.append((message.text, self.time.now))


@pytest.fixture
def phone() -> Phone:
    return Phone()


def asked(count: int) -> Outgoing:
    return Outgoing("anh_nua", f"{count} ảnh. Còn nữa không?")


async def test_without_an_album_nothing_is_kept_back(phone: Phone) -> None:
    assert not phone.albums.keeps("chat", asked(1))


async def test_the_last_question_is_asked_once_after_two_quiet_seconds(phone: Phone) -> None:
    for count in (1, 2, 3):
        phone.albums.photo_came("chat")
        assert phone.albums.keeps("chat", asked(count))
        await phone.time.passes(1.5)
    await phone.time.passes(10)
    assert phone.hears == [("3 ảnh. Còn nữa không?", 5.0)]
    assert not phone.albums.keeps("chat", asked(4))


async def test_different_sentences_are_all_said_in_order(phone: Phone) -> None:
    phone.albums.photo_came("chat")
    refused = Outgoing("anh_hong", "Ảnh này không mở được.")
    for message in (asked(1), refused, asked(2)):
        assert phone.albums.keeps("chat", message)
    await phone.time.passes(10)
    assert [text for text, _ in phone.hears] == [refused.text, asked(2).text]


async def test_a_private_message_is_never_kept_back(phone: Phone) -> None:
    phone.albums.photo_came("chat")
    assert not phone.albums.keeps("chat", Outgoing("bien_nhan", "mã", private=True))


async def test_one_chats_album_is_nothing_to_another(phone: Phone) -> None:
    phone.albums.photo_came("chat")
    assert not phone.albums.keeps("other", asked(1))
    await phone.time.passes(5)


async def test_going_on_ends_the_album_and_says_first_what_was_kept(phone: Phone) -> None:
    phone.albums.photo_came("chat")
    assert phone.albums.keeps("chat", asked(1))
    phone.albums.something_else_came("chat")
    phone.albums.something_else_came("nobody")
    assert not phone.albums.keeps("chat", Outgoing("noi", "Ở đâu?"))
    await phone.albums.flush("chat")
    await phone.albums.flush("chat")
    await phone.time.passes(10)
    assert phone.hears == [(asked(1).text, 0)]


async def test_a_platform_that_is_down_loses_a_prompt_and_nothing_more(phone: Phone) -> None:
    phone.down = True
    phone.albums.photo_came("chat")
    assert phone.albums.keeps("chat", asked(1))
    await phone.time.passes(5)
    phone.down = False
    phone.albums.photo_came("chat")
    assert phone.albums.keeps("chat", asked(2))
    await phone.albums.stop()
    assert [text for text, _ in phone.hears] == [asked(2).text]
