"""A picture that was kept under one code leaves under no other: another tip has other readers."""

import pytest

from bot.messages import Attachment, Kind
from tests.bot.dialogue.page import Browser
from tests.bot.phones import Household, Phone
from tests.wards import Ward

pytestmark = pytest.mark.anyio
PICTURE = (Attachment(Kind.PHOTO, "face", 100),)


def pictures_that_the_ward_sees(ward: Ward) -> int:
    ward.clock.advance(hours=3)  # whatever was added is released
    officer, seen = ward.sign_in("phuong.chi"), 0
    for row in ward.services.triage.queue(officer).rows:
        view = ward.services.disclosure.open_tip(officer, row.id)
        seen += sum(len(message.photo_ids) for message in view.messages)
    return seen


@pytest.fixture
def about_officers(ward: Ward) -> str:
    """The code of a tip about the ward's own officers."""
    return ward.send(conflict="yes", to_upper=True)


async def test_in_a_chat(phone: Phone, ward: Ward, about_officers: str) -> None:
    await phone.says(f"/xem {about_officers}")
    await phone.shows(b"picture of a face", caption="nhận tiền ở quán đối diện nhà tôi")
    await phone.taps("sua_lai")
    await phone.says(ward.send())
    assert phone.heard()[-2:] == ["anh_bo_lai", "chua_co_tin_moi"]
    await phone.says("bán ở quán nước đầu ngõ")
    assert phone.heard()[-1] == "da_gui_them"
    assert pictures_that_the_ward_sees(ward) == 0


async def test_after_a_code_with_a_typo(phone: Phone, ward: Ward, about_officers: str) -> None:
    await phone.says(f"/xem {about_officers}")
    await phone.shows(b"picture of a face", caption="nhận tiền ở quán đối diện nhà tôi")
    await phone.taps("sua_lai")
    code = ward.send()
    await phone.says(code[:-1] + str((int(code[-1]) + 1) % 10), code, "bán ở quán nước đầu ngõ")
    assert phone.heard()[-4:] == [
        "anh_bo_lai", "ma_chep_nham", "chua_co_tin_moi", "da_gui_them",
    ]  # fmt: skip
    assert pictures_that_the_ward_sees(ward) == 0


async def test_on_the_page(browser: Browser, ward: Ward, about_officers: str) -> None:
    await browser.posts(answers={"code": about_officers, "add": "a"}, attachments=PICTURE)
    said = await browser.posts(answers={"code": ward.send(), "add": "bán ở quán nước đầu ngõ"})
    assert said[:2] == ["anh_bo_lai", "da_gui_them"]
    assert pictures_that_the_ward_sees(ward) == 0


async def test_under_the_same_code_it_goes_with_the_next_words(
    phone: Phone, ward: Ward, household: Household
) -> None:
    code = ward.send()
    await phone.says(f"/xem {code}")
    await phone.shows(b"picture of a car", caption="xe ở đối diện nhà tôi")
    await phone.taps("sua_lai")
    await phone.says(code, "xe màu đỏ ở ngõ")
    assert phone.heard()[-2:] == ["chua_co_tin_moi", "da_gui_them"]
    assert pictures_that_the_ward_sees(ward) == 1
