"""Loads how things stand for people: thousands for a sweep, one before a message leaves.

The same rows make the same state for both, so that what was planned and what is sent are judged
alike. Reads alone; the rules are in ``reminders.policy``.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from intake.nudging.shapes import subject_of
from intake.plans.periods import local_day
from reminders.items import Items
from reminders.open_duties import OpenDuties
from reminders.states import (
    DRAFT_RUNG,
    DigestDue,
    OpenDraft,
    OpenDuty,
    PersonState,
    Told,
)
from storage.nudge_states import DutyRow, HoldingRow, PersonRow, ReachRow, SentRow
from storage.unit_of_work import View

T = TypeVar("T")
Sent = Mapping[bytes, Mapping[bytes, frozenset[str]]]
"""The rungs that stand, by person and subject."""


class Chat(NamedTuple):
    """Where a person can be written to."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Person:
    """One person, and how things stand for them."""

    state: PersonState
    name: str
    address_as: str
    language: str
    chats: tuple[Chat, ...]
    """Chats that take a message unasked, first choice first; none: the ward calls."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whom to load, and as of when."""

    ids: Sequence[bytes]
    now: datetime
    channels: Sequence[str]
    """Channels that can write to people unasked, first choice first."""
    besides: bytes = b""
    """A message that is judged again: it and its rungs count as if they were not there."""
    digests: Mapping[bytes, Sequence[DigestDue]] = field(
        default_factory=dict[bytes, Sequence[DigestDue]]
    )
    ahead: date | None = None
    """A later day whose reports are wanted too: for looking ahead."""
    named: bool = False
    """Whether the names of owners are wanted: for a message, not for a plan."""
    senders: Collection[bytes] | None = None
    """Everybody who looks after a commune or a province, so that nobody else is asked about it."""


def load(view: View, items: Items, asked: Question) -> list[Person]:
    """Return these people as they stand, in the order in which they were asked for."""
    return _Loading(view, items, asked).people()


class _Loading:
    """One load: rows of all people at once, then a state for each."""

    def __init__(self, view: View, items: Items, asked: Question) -> None:
        self._view = view
        self._items = items
        self._asked = asked
        self._day = local_day(asked.now)
        self._rows = view.nudge_states

    def people(self) -> list[Person]:
        asked, rows, day = self._asked, self._rows, self._day
        known = {row.id: row for row in rows.people(asked.ids)}
        reached = _by(rows.reached(asked.ids), _leader)
        chats = {each: _usable(some, asked.channels) for each, some in reached.items()}
        maybe = asked.ids
        if asked.senders is not None:
            maybe = [each for each in asked.ids if each in asked.senders]
        holdings = _by(rows.holdings(maybe, day), _leader)
        told = _by(rows.sent(asked.ids, day.replace(day=1), day), _leader)
        drafts = {each: _draft(chats.get(each, ())) for each in asked.ids}
        duties = OpenDuties(
            self._view, self._items, day,
            besides=asked.besides, ahead=asked.ahead, named=asked.named,
        )  # fmt: skip
        owed = duties.of(asked.ids, holdings)
        sent = self._sent(owed, drafts)
        return [
            Person(
                self._state(row, owed.get(each, ()), bool(holdings.get(each)),
                            told.get(each, ()), sent.get(each, {}), drafts[each]),
                row.name, row.address_as, row.language,
                tuple(Chat(chat.channel, chat.address) for chat in chats.get(each, ())),
            )
            for each in asked.ids
            if (row := known.get(each)) is not None
        ]  # fmt: skip

    def _state(  # noqa: PLR0917  the pieces of one person, each loaded for all at once
        self, row: PersonRow, owed: Sequence[OpenDuty], officer: bool,  # noqa: FBT001
        told: Sequence[SentRow], sent: Mapping[bytes, frozenset[str]], draft: OpenDraft | None,
    ) -> PersonState:  # fmt: skip
        if draft is not None and DRAFT_RUNG in sent.get(draft.subject, ()):
            draft = OpenDraft(draft.subject, told=True)
        digests = self._asked.digests.get(row.id, ())
        return PersonState(
            row.id, self._items.days,
            tuple(_with(duty, sent.get(duty.subject)) for duty in owed),
            tuple(d for d in digests if d.rung not in sent.get(d.subject, ())),
            officer=officer, left=row.left_on is not None and row.left_on <= self._day,
            paused_until=row.paused_until, snoozed_until=row.snoozed_until, draft=draft,
            told=tuple(Told(s.day, s.slot, s.sent_at) for s in told if s.id != self._asked.besides),
        )  # fmt: skip

    # --- what was said ----------------------------------------------------------------------------

    def _sent(
        self, owed: Mapping[bytes, Sequence[OpenDuty]], drafts: Mapping[bytes, OpenDraft | None]
    ) -> Sent:
        pairs = [
            (leader, duty.subject)
            for leader, some in owed.items()
            for duty in some
            if duty.item.sort == "deadline"  # those of a duty come with its row
        ]
        pairs += [(leader, draft.subject) for leader, draft in drafts.items() if draft]
        digests = self._asked.digests
        pairs += [(who, d.subject) for who in self._asked.ids for d in digests.get(who, ())]
        found: dict[bytes, dict[bytes, frozenset[str]]] = defaultdict(dict)
        for row in self._rows.rungs(pairs):
            if row.nudge_id != self._asked.besides:
                mine = found[row.leader_id]
                mine[row.subject] = mine.get(row.subject, frozenset()) | {row.rung}
        return found


def _draft(chats: Sequence[ReachRow]) -> OpenDraft | None:
    """Return the draft that stands open in the chat that is written to."""
    for chat in chats[:1]:
        if chat.state is None or '"draft"' not in chat.state:
            continue
        try:
            state: Any = json.loads(chat.state)
            open_one, source = state.get("draft"), str(state.get("source", ""))
        except (ValueError, AttributeError):
            continue
        if open_one is not None:
            told = chat.reminded_at is not None
            return OpenDraft(subject_of("draft", chat.channel, chat.address, source), told)
    return None


def _usable(chats: Iterable[ReachRow], channels: Sequence[str]) -> list[ReachRow]:
    """Return the chats that take a message unasked, first choice first.

    One with an open draft comes before all others: the draft can be told of there alone.
    """
    open_ones = [c for c in chats if c.blocked_at is None and c.channel in channels]
    if len(open_ones) > 1:
        open_ones.sort(key=lambda chat: channels.index(chat.channel))
        open_ones.sort(key=lambda chat: '"draft"' not in (chat.state or ""))
    return open_ones


def _with(duty: OpenDuty, sent: frozenset[str] | None) -> OpenDuty:
    if not sent:
        return duty
    return OpenDuty(
        duty.item, duty.subject, duty.owner_id, duty.owner_name, duty.appeared_at, duty.part,
        duty.done, duty.need, duty.stopped, sent,
    )  # fmt: skip


def _leader(row: ReachRow | HoldingRow | SentRow | DutyRow) -> bytes:
    return row.leader_id


def _by(rows: Iterable[T], key: Callable[[T], Any]) -> dict[Any, list[T]]:
    found: dict[Any, list[T]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
