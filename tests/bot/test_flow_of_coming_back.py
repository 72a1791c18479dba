"""Coming back with a code, and the commands, told as stories about the pure flow."""

import pytest

from bot.flows.base import (
    Add,
    Commanded,
    Edited,
    LookUp,
    Lost,
    News,
    NewsItem,
    NotSent,
    PhotoKept,
    Said,
    StopPush,
    Wipe,
)
from bot.flows.router import hear
from intake.drafts import MAX_TEXT, KeptPhoto
from intake.receipts import grouped, new_code
from tests.bot.stories import Resident, StoryWorld

PHOTO = KeptPhoto(id="00" * 16, key="11" * 32)


def came_back(*messages: NewsItem) -> Resident:
    resident = Resident()
    resident.news = News(messages)
    return resident.commands("xem").says(grouped(new_code()))


def test_a_code_shows_what_the_unit_said_oldest_first() -> None:
    resident = came_back(
        NewsItem("reply", "Cảm ơn bạn."),
        NewsItem("ask", "Quán tên gì?"),
        NewsItem("state", "can_them"),
    )
    assert resident.keys == ["tra_loi", "hoi_lai", "trang_thai.can_them", "gui_them_duoc"]
    assert all(say.private for say in resident.heard[:-1])


def test_of_the_state_words_only_the_newest_is_shown() -> None:
    resident = came_back(
        NewsItem("ask", "Quán tên gì?"),
        NewsItem("state", "dang_xem"),
        NewsItem("reply", "Cảm ơn bạn."),
        NewsItem("state", "dang_xem"),
        NewsItem("state", "ket_thuc"),
    )
    assert resident.keys == ["hoi_lai", "tra_loi", "trang_thai.ket_thuc", "gui_them_duoc"]


def test_no_news_is_one_sentence_whatever_the_reason() -> None:
    resident = came_back()
    assert resident.keys == ["chua_co_tin_moi"]
    assert resident.heard[0].values == {}


def test_an_unknown_state_word_is_never_shown_as_it_is() -> None:
    assert came_back(NewsItem("state", "nguoi_bao_la_ai")).keys[0] == "trang_thai.dang_xem"


@pytest.mark.parametrize("wrong", ["1234", "không nhớ", "1" * 24, "", "9" * 500])
def test_a_slip_of_the_pen_is_said_without_a_look_up(wrong: str) -> None:
    resident = Resident().commands("xem").does(Said(wrong))
    assert resident.keys == ["ma_chep_nham"]
    assert resident.acts == []
    assert resident.state.step == "code"


def test_a_code_may_come_with_the_command_or_alone() -> None:
    code = new_code()
    assert Resident().commands("xem", grouped(code)).keys == ["chua_co_tin_moi"]
    assert Resident().says(grouped(code)).keys == ["chua_co_tin_moi"]


def test_no_message_ever_prints_a_typed_code() -> None:
    resident = came_back(NewsItem("reply", "chào"))
    code = resident.state.code or ""
    assert code
    assert all(code not in str(say.values) for say in resident.heard)


def test_text_is_added_under_the_code() -> None:
    resident = came_back().says("có thêm một xe đỏ")
    assert resident.acts[-1] == Add("có thêm một xe đỏ")
    assert resident.keys == ["da_gui_them"]


def test_an_addition_is_checked_for_telling_phrases() -> None:
    resident = came_back().says("quán đối diện nhà tôi có khách lạ")
    assert resident.keys == ["lo_than"]
    resident.taps("bo_cho_do")
    assert resident.acts[-1] == Add("quán có khách lạ")
    kept = came_back().says("quán đối diện nhà tôi có khách lạ").taps("giu_nguyen")
    assert kept.acts[-1] == Add("quán đối diện nhà tôi có khách lạ")
    rewritten = came_back().says("quán đối diện nhà tôi có khách lạ").taps("sua_lai")
    assert rewritten.keys == ["go_lai"]
    assert rewritten.says("quán có khách lạ").acts[-1] == Add("quán có khách lạ")


def test_an_addition_that_was_only_the_phrase_can_be_rewritten_and_not_cut_to_nothing() -> None:
    resident = came_back().says("đối diện nhà tôi")
    assert resident.keys == ["lo_than_sua"]
    assert resident.state.offered == ("sua_lai", "giu_nguyen")
    assert resident.types("có").keys == ["go_lai"]
    assert not any(isinstance(act, Add) for act in resident.acts)


def test_a_picture_is_added_under_the_code_with_its_caption() -> None:
    resident = came_back().does(PhotoKept(PHOTO, "xe này"))
    assert resident.acts[-1] == Add("xe này")
    assert resident.keys == ["da_gui_them"]
    assert resident.draft.photos == ()


@pytest.mark.parametrize(("text", "key"), [("  ", "trong"), ("a b " * MAX_TEXT, "dai_qua")])
def test_empty_and_over_long_additions_are_refused(text: str, key: str) -> None:
    resident = came_back().does(Said(text))
    assert resident.keys == [key]
    assert isinstance(resident.acts[-1], LookUp)


def test_too_many_looks_are_answered_without_a_look() -> None:
    resident = Resident().commands("xem")
    state = resident.state.but(code=new_code())
    step = hear(state, NotSent("thu_nhieu_lan", {"so_phut": 4}), resident.world)
    assert step.says[0].key == "thu_nhieu_lan"


