"""One step of a resident's dialogue: hears what is meant, takes the pure step, commits, and says.

One step is one unit of work: the tip, its receipt in the sealed row and the new place are kept
together or not at all (``security.md`` 5.1). This module sends nothing, and decides nothing about
what is asked; that is ``bot.flows``.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from bot.acts import Acts, Thought
from bot.answered import Answered, names_of
from bot.arrivals import Arrivals
from bot.asides import Asides
from bot.channels.base import Channel
from bot.delivery import Delivery
from bot.dialogue_rows import Loaded, Met, Row, RowBook
from bot.endings import Endings
from bot.flows import router
from bot.flows.base import Heard, NotKept, PhotoKept, State
from bot.hearing import as_form, closing, offering, understand
from bot.messages import Incoming, Outgoing
from bot.pictures import PictureDesk, SealedPhoto
from bot.rendering import Voice, render
from bot.sent_messages import SentMessages
from bot.wording import DEFAULT, Wording
from bot.work.engine import WorkDesk
from bot.world import FORMS, HouseWorld, channel_facts, facts
from intake.errors import TryLater
from intake.places import Places
from intake.service import Intake
from intake.settings import Settings
from intake.tips import Tips
from storage.errors import Duplicate, Stale


class ResidentDesk:
    """Talks with residents, one step at a time per chat; the caller holds the chat's lock."""

    def __init__(
        self,
        intake: Intake,
        wording: Wording,
        settings: Settings,
        *,
        tips: Tips,
        places: Places,
        acts: Acts,
        pictures: PictureDesk,
        channels: Mapping[str, Channel],
        asides: Asides,
        book: RowBook,
        arrivals: Arrivals,
        sent: SentMessages,
        work: WorkDesk | None,
    ) -> None:
        self._intake = intake
        self._wording = wording
        self._settings = settings
        self._tips = tips
        self._places = places
        self._acts = acts
        self._pictures = pictures
        self._channels = channels
        self._asides = asides
        self._book = book
        self._arrivals = arrivals
        self._sent = sent
        self._work = work
        self._answered = Answered()
        self._endings = Endings(book, timedelta(minutes=settings.draft_minutes))

    # --- one step ---------------------------------------------------------------------------------

    async def take(
        self, incoming: Incoming, met: Met, taken: list[SealedPhoto | NotKept]
    ) -> Delivery | None:
        """Take one step against the row that was met; the messages may be sent once this returns.

        ``taken`` fills with the pictures that were fetched, for a step that must be taken again.

        Raises:
            TryLater: nothing was kept; the same must come again.
            Stale, Duplicate: another process was faster; again, against the newest row.
        """
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
        except (TryLater, Stale, Duplicate) as error:
            self._acts.give_back(thought, refused=isinstance(error, Stale))
            raise
        self._remember(incoming)
        return delivery

    async def nudge(self, row: Row, word: str, heard: Heard | None) -> Delivery | None:
        """Take a step that nobody asked for: an event of the clock, or the prompt again.

        Called under the chat's lock, by the minute job alone; nothing when the dialogue has gone
        on since ``row`` was read as ``word``.
        """
        incoming = Incoming(row.channel, row.address, "")
        met = self._arrivals.meet(incoming, self._intake.clock.now())
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
        if taken:  # fetched already, for a draft that has gone on since
            outcomes = self._pictures.still_fitting(taken, row.state, world)
        else:
            channel = self._channels[incoming.channel]
            outcomes = await self._pictures.take_all(incoming, channel, row.state, world)
            taken.extend(outcomes)
        photos = [each for each in outcomes if isinstance(each, SealedPhoto)]
        refused = [each for each in outcomes if isinstance(each, NotKept)]
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
        ending = self._endings.of(
            loaded, row, thought, self._intake.clock.now(), deletes=world.channel.deletes
        )
        version = await self._intake.write(ending.work)
        self._sent.written(row.channel, row.address)
        if is_chat:
            self._arrivals.keep(met, ending, version, self._intake.clock.now())
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
