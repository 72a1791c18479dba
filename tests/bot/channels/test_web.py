"""The web door: from an empty form to a receipt, and back with the code, without a script."""

import re

import pytest

from bot.channels.web import WebChannel
from intake.errors import BadPicture, ChannelDown, DatabaseBusy
from intake.limits import Allowance
from tests.bot.channels.conformance import CHECKS_WITHOUT_CHAT, Check
from tests.bot.channels.web_rig import WebRig
from tests.bot.resident import JPEG, PLENTY, House, OpenWard, Resident, open_house

pytestmark = pytest.mark.anyio

TYPED = "người lạ tới mua lúc nửa đêm"


# --- a tip ----------------------------------------------------------------------------------------


async def test_a_tip_goes_from_form_over_preview_to_receipt_and_is_read_at_the_desk(
    house: House, resident: Resident
) -> None:
    await resident.writes(what=TYPED, where="ngõ 12", when="Đã qua")
    assert resident.page.status == 200
    assert f"Chuyện gì: {TYPED}" in resident.page.text
    assert "Nơi nhận: Công an phường Hoa Mẫu" in resident.page.text
    assert house.queue("phuong.chi") == []
    await resident.presses("Gửi")
    assert "Đã nhận tin" in resident.page.text
    assert len(resident.code) == 24
    expected = f"Chuyện gì: {TYPED}\nỞ đâu: ngõ 12\nLúc nào: Đã qua"
    assert house.read("phuong.chi") == [expected]


async def test_pressing_send_twice_stores_one_tip_and_shows_one_receipt(
    house: House, resident: Resident
) -> None:
    preview = await resident.writes()
    first = (await resident.presses("Gửi"), resident.code)[1]
    resident.page = preview
    await resident.presses("Gửi")
    assert resident.code == first
    assert len(house.queue("phuong.chi")) == 1


async def test_the_receipt_can_be_asked_for_again_within_ten_minutes_and_not_later(
    house: House, resident: Resident
) -> None:
    preview = await resident.writes()
    await resident.presses("Gửi")
    code = resident.code
    house.ward.clock.advance(minutes=9)
    resident.page = preview
    await resident.presses("Gửi")
    assert resident.code == code
    house.ward.clock.advance(minutes=2)
    await house.dialogue.sweep()
    resident.page = preview
    await resident.presses("Gửi")
    assert code[:4] not in resident.page.text
    assert len(house.queue("phuong.chi")) == 1


async def test_after_copying_the_code_nothing_of_the_tip_comes_back(
    house: House, resident: Resident
) -> None:
    preview = await resident.writes(what=TYPED)
    await resident.presses("Gửi")
    await resident.presses("Đã chép xong")
    assert "xóa lịch sử trình duyệt" in resident.page.text
    resident.page = preview
    await resident.presses("Gửi")
    assert "đã gửi rồi" in resident.page.text
    assert TYPED not in resident.page.text
    assert len(house.queue("phuong.chi")) == 1


async def test_a_form_left_open_too_long_comes_again_with_everything_that_was_typed(
    house: House, resident: Resident
) -> None:
    await resident.visits("/gui-tin")
    house.ward.clock.advance(hours=3)
    answers = {"conflict": "no", "place": "phường Hoa Mẫu", "what": TYPED, "when": "Đã qua"}
    page = await resident.presses("Xem lại", **answers)
    assert page.status == 200
    assert "Trang để lâu nên cần mở lại" in page.text
    kept = page.forms[0].fields
    assert {name: kept[name] for name in answers} == answers
    await resident.presses("Xem lại")
    assert TYPED in resident.page.text
    assert "Gửi" in resident.page.buttons()


@pytest.mark.parametrize("token", ["", "x", "A" * 300, "hòm thư"])
async def test_a_token_that_we_never_gave_loses_no_words(resident: Resident, token: str) -> None:
    await resident.visits("/gui-tin")
    page = await resident.presses("Xem lại", token=token, what=TYPED)
    assert page.status == 200
    assert page.forms[0].fields["what"] == TYPED
    assert page.forms[0].fields["token"] != token


