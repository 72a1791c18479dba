"""The dialogue: finds a chat's place, takes one pure step, commits it, and only then answers.

One step is one unit of work: the tip, its receipt in the sealed row and the new place are kept
together or not at all (``security.md`` 5.1). What was committed but not told is told again. This
module decides nothing about what is asked; that is ``bot.flows``.
"""

import asyncio
import logging
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.acts import Acts, Thought
from bot.answered import Answered, names_of
from bot.arrivals import Arrivals
from bot.asides import Asides
from bot.channels.base import Channel
from bot.delivery import Deliveries, Delivery
from bot.dialogue_rows import Loaded, Met, Row, RowBook
from bot.endings import Endings
from bot.flows import router
from bot.flows.base import Heard, NotKept, PhotoKept, State
from bot.flows.tip import has_content, is_sent
from bot.hearing import as_form, closing, offering, understand
from bot.messages import Incoming, Outgoing
from bot.pictures import Cleaner, PictureDesk, SealedPhoto
from bot.recent import MOST, Recent
from bot.rendering import Voice, render
from bot.sent_messages import SentMessages
from bot.sweeping import Sweeper
from bot.wording import DEFAULT, Wording
from bot.work.engine import WorkDesk
from bot.world import FORMS, HouseWorld, channel_facts, facts
from intake.errors import DatabaseBusy, TryLater
from intake.follow_up import FollowUp
from intake.limits import Buckets
from intake.places import Places
from intake.service import Intake
from intake.settings import Settings
from intake.tips import Tips
from intake.vault.drafts import SessionKeys
from storage.errors import Duplicate, Stale

_TRIES = 4  # the first may be from memory

log = logging.getLogger(__name__)


