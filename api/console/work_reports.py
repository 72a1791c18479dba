"""Console of the work side: deadlines, what was sent, who stands for whom, which plans apply."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.console.work_figures import Area, work_page
from api.dependencies import Form, TheDesk, TheForm
from api.policy import FilesReports, ManagesAreas, ReadsWork
from intake.ward.reports import read_day

router = APIRouter(include_in_schema=False)
_NOTICES = {
    "gui": "Đã đánh dấu đã gửi. Mục này không nhắc nữa.",
    "sua": "Đã sửa. Bản trước vẫn giữ trong lịch sử.",
    "rut": "Đã rút dấu “đã gửi”. Mục này lại phải làm.",
    "thay": "Đã chỉ định.",
    "chon": "Đã chọn. Việc của kỳ này được mở ở vòng việc kế tiếp.",
    "thoi": "Chương trình thôi áp dụng từ ngày đã chọn.",
}


@router.get("/viec/bao-cao")
def board(
    request: Request, session: ReadsWork, desk: TheDesk, area: Area = "", vi: str = ""
) -> Response:
    """Show every deadline, what has no day, and everything marked as sent."""
    return work_page(
        request,
        "work_reports.html",
        "reports",
        board=desk.work.reports.board(session, area or None),
        notice=_NOTICES.get(vi),
    )


@router.post("/viec/bao-cao/da-gui")
def mark_sent(session: FilesReports, desk: TheDesk, form: TheForm) -> Response:
    """Mark something as sent."""
    desk.work.reports.mark_sent(
        session,
        form.text("programme", 80),
        form.text("item", 80),
        form.text("occurrence", 20),
        role=form.text("role", 80),
        document_number=form.text("document_number", 160),
        document_on=read_day(form.text("document_on", 10)),
        area_id=_area(form),
    )
    return RedirectResponse("/viec/bao-cao?vi=gui", 303)


@router.post("/viec/bao-cao/thay")
def name_holder(session: FilesReports, desk: TheDesk, form: TheForm) -> Response:
    """Say who stands for a body that is gone."""
    desk.work.reports.name_holder(
        session,
        form.text("programme", 80),
        form.text("role", 80),
        form.text("holder", 400),
        _area(form),
    )
    return RedirectResponse("/viec/bao-cao?vi=thay", 303)


@router.post("/viec/bao-cao/{filing_id}/sua")
def amend(filing_id: str, session: FilesReports, desk: TheDesk, form: TheForm) -> Response:
    """Correct number and day of a document."""
    desk.work.reports.amend(
        session,
        filing_id,
        form.text("document_number", 160),
        read_day(form.text("document_on", 10)),
        form.text("reason", 400),
    )
    return RedirectResponse("/viec/bao-cao?vi=sua", 303)


@router.post("/viec/bao-cao/{filing_id}/rut")
def withdraw(filing_id: str, session: FilesReports, desk: TheDesk, form: TheForm) -> Response:
    """Take a mark back."""
    desk.work.reports.withdraw(session, filing_id, form.text("reason", 400))
    return RedirectResponse("/viec/bao-cao?vi=rut", 303)


@router.get("/viec/chuong-trinh")
def programmes(
    request: Request, session: ManagesAreas, desk: TheDesk, area: Area = "", vi: str = ""
) -> Response:
    """Show the programmes that there are, and which of them apply."""
    return work_page(
        request,
        "work_programmes.html",
        "programmes",
        choices=desk.work.reports.choices(session, area or None),
        area=area,
        notice=_NOTICES.get(vi),
    )


@router.post("/viec/chuong-trinh")
def choose(session: ManagesAreas, desk: TheDesk, form: TheForm) -> Response:
    """Let a programme apply from a day on, or no longer."""
    programme, day = form.text("programme", 80), read_day(form.text("day", 10))
    if form.fields.get("act") == "end":
        desk.work.reports.end(session, programme, day, _area(form))
        return RedirectResponse("/viec/chuong-trinh?vi=thoi", 303)
    desk.work.reports.choose(session, programme, day, _area(form))
    return RedirectResponse("/viec/chuong-trinh?vi=chon", 303)


def _area(form: Form) -> str | None:
    return form.text("area", 80) or None if "area" in form.fields else None
