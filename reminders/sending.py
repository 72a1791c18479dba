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
from reminders.outcomes import Composing, Drop, Move, Outcome, Phone, Ready, Wait
from storage.nudges import NudgeRow
from storage.unit_of_work import Tx

JOB = "send-nudges"
AT_ONCE = 50
"""Messages of a channel that one process claims at a time."""
IN_FLIGHT = 8
"""Messages that one process hands over at a time; a crash costs those that a platform is asked to
take in that moment."""
MOST_TRIES = 3
BUSY_FOR = timedelta(minutes=10)
_CLAIMED_FOR = timedelta(minutes=2)
_SENDING_FOR = timedelta(minutes=10)
_MIND_EVERY = timedelta(seconds=30)  # between two looks at what dead workers left
_LOOK_EVERY = 1.0  # seconds between two looks while nothing waits
_PAUSES = (timedelta(minutes=2), timedelta(minutes=20))
_IN_A_ROW = 3  # failures after which a channel rests
_LONGEST_REST = timedelta(minutes=10)
_LAST_MOMENT = 3.0  # seconds for what is being handed over when the process ends

log = logging.getLogger("homthu.nudges")


class ChannelRest:
    """Lets a channel rest that fails again and again, so that an outage kills no messages."""

    def __init__(self) -> None:
        self._failures = 0
        self._until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Return whether nothing is to be claimed now; a clock that was set back ends a rest."""
        return self._until is not None and now < self._until <= now + _LONGEST_REST

    @property
    def is_down(self) -> bool:
        """Whether so many failed in a row that it is the channel's fault, and no message's."""
        return self._failures > _IN_A_ROW

    def note(self, *, taken: bool, now: datetime, wait: timedelta) -> None:
        """Note how a hand-over ended."""
        self._failures = 0 if taken else self._failures + 1
        if self._failures >= _IN_A_ROW:
            doubled = timedelta(seconds=30) * 2 ** min(10, self._failures - _IN_A_ROW)
            self._until = now + min(_LONGEST_REST, max(wait, doubled))


class _Desk:
    """What one process has claimed of a channel and not handed over yet."""

    def __init__(self) -> None:
        self.waiting: asyncio.Queue[NudgeRow] = asyncio.Queue()
        self.idle = asyncio.Event()
        self._low = asyncio.Event()
        self._taken = 0
        self.idle.set()

    async def take(self) -> NudgeRow:
        """Wait for the next message and take it in hand."""
        row = await self.waiting.get()
        self._taken += 1
        self.idle.clear()
        if self.waiting.qsize() < IN_FLIGHT:
            self._low.set()
        return row

    def done(self) -> None:
        """Put one down."""
        self._taken -= 1
        if not self._taken:
            self.idle.set()

    async def runs_low(self) -> None:
        """Wait until it is time to fetch more."""
        while self.waiting.qsize() >= IN_FLIGHT:
            self._low.clear()
            await self._low.wait()

    def clear(self) -> list[NudgeRow]:
        """Return what nobody has in hand, and forget it."""
        return [self.waiting.get_nowait() for _ in range(self.waiting.qsize())]


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
        desk = _Desk()
        hands = [asyncio.create_task(self._hand(desk)) for _ in range(IN_FLIGHT)]
        try:
            await self._fetch(channel, desk)
        finally:
            await self._put_down(desk, hands)

    async def _fetch(self, channel: str, desk: "_Desk") -> None:
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

    async def _hand(self, desk: "_Desk") -> None:
        while True:
            row = await desk.take()
            try:
                await self.deliver(row)
            except HomThuError as error:  # its lease runs out, and it is claimed again
                log.warning("a nudge waits for the database", extra={"code": error.code})
            except Exception:  # one message must not end the others
                log.exception("a nudge failed")
            desk.done()

    async def _put_down(self, desk: "_Desk", hands: "list[asyncio.Task[None]]") -> None:
        """Let go of what was claimed and not begun; the next process goes on at once."""
        left = desk.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(desk.idle.wait(), _LAST_MOMENT)
        for hand in hands:
            hand.cancel()
        await asyncio.gather(*hands, return_exceptions=True)

        def work(tx: Tx) -> None:
            for row in left:
                tx.nudges.put_back(row, row.not_before, tries=row.tries, reason=row.reason)

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
            lambda tx: tx.nudges.claim(channel, holder, now, until, most)
        )

    async def _waits(self, channel: str, now: datetime) -> bool:
        """Look whether anything waits, without touching the writer."""

        def look() -> bool:
            with self._intake.read() as view:
                return view.nudges.switch(SWITCH) is None and view.nudges.waits(channel, now)

        return await asyncio.to_thread(look)

    async def recover(self) -> None:
        """Settle what dead workers held and drop what is over; note that somebody is there to send.

        Raises:
            DatabaseBusy: the database cannot serve now.
        """
        now = self._intake.clock.now()

        def work(tx: Tx) -> int:
            tx.nudges.recover(now)
            tx.jobs.succeeded(JOB, now)
            return tx.nudges.drop_what_is_over(now)

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
            await self._intake.write(_settling(row, outcome, now))
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
            await self._intake.write(_settling(row, again, now))
            return False
        return await self._intake.write(
            lambda tx: (
                tx.nudges.switch(SWITCH) is None
                and tx.nudges.begin_sending(row, shown.rungs, now, now + _SENDING_FOR)
            )
        )

    async def _after(self, row: NudgeRow, handed: Handed) -> None:
        now, wait = self._intake.clock.now(), timedelta(seconds=handed.wait)
        rest = self._rest_of(row.channel)
        rest.note(taken=handed.how != "later", now=now, wait=wait)
        if handed.how == "gone":
            where = await asyncio.to_thread(self._composer.elsewhere, row, now)
            settle = _settling(row, where, now)

            def work(tx: Tx) -> object:
                tx.leaders.note_blocked(row.channel, row.address, now)
                return settle(tx)

            await self._intake.write(work)
            return
        counts = not rest.is_down
        await self._intake.write(_marking(row, handed.how, now, wait, counts=counts))


def _marking(
    row: NudgeRow, how: str, now: datetime, wait: timedelta, *, counts: bool
) -> Callable[[Tx], object]:
    """Return the unit of work that notes what a platform has done with a message.

    ``counts``: whether a failure is the message's own; those of a channel that is down kill none.
    """
    if how == "sent":
        return lambda tx: tx.nudges.sent(row, now)
    if how == "busy":
        return _settling(row, Wait(now + BUSY_FOR, "busy"), now)
    tries = row.tries + counts
    if tries >= MOST_TRIES:
        return lambda tx: tx.nudges.give_up(row, "dead", "failed")
    not_before = now + (wait or _PAUSES[max(tries, 1) - 1])
    return lambda tx: tx.nudges.put_back(row, not_before, tries=tries, reason="later")


def _settling(row: NudgeRow, outcome: Outcome, now: datetime) -> Callable[[Tx], object]:
    """Return the unit of work for a message that does not leave now."""
    match outcome:
        case Wait(until, reason) if until < row.ends_at:
            return lambda tx: tx.nudges.put_back(row, until, tries=row.tries, reason=reason)
        case Wait(_, reason) | Drop(reason):
            return lambda tx: tx.nudges.drop(row, reason)
        case Move(channel, address):
            return lambda tx: tx.nudges.move(row, channel, address, now)
        case Phone():
            return lambda tx: tx.nudges.give_up(row, "phone", "gone")
        case Ready():
            raise ValueError("a message that is ready is sent")
