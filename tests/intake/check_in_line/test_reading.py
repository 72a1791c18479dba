"""What holds for every line, and what a conversation needs beside the fields."""

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.check_in_line import ReadLine, read_line, refuses_names, says_not_held
from intake.text import fold

ON = date(2025, 11, 20)
SAID = {
    "outreach": "tuyên truyền",
    "listening_meeting": "họp lắng nghe",
    "radio": "phát thanh",
    "pledge": "ký cam kết",
    "training": "tập huấn",
    "review": "sơ kết",
}
HALLS = {"": None, " tại nhà văn hóa": "nhà văn hóa", " ở hội trường": "hội trường"}

days = st.dates(date(2020, 1, 1), date(2032, 12, 31))
PIECES = """tuyên truyền lắng nghe họp tổ 5 12/11 13 rạng đêm hôm qua mai thứ 7 CN tuần trước 45
người hộ NVH khoảng hơn chục trăm bảy ba - / , và hay không chưa ? h 31/11 rằm mùng ngày tháng năm
2025 19h30 ngoái bán ma túy ông Hùng 29A-123.45 . + sẽ t7 T11 Mai"""
words = st.sampled_from(PIECES.split())
lines = st.one_of(st.text(max_size=80), st.lists(words, max_size=16).map(" ".join))


@given(lines, days)
def test_any_line_is_answered_and_a_day_is_never_after_the_day_it_was_typed(
    text: str, on: date
) -> None:
    read = read_line(text, on)
    assert read.done_on is None or read.done_on <= on
    assert bool(read.asks) == (read.outcome == "asks")
    assert set(read.candidates) <= set(read.asks)
    assert not {"date", "future_date"} & set(read.asks) or read.done_on is None
    if {"number", "people_or_households"} & set(read.asks):
        assert (read.people, read.households) == (None, None)
    if {"kind", "two_kinds"} & set(read.asks):
        assert read.kind is None
    if read.outcome in {"not_a_check_in", "tip_like"}:
        assert read == ReadLine(read.outcome)


@given(lines, days)
def test_composed_and_decomposed_letters_read_alike(text: str, on: date) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert read_line(composed, on) == read_line(apart, on)


@given(
    kind=st.sampled_from(sorted(SAID)),
    ago=st.integers(0, 300),
    people=st.integers(1, 900),
    hall=st.sampled_from(sorted(HALLS)),
    unit=st.sampled_from(["người", "hộ"]),
    on=days,
    order=st.permutations([0, 1, 2]),
    marks=st.booleans(),
)
def test_a_plain_line_is_parsed_in_any_order_with_and_without_marks(
    kind: str, ago: int, people: int, hall: str, unit: str, on: date, order: list[int], marks: bool
) -> None:
    day = on - timedelta(days=ago)
    pieces = [SAID[kind] + hall, f"ngày {day.day}/{day.month}/{day.year}", f"{people} {unit}"]
    text = ", ".join(pieces[at] for at in order)
    read = read_line(text if marks else fold(text), on)
    assert (read.outcome, read.kind, read.done_on) == ("parsed", kind, day)
    assert (read.people or read.households, read.people is None) == (people, unit == "hộ")
    assert read.place == HALLS[hall]


@given(day=days, on=days)
def test_a_day_without_a_year_is_of_this_year_or_is_asked(day: date, on: date) -> None:
    read = read_line(f"tuyên truyền {day.day}/{day.month} 45 người", on)
    try:
        this_year = day.replace(year=on.year)
    except ValueError:
        assert read.asks == ("date",)
        return
    if this_year > on:
        assert (read.done_on, read.asks) == (None, ("future_date",))
        assert read.candidates["future_date"][0] == this_year
    else:
        assert (read.done_on, read.asks) == (this_year, ())


@given(on=days, weekday=st.integers(0, 6))
def test_a_weekday_of_last_week_is_that_day(on: date, weekday: int) -> None:
    name = "chủ nhật" if weekday == 6 else f"thứ {weekday + 2}"
    read = read_line(f"{name} tuần trước tuyên truyền 45 người", on)
    assert read.done_on is not None
    assert read.done_on.weekday() == weekday
    assert 1 <= (on - read.done_on).days <= 13
    assert read.done_on.isocalendar()[:2] == (on - timedelta(days=7)).isocalendar()[:2]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n\n", "\x00\x07\x1b[31m", "\udce1\udcbb", "�" * 50, "0" * 10_000, "12/" * 3_000,
        "tuyên truyền 12/11 " * 600, "ông A bán " * 1_000, "a" * 10_000, "1 " * 5_000, "👍" * 5_000,
        "\u202e45 người 12/11 tuyên truyền", "https://example.vn/12/11?45", "=1+1", "9" * 400,
    ],
)  # fmt: skip
def test_rubbish_is_answered_and_never_parsed(text: str) -> None:
    read = read_line(text, ON)
    assert read.outcome != "parsed" or read.people == 45


