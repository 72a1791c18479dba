"""What stands between a leader's page and whoever would misuse it."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from bot.channels.work_web_channel import WorkWebChannel
from bot.forms import Form
from bot.messages import Kind
from intake.limits import Allowance
from tests.bot.leaders_page import JAR, LINE, Browser, another, chats, code_for, open_page
from tests.bot.resident import PLENTY, House
from tests.bot.work_rig import TO_3, TO_4, Workday

pytestmark = pytest.mark.anyio


def fields_of(browser: Browser, **more: str) -> Mapping[str, str]:
    """Return the line's form as it stands on the page, with words in it."""
    return {**browser.page.form_with("Gửi").fields, **more}


# --- floods ---------------------------------------------------------------------------------------


async def test_a_device_that_goes_on_and_on_has_to_wait_and_nobody_else_has_to(
    workday: Workday,
) -> None:
    few = PLENTY | {"work_step": Allowance(3, 6)}
    async with open_page(workday, few) as house, another(house) as busy, another(house) as calm:
        await calm.comes(code_for(workday, TO_3))
        await busy.comes(code_for(workday, TO_4))
        for _ in range(2):
            assert (await busy.says("xem")).status == 200
        page = await busy.says(LINE)
        assert page.status == 429
        assert "phút" in page.text
        assert LINE not in page.source
        assert int(page.response.headers["retry-after"]) >= 60
        assert (await calm.says("xem")).status == 200


async def test_codes_of_tips_that_somebody_tried_here_do_not_show_at_the_wards_code(
    workday: Workday,
) -> None:
    few = PLENTY | {"look_up": Allowance(1, 1)}
    async with open_page(workday, few) as house, another(house) as browser:
        tries = [await browser.client.post("/tra-cuu", data={"code": "1" * 24}) for _ in range(2)]
        assert tries[-1].status_code == 429
        await browser.opens()
        page = await browser.presses("Tiếp tục", code=code_for(workday, TO_3))
        assert page.status == 200
        assert "Đồng ý" in page.buttons()


# --- forms ----------------------------------------------------------------------------------------


async def test_a_form_that_another_browser_was_given_takes_no_step_here(
    workday: Workday, house: House, browser: Browser
) -> None:
    """An old browser knows neither SameSite nor Sec-Fetch-Site: the form itself must fit."""
    await browser.comes(code_for(workday, TO_3))
    async with another(house) as thief:
        await thief.comes(code_for(workday, TO_4))
        page = await browser.posts(fields_of(thief, text=LINE, go="say"))
        assert "bấm lại một lần nữa" in page.text
        assert "Lưu" not in page.buttons()
        async with another(house) as stranger:
            await stranger.opens()
            entering = stranger.page.form_with("Tiếp tục").fields
        await browser.posts({**entering, "go": "leave"})
        assert "Đã tuyên truyền" in (await browser.opens()).buttons()
    await browser.says(LINE)
    assert "Lưu" in browser.page.buttons()


async def test_what_a_form_carries_tells_nothing_of_the_secret(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    secret = browser.client.cookies[JAR]
    ((_, address),) = chats(workday)
    for hidden in (secret, address):
        assert hidden[:16] not in browser.page.source


# --- races ----------------------------------------------------------------------------------------


async def test_two_browsers_that_say_yes_in_one_moment_do_not_both_come_in(
    workday: Workday, house: House, browser: Browser
) -> None:
    code = code_for(workday, TO_3)
    async with another(house) as other:
        for each in (browser, other):
            await each.opens()
            await each.presses("Tiếp tục", code=code)
        pages = await asyncio.gather(browser.presses("Đồng ý"), other.presses("Đồng ý"))
    assert len(chats(workday)) == 1
    assert sum("đã có người dùng" in page.text for page in pages) == 1


async def test_one_form_that_is_posted_many_times_in_one_moment_files_once(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    form = browser.page.form_with("Lưu")
    name, value = form.buttons["Lưu"]
    fields = {**form.fields, name: value}
    posts = (browser.client.post("/viec", data=fields) for _ in range(6))
    assert {each.status_code for each in await asyncio.gather(*posts)} == {303}
    assert len(workday.filed) == 1


# --- files ----------------------------------------------------------------------------------------


async def test_whom_the_ward_lets_go_gets_no_file_any_more(
    workday: Workday, browser: Browser
) -> None:
    leader = workday.leader("D1-01")
    await browser.comes(workday.leaders.invite(leader.id))
    await browser.says("/bang")
    assert (await browser.client.get("/viec/tep/1")).status_code == 200
    workday.leaders.leave(leader.id)
    assert (await browser.client.get("/viec/tep/1")).status_code == 404


@pytest.mark.parametrize("brand", [b"heim", b"hevx", b"miaf", b"avis", b"crx ", b"jxl "])
def test_what_may_be_a_picture_is_cleaned_as_one_and_never_kept_as_a_recording(
    workday: Workday, brand: bytes
) -> None:
    channel = WorkWebChannel(workday.ward.settings)
    (held,) = channel.hold(Form({}, (b"\0\0\0\x1cftyp" + brand + bytes(40),)))
    assert held.kind is Kind.PHOTO


@pytest.mark.parametrize("brand", [b"M4A ", b"mp42", b"isom", b"3gp4"])
def test_a_phones_own_recording_is_taken_as_one(workday: Workday, brand: bytes) -> None:
    channel = WorkWebChannel(workday.ward.settings)
    (held,) = channel.hold(Form({}, (b"\0\0\0\x1cftyp" + brand + bytes(40),)))
    assert held.kind is Kind.VOICE


@pytest.mark.parametrize("size", [13, 50])
async def test_a_body_that_is_far_too_large_is_not_read_to_its_end(
    workday: Workday, browser: Browser, size: int
) -> None:
    await browser.comes(code_for(workday, TO_3))
    read: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for at in range(size * 16):
            read.append(at)
            yield bytes(64 * 1024)

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await browser.client.post("/viec", content=endless(), headers=kind)
    assert answer.status_code == 413
    assert "set-cookie" not in answer.headers
    assert len(read) <= 13 * 16
