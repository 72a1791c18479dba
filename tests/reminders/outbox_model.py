"""The rules of the outbox in memory: the same states, keys and leases as the stores, no database.

`test_simulation.py` runs the policy against it at a size that no database reaches in a minute; the
stores themselves are held to the same rules in a smaller run.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from reminders.states import DueNudge

NEVER = datetime.max.replace(tzinfo=UTC)
LEASE = timedelta(minutes=5)
SENDING_LEASE = timedelta(minutes=3)
BUSY_FOR = timedelta(minutes=10)
TRIES = 3

Handing = Literal["sent", "later", "busy", "gone"]
Key = tuple[int, date, str]


@dataclass(slots=True)
class Row:
    """One message; the states are those of ``storage.nudge_tables.Nudge``."""

    who: int
    day: date
    slot: str
    not_before: datetime
    ends_at: datetime
    urgency: int
    state: str = "waiting"
    rungs: tuple[tuple[bytes, str], ...] = ()
    holder: str = ""
    lease_until: datetime = NEVER
    tries: int = 0
    sent_at: datetime | None = None
    unknown: bool = False


@dataclass
class Outbox:
    """Unique rows, leases and states; every method is one unit of work."""

    rows: dict[Key, Row] = field(default_factory=dict[Key, Row])
    rungs: dict[tuple[bytes, str, int], Key] = field(
        default_factory=dict[tuple[bytes, str, int], Key]
    )
    open: dict[Key, Row] = field(default_factory=dict[Key, Row])
    """What is neither sent nor given up: the rest is never looked at again."""
    of: dict[int, list[Key]] = field(default_factory=dict[int, list[Key]])

    def plan(self, who: int, nudge: DueNudge) -> bool:
        """Write a message and its rungs; False where one stands already."""
        key = (who, nudge.day, nudge.slot)
        there = self.rows.get(key)
        if there is not None and there.state != "dropped":
            return False
        if any((subject, rung, who) in self.rungs for subject, rung in nudge.rungs):
            return False
        row = Row(who, nudge.day, nudge.slot, nudge.not_before, nudge.ends_at, nudge.urgency)
        self.rows[key] = self.open[key] = row
        if there is None:
            self.of.setdefault(who, []).append(key)
        self._happens(key, row, nudge.rungs)
        return True

    def tidy(self, now: datetime) -> None:
        """Free what a dead worker claimed, settle what it was sending, drop what came too late."""
        for key, row in list(self.open.items()):
            if row.state == "claimed" and row.lease_until <= now:
                row.state, row.holder = "waiting", ""
            elif row.state == "sending" and row.lease_until <= now:
                self._sent(key, row, row.lease_until, unknown=True)
            if row.state == "waiting" and row.ends_at <= now:
                self.drop(key)

    def claim(self, holder: str, now: datetime, most: int) -> list[Key]:
        """Take the most urgent messages whose hour has come."""
        ready = [k for k, r in self.open.items() if r.state == "waiting" and r.not_before <= now]
        ready.sort(key=lambda key: (self.open[key].urgency, self.open[key].not_before))
        for key in ready[:most]:
            row = self.open[key]
            row.state, row.holder, row.lease_until = "claimed", holder, now + LEASE
        return ready[:most]

    def begin(
        self, key: Key, holder: str, now: datetime, rungs: Iterable[tuple[bytes, str]]
    ) -> bool:
        """Say that the platform is about to be asked; False where the lease was lost."""
        row = self.open.get(key)
        if row is None or (row.state, row.holder) != ("claimed", holder) or row.lease_until <= now:
            return False
        self._forget(key, row)
        self._happens(key, row, rungs)
        row.state, row.lease_until = "sending", now + SENDING_LEASE
        return True

    def end(self, key: Key, holder: str, now: datetime, how: Handing, wait: timedelta) -> None:
        """Write down what came of it, if the message is still this worker's."""
        row = self.open.get(key)
        if row is None or (row.state, row.holder) != ("sending", holder):
            return
        if how == "sent":
            self._sent(key, row, now)
        elif how == "later":
            row.tries += 1
            row.state, row.not_before = "waiting", now + wait
            if row.tries >= TRIES:
                row.state = "dead"
                del self.open[key]
        elif how == "gone":
            row.state = "phone"
            del self.open[key]
        else:
            row.state, row.not_before = "waiting", now + BUSY_FOR

    def drop(self, key: Key) -> None:
        """Take a message back, so that another day may plan it."""
        row = self.open.pop(key)
        self._forget(key, row)
        row.state = "dropped"

    def _sent(self, key: Key, row: Row, now: datetime, *, unknown: bool = False) -> None:
        row.state, row.sent_at, row.unknown = "sent", now, unknown
        del self.open[key]

    def _happens(self, key: Key, row: Row, rungs: Iterable[tuple[bytes, str]]) -> None:
        row.rungs = tuple(rungs)
        for subject, rung in row.rungs:
            self.rungs.setdefault((subject, rung, row.who), key)

    def _forget(self, key: Key, row: Row) -> None:
        for subject, rung in row.rungs:
            if self.rungs.get((subject, rung, row.who)) == key:
                del self.rungs[subject, rung, row.who]


class Killed(Exception):
    """A replica died here, with whatever it had not written."""


@dataclass
class Replica:
    """One process that works through the outbox, and may die at any step."""

    name: str
    outbox: Outbox
    compose: Callable[[Key, datetime], DueNudge | None]
    hand: Callable[[Key, DueNudge, datetime], Handing]
    may_die: Callable[[], bool]
    stands_still: Callable[[], bool]
    wait: Callable[[], timedelta]
    held: list[Key] = field(default_factory=list[Key])
    """What it had claimed when it stood still."""

    def work(self, now: datetime, most: int) -> int:
        """Send what is due; return how many it took.

        Raises:
            Killed: it died.
        """
        taken = [*self.held, *self.outbox.claim(self.name, now, most)]
        self.held = []
        self._die()
        if taken and self.stands_still():
            self.held = taken
            return 0
        for key in taken:
            self._one(key, now)
        return len(taken)

    def _one(self, key: Key, now: datetime) -> None:
        row = self.outbox.open.get(key)
        if row is None or row.holder != self.name or row.state != "claimed":
            return
        nudge = self.compose(key, now)
        if nudge is None:
            self.outbox.drop(key)
            return
        if not self.outbox.begin(key, self.name, now, nudge.rungs):
            return
        self._die()
        how = self.hand(key, nudge, now)
        self._die()
        self.outbox.end(key, self.name, now, how, self.wait())

    def _die(self) -> None:
        if self.may_die():
            raise Killed(self.name)