def test_a_text_of_ten_thousand_characters_is_no_single_line_of_a_report() -> None:
    text = "tuyên truyền 12/11 45 người " + "rất đông vui " * 800
    assert read_line(text, ON).asks == ("other",)


def test_full_width_digits_and_control_characters_do_not_hide_a_line() -> None:
    plain = read_line("tuyên truyền 12/11 45 người", ON)
    assert read_line("tuyên\u200b truyền １２/１１ ４５ người\x00", ON) == plain


# --- what the conversation offers -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ask", "offered"),
    [
        ("tuyên truyền 12/11 NVH 45", "people_or_households", (45,)),
        ("TT+LN 12/11 45 người", "two_kinds", ("outreach", "listening_meeting")),
        ("tuyên truyền trên loa 12/11", "kind", ("radio", "outreach")),
        ("đêm 12 rạng 13 tuyên truyền", "date", (date(2025, 11, 12), date(2025, 11, 13))),
        ("tuyên truyền 11/12", "future_date", (date(2025, 12, 11), date(2024, 12, 11))),
        ("T5 12/11 tuyên truyền", "date", (date(2025, 11, 12), date(2025, 11, 13))),
        ("tổ 5, 6 tuyên truyền 12/11", "two_units", ("5", "6")),
        ("tổ 5 hay tổ 6 tuyên truyền 12/11", "unit", ("5", "6")),
        ("tuyên truyền 12/11 40/45 hộ", "number", (40, 45)),
        ("thứ 7 tuyên truyền 45 người", "date", (date(2025, 11, 15),)),
    ],
)
def test_an_ask_comes_with_what_can_be_offered(
    text: str, ask: str, offered: tuple[object, ...]
) -> None:
    read = read_line(text, ON)
    assert read.asks == (ask,)
    assert read.candidates[ask] == offered


def test_the_unit_is_told_beside_the_fields() -> None:
    assert read_line("tổ 5 tuyên truyền 12/11", ON).unit == "5"
    assert read_line("tổ 3 khu phố 5 tuyên truyền 12/11", ON).unit == "3"
    assert read_line("tổ 5, 6 tuyên truyền 12/11", ON).unit is None


@pytest.mark.parametrize(
    ("text", "not_held"),
    [
        ("không tổ chức được vì mưa bão", True),
        ("tháng này ko hop dc", True),
        ("chưa tuyên truyền", True),
        ("đã tuyên truyền chưa em", False),
        ("tuyên truyền 12/11 45 người", False),
        ("tuyên truyền tổ dân phố không ma túy 12/11", False),
        ("cảm ơn em", False),
    ],
)
def test_what_was_not_held_is_told_from_what_was(text: str, not_held: bool) -> None:
    assert says_not_held(text) is not_held


@pytest.mark.parametrize(
    "text",
    [
        "gọi bác theo số 0912 345 678", "căn cước 001099012345", "xe 29A-123.45",
        "Dự họp: Nguyễn Văn An, Trần Thị Bình", "nguyen van an, tran thi binh",
        "thằng Tuấn bán ma túy", "+84 912345678",
    ],
)  # fmt: skip
def test_names_numbers_and_accusations_are_refused(text: str) -> None:
    assert refuses_names(text)


@pytest.mark.parametrize(
    "text",
    [
        "bà con đề nghị thêm đèn đường", "đ/c Nguyễn Văn An, bí thư chi bộ, chủ trì", "45 người",
        "tuyên truyền phòng chống mua bán ma túy", "tại Nhà Văn Hóa Thôn Đông", "12/11/2025 19h30",
    ],
)  # fmt: skip
def test_a_neutral_summary_is_not_refused(text: str) -> None:
    assert not refuses_names(text)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("ở trường thcs Lê Lợi", "trường THCS Lê Lợi"), ("ở Trường THPT Chu Văn An",
         "trường THPT Chu Văn An"), ("tại trường tiểu học Kim Đồng", "trường tiểu học Kim Đồng"),
        ("sân đình", "sân đình"), ("san dinh", "sân đình"), ("đình làng", "đình"),
        ("sân chùa", "sân chùa"),
    ],
)  # fmt: skip
def test_a_place_keeps_the_capitals_and_the_yard_that_were_meant(words: str, place: str) -> None:
    assert read_line(f"tuyên truyền 12/3 {words} 45 người", date(2026, 3, 20)).place == place
