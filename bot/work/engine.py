"""The engine of the conversation with leaders: finds a chat's place, steps, commits, answers.

It stands beside the dialogue with residents and shares its locks and its sending. What this process
has answered is not answered twice; what was committed but not told is told again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.answered import Answered
from bot.channels.base import Channel
from bot.delivery import Delivery
from bot.flows import enrol, work
from bot.flows.base import NotKept
from bot.flows.work_shapes import LASTING, WorkHeard, WorkState
from bot.messages import Incoming, Outgoing
from bot.pictures import Cleaner
from bot.wording import DEFAULT, Wording
from bot.work.acts import Sender, Thought, WorkActs
from bot.work.attachments import AttachmentDesk, Taken
from bot.work.chats import Chats, Place, place_of
from bot.work.commits import Commits, sent_at
from bot.work.hearing import invite_code, understand
from bot.work.menus import ChatMenus
from bot.work.open_drafts import OpenDrafts
from bot.work.speaking import Speaker
from bot.work.world import LeaderWorld, Workplace
from intake.limits import Buckets, Slow
from intake.service import Intake
from intake.settings import Settings
from intake.work.leaders import Invited, Leaders, NotInvited
from storage.arrivals import ChatPlace
from storage.unit_of_work import Tx


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
        self._commits = Commits(intake, leaders, self._chats, self._speaker)
        self._drafts = OpenDrafts(
            intake, workplace, settings, self._chats, self._speaker, self._commits, self.world
        )
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

    @property
    def drafts(self) -> OpenDrafts:
        """The drafts that were left open, for the minute job and for reminders."""
        return self._drafts

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
        now = self._intake.clock.now()
        sent = sent_at(incoming, now)
        world = self._world(incoming, place, now, sent or now)
        sender = _sender(incoming, sent, now, place)
        taken: Taken | None = None
        if repeated:
            step = work.prompt(place.state, world)
            thought = Thought(step.state, list(step.says))
        else:
            heard, taken = await self._hear(incoming, channel, place.state)
            thought = await self._acts.think(place.state, heard, world, sender)
        delivery = await self._commits.commit(incoming, channel, place, thought, taken)
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
        await self._commits.commit(
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
        return await self._commits.commit(incoming, channel, place, thought, None)

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
