"""The main job through the officers' doors: sign in, read, open, answer, close."""

import re

import pytest

from api.console import pages
from tests.api.desks import Desk
from tests.intake.test_unseen_additions import add_while_the_wards_key_is_out_of_date
from tests.wards import Ward

pytestmark = pytest.mark.anyio


async def test_an_officer_reads_and_answers_over_json_and_the_reporter_reads_it(
    desk: Desk, ward: Ward
) -> None:
    code = ward.send(what="bán ma tuý ở quán nước")
    officer = desk.signed_in("phuong.binh")
    page = officer.get("/api/v1/tips").json()
    (row,) = page["rows"]
    assert page["counts"] == {"new": 1}
    opened = officer.post(f"/api/v1/tips/{row['id']}/openings", json={}).json()
    assert "bán ma tuý ở quán nước" in opened["messages"][0]["text"]
    body = {"version": opened["version"], "text": "Quán tên gì?", "ask": True}
    assert officer.post(f"/api/v1/tips/{row['id']}/replies", json=body).status_code == 204
    found = await ward.follow_up.look_up(code)
    assert [message.text for message in found.messages] == ["Quán tên gì?"]


async def test_an_officer_reads_and_answers_in_the_console_without_javascript(
    desk: Desk, ward: Ward
) -> None:
    code = ward.send(what="bán ma tuý <b>ở</b> quán nước")
    browser = desk.browser()
    answer = browser.post("/dang-nhap", data=desk.typed("phuong.binh"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/").headers["location"] == "/hang-tin"
    queue = browser.get("/hang-tin").text
    (address,) = set(re.findall(r'href="(/tin/[0-9a-f]{32})"', queue))
    tip = browser.get(address).text
    assert "bán ma tuý &lt;b&gt;ở&lt;/b&gt; quán nước" in tip
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', tip))
    said = {"text": "Cảm ơn bạn.", "act": "answer"}
    answer = browser.post(f"{address}/tra-loi", data=fields | said)
    assert answer.headers["location"] == f"{address}?vi=tra-loi"
    assert "Đã gửi." in browser.get(f"{address}?vi=tra-loi").text
    found = await ward.follow_up.look_up(code)
    assert [message.text for message in found.messages] == ["Cảm ơn bạn."]


async def test_the_page_says_what_only_the_unit_above_can_open(
    desk: Desk, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_while_the_wards_key_is_out_of_date(ward, ward.send(), monkeypatch)
    says = "gửi thêm 1 phần mà khóa của bạn không mở được"
    for login, is_told in (("phuong.binh", True), ("tinh.an", False)):
        officer = desk.signed_in(login)
        (row,) = officer.get("/api/v1/tips").json()["rows"]
        assert (says in officer.get(f"/tin/{row['id']}").text) is is_told


def console_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_a_tip_is_claimed_moved_closed_and_opened_again_in_the_console(desk: Desk) -> None:
    tip = desk.tip()
    officer = desk.signed_in("phuong.binh")
    for act, fields, notice in (
        ("nhan", {}, "nhan"),
        ("trang-thai", {"state": "grounded"}, "trang-thai"),
        ("dong", {"reason": "da_xu_ly"}, "dong"),
        ("trang-thai", {"state": "screening"}, "trang-thai"),
    ):
        hidden = console_fields(officer.get(f"/tin/{tip}").text)
        answer = officer.post(f"/tin/{tip}/{act}", data=hidden | fields)
        assert answer.headers["location"] == f"/tin/{tip}?vi={notice}", act
    assert "Bình (phường)" in officer.get("/hang-tin").text


def test_a_closed_tip_shows_its_reason_and_stands_under_its_filter(desk: Desk) -> None:
    tip = desk.tip()
    officer = desk.signed_in("phuong.binh")
    body = {"version": 1, "reason": "trung"}
    assert officer.post(f"/api/v1/tips/{tip}/closing", json=body).status_code == 204
    assert "Tin đã đóng: trùng" in officer.get(f"/tin/{tip}").text
    assert tip not in officer.get("/hang-tin").text
    assert tip in officer.get("/hang-tin?loc=closed").text


def test_a_version_is_a_number_and_no_text_as_the_description_says(desk: Desk) -> None:
    tip, officer = desk.tip(), desk.signed_in("phuong.binh")
    assert officer.post(f"/api/v1/tips/{tip}/claim", json={"version": "1"}).status_code == 422
    assert officer.post(f"/api/v1/tips/{tip}/claim", json={"version": 1}).status_code == 204


def test_an_old_version_is_a_conflict_and_nothing_is_sent(desk: Desk) -> None:
    tip = desk.tip()
    one, other = desk.signed_in("phuong.binh"), desk.signed_in("phuong.chi")
    assert one.post(f"/api/v1/tips/{tip}/claim", json={"version": 1}).status_code == 204
    answer = other.post(f"/api/v1/tips/{tip}/replies", json={"version": 1, "text": "chữ mật"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "chữ mật" not in answer.text


def test_a_reply_from_an_old_page_is_not_sent_and_stands_in_the_form_of_the_new_one(
    desk: Desk,
) -> None:
    tip = desk.tip()
    one, other = desk.signed_in("phuong.binh"), desk.signed_in("phuong.chi")
    old = console_fields(other.get(f"/tin/{tip}").text)
    one.post(f"/tin/{tip}/nhan", data=old | {"form_token": one.headers["X-Form-Token"]})
    said = {"text": "Cảm ơn <bạn>.\nQuán tên gì?", "act": "ask"}
    page = other.post(f"/tin/{tip}/tra-loi", data=old | said)
    assert page.status_code == 200
    assert "Lời này chưa gửi" in page.text
    assert ">\nCảm ơn &lt;bạn&gt;.\nQuán tên gì?</textarea>" in page.text
    new = console_fields(page.text)
    assert int(new["version"]) > int(old["version"])
    assert ("tip.open", tip) in desk.audit()[-1:]
    again = other.post(f"/tin/{tip}/tra-loi", data=new | said)
    assert again.headers["location"] == f"/tin/{tip}?vi=hoi-them"


@pytest.mark.parametrize(
    ("act", "fields"),
    [("nhan", {}), ("trang-thai", {"state": "grounded"}), ("dong", {"reason": "trung"})],
)
async def test_an_act_from_a_page_without_the_newest_addition_shows_that_addition(
    desk: Desk, act: str, fields: dict[str, str]
) -> None:
    ward = desk.ward
    code = ward.send()
    officer = desk.signed_in("phuong.binh")
    tip = officer.get("/api/v1/tips").json()["rows"][0]["id"]
    old = console_fields(officer.get(f"/tin/{tip}").text)
    addition = ward.follow_up.prepare_addition(
        await ward.follow_up.look_up(code), "nhớ thêm biển số xe", ()
    )
    await ward.intake.write(addition.add)
    page = officer.post(f"/tin/{tip}/{act}", data=old | fields)
    assert page.status_code == 200
    assert "nhớ thêm biển số xe" in page.text
    assert "chưa làm" in page.text
    answer = officer.post(f"/tin/{tip}/{act}", data=console_fields(page.text) | fields)
    assert answer.status_code == 303


async def test_a_row_of_the_queue_tells_an_addition_from_a_new_tip(desk: Desk) -> None:
    ward, officer = desk.ward, desk.signed_in("phuong.binh")
    code = ward.send()
    page = officer.get("/hang-tin").text
    assert "Tin mới" in page
    assert "Có thêm" not in page
    tip = officer.get("/api/v1/tips").json()["rows"][0]["id"]
    seen = console_fields(officer.get(f"/tin/{tip}").text)
    officer.post(f"/tin/{tip}/trang-thai", data=seen | {"state": "grounded"})
    found = await ward.follow_up.look_up(code)
    await ward.intake.write(ward.follow_up.prepare_addition(found, "nhớ thêm biển số xe", ()).add)
    page = officer.get("/hang-tin?loc=grounded").text
    assert "Có thêm" in page
    assert "Tin mới" not in page


def test_a_row_counts_the_pictures_that_came_with_the_tip_and_says_so(desk: Desk) -> None:
    """Those of additions are sealed elsewhere: counting them would open the tip."""
    desk.tip_with_photo()
    assert "1 ảnh lúc gửi" in desk.signed_in("phuong.binh").get("/hang-tin").text


def test_what_a_colleague_closed_meanwhile_is_told_and_not_called_unreadable(desk: Desk) -> None:
    tip = desk.tip()
    one, other = desk.signed_in("phuong.binh"), desk.signed_in("phuong.chi")
    old = console_fields(other.get(f"/tin/{tip}").text)
    new = console_fields(one.get(f"/tin/{tip}").text)
    assert one.post(f"/tin/{tip}/dong", data=new | {"reason": "trung"}).status_code == 303
    for act, fields in (("dong", {"reason": "trung"}), ("trang-thai", {"state": "grounded"})):
        page = other.post(f"/tin/{tip}/{act}", data=old | fields)
        assert page.status_code == 200, act
        assert "Việc vừa bấm chưa làm" in page.text
    stale = {"version": int(old["version"]), "state": "grounded"}
    assert other.put(f"/api/v1/tips/{tip}/state", json=stale).status_code == 409


def test_the_queue_is_paged_by_key_and_shows_each_tip_once(desk: Desk) -> None:
    sent = {desk.tip(what=f"chuyện {number}") for number in range(5)}
    officer = desk.signed_in("phuong.binh")
    seen: list[str] = []
    after: str | None = None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = officer.get("/api/v1/tips", params=query).json()
        seen += [row["id"] for row in page["rows"]]
        after = page["next_after"]
        if after is None:
            break
    assert len(seen) == 5
    assert set(seen) == sent


def test_the_console_offers_the_next_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = desk.ward.services.triage.queue
    monkeypatch.setattr(
        desk.ward.services.triage, "queue",
        lambda session, states, after: queue(session, states, after, 1),
    )  # fmt: skip
    first, second = desk.tip(), desk.tip(what="chuyện khác")
    officer = desk.signed_in("phuong.binh")
    page = officer.get("/hang-tin").text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', page)
    other = officer.get(following).text
    assert {first, second} == {
        one for one in (first, second) for text in (page, other) if one in text
    }
    assert "Về trang đầu" in other


def test_every_filter_names_a_state_that_can_be_listed(desk: Desk) -> None:
    officer = desk.signed_in("phuong.binh")
    page = officer.get("/hang-tin").text
    addresses = re.findall(r'href="(/hang-tin[^"]*)"', page)
    assert len(addresses) >= len(pages.STATES)
    assert {officer.get(address).status_code for address in addresses} == {200}
    assert officer.get("/hang-tin?loc=khac").status_code == 422