async def test_a_draft_that_was_forgotten_between_preview_and_send_comes_back_as_the_form(
    house: House, resident: Resident
) -> None:
    await resident.writes(what=TYPED)
    house.ward.clock.advance(minutes=45)
    await house.dialogue.sweep()
    page = await resident.presses("Gửi")
    assert page.status == 200
    assert page.forms[0].fields["what"] == TYPED
    assert house.queue("phuong.chi") == []
    await resident.presses("Xem lại")
    await resident.presses("Gửi")
    assert house.read("phuong.chi") == [f"Chuyện gì: {TYPED}"]


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("what", "chưa thấy nội dung"), ("conflict", "có liên quan"), ("place", "xã, phường")],
)
async def test_a_missing_answer_is_asked_for_and_the_others_stay(
    resident: Resident, missing: str, sentence: str
) -> None:
    page = await resident.writes(where="ngõ 12", **{missing: ""})
    assert page.status == 200
    assert sentence in page.text
    assert 'class="note"' in page.source
    assert page.forms[0].fields["where"] == "ngõ 12"


async def test_near_equal_names_are_asked_and_the_chosen_one_receives(
    house: House, resident: Resident
) -> None:
    await resident.writes(place="Dong Mau")
    assert "xã Đồng Mẫu, tỉnh Sông Mẫu" in resident.page.buttons()
    await resident.presses("xã Đồng Mẫu, tỉnh Sông Mẫu")
    assert "Nơi nhận: Công an xã Đồng Mẫu" in resident.page.text
    await resident.presses("Gửi")
    assert len(house.queue("xa.dung")) == 1


async def test_an_unknown_place_may_be_typed_again_or_sent_up(
    house: House, resident: Resident
) -> None:
    await resident.writes(place="Atlantis")
    assert "chưa thấy xã, phường tên đó" in resident.page.text
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


async def test_a_phrase_that_betrays_can_be_cut_out_or_written_anew(resident: Resident) -> None:
    await resident.writes(what="cạnh nhà tôi có người bán")
    assert '"cạnh nhà tôi"' in resident.page.text
    asked = resident.page
    await resident.presses("Bỏ chỗ đó")
    assert "Chuyện gì: có người bán" in resident.page.text
    resident.page = asked
    page = await resident.presses("Quay lại")
    assert page.forms[0].fields["what"] == "cạnh nhà tôi có người bán"


async def test_sua_shows_the_form_as_the_draft_stands(resident: Resident) -> None:
    await resident.writes(what="cạnh nhà tôi có người bán", when="Đã qua")
    await resident.presses("Bỏ chỗ đó")
    page = await resident.presses("Sửa")
    fields = page.forms[0].fields
    assert (fields["what"], fields["when"], fields["conflict"]) == ("có người bán", "Đã qua", "no")
    await resident.presses("Xem lại", what="có người bán ở chợ")
    assert "Chuyện gì: có người bán ở chợ" in resident.page.text


async def test_huy_forgets_the_draft(house: House, resident: Resident) -> None:
    await resident.writes()
    await resident.presses("Hủy")
    assert "Chưa có gì được gửi" in resident.page.text
    assert house.queue("phuong.chi") == []


async def test_what_was_typed_is_shown_as_text_and_never_as_markup(resident: Resident) -> None:
    attack = '<script>alert(1)</script> "quoted" </textarea> **đậm** {ten}'
    await resident.writes(what=attack, where="<b>ở đây</b>", place="<i>Hoa</i>")
    assert "<script>alert" not in resident.page.source
    await resident.writes(what=attack, where="<b>ở đây</b>")
    assert attack in resident.page.text
    assert "<script>alert" not in resident.page.source
    page = await resident.presses("Sửa")
    assert page.forms[0].fields["what"] == attack


async def test_a_client_may_ask_to_send_without_a_second_page(
    house: House, resident: Resident
) -> None:
    form = (await resident.visits("/gui-tin")).forms[0]
    answers = {"conflict": "no", "place": "phường Hoa Mẫu", "what": TYPED, "go": "send"}
    await resident.posts("/gui-tin", form.fields | answers)
    assert len(resident.code) == 24
    assert len(house.queue("phuong.chi")) == 1


# --- pictures -------------------------------------------------------------------------------------


async def test_pictures_come_with_the_form_and_more_with_the_preview(
    house: House, resident: Resident
) -> None:
    await resident.writes(JPEG, JPEG)
    assert "Số ảnh: 2" in resident.page.text
    await resident.presses("Thêm ảnh này", JPEG)
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
        assert "không mở được ảnh này" in resident.page.text
        assert "Tệp lớn quá" in resident.page.text
        assert "Số ảnh: 1" in resident.page.text
        assert TYPED in resident.page.text


