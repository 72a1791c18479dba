"""On a page there is no bot to speak of: each sentence that it can show is put in its own words."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant

from bot.flows import follow_up
from bot.pages import Pages, read_texts
from bot.wording import DEFAULT, Wording
from tests.bot import test_flows_never_break as flows
from tests.bot.stories import FACTS
from tests.bot.test_pages import flat
from tests.bot.test_wording import VALUES

ROOT = Path(__file__).parents[2]
WORDING = Wording.load()
BOT = re.compile(r"\bbot\b", re.IGNORECASE)
IN_A_CHAT_ALONE = frozenset({
    "ma_qr_cu", "nhom", "danh_ba", "vi_tri", "da_sua", "sua_khong_thay", "lenh_la",
    "lenh_la_con_nhap", "bao_khi_co_tra_loi", "an_danh.telegram", "an_danh.demo", "da_chep.xoa",
    "da_xoa.xoa", "can_bo_cua_khac",
})  # fmt: skip
"""Commands, edits, groups, what a phone sends, deleting: a page has none of them."""
OF_LEADERS = ("work", "check_in", "enrol", "nudge", "ward", "wish")
OF_OTHER_PAGES = ("phone.", "work.", "promises.")


def residents_keys() -> set[str]:
    """Return every wording key that stands in code which is not for leaders alone."""
    folders = (ROOT / "bot", ROOT / "bot" / "flows", ROOT / "bot" / "pages")
    paths = [path for folder in folders for path in folder.glob("*.py")]
    told = [path for path in paths if not path.stem.startswith(OF_LEADERS)]
    words = {
        node.value
        for path in (*told, ROOT / "intake" / "errors.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    states = {f"trang_thai.{word}" for word in follow_up.STATE_WORDS}
    return (words | states) & WORDING.language(DEFAULT).says.keys()


def shown(language: str, key: str) -> str:
    """Return a sentence as the page shows it; nothing there deletes messages after a while."""
    pages = Pages(WORDING, WORDING.languages, lambda: FACTS, demo=False)
    values = dict.fromkeys(VALUES.get(key, set()) - {"tu_xoa_sau"}, "x")
    return str(pages.say(language, key, **values))


@pytest.mark.parametrize("language", WORDING.languages)
def test_no_sentence_that_the_page_can_show_speaks_of_a_bot(language: str) -> None:
    keys = residents_keys() - IN_A_CHAT_ALONE
    assert {"trong", "co_ma", "anh_hong", "loi", "trang_thai.ket_thuc"} <= keys
    assert {key for key in keys if BOT.search(shown(language, key))} == set()


@pytest.mark.parametrize("language", WORDING.languages)
def test_no_word_of_the_page_itself_speaks_of_a_bot(language: str) -> None:
    texts = flat(read_texts(language)).items()
    told = {key for key, text in texts if BOT.search(text) and not key.startswith(OF_OTHER_PAGES)}
    assert told == set()


class PageNeverSpeaksLikeAChat(flows.PageDoesAnything):
    """Whatever is posted, nothing is said that only fits a chat."""

    @invariant()
    def only_what_fits_a_page_was_said(self) -> None:
        assert not self.said & IN_A_CHAT_ALONE


TestPageNeverSpeaksLikeAChat = PageNeverSpeaksLikeAChat.TestCase
TestPageNeverSpeaksLikeAChat.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None
)
