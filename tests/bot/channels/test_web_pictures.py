"""The page of a tip: pictures are kept once, refused in words, and never cost a word."""

import pytest

from bot.policy import FORM_BODY
from intake.limits import Allowance
from tests.bot.resident import JPEG, PLENTY, House, OpenWard, Resident, open_house

pytestmark = pytest.mark.anyio

TYPED = "người lạ tới mua lúc nửa đêm"


async def test_pictures_come_with_the_form_and_more_with_the_preview(
    house: House, resident: Resident
) -> None:
    await resident.writes(JPEG, JPEG)
    assert "Số ảnh: 2" in resident.page.text
    await resident.presses("Thêm ảnh này", JPEG + b"3")
    assert "Số ảnh: 3" in resident.page.text
    await resident.presses("Gửi")
    session = house.ward.sign_in("phuong.chi")
    row = house.ward.services.triage.queue(session).rows[0]
    view = house.ward.services.disclosure.open_tip(session, row.id)
    assert [len(message.photo_ids) for message in view.messages] == [3]


async def test_a_form_that_a_browser_posts_again_keeps_each_picture_once(
    house: House, resident: Resident
) -> None:
    await resident.visits("/gui-tin")
    form = resident.page
    fields = {"conflict": "no", "place": "phường Hoa Mẫu", "what": TYPED}
    for _ in range(2):  # the answer to the first was lost on the way, and the page is reloaded
        resident.page = form
        await resident.presses("Xem lại", JPEG, JPEG + b"2", **fields)
        assert "Số ảnh: 2" in resident.page.text
    await resident.presses("Gửi")
    with house.ward.intake.read() as view:
        assert view.connection.exec_driver_sql("SELECT count(*) FROM part").scalar_one() == 3


async def test_pictures_can_be_dropped_without_losing_the_words(resident: Resident) -> None:
    await resident.writes(JPEG)
    await resident.presses("Sửa")
    page = await resident.presses("Bỏ hết ảnh", what=TYPED)
    assert page.forms[0].fields["what"] == TYPED
    await resident.presses("Xem lại")
    assert "Số ảnh: 0" in resident.page.text
    assert TYPED in resident.page.text


async def test_a_broken_and_a_huge_picture_are_refused_and_the_words_stay(
    new_ward: OpenWard,
) -> None:
    async with open_house(new_ward(max_upload_mb=1)) as house:
        resident = house.resident()
        await resident.writes(b"not a picture", JPEG + b"x" * 1_048_577, JPEG, what=TYPED)
        assert "Không mở được ảnh này" in resident.page.text
        assert "Tệp lớn quá" in resident.page.text
        assert "Số ảnh: 1" in resident.page.text
        assert TYPED in resident.page.text


async def test_a_picture_that_came_with_an_unfinished_form_is_shown_and_kept_once(
    resident: Resident,
) -> None:
    page = await resident.writes(JPEG, what="")
    assert "Đã giữ 1 ảnh, còn thiếu lời kể" in page.text
    assert "Chưa thấy nội dung" not in page.text
    assert "Đã giữ 1 ảnh cùng bản nháp" in page.text
    await resident.presses("Xem lại", JPEG, what=TYPED, conflict="no")
    assert "Số ảnh: 1" in resident.page.text
    page = await resident.presses("Sửa")
    assert "Đã giữ 1 ảnh cùng bản nháp" in page.text


async def test_a_picture_kept_with_an_unfinished_form_can_be_dropped(resident: Resident) -> None:
    await resident.writes(JPEG, conflict="")
    page = await resident.presses("Bỏ hết ảnh", what=TYPED)
    assert "Đã bỏ hết ảnh" in page.text
    assert page.forms[0].fields["what"] == TYPED
    await resident.presses("Xem lại", JPEG + b"2", conflict="no")
    assert "Số ảnh: 1" in resident.page.text


async def test_a_picture_chosen_again_after_a_question_is_kept_once(resident: Resident) -> None:
    await resident.writes(JPEG, JPEG, what="cạnh nhà tôi có người bán")
    await resident.presses("Quay lại")
    await resident.presses("Xem lại", JPEG, JPEG, what=TYPED)
    assert "Số ảnh: 2" in resident.page.text


HEAVY = JPEG + b"x" * 4_960_000


async def test_pictures_too_large_together_are_refused_and_the_words_stay(
    house: House, resident: Resident
) -> None:
    await resident.writes(HEAVY, HEAVY, HEAVY, what=TYPED, where="ngõ 12")
    assert resident.page.status == 200
    assert "cộng lại quá 12 MB" in resident.page.text
    assert TYPED in resident.page.text
    assert "Số ảnh: 0" in resident.page.text
    await resident.presses("Thêm ảnh này", HEAVY, HEAVY, HEAVY)
    assert "cộng lại quá 12 MB" in resident.page.text
    await resident.presses("Thêm ảnh này", HEAVY)
    assert "Số ảnh: 1" in resident.page.text
    await resident.presses("Gửi")
    assert house.read("phuong.chi") == [f"Chuyện gì: {TYPED}\nỞ đâu: ngõ 12"]


async def test_the_form_says_how_much_its_pictures_may_weigh_together(resident: Resident) -> None:
    await resident.visits("/gui-tin")
    assert f"cộng lại nhiều nhất {FORM_BODY >> 20} MB" in resident.page.text


async def test_too_many_pictures_at_once_are_told_as_pictures(new_ward: OpenWard) -> None:
    async with open_house(new_ward(), PLENTY | {"upload": Allowance(1, 1)}) as house:
        resident = house.resident()
        await resident.writes(JPEG, JPEG + b"2", what=TYPED)
        assert "nhiều ảnh liền nhau" in resident.page.text
        assert "nhiều tin liền nhau" not in resident.page.text
        assert resident.page.forms[0].fields["what"] == TYPED


async def test_more_pictures_than_a_tip_may_hold_are_refused_in_words(new_ward: OpenWard) -> None:
    async with open_house(new_ward(max_photos=2)) as house:
        resident = house.resident()
        await resident.writes(JPEG, JPEG, JPEG)
        assert "Mỗi tin nhiều nhất 2 ảnh. Ảnh quá số đó không được giữ." in resident.page.text
        assert "Ảnh vừa rồi không được giữ" not in resident.page.text
        assert "Số ảnh: 2" in resident.page.text
        assert "Thêm ảnh này" not in resident.page.buttons()


async def test_where_pictures_are_off_none_is_asked_for(new_ward: OpenWard) -> None:
    async with open_house(new_ward(max_photos=0)) as house:
        resident = house.resident()
        assert 'type="file"' not in (await resident.visits("/gui-tin")).source
        await resident.presses("Xem lại", conflict="no", place="phường Hoa Mẫu", what=TYPED)
        assert 'type="file"' not in resident.page.source
