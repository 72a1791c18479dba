"""The ways into the web form and out of it: posters, languages, leaving, the port."""

import pytest

from bot.channels.web import WebChannel
from intake.errors import BadPicture, ChannelDown
from tests.bot.channels.conformance import CHECKS_WITHOUT_CHAT, Check
from tests.bot.channels.web_rig import WebRig
from tests.bot.resident import JPEG, House, OpenWard, Resident, open_house

pytestmark = pytest.mark.anyio

TYPED = "người lạ tới mua lúc nửa đêm"


# --- posters, languages, leaving ------------------------------------------------------------------


async def test_a_poster_fills_in_the_place(house: House, resident: Resident) -> None:
    landing = await resident.visits("/q/to-3-hoa-mau")
    assert "tổ dân phố số 3, phường Hoa Mẫu" in landing.text
    await resident.visits(landing.links["Trang này, kín nhất Không cần tài khoản, không cần tên."])
    assert "tổ dân phố số 3, phường Hoa Mẫu" in resident.page.text
    await resident.presses("Xem lại", conflict="no", what=TYPED)
    assert "Nơi nhận: Công an phường Hoa Mẫu" in resident.page.text
    await resident.presses("Gửi")
    assert len(house.queue("phuong.chi")) == 1


_STATION = {"place": "Trạm Hoa Mẫu", "address": "ngõ 2", "hours": "8-17h", "phone": "0200"}


@pytest.mark.parametrize(
    ("counselling", "named"), [(None, "trạm y tế gần nhất"), (_STATION, "Trạm Hoa Mẫu")]
)
async def test_the_start_page_names_where_to_ask_for_help(
    new_ward: OpenWard, counselling: dict[str, str] | None, named: str
) -> None:
    async with open_house(new_ward(counselling=counselling)) as house:
        page = await house.resident().visits("/")
        assert named in page.text
        assert "None" not in page.text
        assert page.text.count("nhà có người cần giúp?") == 1


async def test_another_place_may_be_named_on_a_posters_form(resident: Resident) -> None:
    await resident.visits("/gui-tin?q=to-3-hoa-mau")
    await resident.presses("Xem lại", conflict="no", what=TYPED, place="xã Đồng Mẫu")
    assert "Nơi nhận: Công an xã Đồng Mẫu" in resident.page.text


async def test_a_posters_place_stays_when_the_draft_is_changed(resident: Resident) -> None:
    await resident.visits("/gui-tin?q=to-3-hoa-mau")
    await resident.presses("Xem lại", conflict="no", what=TYPED)
    await resident.presses("Sửa")
    assert resident.page.forms[0].fields["area"]
    await resident.presses("Xem lại")
    assert "Nơi nhận: Công an phường Hoa Mẫu" in resident.page.text


async def test_a_replaced_poster_still_opens_a_door(resident: Resident) -> None:
    landing = await resident.visits("/q/ma-cu-roi")
    assert landing.status == 200
    assert "Mã trên tờ dán này đã thay" in landing.text
    assert "/gui-tin" in landing.links.values()


async def test_a_posters_closed_ward_says_who_receives_instead(
    house: House, resident: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.ward.foundation.places, "poster", lambda _code: "D1-03")
    for path in ("/q/x", "/gui-tin?q=x"):
        landing = await resident.visits(path)
        assert "nơi này chưa mở hòm thư" in landing.text
        assert "Công an tỉnh Sông Mẫu" in landing.text


async def test_a_language_stays_chosen_by_its_address_alone(
    house: House, resident: Resident
) -> None:
    await resident.visits("/gui-tin?lang=en")
    assert 'lang="en"' in resident.page.source
    typed = {"conflict": "no", "place": "phường Hoa Mẫu", "what": TYPED, "when": "Đã qua"}
    await resident.presses("Read it again", **typed)
    assert "Read it before it goes" in resident.page.text
    await resident.presses("Send")
    assert "We have it" in resident.page.text
    assert house.read("phuong.chi") == [f"Chuyện gì: {TYPED}\nLúc nào: Đã qua"]


@pytest.mark.parametrize("path", ["/", "/gui-tin", "/tra-cuu", "/q/to-3-hoa-mau", "/khong-co"])
async def test_every_page_has_a_way_out_to_the_weather(resident: Resident, path: str) -> None:
    page = await resident.visits(path)
    assert page.links["Thoát nhanh"] == "/thoat-nhanh"
    left = await resident.client.get("/thoat-nhanh")
    assert left.status_code == 303
    assert left.headers["location"] == "https://nchmf.gov.vn/"


async def test_the_trial_is_marked_on_every_page(resident: Resident) -> None:
    for path in ("/", "/gui-tin", "/tra-cuu", "/khong-co"):
        assert "BẢN THỬ, không gửi tin thật" in (await resident.visits(path)).text


async def test_a_real_installation_bears_no_mark_and_asks_for_a_safe_connection(
    new_ward: OpenWard,
) -> None:
    async with open_house(new_ward(demo=False, base_url="https://tin.example")) as house:
        page = await house.resident().visits("/")
        assert "BẢN THỬ" not in page.text
        assert "strict-transport-security" in page.response.headers


# --- the port -------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS_WITHOUT_CHAT, ids=lambda check: check.__name__)
async def test_the_page_keeps_the_port(house: House, check: Check) -> None:
    await check(WebRig(house))


async def test_a_page_cannot_be_written_to_and_owns_up_that_it_deletes_nothing(
    house: House,
) -> None:
    channel = WebChannel(house.ward.settings)
    with pytest.raises(ChannelDown):
        await channel.send("x", WebRig.message("Có tin"))
    assert await channel.delete("x", ["1"]) == ["1"]
    assert await channel.delete("x", []) == []


async def test_a_picture_is_gone_when_its_request_is_over(house: House, resident: Resident) -> None:
    rig = WebRig(house)
    (heard,) = await rig.shows(JPEG)
    with pytest.raises(BadPicture):
        await rig.channel.fetch(heard.attachments[0], 10_000)
