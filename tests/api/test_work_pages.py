"""The work side's pages: what a clerk reads, decides and files, and what wrong input is told."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.desks import Desk
from tests.api.work_desk import (
    LISTENING,
    OUTREACH,
    PLAN,
    TEMPLATE,
    TO_3,
    TO_4,
    WorkDesk,
    open_work_desk,
)


@pytest.fixture
def work(desk: Desk) -> WorkDesk:
    return open_work_desk(desk)


@pytest.fixture
def clerk(work: WorkDesk) -> TestClient:
    return work.desk.signed_in("phuong.em")


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def phone(**more: str) -> dict[str, str]:
    told = {"owner_id": TO_3, "kind": "outreach", "done_on": "2026-03-01", "people": "45"}
    return told | {"once": "0123456789abcdef"} | more


# --- reading --------------------------------------------------------------------------------------


def test_the_overview_says_who_still_owes_what(work: WorkDesk, clerk: TestClient) -> None:
    work.file(TO_3)
    page = plain(clerk.get("/viec").text)
    assert "Tuyên truyền hằng tháng" in page
    assert "1/2 = 50,0 %" in page
    assert "do đơn vị tự đặt" in page
    assert "hạn hết ngày 31/03/2026" in page
    assert "Tổ dân phố số 4" in page


def test_a_cell_of_the_matrix_is_a_letter_that_leads_to_its_check_ins(
    work: WorkDesk, clerk: TestClient
) -> None:
    found = work.file(TO_3)
    page = clerk.get(f"/viec/bang?viec={TEMPLATE}:{OUTREACH}").text
    (row,) = re.findall(r'<th scope="row">Tổ dân phố số 3</th>(.*?)</tr>', page, re.DOTALL)
    assert "đủ, đúng hạn" in row
    (address,) = re.findall(r'href="(/viec/o/[^"]+)"', row)
    behind = clerk.get(address).text
    assert f"/viec/buoi/{found}" in behind
    (other,) = re.findall(r'<th scope="row">Tổ dân phố số 4</th>(.*?)</tr>', page, re.DOTALL)
    assert "chưa tới hạn" in other  # nothing is missing before it is due


def test_after_the_due_day_the_letter_is_missing_and_then_late(
    work: WorkDesk, clerk: TestClient
) -> None:
    clock = work.desk.ward.clock
    clock.set(clock.now() + timedelta(days=32))
    clerk = work.desk.signed_in("phuong.em")
    address = f"/viec/bang?thang=2026-03&viec={TEMPLATE}:{OUTREACH}"
    assert "thiếu" in plain(clerk.get(address).text.split("<tbody>")[1])
    work.file(TO_3, done_on=date(2026, 3, 31))
    assert "đủ nhưng muộn" in plain(clerk.get(address).text.split("<tbody>")[1])


def test_figures_stand_with_both_numbers_and_a_grid_of_letters(
    work: WorkDesk, clerk: TestClient
) -> None:
    work.file(TO_3)
    page = clerk.get(f"/viec/bieu-do?viec={TEMPLATE}:{OUTREACH}").text
    assert page.count('class="tile du"') == 1
    assert page.count('class="tile cho"') == 1
    assert "đủ 1/2, đúng hạn 1/2" in page


def test_the_unit_above_chooses_a_ward_before_the_matrix_is_shown(work: WorkDesk) -> None:
    above = work.desk.signed_in("tinh.an")
    page = above.get("/viec/bang")
    assert page.status_code == 200
    assert "Chọn địa bàn" in page.text
    assert "Tổ dân phố số 3" in above.get("/viec/bang?noi=D1-01").text
    assert "Xã Đồng Mẫu" in above.get("/viec").text


@pytest.mark.parametrize("address", ["/viec?thang=thang-3", "/viec/bieu-do?thang=2026-13"])
def test_a_month_that_is_none_is_told_how_to_write_it(clerk: TestClient, address: str) -> None:
    answer = clerk.get(address)
    assert answer.status_code == 422
    assert "2026-11" in answer.text


# --- the ward's word ------------------------------------------------------------------------------


def test_everything_without_a_flag_is_accepted_at_once_and_the_rest_one_by_one(
    work: WorkDesk, clerk: TestClient
) -> None:
    plain_one, other = work.file(TO_3), work.file(TO_4)
    third = work.file(TO_3, done_on=date(2026, 3, 1), kind="school")
    odd = work.file(TO_4)  # the same kind and day again
    page = clerk.get("/viec/duyet").text
    (ids,) = re.findall(r'name="ids" value="([^"]+)"', page)
    assert set(ids.split(",")) == {plain_one, other, third}
    assert "ngày này đã có buổi cùng loại" in page
    assert clerk.post("/viec/duyet", data={"ids": f"{ids},{odd}"}).status_code == 409
    assert clerk.post("/viec/duyet", data={"ids": ids}).status_code == 303
    assert clerk.post(f"/viec/buoi/{odd}/duyet").status_code == 303
    assert "Không còn buổi nào chờ duyệt" in clerk.get("/viec/duyet").text


def test_a_question_sends_it_back_and_it_counts_no_more(work: WorkDesk, clerk: TestClient) -> None:
    found = work.file(TO_3)
    empty = clerk.post(f"/viec/buoi/{found}/hoi-lai", data={"question": "  "})
    assert (empty.status_code, "Hỏi lại phải ghi câu hỏi" in empty.text) == (422, True)
    sent = clerk.post(f"/viec/buoi/{found}/hoi-lai", data={"question": "Người hay hộ?"})
    page = clerk.get(sent.headers["location"]).text
    assert "Người hay hộ?" in page
    assert "đang hỏi lại" in page.lower()
    assert "hỏi lại" in page
    assert "1/2 =" not in plain(clerk.get("/viec").text)


def test_the_history_of_a_check_in_shows_what_stood_there_and_who_changed_it(
    work: WorkDesk, clerk: TestClient
) -> None:
    from intake.check_in_shapes import Filer

    found = work.file(TO_3, people=41)
    services, now = work.desk.ward.services.work, work.desk.ward.clock.now()
    services.check_ins.amend(found, {"people": 52}, "đếm lại", Filer.leader(work.leader), now)
    page = plain(clerk.get(f"/viec/buoi/{found}").text)
    assert "Nguyễn Mẫu: đếm lại" in page
    assert "số người 41" in page
    assert "Số người 52" in page


def test_a_picture_is_shown_to_the_ward_and_to_nobody_else(
    work: WorkDesk, clerk: TestClient
) -> None:
    services = work.desk.ward.services.work
    photo = services.check_ins.keep_photo("image/jpeg", b"\xff\xd8 x", work.desk.ward.clock.now())
    found = work.file(TO_3, photo_ids=(photo,))
    address = f"/viec/buoi/{found}/anh/{photo}"
    assert address in clerk.get(f"/viec/buoi/{found}").text
    answer = clerk.get(address)
    assert (answer.headers["content-type"], answer.content) == ("image/jpeg", b"\xff\xd8 x")
    assert work.desk.signed_in("xa.dung").get(address).status_code == 404


def test_an_exemption_is_granted_and_leaves_the_expected(work: WorkDesk, clerk: TestClient) -> None:
    owed = work.ask_exemption(TO_4)
    page = clerk.get("/viec/duyet").text
    assert "bão, ngập" in page
    answer = clerk.post(f"/viec/mien/{owed}", data={"act": "grant"})
    assert answer.headers["location"] == "/viec/duyet?vi=mien"
    view = clerk.get(f"/viec/bieu-do?viec={TEMPLATE}:{LISTENING}").text
    assert 'class="tile mien"' in view
    assert "bão, ngập" not in clerk.get("/viec/duyet").text


def test_what_is_filed_after_the_close_is_listed_apart(work: WorkDesk, clerk: TestClient) -> None:
    del clerk
    clock, services = work.desk.ward.clock, work.desk.ward.services.work
    clock.set(clock.now() + timedelta(days=60))
    services.obligations.close_due(clock.now())
    found = work.file(TO_3, done_on=date(2026, 3, 10))
    clerk = work.desk.signed_in("phuong.em")
    assert found in clerk.get("/viec/sau-khoa?nam=2026").text
    assert found not in clerk.get("/viec/sau-khoa?nam=2025").text
    assert "không đổi số của kỳ" in clerk.get(f"/viec/o/{TO_3}/2026-03").text


# --- by phone -------------------------------------------------------------------------------------


def test_filing_by_phone_is_shown_once_more_and_filed_once(
    work: WorkDesk, clerk: TestClient
) -> None:
    shown = clerk.post("/viec/ghi", data=phone())
    assert "Chủ nhật, ngày 1 tháng 3 năm 2026" in shown.text
    assert "đủ 1/1" in shown.text
    assert clerk.get("/api/v1/check-ins").json()["check_ins"] == []
    filed = clerk.post("/viec/ghi", data=phone(sure="yes"))
    again = clerk.post("/viec/ghi", data=phone(sure="yes"))
    assert filed.headers["location"] == again.headers["location"]
    (one,) = clerk.get("/api/v1/check-ins").json()["check_ins"]
    assert one["by_phone"] is True
    assert one["filed_by"] == f"officer:{work.desk.officer_id('phuong.em')}"
    assert "ghi hộ qua điện thoại" in clerk.get(filed.headers["location"].partition("?")[0]).text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"done_on": "2026-02-30"}, "Ngày phải có thật"),
        ({"done_on": "2026-03-09"}, "Ngày này chưa tới"),
        ({"people": "bốn lăm"}, "phải là chữ số"),
        ({"owner_id": "D1-02"}, "Không có đơn vị này trong địa bàn"),
        ({"kind": "bịa"}, "Chọn đơn vị và loại việc"),
        ({"kind": "tip_box"}, "hai cán bộ"),
        ({"once": "x"}, "Trang đã cũ"),
        ({"note": "nghi anh Nguyễn Văn Tèo bán ma tuý, số 0912345678"}, "không ghi tên"),
        ({"place": "x" * 300}, "Có ô thiếu"),
    ],
)
def test_wrong_input_by_phone_gets_a_sentence_and_keeps_what_was_typed(
    clerk: TestClient, typed: dict[str, str], told: str
) -> None:
    answer = clerk.post("/viec/ghi", data=phone(sure="yes") | typed)
    assert 400 <= answer.status_code < 500
    assert told in answer.text
    assert 'value="45"' in answer.text or "people" in typed
    assert clerk.get("/api/v1/check-ins").json()["check_ins"] == []


def test_more_people_than_live_there_are_asked_about_before_filing(
    work: WorkDesk, clerk: TestClient
) -> None:
    def work_(tx: Any) -> None:
        row = tx.areas.get(TO_3)
        tx.areas.add_areas([row._replace(population=120)])

    work.desk.ward.intake.write_now(work_)
    shown = clerk.post("/viec/ghi", data=phone(people="5000"))
    assert "đông hơn dân số" in shown.text
    assert shown.status_code == 200


# --- leaders --------------------------------------------------------------------------------------


def new_leader(clerk: TestClient, **more: str) -> Any:
    told = {"name": "Lê Thị Ví", "address_as": "cô", "owner_id": "D1-01-05", "part": "head"}
    return clerk.post("/viec/nguoi", data=told | more)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"owner_id": TO_3}, "dùng bàn giao"),
        ({"owner_id": "D1-02-01"}, "Không có đơn vị này"),
        ({"owner_id": TO_4, "part": "vua"}, "phụ trách chính, phó"),
        ({"owner_id": TO_4, "part": "deputy", "name": "   "}, "Tên phải có"),
        ({"owner_id": TO_4, "part": "deputy", "address_as": "ngài"}, "cách xưng hô"),
    ],
)
def test_a_leader_who_does_not_fit_is_not_added_at_all(
    work: WorkDesk, clerk: TestClient, typed: dict[str, str], told: str
) -> None:
    answer = new_leader(clerk, **typed)
    assert 400 <= answer.status_code < 500
    assert told in answer.text
    with work.desk.ward.intake.read() as view:
        assert "Lê Thị Ví" not in {row.name for row in view.wards.leaders("D1")}


def test_an_invite_is_shown_once_with_a_link_and_a_drawing(
    work: WorkDesk, clerk: TestClient
) -> None:
    page = clerk.post(f"/viec/nguoi/{work.leader}/moi").text
    (code,) = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}(?=</p>)", page)
    assert code not in clerk.get(f"/viec/nguoi/{work.leader}").text
    assert "Đã mời, mã còn dùng được" in clerk.get(f"/viec/nguoi/{work.leader}").text


def test_a_code_that_is_used_twice_is_shown_to_the_ward(work: WorkDesk, clerk: TestClient) -> None:
    from intake.errors import NotFound
    from intake.leaders import Leaders

    leaders = Leaders(work.desk.ward.intake)
    code = leaders.invite(bytes.fromhex(work.leader))
    leaders.enrol(code, "demo", "may-1")
    assert "dùng lại mã mời" not in clerk.get("/viec/nguoi").text
    with pytest.raises(NotFound):
        leaders.enrol(code, "demo", "may-2")
    assert "dùng lại mã mời của bác Nguyễn Mẫu" in plain(clerk.get("/viec/nguoi").text)
    assert "mã mời bị dùng lại" in clerk.get("/viec").text
    assert "may-1" not in clerk.get(f"/viec/nguoi/{work.leader}").text  # no address is shown


def test_a_neighbourhood_is_handed_over_and_what_was_filed_stays(
    work: WorkDesk, clerk: TestClient
) -> None:
    found = work.file(TO_3)
    added = new_leader(clerk, owner_id=TO_3, part="deputy").headers["location"]
    taker = added.split("/")[-1].partition("?")[0]
    told = {"owner_id": TO_3, "taker": taker, "on": "2026-03-02"}
    same = clerk.post(f"/viec/nguoi/{taker}/ban-giao", data=told)
    assert "Chọn người khác" in same.text
    early = clerk.post(f"/viec/nguoi/{work.leader}/ban-giao", data=told | {"on": "2020-01-01"})
    assert "xem lại ngày bàn giao" in early.text
    done = clerk.post(f"/viec/nguoi/{work.leader}/ban-giao", data=told)
    assert done.status_code == 303
    assert "phụ trách chính" in plain(clerk.get(f"/viec/nguoi/{taker}").text)
    assert clerk.get(f"/viec/buoi/{found}").status_code == 200


def test_a_leader_goes_only_when_the_box_is_ticked(work: WorkDesk, clerk: TestClient) -> None:
    address = f"/viec/nguoi/{work.leader}/thoi"
    assert "Đánh dấu ô xác nhận" in clerk.post(address, data={}).text
    assert clerk.post(address, data={"sure": "yes"}).status_code == 303
    assert "Đã thôi ngày 02/03/2026" in clerk.get(f"/viec/nguoi/{work.leader}").text
    assert "Chưa có người phụ trách: 2" in plain(clerk.get("/viec/nguoi").text)
    again = clerk.post(f"/viec/nguoi/{work.leader}/moi")
    assert "Người này đã thôi" in again.text


def test_who_looks_after_two_wards_is_not_let_go_by_one_of_them(
    work: WorkDesk, clerk: TestClient
) -> None:
    from intake.leaders import Leaders

    Leaders(work.desk.ward.intake).assign(bytes.fromhex(work.leader), "D1-02-01", "deputy")
    answer = clerk.post(f"/viec/nguoi/{work.leader}/thoi", data={"sure": "yes"})
    assert "còn phụ trách nơi khác" in answer.text
    assert "thôn 1" not in clerk.get(f"/viec/nguoi/{work.leader}").text


# --- reports --------------------------------------------------------------------------------------


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
