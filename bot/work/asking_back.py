"""Tells a leader what the ward asks, within seconds, in the chat that the check-in came from.

An answer of the ward and no nudge: it counts in no cap and waits for no window. Told at least once;
a platform that is out of reach is tried again. Its buttons work for ever. In a chat where a draft
is open the question does not take the place of what is being asked there.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping

from bot.channels.base import AddressGone, Channel, MayHaveArrived
from bot.flows.work_menu import sent_back
from bot.messages import Incoming, Outgoing
from bot.work.chats import Place
from bot.work.commits import DRAFT_LIFE
from bot.work.engine import WorkDesk
from intake.errors import ChannelDown
from intake.service import Intake
from intake.work.ask_backs import AskBacks, Question
from storage.errors import Stale
from storage.leaders import ChatRow
from storage.work_dialogues import DialogueRow

_AT_ONCE = 50
Lock = Callable[[str, str], asyncio.Lock]


class WorkQuestions:
    """Tells what the ward asks."""

    def __init__(
        self, intake: Intake, desk: WorkDesk, channels: Mapping[str, Channel], lock: Lock
    ) -> None:
        self._intake = intake
        self._desk = desk
        self._channels = {
            name: channel for name, channel in channels.items() if channel.capabilities.push
        }
        self._lock = lock
        self._asked = AskBacks(intake)

    async def tell(self) -> None:
        """Tell what nobody has been told yet.

        Raises:
            TryLater: the database cannot serve now.
        """
        for question in self._asked.due(_AT_ONCE):
            chats = [chat for chat in question.chats if chat.channel in self._channels]
            if chats and not await self._intake.write(self._asked.claiming(question.check_in_id)):
                continue
            if not chats or await self._told(question, chats):
                await self._intake.write(self._asked.dropping(question.check_in_id))

    async def _told(self, question: Question, chats: list[ChatRow]) -> bool:
        """Tell it in the first chat that can be reached; False when it has to be tried again."""
        for chat in chats:
            channel = self._channels[chat.channel]
            async with self._lock(chat.channel, chat.address):
                try:
                    messages = await self._prepare(channel, chat, question)
                    for message in messages or ():
                        await channel.send(chat.address, message)
                except AddressGone:
                    now = self._intake.clock.now()
                    leaders = self._desk.workplace.services.leaders
                    gone = leaders.noting_blocked(chat.channel, chat.address, now)
                    await self._intake.write(gone)
                    continue
                except MayHaveArrived:
                    return True
                except (ChannelDown, Stale):  # out of reach, or they are talking elsewhere
                    return False
            return messages is not None
        return True

    async def _prepare(
        self, channel: Channel, chat: ChatRow, question: Question
    ) -> tuple[Outgoing, ...] | None:
        """Return what is said, nothing when it was answered, None when it has to wait."""
        incoming = Incoming(chat.channel, chat.address, "")
        place = self._desk.chats.place(incoming)
        if place is None:
            return ()
        world = self._desk.world(incoming, place)
        view = world.find(question.check_in_id)
        if view is None or view.state != "returned":
            return ()
        told = [sent_back(view, world)]
        messages, state = self._desk.speaker.speak(told, place.state, channel)
        if place.state.draft is not None or place.state.step != "menu":
            # Its own buttons work for ever; a number would be taken for another answer.
            return messages if channel.capabilities.buttons else None
        await self._keep(chat, place, state.model_dump_json(exclude_defaults=True))
        return messages

    async def _keep(self, chat: ChatRow, place: Place, state: str) -> None:
        """Note which buttons were offered, so that they can be typed as well."""
        row, now = self._desk.chats.row(chat.channel, chat.address), self._intake.clock.now()
        if row is None:
            version = secrets.randbelow(2**30) + 1
            row = DialogueRow(
                chat.channel, chat.address, version, state, now, now + DRAFT_LIFE, now
            )
            await self._intake.write(lambda tx: tx.work_dialogues.put(row, None))
            return
        stored = row._replace(version=row.version + 1, state=state)
        await self._intake.write(lambda tx: tx.work_dialogues.put(stored, place.version))
