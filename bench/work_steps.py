"""One check-in in this process, warm: a line → its card, then a tap on [Lưu]; and filing alone.

No HTTP and no Telegram here: the desk that talks with leaders, its services and the database. The
same steps through the real bot process are in `bench.work_storm`.
"""

import asyncio
import gc
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from statistics import median

from bench.house import cpu_seconds
from bench.work_country import EACH, Country, leader_id, neighbourhood
from bot.channels.telegram import TelegramChannel
from bot.messages import Incoming, Outgoing
from bot.wording import Wording
from bot.work.engine import WorkDesk
from intake.limits import Buckets
from intake.media import PictureCleaner
from intake.work.check_ins import CheckInDraft, Filer
from intake.work.leaders import Leaders

Found = dict[str, float]
Card = tuple[int, tuple[Outgoing, ...]]  # a chat, and what it was shown
CHANNEL = "telegram"
WARM = 30


@dataclass
class Costs:
    """Processor seconds of this process and of the database's own, one sample for each act."""

    pids: Sequence[int]
    samples: list[float] = field(default_factory=list[float])
    database: float = 0.0

    @contextmanager
    def act(self) -> Generator[None]:
        cpu = time.process_time()
        yield
        self.samples.append(time.process_time() - cpu)

    @contextmanager
    def all(self) -> Generator[None]:
        gc.collect()
        gc.freeze()  # as every process of the service does at start
        before = cpu_seconds(*self.pids)
        yield
        self.database += cpu_seconds(*self.pids) - before

    def found(self, name: str) -> Found:
        """Return milliseconds an act: of this process, the middle one of them, the database's."""
        each = max(1, len(self.samples))
        return {
            f"{name}_cpu": sum(self.samples) / each * 1000,
            f"{name}_cpu_median": median(self.samples or [0.0]) * 1000,
            f"{name}_cpu_database": self.database / each * 1000,
        }


class Phone:
    """The channel of the chats: says what Telegram can do, and sends nothing."""

    capabilities = TelegramChannel.capabilities


class Talks:
    """Leaders who talk with a desk in this process."""

    def __init__(self, country: Country) -> None:
        self._country = country
        self._phone: object = Phone()
        self._numbers = 0
        settings = country.settings
        self._desk = WorkDesk(
            country.intake, Leaders(country.intake), country.workplace, Wording.load(), settings,
            Buckets(country.clock), PictureCleaner(),
        )  # fmt: skip

    def _say(self, chat: int, text: str = "", choice: str | None = None) -> tuple[Outgoing, ...]:
        self._numbers += 1
        incoming = Incoming(
            CHANNEL, str(chat), str(self._numbers), text=text, choice=choice,
            sent_at=self._country.clock.now(),
        )  # fmt: skip
        with self._country.intake.glance() as view:
            at = view.arrivals.place(CHANNEL, str(chat))
        if not self._desk.chats.expects(incoming, at):
            raise RuntimeError("a leader of the bench is not enrolled")
        delivery = self._loop.run_until_complete(self._desk.take(incoming, self._phone, at))  # type: ignore[arg-type]
        return delivery.messages if delivery else ()

    def measure(self, chats: Sequence[int], day: date, pids: Sequence[int]) -> Found:
        """Let each say one line and tap [Lưu]; return the cost of both."""
        self._loop = asyncio.new_event_loop()
        try:
            line = f"tuyên truyền {day.day}/{day.month} nhà văn hóa 45 người"
            for chat in chats[:WARM]:
                self._tap(chat, self._say(chat, line))
            cards, lines, taps = list[Card](), Costs(pids), Costs(pids)
            with lines.all():
                for chat in chats[WARM:]:
                    with lines.act():
                        cards.append((chat, self._say(chat, line)))
            with taps.all():
                for chat, card in cards:
                    with taps.act():
                        self._tap(chat, card)
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
        return lines.found("line") | taps.found("save")

    def _tap(self, chat: int, card: tuple[Outgoing, ...]) -> None:
        save = next(each.token for each in card[-1].choices if each.key == "luu")
        told = self._say(chat, choice=save)
        if "Đã ghi" not in told[0].text:
            raise RuntimeError("a check-in of the bench was not filed")


def filing(
    country: Country, numbers: Sequence[int], day: date, name: str, pids: Sequence[int]
) -> Found:
    """Return the cost of what is owed, warnings, card and filing, asked of the services."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    def file(number: int) -> None:
        draft = CheckInDraft(
            owner_id=neighbourhood(number), kind="outreach", done_on=day, people=45
        )
        check_ins = country.check_ins
        check_ins.foresee(draft, day)
        country.obligations.standing(draft.owner_id, day)
        filed = check_ins.file(
            draft, Filer.leader(leader_id(number).hex()), source=f"bench:{name}:{number}",
            filed_at=at, received_at=at,
        )  # fmt: skip
        assert filed.effects

    for number in numbers[:WARM]:
        file(number)
    costs, started = Costs(pids), time.perf_counter()
    with costs.all():
        for number in numbers[WARM:]:
            with costs.act():
                file(number)
    passed = (time.perf_counter() - started) / max(1, len(numbers) - WARM) * 1000
    return costs.found(name) | {f"{name}_ms": passed}


def growing(
    country: Country, sizes: Sequence[int], filings: int, day: date, pids: Callable[[], list[int]]
) -> Found:
    """Return what a filing costs at each number of check-ins stored, by owners with a history."""
    found, stored = Found(), 0
    for at, size in enumerate(sizes):
        began = time.perf_counter()
        country.store(stored, size, day)
        country.settle("check_in", "obligation")
        laid = time.perf_counter() - began
        stored, owners = size, size // EACH
        step = max(1, owners // filings)
        some = [n for n in range(owners) if n % step == at % step][-filings:]
        if step == 1:  # few owners have a history: each size asks others of them
            some = [n for n in range(owners) if n % len(sizes) == at][:filings]
        country.enrol([n for n in some if not _is_enrolled(country, n)], CHANNEL)
        found |= filing(country, some, day, f"stored_{size}", pids())
        found[f"stored_{size}_laid_s"] = laid
    return found


def _is_enrolled(country: Country, number: int) -> bool:
    with country.intake.glance() as view:
        return view.leaders.chat(CHANNEL, str(number)) is not None


def alone(country: Country, chats: int, pids: Sequence[int]) -> Found:
    """Return the steps' cost for chats at the end of the country, which nobody else uses."""
    first = country.neighbourhoods - chats - WARM
    numbers = range(first, country.neighbourhoods)
    country.enrol(numbers, CHANNEL)
    country.settle("leader", "leader_chat", "assignment")
    return Talks(country).measure(numbers, country.clock.today(), pids)
