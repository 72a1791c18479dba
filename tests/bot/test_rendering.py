"""From what a flow says to messages: buttons or numbers, pieces that part no number."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.flows.base import Say
from bot.rendering import Voice, render, split
from bot.wording import Wording
from tests.bot.stories import FACTS

WORDING = Wording.load()
BUTTONS = Voice("vi", buttons=True, max_text=4096, trial=False)


def test_buttons_carry_opaque_tokens() -> None:
    (message,) = render(
        (Say("hoi_can_bo", choices=("cb_khong", "cb_co")),), WORDING, FACTS, BUTTONS, "n0"
    )
    assert [(c.key, c.label, c.token) for c in message.choices] == [
        ("cb_khong", "Không", "n0-0"),
        ("cb_co", "Có", "n0-1"),
    ]


def test_the_welcomes_buttons_say_themselves_what_they_are() -> None:
    (message,) = render((Say("chao", choices=("bao", "xem")),), WORDING, FACTS, BUTTONS, "n0")
    assert [c.token for c in message.choices] == ["n0-bao", "n0-xem"]


def test_without_buttons_they_become_numbered_lines() -> None:
    voice = Voice("vi", buttons=False, max_text=4096, trial=False)
    (message,) = render((Say("chao", choices=("bao", "xem")),), WORDING, FACTS, voice, "n0")
    assert message.choices == ()
    assert message.text.endswith("\n1. Báo tin\n2. Xem trả lời")


def test_choices_made_of_data_show_their_own_labels() -> None:
    say = Say("trung_ten", {"n": 1}, ("noi_0",), {"noi_0": "phường Thượng Hồng"})
    (message,) = render((say,), WORDING, FACTS, BUTTONS, "n0")
    assert message.choices[0].label == "phường Thượng Hồng"


def test_every_piece_of_a_trial_message_says_that_it_is_a_trial() -> None:
    voice = Voice("vi", buttons=True, max_text=300, trial=True)
    values = {"toan_van": "câu dài. " * 100, "so_anh": 0, "don_vi_nhan": "A", "don_vi_tren": "B"}
    messages = render((Say("xem_lai", values, ("gui",), private=True),), WORDING, FACTS, voice, "n")
    assert len(messages) > 2
    assert all(message.text.startswith("BẢN THỬ, không gửi tin thật.\n") for message in messages)
    assert all(len(message.text) <= 300 for message in messages)
    assert all(message.private for message in messages)
    assert [bool(message.choices) for message in messages[:-1]] == [False] * (len(messages) - 1)
    assert messages[-1].choices


def test_a_page_is_never_cut() -> None:
    voice = Voice("vi", buttons=True, max_text=None, trial=False)
    values = {"noi_dung": "câu. " * 3000}
    assert len(render((Say("tra_loi", values),), WORDING, FACTS, voice, "n")) == 1


def test_oversight_is_named_in_the_language_that_is_spoken() -> None:
    values = {"toan_van": "x", "so_anh": 0, "don_vi_nhan": "A", "don_vi_tren": ""}
    say = Say("xem_lai", values, ("gui",), private=True)
    for language, name in (("vi", "cơ quan giám sát"), ("en", "the oversight body")):
        (message,) = render((say,), WORDING, FACTS, Voice(language, True, None, False), "n")
        assert name in message.text
        assert message.data["don_vi_tren"] == name


def test_a_refused_kind_is_named_in_the_language_that_is_spoken() -> None:
    say = Say("chua_nhan_loai_nay", {"loai": "voice"})
    (vi,) = render((say,), WORDING, FACTS, BUTTONS, "n")
    assert "ghi âm" in vi.text
    (en,) = render((say,), WORDING, FACTS, Voice("en", True, 4096, False), "n")
    assert "voice messages" in en.text


def test_a_text_is_cut_between_sentences() -> None:
    pieces = split("Một câu ngắn. Hai câu ngắn. Ba câu ngắn.", 30)
    assert pieces == ["Một câu ngắn. Hai câu ngắn.", "Ba câu ngắn."]


def test_a_code_is_never_cut() -> None:
    code = "**1234 5678 9012 3456 7890 1234**"
    for limit in range(44, 90):
        pieces = split(f"Đã nhận tin của bạn. Mã gồm 24 số: {code} Hãy chép ra giấy.", limit)
        assert any(code.strip("*") in piece for piece in pieces), limit


def test_bold_is_closed_in_every_piece() -> None:
    for piece in split("**" + "chữ đậm rất dài " * 20 + "**", 60):
        assert piece.count("**") % 2 == 0


@given(
    st.text(
        alphabet=st.sampled_from("ab 1234567890.\nđế😀\u200d👧e\u0301"), min_size=1, max_size=400
    ),
    st.integers(min_value=40, max_value=120),
)
def test_pieces_fit_and_lose_nothing_but_space(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(len(p) + sum(ord(c) > 0xFFFF for c in p) <= limit for p in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)


def test_a_text_without_any_space_is_cut_between_letters() -> None:
    assert "".join(split("a" * 5000, 100)) == "a" * 5000
    family = "👨\u200d👩\u200d👧"
    for piece in split(family * 60, 50):
        assert not piece.startswith("\u200d")
        assert not piece.endswith("\u200d")
    for piece in split("e\u0301" * 100, 41):
        assert piece.startswith("e")
    for before, after in pairwise(split("x12345678" * 40, 50)):
        assert not (before[-1].isdigit() and after[0].isdigit())
