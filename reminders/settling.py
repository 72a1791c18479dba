"""What becomes of a message that was claimed: sent, put back, moved, dropped; and of its channel.

Units of work alone, for whoever sends: nothing is sent or written here. A message that fails is
tried again a few times, and a channel on which several fail in a row rests, for then it is not the
messages' fault.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from reminders.outcomes import Drop, Move, Outcome, Phone, Ready, Wait
from storage.nudges import NudgeRow
from storage.unit_of_work import Tx

MOST_TRIES = 3
BUSY_FOR = timedelta(minutes=10)
_PAUSES = (timedelta(minutes=2), timedelta(minutes=20))
_IN_A_ROW = 3  # failures after which a channel rests
_LONGEST_REST = timedelta(minutes=10)


class ChannelRest:
    """Lets a channel rest that fails again and again, so that an outage kills no messages."""

    def __init__(self) -> None:
        self._failures = 0
        self._until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Return whether nothing is to be claimed now; a clock that was set back ends a rest."""
        return self._until is not None and now < self._until <= now + _LONGEST_REST

    @property
    def is_down(self) -> bool:
        """Whether so many failed in a row that it is the channel's fault, and no message's."""
        return self._failures > _IN_A_ROW

    def note(self, *, taken: bool, now: datetime, wait: timedelta) -> None:
        """Note how a hand-over ended."""
        self._failures = 0 if taken else self._failures + 1
        if self._failures >= _IN_A_ROW:
            doubled = timedelta(seconds=30) * 2 ** min(10, self._failures - _IN_A_ROW)
            self._until = now + min(_LONGEST_REST, max(wait, doubled))


def marking(
    row: NudgeRow, how: str, now: datetime, wait: timedelta, *, counts: bool
) -> Callable[[Tx], object]:
    """Return the unit of work that notes what a platform has done with a message.

    ``counts``: whether a failure is the message's own; those of a channel that is down kill none.
    """
    if how == "sent":
        return lambda tx: tx.nudge_outbox.sent(row, now)
    if how == "busy":
        return settling(row, Wait(now + BUSY_FOR, "busy"), now)
    tries = row.tries + counts
    if tries >= MOST_TRIES:
        return lambda tx: tx.nudge_outbox.give_up(row, "dead", "failed")
    not_before = now + (wait or _PAUSES[max(tries, 1) - 1])
    return lambda tx: tx.nudge_outbox.put_back(row, not_before, tries=tries, reason="later")


def settling(row: NudgeRow, outcome: Outcome, now: datetime) -> Callable[[Tx], object]:
    """Return the unit of work for a message that does not leave now."""
    match outcome:
        case Wait(until, reason) if until < row.ends_at:
            return lambda tx: tx.nudge_outbox.put_back(row, until, tries=row.tries, reason=reason)
        case Wait(_, reason) | Drop(reason):
            return lambda tx: tx.nudge_outbox.drop(row, reason)
        case Move(channel, address):
            return lambda tx: tx.nudge_outbox.move(row, channel, address, now)
        case Phone():
            return lambda tx: tx.nudge_outbox.give_up(row, "phone", "gone")
        case Ready():
            raise ValueError("a message that is ready is sent")
