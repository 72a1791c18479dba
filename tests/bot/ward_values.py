"""What the flow of the ward's own chat hands to each sentence."""

WARD_VALUES: dict[str, set[str]] = {
    "viec_phuong": {"phuong"},
    "con_thieu_viec": {"viec", "ky", "x", "y", "n", "danh_sach", "han"},
    "khong_thieu": {"phuong"},
    "va_don_vi_khac": {"n"},
    "bang_anh": {"phuong"},
    "bang_tep": {"phuong"},
    "chua_co_bang": {"phuong"},
    "buoi_cho_duyet": {"n", "to", "viec", "ngay", "so", "noi", "chu_tri", "ghi_chu", "anh", "co"},
    "so_tep": {"n"},
    "duyet_loat": {"n"},
    "con_de_sau": {"n"},
    "hoi_co_quan_thay": {"muc", "co_quan"},
    "go_so_van_ban": {"muc"},
    "hoi_ngay_van_ban": {"so"},
    "the_da_gui": {"muc", "han", "so", "ngay"},
    "da_danh_dau": {"so"},
    "khong_con_muc": {"phuong"},
}
