"""The officers' side's one translator of errors: problem+json for machines, plain pages for people.

Nothing that somebody typed is ever repeated: titles and advice are the constants below, chosen by
an error's ``code``. FastAPI's own 422, which echoes the value, is replaced here.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.console.rendering import html
from api.dependencies import cookie_name, desk_of
from intake.errors import HomThuError, Misconfigured, NotSignedIn, Refused
from intake.limits import Slow

PROBLEM_TYPE = "application/problem+json"
_FOR_MACHINES = ("/api/", "/healthz", "/readyz")


class Problem(BaseModel):
    """RFC 9457. ``code`` is stable; ``title`` and ``detail`` are constants."""

    model_config = ConfigDict(frozen=True)
    type: str
    title: str
    status: int
    code: str
    detail: str


class Wording(NamedTuple):
    """What a person reads when something was refused."""

    title: str
    advice: str


_WORDING = {
    "not_valid": Wording("Chưa đọc được", "Có ô thiếu hoặc không đúng dạng. Xin xem lại."),
    "empty_tip": Wording("Chưa có chữ nào", "Xin gõ vài chữ rồi gửi lại."),
    "too_long": Wording("Dài quá", "Xin chia làm nhiều lần rồi gửi lần lượt."),
    "not_signed_in": Wording("Chưa đăng nhập", "Phiên đã hết hoặc chưa mở. Xin đăng nhập."),
    "not_allowed": Wording("Không được phép", "Vai này không có việc đó, hoặc chưa có khóa."),
    "not_same_site": Wording("Không nhận từ trang khác", "Xin mở lại trang này rồi làm lại."),
    "form_token": Wording("Trang đã cũ", "Xin tải lại trang rồi làm lại."),
    "not_found": Wording("Không thấy", "Ở đây không có gì đồng chí được xem."),
    "not_offered": Wording("Không có cách gọi này", "Địa chỉ này không nhận kiểu yêu cầu đó."),
    "conflict": Wording("Vừa có thay đổi", "Xin mở lại để xem bản mới, rồi làm lại."),
    "login_taken": Wording("Tên đăng nhập đã có người dùng", "Xin chọn tên khác."),
    "future_day": Wording("Ngày chưa tới", "Ghi sau khi buổi đã diễn ra."),
    "needs_reason": Wording("Thiếu lý do", "Xin ghi lý do rồi gửi lại."),
    "unknown_item": Wording("Không có mục này", "Chọn mục có trong danh sách của chương trình."),
    "not_scheduled": Wording("Chưa đặt ngày", "Văn bản không ghi ngày; đơn vị tự đặt."),
    "period_closed": Wording("Kỳ đã khóa sổ", "Số của kỳ này không đổi được nữa."),
    "role_unset": Wording("Chưa chỉ định ai thay", "Cơ quan này không còn: chỉ định trước đã."),
    "flagged": Wording("Có buổi mang cờ", "Xem và duyệt riêng từng buổi mang cờ."),
    "too_late": Wording("Đã quá 10 phút", "Dùng sửa hoặc rút lại, kèm lý do."),
    "head_taken": Wording("Đã có người phụ trách", "Dùng bàn giao để đổi người."),
    "too_large": Wording("Lớn quá", "Yêu cầu lớn hơn mức cho phép."),
    "too_many": Wording("Xin chậm lại", "Nhiều lần thử quá. Chờ một lát rồi thử tiếp."),
    "try_later": Wording("Máy đang bận", "Chưa có gì được ghi. Xin thử lại sau ít phút."),
    "key_list_rejected": Wording(
        "Chưa nhận tin", "Khóa của đơn vị chưa được ký. Xem mục Người và khóa."
    ),
    "error": Wording("Máy gặp lỗi", "Chưa chắc việc đã xong. Xin mở lại để kiểm tra."),
}
_BY_STATUS = {401: "not_signed_in", 403: "not_allowed", 404: "not_found", 405: "not_offered",
              409: "conflict", 413: "too_large", 422: "not_valid", 429: "too_many",
              503: "try_later"}  # fmt: skip


def wording_of(code: str, status: int) -> Wording:
    """Return the fixed words for an error, by its code or else by its status."""
    return _WORDING.get(code) or _WORDING[_BY_STATUS.get(status, "error")]


def problem(status: int, code: str, advice: str | None = None) -> Problem:
    """Return the problem document for an error; ``advice`` is its own constant sentence."""
    title, usual = wording_of(code, status)
    kind = f"urn:homthu:problem:{code}"
    return Problem(type=kind, title=title, status=status, code=code, detail=advice or usual)


def refuse(
    request: Request, status: int, code: str, *, retry: int | None = None, advice: str | None = None
) -> Response:
    """Return the answer that tells ``request`` of an error, in the caller's form."""
    headers = {"Retry-After": str(retry)} if retry else {}
    if request.url.path.startswith(_FOR_MACHINES):
        body = problem(status, code, advice).model_dump()
        return JSONResponse(body, status, headers, media_type=PROBLEM_TYPE)
    if code == NotSignedIn.code:
        return _to_sign_in(request)
    title, usual = wording_of(code, status)
    values = {"title": title, "advice": advice or usual, "back": _back(request)}
    answer = html(request, "error.html", status=status, **values)
    answer.headers.update(headers)
    return answer


def _back(request: Request) -> str | None:
    """Return the page of the work side that a form stood on: what was typed is still there."""
    told = urlsplit(request.headers.get("referer", ""))
    here = urlsplit(str(request.url)).netloc
    return told.path if told.netloc == here and told.path.startswith("/viec") else None


def _to_sign_in(request: Request) -> Response:
    name = cookie_name(desk_of(request).settings)
    ended = name in request.cookies
    answer = RedirectResponse("/dang-nhap?vi=het-phien" if ended else "/dang-nhap", 303)
    if ended:
        answer.delete_cookie(name, secure=name.startswith("__Host-"), httponly=True)
    return answer


async def _expected(request: Request, error: Exception) -> Response:
    known = cast("HomThuError", error)
    status = 503 if isinstance(known, Misconfigured) else known.status
    retry = known.minutes * 60 if isinstance(known, Slow) else 30 if status == 503 else None
    advice = known.advice if isinstance(known, Refused) else None
    return refuse(request, status, known.code, retry=retry, advice=advice)


async def _unread(request: Request, error: Exception) -> Response:
    del error  # it holds what was typed
    return refuse(request, 422, "not_valid")


async def _by_status(request: Request, error: Exception) -> Response:
    status = cast("HTTPException", error).status_code
    if status == HTTPStatus.BAD_REQUEST:  # the framework's word for a body that breaks its parser
        return await _unread(request, error)
    answer = refuse(request, status, _BY_STATUS.get(status, "error"))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = _served(request)
    return answer


def _served(request: Request) -> str:
    """Return the methods of every route at this address; the router knows only the first one's."""
    here = (route for route in request.app.routes if route.matches(request.scope)[0] != Match.NONE)
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


Handler = Callable[[Request, Exception], Awaitable[Response]]


def add_handlers(app: FastAPI) -> None:
    """Replace every default error answer of the framework."""
    handlers: tuple[tuple[type[Exception], Handler], ...] = (
        (HomThuError, _expected),
        (RequestValidationError, _unread),
        (HTTPException, _by_status),
    )
    for kind, handler in handlers:
        app.add_exception_handler(kind, handler)
