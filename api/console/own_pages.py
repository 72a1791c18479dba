"""Console: an officer's own chat and own calendar. Codes and addresses are shown once."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.console.work_figures import work_page
from api.dependencies import TheDesk, TheForm
from api.policy import ReadsWork
from api.routes.calendar import address_of, who_is
from intake.errors import NotValid
from intake.work.work_scope import say

router = APIRouter(include_in_schema=False)
_FORMS = ("anh", "chị", "bác", "cô", "chú")
_NOTICES = {
    "noi": "Đã nối. Bấm “Lấy mã” rồi gõ mã trong khung chat của Hòm Thư.",
    "ngat": "Đã ngắt. Tài khoản này không còn được nhắn riêng.",
    "thu-hoi": "Đã thu hồi. Địa chỉ lịch cũ không mở được nữa.",
}


@router.get("/viec/cua-toi")
def mine(request: Request, session: ReadsWork, desk: TheDesk, vi: str = "") -> Response:
    """Show how this officer is written to, and whether they have a calendar."""
    return work_page(
        request,
        "own.html",
        "nudges",
        chat=desk.nudges.own_chat.mine(session),
        calendar=desk.nudges.calendars.state(who_is(session)),
        forms=_FORMS,
        notice=_NOTICES.get(vi),
    )


@router.post("/viec/cua-toi/noi")
def connect(session: ReadsWork, desk: TheDesk, form: TheForm) -> Response:
    """Be written to under an entry of one's own unit, or under a new one."""
    leader_id, address_as = form.text("leader_id", 64), form.text("address_as", 10)
    desk.nudges.own_chat.connect(session, leader_id, address_as)
    return RedirectResponse("/viec/cua-toi?vi=noi", 303)


@router.post("/viec/cua-toi/ma")
def invite(request: Request, session: ReadsWork, desk: TheDesk) -> Response:
    """Draw a one-time code for one's own chat and show it, once."""
    made = desk.nudges.own_chat.invite(session)
    return work_page(request, "work_invite.html", "nudges", invite=made, back="/viec/cua-toi")


@router.post("/viec/cua-toi/ngat")
def disconnect(session: ReadsWork, desk: TheDesk, form: TheForm) -> Response:
    """End the link."""
    if not form.ticked("sure"):
        raise say(NotValid("Đánh dấu ô xác nhận trước khi ngắt."))
    desk.nudges.own_chat.disconnect(session)
    return RedirectResponse("/viec/cua-toi?vi=ngat", 303)


@router.post("/viec/cua-toi/lich")
def calendar(request: Request, session: ReadsWork, desk: TheDesk) -> Response:
    """Make an address for one's calendar and show it, once; the old one stops working."""
    token = desk.nudges.calendars.make(who_is(session))
    address = address_of(desk.settings.console_url, token)
    return work_page(request, "own_calendar.html", "nudges", address=address)


@router.post("/viec/cua-toi/lich/thu-hoi")
def revoke(session: ReadsWork, desk: TheDesk) -> Response:
    """Take the address back."""
    desk.nudges.calendars.revoke(who_is(session))
    return RedirectResponse("/viec/cua-toi?vi=thu-hoi", 303)
