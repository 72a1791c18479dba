"""One commune or province with what applies there on a day: programmes, heirs, what it sends.

Reads alone; made for one digest, one list or one judgement and thrown away.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from intake.nudging.report_senders import Sender, sender_at
from intake.plans.programme import Programme
from intake.plans.programme_schema import Deadline, Undated
from intake.plans.programme_use import ProgrammeUses
from storage.areas import AreaRow
from storage.programmes import UseRow
from storage.unit_of_work import View

LEVELS = ("commune", "province")


@dataclass(frozen=True, slots=True)
class ReportArea:
    """A commune or a province on one day."""

    id: str
    name: str
    level: str
    above: str | None
    """The province of a commune."""
    programmes: Mapping[str, tuple[Programme, date]]
    """The programmes in force here, each with the day since when it applies here."""
    inside: Mapping[str, Programme]
    """Those, and the ones that apply to parts of a province alone."""
    heirs: Mapping[tuple[str, str, str], str]
    """Who stands for a body that is gone: by programme, role and area."""
    communes: tuple[AreaRow, ...] = ()
    """What a province consists of on that day."""

    def named(self, programme: str, role: str, commune: str | None = None) -> str | None:
        """Return who stands for a role here, or in one of the communes."""
        chain = (commune, self.id, self.above) if commune else (self.id, self.above)
        found = (self.heirs.get((programme, role, at)) for at in chain if at)
        return next((name for name in found if name), None)

    def sender(self, programme: Programme, item: Deadline | Undated) -> Sender | None:
        """Return how this area comes to send ``item``; None: it does not."""
        return sender_at(programme, item, self.level, lambda role: self.named(programme.id, role))

    def senders_below(
        self, programme: Programme, item: Deadline, uses: Collection[UseRow], last: date
    ) -> Iterator[str]:
        """Yield the communes of a province that owe ``item`` with its last good day on ``last``."""
        for commune in self.communes:
            since = since_of(uses, programme.id, (commune.id, self.id))
            if since is None or since > last:
                continue
            sent = sender_at(
                programme, item, "commune",
                lambda role, at=commune.id: self.named(programme.id, role, at),
            )  # fmt: skip
            if sent is not None and not sent.unset:
                yield commune.id


def area_on(view: View, uses: ProgrammeUses, area_id: str, day: date) -> ReportArea | None:
    """Return a commune or province as it stands on ``day``; None for anything else."""
    area = view.areas.get(area_id)
    if area is None or area.level not in LEVELS or (area.valid_to and area.valid_to <= day):
        return None
    communes = (
        tuple(row for row in view.areas.children(area.id) if not row.valid_to or row.valid_to > day)
        if area.level == "province"
        else ()
    )
    above = area.parent_id if area.level == "commune" else None
    chain = tuple(each for each in (area.id, above) if each)
    rows = view.programmes.uses_of([*chain, *(row.id for row in communes)])
    inside = _in_force(uses, [row for row in rows if row.is_on(day)], day)
    here = {row.programme for row in rows if row.area_id in chain and row.is_on(day)}
    programmes = {
        name: (programme, since_of(rows, name, chain) or day)
        for name, programme in inside.items()
        if name in here
    }
    heirs = {
        (name, row.role, row.area_id): row.holder
        for name in inside
        for row in view.programmes.holders(name)
    }
    return ReportArea(area.id, area.name, area.level, above, programmes, inside, heirs, communes)


def since_of(uses: Collection[UseRow], programme: str, chain: Collection[str]) -> date | None:
    """Return since when a programme applies by one of these areas; None: it does not."""
    return min(
        (row.since for row in uses if row.programme == programme and row.area_id in chain),
        default=None,
    )


def _in_force(uses: ProgrammeUses, rows: Collection[UseRow], day: date) -> dict[str, Programme]:
    found = {row.programme: uses.programme(row.programme) for row in rows}
    return {name: found[name] for name in sorted(found) if found[name].in_force(day)}
