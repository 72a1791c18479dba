"""Console of the work side: the ward's book of leaders. A code is shown once and kept nowhere."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.console.work_figures import Area, work_page
from api.dependencies import TheDesk, TheForm
from api.policy import ManagesLeaders
from intake.errors import NotValid
from intake.ward.reports import read_day
from intake.work.leaders import FORMS_OF_ADDRESS, PARTS
from intake.work.work_scope import say

router = APIRouter(include_in_schema=False)
_NOTICES = {
    "them": "Đã thêm. Bấm “Mời” để lấy mã cho người này.",
    "giao": "Đã giao thêm.",
    "ban-giao": "Đã bàn giao. Những gì đã ghi vẫn giữ nguyên.",
    "da-hoi": "Đã ghi là đã hỏi. Cảnh báo mã mời không hiện nữa.",
    "ngat": "Đã ngắt mọi máy. Bấm “Mời” để lấy mã cho máy mới.",
    "thoi": "Đã cho thôi. Những gì đã ghi vẫn giữ nguyên.",
}


@router.get("/viec/nguoi")
def book(
    request: Request, session: ManagesLeaders, desk: TheDesk, area: Area = "", vi: str = ""
) -> Response:
    """Show the leaders, and what nobody looks after."""
    return work_page(
        request,
        "work_leaders.html",
        "leaders",
        book=desk.work.leaders.book(session, area or None),
        forms=FORMS_OF_ADDRESS,
        parts=PARTS,
        notice=_NOTICES.get(vi),
    )


@router.post("/viec/nguoi")
def add(session: ManagesLeaders, desk: TheDesk, form: TheForm) -> Response:
    """Add a leader with the first thing that they look after."""
    added = desk.work.leaders.add(
        session,
        form.text("name", 160),
        form.text("address_as", 10),
        form.text("owner_id", 80),
        form.text("part", 20),
    )
    return RedirectResponse(f"/viec/nguoi/{added}?vi=them", 303)


@router.get("/viec/nguoi/{leader_id}")
def leader(
    leader_id: str, request: Request, session: ManagesLeaders, desk: TheDesk, vi: str = ""
) -> Response:
    """Show one leader and what can be done."""
    line, owners = desk.work.leaders.find(session, leader_id)
    others = [each for each in desk.work.leaders.book(session).leaders if each.id != line.id]
    return work_page(
        request,
        "work_leader.html",
        "leaders",
        leader=line,
        owners=owners,
        parts=PARTS,
        others=[each for each in others if each.left_on is None],
        notice=_NOTICES.get(vi),
    )


@router.post("/viec/nguoi/{leader_id}/moi")
def invite(leader_id: str, request: Request, session: ManagesLeaders, desk: TheDesk) -> Response:
    """Draw a one-time code and show it, once."""
    made = desk.work.leaders.invite(session, leader_id)
    return work_page(request, "work_invite.html", "leaders", invite=made)


@router.post("/viec/nguoi/{leader_id}/da-hoi")
def clear(leader_id: str, session: ManagesLeaders, desk: TheDesk) -> Response:
    """Note that the ward has asked about a used invite."""
    desk.work.leaders.clear(session, leader_id)
    return _back_to(leader_id, "da-hoi")


@router.post("/viec/nguoi/{leader_id}/giao")
def assign(leader_id: str, session: ManagesLeaders, desk: TheDesk, form: TheForm) -> Response:
    """Let a leader look after something more."""
    days = {name: form.text(name, 10) for name in ("since", "until")}
    desk.work.leaders.assign(
        session,
        leader_id,
        form.text("owner_id", 80),
        form.text("part", 20),
        since=read_day(days["since"]) if days["since"] else None,
        until=read_day(days["until"]) if days["until"] else None,
    )
    return _back_to(leader_id, "giao")


@router.post("/viec/nguoi/{leader_id}/ban-giao")
def hand_over(leader_id: str, session: ManagesLeaders, desk: TheDesk, form: TheForm) -> Response:
    """Let another leader take something over from a day on."""
    desk.work.leaders.hand_over(
        session,
        form.text("owner_id", 80),
        leader_id,
        form.text("taker", 64),
        read_day(form.text("on", 10)),
    )
    return _back_to(leader_id, "ban-giao")


@router.post("/viec/nguoi/{leader_id}/mat-may")
def close_chats(leader_id: str, session: ManagesLeaders, desk: TheDesk, form: TheForm) -> Response:
    """End every chat and browser of a leader whose phone is lost."""
    if not form.ticked("sure"):
        raise say(NotValid("Đánh dấu ô xác nhận trước khi ngắt."))
    desk.work.leaders.close_chats(session, leader_id)
    return _back_to(leader_id, "ngat")


@router.post("/viec/nguoi/{leader_id}/thoi")
def leave(leader_id: str, session: ManagesLeaders, desk: TheDesk, form: TheForm) -> Response:
    """Let a leader go."""
    if not form.ticked("sure"):
        raise say(NotValid("Đánh dấu ô xác nhận trước khi cho thôi."))
    desk.work.leaders.leave(session, leader_id)
    return _back_to(leader_id, "thoi")


def _back_to(leader_id: str, notice: str) -> Response:
    # The service has found the leader, so the id is hexadecimal and safe in an address.
    return RedirectResponse(f"/viec/nguoi/{leader_id}?vi={notice}", 303)
