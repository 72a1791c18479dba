"""What is true about one person, and what is to be sent to them: the shapes of the policy.

Shapes alone; ``reminders.policy`` judges. When a message that is planned already is judged again,
the state is handed in as if that message did not exist: not in ``told``, its rungs not in ``sent``.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from intake.nudging.shapes import NudgeLine, Sort
from intake.nudging.windows import SendingDays
from intake.plans.calendar import DAY
from reminders.calendar import Step

DRAFT_RUNG = "draft"
TET_NEAR = 10
"""Days before and after the Tết break in which it is spoken of."""
WEEK = timedelta(days=7)
FRIDAY = 4

Part = Literal["head", "deputy", "substitute"]


@dataclass(frozen=True, slots=True)
class OwedItem:
    """One duty in one period, or one time of a deadline: shared by all who owe it."""

    programme: str
    item: str
    period: str
    """The period of a duty, the named day (ISO) of a deadline."""
    sort: Sort
    title: str
    period_label: str
    named_on: date | None
    """The day that the document names, where it says "trước ngày"; None for a period's end."""
    last_good_on: date
    safe_on: date
    steps: tuple[Step, ...]
    """From ``reminders.calendar.plan_steps``."""


@dataclass(frozen=True, slots=True)
class OpenDuty:
    """One owed thing of one person, met or not, as it stands."""

    item: OwedItem
    subject: bytes
    owner_id: str
    owner_name: str
    appeared_at: datetime
    """When it became this person's to do: opened, or the person was assigned; the later one."""
    part: Part = "head"
    done: int = 0
    need: int = 1
    stopped: str = ""
    """"" while it is owed; else why not: filed, exempt, asked, closed."""
    sent: frozenset[str] = frozenset()
    """The rungs that were sent, or are on their way, to this person about this subject."""
    ready: tuple[int, int] | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A message of this calendar month to this person: sent, or on its way."""

    day: date
    slot: str = ""
    at: datetime | None = None
    """When it was sent; None while it waits."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft that the person has left open."""

    subject: bytes
    """16 bytes made of the chat and of when the draft was begun."""
    told: bool = False
    """Whether "còn bản nháp" was said about it."""


@dataclass(frozen=True, slots=True)
class DigestDue:
    """A roll-up that is due to this person today; goes in the same message, at 08:00."""

    subject: bytes
    rung: str


@dataclass(frozen=True, slots=True)
class PersonState:
    """Everything that decides whether one person is reminded."""

    leader_id: bytes
    days: SendingDays
    duties: tuple[OpenDuty, ...] = ()
    digests: tuple[DigestDue, ...] = ()
    officer: bool = False
    """Whether the person holds a commune or a province itself: officers' hours, and no cap."""
    left: bool = False
    paused_until: date | None = None
    """The last day without any message."""
    snoozed_until: date | None = None
    """The day on which to remind again; before it only T−1 and T0 are sent."""
    draft: OpenDraft | None = None
    busy: bool = False
    """In the middle of a conversation."""
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """One duty whose turn it is, and the names under which this happens once."""

    duty: OpenDuty
    step: Step | None
    """The newest step; None where the ladder has none on this day."""
    rungs: tuple[str, ...] = ()
    """The rungs to write down; none for a duty that is merely listed beside the others."""


@dataclass(frozen=True, slots=True)
class DueNudge:
    """One message that is to leave today."""

    leader_id: bytes
    day: date
    slot: str
    not_before: datetime
    ends_at: datetime
    urgency: int
    """Calendar days to the nearest day to aim at."""
    due: tuple[Due, ...]
    """Every open duty that it lists, most urgent first."""
    digests: tuple[DigestDue, ...]
    draft: OpenDraft | None
    """Set: the message says "còn bản nháp" and repeats no duty."""
    days: SendingDays
    officer: bool

    @property
    def rungs(self) -> tuple[tuple[bytes, str], ...]:
        """Return (subject, rung) of everything that this message makes happen."""
        digests = tuple((digest.subject, digest.rung) for digest in self.digests)
        if self.draft is not None:
            return ((self.draft.subject, DRAFT_RUNG), *digests)
        owed = tuple((due.duty.subject, rung) for due in self.due for rung in due.rungs)
        return (*owed, *digests)

    def lines(self) -> tuple[NudgeLine, ...]:
        """Return what the message says of each duty, counted on its day."""
        return tuple(line_of(due, self.day) for due in self.due)

    @property
    def snooze_on(self) -> date | None:
        """Return the day that [Nhắc tôi …] offers: the next Friday, or what is left before T−1."""
        last = [s.day for d in self.due for s in d.duty.item.steps if s.is_last]
        ahead = [day for day in last if day > self.day]
        if not ahead and all(due.duty.item.last_good_on >= self.day for due in self.due):
            return None
        end = min(ahead, default=self.day + WEEK)
        days = [self.day + n * DAY for n in range(1, (end - self.day).days)]
        free = [d for d in days if self.days.may_send(d, officer=self.officer, last=False)]
        fridays = [d for d in free if d.weekday() == FRIDAY and d > self.day + DAY]
        return fridays[0] if fridays else (free[-1] if free else None)

    @property
    def holiday(self) -> tuple[date, date] | None:
        """Return the Tết break that is near, where something is due in it or soon after it."""
        found = self.days.tet_ahead(self.day, TET_NEAR)
        if found is None:
            return None
        first, soon = found[0], found[1] + TET_NEAR * DAY
        due = any(first <= each.duty.item.last_good_on <= soon for each in self.due)
        return found if due else None


def line_of(due: Due, day: date) -> NudgeLine:
    """Return one owed thing as it is shown on ``day``."""
    duty, item = due.duty, due.duty.item
    return NudgeLine(
        subject=duty.subject, sort=item.sort, owner_id=duty.owner_id, owner_name=duty.owner_name,
        title=item.title, period_label=item.period_label, rung=due.step.rung if due.step else "",
        named_on=item.named_on, last_good_on=item.last_good_on, safe_on=item.safe_on,
        days_left=(item.last_good_on - day).days, done=duty.done, need=duty.need,
        ready=duty.ready, missing=duty.missing,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to leave today, or a word of the code why nothing is."""

    nudges: tuple[DueNudge, ...]
    why: str = ""
