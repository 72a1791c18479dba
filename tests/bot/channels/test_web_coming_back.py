"""The web form for whoever comes back with a code: no script, no cookie that tells anything."""

import re

import pytest

from intake.errors import DatabaseBusy
from intake.limits import Allowance, Slow
from tests.bot.resident import JPEG, PLENTY, House, OpenWard, Resident, open_house

pytestmark = pytest.mark.anyio

TYPED = "người lạ tới mua lúc nửa đêm"


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


async def test_words_whose_pictures_are_too_large_together_are_added_without_them(
    house: House, resident: Resident
) -> None:
    await _asks(resident, await _sent(resident))
    news, heavy = resident.page, JPEG + b"x" * 4_960_000
    for _ in range(2):  # a page that is reloaded adds nothing twice
        resident.page = news
        await resident.presses("Gửi thêm", heavy, heavy, heavy, add="xe màu đỏ")
        assert "Đã nhận phần bạn gửi thêm" in resident.page.text
    assert house.read("phuong.chi").count("xe màu đỏ") == 1


async def test_a_busy_database_loses_no_addition_and_shows_no_code(
    house: House, resident: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(_work: object) -> None:
        raise DatabaseBusy("no writes now")

    code = await _sent(resident)
    await _asks(resident, code)
    with monkeypatch.context() as patch:
        patch.setattr(house.ward.intake, "write", busy)
        other = house.resident()
        assert code not in await _asks(other, code)
        assert other.page.status == 503
        page = await resident.presses("Gửi thêm", add="xe màu đỏ")
        assert page.status == 200
        assert "Hòm thư đang trục trặc" in page.text
    await resident.presses("Gửi thêm")
    assert "Đã nhận phần bạn gửi thêm" in resident.page.text
    assert "xe màu đỏ" in house.read("phuong.chi")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("x" * 8001, "Dài quá 8000 ký tự"), ("", "Chưa thấy nội dung")],
    ids=["too long", "empty"],
)
async def test_a_refusal_is_never_shown_with_the_receipt_of_what_came_before(
    resident: Resident, typed: str, sentence: str
) -> None:
    await _asks(resident, await _sent(resident))
    await resident.presses("Gửi thêm", add="xe màu đỏ")
    page = await resident.presses("Gửi thêm", add=typed)
    assert sentence in page.text
    assert "Đã nhận phần bạn gửi thêm" not in page.text
    assert page.form_with("Gửi thêm").fields["add"] == typed
    await resident.presses("Gửi thêm", add="xe màu xanh")
    assert "Đã nhận phần bạn gửi thêm" in resident.page.text


async def test_words_that_were_added_leave_the_box_though_their_picture_was_refused(
    house: House, resident: Resident
) -> None:
    await _asks(resident, await _sent(resident))
    page = await resident.presses("Gửi thêm", b"no picture", add="xe màu đỏ")
    assert "Không mở được ảnh này" in page.text
    assert "Đã nhận phần bạn gửi thêm" in page.text
    assert "Chỉ ảnh nói trên chưa được nhận" in page.text
    assert page.form_with("Gửi thêm").fields["add"] == ""
    assert house.read("phuong.chi").count("xe màu đỏ") == 1


async def test_words_that_came_too_fast_stay_in_the_box(
    resident: Resident, monkeypatch: pytest.MonkeyPatch, house: House
) -> None:
    await _asks(resident, await _sent(resident))

    def slow(*_: object, **__: object) -> None:
        raise Slow(5)

    monkeypatch.setattr(house.ward.follow_up, "prepare_addition", slow)
    page = await resident.presses("Gửi thêm", add="xe màu đỏ")
    assert page.form_with("Gửi thêm").fields["add"] == "xe màu đỏ"


@pytest.mark.parametrize(
    ("kind", "sentence"), [("filing", "nhiều tin liền nhau"), ("upload", "nhiều ảnh liền nhau")]
)
async def test_an_addition_refused_for_flooding_keeps_its_words(
    new_ward: OpenWard, kind: str, sentence: str
) -> None:
    async with open_house(new_ward(), PLENTY | {kind: Allowance(1, 1)}) as house:
        resident = house.resident()
        await _asks(resident, house.ward.pool.take().code)
        await resident.presses("Gửi thêm", JPEG, add="xe màu đỏ")
        page = await resident.presses("Gửi thêm", JPEG, add="xe màu xanh")
        assert sentence in page.text
        assert "gõ mã nhiều lần" not in page.text
        assert page.form_with("Gửi thêm").fields["add"] == "xe màu xanh"


async def test_an_urgent_addition_says_so_and_may_wait_for_its_minute(
    house: House, resident: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.ward.settings, "release_minutes", 60)
    stranger = house.ward.pool.take().code
    asked = list[str]()
    for code in (await _sent(resident), stranger):
        await _asks(resident, code)
        page = await resident.presses("Gửi thêm", add="đang diễn ra: nó ngáo đá, cầm dao")
        assert page.buttons() == ["Gửi", "Không gấp"]
        asked.append(_without_tokens(page.source))
        await resident.presses("Không gấp")
        assert "Đã nhận phần bạn gửi thêm" in resident.page.text
    assert asked[0] == asked[1]
    house.ward.clock.advance(seconds=1)
    assert house.queue("phuong.chi") == []


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


@pytest.mark.parametrize("left_out", [{"code": ""}, {}], ids=["empty", "missing"])
async def test_whoever_sends_no_code_is_told_to_type_one(
    resident: Resident, left_out: dict[str, str]
) -> None:
    assert "Bạn gõ 24 số của mã" not in (await resident.visits("/tra-cuu")).text
    fields = {"token": resident.page.forms[0].fields["token"], "go": "look"}
    page = await resident.posts("/tra-cuu", fields | left_out)
    assert "Bạn gõ 24 số của mã" in page.text


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
