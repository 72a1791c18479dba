"""A tip, told as stories about the pure flow."""

from dataclasses import replace

import pytest

from bot.flows.base import Chose, Edited, NotKept, NotSent, PhotoKept, Said, Submit, Wipe
from bot.flows.router import hear, photo_refusal
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


def test_cutting_everything_asks_what_again() -> None:
    resident = Resident().tells("đối diện nhà tôi").taps("bo_cho_do")
    assert resident.keys == ["hoi_viec_gi"]


# --- preview, edits, sending ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tap", "question", "answer", "field"),
    [
        ("sua_viec", "hoi_viec_gi", "trồng cần sa", "what"),
        ("sua_cho", "hoi_o_dau", "ngõ 99", "where"),
        ("sua_luc", "hoi_khi_nao", "tuần trước", "when"),
    ],
)
def test_any_part_can_be_told_again(tap: str, question: str, answer: str, field: str) -> None:
    resident = Resident().tells().taps("sua", tap)
    assert resident.keys == [question]
    resident.says(answer)
    assert resident.keys == ["xem_lai"]
    assert getattr(resident.draft, field) == answer


def test_the_receiving_place_can_be_changed_and_is_judged_again() -> None:
    resident = Resident().tells().taps("sua", "sua_noi_nhan")
    assert resident.keys == ["chon_phuong"]
    resident.says(CLOSED.label)
    assert resident.keys == ["chua_co_hom_thu"]
    resident.taps("gui_len_tren")
    assert resident.keys == ["xem_lai"]


def test_whether_officers_are_involved_can_be_changed_and_raises_the_tip() -> None:
    resident = Resident().tells().taps("sua", "sua_can_bo", "cb_co")
    assert resident.keys == ["can_bo"]
    resident.taps("gui_len_tren")
    assert resident.said("xem_lai").values["don_vi_nhan"] == "Công an tỉnh"
    up = Resident().tells(conflict="cb_khong_ro").taps("sua", "sua_can_bo", "cb_khong")
    assert up.said("xem_lai").values["don_vi_nhan"] == "Công an phường Thượng Hồng"


def test_pictures_can_be_dropped() -> None:
    resident = Resident().tells().does(PhotoKept(PHOTO)).taps("xem_lai_gui", "sua", "bo_anh")
    assert resident.keys == ["xem_lai"]
    assert resident.draft.photos == ()


def test_an_edited_message_changes_its_words_in_the_draft() -> None:
    resident = Resident().agrees().taps("cb_khong").does(Said("ban ma tui", "m1"))
    resident.says(WARD.label).does(Edited("bán ma túy", "m1"))
    assert resident.keys == ["da_sua"]
    assert resident.draft.what == "bán ma túy"
    assert resident.state.step == "where"


def test_an_edit_at_the_preview_shows_the_preview_again() -> None:
    resident = Resident().agrees().taps("cb_khong").does(Said("ban hang", "m1"))
    resident.says(WARD.label, "ngõ 3").taps("da_qua").does(Said("xe đo", "m2"))
    resident.says("hai người").taps("xem_lai_gui").does(Edited("xe đỏ", "m2"))
    assert resident.keys == ["da_sua", "xem_lai"]
    assert resident.draft.more == "xe đỏ\nhai người"


def test_an_edit_that_brings_a_telling_phrase_is_checked() -> None:
    resident = Resident().agrees().taps("cb_khong").does(Said("ban hang", "m1"))
    resident.says(WARD.label, "ngõ 3").taps("da_qua", "xem_lai_gui")
    resident.does(Edited("bán hàng sát nhà tôi", "m1"))
    assert resident.keys == ["da_sua", "lo_than"]


def test_an_edit_of_something_else_says_where_to_change_it() -> None:
    resident = Resident().agrees().taps("cb_khong").does(Edited("gì đó", "m77"))
    assert resident.keys == ["sua_khong_thay"]


