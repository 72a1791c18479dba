"""The minute job of the work side: forgets what is over, and tells once of a draft left open.

Told of a day after the last word, in the hours and on the days of all reminders. Nobody is told
twice, and no draft is told of in the middle of a step: the caller holds the chat's lock.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels.base import Channel
from bot.delivery import Delivery
from bot.flows import check_in_card as card
from bot.flows.work_shapes import Tell, WorkState
from bot.messages import Incoming
from bot.work.chats import Chats, Place
from bot.work.commits import DRAFT_LIFE, Commits
from bot.work.speaking import Speaker
from bot.work.world import LeaderWorld, Workplace
from intake.nudging.windows import SendingDays, is_open
from intake.plans.programme import DAYS_OFF
from intake.plans.working_days import working_days
from intake.ports import VIETNAM
from intake.service import Intake
from intake.settings import Settings
from storage.unit_of_work import Tx

_QUIET_FOR = timedelta(days=1)  # before a draft is reminded of
_AT_ONCE = 100  # drafts reminded of in one minute

World = Callable[[Incoming, Place], LeaderWorld]


class OpenDrafts:
    """Finds drafts that were left open, and reminds of each once."""

    def __init__(  # noqa: PLR0917 - everything that it stands on, once, at start-up
        self,
        intake: Intake,
        workplace: Workplace,
        settings: Settings,
        chats: Chats,
        speaker: Speaker,
        commits: Commits,
        world: World,
    ) -> None:
        self._intake = intake
        self._workplace = workplace
        self._settings = settings
        self._chats = chats
        self._speaker = speaker
        self._commits = commits
        self._world = world

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
            step = card.still_open(state, self._world(incoming, place))
            state, tells = step.state, list(step.says)
        messages, state = self._speaker.speak(tells, state, channel)
        changes = {"version": row.version + 1, "reminded_at": now}
        stored = row._replace(state=state.model_dump_json(exclude_defaults=True), **changes)
        await self._intake.write(lambda tx: tx.work_dialogues.put(stored, row.version))
        delivery = self._commits.delivery(row.channel, address, messages)

        def lost(tx: Tx) -> None:
            tx.work_dialogues.unremind(stored)

        return replace(delivery, lost=lost)
