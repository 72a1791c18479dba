"""Figures of zones: sets of areas that ignore borders. Sums over their members, never means.

A member inside another member counts once. An officer reads the part of a zone that lies within
their own area; what lies beyond is left out and its number said.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import dropwhile
from typing import NamedTuple

from intake.errors import NotFound
from intake.officers import Session
from intake.plans.periods import recent_periods
from intake.plans.programme_use import ProgrammeUses
from intake.policy import Right
from intake.service import Intake
from intake.ward.figures import MONTHS, WardFigures
from intake.ward.shapes import DutyView, Place, Standing, Tile
from intake.ward.views import letter_for, pace_of, shares_of
from intake.work.compliance import Compliance, Figures, Point, Quality, Share
from intake.work.work_scope import Reach, WorkScope, say
from storage.owners import OwnerRow
from storage.unit_of_work import View

_NO_ZONE = "Không có vùng này trong địa bàn của đồng chí: chọn trong danh sách."


class _Zone(NamedTuple):
    """A zone, as far as one officer sees it."""

    id: str
    name: str
    members: tuple[OwnerRow, ...]
    beyond: int


class WardZones:
    """Reads how zones stand; changes nothing."""

    def __init__(
        self, intake: Intake, scope: WorkScope, figures: WardFigures, compliance: Compliance,
        uses: ProgrammeUses,
    ) -> None:  # fmt: skip
        self._intake = intake
        self._scope = scope
        self._figures = figures
        self._compliance = compliance
        self._uses = uses

    def listed(self, session: Session) -> tuple[Place, ...]:
        """Return the zones of which some part lies within the officer's area, by name."""
        reach = self._scope.reach(session, Right.READ_WORK)
        with self._intake.read() as view:
            zones = [_zone(view, reach, row.id) for row in view.zones.all()]
        found = [zone for zone in zones if zone is not None]
        return tuple(
            Place(id=zone.id, name=zone.name, level="zone")
            for zone in sorted(found, key=lambda zone: (zone.name, zone.id))
        )

    def standing(
        self, session: Session, zone_id: str, programme: str, duty: str, month: str = ""
    ) -> Standing:
        """Return figures, trend and members of a zone for one duty.

        Raises:
            NotFound: no such zone, or nothing of it lies within the officer's area.
            NotValid: not a month.
            UnknownItem: no such duty here.
        """
        reach, day = self._scope.reach(session, Right.READ_WORK), self._figures.day(month)
        with self._intake.read() as view:
            zone = _zone(view, reach, zone_id)
        if zone is None:
            raise say(NotFound(_NO_ZONE))
        found = self._figures.duty(reach, programme, duty, day)
        return self._standing(zone, found, day)

    def _standing(self, zone: _Zone, duty: DutyView, day: date) -> Standing:
        plan, now = self._uses.programme(duty.programme), self._intake.clock.now()
        periods = recent_periods(plan, plan.duty(duty.duty), day, MONTHS)
        tiles = tuple(
            Tile(
                id=member.id, name=member.name, figures=figures,
                letter=letter_for(figures, duty, now), is_area=member.kind == "commune",
            )
            for member in zone.members
            if (figures := self._of(duty, member.id)) != Figures()
        )  # fmt: skip
        whole = sum((tile.figures for tile in tiles), Figures())
        trend = self._trend(zone, duty, periods)
        return Standing(
            area=Place(id=zone.id, name=zone.name, level="zone"),
            duty=duty,
            figures=whole,
            shares=shares_of(whole),
            pace=pace_of(whole, duty, day),
            letter=letter_for(whole, duty, now),
            quality=self._quality(zone, duty),
            lateness=None,  # a median of several areas is not made of theirs
            children=tiles,
            trend=tuple(dropwhile(lambda point: point.figures == Figures(), trend)),
            chronic=tuple(self._chronic(zone, duty, periods)),
            beyond=zone.beyond,
        )

    def _of(self, duty: DutyView, area_id: str) -> Figures:
        return self._compliance.figures(duty.programme, duty.duty, duty.period, area_id)

    def _trend(self, zone: _Zone, duty: DutyView, periods: Sequence[str]) -> list[Point]:
        each = [
            self._compliance.trend(duty.programme, duty.duty, member.id, periods)
            for member in zone.members
        ]
        return [
            points[0].model_copy(update={"figures": sum((p.figures for p in points), Figures())})
            for points in zip(*each, strict=True)
        ]

    def _quality(self, zone: _Zone, duty: DutyView) -> Quality:
        asked = (duty.programme, duty.duty, duty.period)
        found = [self._compliance.quality(*asked, member.id) for member in zone.members]
        return Quality(
            evidence=_sum(each.evidence for each in found),
            chaired=_sum(each.chaired for each in found),
        )

    def _chronic(self, zone: _Zone, duty: DutyView, periods: Sequence[str]) -> Iterable[Place]:
        for member in zone.members:
            for one in self._compliance.chronic(duty.programme, duty.duty, member.id, periods):
                yield Place(id=one.owner_id, name=one.owner_name, level="")


def _zone(view: View, reach: Reach, zone_id: str) -> _Zone | None:
    """Return a zone as far as ``reach`` goes; None where nothing of it lies within."""
    row = view.zones.get(zone_id)
    if row is None:
        return None
    drawn = set(view.zones.area_ids(zone_id))
    outermost = [one for one in sorted(drawn) if not drawn & set(view.owners.chain(one)[1:])]
    owners = [owner for one in outermost if (owner := view.owners.get(one)) is not None]
    members = [owner for owner in owners if reach.holds(owner)]
    if not members:
        return None
    names = {one: at for at, one in enumerate(view.owners.names([m.id for m in members]))}
    members.sort(key=lambda member: (names.get(member.id, len(names)), member.id))
    return _Zone(row.id, row.name, tuple(members), len(owners) - len(members))


def _sum(shares: Iterable[Share]) -> Share:
    found = list(shares)
    return Share(
        numerator=sum(each.numerator for each in found),
        denominator=sum(each.denominator for each in found),
    )
