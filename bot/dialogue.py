"""The dialogue: finds a chat's place, has its side take one step, and answers after the commit.

One step at a time per chat, and again when another process was faster; its side is that of the
residents (`bot.resident_desk`) or of the leaders (`bot.work.engine`). What was committed but not
told is told again. This module decides nothing about what is asked; that is ``bot.flows``.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.acts import Acts
from bot.arrivals import Arrivals
from bot.asides import Asides
from bot.channels.base import Channel
from bot.delivery import Deliveries, Delivery
from bot.dialogue_rows import Row, RowBook
from bot.flows.base import Heard, NotKept
from bot.flows.tip import has_content, is_sent
from bot.messages import Incoming, Outgoing
from bot.pictures import Cleaner, PictureDesk, SealedPhoto
from bot.recent import MOST, Recent
from bot.resident_desk import ResidentDesk
from bot.sent_messages import SentMessages
from bot.sweeping import Sweeper
from bot.wording import Wording
from bot.work.engine import WorkDesk
from bot.world import FORMS
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
        self._work = work
        self._desk = PictureDesk(pictures, limits, settings.max_upload_mb * 1024 * 1024)
        self._channels: dict[str, Channel] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._asides = Asides(wording, settings, self._channels, work)
        life = timedelta(minutes=settings.draft_minutes)
        self._book = RowBook(session_keys)
        recent = Recent(MOST if settings.bot_processes == 1 else 0)
        self._arrivals = Arrivals(intake, self._book, recent)
        self._sent = SentMessages(self, self._channels, life, recent)
        self._deliveries = Deliveries(self, self._channels, self._sent)
        self._residents = ResidentDesk(
            intake,
            wording,
            settings,
            tips=tips,
            places=places,
            acts=Acts(tips, follow_up, limits),
            pictures=self._desk,
            channels=self._channels,
            asides=self._asides,
            book=self._book,
            arrivals=self._arrivals,
            sent=self._sent,
            work=work,
        )
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
        for name, address in await work.drafts.sweep():
            if (channel := self._channels.get(name)) is None:
                continue
            async with self.lock(name, address):
                with suppress(Stale):  # the leader was faster
                    if delivery := await work.drafts.remind(channel, address):
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
        for at in range(_TRIES):
            try:
                return await self._step_where_it_stands(incoming, taken, look=at > 0)
            except (Stale, Duplicate):
                continue
        raise DatabaseBusy("the dialogue went on elsewhere, again and again")

    async def _step_where_it_stands(
        self, incoming: Incoming, taken: list[SealedPhoto | NotKept], *, look: bool
    ) -> Delivery | None:
        """Take the step on the side whose message it is."""
        met, work = self._arrivals.meet(incoming, self.now, look=look), self._work
        if work is None or incoming.channel in FORMS or not work.chats.expects(incoming, met.at):
            return await self._residents.take(incoming, met, taken)
        row = met.loaded.row
        is_telling = row and (has_content(row.state) or is_sent(row.state))
        if is_telling and work.chats.is_invite(incoming, met.at):  # not in the middle of a tip
            return await self._residents.take(replace(incoming, text="/start"), met, [])
        return await work.take(incoming, self._channels[incoming.channel], met.at)

    async def nudge(self, row: Row, word: str, heard: Heard | None) -> Delivery | None:
        """Take a step that nobody asked for; called under the chat's lock, by the minute job."""
        return await self._residents.nudge(row, word, heard)
