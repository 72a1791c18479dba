"""Turns views into pages: Jinja2 with escaping always on, and the few filters that pages need.

Pages carry no inline script or style. Text of tips is only ever inserted as escaped text.
"""

import base64
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.console.assets import asset_path
from api.console.nudge_words import NUDGE_WORDS
from api.console.work_words import WORDS
from api.dependencies import desk_of
from intake.officers import OfficerView, Session
from intake.policy import KEYLESS, RIGHTS, Right
from intake.ports import VIETNAM
from intake.tip_states import REASONS, STATES
from intake.tip_views import MessageView
from intake.urgency import FIRST_VIEW

_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_PRIORITIES = {1: "Khẩn", 2: "Sớm", 3: "Thường"}
_ROLES = {"officer": "cán bộ trực", "clerk": "cán bộ việc tháng", "admin": "quản trị"}
_TOLD = {"dang_xem": "đang xem xét", "can_them": "cần thêm thông tin",
         "da_chuyen": "đã chuyển xử lý", "ket_thuc": "đã kết thúc"}  # fmt: skip
_SPEAKERS = {"tip": "Người báo", "addition": "Người báo, gửi thêm", "photo": "Người báo",
             "reply": "Đơn vị trả lời", "ask": "Đơn vị hỏi thêm"}  # fmt: skip


def day(value: date) -> str:
    """Return a day as it is written in Vietnam."""
    return value.strftime("%d/%m/%Y")


def long_day(value: date) -> str:
    """Return a day with its weekday."""
    return f"{_WEEKDAYS[value.weekday()]}, ngày {value.day} tháng {value.month} năm {value.year}"


def near_day(value: date, today: date) -> str:
    """Return a day as one says it."""
    ago = (today - value).days
    if ago in (0, 1):
        return "hôm nay" if ago == 0 else "hôm qua"
    return value.strftime("%d/%m") if value.year == today.year else day(value)


def span(length: timedelta) -> str:
    """Return a length of time in at most two units."""
    minutes = max(1, round(length.total_seconds() / 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} ngày {hours} giờ" if hours else f"{days} ngày"
    if hours:
        return f"{hours} giờ {rest} phút" if rest else f"{hours} giờ"
    return f"{rest} phút"


def clock_left(due_at: datetime, now: datetime, priority: int) -> Markup:
    """Return how long is left, or how long it is over, marked when it is near."""
    left = due_at - now
    late, near_end = left <= timedelta(0), left <= FIRST_VIEW[priority] / 4
    near = "over" if late else "soon" if near_end else "calm"
    words = f"quá hạn {span(-left)}" if late else f"còn {span(left)}"
    local = due_at.astimezone(VIETNAM)
    return Markup('<time class="clock {}" datetime="{}" title="{}">{}</time>').format(
        near, local.isoformat(timespec="minutes"), f"hạn {local:%H:%M} {day(local.date())}", words
    )


def first_capital(text: str) -> str:
    """Return the text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def key_state(person: OfficerView) -> Markup:
    """Return where somebody stands with their key."""
    if not person.active:
        return Markup('<span class="pill">Đã thôi</span>')
    if not person.has_key:
        return Markup('<span class="mark p2">Chưa thiết lập</span>')
    if person.role in KEYLESS:
        return Markup('<span class="pill">Không giữ khóa đơn vị</span>')
    if not person.has_grant:
        return Markup('<span class="mark p2">Chờ trao khóa</span>')
    return Markup('<span class="pill fresh">Đã có khóa</span>')


def qr(text: str) -> str:
    """Return a QR code as an SVG in a data address, which the CSP allows for images."""
    import segno  # noqa: PLC0415  for the few minutes in which somebody is let in

    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=6, border=2, dark="#151b29")
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()


def in_fours(text: str) -> str:
    """Return a secret in groups of four, to be typed by hand."""
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def _role(key: str) -> str:
    return _ROLES.get(key, key)


def _told_state(key: str) -> str:
    return _TOLD.get(key, "có thay đổi")


def _speaker(message: MessageView) -> str:
    return _SPEAKERS.get(message.kind, "Đơn vị")


def _closing_label(key: str) -> str:
    return next((reason.label for reason in REASONS if reason.key == key), "không rõ lý do")


_FILTERS: dict[str, Callable[..., object]] = {
    "asset": asset_path,
    "day": day, "long_day": long_day, "near_day": near_day, "clock_left": clock_left,
    "first_capital": first_capital, "key_state": key_state, "qr": qr, "in_fours": in_fours,
    "speaker": _speaker, "closing_label": _closing_label, "priority": _PRIORITIES.__getitem__,
    **WORDS, **NUDGE_WORDS,
    "role": _role, "state_label": STATES.__getitem__, "told_state": _told_state,
}  # fmt: skip


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(_FILTERS)
    return made


_PAGES = _environment()


def html(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page. The frame shows whose session it is, when there is one."""
    desk = desk_of(request)
    session = cast("Session | None", getattr(request.state, "session", None))
    rights = RIGHTS.get(session.role, frozenset[Right]()) if session else frozenset[Right]()

    def may(right: str) -> bool:
        return right in rights

    frame: dict[str, object] = {
        "officer": session.officer if session else None,
        "form_token": session.form_token if session else "",
        "may": may,
        "demo": desk.settings.demo,
        "idle_minutes": desk.settings.session_idle_minutes,
        "release_minutes": desk.settings.release_minutes,
        "now": desk.clock.now(),
        "today": desk.clock.today(),
        "room": "",
        "notice": None,
        "refusal": None,
        "troubles": desk.health.troubles() if Right.MANAGE_PEOPLE in rights else (),
    }
    return HTMLResponse(_PAGES.get_template(template).render(frame | values), status)
