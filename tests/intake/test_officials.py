"""Whether a text speaks of officials: with marks, without them, and not where it only looks so."""

import pytest

from intake.officials import speaks_of_officials


@pytest.mark.parametrize(
    "text",
    [
        "công an phường bao kê, ông trưởng công an nhận tiền", "cong an phuong bao ke",
        "đã báo Công An mà chưa thấy ai tới", "CÁN BỘ XÃ", "can bo xa nhan tien", "nhà tổ trưởng",
        "ong to truong biet het", "trưởng thôn", "truong thon bao che", "trưởng bản", "tổ phó",
        "chủ tịch xã", "chu tich", "bí thư chi bộ", "bi thu", "cảnh sát khu vực", "CA phường",
        "csgt", "dân phòng", "uỷ ban", "ủy ban", "the police know", "a village chief",
    ],
)  # fmt: skip
def test_a_text_that_speaks_of_officials_is_recognised(text: str) -> None:
    assert speaks_of_officials(text)
    assert speaks_of_officials(f"Chuyện gì: ({text}), tối nào cũng vậy")


@pytest.mark.parametrize(
    "text",
    [
        "có người bán ở quán nước", "không có công ăn việc làm", "khong co cong an viec lam",
        "cổng trường bán ma túy", "cong truong ban ma tuy", "ngoai pho ban hang",
        "gan truong buon ban", "trường thôn", "nhân dân quan ngại", "bị thu giữ", "cần bỏ đi",
        "bi thu giu xe", "tụ tập cạnh nhà văn hóa", "ca nha no ban", "cả phường biết",
        "ca phuong biet", "policy",
    ],
)  # fmt: skip
def test_an_ordinary_text_is_left_alone(text: str) -> None:
    assert not speaks_of_officials(text)
