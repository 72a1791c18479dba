"""Hands the content-free notice "Có thông tin mới" to a chat: what the relay sends through."""

from collections.abc import Mapping

from bot.channels.base import AddressGone, Channel
from bot.messages import Outgoing
from bot.wording import DEFAULT, Wording
from intake.errors import ChannelDown

NOTICE = "co_tin_moi"


class Notices:
    """A messenger over the channels that can write to people unasked."""

    def __init__(self, wording: Wording, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        text = wording.say(DEFAULT, NOTICE)
        self._message = Outgoing(NOTICE, text, data={"nudge": True})

    async def tell(self, channel: str, address: str) -> bool:
        """Send the notice; False when the person has left or blocked the bot.

        Raises:
            ChannelDown: not delivered, or this channel is not open here; try again later.
        """
        known = self._channels.get(channel)
        if known is None:
            raise ChannelDown("this channel is not open here")
        try:
            await known.send(address, self._message)
        except AddressGone:
            return False
        return True
