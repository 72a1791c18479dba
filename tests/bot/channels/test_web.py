"""The web door: from an empty form to a receipt, and back with the code, without a script."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from intake.errors import DatabaseBusy
from intake.limits import Allowance
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
    [("what", "Chưa thấy nội dung"), ("conflict", "có liên quan"), ("place", "xã, phường")],
)
async def test_a_missing_answer_is_asked_for_and_the_others_stay(
    resident: Resident, missing: str, sentence: str
) -> None:
    page = await resident.writes(where="ngõ 12", **{missing: ""})
    assert page.status == 200
    assert sentence in page.text
    assert 'class="note"' in page.source
    assert page.forms[0].fields["where"] == "ngõ 12"


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


@pytest.mark.parametrize("go", ["send", "review"])
async def test_new_words_under_a_spent_form_are_told_to_be_unsent_beside_the_old_receipt(
    house: House, resident: Resident, go: str
) -> None:
    form = (await resident.visits("/gui-tin")).forms[0]
    answers = form.fields | {"conflict": "no", "place": "phường Hoa Mẫu"}
    await resident.posts("/gui-tin", answers | {"what": TYPED, "go": "send"})
    code = resident.code
    page = await resident.posts("/gui-tin", answers | {"what": "chuyện khác", "go": go})
    assert "Điều bạn gõ sau đó chưa được gửi" in page.text
    assert "Muốn thêm" in page.text
    assert resident.code == code
    assert house.read("phuong.chi") == [f"Chuyện gì: {TYPED}"]


async def test_the_same_form_sent_twice_shows_its_receipt_and_nothing_else(
    house: House, resident: Resident
) -> None:
    form = (await resident.visits("/gui-tin")).forms[0]
    answers = {"conflict": "no", "place": "phường Hoa Mẫu", "what": TYPED, "go": "send"}
    pages = [await resident.posts("/gui-tin", form.fields | answers) for _ in range(2)]
    assert pages[0].text == pages[1].text
    assert len(house.queue("phuong.chi")) == 1


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


NOT_TAKEN = "Chưa thấy mã 24 số là tin chưa được nhận"


@contextmanager
def _busy(house: House) -> Iterator[None]:
    async def busy(_work: object) -> None:
        raise DatabaseBusy("no writes now")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.ward.intake, "write", busy)
        yield


async def test_words_that_a_busy_database_cannot_keep_stay_in_the_form(
    house: House, resident: Resident
) -> None:
    with _busy(house):
        page = await resident.writes(JPEG, what=TYPED, where="ngõ 12")
    assert page.status == 200
    assert NOT_TAKEN in page.text
    assert (page.forms[0].fields["what"], page.forms[0].fields["where"]) == (TYPED, "ngõ 12")
    await resident.presses("Xem lại", conflict="no")
    await resident.presses("Gửi")
    assert house.read("phuong.chi") == [f"Chuyện gì: {TYPED}\nỞ đâu: ngõ 12"]


async def test_a_button_that_a_busy_database_cannot_answer_can_be_pressed_again(
    house: House, resident: Resident
) -> None:
    await resident.writes(what=TYPED)
    with _busy(house):
        for button in ("Gửi", "Thử lại"):
            page = await resident.presses(button)
            assert page.status == 503
            assert NOT_TAKEN in page.text
            assert TYPED not in page.source
    await resident.presses("Thử lại")
    assert len(resident.code) == 24
    assert house.read("phuong.chi") == [f"Chuyện gì: {TYPED}"]


@pytest.mark.parametrize("more", [{"go": "send"}, {"choice": TYPED}], ids=["client", "no button"])
async def test_a_busy_database_answers_503_without_repeating_anything(
    house: House, resident: Resident, more: dict[str, str]
) -> None:
    form = (await resident.visits("/gui-tin")).forms[0]
    answers = {"conflict": "no", "place": "phường Hoa Mẫu", "what": TYPED}
    with _busy(house):
        page = await resident.posts("/gui-tin", form.fields | answers | more)
    assert page.status == 503
    assert NOT_TAKEN in page.text
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
