"""Keeps a step with a leader as one unit of work: where the chat stands, and all that goes with it.

The row, its pictures and what acts have left to do are kept together or not at all, and nothing is
said before. What a platform says of the time of a message is believed only where it can be true.
"""

import secrets
from datetime import datetime, timedelta

from bot.channels.base import Channel
from bot.delivery import Delivery
from bot.flows.work_shapes import WorkState
from bot.messages import Incoming, Outgoing
from bot.work.acts import Thought
from bot.work.attachments import Taken
from bot.work.chats import Chats, Place
from bot.work.speaking import Speaker
from intake.service import Intake
from intake.work.leaders import Leaders
from storage.unit_of_work import Tx
from storage.work_dialogues import AttachedRow, DialogueRow

DRAFT_LIFE = timedelta(days=7)
_LATEST = timedelta(hours=48)  # a platform keeps a message for us no longer than this
_SEEN = 32


class Commits:
    """Keeps steps, and returns what may be said once they are kept."""

    def __init__(self, intake: Intake, leaders: Leaders, chats: Chats, speaker: Speaker) -> None:
        self._intake = intake
        self._leaders = leaders
        self._chats = chats
        self._speaker = speaker

    async def commit(
        self,
        incoming: Incoming,
        channel: Channel,
        place: Place,
        thought: Thought,
        taken: Taken | None,
    ) -> Delivery:
        """Keep the step as one unit of work; return what may be said now that it is kept.

        Raises:
            TryLater: nothing was kept.
            Stale: somebody else was faster.
        """
        messages, state = self._speaker.speak(thought.tells, thought.state, channel)
        now = self._intake.clock.now()
        state = _noting(incoming, place.state, state, now)
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
        return self.delivery(row.channel, row.address, messages)

    def delivery(self, channel: str, address: str, messages: tuple[Outgoing, ...]) -> Delivery:
        """Return what is said to a chat of the work side; one that is gone is noted as blocked."""
        gone = self._leaders.noting_blocked(channel, address, self._intake.clock.now())
        return Delivery(channel, address, messages, unnoted=True, gone=gone)


def sent_at(incoming: Incoming, now: datetime) -> datetime | None:
    """Return when a message was sent as the platform says, where that can be true."""
    sent = incoming.sent_at
    return sent if sent is not None and now - _LATEST <= sent <= now else None


def _noting(incoming: Incoming, before: WorkState, state: WorkState, now: datetime) -> WorkState:
    """Note the message as seen, and by how much a draft's first message was late."""
    if incoming.message_id and not incoming.edited:
        seen = (*before.seen, incoming.message_id)[-_SEEN:]
        state = state.but(seen=seen, tapped=incoming.choice or "")
    if state.draft is None:
        return state
    if not state.source and not state.amends:
        state = state.but(source=incoming.message_id)
    if (sent := sent_at(incoming, now)) is not None:
        state = state.but(delay=(now - sent).total_seconds())
    return state


def _attached(taken: Taken, now: datetime) -> AttachedRow:
    return AttachedRow(taken.id, None, taken.media, taken.body, now)
