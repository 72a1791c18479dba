"""The small words of the reminders' pages: steps of a ladder, reasons, chats, states."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from api.console.nudge_groups import about_groups, joined, owed_groups
from intake.ports import VIETNAM

_STEP = re.compile(r"([+-]?)(\d{1,3})( second)?")
_RUNGS = {
    "draft": "còn bản nháp", "digest": "tổng hợp", "hand": "nhắc tay", "snooze": "hẹn nhắc lại",
    "": "kèm trong tin",
}  # fmt: skip
_WHY = {
    "nothing": "không còn việc nào chưa xong", "left": "người này đã thôi",
    "paused": "người này xin tạm dừng nhắc", "busy": "người này đang gõ dở",
    "snoozed": "người này đã hẹn ngày nhắc lại", "draft": "còn bản nháp chưa lưu, đã nhắc một lần",
    "told": "hôm nay đã nhắc một lần", "quiet": "hôm nay là ngày nghỉ",
    "cap": "đã đủ 6 tin trong tháng", "over": "đã quá giờ nhắn trong ngày",
    "phone": "không nhắn được: gọi điện", "stopped": "đang dừng gửi",
    "no chat": "chưa có máy nào nhận tin", "gone": "máy không còn nhận tin",
    "failed": "kênh không nhận", "later": "kênh bảo chờ", "early": "chưa tới giờ",
    "unknown": "máy dừng giữa chừng: coi như đã gửi, không gửi lại", "window": "hết giờ nhắn",
}  # fmt: skip
_STATES = {
    "waiting": "đang chờ", "sending": "đang gửi", "sent": "đã gửi", "dead": "không gửi được",
    "phone": "cần gọi điện",
}  # fmt: skip
_CHANNELS = {
    "telegram": "Telegram", "demo": "điện thoại mẫu", "web": "trang web", "phone": "gọi điện",
    "zalo": "Zalo", "": "chưa có",
}  # fmt: skip
_CALLS = {
    "vacant": "chưa có người phụ trách", "no_chat": "chưa có máy nào nhận tin",
    "blocked": "máy không còn nhận tin",
}  # fmt: skip


def rung_words(rung: str) -> str:
    """Return a step of a ladder as people say it."""
    step = _STEP.fullmatch(rung)
    if step is None:
        return _RUNGS.get(rung.partition("-")[0], "khác")
    sign, number, again = step[1], int(step[2]), ", lần hai" if step[3] else ""
    if number == 0:
        return "nhắc ngày cuối"
    if sign == "+":
        return f"nhắc khi quá hạn {number} ngày"
    return f"nhắc trước {number} ngày{again}"


def days_left(days: int) -> str:
    """Return how many days are left to the last good day."""
    if days == 0:
        return "hôm đó là ngày cuối"
    return f"còn {days} ngày" if days > 0 else f"quá hạn {-days} ngày"


def tells(rung: str, days: int) -> bool:
    """Return whether a step already says how many days are left."""
    step = _STEP.fullmatch(rung)
    return step is not None and step[1] != "+" and int(step[2]) == days


def days_owed(days: int) -> str:
    """Return how many days are left as of today."""
    return "hôm nay là ngày cuối" if days == 0 else days_left(days)


def _why(word: str) -> str:
    return _WHY.get(word, "chưa rõ") if word else ""


def _state(word: str) -> str:
    return _STATES.get(word, word)


def _channel(word: str) -> str:
    return _CHANNELS.get(word, word)


def _call(word: str) -> str:
    return _CALLS.get(word, word)


def _hour(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%H:%M}"


NUDGE_WORDS: Mapping[str, Callable[..., object]] = {
    "rung_words": rung_words, "days_left": days_left, "nudge_why": _why, "nudge_state": _state,
    "nudge_channel": _channel, "hour": _hour, "tells": tells, "days_owed": days_owed,
    "call_why": _call, "joined": joined, "owed_groups": owed_groups,
    "about_groups": about_groups,
}  # fmt: skip
