"""Bad input that no person makes: broken requests, and pictures that are none."""

import json
import re
import socket
from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest

from bot.channels.telegram_webhook import PATH, SECRET_HEADER
from storage.database import Database
from tests.running import pictures
from tests.running.house import SECRET, House
from tests.running.newcomers import CHAT, OpenHouse, Talker, begins, goes_on
from tests.running.people import Chat, Visitor

MEBIBYTE = 1024 * 1024
GOOD = {SECRET_HEADER: SECRET}


@pytest.fixture
def house(open_house: OpenHouse, quick_sqlite: Database) -> House:
    """A real house: page and Telegram."""
    return open_house("real", quick_sqlite)


# --- machines -------------------------------------------------------------------------------------


UNSIGNED_OR_BROKEN: list[tuple[bytes, dict[str, str], int]] = [
    (b"", GOOD, 400),
    (b"{", GOOD, 400),
    (b"\xff\xfe\x00", GOOD, 400),
    (b"[]", GOOD, 400),
    (b'"text"', GOOD, 400),
    (b"[" * 100_000, GOOD, 400),
    (b'{"update_id": 1}', {}, 401),
    (b'{"update_id": 1}', {SECRET_HEADER: SECRET[:-1] + "x"}, 403),
    (b'{"update_id": 1}', GOOD, 200),
    (b'{"update_id": "x", "message": []}', GOOD, 200),
    (b'{"update_id": 1, "message": {"chat": {"id": 1e300}}}', GOOD, 200),
    (b'{"message": {"text": ' + b"[" * 900 + b"]" * 900 + b"}}", GOOD, 200),
]


def test_a_malformed_or_unsigned_webhook_body_gets_a_status_and_no_word(house: House) -> None:
    stranger = house.caller("stranger")
    for body, headers, status in UNSIGNED_OR_BROKEN:
        answer = stranger.post(PATH, content=body, headers=headers)
        assert (answer.status_code, answer.content) == (status, b""), body[:40]
    assert stranger.post(PATH, content=bytes(2 * MEBIBYTE), headers=GOOD).status_code == 413
    assert house.count("draft") == 0
    assert "Chào bạn" in Chat(house, CHAT).says("/start").hears


NO_HTTP = [
    b"GET /gui-tin HTTP/9.9\r\n\r\n",
    b"\x00\x01\x02\x16\x03\r\n\r\n",
    b"POST /gui-tin HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
    b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
]


@pytest.mark.parametrize("door", ["public", "officer"])
def test_what_is_no_http_is_cut_off_or_refused_and_never_repeated(house: House, door: str) -> None:
    for line in NO_HTTP:
        said = tells(int(house.addresses[door].rpartition(":")[2]), line)
        assert re.match(rb"(HTTP/1.1 (400|403|404|414|431|200|303)|$)", said), line[:40]
        assert b"xxxx" not in said
    assert house.caller("machine", door).get("/healthz").text.strip() == "ok"


def tells(port: int, line: bytes) -> bytes:
    """Send bytes to a port and return whatever comes back."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), 10) as wire, suppress(OSError):
        wire.settimeout(10)
        wire.sendall(line)
        wire.shutdown(socket.SHUT_WR)
        while more := wire.recv(65_536):
            said += more
    return said


# --- pictures -------------------------------------------------------------------------------------

BAD_PICTURES: dict[str, Callable[[], bytes]] = {
    "a PNG bomb": pictures.bomb,
    "a truncated JPEG": lambda: pictures.cut(pictures.photo(size=640)),
    "no picture": lambda: b"<svg onload=alert(1)>",
    "nothing but a head": lambda: b"\xff\xd8\xff\xe0",
}


def test_a_bad_picture_is_refused_in_words_and_the_draft_goes_on(talker: Talker) -> None:
    for name, make in BAD_PICTURES.items():
        shown = make() if isinstance(talker, Chat) else ("x.jpg", make())
        talker.shows(shown)  # type: ignore[arg-type]
        assert "Bot không mở được ảnh này" in talker.hears, name
    goes_on(talker)


def test_bad_pictures_on_the_page_leave_the_words(house: House) -> None:
    visitor = Visitor(house)
    bad = [("x.jpg", make()) for make in BAD_PICTURES.values()]
    page = visitor.writes(*bad, ("y.jpg", pictures.photo()), what="bán ma tuý")
    assert page.text.count("Không mở được ảnh này") == len(bad)
    assert "Số ảnh: 1" in page.text
    visitor.presses("Gửi")
    assert house.count("tip") == 1
    assert house.count("part") == 2


def test_fifty_megabytes_are_refused_at_every_door(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house, heavy = open_house("demo", quick_sqlite), bytes(50 * MEBIBYTE)
    visitor = Visitor(house)
    form = visitor.visits("/gui-tin").forms[0].fields
    for path, fields in (("/gui-tin", form), ("/dien-thoai/anh", {"phone": "x"})):
        with suppress(httpx.WriteError):  # the answer comes first, then the line is cut
            answer = visitor.http.post(path, data=fields, files={"photo": ("x.jpg", heavy)})
            assert answer.status_code == 413
            assert "Chưa nhận gì cả" in answer.text
    chat = Chat(house, CHAT)
    begins(chat)
    fetched = len(chat.server.calls_of("getFile"))
    chat.hands(heavy, "x.jpg")
    assert "Tệp lớn quá" in chat.hears
    assert len(chat.server.calls_of("getFile")) == fetched
    goes_on(chat)
    desk = house.caller("stranger", "officer", Sec_Fetch_Site="same-origin")
    with suppress(httpx.WriteError):
        answer = desk.post("/api/v1/session", content=heavy)
        assert answer.status_code in (413, 422)
        assert json.loads(answer.text)["code"] in ("too_large", "not_valid")
