"""The same promises over the real stores: two workers that die, people who file; each database."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest

from intake.nudging.shapes import Begin, Handed, NudgeContent
from intake.ports import VIETNAM
from intake.work.check_ins import Filer
from reminders.sending import Outbox
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work_side import WARD
from tests.reminders.nudge_rig import CHANNELS, Chats, Rig, a_rig

HOURS = ("07:30", "08:05", "08:25", "11:20", "14:05", "18:31", "18:50", "19:10", "20:10", "20:40")
FIRST, LAST = date(2026, 3, 16), date(2026, 4, 2)
RUNG_DAYS = (17, 24, 27, 30, 31)
pytestmark = pytest.mark.anyio


class Killed(Exception):
    """A worker died here."""


class Mortal(Chats):
    """A platform before which workers die: before they ask it, or before they write it down."""

    random: Random
    rate: float
    deaths: int = 0
    lost: set[tuple[str, date]]

    async def nudge(
        self, channel: str, address: str, content: NudgeContent, begin: Begin
    ) -> Handed:
        """Take a message, or let the worker die."""
        draw = self.random.random()
        if draw < self.rate:  # half of them while they wait for their turn: that loses nothing
            if draw < self.rate / 2 and await begin():
                self.lost.add((address, content.day))
            raise self._death()
        handed = await super().nudge(channel, address, content, begin)
        if draw > 1 - self.rate:
            raise self._death()
        return handed

    def _death(self) -> Killed:
        self.deaths += 1
        return Killed()


class Town:
    """A ward, its people's habits, and two workers."""

    def __init__(self, database: Database, clock: FixedClock, folder: Path, size: int) -> None:
        self.random = Random(size)
        self.rig: Rig = a_rig(database, clock, folder, size)
        self.chats = Mortal(clock)
        self.chats.random, self.chats.lost = self.random, set()
        self.rig.chats = self.chats
        self.chats.rate, self.most = 1.4 / size, max(3, size // 3)
        self.workers = [self._worker(), self._worker()]
        self.owners = [f"{WARD}-{number:02}" for number in range(1, size + 1)]
        self.files_on = {owner: self._habit(at) for at, owner in enumerate(self.owners)}

    def _habit(self, at: int) -> date | None:
        """One in three files before the first rung, one in three some day, one never."""
        days = (self.random.randrange(15), 15 + self.random.randrange(1, 17))
        return None if at % 3 == 2 else date(2026, 3, 1) + timedelta(days=days[at % 3])

    async def live(self, first: date, last: date) -> None:
        """Go through the days, hour by hour."""
        self.rig.open(date(2026, 3, 2))
        self._file(date(2026, 3, 1), first - timedelta(days=1))
        day = first
        while day <= last:
            for hour in HOURS:
                self.rig.at(day, hour)
                self.rig.sweep()
                await self._work()
            self._file(day, day)
            day += timedelta(days=1)

    async def _work(self) -> None:
        for at in self.random.sample(range(2), 2):
            worker = self.workers[at]
            try:
                for channel in CHANNELS:
                    for row in await worker.claim(channel, self.most):
                        await worker.deliver(row)
            except Killed:
                self.workers[at] = self._worker()

    def _worker(self) -> Outbox:
        return Outbox(self.rig.town.intake, self.rig.composer, self.chats)

    def _file(self, since: date, until: date) -> None:
        for owner, day in self.files_on.items():
            if day is not None and since <= day <= until:
                filer = Filer.leader(self.rig.people[owner].hex())
                for kind in ("outreach", "listening_meeting"):
                    self.rig.town.file(owner, day, kind=kind, filer=filer)

    def broken(self) -> Iterator[str]:
        """Yield every promise that was not kept."""
        heard = self.chats.heard
        days = Counter((each.address, each.at.astimezone(VIETNAM).date()) for each in heard)
        yield from (f"two on a day: {key}" for key, n in days.items() if n > 1)
        told = Counter(
            (each.address, line.subject, line.rung) for each in heard for line in each.content.lines
        )
        yield from (f"a rung twice: {key}" for key, n in told.items() if n > 1)
        for each in heard:
            now = each.at.astimezone(VIETNAM)
            filed = self.files_on[each.address]
            if filed is not None and filed < now.date():
                yield f"after it was done: {each.address} {now}"
            if not _may_leave(now):
                yield f"outside the windows: {each.address} {now}"
        yield from self._missed(days)

    def _missed(self, days: Counter[tuple[str, date]]) -> Iterator[str]:
        for owner, filed in self.files_on.items():
            for number in RUNG_DAYS:
                day = date(2026, 3, number)
                gone = (owner, day) in self.chats.lost
                if (filed is None or filed > day) and not days[owner, day] and not gone:
                    yield f"missed: {owner} {day}"


def _may_leave(now: datetime) -> bool:
    evening = time(21) if now.day == RUNG_DAYS[-1] else time(20, 30)
    return time(7) <= now.time() < time(11, 15) or time(14) <= now.time() < evening


async def test_a_month_over_the_stores_keeps_every_promise(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    town = Town(database, clock, tmp_path, 9)
    await town.live(FIRST, LAST)
    assert list(town.broken()) == []
    assert town.chats.deaths > 2
    assert len(town.chats.heard) > 15
    early = [owner for at, owner in enumerate(town.owners) if at % 3 == 0]
    assert not {each.address for each in town.chats.heard} & set(early)


@pytest.mark.soak
async def test_a_month_of_a_large_ward_over_the_stores_keeps_every_promise(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    town = Town(database, clock, tmp_path, 99)
    await town.live(FIRST, LAST)
    assert list(town.broken()) == []
    assert town.chats.deaths > 5
