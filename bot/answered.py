"""Which messages this process has answered: a platform that repeats itself is not answered twice.

Only salted numbers are kept, in RAM, and the oldest are forgotten. What must hold after a restart
too stands in the dialogue's row and its tombstones.
"""

import secrets
from collections import OrderedDict
from collections.abc import Hashable

from bot.messages import Incoming

_MOST_NAMES = 50_000


class Answered:
    """Which messages this process has answered; numbers in RAM, the oldest forgotten."""

    def __init__(self) -> None:
        self._names: OrderedDict[int, None] = OrderedDict()
        self._salt = secrets.token_bytes(16)

    def add(self, *names: Hashable) -> None:
        """Note that these have been answered."""
        for name in names:
            self._names[hash((self._salt, name))] = None
        while len(self._names) > _MOST_NAMES:
            self._names.popitem(last=False)

    def has(self, *names: Hashable) -> bool:
        """Return whether any of these has been answered."""
        return any(hash((self._salt, name)) in self._names for name in names)


def names_of(incoming: Incoming) -> list[Hashable]:
    """Return the names of a message: its own, and that of the button which it taps."""
    who = (incoming.channel, incoming.address)
    names: list[Hashable] = [(*who, incoming.message_id)]
    return [*names, (*who, incoming.choice)] if incoming.choice else names
