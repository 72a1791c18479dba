"""Console: a unit's neighbourhoods and organisations from a spreadsheet, with preview and undo.

A preview stores nothing: the file travels in the page until the person takes it. What was shown is
what is taken; if the ground has changed in between, the list is shown again.
"""

import base64
import binascii
import zlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from api.console.rendering import html
from api.dependencies import Desk, Form, TheDesk, TheForm
from api.policy import ManagesAreas
from intake.country.area_preview import Preview
from intake.errors import NotTaken, NotValid
from intake.officers import Session
from intake.ports import VIETNAM

router = APIRouter(include_in_schema=False)
MOST_BYTES = 180_000
"""Of a file in the console; a longer list goes through the command."""
_MOST_CARRIED = 250_000
_MOST_SHOWN = 200
_NOTICES = {
    "nhap": "Đã nhập cả danh sách.",
    "hoan-tac": "Đã hoàn tác. Mọi thứ trở lại như trước lần nhập.",
}
_TOO_LARGE = "Tệp lớn hơn 180 KB. Chia nhỏ tệp, hoặc nhờ quản trị dùng lệnh homthu areas import."
_NO_FILE = "Chưa chọn tệp. Chọn tệp CSV hoặc .xlsx rồi bấm Xem trước."
_OVERTAKEN = "Có người vừa thay đổi địa bàn này. Xem lại bảng dưới đây rồi nhập."
_ACTS = {"add": "Thêm", "change": "Sửa", "end": "Cho thôi", "same": "Giữ nguyên"}

ImportId = Annotated[str, Path(max_length=32, pattern="^[0-9a-f]{32}$")]


@router.get("/dia-ban")
def areas(request: Request, session: ManagesAreas, desk: TheDesk, vi: str = "") -> Response:
    """Show what was taken in lately, and the way to take in more."""
    return _areas(request, session, desk, notice=_NOTICES.get(vi))


def _areas(
    request: Request, session: Session, desk: Desk, *, status: int = 200, **told: str | None
) -> Response:
    scope = desk.area_imports.scope_of(session.unit_id)
    return html(
        request,
        "areas.html",
        status=status,
        room="areas",
        notice=told.get("notice"),
        refusal=told.get("refusal"),
        imports=[(one, _when(one.at)) for one in desk.area_imports.newest(scope)],
    )


@router.get("/dia-ban/mau.csv")
def template(session: ManagesAreas, desk: TheDesk) -> Response:
    """Hand out what stands now as a list, to be changed and sent back."""
    text = desk.area_imports.as_csv(desk.area_imports.scope_of(session.unit_id))
    headers = {"Content-Disposition": 'attachment; filename="dia-ban.csv"'}
    return Response(text.encode("utf-8-sig"), 200, headers, "text/csv; charset=utf-8")


@router.post("/dia-ban/xem")
def preview(request: Request, session: ManagesAreas, desk: TheDesk, form: TheForm) -> Response:
    """Show what a file would do; nothing is stored."""
    body = form.files.get("list", b"")
    if not body or len(body) > MOST_BYTES:
        refusal = _TOO_LARGE if body else _NO_FILE
        return _areas(request, session, desk, status=422, refusal=refusal)
    return _show(request, body, _previewed(session, desk, body))


@router.post("/dia-ban/nhap")
def take(request: Request, session: ManagesAreas, desk: TheDesk, form: TheForm) -> Response:
    """Take in the list that was shown, all of it."""
    body = _carried(form)
    seen = _previewed(session, desk, body)
    if seen.seen.hex() != form.text("seen", 64):
        return _show(request, body, seen, status=409, refusal=_OVERTAKEN)
    try:
        desk.area_imports.take(seen, session.officer.login)
    except NotTaken:
        again = _previewed(session, desk, body)
        return _show(request, body, again, status=409, refusal=_OVERTAKEN)
    return RedirectResponse("/dia-ban?vi=nhap", 303)


@router.post("/dia-ban/{import_id}/hoan-tac")
def undo(
    import_id: ImportId, request: Request, session: ManagesAreas, desk: TheDesk, form: TheForm
) -> Response:
    """Put everything back as it stood before an import."""
    if not form.ticked("sure"):
        raise NotValid("the box was not ticked")
    scope = desk.area_imports.scope_of(session.unit_id)
    try:
        desk.area_imports.undo(import_id, session.officer.login, scope)
    except NotTaken as error:
        return _areas(request, session, desk, status=409, refusal=f"Không hoàn tác được: {error}.")
    return RedirectResponse("/dia-ban?vi=hoan-tac", 303)


def _previewed(session: Session, desk: Desk, body: bytes) -> Preview:
    return desk.area_imports.preview(body, "", desk.area_imports.scope_of(session.unit_id))


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def _show(
    request: Request, body: bytes, seen: Preview, *, status: int = 200, refusal: str | None = None
) -> Response:
    return html(
        request,
        "areas_preview.html",
        status=422 if seen.errors else status,
        room="areas",
        refusal=refusal,
        seen=seen,
        rows=seen.rows[:_MOST_SHOWN],
        errors=seen.errors[:_MOST_SHOWN],
        acts=_ACTS,
        carried=base64.urlsafe_b64encode(zlib.compress(body)).decode(),
    )


def _carried(form: Form) -> bytes:
    """Return the file that the page carried.

    Raises:
        NotValid: not as it was handed out.
    """
    try:
        packed = base64.urlsafe_b64decode(form.text("carried", _MOST_CARRIED).encode("ascii"))
        unpacking = zlib.decompressobj()
        body = unpacking.decompress(packed, MOST_BYTES)
    except (ValueError, binascii.Error, zlib.error):
        raise NotValid("the file was not carried whole") from None
    if not unpacking.eof:
        raise NotValid("the file was not carried whole")
    return body
