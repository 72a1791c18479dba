"""A tip, told as stories about the pure flow."""

from dataclasses import replace

import pytest

from bot.flows.base import Edited, NotKept, PhotoKept, Said, Wipe
from bot.flows.router import photo_refusal
from intake.drafts import MAX_TEXT, KeptPhoto, compose
from tests.bot.stories import BOX, CHAT, CLOSED, WARD, Resident, StoryWorld

PHOTO = KeptPhoto(id="00" * 16, key="11" * 32)


def test_the_danger_card_comes_before_the_anonymity_text_and_that_before_any_question() -> None:
    resident = Resident().commands("bao")
    assert resident.keys == ["nguy_hiem"]
    resident.taps("khong_khan")
    assert resident.keys == ["an_danh.telegram", "an_toan_hon", "dong_y"]
    resident.taps("dong_y")
    assert resident.keys == ["hoi_can_bo"]


def test_a_short_tip_goes_from_welcome_to_receipt() -> None:
    resident = Resident().tells()
    assert resident.keys == ["xem_lai"]
    assert resident.said("xem_lai").values["toan_van"] == compose(resident.draft)
    assert resident.said("xem_lai").private
    resident.taps("gui")
    assert resident.keys == ["bien_nhan"]
    assert len(resident.submitted) == 1
    assert "".join(str(resident.said("bien_nhan").values[f"m{n}"]) for n in range(1, 7)) == (
        resident.state.code
    )


def test_the_preview_shows_exactly_what_is_submitted() -> None:
    resident = Resident().tells("bán hàng ở quán, xe đỏ")
    shown = resident.said("xem_lai").values["toan_van"]
    resident.taps("gui")
    assert compose(resident.submitted[0]) == shown


@pytest.mark.parametrize("way", [(), ("khong_khan",)])
def test_words_typed_before_consent_are_not_kept(way: tuple[str, ...]) -> None:
    resident = Resident().commands("bao").taps(*way).says("bán ma túy ở ngõ 5")
    assert resident.keys == ["chua_dong_y"]
    assert resident.draft.what == ""
    assert resident.state.sources == ()


def test_words_typed_at_the_welcome_are_not_kept_and_the_button_is_shown() -> None:
    resident = Resident().says("nhà bà A bán ma túy")
    assert resident.keys == ["chua_luu", "chao"]
    assert "nhà bà A" not in resident.state.model_dump_json()


def test_whoever_does_not_agree_leaves_nothing() -> None:
    resident = Resident().commands("bao").taps("khong_khan", "thoat")
    assert resident.keys == ["khong_dong_y"]
    assert resident.acts == [Wipe()]
    assert resident.state.flow == "start"


def test_the_long_form_is_read_on_request_and_the_question_comes_again() -> None:
    resident = Resident().commands("bao").taps("khong_khan", "doc_ky_hon")
    assert resident.keys == ["doc_ky_hon", "tin_sai", "dong_y"]
    named = Resident(StoryWorld(features=frozenset({"named"})))
    named.commands("bao").taps("khong_khan", "doc_ky_hon")
    assert "doc_ky_hon_bao_ve" in named.keys


# --- conflict and place ---------------------------------------------------------------------------


def test_a_tip_about_officers_offers_only_the_unit_above() -> None:
    resident = Resident().agrees().taps("cb_co").says("cán bộ nhận tiền", WARD.label)
    assert resident.keys == ["can_bo"]
    assert resident.heard[0].choices == ("gui_len_tren", "thoat")
    assert resident.heard[0].values["cap_tren"] == "Công an tỉnh"
    resident.taps("gui_len_tren")
    assert resident.keys == ["hoi_o_dau"]
    assert resident.draft.conflict == "yes"


def test_not_sure_about_officers_asks_with_both_ways() -> None:
    resident = Resident().agrees().taps("cb_khong_ro").says("có người bán", WARD.label)
    assert resident.heard[0].choices == ("gui_len_tren", "gui_binh_thuong", "thoat")
    up = Resident().tells(conflict="cb_khong_ro")
    assert up.draft.to_upper
    resident.taps("gui_binh_thuong").says("ngõ 3").taps("da_qua", "xem_lai_gui")
    assert not resident.draft.to_upper
    assert resident.said("xem_lai").values["don_vi_nhan"] == "Công an phường Thượng Hồng"


ABOUT_POLICE = "công an phường bao kê, ông trưởng công an nhận tiền"


