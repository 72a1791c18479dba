"""Hands a nudge to a leader's chat: under the chat's lock, never into an open dialogue.

The words are made here from what the nudge holds and are kept nowhere. Its buttons work for ever:
they name what is owed, not a place in a prompt. Whoever is in the middle of something is left
alone; whoever has a draft open is told of that draft, once, and of nothing else.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.channels.base import AddressGone, AskedToWait, Channel, MayHaveArrived, Paced
from bot.flows.nudge_words import nudge
from bot.flows.work_shapes import WorkState
from bot.messages import Incoming, Outgoing
from bot.work.chats import Place
from bot.work.commits import DRAFT_LIFE
from bot.work.engine import WorkDesk
from intake.errors import ChannelDown, TryLater
from intake.nudging.shapes import Begin, Handed, NudgeContent
from intake.service import Intake
from storage.errors import Stale
from storage.work_dialogues import DialogueRow

STILL_TALKING = timedelta(minutes=2)
"""Whoever has said something so recently is not interrupted."""
MIDDLE_OF_IT = timedelta(minutes=30)
"""A question that was put so recently may still be answered."""
_AT_REST = frozenset({"menu", ""})
_NOT_OPEN = 60.0  # seconds until a channel that is closed here is tried again

Lock = Callable[[str, str], asyncio.Lock]


class WorkNudges:
    """Tells leaders what is due, in the chats that can be written to unasked."""

    def __init__(
        self,
        intake: Intake,
        desk: WorkDesk,
        channels: Mapping[str, Channel],
        lock: Lock,
        console: str,
    ) -> None:
        self._intake = intake
        self._desk = desk
        self._channels = {
            name: channel for name, channel in channels.items() if channel.capabilities.push
        }
        self._lock = lock
        self._console = console

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that can write to people unasked, first choice first."""
        return tuple(self._channels)

    async def nudge(
        self, channel: str, address: str, content: NudgeContent, begin: Begin
    ) -> Handed:
        """Send one nudge; never raises for what a platform or a chat does.

        It waits for its turn before it takes the chat's lock: nobody who writes waits with it.

        Raises:
            DatabaseBusy: nothing has left.
        """
        known = self._channels.get(channel)
        if known is None:
            return Handed("later", _NOT_OPEN)
        if isinstance(known, Paced):
            await known.turn(address)
        async with self._lock(channel, address):
            try:
                messages = await self._prepare(known, address, content, begin)
            except Stale:  # another process is talking with them
                return Handed("busy")
            if isinstance(messages, Handed):
                return messages
            return await _hand_over(known, address, messages)

    async def _prepare(
        self, channel: Channel, address: str, content: NudgeContent, begin: Begin
    ) -> tuple[Outgoing, ...] | Handed:
        """Return what is to be said, after noting which buttons it offers; or why nothing is."""
        incoming = Incoming(channel.capabilities.name, address, "")
        place = self._desk.chats.place(incoming)
        if place is None or place.leader.id != content.leader_id:
            return Handed("busy")  # somebody else's by now: where to write is looked up again
        row = self._desk.chats.row(incoming.channel, address)
        if row is not None and self._is_busy(row, place.state, content):
            return Handed("busy")
        if content.draft_open:
            return await self._draft(channel, address, row, begin)
        if not content.lines and not content.digests:
            return Handed("busy")  # nothing is left to say: it is planned anew when something is
        messages = await self._words(channel, place, row, content, incoming)
        return messages if await begin() else Handed("kept")

    def _is_busy(self, row: DialogueRow, state: WorkState, content: NudgeContent) -> bool:
        quiet_for = self._intake.clock.now() - row.changed_at
        if timedelta() <= quiet_for < STILL_TALKING:
            return True
        if state.draft is not None and not content.draft_open and content.lines:
            return True
        open_question = state.draft is not None or state.step not in _AT_REST
        return open_question and timedelta() <= quiet_for < MIDDLE_OF_IT

    async def _draft(
        self, channel: Channel, address: str, row: DialogueRow | None, begin: Begin
    ) -> tuple[Outgoing, ...] | Handed:
        if row is None or row.reminded_at is not None:
            return Handed("busy")  # the draft is gone, or they have been told
        if not await begin():
            return Handed("kept")
        try:
            delivery = await self._desk.drafts.remind(channel, address)
        except TryLater:
            return Handed("busy")
        return delivery.messages if delivery and delivery.messages else Handed("busy")

    async def _words(
        self,
        channel: Channel,
        place: Place,
        row: DialogueRow | None,
        content: NudgeContent,
        incoming: Incoming,
    ) -> tuple[Outgoing, ...]:
        """Put the nudge into words; its buttons can be typed as well, so they are noted first."""
        now = self._intake.clock.now()
        spoken = place.state.but(language=content.language)
        told = nudge(content, self._console, several=len(place.owners) > 1)
        messages, state = self._desk.speaker.speak([told], spoken, channel)
        state = state.but(language=place.state.language, step="menu", options=())
        if place.state.draft is not None:  # a digest beside an open draft, which goes on as it was
            state = place.state
        kept = state.model_dump_json(exclude_defaults=True)
        if row is None:
            version = secrets.randbelow(2**30) + 1
            stored = DialogueRow(
                incoming.channel, incoming.address, version, kept, now, now + DRAFT_LIFE, now
            )
        else:
            stored = row._replace(version=row.version + 1, state=kept)
        seen = row.version if row else None
        await self._intake.write(lambda tx: tx.work_dialogues.put(stored, seen))
        return messages


async def _hand_over(channel: Channel, address: str, messages: tuple[Outgoing, ...]) -> Handed:
    """Send the messages; once one of them has left, the nudge counts as sent."""
    left, paced = False, isinstance(channel, Paced)
    try:
        for message in messages:
            data = {"nudge": True, "paced": True} if paced and not left else {"nudge": True}
            await channel.send(address, replace(message, data=data))
            left = True
    except MayHaveArrived:
        return Handed("sent")
    except ChannelDown as down:
        if not left:
            return _refused(down)
    return Handed("sent")


def _refused(down: ChannelDown) -> Handed:
    if isinstance(down, AddressGone):
        return Handed("gone")
    return Handed("later", down.seconds if isinstance(down, AskedToWait) else 0.0)
