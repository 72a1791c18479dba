"""Who may have a digest due, guessed for the whole country at once.

A few reads by season in place of some for each area, and so a little too many are named: whether
there is anything to tell is decided by ``reminders.rollups``, before anything leaves. Nobody may be
left out here who has something to hear.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from intake.nudging.report_senders import Sender, sender_at
from intake.plans.programme import Programme
from intake.plans.seasons import Season
from reminders.rollup_days import RollUpDay
from storage.digests import HeadRow
from storage.unit_of_work import View


@dataclass(frozen=True, slots=True)
class Guess:
    """What may stand in an area's digest, found for the whole country at once."""

    below: frozenset[Season]
    own: frozenset[Season]
    lacking: bool
    pressing: bool
    further: bool

    def may_be_due(self, on: RollUpDay) -> bool:
        """Return whether a day's digest may hold anything for the area."""
        unsettled = self.pressing or (on.monthly and self.lacking)
        weekly = on.weekly and bool(self.below & on.seasons or unsettled)
        further = self.further and bool(on.above & self.below)
        return weekly or further or bool(on.below & self.below or on.closing & self.own)


def guesses(
    view: View, programmes: Mapping[str, Programme], seasons: Sequence[Season], day: date
) -> Iterator[tuple[HeadRow, Guess]]:
    """Yield everybody of a commune or province with what may stand in their digest.

    ``seasons`` are those of all ``programmes`` on ``day``.
    """
    owing = _owing_areas(view, (each for each in seasons if not each.is_report))
    reports = frozenset(each for each in seasons if each.is_report)
    filed = {s: view.digests.filed(s.programme, s.item, s.time) for s in reports}
    heirs = {
        (name, row.role, row.area_id): row.holder
        for name in programmes
        for row in view.programmes.holders(name)
    }
    lacking = any(map(_may_lack, programmes.values()))
    for head in view.digests.heads(day):
        asked = {s: _sender(head, programmes[s.programme], s, heirs) for s in reports}
        own = frozenset(
            each for each, sender in asked.items()
            if sender and not sender.unset and head.area_id not in filed[each]
        )  # fmt: skip
        below = owing.get(head.area_id, frozenset[Season]())
        yield head, Guess(
            below | reports if head.level == "province" else below, own, lacking,
            any(s and s.unset and day <= each.last_good_on for each, s in asked.items()),
            head.level == "province",
        )  # fmt: skip


def _owing_areas(view: View, seasons: Iterable[Season]) -> Mapping[str, frozenset[Season]]:
    """Return, by commune and province, the duties that something below still owes."""
    found: dict[str, set[Season]] = defaultdict(set)
    for season in seasons:
        for row in view.digests.owing(season.programme, season.item, season.time):
            if row.commune_id:
                found[row.province_id].add(season)
            if row.commune_id and not row.own:
                found[row.commune_id].add(season)
    return {area: frozenset(each) for area, each in found.items()}


def _sender(
    head: HeadRow, programme: Programme, season: Season, heirs: Mapping[tuple[str, str, str], str]
) -> Sender | None:
    """Return how the area of ``head`` comes to send a report; None: it does not."""

    def named(role: str) -> str | None:
        chain = (head.area_id, head.above or "")
        return next((heirs[k] for a in chain if (k := (programme.id, role, a)) in heirs), None)

    return sender_at(programme, programme.deadline(season.item), head.level, named)


def _may_lack(programme: Programme) -> bool:
    """Return whether a programme may wait for a date or for somebody to be named."""
    undated = bool(programme.undated) or any(each.per == "semester" for each in programme.duties)
    return undated or bool(programme.unset_roles())
