"""Bad input, and what it gets: every entry of the list, over the real doors.

Each gets a plain sentence (machines: the right status), nothing is stored that should not be, and
the same person can go on; what was acknowledged is there once. Trouble of the machine itself (disk,
database, Telegram, keys) stands in test_bad_days.py.
"""

import threading
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from bot.channels.telegram_webhook import PATH, SECRET_HEADER
from intake.drafts import MAX_TEXT
from storage.database import Database
from tests.running import pictures
from tests.running.house import SECRET, House
from tests.running.newcomers import CHAT, OpenHouse, Talker, begins, goes_on
from tests.running.people import Chat, Handset, Visitor

GOOD = {SECRET_HEADER: SECRET}


@pytest.fixture
def house(open_house: OpenHouse, quick_sqlite: Database) -> House:
    """A real house: page and Telegram."""
    return open_house("real", quick_sqlite)


# --- texts ----------------------------------------------------------------------------------------

NOTHING = ["   ", "\u200b\u2060", ".", "?!", "\u202e\u202c", "🌙" * 40]
TELLS = {
    "NFD": unicodedata.normalize("NFD", "bán ma tuý ở ngõ Hồng"),
    "RTL marks": "bán \u202ema\u202c tuý ở\u200f ngõ Hồng",
    "invisible joints": "bán ma\u200b tuý\ufeff ở ngõ\u00a0Hồng",
    "control characters": "bán\x07 ma tuý\x00 ở\x1b ngõ Hồng",
}


def test_a_text_that_says_nothing_is_asked_for_again(talker: Talker) -> None:
    for typed in NOTHING:
        talker.says(typed)
        assert "Bot chưa thấy nội dung" in talker.hears, repr(typed)
    goes_on(talker)


def test_a_long_message_is_taken_whole_or_refused_by_its_length(
    newcomer: Callable[[], Talker],
) -> None:
    for typed in ("x" * 4096, "🌙" * 2048 + "bán", "ộ" * 4096):
        talker = newcomer()
        talker.says(typed)
        assert "Ở xã, phường nào?" in talker.hears
        talker.says("phường Hoa Mẫu", typed)
        if 2 * len(typed) > MAX_TEXT:
            assert f"Dài quá {MAX_TEXT} ký tự" in talker.hears
            talker.says("ngõ 12")
        talker.taps("Đã qua", "Xem lại và gửi", "Gửi")
        assert len(talker.code) == 24
        assert any(typed in text for text in talker._house.texts("phuong.binh"))


def test_odd_vietnamese_is_kept_as_plain_vietnamese(newcomer: Callable[[], Talker]) -> None:
    for typed in TELLS.values():
        talker = newcomer()
        talker.says(typed, "phường Hoa Mẫu", "ngõ 12")
        talker.taps("Đã qua", "Xem lại và gửi", "Gửi", "Đã chép xong")
    texts = talker._house.texts("phuong.binh")
    assert len(texts) == len(TELLS)
    assert all("Chuyện gì: bán ma tuý ở ngõ Hồng\n" in text for text in texts)


def test_texts_on_the_page(house: House) -> None:
    visitor = Visitor(house)
    assert "Chưa thấy nội dung" in visitor.writes(what=" \u200b ").text
    page = visitor.writes(what="x" * (MAX_TEXT + 1))
    assert f"Dài quá {MAX_TEXT} ký tự" in page.text
    assert page.forms[0].fields["what"].startswith("xxx")
    assert visitor.writes(what="🌙" * 4096).status == 200
    for typed in TELLS.values():
        visitor.writes(what=typed)
        assert "Chuyện gì: bán ma tuý ở ngõ Hồng" in visitor.page.text
    visitor.presses("Gửi")
    assert house.count("tip") == 1


# --- things that are not words --------------------------------------------------------------------

PLACE = {"latitude": 21.0283719, "longitude": 105.8512345}
FILE = {"file_id": "f", "file_unique_id": "u"}
STICKER = {**FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False}
POLL = {"id": "1", "question": "Ai?", "options": [], "type": "regular", "is_closed": False,
        "is_anonymous": True, "allows_multiple_answers": False, "allows_revoting": False,
        "members_only": False, "total_voter_count": 0}  # fmt: skip