def test_done_wipes_the_code_and_the_messages() -> None:
    resident = came_back().taps("xong")
    assert resident.acts[-1] == Wipe(messages=True)
    assert resident.state.code is None


# --- commands -------------------------------------------------------------------------------------


def test_an_unknown_command_keeps_the_draft() -> None:
    resident = Resident().agrees().taps("cb_khong").says("bán ma túy")
    before = resident.state
    resident.commands("?")
    assert resident.keys == ["lenh_la_con_nhap"]
    assert resident.state == before


@pytest.mark.parametrize("command", ["bao", "start", "xem"])
def test_a_new_beginning_never_throws_an_open_draft_away(command: str) -> None:
    resident = Resident().agrees().taps("cb_khong").says("bán ma túy")
    resident.commands(command)
    assert resident.keys == ["dang_soan", "chon_phuong"]
    assert resident.draft.what == "bán ma túy"


@pytest.mark.parametrize(
    ("word", "button"), [("huy", "bo_ban_nhap"), ("xoa", "xoa"), ("dung", "dung")]
)
def test_a_bare_word_is_asked_about_before_it_costs_a_draft(word: str, button: str) -> None:
    resident = Resident().tells().taps("sua")
    resident.types(word)
    assert resident.keys == ["chac_khong"]
    assert resident.acts == []
    resident.taps("viet_tiep")
    assert resident.keys == ["sua_gi"]
    resident.types(word).taps(button)
    assert resident.state.flow == "start"


def test_cancel_typed_again_drops_the_draft() -> None:
    resident = Resident().tells().taps("sua").types("hủy").types("hủy")
    assert resident.keys == ["da_huy"]


def test_cancel_says_that_nothing_was_sent() -> None:
    resident = Resident().tells().taps("huy")
    assert resident.keys == ["da_huy"]
    assert resident.acts == [Wipe()]


def test_cancel_after_sending_says_that_it_is_too_late() -> None:
    resident = Resident().tells().taps("gui").commands("huy")
    assert resident.keys == ["khong_huy_duoc", "bien_nhan"]


def test_erase_works_at_every_step() -> None:
    for resident in (Resident(), Resident().agrees(), Resident().tells().taps("gui"), came_back()):
        resident.commands("xoa")
        assert resident.keys == ["da_xoa.xoa"]
        assert resident.acts[-1] == Wipe(messages=True)


def test_stop_answers_the_same_with_and_without_notices_and_never_costs_the_code() -> None:
    assert Resident().commands("dung").heard == Resident().agrees().commands("dung").heard
    assert Resident().commands("dung").acts == [StopPush()]
    resident = Resident().tells().taps("gui").commands("dung")
    assert resident.keys == ["tat_bao", "bien_nhan"]
    assert resident.acts[-1] == StopPush(wipe=False)


def test_help_and_language_leave_the_question_where_it_was() -> None:
    resident = Resident().agrees().taps("cb_khong")
    resident.commands("trogiup")
    assert resident.keys == ["tro_giup", "an_danh.telegram", "tin_sai", "tre_em", "hoi_viec_gi"]
    resident.commands("nn").taps("nn_en")
    assert resident.state.language == "en"
    assert resident.keys == ["hoi_viec_gi"]
    assert Resident().commands("nn", "en").state.language == "en"
    assert Resident().commands("nn", "tlh").keys == ["ngon_ngu"]


def test_the_language_survives_the_end_of_a_dialogue() -> None:
    resident = Resident().commands("nn", "en").agrees().commands("huy")
    assert resident.state.language == "en"


def test_counselling_shows_a_place_and_a_number_and_asks_nothing() -> None:
    assert Resident().commands("start").taps("tu_van").keys == ["tu_van_chung"]
    facts = {"tram": "Trạm y tế", "dia_chi_tram": "số 1", "gio_mo": "8h", "so_tu_van": "0200"}
    resident = Resident(StoryWorld(facts=facts)).commands("start").taps("tu_van")
    assert resident.keys == ["tu_van"]
    assert resident.taps("quay_lai").keys == ["chao"]


def test_a_tap_on_an_old_button_shows_the_question_again() -> None:
    resident = Resident().agrees().does(Lost())
    assert resident.keys == ["hoi_can_bo"]
    assert Resident().does(Lost(expired=True)).keys == ["het_phien", "chao"]


def test_an_edit_without_a_draft_names_the_way_back() -> None:
    assert Resident().does(Edited("gì", "m1")).keys == ["sua_da_gui"]


def test_commands_without_a_draft_say_so() -> None:
    assert Resident().does(Commanded("huy")).keys == ["khong_co_nhap"]
    assert Resident().does(Commanded("?")).keys == ["lenh_la", "chao"]


def test_whoever_has_no_code_finds_the_way_out() -> None:
    resident = Resident().commands("xem")
    assert resident.state.offered == ("thoat",)
    resident.does(Said("khong"))
    assert resident.heard[-1].choices == ("thoat",)
    resident.taps("thoat")
    assert resident.keys == ["da_thoat"]
    assert resident.state.flow == "start"


def test_a_bare_word_never_takes_an_uncopied_code_away() -> None:
    resident = Resident().tells().taps("gui").does(Commanded("xoa", plain=True))
    assert resident.keys == ["chep_da", "bien_nhan"]
    assert not any(isinstance(act, Wipe) for act in resident.acts)
    resident.does(Commanded("xoa"))
    assert resident.keys == ["da_xoa.xoa"]
