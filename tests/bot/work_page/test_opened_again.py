"""A page is opened again, posted again, gone back to, and outlives its process."""

from datetime import timedelta

import pytest

from bot.work.page_room import FRESH
from intake.errors import DatabaseBusy
from tests.bot.leaders_page import JAR, LINE, Browser, another, code_for, open_page
from tests.bot.resident import House
from tests.bot.work_rig import TO_3, Workday

pytestmark = pytest.mark.anyio


async def test_a_post_is_answered_by_the_page_so_that_opening_it_again_repeats_nothing(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    await browser.presses("Lưu")
    receipt = browser.said
    for _ in range(3):
        await browser.opens()
        assert browser.said == receipt
    assert len(workday.filed) == 1
    assert {each.status_code for each in browser.took if each.request.method == "POST"} == {303}


async def test_a_form_is_good_once_and_a_post_that_comes_twice_files_once(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    form = browser.page.form_with("Lưu")
    name, value = form.buttons["Lưu"]
    for _ in range(3):
        await browser.posts({**form.fields, name: value})
        assert "Đã ghi" in browser.said[-1]
    assert len(workday.filed) == 1
    line = browser.page.form_with("Gửi")
    for _ in range(2):
        await browser.posts({**line.fields, "text": "họp lắng nghe 12/3 nvh 30 người", "go": "say"})
    await browser.presses("Lưu")
    assert len(workday.filed) == 2


async def test_a_button_of_a_page_gone_back_to_does_nothing_but_ask_again(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    old = browser.page
    await browser.presses("Bỏ")
    browser.page = old
    await browser.presses("Lưu")
    assert workday.filed == []
    assert "Lưu" not in browser.page.buttons()


async def test_a_button_of_another_window_does_nothing_but_ask_again(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    window = browser.page
    await browser.opens()
    await browser.presses("Bỏ")
    browser.page = window
    await browser.presses("Lưu")
    assert workday.filed == []
    assert "Đã tuyên truyền" in browser.page.buttons()


async def test_a_form_left_open_for_too_long_keeps_the_words_and_asks_to_press_again(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    workday.ward.clock.advance(timedelta(hours=25))
    page = await browser.says(LINE)
    assert "bấm lại một lần nữa" in page.text
    assert page.form_with("Gửi").fields["text"] == LINE
    await browser.presses("Gửi")
    assert "Lưu" in browser.page.buttons()


@pytest.mark.parametrize("token", ["", "x", "A" * 400, "ờ"])
async def test_a_made_up_form_is_not_taken(workday: Workday, browser: Browser, token: str) -> None:
    await browser.comes(code_for(workday, TO_3))
    page = await browser.posts({"token": token, "text": LINE, "go": "say"})
    assert "bấm lại" in page.text
    assert "Lưu" not in page.buttons()


async def test_a_page_opened_after_a_while_asks_afresh_and_an_open_draft_is_still_there(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    await browser.presses("Lưu")
    workday.ward.clock.advance(FRESH)
    page = await browser.opens()
    assert "Đã ghi: " not in " ".join(browser.said)
    assert "Đã họp" in page.buttons()
    await browser.says("họp lắng nghe 12/3 nvh 30 người")
    workday.ward.clock.advance(timedelta(days=2))
    await browser.opens()
    await browser.presses("Lưu")
    assert len(workday.filed) == 2


async def test_what_was_logged_lately_can_be_changed_and_taken_back_from_the_page(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    await browser.presses("Lưu")
    await browser.presses("Xem việc")
    assert "Tuyên truyền, T3 10/3/2026, 45 người" in browser.page.text
    await browser.presses("Gỡ buổi này")
    assert [each.state for each in workday.filed] == ["voided"]
    await browser.says("tuyên truyền 11/3 nvh 40 người")
    await browser.presses("Lưu")
    workday.ward.clock.advance(timedelta(minutes=11))
    await browser.presses("Xem việc")
    assert "Gỡ buổi này" not in browser.page.buttons()
    await browser.presses("Sửa")
    assert "sửa phần nào" in browser.said[-1]


async def test_the_page_outlives_a_restart(
    workday: Workday, house: House, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    said = browser.said
    async with open_page(workday) as again, another(again) as same:
        same.client.headers["Cookie"] = f"{JAR}={browser.client.cookies[JAR]}"
        await same.opens()
        assert same.said == said
        await same.presses("Lưu")
    assert len(workday.filed) == 1


async def test_a_database_that_cannot_serve_keeps_the_words_and_says_that_nothing_was_kept(
    workday: Workday, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.comes(code_for(workday, TO_3))

    async def busy(*_: object) -> None:
        raise DatabaseBusy("busy")

    with monkeypatch.context() as broken:
        broken.setattr("bot.work.engine.WorkDesk.take", busy)
        page = await browser.says(LINE)
    assert page.status == 200  # a page with their words in it, as the tip's; no error repeats any
    assert "chưa ghi" in page.text
    assert page.form_with("Gửi").fields["text"] == LINE
    await browser.presses("Gửi")
    await browser.presses("Lưu")
    assert len(workday.filed) == 1


async def test_the_minute_job_leaves_an_open_draft_of_a_page_as_it_was(
    workday: Workday, house: House, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    old = browser.page
    workday.ward.clock.advance(timedelta(days=1, hours=1))
    for _ in range(2):
        await house.dialogue.sweep()
        await house.dialogue.settle()
    await browser.opens()
    assert "Lưu" in browser.page.buttons()
    tapped = old.form_with("Lưu").buttons["Lưu"][1]
    token = browser.page.form_with("Lưu").fields["token"]
    await browser.posts({"token": token, "choice": tapped})
    assert len(workday.filed) == 1


async def test_a_button_of_an_earlier_message_never_means_one_of_the_last(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    await browser.says("họp lắng nghe 12/3 nvh 30 người")
    await browser.presses("Lưu")
    receipt, card = browser.said
    assert "Đã ghi" in receipt
    assert "12/3/2026" in card
    earlier = next(form for form in browser.page.forms if "Xem việc" in form.buttons)
    name, value = earlier.buttons["Xem việc"]
    await browser.posts({**earlier.fields, name: value})
    assert "Lưu" in browser.page.buttons()
    assert len(workday.filed) == 1
    await browser.presses("Lưu")
    assert len(workday.filed) == 2
