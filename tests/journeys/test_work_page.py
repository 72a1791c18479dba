"""A leader logs a month on the page in a real browser, without a script, invited by the ward."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from intake.ports import VIETNAM
from tests.journeys.conftest import Demo
from tests.journeys.test_browser import PHONE, picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
OLD_EYES = {"width": 390, "height": 844}


def invite(browser: Browser, demo: Demo, shot) -> str:
    """Return the link that the ward's clerk gives to a leader."""
    desk = browser.new_page(viewport={"width": 1280, "height": 900})
    passphrase, digits = demo.sign_in_of("phuong.em")
    desk.goto(demo.console)
    desk.fill("#login", "phuong.em")
    desk.fill("#passphrase", passphrase)
    desk.fill("#totp", digits)
    desk.get_by_role("button", name="Đăng nhập").click()
    desk.goto(f"{demo.console}/viec/nguoi")
    desk.locator("main a[href^='/viec/nguoi/']").first.click()
    desk.get_by_role("button", name=re.compile("^Mời|Mã mời|Cấp mã")).first.click()
    page = desk.locator("details", has_text="trang web").last
    page.locator("summary").click()
    shot(desk, "work-invite")
    link = page.locator(".secret").inner_text()
    desk.close()
    return link


@pytest.fixture
def phone(browser: Browser) -> BrowserContext:
    """A phone whose browser runs no script."""
    return browser.new_context(java_script_enabled=False, viewport=PHONE)


def press(page: Page, label: str) -> None:
    """Press a button, and see the page that answers: what is read next is never the old one."""
    with page.expect_navigation():
        page.get_by_role("button", name=label, exact=True).first.click()


def says(page: Page, text: str) -> None:
    page.fill("#cau", text)
    press(page, "Gửi")


def hears(page: Page, text: str) -> None:
    expect(page.locator(".bubble").last).to_contain_text(text)


def test_a_leader_is_invited_logs_a_month_and_finds_the_page_again(
    browser: Browser, demo: Demo, phone: BrowserContext, tmp_path: Path, shot
) -> None:
    link = invite(browser, demo, shot)
    page = phone.new_page()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))
    page.goto(link)
    shot(page, "work-code", whole=True)
    press(page, "Tiếp tục")
    shot(page, "work-agree", whole=True)
    press(page, "Đồng ý")
    hears(page, "việc")
    shot(page, "work-menu", whole=True)

    yesterday = datetime.now(UTC).astimezone(VIETNAM).date() - timedelta(days=1)
    says(page, f"tuyen truyen {yesterday.day}/{yesterday.month} nha van hoa 45 nguoi")
    for _ in range(3):  # sanity questions depend on what the demo has logged
        if page.get_by_role("button", name="Lưu", exact=True).count():
            break
        with page.expect_navigation():
            page.locator(".taps button").first.click()
    hears(page, "45 người")
    shot(page, "work-card", whole=True)
    press(page, "Lưu")
    hears(page, "Đã ghi")
    shot(page, "work-receipt", whole=True)
    page.reload()
    hears(page, "Đã ghi")

    page.locator("summary", has_text="Kèm một ảnh").click()
    page.set_input_files("#anh", picture(tmp_path))
    says(page, "")
    hears(page, "")
    shot(page, "work-picture", whole=True)
    press(page, "Xem việc")
    shot(page, "work-again", whole=True)

    other = phone.new_page()  # next month, from the bookmark
    other.goto(f"{demo.public}/viec")
    expect(other.get_by_label(re.compile("Gõ câu trả lời|Hoặc gõ một câu"))).to_be_visible()

    for path in ("/", "/gui-tin", "/tra-cuu"):
        page.goto(demo.public + path)
    brought = {
        request.url: request.all_headers().get("cookie", "")
        for request in sent
        if not request.url.startswith(f"{demo.public}/viec")
    }
    assert len(brought) > 3
    assert [url for url, cookie in brought.items() if "viec" in cookie] == []
    assert any("viec=" in r.all_headers().get("cookie", "") for r in sent if "/viec" in r.url)

    page.goto(f"{demo.public}/viec")
    page.locator("summary", has_text="dùng chung").click()
    press(page, "Rời khỏi máy này")
    shot(page, "work-left", whole=True)
    page.goto(f"{demo.public}/viec")
    expect(page.get_by_label("Mã mời của phường")).to_be_visible()


def test_a_stolen_link_shows_no_name_and_a_wrong_code_says_what_to_do(
    browser: Browser, demo: Demo, phone: BrowserContext, shot
) -> None:
    page = phone.new_page()
    page.goto(f"{demo.public}/viec?moi=ABCDEFGHJKMN")
    press(page, "Tiếp tục")
    expect(page.get_by_role("alert")).to_contain_text("nhờ phường cấp mã mới")
    shot(page, "work-wrong-code", whole=True)


def test_nothing_on_the_leaders_page_offends_the_content_policy_or_is_cut_off(
    browser: Browser, demo: Demo
) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 700})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{demo.public}/viec")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator("script").count() == 0
    assert complaints == []
