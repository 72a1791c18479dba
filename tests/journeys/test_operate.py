"""`docs/operate.md`, walked to its end: from an empty installation to the figures of a month.

Three real processes whose clock a file moves, Telegram's stand-in, a page without a script, and a
telephone. Of fourteen tổ ten file in time, two on the next day, one is let off, one does nothing.
"""

import io
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from tests.bot.telegram_api import TOKEN
from tests.bot.telegram_server import TelegramServer
from tests.journeys.town import WARD, Chat, Clerk, Leader, Parts, Town

pytestmark = pytest.mark.xdist_group("installation")
MONTH = {"programme": "viec-hang-thang-cua-to", "duty": "tuyen-truyen-thang", "month": "2026-11"}
AN, BINH, CUONG, DUNG = "Nguyễn Văn An", "Trần Thị Bình", "Phạm Cường", "Vũ Dũng"
HEADINGS = ("ward_code", "own_code", "unit_name", "kind", "households", "population", "valid_from")


@pytest.fixture(params=["sqlite", "postgres"])
def town(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    """Sections 1 and 2 of the page, on Friday, 20 November 2026."""
    url = ""
    if request.param == "postgres":
        cluster = request.getfixturevalue("postgres_cluster")
        url = cluster.url(cluster.new_database())
    with TelegramServer() as telegram:
        town = Town(tmp_path, telegram, url)
        told = lambda: int(town.now().timestamp())  # noqa: E731
        monkeypatch.setattr("tests.bot.telegram_server.now", told)
        town.moves_to("2026-11-20T09:00:00")
        town.installs()
        yield town


def test_a_ward_goes_from_nothing_to_its_figures(town: Town) -> None:
    bring_in_the_lists(town)
    link = town.does("officers", "add", "lan", "Trần Lan", "--unit", f"x{WARD}", "--role", "clerk")
    with Parts(town) as running:
        clerk = Clerk(town, running)
        clerk.sets_up(link.strip())
        clerk.signs_in(after=timedelta(seconds=30))
        choose_programmes(clerk)
        chat, codes = log_the_month(town, running, clerk)
        mark_the_report_as_sent(town, clerk)
        be_reminded(town, chat)
        lose_a_part(running, chat)
        town.moves_to("2026-12-02T08:00:00")
        clerk.signs_in()
        for number in (11, 12):
            assert "Đã ghi hộ" in clerk.files(to(number), "2026-11-28", "30").text
        read_the_figures(clerk)
    doctor = town.does("doctor", code=1)
    for job in ("plan-nudges", "send-nudges", "keep-periods", "erase-what-is-due", "dialogue"):
        assert f"(việc nền {job}): " in doctor
    back_up(town)
    assert "khớp" in town.does("audit", "verify")
    nothing_secret(town, [AN, BINH, CUONG, DUNG, "nhà văn hóa", "5550101", TOKEN, link, *codes])


def to(number: int) -> str:
    return f"{WARD}-{number:02}"


# --- sections 2 and 5 -----------------------------------------------------------------------------


def bring_in_the_lists(town: Town) -> None:
    """Three tổ as text, of which one line is wrong first; then fourteen as a workbook."""
    lines = [[WARD, f"{n:02}", f"Tổ {n}", "tổ dân phố", 100, 300, "2026-01-01"] for n in (1, 2, 3)]
    text = town.folder / "to.csv"

    def write() -> None:
        text.write_text("\n".join(",".join(map(str, line)) for line in (HEADINGS, *lines)))

    lines[2][-1] = "31/6/2026"
    write()
    assert "Dòng 4: valid_from" in town.does("areas", "import", str(text), code=2)
    assert "Tổ 1" not in town.does("areas", "tree", WARD)
    lines[2][-1] = "2026-01-01"
    write()
    assert "Thêm 3." in town.does("areas", "import", str(text), "--dry-run")
    assert "Đã nhập" in town.does("areas", "import", str(text))
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEADINGS)
    for n in range(1, 15):
        row = [WARD, f"{n:02}", f"Tổ {n}", "tổ dân phố", 100, 300, "2026-01-01"]
        book.active.append(row)
    book.save(town.folder / "to.xlsx")
    assert "Thêm 11" in town.does("areas", "import", str(town.folder / "to.xlsx"))


