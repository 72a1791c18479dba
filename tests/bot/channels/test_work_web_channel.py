"""The channel of the leaders' page: nobody can be written to, and a file is what it begins like."""

import pytest

from bot.channels.work_web_channel import WorkWebChannel
from bot.forms import Form
from bot.messages import Kind, Outgoing
from intake.errors import BadPicture, ChannelDown
from tests.bot.resident import JPEG, OpenWard

pytestmark = pytest.mark.anyio


async def test_the_page_can_be_written_to_by_nobody(new_ward: OpenWard) -> None:
    channel = WorkWebChannel(new_ward().settings)
    assert not channel.capabilities.push
    with pytest.raises(ChannelDown):
        await channel.send("a", Outgoing("x", "x"))
    assert await channel.delete("a", []) == []
    assert await channel.delete("a", ["1"]) == ["1"]


async def test_a_file_is_forgotten_with_its_request(new_ward: OpenWard) -> None:
    channel = WorkWebChannel(new_ward().settings)
    held = channel.hold(Form({}, (JPEG,)))
    assert await channel.fetch(held[0], len(JPEG)) == JPEG
    channel.release(held)
    with pytest.raises(BadPicture):
        await channel.fetch(held[0], len(JPEG))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (JPEG, Kind.PHOTO),
        (b"\x00\x00\x00\x18ftypheic....", Kind.PHOTO),
        (b"\x00\x00\x00\x18ftypM4A ....", Kind.VOICE),
        (b"OggS voice", Kind.VOICE),
        (b"RIFF....WEBPVP8 ", Kind.PHOTO),
        (b"RIFF....WAVEfmt ", Kind.VOICE),
        (b"", Kind.PHOTO),
    ],
)
def test_a_file_is_taken_for_what_it_begins_like(
    data: bytes, kind: Kind, new_ward: OpenWard
) -> None:
    (held,) = WorkWebChannel(new_ward().settings).hold(Form({}, (data,)))
    assert held.kind is kind
