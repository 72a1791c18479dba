"""JSON: completeness and timeliness of an area and of everything below it, and what lies behind.

The same figures as in the console. Every share shows both of its numbers; ``value`` is null where
nothing was expected. A caller sees the area of their unit and what lies below it.
"""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict

from api.dependencies import TheDesk
from api.policy import ReadsWork
from api.routes.answers import json_router
from intake.ward.shapes import DutyView, Overview, Place
from intake.ward.views import shares_of
from intake.work.compliance_shapes import Drilled, Figures, Matrix, Share

router = json_router("việc tháng")

Area = Annotated[str | None, Query(max_length=80, description="Mã đơn vị; bỏ trống: của mình")]
Zone = Annotated[str | None, Query(max_length=80, description="Mã vùng, thay cho area")]
Word = Annotated[str, Query(max_length=80)]
Month = Annotated[str, Query(max_length=7, description="2026-11; bỏ trống: tháng này")]


class ShareView(BaseModel):
    """A share with both numbers; ``value`` is null where the denominator is 0."""

    model_config = ConfigDict(frozen=True)
    numerator: int
    denominator: int
    value: float | None


class Rates(BaseModel):
    """Counts and the shares that they make."""

    model_config = ConfigDict(frozen=True)
    expected: int
    exempt: int
    ended: int
    met: int
    timely: int
    approved: int
    completeness: ShareView
    timeliness: ShareView
    on_time_share: ShareView
    verified_share: ShareView


class Child(BaseModel):
    """One child of the area. Letters: Đ đủ, M muộn, T thiếu, X miễn, · chưa tới hạn."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str
    letter: str
    rates: Rates


class PeriodRates(BaseModel):
    """The figures of one period."""

    model_config = ConfigDict(frozen=True)
    period: str
    period_label: str
    rates: Rates


class ComplianceView(BaseModel):
    """One duty in one area and period."""

    model_config = ConfigDict(frozen=True)
    area: Place
    duty: DutyView
    letter: str
    rates: Rates
    elapsed: ShareView
    evidence: ShareView | None
    """With a picture, of met; null where ``whole`` was not asked for, as the next two."""
    median_hours: float | None
    p90_hours: float | None
    children: tuple[Child, ...]
    trend: tuple[PeriodRates, ...]
    chronic: tuple[Place, ...]
    beyond: int
    """Of a zone: how many of its areas lie beyond the caller's own and are left out."""


class DrilledView(BaseModel):
    """What an owner owes in a period, with the check-ins behind it."""

    model_config = ConfigDict(frozen=True)
    title: str
    obligation: Drilled


def share_view(share: Share) -> ShareView:
    """Return a share as JSON shows it."""
    return ShareView(
        numerator=share.numerator, denominator=share.denominator, value=share.value
    )  # fmt: skip


def rates_of(figures: Figures) -> Rates:
    """Return figures with the shares that they make."""
    shares = shares_of(figures)
    told = {name: share_view(getattr(shares, name)) for name in type(shares).model_fields}
    return Rates.model_validate(figures.model_dump() | told)


@router.get("/compliance", operation_id="read_compliance")
def read_compliance(
    session: ReadsWork,
    desk: TheDesk,
    *,
    programme: Word,
    duty: Word,
    area: Area = None,
    zone: Zone = None,
    month: Month = "",
    whole: bool = False,
) -> ComplianceView:
    """Return figures, children and trend of one duty in the period that holds a month's day.

    ``whole`` asks a province for evidence, lateness and who misses again and again, too. ``zone``
    asks for the sums over a zone's areas instead of ``area``; its median lateness is null.
    """
    if zone is not None:
        found = desk.work.zones.standing(session, zone, programme, duty, month)
    else:
        found = desk.work.figures.standing(session, area, programme, duty, month, whole=whole)
    return ComplianceView(
        area=found.area,
        duty=found.duty,
        letter=found.letter,
        rates=rates_of(found.figures),
        elapsed=share_view(found.pace.elapsed),
        evidence=share_view(found.quality.evidence) if found.quality else None,
        median_hours=found.lateness.median_hours if found.lateness else None,
        p90_hours=found.lateness.p90_hours if found.lateness else None,
        children=tuple(
            Child(id=each.id, name=each.name, letter=each.letter, rates=rates_of(each.figures))
            for each in found.children
        ),
        trend=tuple(
            PeriodRates(
                period=each.period, period_label=each.period_label, rates=rates_of(each.figures)
            )
            for each in found.trend
        ),
        chronic=found.chronic,
        beyond=found.beyond,
    )


@router.get("/zones", operation_id="list_zones")
def list_zones(session: ReadsWork, desk: TheDesk) -> list[Place]:
    """Return the zones of which some part lies within the caller's area."""
    return list(desk.work.zones.listed(session))


@router.get("/compliance/overview", operation_id="read_overview")
def read_overview(
    session: ReadsWork, desk: TheDesk, area: Area = None, month: Month = ""
) -> Overview:
    """Return how every duty stands in a month, who is missing and what waits."""
    return desk.work.figures.overview(session, area, month)


@router.get("/compliance/matrix", operation_id="read_matrix")
def read_matrix(
    session: ReadsWork,
    desk: TheDesk,
    *,
    programme: Word,
    duty: Word,
    area: Area = None,
    month: Month = "",
) -> Matrix:
    """Return a commune's owners by period for one duty, over twelve months."""
    return desk.work.figures.matrix(session, area, programme, duty, month)


@router.get("/compliance/owners/{owner_id}/{period}", operation_id="drill_down")
def drill(session: ReadsWork, desk: TheDesk, owner_id: str, period: str) -> list[DrilledView]:
    """Return what an owner owes in a period, with every check-in behind it."""
    _, found = desk.work.figures.drill(session, owner_id, period)
    return [DrilledView(title=title, obligation=each) for title, each in found]


@router.get("/duties", operation_id="list_duties")
def list_duties(
    session: ReadsWork, desk: TheDesk, area: Area = None, month: Month = ""
) -> list[DutyView]:
    """Return what the programmes that apply here ask for in a month."""
    return list(desk.work.figures.duties(session, area, month))
