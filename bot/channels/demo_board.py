"""The demo's notice board: sign-in names, passphrases and the six digits of this moment.

A real installation has no such page and never could: nobody but the officer holds these. Imported
by ``homthu demo`` alone; the figures are handed in by a function, so no secret lives here.
"""

from collections.abc import Callable, Sequence
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from bot.policy import RoutePolicy

PATH = "/ban-thu"
POLICIES = {PATH: RoutePolicy(frozenset({"GET", "HEAD"}))}
Line = tuple[str, str, str, str]  # login, name, passphrase, six digits
_PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5"><title>Bản thử: đăng nhập</title>
<link rel="icon" href="/static/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/palette.css"><link rel="stylesheet" href="/static/page.css">
</head><body><main><section class="plain"><h1>Đăng nhập bản thử</h1>
<p>BẢN THỬ, không gửi tin thật. Trang này chỉ có ở bản thử; mã sáu số đổi mỗi 30 giây và mỗi mã
dùng một lần.</p>
<p><a href="{console}">Mở bàn cán bộ</a> · <a href="/dien-thoai">Mở điện thoại mẫu</a> ·
<a href="/">Mở trang người dân</a></p>{entries}</section></main></body></html>"""
_ENTRY = """<h2>{name}</h2><ul><li>Tên đăng nhập: <strong>{login}</strong></li>
<li>Cụm mật khẩu: <strong>{passphrase}</strong></li>
<li>Mã sáu số lúc này: <strong>{digits}</strong></li></ul>"""


def board_route(lines: Callable[[], Sequence[Line]], console: str) -> Route:
    """Return the board's route; ``lines`` gives the figures of the moment."""

    async def board(_request: Request) -> HTMLResponse:
        entries = "".join(
            _ENTRY.format(
                login=escape(login),
                name=escape(name),
                passphrase=escape(words),
                digits=escape(digits),
            )
            for login, name, words, digits in lines()
        )
        return HTMLResponse(_PAGE.format(console=escape(console), entries=entries))

    return Route(PATH, board, methods=["GET"])