def choose_programmes(clerk: Clerk) -> None:
    """Choose the plan and the template, and wait for the housekeeping to open what is owed."""
    for programme in (MONTH["programme"], "hanoi-265-2024"):
        chosen = {"programme": programme, "area": "", "day": "2026-11-01", "act": "use"}
        assert "Từ 01/11/2026" in clerk.sends("/viec/chuong-trinh", **chosen).text
    until(lambda: "Tuyên truyền hằng tháng" in clerk.reads("/viec"))


# --- sections 6 and 7 -----------------------------------------------------------------------------


def log_the_month(town: Town, running: Parts, clerk: Clerk) -> tuple[Chat, list[str]]:
    """Three leaders: one on Telegram with two tổ, one on the page, one who telephones."""
    an, binh = clerk.adds(AN, "bác", to(1)), clerk.adds(BINH, "cô", to(2))
    clerk.adds(CUONG, "chú", to(3))
    given = {"owner_id": to(13), "part": "head", "since": "2026-11-01", "until": ""}
    assert "Tổ 13" in clerk.sends(f"{an}/giao", **given).text
    codes = [clerk.invites(an), clerk.invites(binh)]
    chat = Chat(town, 5550101)
    chat.says(f"moi {codes[0][:-1]}", "hỏi cán bộ phường")
    chat.says(f"moi {codes[0]}", "Bấm [Đồng ý]")
    chat.taps("Đồng ý", "Bác còn")
    Chat(town, 5550666).says(f"moi {codes[0]}", "đã có người dùng")
    assert "Có người dùng lại mã mời" in clerk.reads("/viec/nguoi")
    on_telegram(chat)
    on_the_page(Leader(running), codes[1])
    assert "chưa tới" in clerk.files(to(3), "2026-12-05", "30", sure="").text
    for number in range(3, 11):
        assert "Đã ghi hộ" in clerk.files(to(number), "2026-11-17", str(30 + number)).text
    granted = re.search(r'action="(/viec/mien/\w+)"', clerk.reads("/viec/duyet"))
    assert granted
    assert "Đã cho miễn" in clerk.sends(granted[1], act="grant").text
    return chat, [*codes, *(code.replace("-", "") for code in codes)]


def on_telegram(chat: Chat) -> None:
    """One line with marks and one without, a photo, buttons alone; and what is asked about."""
    chat.says("tuyên truyền tổ 1 31/11 30 người", "chưa chắc ngày nào")
    chat.taps("Ngày khác", "gõ ngày")
    chat.says("12/11", "30 người")
    chat.taps("Lưu", "Đã ghi")
    chat.says("tuyen truyen to 7 13/11 nvh 30 nguoi", "không phải tổ bác phụ trách")
    chat.says("/huy", "Đã bỏ")
    chat.says("hop lang nghe to 1 13/11 nha van hoa 5000 nguoi", "nhiều hơn số dân")
    chat.taps("Gõ lại", "bao nhiêu người")
    chat.says("25", "25 người")
    chat.taps("Lưu", "Đã ghi")
    chat.shows(picture(), "tuyên truyền tổ 1 12/11 30 người", "đã có một buổi")
    chat.taps("Bổ sung", "Đã ghi")
    chat.says("/viec", "Tổ 13")
    chat.taps("Không tổ chức được", "Việc nào")
    chat.taps("Tuyên truyền hằng tháng", "Vì sao")
    chat.taps("Mưa bão", "Đã gửi phường")


def on_the_page(leader: Leader, code: str) -> None:
    """A voice note and then the number; the same for a meeting by buttons alone."""
    leader.presses("Tiếp tục", code=code)
    leader.presses("Đồng ý")
    note = {"voice": ("note.ogg", b"OggS" + bytes(3000), "audio/ogg")}
    assert "đã giữ ghi âm" in leader.presses("Gửi ghi âm", note)
    leader.presses("Tuyên truyền")
    leader.presses("Hôm qua")
    assert "có ghi âm" in leader.says("35")
    assert "Đã ghi" in leader.presses("Lưu")
    leader.presses("Xem việc")
    for button in ("Đã họp", "Hôm qua"):
        leader.presses(button)
    assert "20 người" in leader.says("20")
    assert "Đã ghi" in leader.presses("Lưu")


