"""Sentences that need no row and no database: to a group, and when nothing was kept."""

from collections.abc import Mapping

from bot.answered import Answered
from bot.channels.base import Channel
from bot.delivery import Delivery
from bot.flows.base import Say
from bot.messages import Incoming, Outgoing
from bot.rendering import Voice, render
from bot.wording import DEFAULT, Wording
from bot.work.engine import WorkDesk
from bot.world import FORMS
from intake.settings import Settings


class Asides:
    """Says the sentences that belong to no dialogue."""

    def __init__(
        self,
        wording: Wording,
        settings: Settings,
        channels: Mapping[str, Channel],
        work: WorkDesk | None,
    ) -> None:
        self._wording = wording
        self._settings = settings
        self._channels = channels
        self._work = work
        self._told = Answered()

    def in_group(self, incoming: Incoming) -> Delivery | None:
        """Say one sentence in a group, once, and keep nothing of it."""
        if self._told.has((incoming.channel, incoming.address)):
            return None
        self._told.add((incoming.channel, incoming.address))
        message = self._plain("nhom", incoming)
        return Delivery(incoming.channel, incoming.address, (message,), unnoted=True)

    def spent(self, incoming: Incoming) -> Delivery:
        """Answer a form whose token has been used up; it opens no row again."""
        message = self._plain("het_phien", incoming)
        return Delivery(incoming.channel, incoming.address, (message,))

    def trouble(self, incoming: Incoming) -> Outgoing:
        """Say that nothing was kept."""
        if self._work is not None and self._work.chats.knows(incoming):
            return self._work.trouble(self._channels[incoming.channel])
        return self._plain("loi", incoming)

    def _plain(self, key: str, incoming: Incoming) -> Outgoing:
        capabilities = self._channels[incoming.channel].capabilities
        is_form = incoming.channel in FORMS
        language = incoming.language if is_form and incoming.language else DEFAULT
        trial = self._settings.demo and not is_form
        voice = Voice(language, capabilities.buttons, None, trial)
        values = {"hotline": self._settings.hotline}
        return render((Say(key),), self._wording, values, voice, "")[0]
