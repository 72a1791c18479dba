"""Bad days of the machine: a full disk, a locked or stopped database, no Telegram, no keys.

The service runs on over its real doors. Residents are told plainly that nothing was kept, machines
get a 503, and when the day gets better everything that was acknowledged is there, once.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.serve import BotProcess
from storage.database import Database
from storage.statements import table_of
from storage.tables import KeySegment
from tests.databases import Cluster
from tests.running import pictures
from tests.running.house import House, until
from tests.running.people import Chat, Handset, Officer, Visitor, tell
from tests.running.trouble import locked
from tests.wards import Ward

OpenHouse = Callable[..., House]
CHAT = 7_391_845_026_173
TOLD = "Chưa thấy mã 24 số là tin chưa được nhận"
WORDS = "bán ma tuý ở quán nước"


def machines(house: House) -> dict[str, int]:
    """Return what machines are told at the doors."""
    return {
        f"{door} {path}": house.caller("machine", door).get(path).status_code
        for door in ("public", "officer")
        for path in ("/healthz", "/readyz")
    }


GOOD_DAY = {
    "public /healthz": 200, "public /readyz": 200,
    "officer /healthz": 200, "officer /readyz": 200,
}  # fmt: skip


def fill(folder: Path) -> Path:
    """Use up every byte of a disk."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 512, 1):
            while True:
                try:
                    file.write(bytes(size))
                except OSError:
                    break
    return ballast


def test_a_full_disk_loses_nothing_that_was_acknowledged(
    open_house: OpenHouse, small_disk: Path, sqlite_template: Path
) -> None:
    shutil.copy(sqlite_template, small_disk / "homthu.db")
    database = Database(f"sqlite:///{small_disk / 'homthu.db'}", busy_seconds=1)
    house = open_house("real", database)
    visitor, chat = Visitor(house), Chat(house, CHAT)
    codes = [sends(visitor)]
    preview = visitor.writes(("x.jpg", pictures.photo(size=900)), what=WORDS)
    tell(chat, WORDS)
    ballast = fill(small_disk)
    for _ in range(3):
        visitor.page = preview
        page = visitor.presses("Gửi")
        if page.status == 200:  # the last page that SQLite had at hand
            codes.append(visitor.code)
            break
        assert (page.status, TOLD in page.text) == (503, True)
    other = Visitor(house)
    filling = [other.writes(("y.jpg", pictures.photo(size=1200)), what=WORDS) for _ in range(3)]
    assert (filling[-1].status, TOLD in filling[-1].text) == (200, True)  # with what was typed
    assert filling[-1].forms[0].fields["what"] == WORDS
    chat.server.taps(CHAT, chat.token("Gửi"))
    until(lambda: chat.server.deliveries[-1][1] == 503)
    assert chat.code == ""
    ballast.unlink()
    house.settle()
    assert len(chat.code) == 24
    visitor.page = preview
    visitor.presses("Gửi")
    codes = list(dict.fromkeys([*codes, visitor.code]))
    codes.append(sends(Visitor(house)))
    assert machines(house) == GOOD_DAY
    assert house.count("tip") == len(codes) + 1
    for code in codes:
        assert "Chưa có gì mới cho mã này" in visitor.asks(code).text
    house.stop()
    database.close()


def sends(visitor: Visitor) -> str:
    visitor.writes(what=WORDS)
    visitor.presses("Gửi")
    assert len(visitor.code) == 24
    return visitor.code


def test_a_locked_database_is_told_at_every_door(
    open_house: OpenHouse, quick_database: Database
) -> None:
    house = open_house("demo", quick_database, telegram=False)
    officer, phone, visitor = Officer(house, "tinh.an", "above"), Handset(house), Visitor(house)
    tell(phone, WORDS)
    preview = visitor.writes(what=WORDS)
    (tip_id,) = [sends(Visitor(house)) and officer.queue()[0]["id"]]
    with locked(quick_database):
        page = visitor.presses("Gửi")
        assert (page.status, TOLD in page.text) == (503, True)
        phone.taps("Gửi")
        assert (phone.status, TOLD in phone.hears) == (503, True)
        told = officer.http.post(f"/api/v1/tips/{tip_id}/openings", json={})
        assert (told.status_code, told.json()["code"]) == (503, "database_busy")
        assert told.headers["retry-after"] == "30"
        assert "Máy đang bận" in officer.http.get(f"/tin/{tip_id}").text
        assert machines(house) == GOOD_DAY  # a lock passes; readers are not hindered
    visitor.page = preview
    visitor.presses("Gửi")
    phone.taps("Gửi")
    assert (len(visitor.code), len(phone.code)) == (24, 24)
    assert house.count("tip") == 3
    assert officer.opens(tip_id)["messages"]


