"""Finds what people owe, done or not: duties of their tổ, reports of their commune or province.

For thousands at once. Reads alone; whether somebody is reminded is judged by ``reminders.policy``.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from intake.nudging.report_senders import sender_at
from intake.nudging.shapes import subject_of
from intake.plans.periods import midnight
from intake.plans.programme import Programme
from reminders.items import Items, Report
from reminders.states import OpenDuty
from storage.nudge_states import DutyRow, HoldingRow
from storage.programmes import UseRow
from storage.unit_of_work import View

_LOOK_BACK = timedelta(days=40)
"""How long before today the oldest period ended that somebody may still be reminded of."""
_NONE: frozenset[str] = frozenset()
_STOPPED = {"asked": "asked", "granted": "exempt"}
_FIRST = {"head": 0, "substitute": 1, "deputy": 2}
"""Which part counts of two that somebody has."""
_PARTS = {"head": "head", "deputy": "deputy", "substitute": "substitute"}


class OpenDuties:
    """What is owed as of one day, by person.

    ``besides`` is a message whose rungs count as if it were not there, ``ahead`` a later day whose
    reports are wanted too, ``named`` whether the names of owners are wanted.
    """

    def __init__(
        self, view: View, items: Items, day: date,
        *, besides: bytes = b"", ahead: date | None = None, named: bool = False,
    ) -> None:  # fmt: skip
        self._view = view
        self._items = items
        self._day = day
        self._besides = besides
        self._ahead = ahead
        self._named = named
        self._rows = view.nudge_states

    def of(
        self, ids: Sequence[bytes], holdings: Mapping[bytes, Sequence[HoldingRow]]
    ) -> dict[bytes, list[OpenDuty]]:
        """Return what each of these people owes; ``holdings`` are those of a commune or province.

        Nobody stands in the answer who owes nothing.
        """
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
            if row.rung is not None and row.nudge_id != self._besides:
                rungs[key] = rungs.get(key, _NONE) | {row.rung}
        for key, row in first.items():
            yield row, rungs.get(key, _NONE)

    def _names(self, owners: Iterable[str]) -> Mapping[str, str]:
        return self._view.owners.names(set(owners)) if self._named else {}

    def _reports(self, holdings: Sequence[HoldingRow]) -> Iterator[tuple[bytes, OpenDuty]]:
        """Yield the reports that people of a commune or province send and have not sent yet."""
        chains = {h.owner_id: tuple(filter(None, (h.owner_id, h.parent_id))) for h in holdings}
        areas = {area for chain in chains.values() for area in chain}
        uses: dict[str, list[UseRow]] = defaultdict(list)
        for use in self._uses(areas):
            if use.is_on(self._day):
                uses[use.area_id].append(use)
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
        ahead = self._ahead
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


def _part(part: str) -> Any:
    return _PARTS.get(part, "head")
