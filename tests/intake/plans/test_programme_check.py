"""Bad programme files: each fault names its line and what to do, and nothing is half-read."""

from pathlib import Path

import pytest

from intake.errors import BadFile, UnknownProgramme
from intake.plans.programme import faults_of

GOOD = """\
format = 1
id = "mau"
title = "Kế hoạch mẫu"
status = "active"
cite = "đầu trang"

[validity]
from = 2025-01-01
until = 2026-12-31
cite = "I"

[[level]]
id = "district"
name = "huyện"
gone = true
cite = "I"

[[role]]
id = "ubnd-xa"
name = "UBND xã"

[[role]]
id = "ubnd-huyen"
name = "UBND huyện"
gone = true

[[period]]
id = "ky-nam"
title = "Kỳ năm"
from = "15/12"
to = "14/12"
cite = "II"

[[deadline]]
id = "bao-cao"
title = "Báo cáo"
kind = "report"
every = "year"
due_before = "17/6"
period = "ky-nam"
from = ["ubnd-xa"]
to = ["ubnd-huyen"]
cite = "III"

[[duty]]
id = "tuyen-truyen"
title = "Tuyên truyền"
kind = "outreach"
count = 1
per = "month"
owed_by = { levels = ["commune"] }
cite = "IV"

[[discrepancy]]
id = "lech"
text = "Lệch nhau"
about = ["bao-cao"]
cite = "V"

[succession]
ubnd-huyen = "UNSET"
"""


def line_of(text: str, part: str) -> int:
    return max(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def checked(folder: Path, text: str) -> list[tuple[int, str, str]]:
    file = folder / "mau.toml"
    file.write_text(text, "utf-8")
    return [(fault.line, fault.says, fault.fix) for fault in faults_of(file)]


def test_the_good_one_is_good(tmp_path: Path) -> None:
    assert checked(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "says", "fix"),
    [
        ("count = 1", 'count = 1\noptoins = ["a"]', "optoins", "khóa lạ", "viết “options”"),
        ("count = 1", "count = 1\nzzz = 1", "zzz", "khóa lạ “zzz”", "các khóa dùng được"),
        ('due_before = "17/6"', 'due_before = "31/6"', "31/6", "không có thật", "31/6 không có"),
        ('due_before = "17/6"', 'due_before = "29/2"', "29/2", "không có trong mọi năm", "29/2"),
        ('due_before = "17/6"', "due_before = 2026-06-31", "06-31", "ngày không có thật", "31/6"),
        ('due_before = "17/6"', "due_before = 17", "due_before", "ngày và tháng", '"17/6"'),
        ('due_before = "17/6"', 'due_on = "17/6"\ndue_before = "17/6"', "[[deadline]]",
         "đúng một trong", "due_before"),
        ('due_before = "17/6"\n', "", "[[deadline]]", "đúng một trong", "[[undated]]"),
        ('every = "year"', 'every = "month"', "due_before", "có trong mọi tháng", "1 đến 28"),
        ('every = "year"', 'every = "once"', "due_before", "một ngày đủ năm", "2026-06-17"),
        ('every = "year"', 'every = "week"', "every", "không có trong danh mục", "'month'"),
        ('per = "month"', 'per = "tháng"', "per =", "không có trong danh mục", "'quarter'"),
        ('levels = ["commune"]', "", "owed_by", "không có ai phải làm", "neighbourhood"),
        ('owed_by = { levels = ["commune"] }\n', "", "[[duty]]", "không có ai phải làm", "owed_by"),
        ('["commune"]', '["district"]', "owed_by", "cấp không còn", "owed_by"),
        ('["commune"]', '["phường"]', "owed_by", "không có trong danh mục", "'commune'"),
        ("count = 1", "count = 0", "count", "số quá nhỏ", "1 trở lên"),
        ("count = 1", 'count = "1"', "count", "không phải số nguyên", "ngoặc kép"),
        ('cite = "III"\n', "", "[[deadline]]", "thiếu trích dẫn", "cite ="),
        ('cite = "IV"', 'cite = ""', 'cite = ""', "thiếu trích dẫn", "cite ="),
        ('cite = "I"\n\n[[level', "\n[[level", "[validity]", "thiếu trích dẫn", "cite ="),
        ('period = "ky-nam"', 'period = "ky"', "period =", "không có kỳ này", "ky-nam"),
        ('from = ["ubnd-xa"]', 'from = ["xa"]', 'from = ["xa"]', "không có cơ quan", "ubnd-xa"),
        ('from = ["ubnd-xa"]', "from = []", "from = []", "không có ai phải gửi", "mã cơ quan"),
        ('about = ["bao-cao"]', 'about = ["bc"]', "about", "không có mục", "bao-cao"),
        ('id = "tuyen-truyen"', 'id = "bao-cao"', 'id = "bao-cao"', "đã dùng", "mã khác"),
        ('id = "tuyen-truyen"', 'id = "Tuyên truyền"', 'id = "Tuyên', "viết sai", "a-z"),
        ("until = 2026-12-31", "until = 2024-12-31", "until", "trước ngày bắt đầu", "hai ngày"),
        ("until = 2026-12-31", 'until = "2026-12-31"', "until", "không phải ngày", "ngoặc kép"),
        ('from = "15/12"', 'from = "32/12"', "32/12", "không có thật", "xem lại"),
        ('ubnd-huyen = "UNSET"', "", 'id = "ubnd-huyen"', "thiếu ở [succession]", "UNSET"),
        ('ubnd-huyen = "UNSET"', 'ubnd-huyen = "sở"', 'ubnd-huyen = "sở"', "kế nhiệm", "UNSET"),
        ("format = 1", "format = 2", "format", "không có trong danh mục", "1"),
        ('title = "Kế hoạch mẫu"\n', "", "format", "thiếu khóa “title”", "thêm title"),
        ("count = 1", "count = = 1", "count", "không đúng cách viết TOML", "dấu"),
    ],
)  # fmt: skip
def test_a_fault_names_its_line_and_its_mending(
    tmp_path: Path, old: str, new: str, at: str, says: str, fix: str
) -> None:
    assert old in GOOD
    bad = GOOD.replace(old, new)
    found = checked(tmp_path, bad)
    assert len(found) == 1
    line, told, mended = found[0]
    assert says in told
    assert fix in mended
    assert line == line_of(bad, at)


def test_several_faults_come_in_the_order_of_their_lines(tmp_path: Path) -> None:
    bad = GOOD.replace('"17/6"', '"31/6"').replace('cite = "V"\n', "").replace("ky-nam", "ky", 1)
    lines = [line for line, _, _ in checked(tmp_path, bad)]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_a_file_that_is_not_there_or_not_text_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="không đọc được"):
        faults_of(tmp_path / "khong-co.toml")
    (tmp_path / "latin.toml").write_bytes("Kế hoạch".encode("utf-16"))
    with pytest.raises(BadFile, match="UTF-8"):
        faults_of(tmp_path / "latin.toml")
    (tmp_path / "large.toml").write_text("#" * (1 << 20) + "##", "utf-8")
    with pytest.raises(BadFile, match="1 MB"):
        faults_of(tmp_path / "large.toml")


def test_own_additions_to_nothing_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "them.toml"
    file.write_text('format = 1\nextends = "khong-co"\nbasis = "x"\n', "utf-8")
    with pytest.raises(UnknownProgramme):
        faults_of(file)
