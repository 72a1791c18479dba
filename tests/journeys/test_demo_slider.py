"""The slider of the demo phone, in a real browser: days go by and nudges come."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_slider_of_the_demo_phone_brings_nudges(browser: Browser, demo: Demo, shot) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    page.goto(f"{demo.public}/dien-thoai")
    expect(page.locator("#time")).to_be_visible()
    page.get_by_role("button", name="Làm tổ trưởng").click()
    page.locator(".bubble.bot button", has_text="Đồng ý").last.click()
    expect(page.locator(".bubble.bot", has_text="còn").last).to_be_visible()
    before = page.locator("#moment").inner_text()
    page.locator("#days").fill("18")
    nudge = page.locator(".bubble.bot", has=page.get_by_role("button", name="Ghi ngay"))
    expect(nudge.first).to_be_visible(timeout=60_000)
    expect(page.locator("#time.moving")).to_have_count(0, timeout=60_000)
    assert page.locator("#moment").inner_text() != before
    assert page.locator("#days").input_value() == "18"
    shot(page, "demo-nudges")
    nudge.last.get_by_role("button", name=re.compile("^Ghi ngay$")).click()
    expect(page.locator(".bubble.bot").last).to_contain_text(re.compile("Việc|việc"))
    page.locator("#days").fill("3")  # there is no way back
    assert page.locator("#days").input_value() == "18"
    page.close()
