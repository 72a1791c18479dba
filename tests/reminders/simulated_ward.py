"""A country of neighbourhoods for a year: who files when, who is nudged, what breaks. By seed.

People file early, late, when they are reminded, or never; they pause, snooze, leave drafts open,
ask to be let off, block the bot. Two replicas sweep and send, die at any step, stand still, and are
both gone for 36 hours at times. Everything is drawn from one seed.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from intake.nudging.windows import SendingDays
from intake.plans.calendar import DAY
from intake.ports import VIETNAM
from reminders.calendar import LATE_FOR, step_on
from reminders.policy import judge
from reminders.states import (
    DueNudge,
    OpenDraft,
    OpenDuty,
    OwedItem,
    PersonState,
    Told,
    Verdict,
)
from tests.reminders.outbox_model import LEASE, Handing, Key, Killed, Outbox, Replica
from tests.reminders.owing import DAYS, month, quarter

TICKS = ("02:30", "07:40", "08:03", "08:20", "09:30", "11:20", "14:02", "15:00", "18:31", "18:50",
         "19:20", "20:00", "20:25", "20:40")  # fmt: skip
ON_THE_WAY = ("waiting", "claimed", "sending", "sent")
Judge = Callable[[PersonState, datetime], Verdict]


@dataclass(slots=True)
class Owing:
    """One duty of one neighbourhood, and what became of it."""

    item: OwedItem
    subject: bytes
    opened_at: datetime
    filed_at: datetime | None = None
    asked: list[tuple[datetime, datetime]] = field(default_factory=list[tuple[datetime, datetime]])
    """From asking to be let off to the ward's no."""

    def stopped(self, now: datetime) -> str:
        """Return why it is not owed at a moment."""
        if self.filed_at is not None and self.filed_at <= now:
            return "filed"
        return "asked" if any(since <= now < until for since, until in self.asked) else ""


@dataclass(slots=True)
class Somebody:
    """One leader, and what they asked for."""

    habit: str
    duties: list[tuple[Owing, str]] = field(default_factory=list[tuple[Owing, str]])
    paused: list[tuple[date, date]] = field(default_factory=list[tuple[date, date]])
    snoozed: list[tuple[date, date]] = field(default_factory=list[tuple[date, date]])
    drafts: list[tuple[datetime, datetime]] = field(default_factory=list[tuple[datetime, datetime]])
    by_hand: list[date] = field(default_factory=list[date])
    busy: list[date] = field(default_factory=list[date])
    refused: list[date] = field(default_factory=list[date])
    """Days on which the platform asked to wait."""
    left_at: datetime | None = None
    blocked_at: datetime | None = None


class Heard(NamedTuple):
    """One message that a person got."""

    who: int
    at: datetime
    rungs: tuple[tuple[bytes, str], ...]
    done_already: int
    """Duties in it that were filed, or are being decided."""


