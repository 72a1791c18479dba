"""Does what the work flow asks for: file, add, change, take back, ask the ward, enrol, leave.

Filing is a unit of work of its own and safe to repeat: a message that comes again files nothing
twice. What belongs to the conversation (enrolling, leaving) is left for the step's own unit of
work.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.flows import work
from bot.flows.ward_shapes import WardAct
from bot.flows.wish_shapes import (
    AddressAs,
    AskStandIn,
    CalendarAct,
    Pause,
    Snooze,
    Speak,
    TellTrouble,
)
from bot.flows.work_shapes import (
    AddTo,
    Amend,
    AskExemption,
    Decline,
    Enrol,
    Failed,
    FileIt,
    Filing,
    Leave,
    OwnAct,
    Tell,
    Told,
    Undo,
    WorkAct,
    WorkEvent,
    WorkHeard,
    WorkResult,
    WorkState,
    WorkStep,
)
from bot.flows.work_words import local_day
from bot.wording import DEFAULT, NotWorded, Wording
from bot.work.calendar_acts import keep_calendar
from bot.work.wishing import grant
from bot.work.world import LeaderWorld, check_in_of
from intake.errors import FutureDay, NeedsReason, NotAsked, NotHeld, Refused, TooLate
from intake.work.check_in_shapes import Filer
from intake.work.leaders import Invited, Leaders
from storage.unit_of_work import Tx

Work = Callable[[Tx], None]
_REASONS: dict[type[Refused], str] = {
    NeedsReason: "hoi_ly_do",
    TooLate: "het_10_phut",
    NotHeld: "khong_con_phu_trach",
    FutureDay: "ngay_chua_toi_ghi",
    NotAsked: "hoi_truoc",
}


@dataclass(slots=True)
class Thought:
    """A step that has been thought through and waits for its unit of work."""

    state: WorkState
    tells: list[Tell] = field(default_factory=list[Tell])
    works: list[Work] = field(default_factory=list[Work])
    gone: bool = False  # nothing is to be kept of this chat
    taken: frozenset[str] = frozenset()  # pictures that belong to a check-in now


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose message it is and when it was sent: what a filing is marked with."""

    channel: str
    address: str
    message_id: str
    sent_at: datetime | None  # as the platform says, where it does
    received_at: datetime
    invited: Invited | None = None


