"""What a step leaves behind: the row kept open, kept as a receipt, left to delete from, or gone.

Every ending is one unit of work: row, pictures, tip and tombstones together or not at all. A code
is kept only until it has reached its owner and a while longer; what names a reporter, no longer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.acts import Thought
from bot.dialogue_rows import GRACE, LIFE_OF_KEY, Loaded, Row, RowBook, Word, dropping, putting
from bot.flows.tip import is_sent
from bot.world import FORMS
from storage.drafts import DraftRow, PhotoRow
from storage.unit_of_work import Tx

FORM_LIFE = timedelta(minutes=10)  # a repeat within this time shows the same receipt page
SPENT = "spent"  # the tombstone of a form's token


@dataclass(frozen=True, slots=True, repr=False)
class Ending:
    """The unit of work, which returns the row's new version, and what the row is afterwards."""

    work: Callable[[Tx], int | None]
    word: Word
    stored: DraftRow | None = None
    leaving: bool = False
    """The chat's messages are still to be deleted."""


class Endings:
    """Chooses the ending of a step."""

    def __init__(self, book: RowBook, draft_life: timedelta) -> None:
        self._book = book
        self._draft_life = draft_life

    def of(
        self, loaded: Loaded, row: Row, thought: Thought, now: datetime, *, deletes: bool
    ) -> Ending:
        """Return the ending of a step; ``deletes`` when the channel can delete its messages."""
        wipe = thought.wipe
        if wipe and (not deletes or (wipe.messages and not row.messages)):
            return self._gone(loaded, row, thought, now)
        if wipe and wipe.messages:
            return self._leaving(loaded, row, thought, now)
        if wipe:
            # The ids stay for as long as a draft would, so that /xoa can still delete the messages.
            row = row.but(tip_id=None)
        if is_sent(row.state):
            return self._receipt(loaded, row, thought, now)
        return self._kept(loaded, row, thought, now, keep=("open", now + self._draft_life))

    def _receipt(self, loaded: Loaded, row: Row, thought: Thought, now: datetime) -> Ending:
        """Keep the code on hand until it has reached its owner."""
        word, until = loaded.word, loaded.expires_at
        if row.channel in FORMS:
            word = "open"
            until = now + FORM_LIFE if thought.sent else until
        elif word == "open":
            word, until = "sent", now + LIFE_OF_KEY
        spent = (SPENT,) if thought.sent and row.channel in FORMS else ()
        return self._kept(loaded, row, thought, now, keep=(word, until or now), buried=spent)

    def _leaving(self, loaded: Loaded, row: Row, thought: Thought, now: datetime) -> Ending:
        """Forget text and code now, and the address as soon as the messages are deleted."""
        bare = Row(channel=row.channel, address=row.address, messages=row.messages, leaving=True)
        keep: tuple[Word, datetime] = ("told", now + GRACE)
        return self._kept(loaded, bare, thought, now, keep=keep, buried=_dealt_with(row))

    def _kept(
        self,
        loaded: Loaded,
        row: Row,
        thought: Thought,
        now: datetime,
        *,
        keep: tuple[Word, datetime],
        buried: Sequence[str] = (),
    ) -> Ending:
        word, until = keep
        stored = self._book.pack(loaded, row, word, until)
        write = putting(loaded, stored)
        marks = self._book.tombstones(row, buried)
        # A picture lives as long as its draft's row does; this is only the last resort.
        photos = [
            PhotoRow(
                bytes.fromhex(photo.kept.id), loaded.row_key, photo.body_sealed, now + LIFE_OF_KEY
            )
            for photo in thought.photos
        ]

        def work(tx: Tx) -> int:
            version = write(tx)
            for photo in photos:
                tx.drafts.add_photo(photo)
            for each in thought.works:
                each(tx)
            if thought.wipe:
                tx.drafts.drop_photos(loaded.row_key)
            tx.drafts.bury(marks, now + LIFE_OF_KEY)
            return version

        return Ending(work, word, stored, row.leaving)

    def _gone(self, loaded: Loaded, row: Row, thought: Thought, now: datetime) -> Ending:
        remove = dropping(loaded)
        marks = self._book.tombstones(row, () if row.channel in FORMS else _dealt_with(row))

        def work(tx: Tx) -> None:
            remove(tx)
            for each in thought.works:
                each(tx)
            tx.drafts.bury(marks, now + LIFE_OF_KEY)

        return Ending(work, "open")


def _dealt_with(row: Row) -> tuple[str, ...]:
    """Return what must not be answered again: every message, and the second tap of a finger."""
    return (*row.seen, row.tapped) if row.tapped else row.seen
