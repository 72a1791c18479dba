"""What a message meets: the open dialogue, one that is over, or the work side.

Read from the database in one look, or remembered from the step before. A form that brings its story
is supposed to be a new one. What is remembered or supposed is held against the database by the
write (`bot.dialogue_rows.putting`).
"""

from dataclasses import replace
from datetime import datetime

from bot.dialogue_rows import Loaded, Met, RowBook
from bot.endings import SPENT, Ending
from bot.messages import Incoming
from bot.recent import Recent
from bot.work.hearing import invite_code
from bot.world import FORMS
from intake.service import Intake
from storage.arrivals import NOWHERE, Arrival


class Arrivals:
    """Tells what each message meets."""

    def __init__(self, intake: Intake, book: RowBook, recent: Recent) -> None:
        self._intake = intake
        self._book = book
        self._recent = recent

    def meet(self, incoming: Incoming, now: datetime, *, look: bool = True) -> Met:
        """Return the chat's place, and whether this message belongs to one that is over.

        A form's token is spent with its tip: after the receipt is gone it opens nothing again.
        Without ``look`` nothing need be read; what was not is ``assumed``.

        Raises:
            DatabaseBusy: the database cannot be read now.
        """
        is_form = incoming.channel in FORMS
        names = (SPENT,) if is_form else (incoming.message_id, incoming.choice)
        arrival = self._book.arrival(
            incoming.channel, incoming.address, [name for name in names if name]
        )
        if met := self._remembered(incoming, arrival, now):
            return met
        if not look and is_form and "what" in incoming.answers and not incoming.attachments:
            new = self._book.loaded(arrival.row_keys[0], None)
            return Met(replace(new, assumed=arrival), is_buried=False, at=NOWHERE)
        with self._intake.glance() as view:
            met = self._book.meet(view, arrival)
        goes_on = _goes_on(incoming, met.loaded) or (is_form and met.loaded.row)
        return met._replace(is_buried=met.is_buried and not goes_on)

    def keep(self, met: Met, ending: Ending, version: int | None, now: datetime) -> None:
        """Remember the row of a dialogue after the step's commit, for the step that follows."""
        if version is not None and ending.stored and not ending.leaving and met.at == NOWHERE:
            self._recent.keep(ending.stored._replace(version=version), now)

    def forget(self, now: datetime) -> None:
        """Forget what was remembered for its time."""
        self._recent.forget(now)

    def _remembered(self, incoming: Incoming, arrival: Arrival, now: datetime) -> Met | None:
        stored = self._recent.take(arrival.row_keys[0], now)
        fetches = incoming.attachments and not incoming.edited  # before anything is asked
        if stored is None or fetches or invite_code(incoming) is not None:
            return None
        loaded = self._book.loaded(arrival.row_keys[0], stored)
        if _goes_on(incoming, loaded):
            arrival = arrival._replace(marks=())
        return Met(replace(loaded, assumed=arrival), is_buried=False, at=NOWHERE)


def _goes_on(incoming: Incoming, loaded: Loaded) -> bool:
    """Return whether a message is of the open dialogue, whatever else had its name before.

    So is an edit, and a tap on the dialogue's own prompt.
    """
    nonce = loaded.row.state.nonce if loaded.row else ""
    tapped = incoming.choice or ""
    return incoming.edited or bool(nonce and tapped.startswith(f"{nonce}-"))
