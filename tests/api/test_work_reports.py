"""The pages of reports and programmes: what is due, what was sent, which plan applies."""

import re

import pytest
from starlette.testclient import TestClient

from tests.api.work_desk import PLAN, TEMPLATE, plain


def sent(**more: str) -> dict[str, str]:
    told = {"programme": PLAN, "item": "bao-cao-6-thang", "occurrence": "2026-06-17", "role": ""}
    return told | {"document_number": "45/BC-UBND", "document_on": "2026-03-01"} | more


def test_a_deadline_shows_the_named_day_and_the_last_good_day(clerk: TestClient) -> None:
    page = plain(clerk.get("/viec/bao-cao").text)
    assert "văn bản ghi trước 17/6 hết ngày 16/6" in page
    assert "còn 106 ngày" in page
    assert "Chưa đặt ngày" in page
    assert "UBND quận, huyện, thị xã: chưa chỉ định ai thay" in page


def test_a_report_is_marked_amended_and_withdrawn_with_its_history(clerk: TestClient) -> None:
    assert clerk.post("/viec/bao-cao/da-gui", data=sent()).status_code == 303
    page = clerk.get("/viec/bao-cao").text
    assert "Đã gửi: số 45/BC-UBND, ngày 01/03/2026" in plain(page)
    (filing,) = set(re.findall(r"/viec/bao-cao/([0-9a-f]{32})/sua", page))
    twice = clerk.post("/viec/bao-cao/da-gui", data=sent())
    assert "dùng sửa" in twice.text
    fields = {"document_number": "46/BC-UBND", "document_on": "2026-03-02", "reason": ""}
    assert "phải ghi lý do" in clerk.post(f"/viec/bao-cao/{filing}/sua", data=fields).text
    clerk.post(f"/viec/bao-cao/{filing}/sua", data=fields | {"reason": "gõ nhầm số"})
    page = plain(clerk.get("/viec/bao-cao").text)
    assert "gõ nhầm số" in page
    assert "Trước đó: số văn bản 45/BC-UBND" in page
    clerk.post(f"/viec/bao-cao/{filing}/rut", data={"reason": "chưa gửi thật"})
    assert "Đã rút" in clerk.get("/viec/bao-cao").text
    assert "Đã gửi: số" not in plain(clerk.get("/viec/bao-cao").text)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"document_number": "  "}, "Phải ghi số văn bản"),
        ({"document_on": "2026-03-09"}, "Ngày văn bản chưa tới"),
        ({"document_on": "hôm qua"}, "Ngày phải có thật"),
        ({"occurrence": "2026-06-18"}, "không phải ngày ghi"),
        ({"item": "bia-ra"}, "Chương trình không có mục này"),
        ({"programme": "bia-ra"}, "Không có chương trình này"),
        ({"role": "ubnd-quan-huyen"}, "chỉ định trước đã"),
        ({"area": "D1-02"}, "Không có đơn vị này"),
    ],
)
def test_a_wrong_mark_gets_a_sentence_and_marks_nothing(
    clerk: TestClient, typed: dict[str, str], told: str
) -> None:
    answer = clerk.post("/viec/bao-cao/da-gui", data=sent(**typed))
    assert 400 <= answer.status_code < 500, answer.text
    assert told in answer.text
    assert clerk.get("/api/v1/reports").json()["sent"] == []


def test_once_a_body_is_named_its_reports_can_be_marked(clerk: TestClient) -> None:
    told = {"programme": PLAN, "role": "ubnd-quan-huyen", "holder": "UBND phường Hoa Mẫu"}
    assert clerk.post("/viec/bao-cao/thay", data=told).status_code == 303
    page = plain(clerk.get("/viec/bao-cao").text)
    assert "UBND quận, huyện, thị xã: UBND phường Hoa Mẫu thay" in page
    assert clerk.post("/viec/bao-cao/da-gui", data=sent(role="ubnd-quan-huyen")).status_code == 303


def test_a_programme_is_chosen_and_ended_for_the_area(clerk: TestClient) -> None:
    told = {"programme": "huong-van-2023", "day": "2026-03-02", "act": "use"}
    assert clerk.post("/viec/chuong-trinh", data=told).status_code == 303
    chosen = {each["id"]: each for each in clerk.get("/api/v1/programmes").json()}
    assert chosen["huong-van-2023"]["since"] == "2026-03-02"
    assert chosen[TEMPLATE]["from_above"] is True
    above = clerk.post("/viec/chuong-trinh", data=told | {"programme": TEMPLATE, "act": "end"})
    assert above.status_code == 404  # what the unit above chose is not the ward's to end
    assert "không áp dụng cho đơn vị đó" in above.text
    assert clerk.post("/viec/chuong-trinh", data=told | {"act": "end"}).status_code == 303


def test_a_refused_form_leads_back_to_the_page_it_stood_on(clerk: TestClient) -> None:
    address = "https://desk.test/viec/bao-cao?vi=x"
    answer = clerk.post("/viec/bao-cao/da-gui", data=sent(item="x"), headers={"Referer": address})
    assert 'href="/viec/bao-cao"' in answer.text
    other = {"Referer": "https://elsewhere.test/viec/x"}
    answer = clerk.post("/viec/bao-cao/da-gui", data=sent(item="x"), headers=other)
    assert "elsewhere" not in answer.text
    assert "/viec/x" not in answer.text
