"""What every channel must keep, whatever its platform: the suite behind ``bot.channels.base``.

A channel's test builds a ``Rig`` and runs the checks over it::

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    async def test_my_channel_keeps_the_port(rig, check):
        await check(rig)

A rig speaks for the person at the other end: it makes the platform deliver something through the
channel's own parser, and looks at that person's screen. ``CHECKS_WITHOUT_CHAT`` is for a channel
that answers and cannot write by itself (a page).
"""

import logging
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import pytest

from bot.channels.base import AddressGone, Channel
from bot.messages import Choice, File, Incoming, Kind, Outgoing
from bot.wording import Wording
from intake.errors import BadPicture

CANARY = "CANARY-7f3a nhà số 5 ngõ 12"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TINY_PNG = b"\x89PNG\r\n\x1a\n tiny \x00\xff\r\n--"
PICTURE = b"\xff\xd8\xff conformance picture"
ODD_TEXTS = (
    "không dấu cung duoc",
    unicodedata.normalize("NFD", "Phường Thượng Hồng"),
    "\u202eđảo chiều\u202c \u200fphải sang trái",
    "👩‍👩‍👧" * 400,
    "dòng một\ndòng hai\n\n  dòng ba  ",
    "<b>&amp; **không đậm** `x` {ten} /huyen",
    "0" * 24,
)


class Seen(NamedTuple):
    """One message on the person's screen: its words, and its buttons as (label, token)."""

    message_id: str
    text: str
    buttons: Sequence[tuple[str, str]] = ()
    file: bytes | None = None


class Rig(Protocol):
    """The person at the other end of one channel."""

    channel: Channel
    address: str
    gone_address: str | None  # an address whose owner has left, or None where that cannot be

    async def says(self, text: str) -> list[Incoming]:
        """Write something; return what the dialogue heard."""
        ...

    async def edits(self, text: str) -> list[Incoming]:
        """Change the message written last."""
        ...

    async def repeats(self) -> list[Incoming]:
        """Let the platform deliver the last message once more."""
        ...

    async def taps(self, token: str) -> list[Incoming]:
        """Press a button."""
        ...

    async def shows(self, picture: bytes) -> list[Incoming]:
        """Send a picture."""
        ...

    async def offers(self, kind: Kind, content: str) -> list[Incoming]:
        """Send something that the bot does not take, with ``content`` inside where it can be."""
        ...

    def screen(self) -> list[Seen]:
        """Return what the person sees of the bot's messages now, oldest first."""
        ...


Check = Callable[[Rig], Awaitable[None]]


def message(text: str, *labels: str, private: bool = False) -> Outgoing:
    """Return a message with buttons whose tokens are ``n0-0``, ``n0-1`` …"""
    choices = tuple(Choice(f"key_{at}", label, f"n0-{at}") for at, label in enumerate(labels))
    return Outgoing("conformance", text, choices, private)


# --- parse ----------------------------------------------------------------------------------------


async def words_arrive_unchanged_with_channel_and_address(rig: Rig) -> None:
    for text in ODD_TEXTS:
        (heard,) = await rig.says(text)
        assert heard.text.strip() == text.strip()
        assert heard.channel == rig.channel.capabilities.name
        assert heard.address == rig.address
        assert not heard.in_group
        assert not heard.edited
        assert heard.choice is None


async def every_message_has_a_name_of_its_own(rig: Rig) -> None:
    names = [(await rig.says(f"câu {turn}"))[0].message_id for turn in range(3)]
    assert len(set(names)) == 3
    assert all(names)


async def a_tap_carries_its_token_and_nothing_else(rig: Rig) -> None:
    await rig.says("mở")
    (heard,) = await rig.taps("n0-1")
    assert heard.choice == "n0-1"
    assert heard.text == ""
    assert heard.address == rig.address


async def a_picture_is_fetched_only_within_the_limit(rig: Rig) -> None:
    fetched = PictureWatch(rig.channel)
    with fetched:
        (heard,) = await rig.shows(PICTURE)
    (attachment,) = heard.attachments
    assert attachment.kind is Kind.PHOTO or attachment.is_picture
    assert attachment.size in (0, len(PICTURE))
    assert fetched.bytes_seen == [PICTURE]
    assert fetched.refused_over_limit


async def what_the_bot_does_not_take_arrives_as_its_kind_only(rig: Rig) -> None:
    for kind in (Kind.CONTACT, Kind.LOCATION, Kind.VOICE):
        (heard,) = await rig.offers(kind, CANARY)
        assert [each.kind for each in heard.attachments] == [kind]
        assert CANARY not in (heard.text, *heard.answers.values())
        assert all(CANARY not in each.ref for each in heard.attachments)


# --- dedupe and edits -----------------------------------------------------------------------------


async def a_message_delivered_twice_keeps_its_name(rig: Rig) -> None:
    (first,) = await rig.says("một lần thôi")
    (again,) = await rig.repeats()
    assert again.message_id == first.message_id
    assert again.text == first.text


async def an_edit_keeps_the_name_and_says_that_it_is_one(rig: Rig) -> None:
    (first,) = await rig.says("số 5")
    (edit,) = await rig.edits("số 7")
    assert edit.message_id == first.message_id
    assert edit.edited
    assert edit.text == "số 7"


# --- send and delete ------------------------------------------------------------------------------


async def messages_appear_in_order_with_their_buttons(rig: Rig) -> None:
    await rig.says("mở")
    ids = [
        await rig.channel.send(rig.address, message("Câu một")),
        await rig.channel.send(rig.address, message("Câu hai <b> & {x}", "Có", "Không")),
    ]
    one, two = rig.screen()[-2:]
    assert "Câu một" in one.text
    assert "Câu hai <b> & {x}" in two.text
    assert list(two.buttons) == [("Có", "n0-0"), ("Không", "n0-1")]
    assert not one.buttons
    assert len(set(ids)) == 2


