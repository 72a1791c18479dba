"""Console: the queue and one tip. The same calls as the JSON routes, shown as pages.

Every page works without JavaScript. A page that follows a write is reached by a redirect, so that
loading it again repeats nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.console.rendering import first_capital, html
from api.dependencies import Desk, TheDesk, TheForm
from api.policy import Answers, Closes, OpensTips, ReadsQueue, SignedInPerson
from intake.drafts import MAX_TEXT
from intake.errors import Conflict, NotFound
from intake.officers import Session
from intake.policy import RIGHTS, Right
from intake.queue_page import MANY
from intake.tip_states import OPEN_STATES, REASONS, STATES
from intake.upkeep.holds import GROUNDS

router = APIRouter(include_in_schema=False)
_NOTICES = {
    "nhan": "Đồng chí đang giữ tin này.",
    "tra-loi": "Đã gửi. Người báo đọc được khi gõ mã.",
    "hoi-them": "Đã gửi câu hỏi. Tin chờ thêm thông tin.",
    "trang-thai": "Đã đổi trạng thái.",
    "dong": "Đã đóng tin.",
    "giu": "Tin được giữ lại, không bị xóa theo thời hạn.",
    "thoi-giu": "Thôi giữ. Tin sẽ bị xóa khi hết thời hạn lưu.",
}

_OVERTAKEN = "Vừa có thay đổi: có người vừa đổi tin này, hoặc người báo vừa gửi thêm. "
_NOT_DONE = _OVERTAKEN + "Việc vừa bấm chưa làm. Xin xem lại rồi làm lại."
_NOT_SENT = _OVERTAKEN + "Lời này chưa gửi, vẫn còn trong ô trả lời. Xin xem lại rồi gửi."


class Filter(NamedTuple):
    """One choice above the queue."""

    key: str
    label: str
    tips: str
    """How many, as shown; "" for none."""


@router.get("/")
def first_room(session: SignedInPerson) -> Response:
    """Go to where this person works."""
    rights = RIGHTS.get(session.role, frozenset[Right]())
    rooms = ((Right.READ_QUEUE, "/hang-tin"), (Right.READ_WORK, "/viec"))
    return RedirectResponse(next((to for right, to in rooms if right in rights), "/can-bo"), 303)


@router.get("/hang-tin")
def queue(
    request: Request,
    session: ReadsQueue,
    desk: TheDesk,
    loc: Annotated[str, Query(max_length=20)] = "",
    sau: Annotated[str | None, Query(max_length=80)] = None,
) -> Response:
    """Show one page of the queue."""
    page = desk.triage.queue(session, (loc,) if loc else OPEN_STATES, sau)
    wanted = {"loc": loc} if loc else {}
    after = {"sau": page.next_after} if page.next_after else {}
    return html(
        request,
        "queue.html",
        room="queue",
        queue=page,
        chosen=loc,
        filters=_filters(page.counts),
        first_page=sau is None,
        next_page=f"/hang-tin?{urlencode(wanted | after)}" if after else None,
        several_units=any(row.unit_id != session.unit_id for row in page.rows),
        holders=_names(desk, (row.holder_id for row in page.rows)),
    )


def _filters(counts: Mapping[str, int]) -> list[Filter]:
    still_open = sum(counts.get(state, 0) for state in OPEN_STATES)
    each = (
        Filter(key, first_capital(label), _number(counts.get(key, 0)))
        for key, label in STATES.items()
    )
    return [Filter("", "Đang mở", _number(still_open)), *each]


def _number(tips: int) -> str:
    """Return a count as shown; from a thousand on nobody has counted."""
    return "hơn 1.000" if tips >= MANY else str(tips or "")


def _names(desk: Desk, holders: Iterable[str | None]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for holder in {holder for holder in holders if holder}:
        try:
            names[holder] = desk.people.officer(bytes.fromhex(holder)).name
        except NotFound:
            names[holder] = "người đã thôi"
    return names


@router.get("/tin/{tip_id}")
def tip(tip_id: str, request: Request, session: OpensTips, desk: TheDesk, vi: str = "") -> Response:
    """Open one tip; its audit row is committed first."""
    return _tip(request, session, desk, tip_id, notice=_NOTICES.get(vi))


def _tip(
    request: Request,
    session: Session,
    desk: Desk,
    tip_id: str,
    *,
    notice: str | None = None,
    refusal: str | None = None,
    typed: str = "",
) -> Response:
    opened = desk.disclosure.open_tip(session, tip_id)
    holder = _names(desk, [opened.holder_id])
    return html(
        request,
        "tip.html",
        room="queue",
        tip=opened,
        holder_name=holder.get(opened.holder_id or ""),
        states=[(key, label) for key, label in STATES.items() if _may_move(opened.state, key)],
        reasons=REASONS,
        longest=MAX_TEXT,
        held=desk.triage.holds.is_held(session, tip_id),
        grounds=GROUNDS,
        notice=notice,
        refusal=refusal,
        typed=typed,
    )


def _may_move(state: str, to: str) -> bool:
    """Return what is worth offering; whether a move is allowed is the service's to say."""
    return to not in ("new", "closed", state)


