"""Typed text: what people type is cleaned, folded and looked over, and never lost."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import english_clues
from intake import text as text_module
from intake.text import (
    clean,
    fold,
    is_empty,
    keeps_its_sense,
    mentions_identity_card,
    telling_phrases,
    without,
    without_heaps,
)


def test_decomposed_vietnamese_becomes_one_form() -> None:
    typed = unicodedata.normalize("NFD", "đường Nguyễn Huệ, tổ 7")
    assert clean(typed) == "đường Nguyễn Huệ, tổ 7"


def test_direction_marks_and_invisible_characters_are_taken_out() -> None:
    assert clean("abc\u202edcba\u2066x\u200e\ufeff\u200by") == "abcdcbaxy"
    assert clean("a\x00b\x1bc") == "abc"


def test_joined_emoji_stay_whole() -> None:
    family = "👨\u200d👩\u200d👧"
    assert clean(family) == family


def test_lines_stay_and_runs_of_spaces_shrink() -> None:
    assert clean("a  b\u00a0c\r\n\r\n\r\n\r\nd ") == "a b c\n\nd"


@pytest.mark.parametrize("text", ["", "  ", "\u200d", "\u202e\u2066", ". , !", "\ufe0f"])
def test_what_holds_nothing_to_read_is_empty(text: str) -> None:
    assert is_empty(clean(text))


def test_an_emoji_or_a_letter_is_something_to_read() -> None:
    assert not is_empty("🙏")
    assert not is_empty("a")


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Đường Trần Phú", "duong tran phu"),
        ("Ðường ðá", "duong da"),
        ("hoà hòa  tuý túy", "hoa hoa tuy tuy"),
        ("ＡＢＣ", "abc"),
    ],
)
def test_folding_forgets_marks_and_mistyped_eths(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    "text",
    [
        "họ bán đối diện nhà tôi",
        "o canh nha toi",
        "nó ở nhà bên cạnh tôi",
        "nha canh toi no ban hang",
        "con trai tôi học lớp với nó",
        "hàng xóm của tôi tên Bảy",
        "tôi là chủ quán bên cạnh",
        "chỉ mình tôi biết chuyện này",
        "nhìn từ cửa sổ nhà tôi xuống",
        "gọi zalo của tôi 0912 000 000",
    ],
)
def test_words_that_give_the_reporter_away_are_found_and_can_be_cut(text: str) -> None:
    found = telling_phrases(text)
    assert found
    left = text
    for phrase in found:
        left = without(left, phrase)
    assert telling_phrases(left) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Số của tôi 0912345678",
        "so cua toi 0912 345 678",
        "số điện thoại của tôi là 0912.345.678",
        "liên hệ tôi qua số 0912345678 nhé",
        "lien he toi qua so 0912345678 nhe",
        "gọi tôi 0912345678",
        "cần gì gọi cho em số +84 912 345 678",
        "xin liên hệ 0912345678",
        "0912345678 là số của tôi",
        "căn cước 012345678901",
        "can cuoc cua toi 012345678901",
        "CCCD: 012 345 678 901",
        "cmnd 123456789",
        "tôi là Nguyễn Văn A ở tổ 3",
        "Tôi tên là Trần Thị Bình",
        "tên tôi là Lê Hoa",
        "toi la nguyen van a",
        "tôi tên Hoa",
        "mình là Trần Thị Hoa",
    ],
)
def test_whoever_names_themselves_is_asked_and_nothing_of_it_stays(text: str) -> None:
    assert telling_phrases(text)
    left = without_clues(f"họ bán ma túy, {text}")
    assert left.startswith("họ bán ma túy")
    assert not any(letter.isdigit() for letter in left)
    assert not any(name in left for name in ("Văn", "Thị", "Hoa", "van"))


@pytest.mark.parametrize(
    "text",
    [
        "số xe 15B-123.45",
        "nó dùng số 0912345678",
        "no dung so 0912345678",
        "người bán tên Nguyễn Văn A, số 0912345678",
        "gọi số 0912345678 là nó giao hàng",
        "số của nó 0912345678",
        "số của em nó là 0912345678",
        "nó gọi tôi qua số 0912345678",
        "liên hệ Minh 0912345678 để mua",
        "căn cước của nó 012345678901",
        "tôi là người dân ở đây",
        "tôi thấy Nguyễn Văn A bán hàng",
        "ông ta là Nguyễn Văn A ở tổ 3",
        "biển số 29-H1 123.45 tôi thấy mỗi tối",
    ],
)
def test_numbers_plates_and_names_of_those_reported_are_left_alone(text: str) -> None:
    assert telling_phrases(text) == ()


def without_clues(text: str) -> str:
    while found := telling_phrases(text):
        text = without(text, found[0])
    return text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "Nhà tôi ở gần quán cà phê Mây bán ma túy mỗi tối, đông lắm",
            "quán cà phê Mây bán ma túy mỗi tối, đông lắm",
        ),
        (
            "nha toi o gan quan ca phe ban ma tuy, dong lam",
            "quan ca phe ban ma tuy, dong lam",
        ),
        ("con trai tôi thấy ông B bán ở cổng trường", "thấy ông B bán ở cổng trường"),
        ("anh tôi nghiện và mua của ông B", "nghiện và mua của ông B"),
        ("tôi là chủ quán nên biết nó bán ở ngõ 5", "nên biết nó bán ở ngõ 5"),
        ("chỉ mình tôi thấy nó giao hàng ở cầu", "nó giao hàng ở cầu"),
        ("từ cửa sổ nhà tôi thấy họ chia hàng", "thấy họ chia hàng"),
        ("nhà tôi ở số 5 ngõ 12 thấy họ bán hàng", "thấy họ bán hàng"),
        ("nhà tôi cạnh số 7 ngõ 12, họ bán hàng", "số 7 ngõ 12, họ bán hàng"),
        ("họ xem tôi và em tôi, rồi bán hàng", "họ xem tôi và, rồi bán hàng"),
    ],
)  # fmt: skip
def test_a_cut_takes_the_words_that_tell_and_leaves_the_deed(text: str, left: str) -> None:
    assert without_clues(text) == left


CLUES = st.sampled_from(
    [
        "đối diện nhà tôi", "nhà tôi ở gần", "nha toi o so 5", "con trai tôi", "anh tôi",
        "hàng xóm của tôi", "tôi là chủ quán", "chỉ mình tôi thấy", "từ ban công nhà tôi",
    ]
)  # fmt: skip
DEEDS = st.sampled_from(
    ["họ bán ma túy", "xe 15B-123.45 tới", "tối nào cũng đông", "ở quán Mây", "nó giao hàng"]
)


@given(st.lists(st.tuples(st.booleans(), CLUES, DEEDS), min_size=1, max_size=5))
def test_a_cut_never_takes_more_than_the_clue(pieces: list[tuple[bool, str, str]]) -> None:
    """Whatever else was written is still there, word for word and in order."""
    clauses = [f"{clue} {deed}" if first else f"{deed} {clue}" for first, clue, deed in pieces]
    left = without_clues(", ".join(clauses))
    assert left == ", ".join(deed for _, _, deed in pieces)


STOPS = st.sampled_from(["", ".", "!", "?", "…", "...", "\nĐông lắm."])


@given(st.lists(DEEDS, min_size=1), CLUES, st.sampled_from([", ", "; ", " , ", " "]), STOPS)
def test_a_cut_at_the_end_leaves_no_comma_behind_and_takes_no_full_stop(
    deeds: list[str], clue: str, before: str, stop: str
) -> None:
    told = ", ".join(deeds)
    assert without_clues(f"{told}{before}{clue}{stop}") == told + stop


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("họ bán ma túy. Đối diện nhà tôi.", "họ bán ma túy."),
        ("họ bán ma túy,\nđối diện nhà tôi\nđông lắm", "họ bán ma túy,\n\nđông lắm"),
        ("họ bán... đối diện nhà tôi, đông...", "họ bán... đông..."),
        (", đối diện nhà tôi, họ bán", "họ bán"),
    ],
)
def test_of_the_marks_around_a_cut_the_one_that_is_needed_is_left(text: str, left: str) -> None:
    assert without_clues(text) == left


def test_a_cut_that_would_leave_less_than_half_is_known() -> None:
    assert keeps_its_sense("quán đối diện nhà tôi bán ma túy", "đối diện nhà tôi")
    assert not keeps_its_sense("đối diện nhà tôi", "đối diện nhà tôi")
    assert not keeps_its_sense("đối diện nhà tôi, đông", "đối diện nhà tôi")


@pytest.mark.parametrize(
    "text",
    ["họ bán ở số 5 ngõ 12", "tối nào cũng có người tới", "nhóm thanh niên đi xe máy", "nhà số 7"],
)
def test_words_about_the_place_are_left_alone(text: str) -> None:
    assert telling_phrases(text) == ()


@pytest.mark.parametrize(
    "caption",
    ["Căn cước của nó đây", "anh cccd", "His ID card", "my identity papers", "a passport",
     "Driver’s license of the seller", "driving licence"],
)  # fmt: skip
def test_a_caption_about_identity_papers_is_recognised(caption: str) -> None:
    assert mentions_identity_card(caption)


@pytest.mark.parametrize("caption", ["ảnh cái quán", "the card players", "they drive a lorry"])
def test_a_caption_about_something_else_is_left_alone(caption: str) -> None:
    assert not mentions_identity_card(caption)


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(max_size=300))
def test_telling_phrases_are_pieces_of_the_text(text: str) -> None:
    for phrase in telling_phrases(text):
        assert phrase in text
        assert len(without(text, phrase)) < len(text)


@given(st.from_regex(text_module._TELLING))
def test_whatever_tells_is_found_however_it_is_written(text: str) -> None:
    assert telling_phrases(text)


@given(st.text(max_size=200))
def test_folding_leaves_no_marks(text: str) -> None:
    assert not any(unicodedata.combining(c) for c in unicodedata.normalize("NFD", fold(text)))


@given(st.text())
def test_folding_is_what_unicode_says_on_any_text(text: str) -> None:
    eth = str.maketrans("đĐðÐ", "dDdD")
    joined = text.replace("\u034f", "")  # joins marks, is none, and is not to be seen
    plain = unicodedata.normalize("NFKC", joined).translate(eth)
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    assert fold(text) == " ".join(bare.lower().split())


@given(st.text(st.one_of(st.characters(), st.sampled_from("\u200b\u202e\x00\t\n đỗ"))))
def test_nothing_invisible_or_controlling_outlives_cleaning(text: str) -> None:
    kept = clean(text)
    assert not {unicodedata.category(c) for c in kept.replace("\n", "")} & {"Cc", "Cs", "Co", "Cn"}
    assert not {"\u200b", "\u202e"} & set(kept)


@pytest.mark.parametrize(
    "marks", ["\u0301\u0323", "\u0344\u0316", "\u0f73\u0f75", "\uff9e\u0323", "\u0323\u200b\u0301"]
)
def test_a_heap_of_marks_on_one_letter_is_cut_before_it_is_sorted(marks: str) -> None:
    heap = "a" + marks * 32_000  # sorting these would hold everything up for seconds
    assert len(clean(heap)) < 70
    assert len(unicodedata.normalize("NFKD", without_heaps(clean(heap)))) < 70
    assert fold(heap)[:1] == "a"


def test_letters_of_any_writing_keep_the_marks_that_they_bear() -> None:
    typed = "ho\u0323\u0302p \u0f40\u0f71\u0f72\u0f7e שָׁלוֹם a" + "\u0301" * 30 + "b"
    assert without_heaps(typed) == typed
    assert clean(typed) == unicodedata.normalize("NFC", typed)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("they sell drugs opposite my house every night", "they sell drugs every night"),
        ("My house is next to the cafe where they sell", "the cafe where they sell"),
        ("from my window I see them share it", "I see them share it"),
        ("my husband buys from Mr B at lane 5", "buys from Mr B at lane 5"),
        ("my son’s friend sells at the gate", "friend sells at the gate"),
        ("our neighbors sell drugs", "sell drugs"),
        ("I live opposite the cafe where they sell", "the cafe where they sell"),
        ("I live at house 5, lane 12, they sell pills", ", they sell pills"),
        ("they sell behind where I live", "they sell"),
        ("I'm the owner of the shop where he sells", "the shop where he sells"),
        ("I am his neighbour, he sells pills", "he sells pills"),
        ("only I saw him sell it", "him sell it"),
        ("he sells pills, I am the only one who knows", "he sells pills"),
        ("he sells pills. My name is Tran Thi Hoa", "he sells pills."),
        ("he sells pills, I am Nguyen Van A", "he sells pills"),
        ("he sells pills, call me at 0912 345 678", "he sells pills"),
        ("he sells pills, my phone number is +84 912345678", "he sells pills"),
        ("he sells pills, 0912345678 is my number", "he sells pills"),
        ("he sells pills, my ID card number is 012345678901", "he sells pills"),
    ],
)
def test_english_words_that_give_the_reporter_away_can_be_cut(text: str, left: str) -> None:
    assert without_clues(text) == left.removeprefix(", ")


@pytest.mark.parametrize(
    "text",
    [
        "I saw a man sell pills near the school",
        "he told me his number, 0912345678",
        "they call me on 0912345678",
        "I filmed it with my phone",
        "his wife keeps it in their house at lane 5",
        "I am sure that Nguyen Van A sells it",
        "ban ma tuy o xa My Son",
        "I live here and this must stop",
    ],
)
def test_english_words_about_those_reported_are_left_alone(text: str) -> None:
    assert telling_phrases(text) == ()


ENGLISH = st.sampled_from(
    [
        "my", "our", "I", "I'm", "we", "am", "live", "house", "husband", "son", "near", "opposite",
        "only", "saw", "the", "owner", "call", "me", "name is", "Hoa", "number", "0912345678",
        "card", "012345678901", "where", "at", "5", "is", "tôi", "nhà", "sells", ",",
    ]
)  # fmt: skip


@given(st.lists(ENGLISH, max_size=12).map(" ".join))
def test_the_first_look_for_telling_words_passes_nothing_over(text: str) -> None:
    found = [match[0].strip() for match in text_module._TELLING.finditer(text)]
    assert telling_phrases(text) == tuple(dict.fromkeys(found))


def test_english_clues_repeat_nothing_without_a_bound() -> None:
    """What is bounded costs the same at every letter: 8,000 of them never stop the others."""
    assert not re.search(r"(?<!\\)[*+]|,\}", english_clues.clues("", "", ""))
