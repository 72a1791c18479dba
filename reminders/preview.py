"""Says what would be sent on a day, before it goes. Reads alone; plans and sends nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

from intake.nudging.shapes import AreaDigest, PlannedNudge
from intake.nudging.stops import is_stopped, stopped_areas
from intake.plans.periods import local_day
from intake.service import Intake
from reminders.day_steps import candidates, steps_of
from reminders.forecast import forecast
from reminders.items import Items, Shelf
from reminders.people import Person, Question, load
from reminders.states import DigestDue, DueNudge
from storage.unit_of_work import View

_AT_ONCE = 2_000


class RollUpsAhead(Protocol):
    """Says who has a digest due and what stands in it (`reminders.rollups`)."""

    def due_on(self, day: date) -> Mapping[bytes, tuple[DigestDue, ...]]:
        """Return, by leader, the digests that may be due."""
        ...

    def for_person(
        self, view: View, leader_id: bytes, day: date, *, tips: bool = True
    ) -> tuple[AreaDigest, ...]:
        """Return what stands in them; without ``tips`` nothing of tips that wait."""
        ...


class PreviewOf:
    """Answers `intake.nudging.shapes.NudgePreview` from the same rules as the sweep."""

    def __init__(
        self, intake: Intake, shelf: Shelf, digests: RollUpsAhead, channels: Sequence[str]
    ) -> None:
        self._intake = intake
        self._shelf = shelf
        self._digests = digests
        self._channels = tuple(channels)

    def on(self, day: date, area_id: str | None = None) -> tuple[PlannedNudge, ...]:
        """Return the messages of a day for the people of an area, or for everybody.

        As things stand now: what is filed until then is left out then. A day that is over has no
        preview, and of today only what has not been planned yet.

        Raises:
            DatabaseBusy: nothing can be read now.
            BadFile: a file of the installation does not fit.
        """
        now = self._intake.clock.now()
        if day < local_day(now):
            return ()
        items, digests = self._shelf.items(), self._digests.due_on(day)
        with self._intake.read() as view:
            ids = self._ids(view, items, day, area_id, digests)
        found: list[PlannedNudge] = []
        nothing: Mapping[bytes, tuple[DigestDue, ...]] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            today = digests if day == local_day(now) else nothing
            asked = Question(some, now, self._channels, digests=today, ahead=day, named=True)
            with self._intake.read() as view:
                people = load(view, items, asked)
                for each in people:
                    verdict = forecast(
                        each.state, now, day, tuple(digests.get(each.state.leader_id, ()))
                    )
                    found += self._of(view, each, verdict.nudges)
        return tuple(sorted(found, key=lambda each: (each.at, each.name, each.leader_id)))

    def _ids(
        self, view: View, items: Items, day: date, area_id: str | None,
        digests: Mapping[bytes, object],
    ) -> list[bytes]:  # fmt: skip
        steps = steps_of(view, items, day, "")
        due = candidates(view, steps, day) | digests.keys()
        if area_id is not None:
            due &= {row.id for row in view.wards.leaders(area_id)}
        return sorted(due)

    def _of(
        self, view: View, person: Person, nudges: Sequence[DueNudge]
    ) -> list[PlannedNudge]:  # fmt: skip
        planned = [self._planned(view, person, due) for due in nudges]
        areas = {digest.area_id for each in planned for digest in each.digests}
        about = {duty.owner_id for duty in person.state.duties} | areas
        if planned and is_stopped(view, about, stopped_areas(view)):
            planned = [replace(each, stopped="stopped") for each in planned]
        return [each for each in planned if each.lines or each.digests or each.draft_open]

    def _planned(self, view: View, person: Person, due: DueNudge) -> PlannedNudge:
        digests: tuple[AreaDigest, ...] = ()
        if due.digests:
            digests = self._digests.for_person(view, due.leader_id, due.day, tips=False)
        return PlannedNudge(
            due.leader_id, person.name, due.not_before,
            person.chats[0].channel if person.chats else "phone", due.lines(), digests,
            draft_open=due.draft is not None,
        )  # fmt: skip
