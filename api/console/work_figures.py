"""Console of the work side: this month, the matrix, figures and grid, and what lies behind a cell.

Every page works without JavaScript; a choice is a plain form that the address keeps.
"""

from collections.abc import Mapping
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.console.rendering import html
from api.console.work_words import KINDS
from api.dependencies import Desk, TheDesk
from api.policy import ReadsWork
from intake.officers import Session
from intake.plans.calendar import month_of
from intake.ward.figures import months_until
from intake.ward.shapes import DutyView

router = APIRouter(include_in_schema=False)
Area = Annotated[str, Query(alias="noi", max_length=80)]
Month = Annotated[str, Query(alias="thang", max_length=7)]
ZONE = "vung:"
"""What the address of a zone's figures puts before the zone's id."""
Chosen = Annotated[str, Query(alias="viec", max_length=120)]


class Choice(NamedTuple):
    """Where, when and which duty a page shows."""

    area: str
    month: str
    duty: str

    def link(self, path: str, **changes: str) -> str:
        """Return the address of a page with some of this changed."""
        names = {"area": "noi", "month": "thang", "duty": "viec"}
        values = {names[name]: value for name, value in self._replace(**changes)._asdict().items()}
        kept = {name: value for name, value in values.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path


def work_page(
    request: Request, template: str, tab: str, *, status: int = 200, **values: object
) -> Response:
    """Return a page of the work side with its tabs."""
    return html(request, template, status=status, room="work", tab=tab, **values)


@router.get("/viec")
def overview(
    request: Request, session: ReadsWork, desk: TheDesk, area: Area = "", month: Month = ""
) -> Response:
    """Show how every duty stands this month, who is missing and what waits."""
    found = desk.work.figures.overview(session, area or None, month)
    return work_page(
        request,
        "work_overview.html",
        "overview",
        view=found,
        choice=Choice(area, month, ""),
        months=month_choices(desk, found.month),
        children=area_choices(desk, session),
    )


@router.get("/viec/bang")
def matrix(
    request: Request,
    session: ReadsWork,
    desk: TheDesk,
    *,
    area: Area = "",
    month: Month = "",
    chosen: Chosen = "",
) -> Response:
    """Show a commune's owners by month for one duty, with letters."""
    place, children = _commune(desk, session, area), area_choices(desk, session)
    duties = desk.work.figures.duties(session, place, month) if place else ()
    duty = _chosen(duties, chosen)
    found = None
    if place and duty:
        found = desk.work.figures.matrix(session, place, duty.programme, duty.duty, month)
    return work_page(
        request,
        "work_matrix.html",
        "matrix",
        matrix=found,
        duty=duty,
        duties=duties,
        choice=Choice(area, month, chosen),
        months=month_choices(desk, month),
        children=children,
        place=place,
    )


@router.get("/viec/bieu-do")
def standing(
    request: Request,
    session: ReadsWork,
    desk: TheDesk,
    *,
    area: Area = "",
    month: Month = "",
    chosen: Chosen = "",
    whole: Annotated[bool, Query(alias="ky-hon")] = False,
) -> Response:
    """Show figures, grid by area and trend of one duty, of an area or of a zone."""
    zone = area.removeprefix(ZONE) if area.startswith(ZONE) else ""
    duties = desk.work.figures.duties(session, None if zone else area or None, month)
    duty = _chosen(duties, chosen)
    found = None
    if duty and zone:
        found = desk.work.zones.standing(session, zone, duty.programme, duty.duty, month)
    elif duty:
        found = desk.work.figures.standing(
            session, area or None, duty.programme, duty.duty, month, whole=whole
        )
    return work_page(
        request,
        "work_standing.html",
        "standing",
        view=found,
        duty=duty,
        duties=duties,
        choice=Choice(area, month, chosen),
        months=month_choices(desk, month),
        children=area_choices(desk, session),
        zones=[(f"{ZONE}{each.id}", each.name) for each in desk.work.zones.listed(session)],
    )


@router.get("/viec/o/{owner_id}/{period}")
def drill(
    owner_id: str, period: str, request: Request, session: ReadsWork, desk: TheDesk
) -> Response:
    """Show what an owner owes in a period, and every check-in behind it."""
    place, found = desk.work.figures.drill(session, owner_id, period)
    return work_page(
        request, "work_drill.html", "matrix", place=place, found=found, period=period
    )  # fmt: skip


@router.get("/viec/buoi/{check_in_id}")
def check_in(
    check_in_id: str, request: Request, session: ReadsWork, desk: TheDesk, vi: str = ""
) -> Response:
    """Show one check-in with its history and its pictures."""
    sheet = desk.work.review.find(session, check_in_id)
    history = list(zip(sheet.changes, sheet.changers, strict=True))
    notice = _NOTICES.get(vi)
    return work_page(
        request, "work_check_in.html", "review", sheet=sheet, history=history, notice=notice,
        kinds=KINDS,
    )  # fmt: skip


_NOTICES: Mapping[str, str] = {
    "duyet": "Đã duyệt.",
    "hoi-lai": "Đã gửi câu hỏi. Buổi này chưa tính cho tới khi được bổ sung.",
    "ghi": "Đã ghi hộ qua điện thoại.",
    "sua": "Đã sửa. Bản trước vẫn giữ trong lịch sử; buổi này chờ duyệt lại.",
    "rut": "Đã rút. Buổi này không còn tính, lịch sử vẫn giữ.",
}


@router.get("/viec/buoi/{check_in_id}/anh/{photo_id}")
def photo(check_in_id: str, photo_id: str, session: ReadsWork, desk: TheDesk) -> Response:
    """Hand out one picture or voice note."""
    found = desk.work.review.photo(session, check_in_id, photo_id)
    return Response(found.body, media_type=found.media)


def _chosen(duties: tuple[DutyView, ...], chosen: str) -> DutyView | None:
    named = {f"{duty.programme}:{duty.duty}": duty for duty in duties}
    return named.get(chosen) or next(iter(duties), None)


def _commune(desk: Desk, session: Session, area: str) -> str | None:
    """Return the commune that a page of one commune shows; None: it must be chosen first."""
    if area:
        return area
    own = desk.work.figures.overview_place(session)
    return own.id if own.level == "commune" else None


def area_choices(desk: Desk, session: Session) -> list[tuple[str, str]]:
    """Return the communes that an officer of the unit above may go down to."""
    found = desk.work.figures.children(session)
    return [(each.id, each.name) for each in found if each.level == "commune"]


def month_choices(desk: Desk, month: str) -> list[str]:
    """Return the months to choose from, newest first; the chosen one is always among them."""
    found = list(months_until(desk.clock.today(), 18))
    chosen = month or month_of(desk.clock.today()).name
    return sorted({*found, chosen}, reverse=True)