def test_a_tip_that_names_officials_asks_whether_it_is_about_them_before_it_goes_on() -> None:
    resident = Resident().agrees().taps("cb_khong").says(ABOUT_POLICE, WARD.label)
    assert resident.keys == ["can_bo_trong_tin"]
    assert resident.heard[0].values == {"cap_tren": "Công an tỉnh", "noi": WARD.label}
    assert resident.heard[0].choices == ("gui_len_tren", "gui_binh_thuong", "thoat")
    resident.taps("gui_len_tren")
    assert resident.keys == ["hoi_o_dau"]
    resident.says("ngõ 3").taps("da_qua", "xem_lai_gui")
    assert resident.said("xem_lai").values["don_vi_nhan"] == "Công an tỉnh"
    resident.taps("sua", "sua_noi_nhan").says(WARD.label)
    assert resident.keys == ["can_bo"]  # still about officials: never back to the ward unasked


def test_a_tip_that_only_mentions_officials_costs_one_tap_and_is_never_asked_again() -> None:
    told = "đã báo công an phường mà chưa thấy ai tới"
    resident = Resident().agrees().taps("cb_khong").says(told, WARD.label).taps("gui_binh_thuong")
    assert resident.keys == ["hoi_o_dau"]
    resident.says("cạnh đồn công an").taps("da_qua", "xem_lai_gui")
    assert resident.said("xem_lai").values["don_vi_nhan"] == "Công an phường Thượng Hồng"
    resident.taps("sua", "sua_viec").says("cán bộ tới rồi lại đi")
    assert resident.keys == ["xem_lai"]
    resident.taps("sua", "sua_noi_nhan").says(CLOSED.label).taps("gui_len_tren")
    resident.taps("sua", "sua_noi_nhan").says(WARD.label)
    assert resident.keys == ["xem_lai"]


@pytest.mark.parametrize("when_told", ["where", "more", "edit"])
def test_officials_are_noticed_wherever_they_are_named(when_told: str) -> None:
    resident = Resident().agrees().taps("cb_khong").does(Said("bán hàng", "m1"))
    resident.says(WARD.label, "nhà tổ trưởng" if when_told == "where" else "ngõ 3")
    if when_told != "where":
        resident.taps("da_qua")
        resident.says("tổ trưởng bao che" if when_told == "more" else "xe đỏ").taps("xem_lai_gui")
    if when_told == "edit":
        assert resident.keys == ["xem_lai"]
        resident.does(Edited("tổ trưởng bán hàng", "m1"))
    assert resident.keys[-1] == "can_bo_trong_tin"


def test_words_taken_back_while_it_is_asked_open_the_next_question() -> None:
    resident = Resident().agrees().taps("cb_khong").does(Said(ABOUT_POLICE, "m1"))
    resident.says(WARD.label).does(Edited("quán nước bán ma túy", "m1"))
    assert resident.keys == ["da_sua", "hoi_o_dau"]


def test_where_the_unit_above_receives_anyway_nobody_is_asked_about_officials() -> None:
    resident = Resident().agrees().taps("cb_khong").says(ABOUT_POLICE, CLOSED.label)
    assert resident.keys == ["chua_co_hom_thu"]
    assert resident.taps("gui_len_tren").keys == ["hoi_o_dau"]
    unknown = Resident().agrees().taps("cb_khong").says(ABOUT_POLICE, "xã Không Có")
    assert unknown.taps("gui_len_tren").keys == ["hoi_o_dau"]


def test_where_officers_read_the_channel_a_tip_found_to_be_about_them_is_not_taken() -> None:
    world = StoryWorld(channel=replace(CHAT, conflict_allowed=False))
    resident = Resident(world).agrees().taps("cb_khong").says(ABOUT_POLICE, WARD.label)
    resident.taps("gui_len_tren")
    assert resident.keys == ["can_bo_cua_khac"]
    assert resident.state.flow == "start"


def test_where_officers_read_the_channel_a_tip_about_them_is_not_taken() -> None:
    world = StoryWorld(channel=replace(CHAT, conflict_allowed=False))
    resident = Resident(world).agrees().taps("cb_co")
    assert resident.keys == ["can_bo_cua_khac"]
    assert resident.state.flow == "start"


def test_a_place_without_a_box_says_so_before_it_goes_up() -> None:
    resident = Resident().agrees().taps("cb_khong").says("bán hàng", "xã Thượng Hồng, Hải Phòng")
    assert resident.keys == ["chua_co_hom_thu"]
    assert resident.heard[0].values == {"cap_tren": "Công an tỉnh", "noi": CLOSED.label}
    resident.taps("gui_len_tren")
    assert resident.keys == ["hoi_o_dau"]
    assert not resident.draft.to_upper  # the destination passes over a closed box by itself


