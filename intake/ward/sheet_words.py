"""The words of the compliance workbook: kinds, states, headings, and what each figure means."""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "outreach": "Tuyên truyền",
    "listening_meeting": "Họp lắng nghe ý kiến",
    "radio": "Phát thanh",
    "school": "Buổi ở trường",
    "model": "Duy trì mô hình",
    "pledge": "Ký cam kết",
    "training": "Tập huấn",
    "registration": "Đăng ký",
    "review": "Sơ kết",
    "party_report": "Báo cáo cấp ủy",
    "plan": "Ra kế hoạch",
    "hotline_board": "Bảng đường dây nóng",
    "counselling_point": "Điểm tư vấn",
    "business_meeting": "Gặp doanh nghiệp",
    "tip_box": "Mở hòm thư",
    "other": "Việc khác",
}
STATES: Mapping[str, str] = {
    "filed": "đã ghi, chờ duyệt",
    "approved": "phường đã duyệt",
    "returned": "đang hỏi lại",
    "voided": "đã rút",
}
FLAGS: Mapping[str, str] = {
    "dong_qua": "đông hơn số dân",
    "da_co": "trùng ngày với buổi khác",
    "qua_cu": "quá 60 ngày",
    "giong_nhau": "ba tháng liền cùng số người",
    "ky_da_khoa": "kỳ đã khóa",
}

SUMMARY = (
    ("Chương trình", 28), ("Việc", 32), ("Kỳ", 16), ("Đơn vị", 28), ("Mã", 14), ("Phải làm", 10),
    ("Miễn", 8), ("Đã sáp nhập", 12), ("Đủ", 8), ("Đúng hạn", 10), ("Phường đã duyệt", 12),
    ("Hoàn thành (Đủ / Phải làm)", 16), ("Đúng hạn / Phải làm", 14), ("Đúng hạn / Đủ", 14),
    ("Đã duyệt / Đủ", 14),
)  # fmt: skip
OWNER = (("Mã", 14), ("Đơn vị", 28))
SESSIONS = (
    ("Mã đơn vị", 14), ("Đơn vị", 28), ("Loại việc", 20), ("Tính cho", 24), ("Ngày", 12),
    ("Nơi", 24), ("Số người", 10), ("Số hộ", 10), ("Chủ trì", 24), ("Thành phần", 30),
    ("Nội dung", 30), ("Số ý kiến", 10), ("Số phiếu", 10), ("Hình thức", 16), ("Ghi chú", 30),
    ("Ảnh, ghi âm", 10), ("Tình trạng", 18), ("Cờ", 24), ("Ghi lúc", 17), ("Người ghi", 20),
    ("Sau khóa sổ", 12),
)  # fmt: skip
DEFINED = (("Từ", 26), ("Nghĩa", 110))

DEFINITIONS = (
    ("Phải làm", ("Số việc phải làm trong kỳ: mỗi đơn vị, mỗi việc, mỗi kỳ là một. Không kể việc"
     " được miễn và đơn vị đã sáp nhập trong kỳ.")),
    ("Miễn", "Việc được phường miễn trong kỳ. Hiện ở cột riêng, không bỏ lặng lẽ."),
    ("Đủ", ("Có đủ số buổi cần, với ngày làm nằm trong kỳ. Buổi đã rút hoặc đang hỏi lại không"
     " tính.")),
    ("Đúng hạn", ("Đủ, và buổi làm cho đủ được ghi trước 00:00 của ngày sau ngày cuối còn đúng hạn,"
     " giờ Việt Nam.")),
    ("Hoàn thành", "Đủ chia cho Phải làm."),
    ("Đúng hạn / Phải làm", ("Đúng hạn chia cho Phải làm: cùng mẫu số với Hoàn thành nên không bao"
     " giờ lớn hơn Hoàn thành.")),
    ("Đúng hạn / Đủ", "Trong những việc đã đủ, bao nhiêu phần đúng hạn."),
    ("Đã duyệt / Đủ", "Trong những việc đã đủ, bao nhiêu phần phường đã duyệt."),
    ("—", "Không có việc nào phải làm nên không có tỷ lệ."),
    ("Cấp trên", "Cộng tử số, cộng mẫu số rồi mới chia; không lấy trung bình các tỷ lệ."),
    ("Chữ trong ma trận", ("Đ đủ · M muộn · T thiếu · X miễn · dấu chấm giữa (·) chưa tới hạn ·"
     " gạch ngang (–) đã sáp nhập · ô trống: không phải làm.")),
    ("Khóa sổ", ("Sau khi kỳ khóa, con số không đổi nữa; buổi ghi hoặc sửa sau đó có dấu ở cột"
     " “Sau khóa sổ”.")),
    ("Dấu nháy (') đầu ô", ("Chữ bắt đầu bằng = + - @ được thêm dấu nháy để không máy nào hiểu là"
     " công thức.")),
)  # fmt: skip
