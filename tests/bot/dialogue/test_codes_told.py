"""A receipt code that is typed where words belong: it is looked up or refused, never handed on.

Whoever reads a code can read the answers and write as the reporter, so no officer may see one.
"""

import pytest

from intake.errors import HoldsCode
from intake.receipts import grouped
from tests.bot.dialogue.page import STORY, Browser
from tests.bot.phones import Household, Phone
from tests.wards import Ward

pytestmark = pytest.mark.anyio


@pytest.fixture
def code(ward: Ward) -> str:
    """The code of a stored tip, as people copy it."""
    return grouped(ward.send())


def read_by_officers(ward: Ward) -> str:
    """Return every word that the ward and the unit above can open."""
    read: list[str] = []
    for login in ("phuong.chi", "tinh.an"):
        officer = ward.sign_in(login)
        for row in ward.services.triage.queue(officer).rows:
            view = ward.services.disclosure.open_tip(officer, row.id)
            read += [message.text for message in view.messages]
    return "\n".join(read)


async def test_a_code_that_is_typed_once_more_is_looked_up_once_more(
    phone: Phone, household: Household, ward: Ward, code: str
) -> None:
    await phone.says("/xem", code, code)
    assert phone.heard()[-2:] == ["chua_co_tin_moi", "chua_co_tin_moi"]
    await phone.says("nhớ thêm: xe đỏ", code.replace(" ", ""))
    assert phone.heard()[-2:] == ["da_gui_them", "chua_co_tin_moi"]
    assert household.tips == 1
    assert code[:4] not in read_by_officers(ward)


async def test_under_a_code_that_nobody_has_the_same_happens(
    phone: Phone, household: Household, ward: Ward
) -> None:
    unknown = grouped(ward.pool.take().code)
    await phone.says("/xem", unknown, unknown)
    assert phone.heard()[-2:] == ["chua_co_tin_moi", "chua_co_tin_moi"]
    assert household.tips == 0


async def test_a_slip_in_the_code_is_told_and_is_no_addition(
    phone: Phone, ward: Ward, code: str
) -> None:
    await phone.says("/xem", code, code[:-1] + str((int(code[-1]) + 1) % 10))
    assert phone.hears == "ma_chep_nham"
    await phone.says(code)
    assert phone.hears == "chua_co_tin_moi"


async def test_a_code_among_words_is_refused_and_what_was_kept_stays(
    phone: Phone, ward: Ward, code: str
) -> None:
    await phone.says("/xem", code, f"mã của tôi là {code} xem giúp")
    assert phone.hears == "co_ma"
    assert code[:9] not in phone.screen[-1].text
    await phone.says("xe đỏ")
    assert phone.hears == "da_gui_them"
    await phone.shows(b"picture", caption=f"mã {code}")
    assert phone.heard()[-2:] == ["co_ma", "da_gui_them"]
    assert code[:4] not in read_by_officers(ward)


async def test_no_question_of_a_tip_takes_a_code(phone: Phone, ward: Ward, code: str) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says(code)
    assert phone.hears == "co_ma"
    await phone.says("bán ma túy ở quán nước", "phường Hoa Mẫu", f"số 5, mã {code}")
    assert phone.hears == "co_ma"
    await phone.says("số 5 ngõ 12")
    await phone.taps("hay_buoi_toi")
    await phone.says(f"mã cũ: {code}")
    assert phone.hears == "co_ma"
    await phone.shows(b"picture", caption=code)
    await phone.taps("xem_lai_gui", "gui")
    assert phone.hears == "bien_nhan"
    assert code[:4] not in read_by_officers(ward)


async def test_an_edit_brings_no_code_in(phone: Phone, ward: Ward, code: str) -> None:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.does(text="bán ma túy ở quán nước", message_id="told")
    await phone.does(text=f"bán ma túy, mã {code}", message_id="told", edited=True)
    assert phone.hears == "co_ma"
    await phone.says("phường Hoa Mẫu", "số 5 ngõ 12")
    await phone.taps("hay_buoi_toi", "xem_lai_gui", "gui")
    assert code[:4] not in read_by_officers(ward)


@pytest.mark.parametrize("field", ["what", "where", "when", "more"])
async def test_no_box_of_the_page_takes_a_code(
    browser: Browser, household: Household, ward: Ward, code: str, field: str
) -> None:
    told = {**STORY, field: f"{STORY.get(field, '')} {code}"}
    assert "co_ma" in await browser.posts(answers=told)
    assert household.tips == 1
    await browser.posts(answers=STORY)
    await browser.taps("gui")
    assert household.tips == 2
    assert code[:4] not in read_by_officers(ward)


async def test_the_page_of_answers_takes_no_code_for_an_addition(
    browser: Browser, ward: Ward, code: str
) -> None:
    assert await browser.posts(answers={"code": code}) == ["chua_co_tin_moi"]
    assert await browser.posts(answers={"add": code}) == ["chua_co_tin_moi"]
    assert "co_ma" in await browser.posts(answers={"add": f"mã là {code}"})
    assert code[:4] not in read_by_officers(ward)


def test_what_no_question_has_caught_is_refused_before_it_is_sealed(ward: Ward, code: str) -> None:
    with pytest.raises(HoldsCode):
        ward.send(what=f"mã của tôi: {code}")
