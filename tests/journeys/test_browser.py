"""The main job in a real browser, as a resident and an officer would do it."""

import io
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHONE = {"width": 390, "height": 844}
REPLY = "Cảm ơn bạn nhiều."


def picture(folder: Path) -> Path:
    """Return a small JPEG that carries a place and an author."""
    exif = Image.Exif()
    exif[0x013B] = "NGUOI CHUP"
    path = folder / "anh.jpg"
    image = Image.new("RGB", (640, 480), (90, 120, 90))
    image.save(path, exif=exif)
    return path


class Phone:
    """The demo phone, used with thumbs."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page = page
        page.goto(f"{demo.public}/dien-thoai")
        page.get_by_role("button", name="Bắt đầu").click()

    def tap(self, label: str) -> None:
        button = self.page.locator(".bubble.bot button", has_text=re.compile(f"^{label}$")).last
        button.click()

    def says(self, text: str) -> None:
        self.page.fill("#words", text)
        self.page.keyboard.press("Enter")

    def hears(self, text: str) -> None:
        expect(self.page.locator(".bubble.bot", has_text=text).last).to_be_visible()

    def code(self) -> str:
        code = self.page.locator("strong.code").last
        expect(code).to_be_visible()
        return code.inner_text()


def sign_in(browser: Browser, demo: Demo, login: str, size: dict[str, int] | None = None) -> Page:
    """Return a console page, signed in, in a browser of its own."""
    context = browser.new_context(viewport=size or {"width": 1280, "height": 860})
    return sign_in_at(context.new_page(), demo, login)


def sign_in_at(page: Page, demo: Demo, login: str) -> Page:
    """Sign in on a page that is there already, in the browser it belongs to."""
    passphrase, digits = demo.sign_in_of(login)
    page.goto(demo.console)
    page.fill("#login", login)
    page.fill("#passphrase", passphrase)
    page.fill("#totp", digits)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", name="Hàng tin")).to_be_visible()
    return page


def tell(browser: Browser, demo: Demo) -> None:
    """Send a tip from the residents' page."""
    resident = browser.new_page(viewport=PHONE)
    resident.goto(f"{demo.public}/gui-tin")
    resident.locator("label", has_text=re.compile("^Không$")).first.click()
    resident.fill("#xa", "phường Hoa Mẫu")
    resident.fill("#chuyen", "Quán nước mở cả đêm")
    resident.get_by_role("button", name="Xem lại").click()
    resident.get_by_role("button", name=re.compile("^Gửi$")).click()
    expect(resident.locator(".code")).to_be_visible()


def answer(page: Page, story: str, text: str) -> None:
    """Open the new tip that tells this story, whoever else has told one meanwhile; answer it."""
    page.reload()
    titles = page.locator(".row", has_text="Tin mới").locator(".row-title a")
    expect(titles.first).to_be_visible()
    for address in [title.get_attribute("href") for title in titles.all()]:
        page.goto(urljoin(page.url, address))
        if page.locator(".told", has_text=story).count():
            break
    page.fill("#text", text)
    page.get_by_role("button", name="Trả lời").click()
    expect(page.locator(".message.ours", has_text=text)).to_be_visible()


def test_a_tip_with_a_picture_from_the_phone_is_answered_and_read_back(
    browser: Browser, demo: Demo, tmp_path: Path, shot
) -> None:
    phone = Phone(browser.new_page(viewport=PHONE), demo)
    phone.tap("Báo tin")
    phone.hears("113")
    phone.tap("Không khẩn cấp")
    phone.tap("Đồng ý")
    phone.tap("Không")
    phone.tap("Mua bán")
    phone.says("ban ma tuy o quan nuoc dau ngo, toi nao cung co nguoi den")
    phone.says("phuong Hoa Mau")
    phone.says("so 5 ngo 12")
    phone.tap("Hay buổi tối")
    phone.page.set_input_files("#picture", picture(tmp_path))
    phone.hears("Bot đã giữ 1 ảnh")
    phone.tap("Xem lại và gửi")
    phone.hears("ban ma tuy o quan nuoc")
    shot(phone.page, "phone")
    phone.tap("Gửi")
    code = phone.code()
    phone.tap("Đã chép xong")
    expect(phone.page.locator(".bubble", has_text="quan nuoc")).to_have_count(0)

    desk = sign_in(browser, demo, "phuong.chi")
    shot(desk, "queue")
    answer(desk, "quan nuoc", "Cảm ơn. Chúng tôi đã đọc.")
    expect(desk.locator(".told", has_text="quan nuoc")).to_be_visible()
    image = desk.locator(".photos img").first
    expect(image).to_be_visible()
    shown = desk.request.get(demo.console + (image.get_attribute("src") or ""))
    assert Image.open(io.BytesIO(shown.body())).size == (640, 480)
    assert b"NGUOI CHUP" not in shown.body()
    shot(desk, "console")

    phone.says("/xem")
    phone.says(code)
    phone.hears("Cảm ơn. Chúng tôi đã đọc.")
    shot(phone.page, "phone-answer")


