"""What one step with a leader may look at: services read once, behind the flow's protocol."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.flows.work_shapes import WorkDraft
from bot.flows.work_words import local_day
from bot.flows.work_world import Hints, Owner, ReadLine
from bot.work.ward import Ward, ward_of
from intake.errors import HomThuError, Refused
from intake.nudging.shapes import NudgeByHand
from intake.plans.programme_use import ProgrammeUses
from intake.work.check_in_shapes import CheckInDraft, CheckInView, Effect, Foreseen, History
from intake.work.check_ins import CheckIns
from intake.work.leaders import Leader
from intake.work.obligations import Obligations, Owed
from intake.work.work_services import WorkServices

Reader = Callable[[str, date], ReadLine]
Refuses = Callable[[str], bool]
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Workplace:
    """The services behind the conversation."""

    services: WorkServices
    read: Reader
    refuses: Refuses
    was_not_held: Refuses
    by_hand: NudgeByHand | None = None
    """Plans nudges that somebody asks for; None where this process sends none."""

    @property
    def check_ins(self) -> CheckIns:
        """What was done."""
        return self.services.check_ins

    @property
    def obligations(self) -> Obligations:
        """What is owed."""
        return self.services.obligations

    @property
    def uses(self) -> ProgrammeUses:
        """Which programmes apply where."""
        return self.services.uses


@dataclass(frozen=True, slots=True)
class LeaderWorld:
    """The world of one step with one leader."""

    workplace: Workplace
    chat: str  # channel and address: the beginning of every source
    leader: Leader
    owners: tuple[Owner, ...]
    now: datetime
    sent_at: datetime
    languages: tuple[str, ...]
    _standings: dict[tuple[str, date], tuple[Owed, ...]] = field(
        default_factory=dict[tuple[str, date], tuple[Owed, ...]]
    )
    _foreseen: dict[WorkDraft, Foreseen] = field(default_factory=dict[WorkDraft, Foreseen])

    @property
    def name(self) -> str:
        """The leader's name."""
        return self.leader.name

    @property
    def address_as(self) -> str:
        """How the leader is addressed."""
        return self.leader.address_as

    @property
    def today(self) -> date:
        """The day in Vietnam on which the message was sent."""
        return local_day(self.sent_at)

    @property
    def ward(self) -> Ward | None:
        """The ward whose own chat this is; looked up where the ward's side asks alone."""
        place, held = self.workplace, [each.id for each in self.owners]
        return ward_of(place.services, held, self.today, place.by_hand)

    def read(self, text: str) -> ReadLine:
        """Return what one line says."""
        return self.workplace.read(text, self.today)

    def was_not_held(self, text: str) -> bool:
        """Return whether a line says that something could not be held."""
        return self.workplace.was_not_held(text)

    def refuses(self, text: str) -> bool:
        """Return whether words name people, phones or plates."""
        return self.workplace.refuses(text)

    def standing(self, owner_id: str, day: date) -> tuple[Owed, ...]:
        """Return what an owner owes in the periods that hold a day; read once a step."""
        known = self._standings.get((owner_id, day))
        if known is None:
            names = {each.id: each.name for each in self.owners}
            known = self.workplace.obligations.standing(owner_id, day, names)
            self._standings[owner_id, day] = known
        return known

    def forget(self) -> None:
        """Read again what is owed: something has been filed."""
        self._standings.clear()
        self._foreseen.clear()

    def foresee(self, draft: WorkDraft) -> tuple[Effect, ...]:
        """Return what filing this would do."""
        return self._foresee(draft).effects

    def warnings(self, draft: WorkDraft) -> tuple[str, ...]:
        """Return what should be asked before filing this."""
        return self._foresee(draft).warnings

    def _foresee(self, draft: WorkDraft) -> Foreseen:
        known = self._foreseen.get(draft)
        if known is None:
            known = self.workplace.check_ins.foresee(check_in_of(draft), self.today)
            self._foreseen[draft] = known
        return known

    def history(self, owner_id: str, kind: str) -> History:
        """Return numbers, places and chairs of earlier activities."""
        return self.workplace.check_ins.history(owner_id, kind)

    def same_day(self, draft: WorkDraft) -> tuple[CheckInView, ...]:
        """Return what is filed already for the same owner, kind and day."""
        if draft.done_on is None:
            return ()
        found = (
            view
            for kind in draft.kinds
            for view in self.workplace.check_ins.same_day(draft.owner_id, kind, draft.done_on)
        )
        return tuple({view.id: view for view in found}.values())

    def returned(self) -> tuple[CheckInView, ...]:
        """Return what the ward has sent back and nobody has answered yet."""
        mine = self.workplace.check_ins.mine(self.leader.id.hex(), _SHOWN)
        return tuple(view for view in mine if view.state == "returned")

    def find(self, check_in_id: str) -> CheckInView | None:
        """Return one check-in of what this leader looks after."""
        try:
            view = self.workplace.check_ins.find(check_in_id)
        except Refused:
            return None
        held = {each.id for each in self.owners}
        return view if view.owner_id in held else None

    def joins(self, owner_id: str, day: date) -> bool:
        """Return whether every programme here lets one meeting count for two duties."""
        return all(each.joins_duties for each in self.workplace.uses.for_area(owner_id, day))

    def hints(self, owner_id: str, kind: str, day: date) -> Hints:
        """Return what the plans here say about an activity of one kind."""
        try:
            programmes = self.workplace.uses.for_area(owner_id, day)
        except HomThuError:
            return Hints()
        duties = [duty for each in programmes for duty in each.duties if duty.kind == kind]
        return Hints(
            tuple(dict.fromkeys(text for duty in duties for text in duty.options)),
            tuple(dict.fromkeys(text for duty in duties for text in duty.present)),
            tuple(dict.fromkeys(text for duty in duties for text in duty.topics)),
        )


def check_in_of(draft: WorkDraft) -> CheckInDraft:
    """Return a complete draft as it is filed."""
    values = draft.model_dump(exclude={"also", "photos", "voice"})
    return CheckInDraft.model_validate(
        {**values, "also_counts_as": draft.also, "photo_ids": draft.photos}
    )