NOT_WORDS: dict[str, tuple[dict[str, Any], str]] = {
    "contact": (
        {"contact": {"phone_number": "+84912345678", "first_name": "Mẫu"}},
        "Bot không nhận danh bạ",
    ),
    "location": ({"location": PLACE}, "Bot đã bỏ qua vị trí này"),
    "venue": (
        {"location": PLACE, "venue": {"location": PLACE, "title": "Nhà", "address": "Ngõ"}},
        "Bot đã bỏ qua vị trí này",
    ),
    "voice": ({"voice": {**FILE, "duration": 3}}, "Bot chưa nhận ghi âm"),
    "audio": ({"audio": {**FILE, "duration": 3}}, "Bot chưa nhận ghi âm"),
    "video": (
        {"video": {**FILE, "width": 1, "height": 1, "duration": 3}, "caption": "xem này"},
        "Bot chưa nhận phim",
    ),
    "sticker": ({"sticker": {**STICKER, "is_video": False}}, "Bot chưa nhận nhãn dán"),
    "poll": ({"poll": POLL}, "Bot chưa nhận thăm dò"),
    "dice": ({"dice": {"emoji": "🎲", "value": 3}}, "Bot chưa nhận loại tin này"),
    "something new": ({"hologram": {"depth": 3}}, "Bot chưa nhận loại tin này"),
    "a document": ({"document": {**FILE, "mime_type": "application/pdf"}}, "Bot chưa nhận tệp"),
}


def test_what_is_no_text_and_no_picture_is_politely_refused_and_not_kept(house: House) -> None:
    chat = Chat(house, CHAT)
    begins(chat)
    fetched = len(chat.server.calls_of("getFile"))
    for kind, (message, sentence) in NOT_WORDS.items():
        chat.pushes(**message)
        assert sentence in chat.hears, kind
    assert len(chat.server.calls_of("getFile")) == fetched
    goes_on(chat)


