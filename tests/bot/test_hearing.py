"""Buttons, numbers, words and commands mean the same."""

import pytest

from bot.flows.base import Chose, Commanded, Edited, Filled, Lost, Said, State
from bot.hearing import token, understand
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
        ("báo tin", Commanded("bao", plain=True)),
        ("Xem", Commanded("xem", plain=True)),
        ("xem 1234 5678 9012", Commanded("xem", "1234 5678 9012", plain=True)),
        ("xóa", Commanded("xoa", plain=True)),
    ],
)
def test_commands_with_a_slash_and_bare_words(typed: str, command: Commanded) -> None:
    assert understand(incoming(typed), State(), WORDING) == command


@pytest.mark.parametrize("typed", ["bán ma túy", "5", "xem nhà bà A", "0912", "gửi cho bà B"])
def test_everything_else_is_text(typed: str) -> None:
    assert understand(incoming(typed), STATE, WORDING) == Said(typed, "m1")


def test_an_offered_label_wins_over_a_command_of_the_same_name() -> None:
    assert understand(incoming("hủy"), STATE, WORDING) == Chose("huy")


def test_edits_and_forms_carry_what_they_hold() -> None:
    assert understand(incoming("mới", edited=True), STATE, WORDING) == Edited("mới", "m1")
    answers = {"what": "x", "send": "1"}
    assert understand(incoming(answers=answers), STATE, WORDING) == Filled(answers, send=True)


def test_words_on_a_page_are_never_commands() -> None:
    for typed in ("/huy", "huy", "1"):
        assert understand(incoming(typed), STATE, WORDING, is_form=True) == Said(typed, "m1")
