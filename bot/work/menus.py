"""The commands that a leader's chat shows beside the writing line; a ward's own chat shows more.

Where a platform can do that; once for each chat and process, beside the answers and never in their
way.
"""

import asyncio

from bot.answered import Answered
from bot.channels.base import Channel, Menus
from bot.wording import Wording

LEADERS = (
    ("viec", "xem_viec"),
    ("nghi", "tam_nghi"),
    ("xungho", "doi_xung_ho"),
    ("lich", "lich_viec"),
    ("trogiup", "giup_viec"),
)
WARDS = (
    ("thieu", "p_thieu"),
    ("bang", "p_bang"),
    ("duyet", "p_duyet"),
    ("dagui", "p_gui"),
    ("nhac", "p_nhac"),
)
"""Commands, and the labels that say what they do."""


class ChatMenus:
    """Shows each chat its commands once, and takes them away from one that is left."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._shown = Answered()
        self._tasks: set[asyncio.Task[None]] = set()

    def is_due(self, channel: Channel, address: str) -> bool:
        """Return whether this process has not shown them yet, on a platform that can."""
        who = (channel.capabilities.name, address)
        return isinstance(channel, Menus) and not self._shown.has(who)

    def show(self, channel: Channel, address: str, language: str, *, ward: bool) -> None:
        """Show a leader's commands, after a ward's where it is a ward's chat."""
        known = (*(WARDS if ward else ()), *LEADERS)
        entries = [(name, self._wording.label(language, label)) for name, label in known]
        self._shown.add((channel.capabilities.name, address))
        self._send(channel, address, entries)

    def take_away(self, channel: Channel, address: str) -> None:
        """Leave a chat with the commands of everybody."""
        self._send(channel, address, [])

    def _send(self, channel: Channel, address: str, entries: list[tuple[str, str]]) -> None:
        if isinstance(channel, Menus):
            task = asyncio.create_task(channel.show_menu(address, entries))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
