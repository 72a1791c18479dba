"""The web page through the same dialogue: a form's token is its address; nothing is sent to it."""

import pytest

from bot.channels.base import Capabilities
from bot.dialogue import Dialogue
from bot.messages import Attachment, Incoming, Kind, Outgoing
from intake.errors import ChannelDown
from tests.bot.phones import Household
from tests.wards import Ward

pytestmark = pytest.mark.anyio
STORY = {"conflict": "no", "place": "phường Hoa Mẫu", "what": "bán ma túy ở quán nước"}


class FakePage:
    """A page: it hands out pictures and can be told nothing."""

    capabilities = Capabilities(
        name="web",
        buttons=True,
        deletes=False,
        media=True,
        push=False,
        max_text=8000,
        max_media_bytes=1_000_000,
        anonymity_text="an_danh.web",
    )

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        return b"picture " + attachment.ref.encode()

    async def send(self, address: str, message: Outgoing) -> str:
        raise ChannelDown("a page cannot be written to")

    async def delete(self, address: str, message_ids: list[str]) -> list[str]:
        return message_ids


class Browser:
    """One form in one browser."""

    def __init__(self, dialogue: Dialogue, token: str = "aa" * 16) -> None:
        self.dialogue = dialogue
        self.token = token
        self.said: tuple[Outgoing, ...] = ()
        self._number = 0

    async def posts(self, **what: object) -> list[str]:
        self._number += 1
        self.said = await self.dialogue.answer(
            Incoming("web", self.token, f"p{self._number}", **what)  # type: ignore[arg-type]
        )
        return [message.key for message in self.said]

    async def taps(self, key: str) -> list[str]:
        choices = [choice for message in self.said for choice in message.choices]
        return await self.posts(choice=next(c.token for c in choices if c.key == key))

    @property
    def code(self) -> str:
        return "".join(str(self.said[-1].data[f"m{n}"]) for n in range(1, 7))


@pytest.fixture
def browser(household: Household) -> Browser:
    dialogue = household.dialogue()
    dialogue.join(FakePage())
    return Browser(dialogue)


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
    photos = tuple(Attachment(Kind.PHOTO, f"{n}", 10, is_picture=True) for n in range(2))
    assert await browser.posts(answers=STORY, attachments=photos) == ["xem_lai"]
    assert browser.said[-1].data["so_anh"] == 2
    assert await browser.posts(attachments=photos[:1]) == ["xem_lai"]
    assert browser.said[-1].data["so_anh"] == 3
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
