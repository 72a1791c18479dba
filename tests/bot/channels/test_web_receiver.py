"""The page of a tip: who receives it, from the name of a place to what is said of officials."""

import pytest

from tests.bot.resident import House, Resident

pytestmark = pytest.mark.anyio

TYPED = "người lạ tới mua lúc nửa đêm"


async def test_near_equal_names_are_asked_and_the_chosen_one_receives(
    house: House, resident: Resident
) -> None:
    await resident.writes(place="Dong Mau")
    assert "xã Đồng Mẫu, tỉnh Sông Mẫu" in resident.page.buttons()
    await resident.presses("xã Đồng Mẫu, tỉnh Sông Mẫu")
    assert "Nơi nhận: Công an xã Đồng Mẫu" in resident.page.text
    await resident.presses("Gửi")
    assert len(house.queue("xa.dung")) == 1


@pytest.mark.parametrize(
    "typed", ["phường Hoa Mai", "Hạ Mẫu", "xã Hòa Mậu, Thanh Hóa", "phường Hoa Mẫu, Hà Nội"]
)
async def test_a_place_that_is_only_near_is_asked_about_and_nothing_typed_is_lost(
    resident: Resident, typed: str
) -> None:
    asked = await resident.writes(place=typed, what=TYPED, when="Đã qua")
    assert "Nơi nhận" not in asked.text
    assert {"phường Hoa Mẫu, tỉnh Sông Mẫu", "Nơi khác"} <= set(asked.buttons())
    form = await resident.presses("Quay lại")
    fields = form.forms[0].fields
    assert (fields["place"], fields["what"], fields["when"]) == (typed, TYPED, "Đã qua")
    resident.page = asked
    await resident.presses("phường Hoa Mẫu, tỉnh Sông Mẫu")
    assert "Nơi nhận: Công an phường Hoa Mẫu" in resident.page.text
    assert TYPED in resident.page.text


async def test_whoever_means_no_near_place_types_again_or_sends_up(
    house: House, resident: Resident
) -> None:
    await resident.writes(place="phường Hoa Mẫu, Hà Nội")
    await resident.presses("Nơi khác")
    assert "Chưa thấy xã, phường tên đó" in resident.page.text
    await resident.presses("Gửi lên trên")
    assert "Nơi nhận: Công an tỉnh Sông Mẫu" in resident.page.text
    other = house.resident()
    await other.writes(place="phường Hoa Mẫu, Hà Nội")
    await other.presses("Tiếp", text="xã Đồng Mẫu")
    assert "Nơi nhận: Công an xã Đồng Mẫu" in other.page.text


@pytest.mark.parametrize("typed", ["phuong hoa mau", "hoa mau", "Hoa Mẫu, Sông Mẫu", "hoa mẫu."])
async def test_an_exact_name_without_marks_asks_nothing(resident: Resident, typed: str) -> None:
    await resident.writes(place=typed)
    assert "Nơi nhận: Công an phường Hoa Mẫu" in resident.page.text


async def test_an_unknown_place_may_be_typed_again_or_sent_up(
    house: House, resident: Resident
) -> None:
    await resident.writes(place="Atlantis")
    assert "Chưa thấy xã, phường tên đó" in resident.page.text
    await resident.presses("Tiếp", text="phường Hoa Mẫu")
    assert "Nơi nhận: Công an phường Hoa Mẫu" in resident.page.text
    other = house.resident()
    await other.writes(place="Atlantis")
    await other.presses("Gửi lên trên")
    assert "Nơi nhận: Công an tỉnh Sông Mẫu" in other.page.text


async def test_a_tip_about_officers_waits_for_a_yes_and_goes_to_the_unit_above(
    house: House, resident: Resident
) -> None:
    await resident.writes(conflict="yes", what=TYPED)
    assert "thẳng lên Công an tỉnh Sông Mẫu" in resident.page.text
    await resident.presses("Gửi lên trên")
    await resident.presses("Gửi")
    assert house.queue("phuong.chi") == []
    assert house.read("tinh.an") == [f"Chuyện gì: {TYPED}"]


ABOUT_POLICE = "công an phường bao kê, ông trưởng công an nhận tiền"


async def test_a_tip_that_names_the_police_is_asked_whether_it_is_about_them(
    house: House, resident: Resident
) -> None:
    await resident.writes(what=ABOUT_POLICE, place="phường Hoa Mẫu")
    assert "Nơi nhận" not in resident.page.text
    assert {"Gửi lên trên", "Gửi bình thường"} <= set(resident.page.buttons())
    await resident.presses("Gửi lên trên")
    assert "Nơi nhận: Công an tỉnh Sông Mẫu" in resident.page.text
    form = await resident.presses("Sửa")
    assert (form.forms[0].fields["conflict"], form.forms[0].fields["what"]) == ("yes", ABOUT_POLICE)
    await resident.presses("Xem lại", where="ngõ 3")
    assert "Nơi nhận: Công an tỉnh Sông Mẫu" in resident.page.text
    await resident.presses("Gửi")
    assert house.queue("phuong.chi") == []
    assert len(house.queue("tinh.an")) == 1


async def test_going_back_to_the_form_cannot_turn_the_answer_round_unasked(
    resident: Resident,
) -> None:
    asked = await resident.writes(what=ABOUT_POLICE)
    await resident.presses("Gửi lên trên")
    resident.page = asked
    await resident.presses("Quay lại")
    await resident.presses("Xem lại")
    assert "Gửi bình thường" in resident.page.buttons()


async def test_a_tip_that_only_mentions_the_police_goes_to_the_ward_after_one_press(
    resident: Resident,
) -> None:
    await resident.writes(what="đã báo công an phường mà chưa thấy ai tới")
    await resident.presses("Gửi bình thường")
    assert "Nơi nhận: Công an phường Hoa Mẫu" in resident.page.text
    await resident.presses("Sửa")
    await resident.presses("Xem lại", what="đã báo công an phường hai lần rồi")
    assert "Nơi nhận: Công an phường Hoa Mẫu" in resident.page.text


async def test_a_client_that_sends_at_once_is_asked_about_officials_too(
    house: House, resident: Resident
) -> None:
    form = (await resident.visits("/gui-tin")).forms[0]
    answers = {"conflict": "no", "place": "phường Hoa Mẫu", "what": ABOUT_POLICE, "go": "send"}
    await resident.posts("/gui-tin", form.fields | answers)
    assert "Gửi lên trên" in resident.page.buttons()
    assert house.queue("phuong.chi") == []