async def test_more_pictures_than_a_tip_may_hold_are_refused_in_words(new_ward: OpenWard) -> None:
    async with open_house(new_ward(max_photos=2)) as house:
        resident = house.resident()
        await resident.writes(JPEG, JPEG, JPEG)
        assert "Mỗi tin nhiều nhất 2 ảnh" in resident.page.text
        assert "Số ảnh: 2" in resident.page.text
        assert "Thêm ảnh này" not in resident.page.buttons()


async def test_where_pictures_are_off_none_is_asked_for(new_ward: OpenWard) -> None:
    async with open_house(new_ward(max_photos=0)) as house:
        resident = house.resident()
        assert 'type="file"' not in (await resident.visits("/gui-tin")).source
        await resident.presses("Xem lại", conflict="no", place="phường Hoa Mẫu", what=TYPED)
        assert 'type="file"' not in resident.page.source


# --- coming back ----------------------------------------------------------------------------------


def _without_tokens(source: str) -> str:
    """Return a page with its random values, which all have one length, put out of sight."""
    return re.sub(r'name="(token|choice)" value="[^"]+"', "", source)


async def _sent(resident: Resident) -> str:
    await resident.writes(what=TYPED)
    await resident.presses("Gửi")
    return resident.code


async def _asks(resident: Resident, code: str) -> str:
    await resident.visits("/tra-cuu")
    return (await resident.presses("Xem", code=code)).source


async def test_an_unknown_code_and_one_without_news_give_the_same_page(
    house: House, resident: Resident
) -> None:
    mine = await _sent(resident)
    stranger = house.ward.pool.take().code
    pages = [await _asks(resident, mine), await _asks(resident, stranger)]
    assert "Chưa có gì mới cho mã này" in pages[0]
    assert _without_tokens(pages[0]) == _without_tokens(pages[1])
    assert len(pages[0]) == len(pages[1])


async def test_an_answer_is_read_and_its_page_has_the_size_of_an_empty_one(
    house: House, resident: Resident
) -> None:
    code = await _sent(resident)
    nothing = await _asks(resident, code)
    session = house.ward.sign_in("phuong.chi")
    row = house.ward.services.triage.queue(session).rows[0]
    view = house.ward.services.disclosure.open_tip(session, row.id)
    answer = "Cảm ơn bạn. Quán tên gì? <b>"
    house.ward.services.triage.answer(session, row.id, view.version, answer, ask=True)
    news = await _asks(resident, code)
    assert answer in resident.page.text
    assert len(news.encode()) == len(nothing.encode())
    assert code not in news.replace(" ", "")


async def test_words_and_pictures_can_be_added_under_a_code(
    house: House, resident: Resident
) -> None:
    code = await _sent(resident)
    grouped = " ".join(code[at : at + 4] for at in range(0, 24, 4))
    await _asks(resident, grouped)
    await resident.presses("Gửi thêm", JPEG, add="xe màu đỏ")
    assert "Đã nhận phần bạn gửi thêm" in resident.page.text
    await resident.presses("Xong")
    assert "xe màu đỏ" in house.read("phuong.chi")


async def test_an_addition_that_a_browser_posts_again_is_kept_once_and_says_so(
    house: House, resident: Resident
) -> None:
    await _asks(resident, await _sent(resident))
    news = resident.page
    for _ in range(2):
        resident.page = news
        await resident.presses("Gửi thêm", JPEG, add="có thêm xe đỏ")
        assert "Đã nhận phần bạn gửi thêm" in resident.page.text
    assert sorted(house.read("phuong.chi"))[-1] == "có thêm xe đỏ"
    assert len(house.read("phuong.chi")) == 2


async def test_an_addition_that_betrays_is_asked_about(house: House, resident: Resident) -> None:
    await _asks(resident, await _sent(resident))
    await resident.presses("Gửi thêm", add="họ đứng cạnh nhà tôi mỗi tối")
    await resident.presses("Bỏ chỗ đó")
    assert "Đã nhận phần bạn gửi thêm" in resident.page.text
    assert "họ đứng mỗi tối" in house.read("phuong.chi")


