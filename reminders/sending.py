"""Sends what was planned: claims, judges again, hands over, marks; each message once.

Runs beside the chats, in the bot's process, so that replies and nudges share one pace. A message is
noted as being sent once the channel has given it its turn, just before the platform is asked: after
a crash it counts as sent. It is never sent twice, and one that was claimed and not begun is claimed
again by somebody else. Nothing of what a message says is stored or logged.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from intake.errors import HomThuError
from intake.nudging.shapes import Handed, NudgeTeller
from intake.nudging.stops import EVERYWHERE as SWITCH
from intake.service import Intake
from reminders.outcomes import Composing, Outcome, Ready, Wait
from reminders.sending_desk import IN_FLIGHT, SendingDesk
from reminders.settling import ChannelRest, marking, settling
from storage.nudges import NudgeRow
from storage.unit_of_work import Tx

JOB = "send-nudges"
AT_ONCE = 50
"""Messages of a channel that one process claims at a time."""
_CLAIMED_FOR = timedelta(minutes=2)
_SENDING_FOR = timedelta(minutes=10)
_MIND_EVERY = timedelta(seconds=30)  # between two looks at what dead workers left
_LOOK_EVERY = 1.0  # seconds between two looks while nothing waits
_LAST_MOMENT = 3.0  # seconds for what is being handed over when the process ends

log = logging.getLogger("homthu.nudges")


class Outbox:
    """The worker of one process, for the channels that can write to people unasked."""

    def __init__(
        self,
        intake: Intake,
        composer: Composing,
        teller: NudgeTeller,
        rest: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._intake = intake
        self._composer = composer
        self._teller = teller
        self._rest = rest
        self._rests: dict[str, ChannelRest] = {}
        self._minded: datetime | None = None
        self._tasks: list[asyncio.Task[None]] = []

    # --- its life ---------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to send on every channel."""
        self._tasks = [asyncio.create_task(self._mind())]
        for channel in self._teller.channels:
            self._tasks.append(asyncio.create_task(self._serve(channel)))

    async def stop(self) -> None:
        """Stop claiming; what is being handed over has a moment to end."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

    async def _mind(self) -> None:
        while True:
            try:
                await self.recover()
            except HomThuError as error:
                log.warning("nudges wait for the database", extra={"code": error.code})
            except Exception:  # the next look has its work too
                log.exception("nudges could not be settled")
            await self._rest(_MIND_EVERY.total_seconds())

    async def _serve(self, channel: str) -> None:
        """Keep one channel's hands full: one fetches, several hand over."""
        desk = SendingDesk()
        hands = [asyncio.create_task(self._hand(desk)) for _ in range(IN_FLIGHT)]
        try:
            await self._fetch(channel, desk)
        finally:
            await self._put_down(desk, hands)

    async def _fetch(self, channel: str, desk: SendingDesk) -> None:
        while True:
            rows: list[NudgeRow] = []
            try:
                rows = await self.claim(channel)
            except HomThuError as error:
                log.warning("nudges wait for the database", extra={"code": error.code})
            except Exception:  # whatever one look brings, the next has its work too
                log.exception("nudges could not be claimed")
            for row in rows:
                desk.waiting.put_nowait(row)
            if not rows:
                await self._rest(_LOOK_EVERY)
            await desk.runs_low()

    async def _hand(self, desk: SendingDesk) -> None:
        while True:
            row = await desk.take()
            try:
                await self.deliver(row)
            except HomThuError as error:  # its lease runs out, and it is claimed again
                log.warning("a nudge waits for the database", extra={"code": error.code})
            except Exception:  # one message must not end the others
                log.exception("a nudge failed")
            desk.done()

    async def _put_down(self, desk: SendingDesk, hands: list[asyncio.Task[None]]) -> None:
        """Let go of what was claimed and not begun; the next process goes on at once."""
        left = desk.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(desk.idle.wait(), _LAST_MOMENT)
        for hand in hands:
            hand.cancel()
        await asyncio.gather(*hands, return_exceptions=True)

        def work(tx: Tx) -> None:
            for row in left:
                tx.nudge_outbox.put_back(row, row.not_before, tries=row.tries, reason=row.reason)

        with contextlib.suppress(HomThuError):
            if left:
                await self._intake.write(work)

    # --- claiming ---------------------------------------------------------------------------------

    async def claim(self, channel: str, most: int = AT_ONCE) -> list[NudgeRow]:
        """Claim messages of a channel that may leave now.

        Raises:
            DatabaseBusy: the database cannot serve now.
        """
        now, last = self._intake.clock.now(), self._minded
        if last is None or not timedelta() <= now - last < _MIND_EVERY:
            await self.recover()
        if self._rest_of(channel).rests(now) or not await self._waits(channel, now):
            return []
        until = now + _CLAIMED_FOR
        holder = secrets.token_hex(8)  # of this claim: a message whose lease ran out is not ours
        return await self._intake.write(
            lambda tx: tx.nudge_outbox.claim(channel, holder, now, until, most)
        )

    async def _waits(self, channel: str, now: datetime) -> bool:
        """Look whether anything waits, without touching the writer."""

        def look() -> bool:
            with self._intake.read() as view:
                return view.nudges.switch(SWITCH) is None and view.nudge_outbox.waits(channel, now)

        return await asyncio.to_thread(look)

    async def recover(self) -> None:
        """Settle what dead workers held and drop what is over; note that somebody is there to send.

        Raises:
            DatabaseBusy: the database cannot serve now.
        """
        now = self._intake.clock.now()

        def work(tx: Tx) -> int:
            tx.nudge_outbox.recover(now)
            tx.jobs.succeeded(JOB, now)
            return tx.nudge_outbox.drop_what_is_over(now)

        while await self._intake.write(work):
            pass
        self._minded = now

    def _rest_of(self, channel: str) -> ChannelRest:
        return self._rests.setdefault(channel, ChannelRest())

    # --- one message ------------------------------------------------------------------------------

    async def deliver(self, row: NudgeRow) -> None:
        """Judge a claimed message again, and send it if it is still wanted.

        Raises:
            DatabaseBusy: the database cannot serve now; the message is claimed again later.
        """
        now = self._intake.clock.now()
        outcome: Outcome = Wait(row.not_before, row.reason)
        if not self._rest_of(row.channel).rests(now):
            outcome = await asyncio.to_thread(self._composer.compose, row, now)
        if not isinstance(outcome, Ready):
            await self._intake.write(settling(row, outcome, now))
            return
        handed = await self._teller.nudge(
            row.channel, row.address, outcome.content, lambda: self._begin(row, outcome)
        )
        if handed.how != "kept":
            await self._after(row, handed)

    async def _begin(self, row: NudgeRow, shown: Ready) -> bool:
        """Judge for the last time, and note that it is being sent; False: it is not to leave.

        It may have waited long for its turn. What has changed is settled; where merely its words
        would be others, it waits to be made anew.
        """
        now = self._intake.clock.now()
        outcome = await asyncio.to_thread(self._composer.compose, row, now)
        if outcome != shown:
            again = Wait(now, "changed") if isinstance(outcome, Ready) else outcome
            await self._intake.write(settling(row, again, now))
            return False
        return await self._intake.write(
            lambda tx: (
                tx.nudges.switch(SWITCH) is None
                and tx.nudge_outbox.begin_sending(row, shown.rungs, now, now + _SENDING_FOR)
            )
        )

    async def _after(self, row: NudgeRow, handed: Handed) -> None:
        now, wait = self._intake.clock.now(), timedelta(seconds=handed.wait)
        rest = self._rest_of(row.channel)
        rest.note(taken=handed.how != "later", now=now, wait=wait)
        if handed.how == "gone":
            where = await asyncio.to_thread(self._composer.elsewhere, row, now)
            settle = settling(row, where, now)

            def work(tx: Tx) -> object:
                tx.leaders.note_blocked(row.channel, row.address, now)
                return settle(tx)

            await self._intake.write(work)
            return
        counts = not rest.is_down
        await self._intake.write(marking(row, handed.how, now, wait, counts=counts))
