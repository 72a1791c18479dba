"""Judges a message again, just before it leaves, and makes what it says from what is true then.

Nothing of it is stored. A message that nobody needs any more is dropped here; one whose window is
over is too, and is planned anew from what is true on that day.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from intake.nudging.shapes import AreaDigest, NudgeContent, NudgeLine
from intake.nudging.stops import is_stopped, stopped_areas
from intake.plans.periods import local_day
from intake.service import Intake
from reminders.items import Shelf
from reminders.outcomes import Drop, Move, Outcome, Phone, Ready, Wait
from reminders.people import Person, Question, load
from reminders.policy import judge
from reminders.states import DigestDue, DueNudge
from storage.nudges import NudgeRow
from storage.unit_of_work import View

_TRY_AGAIN = timedelta(minutes=10)
_STAND_IN_FROM = 3
"""Days before the end from which a message offers to ask the deputy."""

HowReady = tuple[tuple[int, int], tuple[str, ...]]


class Readiness(Protocol):
    """Says how far a report can be written."""

    def ready(
        self, view: View, area_id: str, report: tuple[str, str], named_on: date, day: date
    ) -> HowReady | None:
        """Return (units ready, units expected) and names of the others, for (programme, item)."""
        ...


class RollUps(Protocol):
    """Says who has a digest due and what stands in it (`reminders.rollups`)."""

    @property
    def areas(self) -> Readiness:
        """What digests are read from."""
        ...

    def due_to(self, view: View, leader_id: bytes, day: date) -> tuple[DigestDue, ...]:
        """Return the digests that are due to a person and not told yet."""
        ...

    def for_person(self, view: View, leader_id: bytes, day: date) -> tuple[AreaDigest, ...]:
        """Return what stands in them."""
        ...


class Composer:
    """Makes messages for the worker of one process."""

    def __init__(
        self, intake: Intake, shelf: Shelf, digests: RollUps, channels: Sequence[str]
    ) -> None:
        self._intake = intake
        self._shelf = shelf
        self._digests = digests
        self._channels = tuple(channels)

    def compose(self, row: NudgeRow, now: datetime) -> Outcome:
        """Return what becomes of a message, judged from what is true now.

        Raises:
            DatabaseBusy: nothing can be read now.
            BadFile: a file of the installation does not fit.
        """
        day = local_day(now)
        if row.day != day or now >= row.ends_at:
            return Drop("window")
        with self._intake.read() as view:
            person = self._person(view, row, now, day)
            if person is None or person.state.left:
                return Drop("left")
            if (where := _elsewhere(row, person)) is not None:
                return where
            verdict = judge(person.state, now, by_hand=bool(row.by))
            due = next((each for each in verdict.nudges if each.slot == row.slot), None)
            if due is None:
                return Drop(verdict.why or "nothing")
            if now < due.not_before:
                return Wait(due.not_before, "early")
            content = self._content(view, row, person, due)
            about = [*_owners(person), *(digest.area_id for digest in content.digests)]
            if is_stopped(view, about, stopped_areas(view)):
                return Wait(now + _TRY_AGAIN, "stopped")
        return Ready(content, due.rungs) if _says_something(content) else Drop("nothing")

    def elsewhere(self, row: NudgeRow, now: datetime) -> Move | Phone:
        """Return another chat of the same person, or that none is left."""
        with self._intake.read() as view:
            chats = self._load(view, row, now, ())
        known = chats.chats if chats else ()
        others = [chat for chat in known if chat != (row.channel, row.address)]
        return Move(*others[0]) if others else Phone()

    # --- loading ----------------------------------------------------------------------------------

    def _person(self, view: View, row: NudgeRow, now: datetime, day: date) -> Person | None:
        digests = self._due_digests(view, row, day)
        return self._load(view, row, now, digests)

    def _load(
        self, view: View, row: NudgeRow, now: datetime, digests: Sequence[DigestDue]
    ) -> Person | None:
        asked = Question(
            [row.leader_id], now, self._channels, besides=row.id,
            digests={row.leader_id: digests} if digests else {}, named=True,
        )  # fmt: skip
        found = load(view, self._shelf.items(), asked)
        return found[0] if found else None

    def _due_digests(self, view: View, row: NudgeRow, day: date) -> Sequence[DigestDue]:
        """Return the digests of a person who may have some: planned so, or with an area to hold."""
        if row.slot:
            return ()
        planned = any(rung.rung.isalpha() for rung in view.nudges.rungs_of([row.id]))
        if not planned and not view.nudge_states.holdings([row.leader_id], day):
            return ()
        return self._digests.due_to(view, row.leader_id, day)

    # --- what it says -----------------------------------------------------------------------------

    def _content(
        self, view: View, row: NudgeRow, person: Person, due: DueNudge
    ) -> NudgeContent:  # fmt: skip
        digests: tuple[AreaDigest, ...] = ()
        if due.digests:
            digests = self._digests.for_person(view, row.leader_id, due.day)
        return NudgeContent(
            nudge_id=row.id, leader_id=row.leader_id, name=person.name,
            address_as=person.address_as, language=person.language, day=due.day,
            lines=self._lines(view, due), digests=digests, draft_open=due.draft is not None,
            snooze_on=due.snooze_on, stand_in=_stand_in(view, due), holiday=due.holiday,
            asked_by=_asked_by(view, row),
        )  # fmt: skip

    def _lines(self, view: View, due: DueNudge) -> tuple[NudgeLine, ...]:
        """Return the lines, reports with how far they can be written."""
        found: list[NudgeLine] = []
        for line, owed in zip(due.lines(), due.due, strict=True):
            item = owed.duty.item
            ready = None
            if item.sort == "deadline":
                ready = self._digests.areas.ready(
                    view, line.owner_id, (item.programme, item.item),
                    date.fromisoformat(item.period), due.day,
                )  # fmt: skip
            found.append(replace(line, ready=ready[0], missing=ready[1]) if ready else line)
        return tuple(found)


def _elsewhere(row: NudgeRow, person: Person) -> Move | Phone | None:
    """Return where a message is to go instead: its chat is closed, or a draft stands in another."""
    if not person.chats:
        return Phone()
    at = (row.channel, row.address)
    if at not in person.chats or (person.state.draft is not None and at != person.chats[0]):
        return Move(*person.chats[0])
    return None


def _owners(person: Person) -> list[str]:
    return list(dict.fromkeys(duty.owner_id for duty in person.state.duties))


def _says_something(content: NudgeContent) -> bool:
    return bool(content.lines or content.digests or content.draft_open)


def _asked_by(view: View, row: NudgeRow) -> str:
    """Return the name of the leader who asked for it by hand; officers are not named."""
    kind, _, who = row.by.partition(":")
    asker = view.leaders.get(bytes.fromhex(who)) if kind == "leader" else None
    return asker.name if asker else ""


def _stand_in(view: View, due: DueNudge) -> str:
    """Return the name of who may stand in for the head, in the last days of what is nearest."""
    near = next(
        (d.duty for d in due.due
         if d.duty.part == "head" and 0 <= (d.duty.item.last_good_on - due.day).days
         <= _STAND_IN_FROM),
        None,
    )  # fmt: skip
    if near is None:
        return ""
    held = view.assignments.holders([near.owner_id], due.day)
    others = [row for row in held if row.part != "head" and row.leader_id != due.leader_id]
    others.sort(key=lambda row: row.part != "deputy")
    return others[0].name if others else ""