def test_near_equal_names_are_asked_again_and_never_guessed() -> None:
    resident = Resident().agrees().taps("cb_khong").says("bán hàng", "thuong hong")
    assert resident.keys == ["trung_ten"]
    assert list(resident.heard[0].labels.values()) == [WARD.label, CLOSED.label]
    assert resident.draft.area_id is None
    resident.taps("noi_0")
    assert resident.draft.area_id == WARD.area_id


def test_a_single_name_that_is_only_near_is_asked_about_too() -> None:
    resident = Resident().agrees().taps("cb_khong").says("bán hàng", "Thượng Hồng, Huế")
    assert resident.keys == ["gan_dung_noi"]
    assert resident.heard[0].choices == ("dung_noi", "cho_khac")
    assert resident.heard[0].labels == {"dung_noi": WARD.label}
    assert resident.draft.area_id is None
    resident.taps("dung_noi")
    assert resident.keys == ["hoi_o_dau"]
    assert resident.draft.area_id == WARD.area_id


@pytest.mark.parametrize("typed", ["thuong hong", "Thượng Hồng, Huế"])
def test_whoever_means_none_of_the_near_places_types_again_or_sends_up(typed: str) -> None:
    resident = Resident().agrees().taps("cb_khong").says("bán hàng", typed).taps("cho_khac")
    assert resident.keys == ["khong_thay_noi"]
    assert resident.draft.area_id is None
    resident.taps("gui_len_tren")
    assert resident.draft.to_upper


def test_a_name_that_nobody_knows_can_go_to_the_top_unit() -> None:
    resident = Resident().agrees().taps("cb_khong").says("bán hàng", "xã Không Có")
    assert resident.keys == ["khong_thay_noi"]
    resident.taps("gui_len_tren")
    assert resident.keys == ["hoi_o_dau"]
    assert resident.draft.to_upper
    again = Resident().agrees().taps("cb_khong").says("bán hàng", "xã Không Có", WARD.label)
    assert again.draft.area_id == WARD.area_id


def test_a_poster_fills_the_place_in_and_can_be_corrected() -> None:
    resident = Resident().commands("start", "poster7")
    assert resident.keys == ["chao", "chao_qr"]
    resident.taps("bao", "khong_khan", "dong_y", "cb_khong").says("bán ma túy")
    assert resident.keys == ["hoi_o_dau"]
    assert resident.draft.area_id == BOX.area_id
    elsewhere = Resident().commands("start", "poster7").taps("noi_khac")
    assert elsewhere.keys == ["chao"]
    assert elsewhere.state.area_hint is None


def test_a_replaced_poster_says_so_and_asks_for_the_place() -> None:
    assert Resident().commands("start", "old").keys == ["ma_qr_cu", "chao"]


def test_a_closed_box_says_so_before_anybody_types() -> None:
    resident = Resident(StoryWorld(is_open=False)).commands("bao")
    assert resident.keys == ["tam_dong"]
    assert resident.state.flow == "start"


def test_in_a_chat_enrolled_for_work_no_tip_begins() -> None:
    resident = Resident(StoryWorld(enrolled=True)).commands("bao")
    assert resident.keys == ["an_danh_tai_khoan_cong_viec"]
    assert resident.state.flow == "start"


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", ["", "   ", ".", "?!", "😀" * 4096, "\u202e\u200f", "a"])
def test_nearly_nothing_is_refused_and_the_question_stays(nothing: str) -> None:
    resident = Resident().agrees().taps("cb_khong").does(Said(nothing))
    assert resident.keys == ["trong"]
    assert resident.state.step == "what"


def test_too_much_is_refused_and_nothing_of_it_is_kept() -> None:
    resident = Resident().agrees().taps("cb_khong").does(Said("ma túy " * MAX_TEXT, "m1"))
    assert resident.keys == ["dai_qua"]
    assert resident.draft.what == ""
    assert resident.state.sources == ()


def test_decomposed_and_right_to_left_text_is_cleaned_before_it_is_kept() -> None:
    resident = Resident().agrees().taps("cb_khong")
    resident.does(Said("ba\u0301n \u202ema tu\u0301y\u200f"))
    assert resident.draft.what == "bán ma túy"


