"""A leader's conversation as a page shows it: where it stands, one step, and the way out.

A page cannot be written to, so what was said last is kept with the conversation and shown whenever
the page is opened; after a while the question is put afresh. Files are handed out from RAM.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, TypeVar

from bot.channels.base import Channel
from bot.flows import check_in_card as card
from bot.flows import check_in_receipt as receipt
from bot.flows import work_words as words
from bot.flows.work_shapes import LASTING, Phrase, Phrases, Shown
from bot.messages import File, Incoming, Outgoing
from bot.work.chats import Place
from bot.work.engine import WorkDesk
from intake.errors import DatabaseBusy, TryLater
from intake.service import Intake
from intake.work.check_in_shapes import CheckInView
from storage.errors import Duplicate, Stale

FRESH = timedelta(minutes=30)
"""For so long an opened page shows what was said last; then the question is put afresh."""
_FILES_LIVE = 600.0  # seconds
_MOST_FILES = 60
_RECENT = 3
_TRIES = 3
_LASTING_NONCE = "gan-day"

T = TypeVar("T")
Lock = Callable[[str, str], asyncio.Lock]


class Recent(NamedTuple):
    """Something that was logged lately, with buttons as (key, label, token)."""

    text: str
    choices: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything that the page of one leader shows."""

    language: str
    who: str  # form of address and name
    where: str  # what they look after
    enrolled: bool  # False: an invite waits for a yes
    step: str
    said: tuple[Shown, ...]
    recent: tuple[Recent, ...] = ()


class PageRoom:
    """Where the pages of leaders are served."""

    def __init__(self, desk: WorkDesk, channel: Channel, intake: Intake, lock: Lock) -> None:
        self._desk = desk
        self._channel = channel
        self._name = channel.capabilities.name
        self._intake = intake
        self._lock = lock
        self._files: OrderedDict[tuple[str, int], tuple[float, File]] = OrderedDict()

    def knows(self, address: str) -> bool | None:
        """Return whether a device is enrolled; None for one that holds not even an invite."""
        place = self._place(address)
        return None if place is None else place.invited is None

    def was_invited(self, address: str) -> bool:
        """Return whether a device holds an invite, good or not."""
        state, _ = self._desk.chats.stored(Incoming(self._name, address, ""))
        return bool(state.invite)

    async def look(self, address: str) -> Screen | None:
        """Return what a device's page shows; None for one that nobody has invited.

        Raises:
            TryLater: there is nothing to show, and nothing can be kept now.
        """
        place = self._place(address)
        if place is None:
            return None
        if not place.state.shown or not self._is_fresh(address):
            try:
                await self._in_turn(address, lambda: self._desk.show(self._channel, address))
            except TryLater:
                if not place.state.shown:
                    raise
            place = self._place(address) or place
        return self._screen(place)

    async def say(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """Take one step; what was said is kept for the page, and returned for a page that is none.

        Raises:
            TryLater: nothing was kept; the same must come again.
        """
        delivery = await self._in_turn(
            incoming.address, lambda: self._desk.take(incoming, self._channel)
        )
        if delivery is None:  # a browser repeats its last post
            return ()
        self._hold(incoming.address, delivery.messages)
        return delivery.messages

    async def leave(self, address: str) -> None:
        """Forget a device; whose it was stays enrolled elsewhere, and what was logged stays."""
        forgetting = self._desk.workplace.services.leaders.forgetting_chat(self._name, address)
        async with self._lock(self._name, address):
            await self._intake.write(forgetting)
        self._drop_files(address)

    def trouble(self) -> str:
        """Return the sentence that says that nothing was kept."""
        return self._desk.trouble(self._channel).text

    # --- where it stands --------------------------------------------------------------------------

    def _place(self, address: str) -> Place | None:
        return self._desk.chats.place(Incoming(self._name, address, ""))

    def _is_fresh(self, address: str) -> bool:
        row = self._desk.chats.row(self._name, address)
        if row is None:
            return False
        return timedelta() <= self._intake.clock.now() - row.changed_at < FRESH

    async def _in_turn(self, address: str, step: Callable[[], Awaitable[T]]) -> T:
        """Take a step under the chat's lock, again if another process was faster."""
        async with self._lock(self._name, address):
            for _ in range(_TRIES):
                with suppress(Stale, Duplicate):
                    return await step()
        raise DatabaseBusy("the conversation went on elsewhere, three times")

    def _screen(self, place: Place) -> Screen:
        state, leader = place.state, place.leader
        at_rest = place.invited is None and state.draft is None and state.step == "menu"
        names = [words.cut(owner.name) for owner in place.owners[:2]]
        more = f" +{len(place.owners) - 2}" if len(place.owners) > 2 else ""
        return Screen(
            language=state.language,
            who=f"{leader.address_as.capitalize()} {leader.name}",
            where=", ".join(names) + more,
            enrolled=place.invited is None,
            step=state.step,
            said=state.shown,
            recent=self._recent(place) if at_rest else (),
        )

    def _recent(self, place: Place) -> tuple[Recent, ...]:
        """Return what was logged lately: a page has nothing above it to go back to."""
        mine = self._desk.workplace.check_ins.mine(place.leader.id.hex(), _RECENT)
        offered = {key for each in place.state.shown for key, _, _ in each.choices}
        speaker, language = self._desk.speaker, place.state.language
        found: list[Recent] = []
        for view in mine:
            keys = [key for key in self._keys_of(view) if key not in offered]
            buttons = tuple(
                (key, speaker.label(key, language), f"{_LASTING_NONCE}-{key}") for key in keys
            )
            if view.state != "voided":
                line = _line(view, with_owner=len(place.owners) > 1)
                found.append(Recent(speaker.phrase(line, language), buttons))
        return tuple(found)

    def _keys_of(self, view: CheckInView) -> tuple[str, ...]:
        """Return the buttons of one check-in; it is taken back in its first minutes alone."""
        is_new = self._intake.clock.now() - view.received_at < card.FREE
        keys = (receipt.CHANGE, receipt.TAKE_BACK) if is_new else (receipt.CHANGE,)
        assert all(key.startswith(LASTING) for key in keys)
        return tuple(f"{key}{view.id}" for key in keys)

    # --- files ------------------------------------------------------------------------------------

    def file(self, address: str, at: int) -> File | None:
        """Return a file that was said last to a device; only for a while, only to that device."""
        made_at, file = self._files.get((address, at), (0.0, None))
        is_old = self._intake.clock.monotonic() - made_at >= _FILES_LIVE
        return None if is_old else file

    def _hold(self, address: str, messages: tuple[Outgoing, ...]) -> None:
        self._drop_files(address)
        now = self._intake.clock.monotonic()
        for at, message in enumerate(messages):
            if message.file is not None:
                self._files[address, at] = (now, message.file)
        oldest = list(self._files)[: max(0, len(self._files) - _MOST_FILES)]
        old = [key for key, (made_at, _) in self._files.items() if now - made_at >= _FILES_LIVE]
        for key in {*oldest, *old}:
            del self._files[key]

    def _drop_files(self, address: str) -> None:
        for key in [key for key in self._files if key[0] == address]:
            del self._files[key]


def _line(view: CheckInView, *, with_owner: bool) -> Phrases:
    """Return one check-in in a few words: what, on which day, how many, and where if need be."""
    about = {"viec": words.kind_of(view.counts_as), "ngay": words.day(view.done_on)}
    parts = [Phrase("tom_tat", about), Phrase("chu", {"chu": words.number_of(view)})]
    if with_owner:
        parts.append(Phrase("chu", {"chu": words.cut(view.owner_name)}))
    return Phrases(tuple(parts))