@router.get("/tin/{tip_id}/anh/{part_id}")
def photo(tip_id: str, part_id: str, session: OpensTips, desk: TheDesk) -> Response:
    """Show one picture; its audit row is committed first."""
    return Response(desk.disclosure.photo(session, tip_id, part_id), media_type="image/jpeg")


@router.post("/tin/{tip_id}/nhan")
def claim(
    tip_id: str, request: Request, session: Answers, desk: TheDesk, form: TheForm
) -> Response:
    """Take a tip in hand."""
    seen = form.number("version")
    act = partial(desk.triage.claim, session, tip_id, seen)
    return _done(request, session, desk, tip_id, act=act, notice="nhan")


@router.post("/tin/{tip_id}/tra-loi")
def answer(
    tip_id: str, request: Request, session: Answers, desk: TheDesk, form: TheForm
) -> Response:
    """Answer, or ask for more."""
    ask = form.fields.get("act") == "ask"
    text, seen = form.text("text", MAX_TEXT * 2), form.number("version")
    act = partial(desk.triage.answer, session, tip_id, seen, text, ask=ask)
    notice = "hoi-them" if ask else "tra-loi"
    return _done(request, session, desk, tip_id, act=act, notice=notice, typed=text)


@router.post("/tin/{tip_id}/trang-thai")
def set_state(
    tip_id: str, request: Request, session: Answers, desk: TheDesk, form: TheForm
) -> Response:
    """Move a tip to another state."""
    seen, state = form.number("version"), form.text("state", 20)
    act = partial(desk.triage.set_state, session, tip_id, seen, state)
    return _done(request, session, desk, tip_id, act=act, notice="trang-thai")


@router.post("/tin/{tip_id}/dong")
def close(tip_id: str, request: Request, session: Closes, desk: TheDesk, form: TheForm) -> Response:
    """Close a tip for a written reason."""
    seen, reason = form.number("version"), form.text("reason", 40)
    act = partial(desk.triage.close, session, tip_id, seen, reason)
    return _done(request, session, desk, tip_id, act=act, notice="dong")


@router.post("/tin/{tip_id}/giu")
def hold(tip_id: str, session: Closes, desk: TheDesk, form: TheForm) -> Response:
    """Keep a tip from being erased, for a written ground."""
    desk.triage.holds.hold(session, tip_id, form.text("ground", 20))
    return _back_to(tip_id, "giu")


@router.post("/tin/{tip_id}/thoi-giu")
def release(tip_id: str, session: Closes, desk: TheDesk) -> Response:
    """Let a tip go again."""
    desk.triage.holds.release(session, tip_id)
    return _back_to(tip_id, "thoi-giu")


def _done(
    request: Request,
    session: Session,
    desk: Desk,
    tip_id: str,
    *,
    act: Callable[[], None],
    notice: str,
    typed: str = "",
) -> Response:
    """Do it and lead back to the tip; whose page is out of date gets the new one, and their words.

    That is a page and no error: what answers with 4xx never repeats what was typed.
    """
    try:
        act()
    except Conflict:
        refusal = _NOT_SENT if typed else _NOT_DONE
        return _tip(request, session, desk, tip_id, refusal=refusal, typed=typed)
    return _back_to(tip_id, notice)


def _back_to(tip_id: str, notice: str) -> Response:
    # The service has found the tip, so its id is hexadecimal and safe in an address.
    return RedirectResponse(f"/tin/{tip_id}?vi={notice}", 303)


@router.get("/tro-giup")
def help_page(request: Request, session: SignedInPerson) -> Response:
    """Show the keys and the written definitions."""
    reads = Right.READ_QUEUE in RIGHTS.get(session.role, frozenset())
    return html(request, "help.html", room="help", reasons=REASONS if reads else ())