class Dialogue:
    """Talks with everybody, on every channel, one step at a time per chat."""

    def __init__(  # noqa: PLR0917 - everything that it stands on, once, at start-up
        self,
        intake: Intake,
        tips: Tips,
        follow_up: FollowUp,
        session_keys: SessionKeys,
        places: Places,
        wording: Wording,
        settings: Settings,
        limits: Buckets,
        pictures: Cleaner,
        work: WorkDesk | None = None,
    ) -> None:
        self._intake = intake
        self._tips = tips
        self._places = places
        self._wording = wording
        self._settings = settings
        self._work = work
        self._acts = Acts(tips, follow_up, limits)
        self._desk = PictureDesk(pictures, limits, settings.max_upload_mb * 1024 * 1024)
        self._channels: dict[str, Channel] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._asides = Asides(wording, settings, self._channels, work)
        self._answered = Answered()
        life = timedelta(minutes=settings.draft_minutes)
        self._book = RowBook(session_keys)
        recent = Recent(MOST if settings.bot_processes == 1 else 0)
        self._arrivals = Arrivals(intake, self._book, recent)
        self._endings = Endings(self._book, life)
        self._sent = SentMessages(self, self._channels, life, recent)
        self._deliveries = Deliveries(self, self._channels, self._sent)
        self._sweeper = Sweeper(self, session_keys, self._deliveries, self._sent, self._channels)

    # --- doors ------------------------------------------------------------------------------------

    def join(self, channel: Channel) -> None:
        """Let a channel take part."""
        self._channels[channel.capabilities.name] = channel

    async def answer(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """Take one step and return what to say, after the durable commit; nothing is sent.

        Raises:
            TryLater: nothing was kept; the same must come again.
        """
        delivery = await self._take(incoming)
        return delivery.messages if delivery else ()

    async def handle(self, incoming: Incoming) -> None:
        """Take one step; return after the durable commit; the answers follow by themselves.

        Raises:
            TryLater: nothing was kept; the same must come again.
        """
        try:
            delivery = await self._take(incoming)
        except TryLater:
            self._deliveries.trouble(incoming, self._asides.trouble(incoming))
            raise
        except Exception:  # one step must not end the process, nor come back for ever
            log.exception("a step failed", extra={"channel": incoming.channel})
            self._deliveries.trouble(incoming, self._asides.trouble(incoming))
        else:
            if delivery is not None:
                self._deliveries.chain(delivery)

    async def settle(self) -> None:
        """Wait until everything that was answered so far has been sent or given up."""
        await self._deliveries.settle()

    async def sweep(self) -> None:
        """Do the minute's work.

        Raises:
            TryLater: the database cannot serve now; the next minute will.
        """
        self._arrivals.forget(self.now)
        if await self._sweeper.sweep() and self._work is not None:
            await self._sweep_work(self._work)

    async def _sweep_work(self, work: WorkDesk) -> None:
        for name, address in await work.sweep():
            if (channel := self._channels.get(name)) is None:
                continue
            async with self.lock(name, address):
                with suppress(Stale):  # the leader was faster
                    if delivery := await work.remind(channel, address):
                        self._deliveries.chain(delivery)

    # --- one step ---------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The moment."""
        return self._intake.clock.now()

    @property
    def intake(self) -> Intake:
        """The way to the database."""
        return self._intake

    @property
    def book(self) -> RowBook:
        """How rows are read and sealed."""
        return self._book

    def lock(self, channel: str, address: str) -> asyncio.Lock:
        """Return the one lock of a chat."""
        return self._locks.setdefault(f"{channel}:{address}", asyncio.Lock())

    async def _take(self, incoming: Incoming) -> Delivery | None:
        if incoming.in_group:
            return self._asides.in_group(incoming)
        lock = self.lock(incoming.channel, incoming.address)
        async with lock:
            taken: list[SealedPhoto | NotKept] = []
            try:
                return await self._step_in_turn(incoming, taken)
            except TryLater:
                self._desk.give_back(incoming, taken)
                raise

    async def _step_in_turn(
        self, incoming: Incoming, taken: list[SealedPhoto | NotKept]
    ) -> Delivery | None:
        """Take the step against the newest row, again if another process was faster."""
        for _ in range(_TRIES):
            try:
                return await self._step_where_it_stands(incoming, taken)
            except (Stale, Duplicate):
                continue
        raise DatabaseBusy("the dialogue went on elsewhere, again and again")

    async def _step_where_it_stands(
        self, incoming: Incoming, taken: list[SealedPhoto | NotKept]
    ) -> Delivery | None:
        """Take the step on the side whose message it is."""
        met, work = self._arrivals.meet(incoming, self.now), self._work
        if work is None or incoming.channel in FORMS or not work.chats.expects(incoming, met.at):
            return await self._step(incoming, met, taken)
        row = met.loaded.row
        is_telling = row and (has_content(row.state) or is_sent(row.state))
        if is_telling and work.chats.is_invite(incoming, met.at):  # not in the middle of a tip
            return await self._step(replace(incoming, text="/start"), met, [])
        return await work.take(incoming, self._channels[incoming.channel], met.at)

    async def _step(
        self, incoming: Incoming, met: Met, taken: list[SealedPhoto | NotKept]
    ) -> Delivery | None:
        channel = self._channels[incoming.channel]
        loaded = met.loaded
        row = self._row(incoming, loaded)
        world = self._world(channel)
        repeated = not incoming.edited and self._is_repeated(incoming, row)
        if met.is_buried:
            return self._asides.spent(incoming) if world.channel.one_page else None
        if repeated and self._has_answered(incoming):
            if loaded.assumed is not None:  # nothing is written that would look
                raise Stale("silence needs a look")
            return None
        if repeated:
            step = router.prompt(row.state, world)
            thought = Thought(row.but(state=step.state), list(step.says))
        else:
            heard, photos = await self._hear(incoming, loaded, row, world, taken)
            thought = await self._acts.think(row, heard, world)
            thought.photos = photos
        if self._work is not None and thought.row.state.flow == "tip":
            thought.works += self._work.chats.forgetting_invite(incoming)
        try:
            delivery = await self._commit(incoming, met, thought, world)
        except (TryLater, Stale, Duplicate):
            self._acts.give_back(thought)
            raise
        self._remember(incoming)
        return delivery

    async def nudge(self, row: Row, word: str, heard: Heard | None) -> Delivery | None:
        """Take a step that nobody asked for: an event of the clock, or the prompt again.

        Called under the chat's lock, by the minute job alone; nothing when the dialogue has gone
        on since ``row`` was read as ``word``.
        """
        incoming = Incoming(row.channel, row.address, "")
        met = self._arrivals.meet(incoming, self.now)
        loaded = met.loaded
        if loaded.row is None or loaded.row.leaving or loaded.word != word:
            return None
        world = self._world(self._channels[row.channel])
        if heard is None:
            step = router.prompt(loaded.row.state, world)
            thought = Thought(loaded.row, list(step.says))
        else:
            thought = await self._acts.think(loaded.row, heard, world)
        return await self._commit(incoming, met, thought, world)

    def _row(self, incoming: Incoming, loaded: Loaded) -> Row:
        row = loaded.row or Row(channel=incoming.channel, address=incoming.address)
        if row.leaving:  # a new beginning; the left one's row goes on apart
            row = Row(channel=incoming.channel, address=incoming.address)
        wanted = incoming.language if incoming.channel in FORMS else None
        if wanted and wanted in self._languages:
            row = row.but(state=row.state.but(language=wanted))
        return row

    def _world(self, channel: Channel) -> HouseWorld:
        return HouseWorld(
            channel=channel_facts(channel.capabilities),
            facts=facts(self._settings, self._tips),
            enrolled=False,  # an enrolled chat's messages go to the work side
            languages=self._languages,
            settings=self._settings,
            tips=self._tips,
            places=self._places,
        )

    @property
    def _languages(self) -> tuple[str, ...]:
        spoken = self._wording.languages
        chosen = tuple(code for code in self._settings.languages if code in spoken)
        return chosen or (DEFAULT,)

    # --- hearing ----------------------------------------------------------------------------------

    async def _hear(
        self,
        incoming: Incoming,
        loaded: Loaded,
        row: Row,
        world: HouseWorld,
        taken: list[SealedPhoto | NotKept],
    ) -> tuple[Heard, list[SealedPhoto]]:
        """Return what was meant, and the pictures that came with it; fetched once per message."""
        is_form = world.channel.one_page
        if not incoming.attachments or incoming.edited:
            heard = understand(
                incoming, row.state, self._wording, is_new=loaded.row is None, is_form=is_form
            )
            return heard, []
        if not taken:
            channel = self._channels[incoming.channel]
            taken.extend(await self._desk.take_all(incoming, channel, row.state, world))
        photos = [each for each in taken if isinstance(each, SealedPhoto)]
        refused = [each for each in taken if isinstance(each, NotKept)]
        if is_form:
            kept = tuple(photo.kept for photo in photos)
            return as_form(incoming, kept, tuple(refused)), photos
        if not photos:
            return refused[0], []
        return PhotoKept(photos[0].kept, incoming.text, incoming.message_id), photos[:1]

    # --- committing -------------------------------------------------------------------------------

    async def _commit(
        self, incoming: Incoming, met: Met, thought: Thought, world: HouseWorld
    ) -> Delivery:
        """Keep the step as one unit of work; return what may be said now that it is kept."""
        loaded = met.loaded
        before = loaded.row.state if loaded.row else State()
        messages, state = self._spoken(thought, before, world)
        is_chat = not world.channel.one_page
        row = thought.row.but(state=state, tapped=incoming.choice or "")
        if incoming.message_id and not incoming.edited:
            typed = is_chat and incoming.choice is None
            row = row.hearing(incoming.message_id, deletable=typed)
        if incoming.on:  # a process that died after sending it has left no note of it
            row = row.noting((incoming.on,))
        sent = self._sent.unwritten(row.channel, row.address)
        if parted := self._book.parting(loaded, sent):
            thought.works.append(parted.work)
        else:
            row = row.noting(sent)
        ending = self._endings.of(loaded, row, thought, self.now, deletes=world.channel.deletes)
        version = await self._intake.write(ending.work)
        self._sent.written(row.channel, row.address)
        if is_chat:
            self._arrivals.keep(met, ending, version, self.now)
        return Delivery(
            row.channel,
            row.address,
            messages,
            receipt=ending.word == "sent",
            leaving=ending.leaving,
            parted=parted.name if parted else "",
        )

    def _spoken(
        self, thought: Thought, before: State, world: HouseWorld
    ) -> tuple[tuple[Outgoing, ...], State]:
        """Render what is said, and note which buttons it offers under which nonce."""
        state, nonce = thought.row.state, secrets.token_hex(4)
        offer = next((say for say in reversed(thought.says) if say.choices), None)
        if offer is not None:
            state = offering(state, offer, nonce)
        elif (state.flow, state.step) != (before.flow, before.step):
            state = closing(state)
        capabilities = self._channels[world.channel.name].capabilities
        is_chat = not world.channel.one_page
        voice = Voice(
            language=state.language,
            buttons=capabilities.buttons,
            max_text=capabilities.max_text if is_chat else None,
            trial=self._settings.demo and is_chat,
        )
        return render(thought.says, self._wording, world.facts, voice, nonce), state

    # --- what this process has answered -----------------------------------------------------------

    def _is_repeated(self, incoming: Incoming, row: Row) -> bool:
        """Return whether the platform repeats a message, a browser its last post, a finger its tap.

        The same form may be posted again later and mean it, so only the last one counts there.
        """
        second_tap = bool(incoming.choice) and incoming.choice == row.tapped
        seen = row.seen[-1:] if incoming.channel in FORMS else row.seen
        return incoming.message_id in seen or second_tap

    def _has_answered(self, incoming: Incoming) -> bool:
        """Return whether this process has already sent the answer; a page is always shown again."""
        return incoming.channel not in FORMS and self._answered.has(*names_of(incoming))

    def _remember(self, incoming: Incoming) -> None:
        if incoming.channel not in FORMS:
            self._answered.add(*names_of(incoming))