def test_an_edit_after_sending_changes_nothing_and_names_the_way() -> None:
    resident = Resident().tells().taps("gui")
    before = resident.state
    resident.does(Edited("khác", "m1"))
    assert resident.keys == ["sua_da_gui"]
    assert resident.state == before


def test_an_urgent_tip_says_so_and_may_be_marked_calm() -> None:
    resident = Resident(StoryWorld(features=frozenset({"calm"}))).tells("có người cầm dao")
    assert resident.keys == ["gap", "xem_lai"]
    resident.taps("khong_gap")
    assert resident.keys == ["xem_lai"]
    resident.taps("gui")
    assert resident.submitted[0].calm


def test_danger_is_met_with_113_even_where_every_tip_goes_at_once() -> None:
    resident = Resident().tells("có người cầm dao")
    assert resident.keys == ["gap_ngay", "xem_lai"]
    assert "khong_gap" not in resident.state.offered


def test_the_form_gets_the_chosen_place_back_and_not_the_doubtful_words() -> None:
    resident = Resident().tells().taps("sua")
    assert resident.said("sua_gi").values["place"] == WARD.label


def test_protection_is_offered_only_where_named_tips_are_on() -> None:
    assert "bao_ve" not in Resident().tells().state.offered
    resident = Resident(StoryWorld(features=frozenset({"named"}))).tells().taps("bao_ve")
    assert resident.keys == ["xin_bao_ve"]
    resident.taps("de_lai").says("Chị Lan, 0900 000 000")
    assert resident.keys == ["co_lien_he", "xem_lai"]
    assert "Lan" not in str(resident.said("xem_lai").values["toan_van"])
    resident.taps("bao_ve", "khong_de_lai", "gui")
    assert resident.submitted[0].contact is None


def test_a_contact_that_does_not_fit_its_slot_is_refused() -> None:
    resident = Resident(StoryWorld(features=frozenset({"named"}))).tells()
    resident.taps("bao_ve", "de_lai").does(Said("số 5 " * 100))
    assert resident.keys == ["dai_qua"]
    assert resident.draft.contact is None


def test_a_refused_tip_says_why_and_keeps_the_draft() -> None:
    resident = Resident().tells()
    step = hear(resident.state, NotSent("tam_dong"), resident.world)
    assert [say.key for say in step.says] == ["tam_dong", "xem_lai"]
    assert step.state.draft == resident.draft


# --- the receipt ----------------------------------------------------------------------------------


def test_nothing_but_copying_ends_the_receipt() -> None:
    resident = Resident().tells().taps("gui")
    for event in (Said("alo"), Chose("gui"), PhotoKept(PHOTO)):
        resident.does(event)
        assert resident.keys[-1] == "bien_nhan"
    for command in ("bao", "xem", "start", "huy"):
        resident.commands(command)
        assert resident.keys[-1] == "bien_nhan"
    assert len([act for act in resident.acts if isinstance(act, Submit)]) == 1
    resident.taps("da_chep")
    assert resident.keys == ["da_chep.xoa"]
    assert resident.acts[-1] == Wipe(messages=True)
    assert resident.state.code is None


def test_notices_are_opt_in_and_explained_before_the_address_is_kept() -> None:
    assert "bao_tra_loi" not in Resident().tells().taps("gui").state.offered
    resident = Resident(StoryWorld(features=frozenset({"push"}))).tells().taps("gui", "bao_tra_loi")
    assert resident.keys == ["bao_khi_co_tra_loi"]
    assert [type(act).__name__ for act in resident.acts] == ["Submit"]
    resident.taps("bat")
    assert resident.keys == ["da_bat_bao", "bien_nhan"]
    assert type(resident.acts[-1]).__name__ == "KeepAddress"
    assert "bao_tra_loi" not in resident.state.offered


def test_on_a_page_the_end_speaks_of_the_browser() -> None:
    world = StoryWorld(channel=replace(CHAT, deletes=False))
    assert Resident(world).tells().taps("gui", "da_chep").keys == ["da_chep.tu_xoa"]