def test_the_same_from_the_web_page_without_javascript(
    browser: Browser, demo: Demo, tmp_path: Path, shot
) -> None:
    page = browser.new_context(java_script_enabled=False, viewport=PHONE).new_page()
    page.goto(demo.public)
    shot(page, "page")
    page.get_by_role("link", name="Báo tin").first.click()
    page.locator("label", has_text=re.compile("^Không$")).first.click()
    page.fill("#xa", "phường Hoa Mẫu")
    page.fill("#chuyen", "Có người tụ tập sử dụng ma túy sau chợ")
    page.set_input_files("#anh", picture(tmp_path))
    page.get_by_role("button", name="Xem lại").click()
    expect(page.locator(".letter")).to_contain_text("Có người tụ tập sử dụng ma túy sau chợ")
    expect(page.locator(".letter")).to_contain_text("Công an phường Hoa Mẫu")
    shot(page, "page-review", whole=True)
    page.get_by_role("button", name=re.compile("^Gửi$")).click()
    expect(page.locator(".code li")).to_have_count(6)
    code = " ".join(page.locator(".code li").all_inner_texts())
    assert re.fullmatch(r"\d{4}( \d{4}){5}", code)
    shot(page, "page-receipt", whole=True)

    desk = sign_in(browser, demo, "phuong.binh", PHONE)
    answer(desk, "sau chợ", "Đã nhận. Xin đừng tới gần.")
    shot(desk, "console-phone", whole=True)
    desk.get_by_text("Đóng tin", exact=True).click()
    for width in (PHONE["width"], 1280):
        desk.set_viewport_size({"width": width, "height": 844})
        shot(desk, f"console-closing-{width}", whole=True)
        reasons = desk.locator("[data-close] .reasons")
        assert reasons.evaluate("box => box.scrollHeight <= box.clientHeight")  # all are seen

    page.goto(f"{demo.public}/tra-cuu")
    page.fill("#ma", code)
    page.get_by_role("button", name="Xem").click()
    expect(page.locator(".thread")).to_contain_text("Đã nhận. Xin đừng tới gần.")


def overtaken(browser: Browser, demo: Demo) -> Page:
    """Return a page with a typed reply to a new tip, which a colleague has taken meanwhile."""
    tell(browser, demo)
    page = sign_in(browser, demo, "phuong.binh")
    page.locator(".row", has_text="Tin mới").locator(".row-title a").first.click()
    page.fill("#text", REPLY)
    faster = sign_in(browser, demo, "phuong.chi")
    faster.goto(page.url)
    faster.get_by_role("button", name="Tôi nhận giữ tin này").click()
    expect(faster.get_by_text("Đồng chí đang giữ tin này.")).to_be_visible()
    return page


def sent_at_the_second_try(page: Page) -> None:
    """Send a reply that is answered with the new page and the words in it, and send it again."""
    send = page.get_by_role("button", name="Trả lời", exact=True)
    send.click()
    expect(page.get_by_role("alert").filter(has_text="Lời này chưa gửi")).to_be_visible()
    expect(page.locator("#text")).to_have_value(REPLY)
    send.click()
    expect(page.locator(".message.ours", has_text=REPLY)).to_be_visible()


def test_a_reply_that_a_colleague_overtook_is_still_in_the_form_beside_what_is_new(
    browser: Browser, demo: Demo
) -> None:
    sent_at_the_second_try(overtaken(browser, demo))


def test_a_filter_of_the_queue_without_a_hit_says_that_there_is_no_such_tip(
    browser: Browser, demo: Demo
) -> None:
    tell(browser, demo)
    page = sign_in(browser, demo, "phuong.chi")
    none = page.get_by_text("Trang này không có tin nào như vậy.")
    expect(none).to_be_hidden()
    page.fill("#sift", "không tin nào có chữ này")
    expect(none).to_be_visible()
    expect(page.locator(".row:visible")).to_have_count(0)
    page.fill("#sift", "")
    expect(none).to_be_hidden()
    expect(page.locator(".row").first).to_be_visible()


def test_the_demo_says_everywhere_that_it_is_one(browser: Browser, demo: Demo) -> None:
    page = browser.new_page(viewport=PHONE)
    for address in ("/", "/gui-tin", "/tra-cuu", "/dien-thoai", "/ban-thu"):
        page.goto(demo.public + address)
        expect(page.get_by_text("BẢN THỬ").first).to_be_visible()
    page.goto(demo.console)
    expect(page.get_by_text("BẢN THỬ").first).to_be_visible()


def test_nothing_on_the_pages_offends_the_content_policy(browser: Browser, demo: Demo) -> None:
    page = browser.new_page(viewport=PHONE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in ("/", "/gui-tin", "/tra-cuu", "/dien-thoai", "/ban-thu"):
        page.goto(demo.public + address)
    page.goto(demo.console)
    assert complaints == []
