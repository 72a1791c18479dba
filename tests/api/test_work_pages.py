"""The work side's pages: what a clerk reads, decides and files, and what wrong input is told."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.work_desk import (
    LISTENING,
    OUTREACH,
    TEMPLATE,
    TO_3,
    TO_4,
    WorkDesk,
    plain,
)


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
    from intake.work.check_in_shapes import Filer

    found = work.file(TO_3, people=41)
    services, now = work.desk.ward.services.work.services, work.desk.ward.clock.now()
    services.check_ins.amend(found, {"people": 52}, "đếm lại", Filer.leader(work.leader), now)
    page = plain(clerk.get(f"/viec/buoi/{found}").text)
    assert "Nguyễn Mẫu: đếm lại" in page
    assert "số người 41" in page
    assert "Số người 52" in page


def amended(**more: str) -> dict[str, str]:
    told = {"kind": "outreach", "also": "", "done_on": "2026-03-02", "place": "nhà văn hóa"}
    return told | {"people": "41", "reason": "ghi nhầm số"} | more


def test_an_officer_corrects_a_check_in_with_a_reason_and_the_history_keeps_what_stood_there(
    work: WorkDesk, clerk: TestClient
) -> None:
    found = work.file(TO_3, people=400)
    clerk.post(f"/viec/buoi/{found}/duyet")
    empty = clerk.post(f"/viec/buoi/{found}/sua", data=amended(reason=" "))
    assert (empty.status_code, "phải ghi lý do" in empty.text) == (422, True)
    done = clerk.post(f"/viec/buoi/{found}/sua", data=amended())
    page = plain(clerk.get(done.headers["location"]).text)
    assert "Số người 41" in page
    assert "ghi nhầm số" in page
    assert "số người 400" in page
    assert f"/viec/buoi/{found}" in clerk.get("/viec/duyet").text  # it waits for a word again


def test_a_correction_that_names_people_or_a_day_to_come_changes_nothing(
    work: WorkDesk, clerk: TestClient
) -> None:
    found = work.file(TO_3, people=40)
    for wrong in ({"done_on": "2026-03-09"}, {"kind": "khong-co"}, {"people": "nhiều"},
                  {"note": "nghi Nguyễn Văn Tèo 0912345678 bán"}):  # fmt: skip
        answer = clerk.post(f"/viec/buoi/{found}/sua", data=amended(**wrong))
        assert answer.status_code in {409, 422}, wrong
    assert "Chưa sửa lần nào" in clerk.get(f"/viec/buoi/{found}").text


def test_an_officer_takes_a_check_in_back_and_it_counts_no_more(
    work: WorkDesk, clerk: TestClient
) -> None:
    found = work.file(TO_3)
    assert "1/2 =" in plain(clerk.get("/viec").text)
    empty = clerk.post(f"/viec/buoi/{found}/rut", data={"reason": ""})
    assert empty.status_code == 422
    assert clerk.post(f"/viec/buoi/{found}/rut", data={"reason": "ghi trùng"}).status_code == 303
    assert "1/2 =" not in plain(clerk.get("/viec").text)
    assert "ghi trùng" in clerk.get(f"/viec/buoi/{found}").text
    again = clerk.post(f"/viec/buoi/{found}/rut", data={"reason": "lần nữa"})
    assert again.status_code == 409


def test_a_picture_is_shown_to_the_ward_and_to_nobody_else(
    work: WorkDesk, clerk: TestClient
) -> None:
    services = work.desk.ward.services.work.services
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
    clock, services = work.desk.ward.clock, work.desk.ward.services.work.services
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
    steps = ({}, {"sure": "yes"})  # what would be refused is not shown as if it would be filed
    for step in steps[1:] if "once" in typed else steps:
        answer = clerk.post("/viec/ghi", data=phone(**step) | typed)
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
