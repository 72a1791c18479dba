"""The small words of the work side's pages: letters, kinds, flags, states, shares."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, cast

from intake.plans.periods import period_label
from intake.ports import VIETNAM
from intake.work.compliance_shapes import Share

KINDS: Mapping[str, str] = {
    "outreach": "tuyên truyền", "listening_meeting": "họp lắng nghe ý kiến nhân dân",
    "radio": "bản tin loa truyền thanh", "school": "buổi ở trường học",
    "model": "duy trì mô hình", "pledge": "ký cam kết", "training": "tập huấn",
    "registration": "đăng ký", "review": "sơ kết, rà soát",
    "party_report": "báo cáo Đảng ủy", "plan": "ban hành kế hoạch",
    "hotline_board": "bảng đường dây nóng", "counselling_point": "điểm tư vấn",
    "business_meeting": "họp với cơ sở kinh doanh", "tip_box": "mở hòm thư", "other": "việc khác",
}  # fmt: skip
_FLAGS = {
    "dong_qua": "số người hoặc số hộ đông hơn dân số đã ghi",
    "da_co": "ngày này đã có buổi cùng loại",
    "qua_cu": "buổi đã qua hơn 60 ngày",
    "giong_nhau": "ba tháng liền cùng một con số",
    "ky_da_khoa": "kỳ đã khóa sổ: số của kỳ không đổi",
}
_STATES = {"filed": "chờ duyệt", "approved": "đã duyệt", "returned": "đang hỏi lại",
           "voided": "đã rút"}  # fmt: skip
_PARTS = {"head": "phụ trách chính", "deputy": "phó", "substitute": "người thay"}
LETTERS: Mapping[str, tuple[str, str]] = {
    "Đ": ("du", "đủ, đúng hạn"), "M": ("muon", "đủ nhưng muộn"), "T": ("thieu", "thiếu"),
    "X": ("mien", "được miễn"), "·": ("cho", "chưa tới hạn"), "–": ("het", "không phải làm"),
    "": ("khong", "không phải làm"),
}  # fmt: skip
_FIELDS = {
    "owner_id": "đơn vị", "kind": "loại", "counts_as": "tính cho", "done_on": "ngày",
    "state": "trạng thái", "question": "câu hỏi", "place": "nơi", "people": "số người",
    "households": "số hộ", "chair": "chủ trì", "note": "ghi chú", "form": "hình thức",
    "opinions": "số ý kiến", "document_number": "số văn bản", "document_on": "ngày văn bản",
    "withdrawn": "đã rút", "present": "có mặt", "topics": "nội dung", "slips": "số phiếu",
}  # fmt: skip
_KEPT_QUIET = {"after_close", "flags", "filed_by", "filed_at", "owner_id", "counts_as"}


def letter_class(letter: str) -> str:
    """Return the class that colours a letter; the letter itself is always shown."""
    return LETTERS[letter][0]


def letter_words(letter: str) -> str:
    """Return what a letter stands for."""
    return LETTERS[letter][1]


def moment(value: datetime) -> str:
    """Return a moment as it is written in Vietnam."""
    return f"{value.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def short_day(value: date) -> str:
    """Return day and month as a document writes them: ``17/6``."""
    return f"{value.day}/{value.month}"


def percent(share: Share) -> float:
    """Return a share as a length between 0 and 100, for a bar."""
    return round(100 * (share.value or 0), 1)


def days(number: float | None) -> str:
    """Return hours before or after the due time in words."""
    if number is None:
        return "—"
    size = abs(number) / 24
    told = f"{size:.1f}".replace(".", ",") + " ngày" if size >= 1 else f"{abs(number):.0f} giờ"
    return f"{told} {'trước hạn' if number < 0 else 'sau hạn'}"


def stood(before: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what stood in a row before a change, as label and words."""
    details: Mapping[str, Any] = before.get("details") or {}
    flat = {**before, **details}
    return [
        (_FIELDS[name], _told(name, value))
        for name, value in flat.items()
        if name in _FIELDS and name not in _KEPT_QUIET and value not in ("", None, False, [], ())
    ]


def _told(name: str, value: Any) -> str:
    text = str(value)
    if name in {"done_on", "document_on"}:
        return date.fromisoformat(text).strftime("%d/%m/%Y")
    if name == "kind":
        return KINDS.get(text, text)
    if name == "state":
        return _STATES.get(text, text)
    return (
        ", ".join(cast("list[str]", value))
        if isinstance(value, list)
        else "có"
        if value is True
        else text
    )


def _kind(key: str) -> str:
    return KINDS.get(key, key)


def _flag(key: str) -> str:
    return _FLAGS.get(key, key)


def _state(key: str) -> str:
    return _STATES.get(key, key)


def _part(key: str) -> str:
    return _PARTS.get(key, key)


WORDS: Mapping[str, Callable[..., object]] = {
    "letter_class": letter_class, "letter_words": letter_words, "moment": moment,
    "short_day": short_day, "percent": percent, "before_due": days, "stood": stood,
    "work_kind": _kind, "work_flag": _flag, "work_state": _state, "part": _part,
    "period_label": period_label,
}  # fmt: skip
