"""Nobody is told that a tip was received before it is kept: page, webhook, poller, phone.

The database is locked, and its commits fail, at the moment of sending. Afterwards the same attempt
comes again, and the tip stands there once.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from storage.database import Database
from storage.errors import Busy
from storage.unit_of_work import Tx
from tests.running.house import House
from tests.running.people import Chat, Handset, Visitor, tell
from tests.running.trouble import broken_commit, locked

OpenHouse = Callable[..., House]
TROUBLES = {"locked": locked, "broken commit": broken_commit}
CHAT = 7_391_845_026_173
WORDS = "bán ma tuý ở quán nước"
CODE = re.compile(r"\d{4}( \d{4}){5}|<li>\d{4}</li>")
troubles = pytest.mark.parametrize("trouble", TROUBLES)


@troubles
def test_the_page_answers_503_without_a_code_and_takes_the_same_form_again(
    open_house: OpenHouse, quick_database: Database, trouble: str
) -> None:
    house = open_house("real", quick_database, telegram=False)
    visitor = Visitor(house)
    preview = visitor.writes(what=WORDS)
    with TROUBLES[trouble](quick_database):
        page = visitor.presses("Gửi")
        assert page.status == 503
        assert not CODE.search(page.source)
        assert "Chưa thấy mã 24 số là tin chưa được nhận" in page.text
        assert house.count("tip") == 0
    visitor.page = preview
    visitor.presses("Gửi")
    code = visitor.code
    assert len(code) == 24
    visitor.page = preview
    visitor.presses("Gửi")
    assert visitor.code == code
    assert house.texts("phuong.binh") == [f"Chuyện gì: {WORDS}"]


@troubles
def test_the_webhook_answers_503_until_it_is_kept_and_then_the_tip_stands_once(
    open_house: OpenHouse, quick_database: Database, trouble: str
) -> None:
    house = open_house("real", quick_database)
    chat = Chat(house, CHAT)
    tell(chat, WORDS)
    seen = len(chat.server.deliveries)
    with TROUBLES[trouble](quick_database):
        chat.server.taps(CHAT, chat.token("Gửi"))
        chat.server.until(lambda: len(chat.server.deliveries) >= seen + 2, 60)
        assert {status for _, status in chat.server.deliveries[seen:]} == {503}
        assert chat.code == ""
        assert house.count("tip") == 0
    house.settle()
    assert chat.server.deliveries[-1][1] == 200
    assert len(chat.code) == 24
    assert len(house.texts("phuong.binh")) == 1


@troubles
def test_the_poller_does_not_move_on_before_it_is_kept(
    open_house: OpenHouse, quick_database: Database, trouble: str
) -> None:
    house = open_house("demo", quick_database)
    chat = Chat(house, CHAT)
    tell(chat, WORDS)
    with TROUBLES[trouble](quick_database):
        chat.server.taps(CHAT, chat.token("Gửi"))
        asked = len(chat.server.calls_of("getUpdates"))
        chat.server.until(lambda: len(chat.server.calls_of("getUpdates")) >= asked + 3, 60)
        offsets = {call["offset"] for call in chat.server.calls_of("getUpdates")[-2:]}
        assert len(offsets) == 1
        assert chat.server.waiting == 1
        assert chat.code == ""
        assert house.count("tip") == 0
    house.settle()
    assert len(chat.code) == 24
    assert len(house.texts("phuong.binh")) == 1


@troubles
def test_the_demo_phone_says_that_nothing_was_kept(
    open_house: OpenHouse, quick_database: Database, trouble: str
) -> None:
    house = open_house("demo", quick_database, telegram=False)
    phone = Handset(house)
    tell(phone, WORDS)
    send = phone.token("Gửi")
    with TROUBLES[trouble](quick_database):
        phone.does(choice=send)
        assert phone.status == 503
        assert "Chưa thấy mã 24 số là tin chưa được nhận" in phone.hears
        assert phone.code == ""
    phone.does(choice=send)
    assert len(phone.code) == 24
    assert len(house.texts("phuong.binh")) == 1


def test_a_commit_that_happened_and_was_not_heard_of_makes_no_second_tip(
    open_house: OpenHouse, quick_database: Database
) -> None:
    house = open_house("real", quick_database)
    chat = Chat(house, CHAT)
    tell(chat, WORDS)
    seen = len(chat.server.deliveries)
    with unheard(quick_database):
        chat.server.taps(CHAT, chat.token("Gửi"))
        chat.server.until(lambda: len(chat.server.deliveries) >= seen + 2, 60)
        assert {status for _, status in chat.server.deliveries[seen:]} == {503}
        assert house.count("tip") == 1
        assert chat.code == ""
    house.settle()
    assert house.count("tip") == 1
    code = chat.code
    assert len(code) == 24
    chat.taps("Đã chép xong")
    chat.says(f"/xem {code}", "thêm: xe đỏ")
    assert "thêm: xe đỏ" in house.texts("phuong.binh")


@contextmanager
def unheard(database: Database) -> Iterator[None]:
    """Let every commit happen, and its answer be lost: the line to the database broke."""
    submit = database.writer.submit

    def lost(work: Callable[[Tx], object]) -> Future[object]:
        answered: Future[object] = Future()
        submit(work).add_done_callback(lambda _: answered.set_exception(Busy("the line broke")))
        return answered

    with patch.object(database.writer, "submit", lost):
        yield