def mark_the_report_as_sent(town: Town, clerk: Clerk) -> None:
    """In the ward's own chat: who stands for the district that is gone is asked, once."""
    ward = Chat(town, 5550200)
    code = clerk.invites(clerk.adds(DUNG, "anh", WARD))
    ward.says(f"/start moi_{code.replace('-', '')}", "Bấm [Đồng ý]")
    ward.taps("Đồng ý", "Từ nay")
    assert "11" in ward.says("/thieu", "Họp lắng nghe")
    ward.says("/dagui", "Đã gửi mục nào")
    ward.taps("Báo cáo 6 tháng", "bot không đoán")
    ward.says("UBND phường Ba Đình", "gõ số văn bản")
    ward.says("chưa có", "phải có chữ số")
    ward.says("21/BC-UBND", "ghi ngày nào")
    ward.says("10/12", "chưa tới")
    ward.taps("Ngày hôm nay", "21/BC-UBND")
    ward.taps("Đã gửi", "không nhắc nữa")
    assert "Đã gửi: số 21/BC-UBND, ngày 20/11/2026" in words_of(clerk.reads("/viec/bao-cao"))


# --- what happens by itself -----------------------------------------------------------------------


def be_reminded(town: Town, chat: Chat) -> None:
    """On Monday at eight the housekeeping plans, and the chat's own process sends."""
    planned = town.does("reminders", "preview", "--on", "2026-11-23")
    assert f"08:00 {AN} [telegram]: Tổ 13: Họp lắng nghe" in planned
    assert f"{CUONG} [gọi điện]" in planned
    town.moves_to("2026-11-23T08:00:05")
    chat.hears("Họp lắng nghe ý kiến nhân dân · Tổ 13", 0)
    chat.taps("Ghi ngay", "ngày nào")
    chat.taps("Hôm qua", "bao nhiêu người")
    chat.says("44", "Tổ 13")
    chat.taps("Lưu", "Đã ghi")


def lose_a_part(running: Parts, chat: Chat) -> None:
    """Kill the bot: another takes its place, and knows the chat."""
    running.kill_child("bot")
    running.wait_ready()
    chat.says("/viec", "Bác còn")


# --- section 8 ------------------------------------------------------------------------------------


def read_the_figures(clerk: Clerk) -> None:
    rates = clerk.web.get("/api/v1/compliance", params=MONTH).json()["rates"]
    shares = {"completeness": (12, 13), "timeliness": (10, 13), "on_time_share": (10, 12)}
    for name, (numerator, denominator) in shares.items():
        assert (rates[name]["numerator"], rates[name]["denominator"]) == (numerator, denominator)
    duty = f"{MONTH['programme']}:{MONTH['duty']}"
    page = clerk.reads("/viec/bieu-do", thang="2026-11", viec=duty)
    assert all(share in page for share in ("12/13", "10/13", "10/12"))
    book = clerk.web.get("/api/v1/compliance/workbook", params={"month": "2026-11"}).content
    sheet = openpyxl.load_workbook(io.BytesIO(book), read_only=True)["Tổng hợp"]
    head, *rows = sheet.iter_rows(values_only=True)
    found = [dict(zip_longest(map(str, head), row)) for row in rows]
    row = next(
        r for r in found if r["Mã"] == WARD and r["Việc"] == "Tuyên truyền hằng tháng"
    )  # fmt: skip
    assert [row[n] for n in ("Phải làm", "Miễn", "Đủ", "Đúng hạn")] == [13, 1, 12, 10]


def back_up(town: Town) -> None:
    (town.state / "keys" / "backup.pub").write_text((town.folder / "usb/backup.pub").read_text())
    settings = town.config.read_text()
    town.config.write_text(f'backup_dir = "{town.folder / "backups"}"\n{settings}')
    town.does("backup", "take")
    files = sorted(map(str, (town.folder / "backups").iterdir()))
    key = ("--key", str(town.folder / "usb" / "khoa-sao-luu.txt"))
    assert town.types("backup", "check", *files, *key).count("đọc được đến hết") == 2


def nothing_secret(town: Town, secrets: list[str]) -> None:
    log = (town.folder / "run.log").read_text()
    assert "starting again" in log
    assert [secret for secret in secrets if secret.strip() in log] == []


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 140, 60)).save(out, "JPEG")
    return out.getvalue()


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def until(seen: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.2)
