"""Console: signing in and out, and the first set-up behind a one-time link.

A link alone changes nothing: looking at it (or a messenger's preview of it) does not use it up.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.console.rendering import html
from api.dependencies import TheDesk, TheForm, drop_cookie, source_of
from api.policy import Anyone, SignedInPerson
from api.routes.session import NOT_FITTING, SignInAsked, end_session, open_session
from intake.errors import NotSignedIn, NotValid

router = APIRouter(include_in_schema=False)
_NOTICES = {
    "het-phien": "Phiên đã hết. Đăng nhập lại để tiếp tục.",
    "da-thoat": "Đã thoát.",
    "xong": "Thiết lập xong. Đăng nhập bằng cụm mật khẩu vừa chép và mã 6 số kế tiếp.",
}
_NOT_AS_SHOWN = "Cụm mật khẩu hoặc mã 6 số chưa giống như đã hiện."
_Public = Annotated[None, Depends(Anyone("signing in"))]
_ByLink = Annotated[None, Depends(Anyone("first set-up; the one-time token is the right"))]


@router.get("/dang-nhap")
def sign_in_page(request: Request, _: _Public, vi: str = "") -> Response:
    """Show the sign-in form."""
    return html(request, "sign_in.html", notice=_NOTICES.get(vi))


@router.post("/dang-nhap")
async def sign_in(request: Request, desk: TheDesk, form: TheForm, _: _Public) -> Response:
    """Open a session and go to the first room."""
    asked = SignInAsked(
        login=form.text("login", 64),
        passphrase=form.text("passphrase", 200),
        totp=form.text("totp", 12),
    )
    answer = RedirectResponse("/", 303)
    try:
        await open_session(desk, request, answer, asked)
    except NotSignedIn:
        return html(request, "sign_in.html", status=401, refusal=NOT_FITTING)
    return answer


@router.post("/dang-xuat")
def sign_out(request: Request, desk: TheDesk, session: SignedInPerson) -> Response:
    """End the session."""
    del session
    end_session(desk, request)
    answer = RedirectResponse("/dang-nhap?vi=da-thoat", 303)
    drop_cookie(answer, desk.settings)
    return answer


@router.get("/thiet-lap/{token}")
def set_up_page(token: str, request: Request, _: _ByLink) -> Response:
    """Show what to have at hand; the link is not looked up yet."""
    del token
    return html(request, "setup_start.html")


@router.post("/thiet-lap/{token}")
async def set_up(
    token: str, request: Request, desk: TheDesk, form: TheForm, _: _ByLink
) -> Response:
    """Show passphrase and second factor once; then take them as typed."""
    source = source_of(request)
    if "ticket" not in form.fields:
        drawn = await desk.gate.run(source, lambda: desk.sign_ins.enrol_begin(token))
        return html(request, "setup.html", enrolment=drawn, ticket=drawn.ticket)
    ticket = form.text("ticket", 4096)
    passphrase, totp = form.text("passphrase", 200), form.text("totp", 12)
    try:
        await desk.gate.run(
            source, lambda: desk.sign_ins.enrol_finish(token, ticket, passphrase, totp)
        )
    except NotValid:
        return html(request, "setup_again.html", status=422, ticket=ticket, refusal=_NOT_AS_SHOWN)
    return RedirectResponse("/dang-nhap?vi=xong", 303)
