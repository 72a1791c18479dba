"""Hands a content-free notice to a chat: "Có thông tin mới", or that the machine needs a look."""

from collections.abc import Mapping

from bot.channels.base import AddressGone, Channel, MayHaveArrived
from bot.messages import Outgoing
from bot.wording import DEFAULT, Wording
from intake.errors import ChannelDown

NOTICE = "co_tin_moi"
ALARM = "bao_may"


class Notices:
    """A messenger over the channels that can write to people unasked."""

    def __init__(self, wording: Wording, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        self._notice = _message(wording, NOTICE)
        self._alarm = _message(wording, ALARM)

    async def tell(self, channel: str, address: str) -> bool:
        """Send the notice; False when the person has left or blocked the bot.

        Raises:
            ChannelDown: not delivered, or this channel is not open here; try again later.
        """
        return await self._hand(channel, address, self._notice)

    async def alarm(self, channel: str, address: str) -> bool:
        """Tell an administrator that the machine needs a look; as `tell` otherwise."""
        return await self._hand(channel, address, self._alarm)

    async def _hand(self, channel: str, address: str, message: Outgoing) -> bool:
        known = self._channels.get(channel)
        if known is None:
            raise ChannelDown("this channel is not open here")
        try:
            await known.send(address, message)
        except AddressGone:
            return False
        except MayHaveArrived:
            return True  # once at most: what it tells of waits in its place anyway
        return True


def _message(wording: Wording, key: str) -> Outgoing:
    return Outgoing(key, wording.say(DEFAULT, key), data={"nudge": True})
