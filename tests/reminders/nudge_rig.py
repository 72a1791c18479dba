"""A ward whose leaders are reminded: one for each tổ, chats that remember, a clock to turn."""

import secrets
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from intake.nudging.shapes import Begin, Handed, NudgeContent
from intake.ports import VIETNAM
from intake.settings import Settings, settings_from
from reminders.by_hand import ByHand
from reminders.composing import Composer
from reminders.items import Shelf
from reminders.preview import PreviewOf
from reminders.rollups import Digests
from reminders.sending import Outbox
from reminders.sweep import Sweep
from storage.database import Database
from storage.leaders import ChatRow
from storage.nudges import NudgeRow
from storage.unit_of_work import Tx
from storage.work_tables import Assignment, Leader
from tests.clocks import FixedClock
from tests.intake.work_side import TEMPLATE, WARD, Town, furnish

CHANNELS = ("demo", "spare")
BEGIN = date(2020, 1, 1)


@dataclass
class Heard:
    """One message that a chat has had."""

    at: datetime
    channel: str
    address: str
    content: NudgeContent


@dataclass
class Chats:
    """Takes nudges as a platform would; answers what it was told to answer first."""

    clock: FixedClock
    channels: tuple[str, ...] = CHANNELS
    heard: list[Heard] = field(default_factory=list)
    answers: dict[str, deque[Handed | Exception]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    before: Callable[[], None] = lambda: None
    turn: Callable[[], object] = lambda: None
    """What happens while a message waits for its turn."""

    async def nudge(
        self, channel: str, address: str, content: NudgeContent, begin: Begin
    ) -> Handed:
        self.turn()
        if not await begin():
            return Handed("kept")
        self.before()
        waiting = self.answers[address]
        answer = waiting.popleft() if waiting else Handed("sent")
        if isinstance(answer, Exception):
            raise answer
        if answer.how == "sent":
            self.heard.append(Heard(self.clock.now(), channel, address, content))
        return answer

    def of(self, address: str) -> list[NudgeContent]:
        return [each.content for each in self.heard if each.address == address]


@dataclass
class Rig:
    """Everything from what is owed to what a chat hears."""

    town: Town
    clock: FixedClock
    settings: Settings
    chats: Chats
    people: dict[str, bytes]

    def __post_init__(self) -> None:
        intake = self.town.intake
        self.shelf = Shelf(intake, self.settings)
        self.digests = Digests(intake, self.town.uses, self.settings)
        self.sweeper = Sweep(intake, self.shelf, self.digests, CHANNELS)
        self.composer = Composer(intake, self.shelf, self.digests, CHANNELS)
        self.by_hand = ByHand(intake, self.shelf, CHANNELS)
        self.preview = PreviewOf(intake, self.shelf, self.digests, CHANNELS)
        self.outbox = Outbox(intake, self.composer, self.chats)

    # --- time -------------------------------------------------------------------------------------

    def at(self, day: date, hour: str = "08:00") -> None:
        """Turn the clock to an hour of a day in Vietnam; backwards too."""
        self.clock._moment = datetime.combine(day, time.fromisoformat(hour), VIETNAM)

    def open(self, day: date) -> None:
        """Open what is owed in the periods of a day."""
        self.town.obligations.open_period(day)

    # --- acts -------------------------------------------------------------------------------------

    def write(self, work: Callable[[Tx], object]) -> object:
        return self.town.intake.write_now(work)

    def sweep(self) -> int:
        return self.sweeper.run().planned

    async def drain(self, outbox: Outbox | None = None) -> int:
        """Send everything that may leave now; return how many were looked at."""
        worker, seen = outbox or self.outbox, 0
        await worker.recover()
        while rows := [row for name in CHANNELS for row in await worker.claim(name)]:
            for row in rows:
                await worker.deliver(row)
            seen += len(rows)
        return seen

    async def minute(self) -> list[Heard]:
        """Do what a minute brings: sweep, then send; return what was heard."""
        before = len(self.chats.heard)
        self.sweep()
        await self.drain()
        return self.chats.heard[before:]

    def rows(self, day: date | None = None) -> list[NudgeRow]:
        with self.town.intake.read() as view:
            return view.nudges.on(day or self.clock.today())

    def states(self) -> list[str]:
        return sorted(row.state for row in self.rows())

    # --- people -----------------------------------------------------------------------------------

    def person(self, owner: str, *, part: str = "head", chat: str | None = "demo") -> bytes:
        """Let a new person look after an owner; their first chat bears the owner's name."""
        who = secrets.token_bytes(16)
        self.town.insert(
            Leader(id=who, name=f"Bác {owner}", added_on=BEGIN),
            Assignment(
                id=secrets.token_bytes(16), leader_id=who, owner_id=owner, part=part, since=BEGIN
            ),
        )  # fmt: skip
        if chat:
            self.chat(who, chat, owner if part == "head" else f"{owner} {part}")
        self.people[owner if part == "head" else f"{owner} {part}"] = who
        return who

    def chat(self, who: bytes, channel: str, address: str) -> None:
        row = ChatRow(channel, address, who, self.clock.now())
        self.write(lambda tx: tx.leaders.add_chat(row))


def a_rig(
    database: Database, clock: FixedClock, folder: Path, neighbourhoods: int = 2,
    programme: str | None = TEMPLATE,
) -> Rig:  # fmt: skip
    """Return a ward of that many tổ, each with a leader and a chat of the tổ's name."""
    town = furnish(database, clock, folder, neighbourhoods)
    town.intake.write_now(
        lambda tx: tx.connection.execute(Assignment.__table__.delete())  # type: ignore[attr-defined]
    )
    settings = settings_from(state_dir=folder, demo=True, base_url="http://127.0.0.1:1",
                             console_url="http://127.0.0.1:2")  # fmt: skip
    rig = Rig(town, clock, settings, Chats(clock), {})
    for number in range(1, neighbourhoods + 1):
        rig.person(f"{WARD}-{number:02}")
    if programme:
        town.uses.use(WARD, programme, BEGIN)
    return rig
