"""Console of the work side: what waits for the ward's word, and filing for a leader by phone.

A form that files is shown once more before anything is stored: with the weekday, what it counts for
and what looks odd. Filing twice from one form files once.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from api.console.work_figures import Area, work_page
from api.console.work_words import KINDS
from api.dependencies import Desk, Form, TheDesk, TheForm
from api.policy import ReadsWork, ReviewsWork
from intake.errors import NotValid, Refused
from intake.officers import Session
from intake.ward.leaders import new_once
from intake.ward.reports import read_day
from intake.work.check_in_shapes import CheckInDraft
from intake.work.work_scope import say

router = APIRouter(include_in_schema=False)
_NOTICES = {
    "duyet": "Đã duyệt.",
    "mien": "Đã cho miễn.",
    "khong-mien": "Không cho miễn: việc vẫn phải làm.",
    "vuong": "Đã ghi nhận: vướng mắc đó không còn trong danh sách.",
}
_LONGEST = {"owner_id": 80, "kind": 30, "done_on": 10, "place": 200, "people": 7, "households": 7,
            "chair": 200, "note": 2000, "present": 400, "slips": 7, "also": 30}  # fmt: skip
_NUMBERS = ("people", "households", "slips")


@router.get("/viec/duyet")
def waiting(
    request: Request, session: ReadsWork, desk: TheDesk, area: Area = "", vi: str = ""
) -> Response:
    """Show what waits: flagged ones first, then exemptions, then what stands in the way."""
    hindrances = desk.work.review.hindrances(session, area or None)
    return work_page(
        request,
        "work_review.html",
        "review",
        waiting=desk.work.review.waiting(session, area or None),
        exemptions=desk.work.review.exemptions(session, area or None),
        hindrances=hindrances,
        titles=desk.work.services.uses.titles({each.programme for each in hindrances}),
        notice=_NOTICES.get(vi),
    )


@router.post("/viec/duyet")
def approve_all(session: ReviewsWork, desk: TheDesk, form: TheForm) -> Response:
    """Accept everything that the page showed without a flag."""
    ids = [each for each in form.text("ids", 20_000).split(",") if each]
    desk.work.review.approve(session, ids)
    return RedirectResponse("/viec/duyet?vi=duyet", 303)


@router.post("/viec/buoi/{check_in_id}/duyet")
def approve(check_in_id: str, session: ReviewsWork, desk: TheDesk) -> Response:
    """Accept one check-in, flagged or not."""
    desk.work.review.approve(session, [check_in_id])
    return RedirectResponse("/viec/duyet?vi=duyet", 303)


@router.post("/viec/buoi/{check_in_id}/hoi-lai")
def send_back(check_in_id: str, session: ReviewsWork, desk: TheDesk, form: TheForm) -> Response:
    """Send one back with a question."""
    desk.work.review.send_back(session, check_in_id, form.text("question", 500))
    # The service has found it, so its id is hexadecimal and safe in an address.
    return RedirectResponse(f"/viec/buoi/{check_in_id}?vi=hoi-lai", 303)


@router.post("/viec/buoi/{check_in_id}/sua")
def amend(check_in_id: str, session: ReviewsWork, desk: TheDesk, form: TheForm) -> Response:
    """Correct what was filed, with a reason."""
    desk.work.review.amend(session, check_in_id, _told(form), form.text("reason", 400))
    return RedirectResponse(f"/viec/buoi/{check_in_id}?vi=sua", 303)


@router.post("/viec/buoi/{check_in_id}/rut")
def withdraw(check_in_id: str, session: ReviewsWork, desk: TheDesk, form: TheForm) -> Response:
    """Take back what was filed, with a reason."""
    desk.work.review.withdraw(session, check_in_id, form.text("reason", 400))
    return RedirectResponse(f"/viec/buoi/{check_in_id}?vi=rut", 303)


@router.post("/viec/mien/{obligation_id}")
def decide(obligation_id: str, session: ReviewsWork, desk: TheDesk, form: TheForm) -> Response:
    """Grant or refuse an exemption."""
    granted = form.text("act", 10) == "grant"
    desk.work.review.decide(session, obligation_id, granted=granted)
    return RedirectResponse(f"/viec/duyet?vi={'mien' if granted else 'khong-mien'}", 303)


@router.post("/viec/vuong/{obligation_id}")
def settle(obligation_id: str, session: ReviewsWork, desk: TheDesk) -> Response:
    """Take what stood in the way off the list."""
    desk.work.review.settle(session, obligation_id)
    return RedirectResponse("/viec/duyet?vi=vuong", 303)


@router.get("/viec/sau-khoa")
def late(
    request: Request,
    session: ReadsWork,
    desk: TheDesk,
    area: Area = "",
    year: Annotated[int, Query(alias="nam", ge=2000, le=2098)] = 0,
) -> Response:
    """Show what was filed or changed after the close, of one year."""
    chosen = year or desk.clock.today().year
    first, last = date(chosen, 1, 1), date(chosen, 12, 31)
    found = desk.work.review.late(session, first, last, area or None)
    return work_page(
        request, "work_late.html", "reports", found=found, year=chosen,
        years=range(desk.clock.today().year, desk.clock.today().year - 4, -1),
    )  # fmt: skip


# --- by phone -------------------------------------------------------------------------------------


@router.get("/viec/ghi")
def phone_form(
    request: Request,
    session: ReviewsWork,
    desk: TheDesk,
    owner: Annotated[str, Query(alias="don-vi", max_length=80)] = "",
) -> Response:
    """Show the form for what a leader tells by phone."""
    today = desk.clock.today().isoformat()
    typed = {"owner_id": owner, "done_on": today, "once": new_once()}
    return _phone_form(request, session, desk, typed)


@router.post("/viec/ghi")
def file_by_phone(request: Request, session: ReviewsWork, desk: TheDesk, form: TheForm) -> Response:
    """Show once more what would be filed; file it when that is confirmed."""
    typed = {name: form.fields.get(name, "") for name in (*_LONGEST, "once")}
    try:
        draft = _draft(form)
        if not form.ticked("sure"):
            effects, warnings = desk.work.review.foresee(session, draft)
            return work_page(
                request, "work_phone_sure.html", "review", draft=draft, effects=effects,
                warnings=warnings, typed=typed, owner=_owner_name(desk, session, draft.owner_id),
            )  # fmt: skip
        filed = desk.work.review.file(session, draft, form.text("once", 32))
    except Refused as error:
        told = error.advice or "Có ô thiếu hoặc không đúng dạng. Xin xem lại."
        return _phone_form(request, session, desk, typed, refusal=told, status=error.status)
    return RedirectResponse(f"/viec/buoi/{filed.check_in_id}?vi=ghi", 303)


def _phone_form(
    request: Request,
    session: Session,
    desk: Desk,
    typed: Mapping[str, str],
    *,
    refusal: str | None = None,
    status: int = 200,
) -> Response:
    return work_page(
        request,
        "work_phone.html",
        "review",
        status=status,
        owners=desk.work.review.owners(session),
        kinds=KINDS,
        typed={name: typed.get(name, "") for name in (*_LONGEST, "once")},
        refusal=refusal,
    )


def _owner_name(desk: Desk, session: Session, owner_id: str) -> str:
    return next(each.name for each in desk.work.review.owners(session) if each.id == owner_id)


def _draft(form: Form) -> CheckInDraft:
    """Read the form of what is filed by phone.

    Raises:
        NotValid: a field that cannot be read, with a sentence that names it.
    """
    owner = form.text("owner_id", _LONGEST["owner_id"]) if "owner_id" in form.fields else ""
    try:
        return CheckInDraft.model_validate({**_told(form), "owner_id": owner.strip()})
    except ValidationError:
        raise say(NotValid("Chọn đơn vị và loại việc trong danh sách.")) from None


def _told(form: Form) -> dict[str, object]:
    """Read what an activity was, all but whose.

    Raises:
        NotValid: a field that cannot be read, with a sentence that names it.
    """
    told = {name: form.text(name, most) if name in form.fields else ""
            for name, most in _LONGEST.items() if name != "owner_id"}  # fmt: skip
    values: dict[str, object] = {
        name: told[name].strip() for name in ("kind", "place", "chair", "note")
    }
    values["done_on"] = read_day(told["done_on"])
    values |= {name: _number(told[name]) for name in _NUMBERS}
    values["present"] = tuple(part.strip() for part in told["present"].split(",") if part.strip())
    values["also_counts_as"] = (told["also"],) if told["also"] not in ("", told["kind"]) else ()
    return values


def _number(text: str) -> int | None:
    tidy = text.strip().replace(".", "")
    if not tidy:
        return None
    if not (tidy.isascii() and tidy.isdecimal()):
        raise say(NotValid("Số người, số hộ, số phiếu phải là chữ số: 45."))
    return int(tidy)