@pytest.mark.postgres
def test_a_stopped_postgresql_is_told_at_every_door_and_found_again(
    open_house: OpenHouse, own_cluster: Cluster
) -> None:
    database = Database(own_cluster.url(own_cluster.new_database()), busy_seconds=1)
    house = open_house("real", database)
    officer, visitor, chat = Officer(house, "tinh.an", "above"), Visitor(house), Chat(house, CHAT)
    code = sends(Visitor(house))
    preview = visitor.writes(what=WORDS)
    tell(chat, WORDS)
    own_cluster.stop()
    page = visitor.presses("Gửi")
    assert (page.status, TOLD in page.text) == (503, True)
    assert visitor.asks(code).status == 503
    chat.server.taps(CHAT, chat.token("Gửi"))
    until(lambda: chat.server.deliveries[-1][1] == 503)
    until(lambda: TOLD in chat.hears)
    assert officer.http.get("/hang-tin").status_code == 503
    assert machines(house) == {
        "public /healthz": 200, "public /readyz": 503,
        "officer /healthz": 200, "officer /readyz": 503,
    }  # fmt: skip
    metrics = house.caller("machine", "metrics").get("/metrics")
    assert "homthu_writer_alive 0" in metrics.text
    own_cluster.start()
    until(lambda: machines(house) == GOOD_DAY)
    house.settle()
    visitor.page = preview
    visitor.presses("Gửi")
    assert (len(visitor.code), len(chat.code)) == (24, 24)
    assert house.count("tip") == 3
    assert "Chưa có gì mới cho mã này" in visitor.asks(code).text
    assert officer.http.get("/hang-tin").status_code == 200
    house.stop()
    database.close()


def test_an_unreachable_telegram_at_the_start_holds_nothing_up(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite, away=True)
    assert house.telegram is not None
    assert machines(house) == GOOD_DAY
    sends(Visitor(house))
    house.telegram.start()
    house.connect_hook()
    chat = Chat(house, CHAT)
    tell(chat, WORDS)
    chat.taps("Gửi")
    assert len(chat.code) == 24
    assert house.count("tip") == 2


# --- keys -----------------------------------------------------------------------------------------


def no_list(ward: Ward) -> None:
    """Take the whole signed key list away."""
    statement = table_of(KeySegment).delete()
    ward.intake.write_now(lambda tx: tx.connection.execute(statement) and None)
    ward.foundation.key_list.forget()


def test_without_any_key_the_box_says_that_it_is_closed_before_anybody_types(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite, before=no_list)
    visitor, chat = Visitor(house), Chat(house, CHAT)
    for path in ("/gui-tin", "/"):
        page = visitor.visits(path)
        assert "tạm đóng" in page.text, path
        assert "<textarea" not in page.source
    assert visitor.visits("/gui-tin").status == 503
    assert house.caller("machine").get("/readyz").status_code == 503
    chat.says("/bao")
    assert "tạm đóng" in chat.hears
    chat.says(WORDS)
    assert house.count("tip") == house.count("part") == 0
    assert "Chưa có gì mới cho mã này" in visitor.asks(house.ward.pool.take().code).text


def test_keys_that_run_out_under_a_resident_close_the_box_and_take_no_tip(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite)
    visitor, chat = Visitor(house), Chat(house, CHAT)
    visitor.writes(what=WORDS)
    tell(chat, WORDS)
    no_list(house.ward)
    page = visitor.presses("Gửi")
    assert (page.status, "tạm đóng" in page.text) == (503, True)
    chat.taps("Gửi")
    assert any("tạm đóng" in message.text for message in chat.screen[-2:])
    assert house.count("tip") == 0
    assert house.caller("machine").get("/healthz").text == "ok"


def unsigned_unit(ward: Ward) -> None:
    """Lay down a unit for a commune; nobody has signed a key for it yet."""
    ward.services.areas.add_unit("dong", "Công an xã Đông Mẫu", "tinh", "D1-03")


@pytest.mark.parametrize("before", [unsigned_unit, lambda _: None], ids=["unsigned", "no unit"])
def test_a_ward_without_keys_sends_its_tips_up_after_a_yes(
    open_house: OpenHouse, quick_sqlite: Database, before: Callable[[Ward], None]
) -> None:
    house = open_house("real", quick_sqlite, before=before)
    visitor, chat = Visitor(house), Chat(house, CHAT)
    page = visitor.writes(what=WORDS, place="xã Đông Mẫu, tỉnh Sông Mẫu")
    if "trung" in page.source or "xã Đông Mẫu, tỉnh Sông Mẫu" in page.buttons():
        visitor.presses("xã Đông Mẫu, tỉnh Sông Mẫu")
    assert "nơi này chưa mở hòm thư" in visitor.page.text
    visitor.presses("Gửi lên trên")
    visitor.presses("Gửi")
    assert len(visitor.code) == 24
    chat.says("/bao").taps("Không khẩn cấp", "Đồng ý", "Không")
    chat.says(WORDS, "xã Đông Mẫu, tỉnh Sông Mẫu")
    if "gần giống" in chat.hears:
        chat.taps("xã Đông Mẫu, tỉnh Sông Mẫu")
    assert "nơi này chưa mở hòm thư" in chat.hears
    chat.taps("Gửi lên trên").says("ngõ 12").taps("Đã qua", "Xem lại và gửi", "Gửi")
    assert len(chat.code) == 24
    assert len(house.texts("tinh.an")) == 2
    assert house.texts("phuong.binh") == []


def test_a_dead_writer_is_told_to_machines_and_residents_alike(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite)
    visitor = Visitor(house)
    visitor.writes(what=WORDS)
    quick_sqlite.writer.stop()
    page = visitor.presses("Gửi")
    assert (page.status, TOLD in page.text) == (503, True)
    assert house.caller("machine").get("/readyz").status_code == 503
    assert house.caller("machine").get("/healthz").status_code == 200
    assert isinstance(house.bot, BotProcess)
