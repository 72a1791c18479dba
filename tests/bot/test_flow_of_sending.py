"""The end of the tip flow: preview, edits, sending, the receipt."""

from dataclasses import replace

import pytest

from bot.flows.base import Chose, Edited, Filled, NotSent, PhotoKept, Said, Submit, Wipe
from bot.flows.router import hear
from intake.drafts import MAX_TEXT, KeptPhoto, compose
from tests.bot.stories import CHAT, CLOSED, PAGE, WARD, Resident, StoryWorld

PHOTO = KeptPhoto(id="00" * 16, key="11" * 32)


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
    resident.does(Edited("bán hàng ở quán sát nhà tôi", "m1"))
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


@pytest.mark.parametrize("lengths", [(MAX_TEXT + 1, 0), (MAX_TEXT - 100, MAX_TEXT - 100)])
def test_a_form_s_place_and_time_are_no_longer_than_a_tip_may_be(lengths: tuple[int, int]) -> None:
    resident = Resident(StoryWorld(PAGE)).tells()
    shown = resident.draft
    where, when = ("x" * length for length in lengths)
    resident.does(Filled({"where": where, "when": when or shown.when}, send=True))
    assert resident.keys[0] == "dai_qua"
    assert len(compose(resident.draft)) <= MAX_TEXT
    assert resident.submitted == []


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
