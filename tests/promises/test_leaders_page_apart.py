"""A leader's page and a resident's tip never meet: not in a row, a log, a header or an answer.

Over real HTTP, both from one browser at one network address, in a house with https. A tip that
comes from the browser of an enrolled leader must look like anybody's.
"""

from collections.abc import Callable

import httpx
import pytest

from intake.work.leaders import Leaders
from storage.database import Database
from tests.bot.resident import Page
from tests.running.evidence import of_database, of_house, rows
from tests.running.house import House
from tests.running.marks import Marks
from tests.running.people import Visitor

OpenHouse = Callable[..., House]
COOKIE = "__Secure-viec"
ADDRESS = "198.51.100.77"


class Leader:
    """A leader's browser: it brings its secret to the page, as https would have it."""

    def __init__(self, house: House) -> None:
        self.http = house.caller("leader", X_Forwarded_For=ADDRESS, Sec_Fetch_Site="same-origin")
        self.secret = ""
        self.page: Page
        self.answers: list[httpx.Response] = []

    def asks(self, method: str, path: str, **more: object) -> None:
        headers = {"Cookie": f"{COOKIE}={self.secret}"} if self.secret else {}
        answer = self.http.request(method, path, headers=headers, **more)  # pyright: ignore[reportArgumentType]
        self.answers.append(answer)
        for told in answer.headers.get_list("set-cookie"):
            self.secret = told.partition("=")[2].partition(";")[0]
        if answer.status_code == 303:
            self.asks("GET", answer.headers["location"])
        else:
            self.page = Page(answer)  # pyright: ignore[reportArgumentType]

    def presses(self, button: str, **typed: str) -> None:
        form = self.page.form_with(button)
        name, value = form.buttons[button]
        self.asks("POST", "/viec", data={**form.fields, **typed, name: value})


@pytest.fixture
def house(open_house: OpenHouse, quick_sqlite: Database) -> House:
    """A real house with one ward."""
    return open_house("real", quick_sqlite)


def enrolled(house: House, marks: Marks) -> Leader:
    """Return a leader who has come with a link of the ward's."""
    leaders = Leaders(house.ward.intake)
    leader = leaders.add("Nguyễn Văn Hòa", "bác")
    leaders.assign(leader.id, "D1-01-03")
    code = leaders.invite(leader.id)
    marks.add("the ward's code", code)
    browser = Leader(house)
    browser.asks("GET", f"/viec?moi={code}")
    browser.presses("Tiếp tục")
    browser.presses("Đồng ý")
    assert "Đã tuyên truyền" in browser.page.buttons()
    marks.add("the device's secret", browser.secret)
    return browser


def work_side(database: Database) -> set[str]:
    """Return the rows of leaders, their devices and their conversations."""
    return {row for row in rows(database) if row.startswith(("work_dialogue|", "leader"))}


def test_neither_the_code_nor_the_secret_nor_a_form_is_kept_or_logged(
    house: House, quick_sqlite: Database
) -> None:
    marks = Marks([])
    browser = enrolled(house, marks)
    marks.add("a form's token", browser.page.form_with("Gửi").fields["token"])
    browser.presses("Gửi", text="tuyên truyền hôm nay nhà văn hóa 45 người")
    browser.asks("GET", "/viec/tep/0")
    kept = [each for each in of_house(house) if each.role is None]
    assert marks.found_in([*of_database(quick_sqlite), *kept]) == []


def test_the_secret_is_secure_and_for_one_path(house: House) -> None:
    browser = enrolled(house, Marks([]))
    told = [t for each in browser.answers for t in each.headers.get_list("set-cookie")]
    assert told
    for each in told:
        parts = set(each.split("; ")[1:])
        assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/viec"} <= parts
        assert "Domain" not in each


def test_a_tip_from_a_leaders_browser_leaves_the_rows_of_anybodys(
    house: House, quick_sqlite: Database
) -> None:
    marks = Marks([])
    enrolled(house, marks)
    work = work_side(quick_sqlite)
    resident = Visitor(house, "reporter", ADDRESS)
    resident.writes()
    resident.presses("Gửi")
    assert len(resident.code) == 24
    assert work_side(quick_sqlite) == work
    marks.add("the network address", ADDRESS)
    kept = [each for each in of_house(house) if each.role is None]
    assert marks.found_in([*of_database(quick_sqlite), *kept]) == []


def test_residents_pages_set_no_cookie_and_ask_for_none_whoever_comes(house: House) -> None:
    browser = enrolled(house, Marks([]))
    for path in ("/", "/gui-tin", "/tra-cuu", "/thoat-nhanh"):
        answer = browser.http.get(path, headers={"Cookie": f"{COOKIE}={browser.secret}"})
        assert "set-cookie" not in answer.headers
        assert "cookie" not in answer.headers.get("vary", "").lower()
        assert browser.secret not in answer.text
        assert "Hòa" not in answer.text