def test_a_kind_alone_asks_for_a_few_words() -> None:
    resident = Resident().agrees().taps("cb_khong", "mua_ban")
    assert resident.keys == ["ke_ngan"]
    resident.says("tối nào cũng có khách")
    assert resident.draft.kind == "mua_ban"
    assert resident.keys == ["chon_phuong"]


def test_what_happens_online_asks_for_the_page() -> None:
    resident = Resident().agrees().taps("cb_khong").says("rao bán", WARD.label).taps("tren_mang")
    assert resident.keys == ["hoi_trang_mang"]
    resident.says("nick Cậu Út")
    assert resident.draft.where == "trên mạng, nick Cậu Út"
    assert resident.keys == ["hoi_khi_nao"]


def test_more_words_are_added_line_by_line_until_the_preview_is_wanted() -> None:
    resident = Resident().agrees().taps("cb_khong").says("rao bán", WARD.label, "ngõ 3", "hôm qua")
    resident.says("xe đỏ", "hai người").taps("xem_lai_gui")
    assert resident.draft.more == "xe đỏ\nhai người"


# --- pictures -------------------------------------------------------------------------------------


def test_pictures_are_refused_before_consent_and_kept_afterwards() -> None:
    world = StoryWorld()
    resident = Resident(world).commands("bao")
    assert photo_refusal(resident.state, world) == NotKept("chua_luc_nay")
    resident.taps("khong_khan", "dong_y", "cb_khong")
    assert photo_refusal(resident.state, world) is None
    resident.does(PhotoKept(PHOTO, "chỗ này", "m9"))
    assert resident.keys == ["anh_da_nhan"]
    assert resident.state.step == "what"
    assert resident.draft.photos == (PHOTO,)
    assert resident.draft.more == "chỗ này"


def test_the_picture_over_the_limit_is_refused_before_it_is_fetched() -> None:
    world = StoryWorld(max_photos=1)
    resident = Resident(world).agrees().taps("cb_khong").does(PhotoKept(PHOTO))
    assert photo_refusal(resident.state, world) == NotKept("du_anh", {"n": 1})


def test_a_picture_at_the_preview_goes_back_to_anything_else() -> None:
    resident = Resident().tells().does(PhotoKept(PHOTO))
    assert resident.keys == ["anh_da_nhan"]
    resident.taps("xem_lai_gui")
    assert resident.said("xem_lai").values["so_anh"] == 1


@pytest.mark.parametrize("reason", ["danh_ba", "vi_tri", "anh_giay_to", "chua_nhan_loai_nay"])
def test_what_is_not_taken_is_said_once_and_the_question_stays(reason: str) -> None:
    resident = Resident().agrees().taps("cb_khong")
    before = resident.state
    resident.does(NotKept(reason))
    assert resident.keys == [reason]
    assert resident.state == before


# --- the phrase check -----------------------------------------------------------------------------


def test_a_telling_phrase_is_asked_about_before_the_preview() -> None:
    resident = Resident().tells("quán đối diện nhà tôi bán ma túy")
    assert resident.keys == ["lo_than"]
    assert resident.said("lo_than").values["doan"] == "đối diện nhà tôi"
    resident.taps("bo_cho_do")
    assert resident.keys == ["xem_lai"]
    assert resident.draft.what == "quán bán ma túy"


def test_a_phrase_that_is_kept_is_not_asked_again() -> None:
    resident = Resident().tells("quán đối diện nhà tôi bán ma túy").taps("giu_nguyen")
    assert resident.keys == ["xem_lai"]
    assert "đối diện nhà tôi" in resident.draft.what
    resident.taps("sua", "sua_luc").says("hôm qua")
    assert resident.keys == ["xem_lai"]


def test_a_phrase_can_be_rewritten() -> None:
    resident = Resident().tells("quán đối diện nhà tôi bán ma túy").taps("sua_lai")
    assert resident.keys == ["hoi_viec_gi"]
    resident.says("quán nước bán ma túy")
    assert resident.keys == ["xem_lai"]


def test_what_holds_little_but_the_phrase_is_rewritten_and_never_cut_away() -> None:
    resident = Resident().tells("đối diện nhà tôi")
    assert resident.keys == ["lo_than_sua"]
    assert resident.state.offered == ("sua_lai", "giu_nguyen")
    assert resident.taps("sua_lai").keys == ["hoi_viec_gi"]


def test_a_cut_leaves_what_happened() -> None:
    resident = Resident().tells("con trai tôi thấy ông B bán ở cổng trường").taps("bo_cho_do")
    assert resident.draft.what == "thấy ông B bán ở cổng trường"