@dataclass
class Country:
    """The people, their outbox, and the two replicas."""

    seed: int
    size: int
    first: date
    months: int
    judge: Judge = judge
    days: SendingDays = DAYS
    outbox: Outbox = field(default_factory=Outbox)
    heard: list[Heard] = field(default_factory=list[Heard])
    outages: list[tuple[datetime, datetime]] = field(
        default_factory=list[tuple[datetime, datetime]]
    )
    by_owner: dict[int, list[tuple[Owing, date]]] = field(
        default_factory=dict[int, list[tuple[Owing, date]]]
    )
    """Everything that a person ever had to do, with the day of its first rung."""
    deaths: int = 0
    checked: int = 0
    """Rungs that the checks found wanted."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        habits = ["early"] * 70 + ["any"] * 15 + ["prompted"] * 12 + ["never"] * 3
        self.people = [Somebody(self.random.choice(habits)) for _ in range(self.size)]
        self.groups: dict[tuple[str, str], tuple[OwedItem, list[tuple[int, Owing, str]]]] = {}
        self._filings: list[tuple[datetime, int, Owing]] = []
        self._count = 0
        self._swept: set[tuple[object, ...]] = set()
        self._replicas = [self._replica(name) for name in ("a", "b")]

    # --- a year -----------------------------------------------------------------------------------

    def run(self) -> "Country":
        """Live through all months."""
        day, now = self.first, self._at(self.first, "00:00")
        last = self._month_after(self.months) + timedelta(days=9)
        while day < last:
            if day.day == 1 and day < self._month_after(self.months):
                self._open(day)
                self._draw_outage(day)
            for tick in self._ticks(day):
                now = max(now, tick)
                if not any(since <= now < until for since, until in self.outages):
                    now = self._until_settled(now)
            day += DAY
        self.outbox.tidy(self._at(day, "00:00"))
        return self

    def _month_after(self, months: int) -> date:
        number = self.first.month - 1 + months
        return date(self.first.year + number // 12, number % 12 + 1, 1)

    def _ticks(self, day: date) -> Iterator[datetime]:
        for tick in TICKS:
            yield self._at(day, tick) + timedelta(minutes=self.random.randrange(5))

    def _draw_outage(self, day: date) -> None:
        if self.random.random() < 0.6:
            since = self._at(day, "00:00") + timedelta(hours=self.random.randrange(24 * 26))
            self.outages.append((since, since + timedelta(hours=36)))

    def _until_settled(self, now: datetime) -> datetime:
        """Go on until what the dead had in hand is free again and dealt with; return when."""
        self._minute(now)
        while any(row.state in ("claimed", "sending") for row in self.outbox.open.values()):
            now += LEASE
            self._minute(now)
        return now

    def _minute(self, now: datetime) -> None:
        while self._filings and self._filings[0][0] <= now:
            at, _, owing = heapq.heappop(self._filings)
            owing.filed_at = owing.filed_at or at
        self.outbox.tidy(now)
        self._sweep(now)
        idle = 0
        while idle < 2:
            replica = self._replicas[self.random.randrange(2)]
            idle = 0 if self._works(replica, now) else idle + 1

    def _works(self, replica: Replica, now: datetime) -> bool:
        try:
            return bool(replica.work(now, 60))
        except Killed:
            self.deaths += 1
            at = self._replicas.index(replica)
            self._replicas[at] = self._replica(f"{replica.name[0]}{self.deaths}")
            return True

    # --- what is owed -----------------------------------------------------------------------------

    def _open(self, day: date) -> None:
        name = f"{day:%Y-%m}"
        for person in self.people:
            person.duties = [held for held in person.duties if held[0].item.steps[-1].until >= day]
        items = [month(name), month(name, "hop-lang-nghe")]
        if day.month % 3 == 1:
            items.append(quarter(day.isoformat()))
        for at, item in enumerate(items):
            owed: list[tuple[int, Owing, str]] = []
            self.groups[item.item, item.period] = (item, owed)
            for who in range(self.size):
                if at and (who % 5 == 4) != (at == 2):
                    continue
                owing = Owing(item, f"{who:06}{item.item[:3]}{item.period}".encode()[:16],
                              self._at(day, "00:05"))  # fmt: skip
                self._give(who, owing, owed)
                self._decide(self.people[who].habit, owing)

    def _give(self, who: int, owing: Owing, owed: list[tuple[int, Owing, str]]) -> None:
        holders = [(who, "head")]
        if who % 20 == 3:
            holders.append((who - 1, "deputy"))
        if who % 30 == 7:
            holders = [(who - 1, "head")]  # somebody who looks after two
        for holder, part in holders:
            self.people[holder].duties.append((owing, part))
            owed.append((holder, owing, part))
            self.by_owner.setdefault(holder, []).append((owing, owing.item.steps[0].day))

    def _decide(self, habit: str, owing: Owing) -> None:
        draw, first = self.random.random(), owing.item.steps[0].day
        opened = owing.opened_at
        if habit == "early":
            span = (self._at(first, "07:00") - opened).total_seconds()
            self._file(opened + timedelta(seconds=draw * span), owing)
        elif habit == "any":
            span = (self._at(owing.item.last_good_on, "23:00") - opened).total_seconds()
            self._file(opened + timedelta(seconds=draw * span * 1.05), owing)

    def _file(self, at: datetime, owing: Owing) -> None:
        self._count += 1
        heapq.heappush(self._filings, (at, self._count, owing))

    # --- sweeping ---------------------------------------------------------------------------------

    def _sweep(self, now: datetime) -> None:
        part = "am" if now.astimezone(VIETNAM).time() < time(12) else "pm"
        day = now.astimezone(VIETNAM).date()
        sweepers = 2 if self.random.random() < 0.2 else 1
        wanted: dict[int, None] = {}
        for key, (item, owed) in self.groups.items():
            step = step_on(item.steps, day)
            if step is None or (key, step.rung, day, part) in self._swept:
                continue
            self._swept.add((key, step.rung, day, part))
            for who, owing, _ in owed:
                if not owing.stopped(now) and self._may_want(who, owing, step.rung, day):
                    wanted[who] = None
        found = [(who, nudge) for who in wanted for nudge in self._judge(who, now, None)]
        for _ in range(sweepers):
            for who, nudge in found:
                self.outbox.plan(who, nudge)
        self._by_hand(day, now, part)

    def _may_want(self, who: int, owing: Owing, rung: str, day: date) -> bool:
        """Return whether judging can come to anything: saves a minute of every run."""
        row = self.outbox.rows.get((who, day, ""))
        if row is not None and row.state != "dropped":
            return False
        if (owing.subject, rung, who) not in self.outbox.rungs:
            return True
        return any(asked <= day <= asked + LATE_FOR for _, asked in self.people[who].snoozed[-1:])

    def _by_hand(self, day: date, now: datetime, part: str) -> None:
        if part == "am" or ("hand", day) in self._swept:
            return
        self._swept.add(("hand", day))
        for _ in range(self.size // 1_000):
            who = self.random.randrange(self.size)
            for nudge in judge(self._state(who, now, None), now, by_hand=True).nudges:
                if self.outbox.plan(who, nudge):
                    self.people[who].by_hand.append(day)

    # --- judging ----------------------------------------------------------------------------------

    def _judge(self, who: int, now: datetime, besides: Key | None) -> tuple[DueNudge, ...]:
        return self.judge(self._state(who, now, besides), now).nudges

    def _state(self, who: int, now: datetime, besides: Key | None) -> PersonState:
        person, day = self.people[who], now.astimezone(VIETNAM).date()
        gone = person.left_at is not None and person.left_at <= now
        snoozed = next((s for s in reversed(person.snoozed) if s[0] <= day), None)
        paused = next((p for p in reversed(person.paused) if p[0] <= day), None)
        draft = next((d for d in reversed(person.drafts) if d[0] <= now < d[1]), None)
        asked = snoozed[1] if snoozed else None
        return PersonState(
            f"{who:016}".encode(), self.days,
            tuple([self._duty(who, owing, part, now, besides, asked)
                   for owing, part in person.duties if day <= owing.item.steps[-1].until]),
            left=gone, paused_until=paused[1] if paused else None, snoozed_until=asked,
            draft=self._draft(who, draft, besides) if draft else None,
            told=tuple(self._told(who, day, besides)),
        )  # fmt: skip

    def _duty(
        self, who: int, owing: Owing, part: str, now: datetime, besides: Key | None,
        asked: date | None,
    ) -> OpenDuty:  # fmt: skip
        rungs, subject = self.outbox.rungs, owing.subject
        names = [step.rung for step in owing.item.steps]
        if asked is not None:
            names.append(f"snooze-{asked.isoformat()}")
        sent = frozenset(
            [name for name in names if rungs.get((subject, name, who), besides) != besides]
        )
        return OpenDuty(
            owing.item, subject, f"TDP{who}", "", owing.opened_at, part,  # type: ignore[arg-type]
            stopped=owing.stopped(now), sent=sent,
        )  # fmt: skip

    def _draft(
        self, who: int, draft: tuple[datetime, datetime], besides: Key | None
    ) -> OpenDraft:  # fmt: skip
        subject = f"{who:06}{draft[0]:%m%d%H%M%S}".encode()
        return OpenDraft(
            subject, told=self.outbox.rungs.get((subject, "draft", who), besides) != besides
        )

    def _told(self, who: int, day: date, besides: Key | None) -> Iterator[Told]:
        for key in reversed(self.outbox.of.get(who, ())):
            if (key[1].year, key[1].month) != (day.year, day.month):
                return
            row = self.outbox.rows[key]
            if key != besides and row.state in ON_THE_WAY:
                yield Told(row.day, row.slot, row.sent_at)

    # --- sending ----------------------------------------------------------------------------------

    def _replica(self, name: str) -> Replica:
        draw = self.random.random
        return Replica(
            name, self.outbox, self._compose, self._hand, lambda: draw() < 0.002,
            lambda: draw() < 0.01, lambda: timedelta(minutes=1 + int(20 * draw())),
        )  # fmt: skip

    def _compose(self, key: Key, now: datetime) -> DueNudge | None:
        if key[1] != now.astimezone(VIETNAM).date() or now >= self.outbox.rows[key].ends_at:
            return None
        by_hand = key[1] in self.people[key[0]].by_hand
        if by_hand:
            found = judge(self._state(key[0], now, key), now, by_hand=True).nudges
        else:
            found = self._judge(key[0], now, key)
        return next((n for n in found if n.slot == key[2] and n.not_before <= now), None)

    def _hand(self, key: Key, nudge: DueNudge, now: datetime) -> Handing:
        person, draw = self.people[key[0]], self.random.random()
        if person.blocked_at is not None:
            return "gone"
        if draw < 0.02:
            person.refused.append(key[1])
            return "later"
        if draw < 0.03:
            person.busy.append(key[1])
            return "busy"
        listed = [owing for owing, _ in person.duties if owing.subject in _subjects(nudge)]
        done = sum(bool(owing.stopped(now)) for owing in listed)
        self.heard.append(Heard(key[0], now, nudge.rungs, done))
        self._react(person, listed, now)
        return "sent"

    def _react(self, person: Somebody, listed: list[Owing], now: datetime) -> None:
        draw, day = self.random.random(), now.astimezone(VIETNAM).date()
        later = now + timedelta(minutes=5 + int(self.random.random() * 5000))
        if person.habit == "prompted" and draw < 0.5:
            for owing in listed:
                self._file(later, owing)
        elif draw < 0.54:
            person.snoozed.append((day, day + timedelta(days=self.random.randrange(1, 6))))
        elif draw < 0.56:
            person.drafts.append((now, later))
        elif draw < 0.58 and listed:
            listed[0].asked.append((now, later))
        elif draw < 0.585:
            person.paused.append((day, day + timedelta(days=self.random.randrange(1, 12))))
        elif draw < 0.587:
            person.blocked_at = now
        elif draw < 0.589:
            person.left_at = now

    def _at(self, day: date, hour: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(hour), VIETNAM)


def _subjects(nudge: DueNudge) -> set[bytes]:
    return {due.duty.subject for due in nudge.due}
