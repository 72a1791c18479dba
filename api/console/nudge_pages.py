"""Console of the reminders: who will hear what, what has left and helped, by hand, the switch."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.console.nudge_groups import call_groups
from api.console.rendering import html
from api.console.work_figures import Area, Choice, Month, area_choices, month_choices, work_page
from api.dependencies import Desk, TheDesk, TheForm
from api.policy import ManagesLeaders, ReadsWork, ReviewsWork, TurnsSwitch
from intake.errors import NotValid
from intake.nudging.desk_shapes import HandView
from intake.officers import Session
from intake.policy import RIGHTS, Right
from intake.ward.reports import read_day
from intake.ward.shapes import LeaderLine
from intake.work.work_scope import say

router = APIRouter(include_in_schema=False)
Day = Annotated[str, Query(alias="ngay", max_length=10)]
_NOTICES = {
    "dung": "Đã dừng. Từ lúc này không tin nhắc nào được gửi.",
    "chay": "Đã cho chạy lại. Việc nào còn cần nhắc sẽ được tính lại từ bây giờ.",
}


@router.get("/viec/nhac")
def plan(
    request: Request, session: ReadsWork, desk: TheDesk, *,
    area: Area = "", on: Day = "", vi: str = "",
) -> Response:  # fmt: skip
    """Show who will hear what on a day; tomorrow unless told."""
    return _plan(request, session, desk, area, on, notice=_NOTICES.get(vi))


def _plan(
    request: Request, session: Session, desk: Desk, area: str, on: str, *,
    asked: HandView | None = None, notice: str | None = None,
) -> Response:  # fmt: skip
    day: date | None = read_day(on) if on else None
    found = desk.nudges.desk.plan(session, area or None, day)
    people: list[LeaderLine] = []
    if found.area.level != "province":
        book = desk.work.leaders.book(session, found.area.id)
        people = [each for each in book.leaders if any(held.now for held in each.holdings)]
    return work_page(
        request,
        "nudges_plan.html",
        "nudges",
        plan=found,
        people=people,
        asked=asked,
        notice=notice,
        choice=Choice(area, "", ""),
        children=area_choices(desk, session),
    )


@router.get("/viec/nhac/da-gui")
def log(
    request: Request, session: ReadsWork, desk: TheDesk, area: Area = "", month: Month = ""
) -> Response:
    """Show what has left in a month, what could not, and how many did it within three days."""
    found = desk.nudges.desk.log(session, area or None, month)
    return work_page(
        request,
        "nudges_log.html",
        "nudges",
        log=found,
        choice=Choice(area, month, ""),
        months=month_choices(desk, found.month),
        children=area_choices(desk, session),
    )


@router.get("/viec/nhac/goi-dien")
def calls(
    request: Request, session: ManagesLeaders, desk: TheDesk, area: Area = ""
) -> Response:  # fmt: skip
    """Show whom no message reaches, with what each owes."""
    return work_page(
        request,
        "nudges_call.html",
        "nudges",
        calls=call_groups(desk.work.phones.of(session, area or None)),
        choice=Choice(area, "", ""),
        children=area_choices(desk, session),
    )


@router.post("/viec/nhac/tay")
def by_hand(request: Request, session: ReviewsWork, desk: TheDesk, form: TheForm) -> Response:
    """Ask for a message to one person, or to everybody of a commune who still owes something."""
    leader, area = form.text("leader_id", 64), form.text("area", 80)
    if not leader and not form.ticked("sure"):
        raise say(NotValid("Đánh dấu ô xác nhận trước khi nhắc mọi người."))
    acts = desk.nudges.acts
    found: HandView = (
        acts.remind(session, leader) if leader else acts.remind_all(session, area or None)
    )
    return _plan(request, session, desk, area, "", asked=found)


@router.get("/nhac-han")
def switch(request: Request, session: TurnsSwitch, desk: TheDesk, vi: str = "") -> Response:
    """Show the switch alone: an administrator reads nothing else of the reminders."""
    found = desk.nudges.acts.stops(session)
    return html(
        request, "nudges_switch.html", room="switch", stops=found, notice=_NOTICES.get(vi)
    )  # fmt: skip


@router.post("/viec/nhac/dung")
def stop(session: TurnsSwitch, desk: TheDesk, form: TheForm) -> Response:
    """Stop every reminder of an area at once; of the whole installation for an administrator."""
    desk.nudges.acts.stop(session, form.text("area", 80) or None)
    return RedirectResponse(f"{_home(session)}?vi=dung", 303)


@router.post("/viec/nhac/chay")
def resume(session: TurnsSwitch, desk: TheDesk, form: TheForm) -> Response:
    """Let the reminders run again."""
    desk.nudges.acts.resume(session, form.text("area", 80) or None)
    return RedirectResponse(f"{_home(session)}?vi=chay", 303)


def _home(session: Session) -> str:
    reads = Right.READ_WORK in RIGHTS.get(session.role, frozenset[Right]())
    return "/viec/nhac" if reads else "/nhac-han"
