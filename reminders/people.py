"""Loads how things stand for people: thousands for a sweep, one before a message leaves.

The same rows make the same state for both, so that what was planned and what is sent are judged
alike. Reads alone; the rules are in ``reminders.policy``.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from intake.nudging.report_senders import sender_at
from intake.nudging.shapes import subject_of
from intake.plans.periods import local_day, midnight
from intake.plans.programme import Programme
from reminders.items import Items, Report
from reminders.states import (
    DRAFT_RUNG,
    DigestDue,
    OpenDraft,
    OpenDuty,
    PersonState,
    Told,
)
from storage.nudge_states import DutyRow, HoldingRow, PersonRow, ReachRow, SentRow
from storage.programmes import UseRow
from storage.unit_of_work import View

_LOOK_BACK = timedelta(days=40)
"""How long before today the oldest period ended that somebody may still be reminded of."""

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
        owed = self._owed(asked.ids, holdings)
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

    # --- what is owed -----------------------------------------------------------------------------

    def _owed(
        self, ids: Sequence[bytes], holdings: Mapping[bytes, Sequence[HoldingRow]]
    ) -> dict[bytes, list[OpenDuty]]:
        day = self._day
        found: dict[bytes, list[OpenDuty]] = defaultdict(list)
        rows = self._rows.duties(ids, day, day - _LOOK_BACK)
        items = self._items.duties({row.programme for row in rows}, day) if rows else {}
        wanted = [row for row in rows if (row.programme, row.duty, row.period) in items]
        names = self._names(row.owner_id for row in wanted)
        starts = {day: midnight(day) for day in {row.held_since for row in wanted}}
        for row, sent in self._gathered(wanted):
            since = starts[row.held_since]
            item = items[row.programme, row.duty, row.period]
            found[row.leader_id].append(
                OpenDuty(
                    item, row.id, row.owner_id, names.get(row.owner_id, ""),
                    max(row.opened_at, since), _part(row.part), row.done, row.need,
                    _STOPPED.get(row.exempt, ""), sent,
                )
            )  # fmt: skip
        for leader, duty in self._reports([h for some in holdings.values() for h in some]):
            found[leader].append(duty)
        return found

    def _gathered(
        self, rows: Sequence[DutyRow]
    ) -> Iterator[tuple[DutyRow, frozenset[str]]]:  # fmt: skip
        """Yield each duty of each person once, with the rungs that stand.

        Who holds an owner in two parts, a deputy who took over, has it in the first of them.
        """
        first: dict[tuple[bytes, bytes], DutyRow] = {}
        for row in rows:
            known = first.setdefault((row.leader_id, row.id), row)
            if known is not row and _FIRST[row.part] < _FIRST[known.part]:
                first[row.leader_id, row.id] = row
        if all(row.rung is None for row in rows):
            yield from ((row, _NONE) for row in first.values())
            return
        rungs: dict[tuple[bytes, bytes], frozenset[str]] = {}
        for row in rows:
            key = (row.leader_id, row.id)
            if row.rung is not None and row.nudge_id != self._asked.besides:
                rungs[key] = rungs.get(key, _NONE) | {row.rung}
        for key, row in first.items():
            yield row, rungs.get(key, _NONE)

    def _names(self, owners: Iterable[str]) -> Mapping[str, str]:
        return self._view.owners.names(set(owners)) if self._asked.named else {}

    def _reports(self, holdings: Sequence[HoldingRow]) -> Iterator[tuple[bytes, OpenDuty]]:
        """Yield the reports that people of a commune or province send and have not sent yet."""
        chains = {h.owner_id: tuple(filter(None, (h.owner_id, h.parent_id))) for h in holdings}
        areas = {area for chain in chains.values() for area in chain}
        uses = _by((u for u in self._uses(areas) if u.is_on(self._day)), _area)
        programmes = self._items.programmes((u for some in uses.values() for u in some), self._day)
        running = {name: found for name in programmes if (found := self._running(name))}
        if not running:
            return
        heirs = self._heirs(running)
        filed = {tuple(row[:4]) for row in self._rows.filed(list(chains))}
        parts = sorted(holdings, key=lambda each: _FIRST[each.part], reverse=True)
        for holding in {(each.leader_id, each.owner_id): each for each in parts}.values():
            for use in (u for area in chains[holding.owner_id] for u in uses.get(area, ())):
                for report in running.get(use.programme, ()):
                    duty = self._report(holding, use, report, programmes, heirs)
                    key = (holding.owner_id, use.programme, report.item.item, report.item.period)
                    if duty is not None and key not in filed:
                        yield holding.leader_id, duty

    def _running(self, programme: str) -> tuple[Report, ...]:
        ahead = self._asked.ahead
        found = self._items.reports(programme, self._day)
        more = self._items.reports(programme, ahead) if ahead else ()
        return (*found, *(each for each in more if each not in found))

    def _uses(self, areas: Collection[str]) -> list[UseRow]:
        return self._view.programmes.uses_of(areas) if areas else []

    def _heirs(self, programmes: Iterable[str]) -> dict[tuple[str, str, str], str]:
        return {
            (name, row.role, row.area_id): row.holder
            for name in programmes
            for row in self._view.programmes.holders(name)
        }

    def _report(
        self, holding: HoldingRow, use: UseRow, report: Report,
        programmes: Mapping[str, Programme], heirs: Mapping[tuple[str, str, str], str],
    ) -> OpenDuty | None:  # fmt: skip
        item = report.item
        if item.last_good_on < use.since:
            return None
        programme = programmes[use.programme]

        def named(role: str) -> str | None:
            chain = (holding.owner_id, holding.parent_id)
            return next((heirs[k] for a in chain if (k := (programme.id, role, a or "")) in heirs),
                        None)  # fmt: skip

        sender = sender_at(programme, report.deadline, holding.level, named)
        if sender is None or sender.unset:
            return None
        since = midnight(max(use.since, holding.since))
        subject = subject_of(item.programme, item.item, item.period, holding.owner_id)
        return OpenDuty(item, subject, holding.owner_id, holding.name, since, _part(holding.part))

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


_NONE: frozenset[str] = frozenset()
_STOPPED = {"asked": "asked", "granted": "exempt"}
_FIRST = {"head": 0, "substitute": 1, "deputy": 2}
"""Which part counts of two that somebody has."""
_PARTS = {"head": "head", "deputy": "deputy", "substitute": "substitute"}


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


def _part(part: str) -> Any:
    return _PARTS.get(part, "head")


def _leader(row: ReachRow | HoldingRow | SentRow | DutyRow) -> bytes:
    return row.leader_id


def _area(row: UseRow) -> str:
    return row.area_id


def _by(rows: Iterable[T], key: Callable[[T], Any]) -> dict[Any, list[T]]:
    found: dict[Any, list[T]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
