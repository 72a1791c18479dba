"""Finds who is to be reminded today and writes it down: one row for a message, one for each rung.

What is owed is looked at by group, so a minute in which nothing is new reads a few rows. Nothing is
sent here, and what is written is judged again before it leaves. It may run again at any time: rows
that stand are left alone.
"""

import gc
import logging
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from intake.growing_ids import growing_id
from intake.nudging.stops import stopped_areas
from intake.plans.periods import local_day
from intake.service import Intake
from reminders.day_steps import Steps, candidates, part_of_day, steps_of
from reminders.items import Items, Shelf
from reminders.people import Person, Question, load
from reminders.policy import judge
from reminders.states import DigestDue, DueNudge, PersonState
from storage.nudges import NudgeRow, RungRow
from storage.unit_of_work import Tx

_PEOPLE_AT_ONCE = 5_000
_WRITTEN_AT_ONCE = 500

log = logging.getLogger("homthu.nudges")


class RollUpsDue(Protocol):
    """Says who has a digest due (`reminders.rollups`)."""

    def due_on(self, day: date) -> Mapping[bytes, tuple[DigestDue, ...]]:
        """Return, by leader, the digests that may be due and were not told yet."""
        ...

    def names_on(self, day: date) -> tuple[str, ...]:
        """Return a name for everything that makes digests due."""
        ...


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did."""

    looked_at: int = 0
    planned: int = 0


class Sweep:
    """Plans the messages of a day."""

    def __init__(
        self, intake: Intake, shelf: Shelf, digests: RollUpsDue, channels: Sequence[str]
    ) -> None:
        self._intake = intake
        self._shelf = shelf
        self._digests = digests
        self._channels = tuple(channels)
        # Some are read while those before them are written. SQLite works in this process, and two
        # threads that take the interpreter from each other at each row are slower than one.
        self._reads_ahead = intake.database.kind != "sqlite"

    def run(self) -> Swept:
        """Plan what is due now and was not looked at yet in this part of the day.

        Raises:
            DatabaseBusy: the database cannot serve now; what is written stays, and the next minute
                goes on.
            BadFile: a file of the installation does not fit.
        """
        now = self._intake.clock.now()
        day, part = local_day(now), part_of_day(now)
        if not part:
            return Swept()
        with self._intake.read() as view:
            if "" in stopped_areas(view):
                return Swept()
            items = self._shelf.items()
            steps = steps_of(view, items, day, part, self._digests.names_on(day))
            steps = steps.without(view.nudges.swept(day))
        if not steps.names:
            return Swept()
        while self._intake.write_now(lambda tx: tx.nudge_outbox.drop_what_is_over(now)):
            pass
        with _collecting_nothing():
            return self._sweep(items, steps, now, day)

    def _sweep(self, items: Items, steps: Steps, now: datetime, day: date) -> Swept:
        digests: Mapping[bytes, tuple[DigestDue, ...]] = (
            self._digests.due_on(day) if steps.digests else {}
        )
        with self._intake.read() as view:
            ids = sorted(candidates(view, steps, day) | digests.keys())
            senders = frozenset(view.nudge_states.senders(day))
        planned, judges, written = 0, Judging(now), Future[int]()
        written.set_result(0)
        with ThreadPoolExecutor(1, "sweep") as beside:
            for start in range(0, len(ids), _PEOPLE_AT_ONCE):
                some = ids[start : start + _PEOPLE_AT_ONCE]
                asked = Question(some, now, self._channels, digests=digests, senders=senders)
                with self._intake.read() as view:
                    people = load(view, items, asked)
                planned += written.result()
                written = beside.submit(self._write, people, judges)
                if not self._reads_ahead:
                    wait([written])
            planned += written.result()
        self._intake.write_now(lambda tx: tx.nudges.note_swept(steps.names, day, now))
        if planned:
            log.info("nudges planned", extra={"count": planned})
        return Swept(len(ids), planned)

    def _write(self, people: Iterable[Person], judging: "Judging") -> int:
        nudges, rungs = list[NudgeRow](), list[RungRow]()
        for person in people:
            for due, due_rungs in judging.of(person.state):
                row = row_of(person, due, judging.now)
                nudges.append(row)
                rungs += (RungRow(*rung, row.leader_id, row.id) for rung in due_rungs)
        planned, at = 0, 0
        for start in range(0, len(nudges), _WRITTEN_AT_ONCE):
            some = nudges[start : start + _WRITTEN_AT_ONCE]
            kept, upto = {row.id for row in some}, at
            while upto < len(rungs) and rungs[upto].nudge_id in kept:
                upto += 1
            planned += self._intake.write_now(_planning(some, rungs[at:upto]))
            at = upto
        return planned


class Judging:
    """Judges people at one moment; whoever stands as another did gets the same answer.

    Most of the country stands alike: the same duties, the same rungs behind them.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._known: dict[Hashable, list[_Answer]] = {}

    def of(self, state: PersonState) -> Iterator[tuple[DueNudge, Sequence[tuple[bytes, str]]]]:
        """Yield the messages of a person, with the rungs that each of them makes happen.

        The message itself may be that of somebody who stands alike: its person and its lines are
        not to be used, its hours are.
        """
        if state.digests or state.draft is not None:
            yield from ((due, due.rungs) for due in judge(state, self.now).nudges)
            return
        key = _likeness(state)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _answers(state, self.now)
        for due, places in known:
            yield due, [(state.duties[at].subject, rung) for at, rung in places]


_Answer = tuple[DueNudge, tuple[tuple[int, str], ...]]


def _likeness(state: PersonState) -> Hashable:
    """Return everything of a state that the rules look at, but for who it is."""
    duties = tuple(
        (id(d.item), d.part, d.appeared_at, d.done, d.need, d.stopped, d.sent) for d in state.duties
    )
    return (
        state.officer, state.left, state.paused_until, state.snoozed_until, state.busy, state.told,
        duties,
    )  # fmt: skip


def _answers(state: PersonState, now: datetime) -> list[_Answer]:
    places = {id(duty): at for at, duty in enumerate(state.duties)}
    return [
        (due, tuple((places[id(each.duty)], rung) for each in due.due for rung in each.rungs))
        for due in judge(state, now).nudges
    ]


@contextmanager
def _collecting_nothing() -> Generator[None]:
    """Keep Python from looking for cycles: it would take a third of a sweep, and there are none.

    Rows by the thousand live for a moment and go by themselves.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def row_of(person: Person, due: DueNudge, now: datetime, by: str = "") -> NudgeRow:
    """Return a message as it waits; with nobody to write to it is the ward's to call."""
    channel, address = person.chats[0] if person.chats else ("", "")
    return NudgeRow(
        id=growing_id(), leader_id=person.state.leader_id, day=due.day, slot=due.slot,
        state="waiting" if person.chats else "phone", channel=channel, address=address,
        not_before=due.not_before, ends_at=due.ends_at, urgency=due.urgency, tries=0, holder="",
        lease_until=None, planned_at=now, sent_at=None,
        reason="" if person.chats else "no chat", by=by,
    )  # fmt: skip


def _planning(nudges: Sequence[NudgeRow], rungs: Sequence[RungRow]) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        return tx.nudges.plan(nudges, rungs)

    return work
