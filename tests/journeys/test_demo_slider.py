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


@pytest.mark.parametrize(("query", "begin"), [("", "Bắt đầu"), ("?lang=en", "Start")])
def test_on_a_small_phone_the_slider_leaves_its_height_to_the_chat(
    browser: Browser, demo: Demo, query: str, begin: str, shot
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto(f"{demo.public}/dien-thoai{query}")
    expect(page.locator("#time")).to_be_visible()
    page.get_by_role("button", name=begin, exact=True).click()
    expect(page.locator("#words")).to_be_visible()
    shot(page, f"demo-slider-360{query[-2:]}")
    bar, days = page.locator("#time").bounding_box(), page.locator("#days").bounding_box()
    assert bar is not None
    assert days is not None
    assert bar["height"] <= 56
    assert days["height"] >= 44  # a finger finds it
    assert days["width"] >= 180  # and a day on it
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
