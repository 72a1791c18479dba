"""A notice that may have arrived is not sent again: it says nothing that would be lost."""

from typing import Any

import pytest

from bot.channels.base import AddressGone, MayHaveArrived
from bot.notices import Notices
from bot.wording import Wording
from intake.errors import ChannelDown

pytestmark = pytest.mark.anyio


class Line:
    """A channel on which sending ends in some way."""

    def __init__(self, end: Exception | None) -> None:
        self._end = end

    async def send(self, address: str, message: Any) -> str:
        del address, message
        if self._end:
            raise self._end
        return "1"


@pytest.mark.parametrize(
    ("end", "counts"),
    [(None, True), (MayHaveArrived("?"), True), (AddressGone("gone"), False)],
)
@pytest.mark.parametrize("way", ["tell", "alarm"])
async def test_each_end_counts_once(way: str, end: Exception | None, *, counts: bool) -> None:
    notices = Notices(Wording.load(), {"chat": Line(end)})  # type: ignore[dict-item]
    assert await getattr(notices, way)("chat", "a") is counts


async def test_what_did_not_leave_may_be_tried_again() -> None:
    notices = Notices(Wording.load(), {"chat": Line(ChannelDown("down"))})  # type: ignore[dict-item]
    for channel in ("chat", "not open here"):
        with pytest.raises(ChannelDown):
            await notices.alarm(channel, "a")