async def deleted_messages_are_off_the_screen(rig: Rig) -> None:
    (mine,) = await rig.says("của tôi")
    private = await rig.channel.send(rig.address, message(CANARY, private=True))
    stays = await rig.channel.send(rig.address, message("ở lại"))
    assert stays
    assert await rig.channel.delete(rig.address, [mine.message_id, private]) == []
    texts = [seen.text for seen in rig.screen()]
    assert not any(CANARY in text for text in texts)
    assert any("ở lại" in text for text in texts)
    assert await rig.channel.delete(rig.address, []) == []


async def a_picture_and_a_document_arrive_whole_with_words_and_buttons(rig: Rig) -> None:
    await rig.says("mở")
    sheet = bytes(range(256)) * 300
    for file in (File("bang.png", "image/png", TINY_PNG), File("bảng.xlsx", XLSX, sheet)):
        told = replace(message("Bảng <tháng 11> & {x}", "Có"), file=file)
        sent = await rig.channel.send(rig.address, told)
        seen = rig.screen()[-1]
        assert seen.file == file.body
        assert "Bảng <tháng 11> & {x}" in seen.text
        assert list(seen.buttons) == [("Có", "n0-0")]
        assert await rig.channel.delete(rig.address, [sent]) == []
        assert all(each.file is None for each in rig.screen())
    if rig.gone_address is not None:
        gone = replace(message("Có ai không?"), file=File("a.png", "image/png", TINY_PNG))
        with pytest.raises(AddressGone):
            await rig.channel.send(rig.gone_address, gone)


async def somebody_who_has_left_is_told_apart_from_a_bad_line(rig: Rig) -> None:
    if rig.gone_address is None:
        return
    with pytest.raises(AddressGone):
        await rig.channel.send(rig.gone_address, message("Có ai không?"))


# --- redaction and honesty ------------------------------------------------------------------------


async def nothing_that_was_typed_is_logged_or_shown_by_repr(rig: Rig) -> None:
    with LogWatch() as log:
        heard = [*await rig.says(CANARY), *await rig.shows(PICTURE)]
        for kind in (Kind.CONTACT, Kind.LOCATION):
            heard += await rig.offers(kind, CANARY)
    told = [*log.lines, *map(repr, heard), repr(message(CANARY))]
    assert not [line for line in told if CANARY in line or rig.address in line]


async def the_honest_sentence_of_the_channel_is_worded(rig: Rig) -> None:
    capabilities = rig.channel.capabilities
    wording = Wording.load()
    for language in wording.languages:
        assert capabilities.anonymity_text in wording.language(language).says
    assert capabilities.anonymity_text in wording.promises
    assert capabilities.max_text > 0
    assert capabilities.max_media_bytes > 0


CHECKS_WITHOUT_CHAT: tuple[Check, ...] = (
    words_arrive_unchanged_with_channel_and_address,
    every_message_has_a_name_of_its_own,
    a_tap_carries_its_token_and_nothing_else,
    a_picture_is_fetched_only_within_the_limit,
    nothing_that_was_typed_is_logged_or_shown_by_repr,
    the_honest_sentence_of_the_channel_is_worded,
)
CHECKS: tuple[Check, ...] = (
    *CHECKS_WITHOUT_CHAT,
    what_the_bot_does_not_take_arrives_as_its_kind_only,
    a_message_delivered_twice_keeps_its_name,
    an_edit_keeps_the_name_and_says_that_it_is_one,
    messages_appear_in_order_with_their_buttons,
    deleted_messages_are_off_the_screen,
    a_picture_and_a_document_arrive_whole_with_words_and_buttons,
    somebody_who_has_left_is_told_apart_from_a_bad_line,
)


# --- tools ----------------------------------------------------------------------------------------


@dataclass
class PictureWatch:
    """Fetches for a rig as the dialogue would: once over the limit, once within it.

    A rig that hears through its own recorder calls ``look`` there; see ``Recorder``.
    """

    channel: Channel
    bytes_seen: list[bytes] = field(default_factory=list)
    refused_over_limit: bool = False

    def __enter__(self) -> "PictureWatch":
        Recorder.watch = self
        return self

    def __exit__(self, *_: object) -> None:
        Recorder.watch = None

    async def look(self, heard: Incoming) -> None:
        for attachment in heard.attachments:
            with pytest.raises(BadPicture):
                await self.channel.fetch(attachment, len(PICTURE) - 1)
            self.refused_over_limit = True
            self.bytes_seen.append(await self.channel.fetch(attachment, len(PICTURE)))


class Recorder:
    """A dialogue that only listens: hand it to a channel's door in place of the real one."""

    watch: PictureWatch | None = None

    def __init__(self, *answers: Outgoing) -> None:
        self._answers = answers
        self._heard: list[Incoming] = []

    async def handle(self, incoming: Incoming) -> None:
        self._heard.append(incoming)
        if Recorder.watch is not None:
            await Recorder.watch.look(incoming)

    async def answer(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        await self.handle(incoming)
        return self._answers

    def take(self) -> list[Incoming]:
        """Return what was heard since the last time."""
        heard, self._heard = self._heard, []
        return heard


class LogWatch(logging.Handler):
    """Collects every record of every logger at every level, formatted with all it holds."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._level = logging.WARNING

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in {"httpx", "httpx2", "httpcore", "httpcore2", "asyncio"}:
            return  # the test's own client
        self.lines.append(f"{record.getMessage()} {record.args!r} {record.exc_info!r}")

    def __enter__(self) -> "LogWatch":
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.DEBUG)
        root.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)
