"""A reply whose session ended before it was sent, in a real browser: no typed word is lost."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Demo
from tests.journeys.test_browser import REPLY, overtaken, sent_at_the_second_try, sign_in_at

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_an_overtaken_reply_stays_also_when_its_session_ended_and_another_began_in_another_tab(
    browser: Browser, demo: Demo
) -> None:
    page = overtaken(browser, demo)
    page.context.clear_cookies()
    page.get_by_role("button", name="Trả lời", exact=True).click()
    expect(page.locator("[data-refusal]")).to_contain_text("Phiên đã hết")
    expect(page.locator("#text")).to_have_value(REPLY)
    sign_in_at(page.context.new_page(), demo, "phuong.binh")
    sent_at_the_second_try(page)