async def test_an_addition_outlives_a_page_that_was_left_open(
    house: House, resident: Resident
) -> None:
    code = await _sent(resident)
    await _asks(resident, code)
    house.ward.clock.advance(hours=3)
    await house.dialogue.sweep()
    page = await resident.presses("Gửi thêm", add="xe màu đỏ")
    assert page.forms[0].fields["add"] == "xe màu đỏ"
    await resident.presses("Xem", code=code)
    assert "xe màu đỏ" in house.read("phuong.chi")


@pytest.mark.parametrize("typed", ["1" * 24, "1234", "mã của tôi", "4" * 5000, " "])
async def test_a_mistyped_code_is_told_so_and_never_repeated(
    resident: Resident, typed: str
) -> None:
    await resident.visits("/tra-cuu")
    page = await resident.presses("Xem", code=typed)
    assert page.status == 422
    assert "Mã này chưa đúng" in page.text
    assert typed.strip() == "" or typed not in page.source


async def test_fifty_codes_in_a_minute_are_slowed_down_and_mine_still_works_later(
    new_ward: OpenWard,
) -> None:
    async with open_house(new_ward(), PLENTY | {"look_up": Allowance(10, 30)}) as house:
        resident = house.resident()
        await resident.visits("/tra-cuu")
        form = resident.page.forms[0].fields
        pages = [await resident.posts("/tra-cuu", form | {"code": "1" * 24}) for _ in range(50)]
        assert [page.status for page in pages].count(422) == 10
        assert pages[-1].status == 429
        assert "Mã không bị khóa" in pages[-1].text
        assert int(pages[-1].response.headers["retry-after"]) > 0
        house.ward.clock.advance(hours=1)
        assert (await resident.posts("/tra-cuu", form | {"code": "1" * 24})).status == 422


# --- what may go wrong ----------------------------------------------------------------------------


async def test_a_flood_of_forms_is_slowed_down_and_keeps_the_words(new_ward: OpenWard) -> None:
    async with open_house(new_ward(), PLENTY | {"filing": Allowance(2, 12)}) as house:
        resident = house.resident()
        for _ in range(2):
            await resident.writes()
            await resident.presses("Gửi")
            assert len(resident.code) == 24
        page = await resident.writes(what=TYPED)
        assert "nhiều tin liền nhau" in page.text
        assert page.forms[0].fields["what"] == TYPED
        house.ward.clock.advance(hours=1)
        await resident.presses("Xem lại")
        await resident.presses("Gửi")
        assert len(house.queue("phuong.chi")) == 3


async def test_correcting_ones_words_often_is_no_flood(new_ward: OpenWard) -> None:
    async with open_house(new_ward(), PLENTY | {"filing": Allowance(1, 1)}) as house:
        resident = house.resident()
        await resident.writes()
        for turn in range(5):
            await resident.presses("Sửa")
            await resident.presses("Xem lại", what=f"{TYPED} {turn}")
        await resident.presses("Gửi")
        assert len(resident.code) == 24


async def test_a_busy_database_answers_503_without_repeating_anything(
    house: House, resident: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(_work: object) -> None:
        raise DatabaseBusy("no writes now")

    await resident.visits("/gui-tin")
    monkeypatch.setattr(house.ward.intake, "write", busy)
    answers = {"conflict": "no", "place": "phường Hoa Mẫu", "what": TYPED}
    page = await resident.presses("Xem lại", **answers)
    assert page.status == 503
    assert "Chưa thấy mã 24 số là tin chưa được nhận" in page.text
    assert TYPED not in page.source


async def test_a_closed_box_says_so_before_anyone_types_and_takes_nothing(
    house: House, resident: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_form = await resident.visits("/gui-tin")
    monkeypatch.setattr(house.ward.tips, "any_open", lambda: False)
    page = await resident.visits("/gui-tin")
    assert page.status == 503
    assert "tạm đóng" in page.text
    assert page.forms == []
    resident.page = open_form
    closed = await resident.presses("Xem lại", conflict="no", place="Hoa Mẫu", what=TYPED)
    assert closed.status == 503
    assert TYPED not in closed.source
    start = await resident.visits("/")
    assert "tạm đóng" in start.text
    assert "/gui-tin" not in start.links.values()


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
    assert not await channel.delete("x", ["1"])
    assert await channel.delete("x", [])


async def test_a_picture_is_gone_when_its_request_is_over(house: House, resident: Resident) -> None:
    rig = WebRig(house)
    (heard,) = await rig.shows(JPEG)
    with pytest.raises(BadPicture):
        await rig.channel.fetch(heard.attachments[0], 10_000)