def test_the_demo_phone_refuses_them_in_the_same_words(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    phone = Handset(open_house("demo", quick_sqlite, telegram=False))
    begins(phone)
    for kind in ("location", "contact", "voice"):
        phone.does(kind=kind, label="…")
        assert NOT_WORDS[kind][1] in phone.hears, kind
    goes_on(phone)


def test_a_picture_of_an_identity_card_is_refused_by_its_caption(house: House) -> None:
    chat = Chat(house, CHAT)
    begins(chat)
    fetched = len(chat.server.calls_of("getFile"))
    for caption in ("căn cước của nó", "CCCD", "chung minh nhan dan", "Hộ chiếu đây"):
        chat.shows(pictures.photo(), caption)
        assert "Bot không nhận ảnh giấy tờ tùy thân" in chat.hears
    assert len(chat.server.calls_of("getFile")) == fetched
    goes_on(chat)


def test_a_group_gets_one_sentence_and_leaves_no_row(house: House) -> None:
    assert house.telegram is not None
    where = {"id": -1_001_234_567_890, "type": "supergroup", "title": "Tổ dân phố"}
    for number in (1, 2, 3):
        message = {"message_id": number, "date": 1, "chat": where, "text": "bán ma tuý ở quán"}
        house.telegram.push({"message": message})
    house.settle()
    (told,) = house.telegram.messages(where["id"])
    assert "Bot không nhận tin trong nhóm" in told.text
    assert house.count("draft") == 0


def test_an_unknown_command_in_the_middle_loses_nothing(talker: Talker) -> None:
    talker.says("bán ma tuý ở quán nước")
    for command in ("/khonghieu", "/khong@hom_thu_bot", "/"):
        talker.says(command)
        assert "Bản nháp của bạn vẫn còn" in talker.hears, command
    talker.says("phường Hoa Mẫu", "ngõ 12")
    talker.taps("Đã qua", "Xem lại và gửi", "Gửi")
    assert len(talker.code) == 24
    assert "bán ma tuý ở quán nước" in talker._house.texts("phuong.binh")[0]


# --- codes ----------------------------------------------------------------------------------------


def mistyped(code: str) -> list[str]:
    """Return a code with one digit wrong, two swapped, one missing, one too many."""
    swapped = next(at for at in range(23) if code[at] != code[at + 1])
    return [
        str((int(code[0]) + 1) % 10) + code[1:],
        code[:swapped] + code[swapped + 1] + code[swapped] + code[swapped + 2 :],
        code[:-1],
        f"{code}7",
    ]


def test_a_mistyped_code_is_told_by_its_check_digits_and_an_unknown_one_is_not(
    talker: Talker,
) -> None:
    code = talker._house.ward.pool.take().code
    talker.says("/huy")
    for wrong in mistyped(code):
        talker.says(f"/xem {wrong}")
        assert "Mã này chưa đúng" in talker.hears
    talker.says(f"/xem {code}")
    assert "Chưa có gì mới cho mã này" in talker.hears


def test_codes_on_the_page(house: House) -> None:
    visitor, code = Visitor(house), house.ward.pool.take().code
    for wrong in mistyped(code):
        page = visitor.asks(wrong)
        assert page.status == 422
        assert "Mã này chưa đúng" in page.text
        assert wrong not in page.source
    assert "Chưa có gì mới cho mã này" in visitor.asks(code).text


def test_fifty_codes_in_a_minute_are_slowed_and_an_own_one_works_later(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite, None)
    mine, visitor = house.ward.send(), Visitor(house)
    token = visitor.visits("/tra-cuu").forms[0].fields["token"]
    seen: list[int] = []
    for _ in range(50):
        code = house.ward.pool.take().code
        page = visitor.posts("/tra-cuu", {"token": token, "code": code, "go": "look"})
        seen.append(page.status)
    assert set(seen) == {200, 429}
    assert seen.count(200) <= 12
    assert "Bạn đã gõ mã nhiều lần" in page.text
    assert int(page.response.headers["retry-after"]) >= 60
    assert Visitor(house, address="198.51.100.77").asks(mine).status == 200
    chat = Chat(house, CHAT)
    chat.says(*(f"/xem {house.ward.pool.take().code}" for _ in range(14)))
    assert any("Bạn đã gõ mã nhiều lần" in message.text for message in chat.screen)
    house.ward.clock.advance(minutes=30)
    assert "Chưa có gì mới" in visitor.asks(mine).text
    chat.says(f"/xem {mine}")
    assert "Chưa có gì mới" in chat.hears


# --- the same again -------------------------------------------------------------------------------


def update(number: int, text: str, message_id: int) -> dict[str, Any]:
    chat = {"id": CHAT, "type": "private"}
    message = {"message_id": message_id, "date": 1_770_000_000, "chat": chat, "text": text}
    return {"update_id": number, "message": message}


def test_the_same_update_twice_and_late_updates_are_taken_once(house: House) -> None:
    chat = Chat(house, CHAT)
    begins(chat)
    hook = house.caller("telegram itself")
    what, where = update(900, "bán ma tuý ở quán nước", 9001), update(902, "ngõ 12", 9003)
    place = update(901, "phường Hoa Mẫu", 9002)
    for each in (what, what, place, what, place, where, place, where, what):
        assert hook.post(PATH, json=each, headers=GOOD).status_code == 200
    house.settle()
    chat.taps("Đã qua", "Xem lại và gửi", "Gửi")
    assert len(chat.code) == 24
    (text,) = house.texts("phuong.binh")
    assert text.count("quán nước") == text.count("ngõ 12") == 1


def test_two_taps_on_send_make_one_tip(talker: Talker) -> None:
    talker.says("bán ma tuý", "phường Hoa Mẫu", "ngõ 12").taps("Đã qua", "Xem lại và gửi")
    house, send = talker._house, talker.token("Gửi")
    if isinstance(talker, Chat):
        for _ in range(2):
            talker.server.taps(CHAT, send)
    else:
        posts = [threading.Thread(target=talker.does, kwargs={"choice": send}) for _ in range(2)]
        for each in posts:
            each.start()
        for each in posts:
            each.join()
    house.settle()
    assert len(talker.code) == 24
    assert house.count("tip") == 1


def test_two_presses_on_send_show_one_code(house: House) -> None:
    visitor = Visitor(house)
    preview = visitor.writes()
    visitor.presses("Gửi")
    first = visitor.code
    visitor.page = preview
    visitor.presses("Gửi")
    assert visitor.code == first
    assert house.count("tip") == 1
