"""Words that are commands and people's names alike: asked about, and never swallowed."""

import pytest

from bot.flows.base import Add, Lost
from bot.flows.router import prompt
from tests.bot.stories import WARD, Resident, StoryWorld
from tests.bot.test_flow_of_coming_back import came_back

NAMES = ["Bảo", "Giúp", "Huy", "Dũng", "Xem", "huỷ"]


def at_more() -> Resident:
    """Return a resident who is asked how those people call each other."""
    resident = Resident().agrees().taps("cb_khong").says("bán ma túy", WARD.label, "ngõ 12")
    return resident.taps("da_qua")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_a_command_becomes_the_answer_on_a_tap(name: str) -> None:
    resident = at_more().types(name)
    assert resident.keys[0] in {"lenh_hay_loi", "lenh_bo_nhap_hay_loi"}
    assert resident.draft.more == ""
    resident.taps("la_loi")
    assert resident.keys == ["da_ghi_them"]
    resident.taps("xem_lai_gui")
    assert f"Thêm: {name}" in str(resident.said("xem_lai").values["toan_van"])


def test_the_number_does_the_same_on_a_channel_without_buttons() -> None:
    resident = at_more().types("Bảo", "2", "1")
    assert resident.draft.more == "Bảo"
    assert resident.keys == ["xem_lai"]


def test_the_command_is_carried_out_when_it_was_meant() -> None:
    assert at_more().types("Huy", "1").keys == ["da_huy"]
    assert at_more().types("giúp").taps("trogiup").keys[0] == "tro_giup"
    assert at_more().types("bao").taps("bao").keys == ["dang_soan", "hoi_them"]
    assert at_more().types("menu").taps("start").keys == ["dang_soan", "hoi_them"]
    assert at_more().types("ngôn ngữ").taps("nn").keys == ["ngon_ngu"]


def test_only_what_would_cost_the_draft_is_said_to_cost_it() -> None:
    assert at_more().types("Huy").keys == ["lenh_bo_nhap_hay_loi"]
    assert at_more().types("Bảo").keys == ["lenh_hay_loi"]
    assert came_back().types("Huy").keys == ["lenh_hay_loi"]


def test_the_same_word_typed_again_is_asked_again_and_costs_nothing() -> None:
    resident = at_more().types("Huy", "Huy")
    assert resident.keys == ["lenh_bo_nhap_hay_loi"]
    assert resident.draft.what == "bán ma túy"
    assert resident.taps("la_loi").draft.more == "Huy"


def test_other_words_answer_the_question_and_the_doubtful_one_is_forgotten() -> None:
    resident = at_more().types("Huy", "người tên Huy")
    assert resident.draft.more == "người tên Huy"
    assert resident.state.unsure is None
    assert at_more().types("Huy").does(Lost()).state.unsure is None


def test_the_doubt_is_what_is_asked_again_when_the_answer_was_lost_on_the_way() -> None:
    resident = at_more().types("Bảo")
    assert prompt(resident.state, resident.world).says == resident.heard


@pytest.mark.parametrize("step", ["what", "place", "where", "when", "more"])
def test_every_question_for_free_words_asks_first(step: str) -> None:
    resident = Resident().agrees().taps("cb_khong")
    for answer in ("bán ma túy", WARD.label, "ngõ 12", "hôm qua"):
        if resident.state.step == step:
            break
        resident.says(answer)
    assert resident.state.step == step
    resident.types("Giúp")
    assert resident.keys == ["lenh_hay_loi"]
    assert resident.state.step == step


def test_a_contact_and_an_addition_may_be_such_a_name() -> None:
    resident = Resident(StoryWorld(features=frozenset({"named"}))).tells().taps("bao_ve", "de_lai")
    assert resident.types("Bảo").taps("la_loi").draft.contact == "Bảo"
    assert came_back().types("Huy").taps("la_loi").acts[-1] == Add("Huy")


@pytest.mark.parametrize("typed", ["/huy", "/bao", "/trogiup"])
def test_a_slash_is_always_a_command(typed: str) -> None:
    assert "la_loi" not in at_more().types(typed).state.offered


def test_where_only_buttons_count_a_bare_word_is_a_command() -> None:
    assert Resident().types("bao").keys == ["nguy_hiem"]
    assert Resident().agrees().types("giúp").keys[0] == "tro_giup"
    assert Resident().commands("xem").types("huy").keys == ["da_thoat"]
    assert Resident().types("xem").keys == ["xem_tin"]
