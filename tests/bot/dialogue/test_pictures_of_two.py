"""Two processes take pictures for one form at once: none is kept twice, none is lost unsaid."""

import pytest

from bot.messages import Attachment, Kind
from tests.bot.dialogue.page import STORY, Browser, FakePage
from tests.bot.phones import Household

pytestmark = pytest.mark.anyio
PICTURE = (Attachment(Kind.PHOTO, "house", 100),)
SENT = {**STORY, "send": "1"}


class SlowPage(FakePage):
    """A page whose picture comes in while another process takes a step of the same form."""

    def __init__(self, first: Browser, **what: object) -> None:
        self._first, self._what = first, what

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        await self._first.posts(**self._what)
        return await super().fetch(attachment, limit)


def behind(browser: Browser, household: Household, **what: object) -> Browser:
    """Return the form in another process, where ``what`` is posted in between."""
    dialogue = household.dialogue()
    dialogue.join(SlowPage(browser, **what))
    slow = Browser(dialogue, browser.token)
    slow._number = 50
    return slow


async def test_the_same_picture_is_kept_once(browser: Browser, household: Household) -> None:
    slow = behind(browser, household, answers=STORY, attachments=PICTURE)
    assert await slow.posts(answers=STORY, attachments=PICTURE) == ["xem_lai"]
    assert slow.said[-1].data["so_anh"] == 1
    assert household.count("draft_photo") == 1


async def test_a_picture_that_comes_after_the_tip_is_told_to_be_late(
    browser: Browser, household: Household
) -> None:
    slow = behind(browser, household, answers=SENT)
    assert await slow.posts(answers=SENT, attachments=PICTURE) == ["da_gui_roi", "bien_nhan"]
    assert household.count("draft_photo") == 0
