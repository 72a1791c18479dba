"""The engine of the conversation with leaders: finds a chat's place, steps, commits, answers.

It stands beside the dialogue with residents and shares its locks and its sending. What this process
has answered is not answered twice; what was committed but not told is told again.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.answered import Answered
from bot.channels.base import Channel
from bot.delivery import Delivery
from bot.flows import check_in_card as card
from bot.flows import enrol, work
from bot.flows.base import NotKept
from bot.flows.work_shapes import LASTING, Tell, WorkHeard, WorkState
from bot.messages import Incoming, Outgoing
from bot.pictures import Cleaner
from bot.wording import DEFAULT, Wording
from bot.work.acts import Sender, Thought, WorkActs
from bot.work.attachments import AttachmentDesk, Taken
from bot.work.chats import Chats, Place, place_of
from bot.work.hearing import invite_code, understand
from bot.work.menus import ChatMenus
from bot.work.speaking import Speaker
from bot.work.world import LeaderWorld, Workplace
from intake.limits import Buckets, Slow
from intake.nudging.windows import SendingDays, is_open
from intake.plans.programme import DAYS_OFF
from intake.plans.working_days import working_days
from intake.ports import VIETNAM
from intake.service import Intake
from intake.settings import Settings
from intake.work.leaders import Invited, Leaders, NotInvited
from storage.arrivals import ChatPlace
from storage.unit_of_work import Tx
from storage.work_dialogues import AttachedRow, DialogueRow

DRAFT_LIFE = timedelta(days=7)
_LATEST = timedelta(hours=48)  # a platform keeps a message for us no longer than this
_SEEN = 32
_QUIET_FOR = timedelta(days=1)  # before a draft is reminded of
_AT_ONCE = 100  # drafts reminded of in one minute


class WorkDesk:
    """Talks with leaders, one step at a time per chat; the caller holds the chat's lock."""

    def __init__(  # noqa: PLR0917 - everything that it stands on, once, at start-up
        self,
        intake: Intake,
        leaders: Leaders,
        workplace: Workplace,
        wording: Wording,
        settings: Settings,
        limits: Buckets,
        cleaner: Cleaner,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        self._intake = intake
        self._leaders = leaders
        self._workplace = workplace
        self._wording = wording
        self._settings = settings
        self._limits = limits
        self._chats = Chats(intake, leaders, wording)
        self._speaker = Speaker(wording, settings, facts)
        self._acts = WorkActs(leaders, wording)
        self._desk = AttachmentDesk(cleaner, limits, settings.max_upload_mb * 1024 * 1024)
        self._answered = Answered()
        self._menus = ChatMenus(wording)

    @property
    def chats(self) -> Chats:
        """Which chats are the work side's."""
        return self._chats

    @property
    def speaker(self) -> Speaker:
        """How leaders are spoken to."""
        return self._speaker

    @property
    def workplace(self) -> Workplace:
        """The services behind the conversation."""
        return self._workplace

    # --- one step ---------------------------------------------------------------------------------

    async def take(
        self, incoming: Incoming, channel: Channel, at: ChatPlace | None = None
    ) -> Delivery | None:
        """Take one step; the messages may be sent once this returns.

        ``at`` is where the chat stands, if that was just looked up.

        Raises:
            TryLater: nothing was kept; the same must come again.
            Stale: somebody else was faster; take it again.
        """
        place = self._chats.place(incoming, at)
        if place is None:
            return await self._by_invite(incoming, channel)
        repeated = self._is_repeated(incoming, place.state)
        if repeated and self._answered.has(*_names(incoming)):
            return None
        now, sent_at = self._intake.clock.now(), self._sent_at(incoming)
        world = self._world(incoming, place, now, sent_at or now)
        sender = _sender(incoming, sent_at, now, place)
        taken: Taken | None = None
        if repeated:
            step = work.prompt(place.state, world)
            thought = Thought(step.state, list(step.says))
        else:
            heard, taken = await self._hear(incoming, channel, place.state)
            thought = await self._acts.think(place.state, heard, world, sender)
        delivery = await self._commit(incoming, channel, place, thought, taken)
        self._answered.add(*_names(incoming))
        self._show_menu(channel, incoming.address, thought, world)
        return delivery

    def _show_menu(
        self, channel: Channel, address: str, thought: Thought, world: LeaderWorld
    ) -> None:
        """Show an enrolled chat its own commands, once."""
        if thought.gone:
            self._menus.take_away(channel, address)
        elif not thought.state.invite and self._menus.is_due(channel, address):
            language = thought.state.language
            self._menus.show(channel, address, language, ward=world.ward is not None)

    async def show(self, channel: Channel, address: str) -> None:
        """Put the current question again, for a page that is opened; nothing for a stranger.

        Raises:
            TryLater: nothing was kept.
            Stale: somebody else was faster.
        """
        incoming = Incoming(channel.capabilities.name, address, "")
        place = self._chats.place(incoming)
        if place is None:
            return
        now = self._intake.clock.now()
        step = work.prompt(place.state, self._world(incoming, place, now, now))
        await self._commit(
            incoming, channel, place, Thought(step.state, list(step.says)), taken=None
        )

    async def _by_invite(self, incoming: Incoming, channel: Channel) -> Delivery | None:
        """Answer a code in a chat that is not enrolled; only a good one leaves a row behind."""
        if self._answered.has(*_names(incoming)):
            return None
        try:
            invited = self._look(incoming)
        except Slow as slow:
            return self._plain(incoming, channel, "ma_moi_nhieu_lan", so_phut=slow.minutes)
        if isinstance(invited, Invited):
            delivery = await self._offer(incoming, channel, invited)
        else:
            key = "chua_duoc_moi" if invite_code(incoming) == "" else "ma_moi_hong"
            await self._intake.write(self._refusing(incoming, invited))
            delivery = self._plain(incoming, channel, key)
        self._answered.add(*_names(incoming))
        return delivery

    def _look(self, incoming: Incoming) -> Invited | NotInvited:
        """Return whom the code invites that a message brings, or that the chat holds already."""
        code = invite_code(incoming)
        if code:
            self._limits.take("look_up", f"{incoming.channel}:{incoming.address}")
            return self._leaders.look_at(code)
        state, _ = self._chats.stored(incoming)
        if code is None and state.invite:
            return self._leaders.look_at_hash(bytes.fromhex(state.invite))
        return NotInvited("unknown")

    def _refusing(self, incoming: Incoming, refused: NotInvited) -> Callable[[Tx], None]:
        """Return the unit of work that forgets the chat, and notes a used code for the ward."""
        note = self._leaders.noting_misuse(refused.code_hash) if refused.code_hash else None

        def work(tx: Tx) -> None:
            tx.work_dialogues.drop(incoming.channel, incoming.address)
            if note is not None:
                note(tx)

        return work

    async def _offer(self, incoming: Incoming, channel: Channel, invited: Invited) -> Delivery:
        _, version = self._chats.stored(incoming)
        state = WorkState(language=invited.leader.language, invite=invited.code_hash.hex())
        place = place_of(invited, state, version)
        now = self._intake.clock.now()
        step = enrol.offer(state, self._world(incoming, place, now, now))
        thought = Thought(step.state, list(step.says))
        return await self._commit(incoming, channel, place, thought, None)

    def world(self, incoming: Incoming, place: Place) -> LeaderWorld:
        """Return what may be looked at in a chat to which nobody has written just now."""
        now = self._intake.clock.now()
        return self._world(incoming, place, now, now)

    async def _hear(
        self, incoming: Incoming, channel: Channel, state: WorkState
    ) -> tuple[WorkHeard, Taken | None]:
        if not incoming.attachments or incoming.edited:
            buttons = channel.capabilities.buttons
            return understand(incoming, state, self._wording, buttons=buttons), None
        outcome = await self._desk.take(incoming, channel, state)
        return (outcome, None) if isinstance(outcome, NotKept) else (outcome.kept, outcome)

    def _world(
        self, incoming: Incoming, place: Place, now: datetime, sent_at: datetime
    ) -> LeaderWorld:
        spoken = self._wording.languages
        chosen = tuple(code for code in self._settings.languages if code in spoken)
        return LeaderWorld(
            workplace=self._workplace,
            chat=f"{incoming.channel}:{incoming.address}",
            leader=place.leader,
            owners=place.owners,
            now=now,
            sent_at=sent_at,
            languages=chosen or (DEFAULT,),
        )

    def _sent_at(self, incoming: Incoming) -> datetime | None:
        """Return when a message was sent as the platform says, where that can be true."""
        sent, now = incoming.sent_at, self._intake.clock.now()
        return sent if sent is not None and now - _LATEST <= sent <= now else None

    # --- committing -------------------------------------------------------------------------------

    async def _commit(
        self,
        incoming: Incoming,
        channel: Channel,
        place: Place,
        thought: Thought,
        taken: Taken | None,
    ) -> Delivery:
        """Keep the step as one unit of work; return what may be said now that it is kept."""
        messages, state = self._speaker.speak(thought.tells, thought.state, channel)
        state = self._noting(incoming, place.state, state)
        now = self._intake.clock.now()
        row = DialogueRow(
            channel=incoming.channel,
            address=incoming.address,
            version=secrets.randbelow(2**30) + 1 if place.version is None else place.version + 1,
            state=state.model_dump_json(exclude_defaults=True),
            changed_at=now,
            expires_at=now + DRAFT_LIFE,
            reminded_at=None if state.draft is not None else now,
        )
        held = set(state.draft.photos) if state.draft else set[str]()
        before = set(place.state.draft.photos) if place.state.draft else set[str]()
        dropped = [bytes.fromhex(each) for each in before - held - thought.taken]
        attached = _attached(taken, now) if taken and taken.kept.photo_id in held else None
        thought.works += self._chats.coming_back(incoming)

        def work(tx: Tx) -> None:
            if thought.gone:
                tx.work_dialogues.drop(row.channel, row.address)
            else:
                tx.work_dialogues.put(row, place.version)
            if attached is not None:
                tx.work_dialogues.attach(attached)
            tx.work_dialogues.detach(dropped)
            for each in thought.works:
                each(tx)

        await self._intake.write(work)
        return self._delivery(row.channel, row.address, messages)

    def _delivery(self, channel: str, address: str, messages: tuple[Outgoing, ...]) -> Delivery:
        gone = self._leaders.noting_blocked(channel, address, self._intake.clock.now())
        return Delivery(channel, address, messages, unnoted=True, gone=gone)

    # --- the minute job ---------------------------------------------------------------------------

    async def sweep(self) -> list[tuple[str, str]]:
        """Forget what is over; return the chats with a draft that nobody was reminded of.

        Reminded of once, a day after the last word, in the hours and on the days of all reminders.

        Raises:
            TryLater: the database cannot serve now; the next minute will.
        """
        now = self._intake.clock.now()
        await self._intake.write(lambda tx: tx.work_dialogues.sweep(now))
        loose = now - DRAFT_LIFE - timedelta(days=1)
        await asyncio.to_thread(self._workplace.check_ins.forget_loose_photos, loose)
        if not is_open(now):
            return []
        with self._intake.read() as view:
            rows = view.work_dialogues.quiet(now + DRAFT_LIFE - _QUIET_FOR, _AT_ONCE)
        if not rows or not self._may_remind(now):
            return []
        return [(row.channel, row.address) for row in rows]

    def _may_remind(self, now: datetime) -> bool:
        days = SendingDays(working_days(self._settings.programmes / f"{DAYS_OFF}.toml"))
        return days.may_send(now.astimezone(VIETNAM).date(), officer=False, last=False)

    async def remind(self, channel: Channel, address: str) -> Delivery | None:
        """Say that a draft is open, once; the caller holds the chat's lock.

        Raises:
            TryLater: nothing was kept; the next minute tries again.
            Stale: the leader was faster.
        """
        incoming = Incoming(channel.capabilities.name, address, "")
        place = self._chats.place(incoming)
        row = self._chats.row(incoming.channel, address)
        if row is None:
            return None
        now = self._intake.clock.now()
        tells: list[Tell] = []
        state = WorkState()
        if place is not None and (state := place.state).draft is not None:
            step = card.still_open(state, self._world(incoming, place, now, now))
            state, tells = step.state, list(step.says)
        messages, state = self._speaker.speak(tells, state, channel)
        changes = {"version": row.version + 1, "reminded_at": now}
        stored = row._replace(state=state.model_dump_json(exclude_defaults=True), **changes)
        await self._intake.write(lambda tx: tx.work_dialogues.put(stored, row.version))
        delivery = self._delivery(row.channel, address, messages)

        def lost(tx: Tx) -> None:
            tx.work_dialogues.unremind(stored)

        return replace(delivery, lost=lost)

    def _noting(self, incoming: Incoming, before: WorkState, state: WorkState) -> WorkState:
        """Note the message as seen, and by how much a draft's first message was late."""
        if incoming.message_id and not incoming.edited:
            seen = (*before.seen, incoming.message_id)[-_SEEN:]
            state = state.but(seen=seen, tapped=incoming.choice or "")
        sent_at = self._sent_at(incoming)
        if state.draft is None:
            return state
        if not state.source and not state.amends:
            state = state.but(source=incoming.message_id)
        if sent_at is not None:
            late = (self._intake.clock.now() - sent_at).total_seconds()
            state = state.but(delay=late)
        return state

    # --- small answers ----------------------------------------------------------------------------

    def _plain(self, incoming: Incoming, channel: Channel, key: str, **values: object) -> Delivery:
        """Return one sentence to somebody of whom nothing is kept."""
        messages = self._speaker.plain(channel, key, **values)
        return Delivery(incoming.channel, incoming.address, messages, unnoted=True)

    def trouble(self, channel: Channel) -> Outgoing:
        """Return the sentence that says that nothing was kept of a leader's message."""
        return self._speaker.plain(channel, "loi_viec")[0]

    def _is_repeated(self, incoming: Incoming, state: WorkState) -> bool:
        if incoming.edited:
            return False
        tapped = incoming.choice or ""
        lasting = tapped.rpartition("-")[2].startswith(LASTING)  # works again, a month later too
        second_tap = bool(tapped) and tapped == state.tapped and not lasting
        return incoming.message_id in state.seen or second_tap


def _attached(taken: Taken, now: datetime) -> AttachedRow:
    return AttachedRow(taken.id, None, taken.media, taken.body, now)


def _sender(
    incoming: Incoming, sent_at: datetime | None, received_at: datetime, place: Place
) -> Sender:
    return Sender(
        incoming.channel,
        incoming.address,
        incoming.message_id,
        sent_at,
        received_at,
        place.invited,
    )


def _names(incoming: Incoming) -> list[tuple[str, str, str]]:
    who = (incoming.channel, incoming.address)
    names = [(*who, incoming.message_id)]
    return [*names, (*who, incoming.choice)] if incoming.choice else names