class WorkActs:
    """The hands of the conversation with leaders."""

    def __init__(self, leaders: Leaders, wording: Wording) -> None:
        self._leaders = leaders
        self._wording = wording

    async def think(
        self, state: WorkState, heard: WorkHeard, world: LeaderWorld, sender: Sender
    ) -> Thought:
        """Take the pure step, do what it asks for, and take the next, until it is quiet."""
        step = _heard(state, heard, world)
        thought = Thought(step.state, list(step.says))
        while step.act is not None:
            event = await self._do_or_refuse(step.act, thought, world, sender)
            world.forget()
            step = _heard(thought.state, event, world)
            thought.state = step.state
            thought.tells += step.says
        return thought

    async def _do_or_refuse(
        self, act: WorkAct, thought: Thought, world: LeaderWorld, sender: Sender
    ) -> WorkResult:
        try:
            if isinstance(act, WardAct):
                return await asyncio.to_thread(_do_for_ward, act, world)
            if isinstance(act, CalendarAct):
                return await asyncio.to_thread(keep_calendar, act, world, sender.channel)
            return await self._do(act, thought, world, sender)
        except Refused as refusal:
            return Failed(_REASONS.get(type(refusal), "khong_ghi_duoc"))

    async def _do(
        self, act: OwnAct, thought: Thought, world: LeaderWorld, sender: Sender
    ) -> WorkResult:
        match act:
            case FileIt(sure):
                return await self._file(thought, world, sender, sure=sure)
            case AddTo(check_in_id):
                return await asyncio.to_thread(self._add_to, check_in_id, thought, world, sender)
            case Amend():
                return await asyncio.to_thread(self._amend, thought, world, sender)
            case Undo(check_in_id):
                return await asyncio.to_thread(self._undo, check_in_id, world, sender)
            case AskExemption(obligation_id, reason):
                said, leader = self._reason(reason), world.leader.id.hex()
                ask = world.workplace.obligations.ask_exemption
                await asyncio.to_thread(ask, obligation_id, leader, said)
                return Told()
            case Pause() | Snooze() | AskStandIn() | TellTrouble() | Speak() | AddressAs():
                return await asyncio.to_thread(grant, act, world.leader.id, world.workplace)
            case Enrol() | Decline() | Leave():
                return self._belong(act, thought, world, sender)

    def _belong(
        self, act: Enrol | Decline | Leave, thought: Thought, world: LeaderWorld, sender: Sender
    ) -> WorkResult:
        if isinstance(act, Leave):
            thought.works.append(self._leaders.leaving(world.leader.id))
            thought.gone = True
            return Told()
        if sender.invited is None:
            return Failed("ma_moi_hong")
        if isinstance(act, Decline):
            thought.works.append(self._leaders.declining(sender.invited))
            thought.gone = True
            return Told()
        enrolling = self._leaders.enrolling(sender.invited, sender.channel, sender.address)
        thought.works.append(enrolling)
        return Told()

    async def _file(
        self, thought: Thought, world: LeaderWorld, sender: Sender, *, sure: bool
    ) -> WorkResult:
        state = thought.state
        assert state.draft is not None
        draft = check_in_of(state.draft)
        filed_at = sender.sent_at or sender.received_at - timedelta(seconds=state.delay)
        if local_day(filed_at) < draft.done_on:  # the day was chosen after the delay
            filed_at = sender.received_at
        check_ins = world.workplace.check_ins
        filing = check_ins.filing(
            draft,
            _filer(world),
            source=f"{world.chat}:{state.source or sender.message_id}",
            filed_at=filed_at,
            received_at=sender.received_at,
            asked=None if sure else state.settled,
        )
        settled = await world.workplace.services.intake.write(filing)
        thought.taken = frozenset(state.draft.photos)
        return Filing(check_ins.told(settled))

    # --- changing: in a thread, because each waits for its own durable commit ---------------------

    def _add_to(
        self, check_in_id: str, thought: Thought, world: LeaderWorld, sender: Sender
    ) -> WorkResult:
        draft = thought.state.draft
        assert draft is not None
        there = world.workplace.check_ins.find(check_in_id)
        also = tuple(kind for kind in draft.kinds if kind not in there.counts_as)
        filed = world.workplace.check_ins.add_to(
            check_in_id,
            _filer(world),
            sender.received_at,
            photo_ids=draft.photos,
            note=draft.note,
            also_counts_as=also,
        )
        thought.taken = frozenset(draft.photos)
        return Filing(filed)

    def _amend(self, thought: Thought, world: LeaderWorld, sender: Sender) -> WorkResult:
        state, check_ins = thought.state, world.workplace.check_ins
        assert state.draft is not None
        draft = check_in_of(state.draft)
        at = _without_delay(state.amends, world, sender)
        changes = draft.model_dump(exclude={"photo_ids", "slips"})
        filed = check_ins.amend(
            state.amends, changes, self._reason(state.reason), _filer(world), at
        )
        if draft.photo_ids:
            filed = check_ins.add_to(state.amends, _filer(world), at, photo_ids=draft.photo_ids)
            thought.taken = frozenset(draft.photo_ids)
        return Filing(filed)

    def _undo(self, check_in_id: str, world: LeaderWorld, sender: Sender) -> WorkResult:
        at = _without_delay(check_in_id, world, sender)
        filed = world.workplace.check_ins.undo(check_in_id, _filer(world), at)
        return Filing(filed)

    def _reason(self, chosen: str) -> str:
        """Return a reason as the ward reads it: a button's label, or the leader's own words."""
        try:
            return self._wording.label(DEFAULT, chosen)
        except NotWorded:
            return chosen


def _heard(state: WorkState, event: WorkEvent, world: LeaderWorld) -> WorkStep:
    """Take the pure step; whatever it looks at, it sees in one view."""
    with world.workplace.services.intake.look():
        return work.hear(state, event, world)


def _do_for_ward(act: WardAct, world: LeaderWorld) -> WorkResult:
    ward = world.ward
    if ward is None:  # handed over in between
        return Failed("da_xu_ly")
    return ward.do(act, world.leader.id.hex())


def _filer(world: LeaderWorld) -> Filer:
    return Filer.leader(world.leader.id.hex())


def _without_delay(check_in_id: str, world: LeaderWorld, sender: Sender) -> datetime:
    """Return the moment less what the filing came late by: ten minutes are ten minutes."""
    view = world.workplace.check_ins.find(check_in_id)
    return sender.received_at - max(view.received_at - view.filed_at, timedelta())
