"""The rows that this process wrote last, sealed as they are stored: the next step reads none.

Nothing here is believed: the write of such a step asks the database whether all of it still holds
(`storage.arrivals`), and where it does not, the step is taken again from the stored row. In RAM
alone, for two minutes; whatever is taken out is gone. Where several processes serve the same chats
another may have gone on at every second message, so nothing is kept there.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple

from storage.drafts import DraftRow

LIFE = timedelta(minutes=2)
MOST = 1000  # rows, of one or two kilobytes


class _Kept(NamedTuple):
    row: DraftRow
    until: datetime


class Recent:
    """The rows of open dialogues that were written last, each handed out once."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, row: DraftRow, now: datetime) -> None:
        """Keep a row as it was committed, in place of the oldest when it is full."""
        self._kept[row.row_key] = _Kept(row, now + LIFE)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def take(self, row_key: bytes, now: datetime) -> DraftRow | None:
        """Return the row under this name, and keep it no longer."""
        kept = self._kept.pop(row_key, None)
        return kept.row if kept and now < kept.until else None

    def forget(self, now: datetime) -> None:
        """Forget whatever has been here for its time."""
        self._kept = OrderedDict((key, one) for key, one in self._kept.items() if now < one.until)
