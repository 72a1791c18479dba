"""Areas in the console: a list is previewed, taken whole and undone; each sees what is theirs."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.multipart import read_parts
from intake.errors import NotValid
from tests.api.desks import Desk
from tests.wards import COMMUNE_AREA, WARD_AREA

HEAD = "ward_code,own_code,unit_name,kind,households,valid_from"
GOOD = f"{HEAD}\n{WARD_AREA},11,Tổ 11,tổ dân phố,120,2026-01-01\n{WARD_AREA},TH,Trường,school,,\n"
BAD = f"{HEAD}\n{WARD_AREA},11,Tổ 11,tổ dân phố,nhiều,\n{COMMUNE_AREA},12,Tổ 12,thôn,,\n"


def show(browser: TestClient, text: str | bytes) -> Any:
    body = text.encode() if isinstance(text, str) else text
    return browser.post("/dia-ban/xem", files={"list": ("to.csv", body, "text/csv")})


def carried(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(form_token|seen|carried)" value="([^"]+)"', page))


def standing(desk: Desk, area_id: str = WARD_AREA) -> set[str]:
    with desk.ward.intake.read() as view:
        rows = (*view.areas.inside([area_id]), *view.organisations.inside([area_id]))
    return {row.id for row in rows}


def test_a_list_is_shown_taken_whole_and_undone_in_the_console(desk: Desk) -> None:
    before, binh = standing(desk), desk.signed_in("phuong.binh")
    shown = show(binh, GOOD)
    assert shown.status_code == 200
    assert "Thêm 2" in shown.text
    assert f"{WARD_AREA}-11" in shown.text
    assert standing(desk) == before
    taken = binh.post("/dia-ban/nhap", data=carried(shown.text))
    assert taken.headers["location"] == "/dia-ban?vi=nhap"
    assert standing(desk) == before | {f"{WARD_AREA}-11", f"{WARD_AREA}-TH"}
    page = binh.get("/dia-ban?vi=nhap").text
    assert "Đã nhập cả danh sách" in page
    (act,) = re.findall(r'action="(/dia-ban/\w+/hoan-tac)"', page)
    assert binh.post(act, data={}).status_code == 422
    assert binh.post(act, data={"sure": "yes"}).headers["location"] == "/dia-ban?vi=hoan-tac"
    assert standing(desk) == before
    again = binh.post(act, data={"sure": "yes"})
    assert again.status_code == 409
    assert "đã được hoàn tác" in again.text
    acts = [act for act, _ in desk.audit() if act.startswith("areas.")]
    assert acts == ["areas.import", "areas.undo"]


def test_every_fault_stands_in_the_page_and_nothing_can_be_taken(desk: Desk) -> None:
    before, binh = standing(desk), desk.signed_in("phuong.binh")
    shown = show(binh, BAD)
    assert shown.status_code == 422
    assert "2 lỗi, chưa ghi gì" in shown.text
    assert "Dòng 2: households (số hộ) không phải số nguyên" in shown.text
    assert "Dòng 3: địa bàn này không thuộc đơn vị của đồng chí" in shown.text
    assert "nhiều" not in shown.text
    assert 'action="/dia-ban/nhap"' not in shown.text
    assert standing(desk) == before


def test_the_unit_above_reaches_every_ward_and_an_admin_too(desk: Desk) -> None:
    text = f"{HEAD}\n{COMMUNE_AREA},12,Tổ 12,thôn,,\n"
    for login in ("tinh.an", "quantri"):
        assert show(desk.signed_in(login), text).status_code == 200
    assert show(desk.signed_in("phuong.binh"), text).status_code == 422


def test_an_import_of_one_ward_is_not_seen_and_not_undone_by_another(desk: Desk) -> None:
    binh = desk.signed_in("phuong.binh")
    binh.post("/dia-ban/nhap", data=carried(show(binh, GOOD).text))
    (act,) = re.findall(r'action="(/dia-ban/\w+/hoan-tac)"', binh.get("/dia-ban").text)
    dung, above = desk.signed_in("xa.dung"), desk.signed_in("tinh.an")
    assert act not in dung.get("/dia-ban").text
    assert dung.post(act, data={"sure": "yes"}).status_code == 404
    assert act in above.get("/dia-ban").text
    assert above.post(act, data={"sure": "yes"}).status_code == 303


def test_what_was_overtaken_is_shown_again_before_it_is_taken(desk: Desk) -> None:
    binh = desk.signed_in("phuong.binh")
    fields = carried(show(binh, GOOD).text)
    other = f"{HEAD}\n{WARD_AREA},20,Tổ 20,thôn,,\n"
    binh.post("/dia-ban/nhap", data=carried(show(binh, other).text))
    before = standing(desk)
    late = binh.post("/dia-ban/nhap", data=fields)
    assert late.status_code == 409
    assert "Có người vừa thay đổi" in late.text
    assert standing(desk) == before
    assert binh.post("/dia-ban/nhap", data=carried(late.text)).status_code == 303


def test_a_page_that_was_tampered_with_takes_nothing(desk: Desk) -> None:
    before, binh = standing(desk), desk.signed_in("phuong.binh")
    fields = carried(show(binh, GOOD).text)
    for wrong in ("", "%%%%", "AAAA", fields["carried"][:-8]):
        assert binh.post("/dia-ban/nhap", data=fields | {"carried": wrong}).status_code == 422
    assert standing(desk) == before


def test_no_file_and_one_that_is_too_large_are_told_apart(desk: Desk) -> None:
    binh = desk.signed_in("phuong.binh")
    assert "Chưa chọn tệp" in show(binh, b"").text
    assert "180 KB" in show(binh, b"x" * 180_001).text


def test_the_list_that_is_handed_out_changes_nothing_when_it_comes_back(desk: Desk) -> None:
    binh = desk.signed_in("phuong.binh")
    binh.post("/dia-ban/nhap", data=carried(show(binh, GOOD).text))
    handed = binh.get("/dia-ban/mau.csv")
    assert handed.content.startswith(b"\xef\xbb\xbfward_code,own_code,unit_name,kind")
    assert handed.text.count("\n") == 1 + len(standing(desk))
    back = show(binh, handed.content)
    assert back.status_code == 200
    assert "Không có gì thay đổi" in back.text
    assert desk.signed_in("tinh.an").get("/dia-ban/mau.csv").text.count("\n") == 1


def test_a_form_with_a_file_needs_the_session_and_its_token(desk: Desk) -> None:
    files = {"list": ("to.csv", GOOD.encode(), "text/csv")}
    assert desk.browser().post("/dia-ban/xem", files=files).status_code == 303
    binh = desk.signed_in("phuong.binh")
    token = binh.headers.pop("X-Form-Token")
    assert binh.post("/dia-ban/xem", files=files).status_code == 403
    told = binh.post("/dia-ban/xem", files=files, data={"form_token": token})
    assert told.status_code == 200


@given(body=st.binary(max_size=300), wrap=st.booleans())
def test_no_bytes_make_the_reader_of_forms_fail_otherwise(body: bytes, wrap: bool) -> None:
    whole = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + body + b"\r\n--x--"
    try:
        fields, files = read_parts(whole if wrap else body, "multipart/form-data; boundary=x")
    except NotValid:
        return
    assert not files or wrap is False
    assert all(isinstance(value, str) for value in fields.values())
