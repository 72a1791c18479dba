"""Buttons, numbers, words and commands mean the same."""

import pytest

from bot.flows.base import Chose, Commanded, Edited, Filled, Lost, Said, Say, State
from bot.hearing import closing, offering, token, understand
from bot.messages import Incoming
from bot.wording import Wording

WORDING = Wording.load()
STATE = State(flow="tip", step="review", offered=("gui", "sua", "huy"), nonce="ab12cd34")


def incoming(text: str = "", **more: object) -> Incoming:
    return Incoming("chat", "7", "m1", text=text, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["1", "1.", "1)", "gui", "Gửi", "GỬI", " gửi ", "gửi đi"])
def test_a_number_and_a_label_mean_the_button(typed: str) -> None:
    assert understand(incoming(typed), STATE, WORDING) == Chose("gui")


def test_a_tap_is_known_by_its_nonce_and_place_alone() -> None:
    assert understand(incoming(choice=token("ab12cd34", 2)), STATE, WORDING) == Chose("huy")
    for old in ("ab12cd34-3", "ffff0000-0", "gui", "-0", "", "ab12cd34-x", "ab12cd34--1"):
        assert understand(incoming(choice=old), STATE, WORDING) == Lost()
    assert understand(incoming(choice="x-0"), State(), WORDING, is_new=True) == Lost(expired=True)
    assert understand(incoming(choice="-0"), State(offered=("bao",)), WORDING) == Lost()


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("/bao", Commanded("bao")),
        ("/BAO", Commanded("bao")),
        ("/bao@hom_thu_bot", Commanded("bao")),
        ("/start q7Xk2", Commanded("start", "q7Xk2")),
        ("/xem 1234 5678", Commanded("xem", "1234 5678")),
        ("/help", Commanded("trogiup")),
        ("/huỷ", Commanded("huy")),
        ("/gì_đó bí mật", Commanded("?")),
        ("/", Commanded("?")),
        ("báo tin", Commanded("bao", plain=True, said=Said("báo tin", "m1"))),
        ("Xem", Commanded("xem", plain=True, said=Said("Xem", "m1"))),
        ("xem 1234 5678 9012", Commanded("xem", "1234 5678 9012", plain=True)),
        ("xem 1234/5678/9012", Commanded("xem", "1234/5678/9012", plain=True)),
        ("xóa", Commanded("xoa", plain=True, said=Said("xóa", "m1"))),
    ],
)
def test_commands_with_a_slash_and_bare_words(typed: str, command: Commanded) -> None:
    assert understand(incoming(typed), State(), WORDING) == command


@pytest.mark.parametrize("typed", ["bán ma túy", "5", "xem nhà bà A", "0912", "gửi cho bà B"])
def test_everything_else_is_text(typed: str) -> None:
    assert understand(incoming(typed), STATE, WORDING) == Said(typed, "m1")


def test_an_offered_label_wins_over_a_command_of_the_same_name() -> None:
    assert understand(incoming("hủy"), STATE, WORDING) == Chose("huy")


def test_a_doubtful_word_typed_again_is_still_no_choice_of_the_command() -> None:
    state = STATE.but(step="more", offered=("huy", "la_loi"), unsure=("huy", "Huy", "m0"))
    heard = understand(incoming("Huy"), state, WORDING)
    assert heard == Commanded("huy", plain=True, said=Said("Huy", "m1"))
    assert understand(incoming("1"), state, WORDING) == Chose("huy")
    assert understand(incoming("2"), state, WORDING) == Chose("la_loi")
    assert understand(incoming("khong phai"), state, WORDING) == Chose("la_loi")


def test_edits_and_forms_carry_what_they_hold() -> None:
    assert understand(incoming("mới", edited=True), STATE, WORDING) == Edited("mới", "m1")
    answers = {"what": "x", "send": "1"}
    assert understand(incoming(answers=answers), STATE, WORDING) == Filled(answers, send=True)


def test_words_on_a_page_are_never_commands() -> None:
    for typed in ("/huy", "huy", "1"):
        assert understand(incoming(typed), STATE, WORDING, is_form=True) == Said(typed, "m1")


# --- buttons of older prompts ---------------------------------------------------------------------

REVIEW = Say("xem_lai", {"toan_van": "bán ma túy"}, choices=("gui", "sua", "huy"))


def test_an_older_button_works_while_the_very_same_is_asked() -> None:
    state = offering(State(flow="tip", step="review"), REVIEW, "old1")
    menu = offering(state.but(step="edit"), Say("sua_gi", choices=("thoi_sua",)), "old2")
    again = offering(menu.but(step="review"), REVIEW, "new1")
    assert understand(incoming(choice=token("old1", 0)), again, WORDING) == Chose("gui")
    assert understand(incoming(choice=token("old2", 0)), again, WORDING) == Lost()


def test_an_older_send_never_sends_a_changed_draft() -> None:
    state = offering(State(flow="tip", step="review"), REVIEW, "old1")
    changed = Say("xem_lai", {"toan_van": "khác"}, choices=REVIEW.choices)
    for now in (
        offering(state, changed, "new1"),
        offering(state.drafted(contact="Lan"), REVIEW, "new1"),
        closing(state.but(step="what")),
    ):
        assert understand(incoming(choice=token("old1", 0)), now, WORDING) == Lost()


def test_the_welcomes_buttons_work_for_ever() -> None:
    old = token("gone", 0, "bao")
    assert understand(incoming(choice=old), State(), WORDING, is_new=True) == Chose("bao")
    assert understand(incoming(choice=old), STATE, WORDING) == Chose("bao")
    assert understand(incoming(choice="gone-xoa"), STATE, WORDING) == Lost()


# --- what people type instead of a button ---------------------------------------------------------

ANSWERING = State(flow="follow_up", step="news", offered=("xong",), nonce="n")


@pytest.mark.parametrize("typed", ["đúng", "Đúng", "dung", "\u0111u\u0301ng"])
def test_yes_is_an_answer_and_no_command_to_stop(typed: str) -> None:
    assert understand(incoming(typed), ANSWERING, WORDING) == Said(typed, "m1")


@pytest.mark.parametrize("typed", ["dừng", "dừng lại", "tắt báo", "/dung"])
def test_stop_is_still_a_command(typed: str) -> None:
    heard = understand(incoming(typed), ANSWERING, WORDING)
    assert isinstance(heard, Commanded)
    assert heard.name == "dung"


@pytest.mark.parametrize(
    ("step", "offered", "typed", "key"),
    [
        ("more", ("xem_lai_gui", "them_anh"), "không", "xem_lai_gui"),
        ("more", ("xem_lai_gui", "them_anh"), "het roi", "xem_lai_gui"),
        ("when", ("dang_dien_ra", "khong_ro"), "ko biet", "khong_ro"),
        ("when", ("dang_dien_ra", "khong_ro"), "vẫn đang", "dang_dien_ra"),
        ("raise", ("gui_len_tren", "thoat"), "đồng ý", "gui_len_tren"),
        ("phrases", ("bo_cho_do", "sua_lai", "giu_nguyen"), "co", "bo_cho_do"),
        ("phrases", ("bo_cho_do", "sua_lai", "giu_nguyen"), "khong", "giu_nguyen"),
    ],
)
def test_the_natural_answer_to_a_question_is_its_button(
    step: str, offered: tuple[str, ...], typed: str, key: str
) -> None:
    state = State(flow="tip", step=step, offered=offered)
    assert understand(incoming(typed), state, WORDING) == Chose(key)
