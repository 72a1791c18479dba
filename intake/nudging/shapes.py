"""What a nudge holds, in no channel's words: shared by those who decide, send, show and preview it.

Shapes alone. A nudge is made from what is true when it is sent and is never stored.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Literal, Protocol

Sort = Literal["duty", "deadline"]
State = Literal["waiting", "claimed", "sending", "sent", "dropped", "dead", "phone"]


def subject_of(*names: str) -> bytes:
    """Return 16 bytes for something that has no row of its own: a deadline, a digest, a draft."""
    return blake2b("\x1f".join(names).encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class NudgeLine:
    """One owed thing as one person is reminded of it; days are counted at sending."""

    subject: bytes
    """An obligation's id, or 16 bytes made of a deadline's programme, item, day and area."""
    sort: Sort
    owner_id: str
    owner_name: str
    title: str
    period_label: str
    rung: str
    named_on: date | None
    """The day that the document names, where it says "trước ngày"; None for a period's end."""
    last_good_on: date
    safe_on: date
    days_left: int
    """Calendar days from today to ``last_good_on``; negative once it is late."""
    done: int = 0
    need: int = 1
    ready: tuple[int, int] | None = None
    """Units that met what the report needs, and units expected; of a report alone."""
    missing: tuple[str, ...] = ()
    """Names of the units that still owe something for this report, at most ten."""

    @property
    def is_late(self) -> bool:
        """Whether the last good day is over."""
        return self.days_left < 0


@dataclass(frozen=True, slots=True)
class AreaDigest:
    """What one level is told of its direct children: counts and names of units, never of people."""

    area_id: str
    area_name: str
    title: str
    """The duty or report that it is about; "" for what concerns the area itself."""
    period_label: str
    met: int
    expected: int
    missing: tuple[str, ...]
    """Names of the units that owe it, at most ten."""
    more: int = 0
    """How many names were left out."""
    escalated: tuple[str, ...] = ()
    """Units of the level below that are seven days late."""
    unset: tuple[str, ...] = ()
    """Titles of what nobody is named for: "chưa chỉ định"."""
    undated: tuple[str, ...] = ()
    """Titles of what has no day: "chưa đặt ngày"."""
    unread_tips: int = 0
    """Tips that nobody has opened for the set time; for those who may see tips alone."""
    by_phone: tuple[str, ...] = ()
    """Neighbourhoods whose leader nobody can write to: the ward calls."""


@dataclass(frozen=True, slots=True)
class NudgeContent:
    """One message to one person: everything that is open, most urgent first."""

    nudge_id: bytes
    leader_id: bytes
    name: str
    address_as: str
    language: str
    day: date
    lines: tuple[NudgeLine, ...] = ()
    digests: tuple[AreaDigest, ...] = ()
    draft_open: bool = False
    """A draft is open: the message says "còn bản nháp" and repeats no duty."""
    snooze_on: date | None = None
    """The day that the button [Nhắc tôi …] offers; None where none is left."""
    stand_in: str = ""
    """The name of a deputy or substitute, for [Nhờ …]."""
    asked_by: str = ""
    """The name of the leader or of the ward's own person who asked for it by hand."""
    holiday: tuple[date, date] | None = None
    """First and last day of the break before which it asks to be done (Tết)."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of handing a nudge to a channel.

    ``sent``: the platform took it, or nobody knows (it then counts as sent). ``later``: the
    platform asked to wait, ``wait`` seconds. ``busy``: the person is in the middle of something.
    ``gone``: the person blocked the bot or left. ``kept``: it was not to leave after all.
    """

    how: Literal["sent", "later", "busy", "gone", "kept"]
    wait: float = 0.0


Begin = Callable[[], Awaitable[bool]]
"""Judges a message for the last time and notes it as being sent; False: it is not to leave."""


class NudgeTeller(Protocol):
    """Puts a nudge into words and hands it to a chat, under the chat's own lock."""

    @property
    def channels(self) -> Sequence[str]:
        """The channels that can write to people unasked, first choice first."""
        ...

    async def nudge(
        self, channel: str, address: str, content: NudgeContent, begin: Begin
    ) -> Handed:
        """Send one nudge; never raises for what a platform or a chat does.

        ``begin`` is called once, when its turn has come and nothing but the platform is left to
        ask; what it raises is passed on.

        Raises:
            DatabaseBusy: nothing has left.
        """
        ...


@dataclass(frozen=True, slots=True)
class PlannedNudge:
    """One message that would be sent, as those who look beforehand see it."""

    leader_id: bytes
    name: str
    at: datetime
    """The first moment at which it may leave."""
    channel: str
    """"phone" where nobody can be written to."""
    lines: tuple[NudgeLine, ...]
    digests: tuple[AreaDigest, ...] = ()
    draft_open: bool = False
    stopped: str = ""
    """Why nothing will be sent after all: a word of the code; "" where it will be."""


class NudgePreview(Protocol):
    """Says what would be sent on a day; changes nothing."""

    def on(self, day: date, area_id: str | None = None) -> tuple[PlannedNudge, ...]:
        """Return the messages of a day for the people of an area, or for everybody."""
        ...


class NudgeByHand(Protocol):
    """Plans messages that the ward asks for: under the same rules as the machine's own."""

    def ask(self, leader_ids: Sequence[bytes], by: str) -> Mapping[bytes, str]:
        """Plan one message to each person, to leave as soon as it may.

        Returns for each "" where it waits to leave now, or a word of the code why none does:
        nothing, left, paused, busy, snoozed, draft, told, quiet, cap, over, phone.
        """
        ...
