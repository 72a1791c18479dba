"""A number that is no button, typed where words are asked for: a house, an hour, so many people."""

import pytest

from tests.bot.phones import FakePlatform, Household, Phone
from tests.bot.stories import Resident

pytestmark = pytest.mark.anyio


async def asked_where(phone: Phone) -> Phone:
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says("bán ma túy", "phường Hoa Mẫu")
    assert phone.hears == "hoi_o_dau"
    return phone


@pytest.mark.parametrize("house", ["7", "7.", "12", "125"])
async def test_a_house_number_alone_is_told_how_to_write_it(phone: Phone, house: str) -> None:
    await (await asked_where(phone)).says(house)
    assert phone.hears == "chi_so_nha"
    assert "số 7 ngõ 12" in phone.screen[-1].text
    await phone.says(f"số nhà {house}", "hôm qua", "hết")
    assert f"Ở đâu: số nhà {house}" in phone.screen[-1].text


async def test_the_buttons_above_still_work_after_a_bare_number(phone: Phone) -> None:
    await (await asked_where(phone)).says("7")
    await phone.taps("khong_ro")
    assert phone.hears == "hoi_khi_nao"


async def test_the_number_of_a_button_is_that_button(phone: Phone) -> None:
    await (await asked_where(phone)).says("2")
    assert phone.hears == "hoi_khi_nao"


async def test_an_hour_alone_is_not_called_empty(phone: Phone) -> None:
    await (await asked_where(phone)).says("ngõ 12", "9")
    assert phone.hears == "chi_co_so"
    await phone.says("9 giờ tối")
    assert phone.hears == "hoi_them"
    await phone.says("3")
    assert phone.hears == "chi_co_so"


async def test_a_number_in_answer_to_the_officers_is_asked_for_its_words(phone: Phone) -> None:
    await (await asked_where(phone)).says("ngõ 12", "hôm qua", "hết", "gửi")
    code = phone.code
    await phone.taps("da_chep")
    await phone.says("xem", code, "7")
    assert phone.hears == "chi_co_so"
    await phone.says("7 người")
    assert phone.hears == "da_gui_them"


async def test_where_buttons_are_numbered_lines_a_shown_number_is_its_button(
    household: Household,
) -> None:
    phone = household.phone(FakePlatform(buttons=False))
    await phone.says("bao", "1", "1", "1", "bán ma túy", "phường Hoa Mẫu")
    assert "2. Không rõ" in phone.screen[-1].text
    await phone.says("7")
    assert phone.hears == "chi_so_nha"
    await phone.says("2")
    assert phone.hears == "hoi_khi_nao"


def test_a_name_on_the_internet_may_be_a_number() -> None:
    resident = Resident().agrees().taps("cb_khong").says("bán pháo", "phường Thượng Hồng, Hưng Yên")
    resident.taps("tren_mang").says("88")
    assert resident.draft.where == "trên mạng, 88"
