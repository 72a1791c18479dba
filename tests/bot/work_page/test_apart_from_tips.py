"""The device's secret stays on its path, and no tip meets the work side."""

import pytest

from bot.channels.work_devices import Devices
from tests.bot.channels.conformance import LogWatch
from tests.bot.leaders_page import JAR, LINE, Browser, another, chats, code_for
from tests.bot.resident import House
from tests.bot.work_rig import TO_3, Workday

pytestmark = pytest.mark.anyio


async def test_the_secret_is_for_one_path_and_no_script_and_no_other_site(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    set_by = [each for each in browser.took if "set-cookie" in each.headers]
    assert set_by
    for answer in set_by:
        told = answer.headers["set-cookie"].lower()
        assert "path=/viec" in told
        assert "httponly" in told
        assert "samesite=strict" in told


def test_over_https_the_secret_never_goes_in_clear() -> None:
    from starlette.responses import Response

    devices, response = Devices(https=True), Response()
    devices.remember(response, devices.new(), for_good=True)
    told = response.headers["set-cookie"]
    assert told.startswith("__Secure-")
    assert "Secure" in told.split("; ")
    gone = Response()
    devices.forget(gone)
    assert gone.headers["set-cookie"].startswith(told.partition("=")[0])


def test_a_device_shows_nothing_of_its_secret() -> None:
    device = Devices(https=True).new()
    assert device.secret not in repr(device)
    assert device.address not in repr(device)


async def test_the_browser_never_brings_the_secret_to_the_pages_of_residents(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    secret = browser.client.cookies[JAR]
    assert secret in browser.took[-1].request.headers["cookie"]
    for path in ("/", "/gui-tin", "/tra-cuu", "/viecs", "/static/page.css"):
        answer = await browser.client.get(path)
        assert "cookie" not in answer.request.headers, path
        assert "set-cookie" not in answer.headers, path


async def test_the_pages_of_residents_are_the_same_whoever_brings_the_secret_along(
    workday: Workday, house: House, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    secret = browser.client.cookies[JAR]
    async with another(house) as plain, another(house) as forced:
        for path in ("/", "/gui-tin", "/tra-cuu"):
            one = await plain.client.get(path)
            other = await forced.client.get(path, headers={"Cookie": f"{JAR}={secret}"})
            assert len(one.content) == len(other.content)
            assert "set-cookie" not in other.headers


async def test_a_tip_from_a_leaders_browser_meets_nothing_of_the_work_side(
    workday: Workday, house: House, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    with workday.ward.intake.read() as view:
        before = view.connection.exec_driver_sql("SELECT address, state FROM work_dialogue").all()
    resident = house.resident()
    await resident.writes()
    await resident.presses("Gửi")
    assert len(resident.code) == 24
    with workday.ward.intake.read() as view:
        after = view.connection.exec_driver_sql("SELECT address, state FROM work_dialogue").all()
    assert before == after
    assert len(chats(workday)) == 1


async def test_neither_code_nor_secret_nor_words_nor_token_is_logged(
    workday: Workday, browser: Browser
) -> None:
    code = code_for(workday, TO_3)
    with LogWatch() as log:
        await browser.opens(f"/viec?moi={code}")
        token = browser.page.forms[0].fields["token"]
        await browser.presses("Tiếp tục")
        await browser.presses("Đồng ý")
        await browser.says(LINE)
        await browser.says("", b"no picture at all")
        await browser.posts({"token": "made up", "text": "CANARY"})
    secret = browser.client.cookies[JAR]
    ((_, address),) = chats(workday)
    marks = (code, token, secret, address, LINE, "CANARY", "Nguyễn Văn Hòa")
    assert [line for line in log.lines for mark in marks if mark in line] == []


async def test_a_post_from_another_site_is_refused(workday: Workday, browser: Browser) -> None:
    await browser.comes(code_for(workday, TO_3))
    form = browser.page.form_with("Gửi").fields
    answer = await browser.client.post(
        "/viec", data={**form, "text": LINE}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert LINE not in answer.text
    await browser.opens()
    assert "Lưu" not in browser.page.buttons()


async def test_an_unexpected_failure_says_in_the_leaders_words_that_nothing_was_logged(
    workday: Workday, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.comes(code_for(workday, TO_3))

    async def broken(*_: object) -> None:
        raise RuntimeError(LINE)

    monkeypatch.setattr("bot.work.engine.WorkDesk.take", broken)
    page = await browser.says(LINE)
    assert page.status == 500
    assert "chưa ghi" in page.text
    assert "24 số" not in page.text
    assert LINE not in page.source
