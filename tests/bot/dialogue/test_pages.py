"""The web page through the same dialogue: a form's token is its address; nothing is sent to it."""

import pytest

from bot.messages import Attachment, Kind
from tests.bot.dialogue.page import STORY, Browser
from tests.bot.phones import Household
from tests.wards import Ward

pytestmark = pytest.mark.anyio


async def test_a_form_goes_to_the_preview_and_to_the_receipt(
    browser: Browser, household: Household
) -> None:
    assert await browser.posts(answers=STORY) == ["xem_lai"]
    assert browser.said[-1].data["toan_van"] == "Chuyện gì: bán ma túy ở quán nước"
    assert await browser.taps("gui") == ["bien_nhan"]
    assert household.tips == 1


async def test_a_complete_form_may_be_sent_at_once(browser: Browser, household: Household) -> None:
    assert await browser.posts(answers={**STORY, "send": "1"}) == ["bien_nhan"]
    assert household.tips == 1


async def test_what_needs_a_word_is_asked_even_when_sending_at_once(
    browser: Browser, household: Household
) -> None:
    officers = {**STORY, "conflict": "yes", "send": "1"}
    assert await browser.posts(answers=officers) == ["can_bo"]
    telling = {**STORY, "conflict": "no", "what": "quán sát nhà tôi bán ma túy", "send": "1"}
    assert await browser.posts(answers=telling) == ["lo_than"]
    near = {**STORY, "place": "xa dong mau", "send": "1"}
    assert await Browser(browser.dialogue, "bb" * 16).posts(answers=near) == ["trung_ten"]
    assert household.tips == 0


async def test_an_urgent_tip_is_told_so_before_it_goes(browser: Browser, ward: Ward) -> None:
    ward.settings.__dict__["release_minutes"] = 60
    urgent = {**STORY, "what": "đang có người cầm dao, ngáo đá", "when": "Đang diễn ra"}
    assert await browser.posts(answers={**urgent, "send": "1"}) == ["gap", "xem_lai"]


@pytest.mark.parametrize(
    ("missing", "keys"),
    [
        ("what", ["trong", "hoi_viec_gi"]),
        ("conflict", ["hoi_can_bo"]),
        ("place", ["chon_phuong"]),
    ],
)
async def test_the_first_missing_answer_is_asked_for(
    browser: Browser, missing: str, keys: list[str]
) -> None:
    assert await browser.posts(answers={**STORY, missing: ""}) == keys


async def test_a_repeated_post_shows_the_same_receipt(
    browser: Browser, household: Household
) -> None:
    await browser.posts(answers=STORY)
    await browser.taps("gui")
    code = browser.code
    assert await browser.posts(answers=STORY) == ["bien_nhan"]
    assert browser.code == code
    assert await browser.posts(answers={**STORY, "what": "khác"}) == ["da_gui_roi", "bien_nhan"]
    assert browser.code == code
    assert await browser.posts(choice="00000000-0") == ["bien_nhan"]
    assert browser.code == code
    assert household.tips == 1


async def test_a_spent_token_opens_nothing_again(
    browser: Browser, household: Household, ward: Ward
) -> None:
    await browser.posts(answers=STORY)
    await browser.taps("gui")
    assert await browser.taps("da_chep") == ["da_chep.tu_xoa"]
    assert household.rows == 0
    assert await browser.posts(answers=STORY) == ["het_phien"]
    assert household.tips == 1


async def test_the_receipt_is_gone_after_ten_minutes(
    browser: Browser, household: Household, ward: Ward
) -> None:
    await browser.posts(answers=STORY)
    await browser.taps("gui")
    ward.clock.advance(minutes=11)
    await browser.dialogue.sweep()
    assert household.rows == 0
    assert await browser.posts(answers={**STORY, "send": "1"}) == ["het_phien"]
    assert household.tips == 1


async def test_pictures_of_a_form_are_kept_with_it(
    browser: Browser, household: Household, ward: Ward
) -> None:
    photos = tuple(Attachment(Kind.PHOTO, f"{n}", 10, is_picture=True) for n in range(3))
    assert await browser.posts(answers=STORY, attachments=photos[:2]) == ["xem_lai"]
    assert browser.said[-1].data["so_anh"] == 2
    assert await browser.posts(attachments=photos[1:]) == ["xem_lai"]
    assert browser.said[-1].data["so_anh"] == 3  # one of them is there already
    await browser.taps("gui")
    assert household.count("part") == 4


async def test_more_pictures_than_allowed_are_named(browser: Browser) -> None:
    photos = tuple(Attachment(Kind.PHOTO, f"{n}", 10, is_picture=True) for n in range(8))
    keys = await browser.posts(answers=STORY, attachments=photos)
    assert keys == ["du_anh", "du_anh", "xem_lai"]
    assert browser.said[-1].data["so_anh"] == 6


async def test_editing_gives_back_what_was_told(browser: Browser) -> None:
    await browser.posts(answers={**STORY, "where": "ngõ 12"})
    assert await browser.taps("sua") == ["sua_gi"]
    assert browser.said[-1].data["what"] == STORY["what"]
    assert browser.said[-1].data["where"] == "ngõ 12"


async def test_a_form_posted_again_is_judged_by_what_it_says_now(browser: Browser) -> None:
    await browser.posts(answers={**STORY, "conflict": "unknown"})
    assert await browser.taps("gui_len_tren") == ["xem_lai"]
    assert browser.said[-1].data["don_vi_nhan"] == "Công an tỉnh Sông Mẫu"
    assert await browser.posts(answers={**STORY, "conflict": "unknown"}) == ["xem_lai"]
    assert browser.said[-1].data["don_vi_nhan"] == "Công an tỉnh Sông Mẫu"
    assert await browser.posts(answers=STORY) == ["xem_lai"]
    assert browser.said[-1].data["don_vi_nhan"] == "Công an phường Hoa Mẫu"
    assert await browser.posts(answers={**STORY, "conflict": "yes"}) == ["can_bo"]


async def test_words_on_a_page_are_words(browser: Browser, household: Household) -> None:
    assert await browser.posts(answers={**STORY, "place": "xã Nào Đó"}) == ["khong_thay_noi"]
    assert await browser.posts(text="huy") == ["khong_thay_noi"]
    assert await browser.posts(text="phường Hoa Mẫu") == ["xem_lai"]


async def test_a_code_is_looked_up_and_added_to(browser: Browser, household: Household) -> None:
    await browser.posts(answers=STORY)
    await browser.taps("gui")
    code = browser.code
    later = Browser(browser.dialogue, "cc" * 16)
    assert await later.posts(answers={"code": code}) == ["chua_co_tin_moi"]
    assert await later.posts(answers={"add": "có thêm xe đỏ"}) == ["da_gui_them"]
    at_once = Browser(browser.dialogue, "dd" * 16)
    assert await at_once.posts(answers={"code": code, "add": "xe xanh"}) == ["da_gui_them"]
    picture = (Attachment(Kind.PHOTO, "x", 10, is_picture=True),)
    assert await at_once.posts(attachments=picture) == ["da_gui_them"]
    assert household.count("part") == 5
    assert await at_once.posts(answers={"code": "1234"}) == ["ma_chep_nham"]


async def test_the_page_speaks_the_language_of_its_address(browser: Browser) -> None:
    await browser.posts(answers=STORY, language="en")
    assert "exactly what officers will read" in browser.said[-1].text
    await browser.posts(answers=STORY, language="vi")
    assert "đúng những gì cán bộ sẽ đọc" in browser.said[-1].text
