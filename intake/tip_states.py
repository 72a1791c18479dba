"""The states of a tip, the moves between them, and the reasons for closing one.

They are `triage.md` 7, in the words that officers read. Nothing here knows of an officer, a right
or a row; who may move a tip is asked in `intake.triage`.
"""

from typing import NamedTuple

OPEN_STATES = ("new", "screening", "need_info", "grounded", "acting")
STATES = {
    "new": "mới",
    "screening": "đang sàng lọc",
    "need_info": "cần thêm thông tin",
    "grounded": "đủ căn cứ",
    "acting": "đang xử lý",
    "closed": "đóng",
}
MOVES = {
    "new": {"screening", "need_info", "grounded", "closed"},
    "screening": {"need_info", "grounded", "closed"},
    "need_info": {"screening", "grounded", "closed"},
    "grounded": {"acting", "need_info", "closed"},
    "acting": {"need_info", "closed"},
    "closed": {"screening"},
}
TOLD = {"screening": "dang_xem", "need_info": "can_them", "grounded": "dang_xem",
         "acting": "da_chuyen", "closed": "ket_thuc"}  # fmt: skip
"""The state word that the reporter is told, later, of a tip that has moved into a state."""


class Reason(NamedTuple):
    """Why a tip may be closed, with the definition officers read."""

    key: str
    label: str
    definition: str


REASONS = (
    Reason(
        "da_xu_ly", "có căn cứ, đã xử lý", "Đã xác minh đúng và đã có biện pháp theo thẩm quyền."
    ),
    Reason("theo_doi", "có căn cứ, theo dõi", "Có dấu hiệu đúng, chưa đủ để xử lý, đang theo dõi."),
    Reason("khong_can_cu", "không có căn cứ", "Đã xác minh và không thấy việc như tin nêu."),
    Reason("thieu", "không đủ thông tin", "Đã hỏi thêm mà không có gì để xác minh."),
    Reason("chuyen", "ngoài thẩm quyền, đã chuyển", "Việc thuộc nơi khác và đã chuyển nơi đó."),
    Reason("trung", "trùng", "Cùng một việc với tin đang xử lý."),
    Reason("pha_roi", "phá rối", "Nội dung không phải tin báo, gửi để gây rối."),
    Reason("tu_van", "chuyển tư vấn, y tế", "Người cần giúp đỡ, không phải vụ việc."),
)
