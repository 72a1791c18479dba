"""The ward's book of leaders: who is added, invited, assigned, handed over and let go."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from intake.errors import NotFound
from intake.work.leaders import Leaders
from tests.api.work_desk import TO_3, TO_4, WorkDesk, plain


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
    leaders = Leaders(work.desk.ward.intake)
    code = leaders.invite(bytes.fromhex(work.leader))
    leaders.enrol(code, "demo", "may-1")
    assert "dùng lại mã mời" not in clerk.get("/viec/nguoi").text
    with pytest.raises(NotFound):
        leaders.enrol(code, "demo", "may-2")
    assert "dùng lại mã mời của bác Nguyễn Mẫu" in plain(clerk.get("/viec/nguoi").text)
    assert "mã mời bị dùng lại" in clerk.get("/viec").text
    assert "may-1" not in clerk.get(f"/viec/nguoi/{work.leader}").text  # no address is shown


def test_the_warning_goes_once_the_ward_has_asked_and_comes_again_with_the_next_misuse(
    work: WorkDesk, clerk: TestClient
) -> None:
    leaders, address = Leaders(work.desk.ward.intake), f"/viec/nguoi/{work.leader}"
    assert clerk.post(f"{address}/da-hoi").status_code == 404
    work.misuse(work.leader)
    assert "dùng lại mã mời" in clerk.get(address).text
    assert clerk.post(f"{address}/da-hoi").status_code == 303
    assert "dùng lại mã mời" not in clerk.get(address).text
    assert "mã mời bị dùng lại" not in clerk.get("/viec").text
    assert leaders.misused() == ()
    work.misuse(work.leader)
    assert "dùng lại mã mời" in clerk.get(address).text


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


def test_a_lost_phone_is_let_in_no_more_and_the_leader_comes_back_with_a_new_code(
    work: WorkDesk, clerk: TestClient
) -> None:
    intake, leader = work.desk.ward.intake, bytes.fromhex(work.leader)
    leaders, found = Leaders(intake), work.file(TO_3)
    leaders.enrol(leaders.invite(leader), "demo", "may-1")
    leaders.enrol(leaders.invite(leader), "viec", "may-2")
    unused = leaders.invite(leader)
    calendars, who = work.desk.ward.services.nudges.calendars, f"leader:{work.leader}"
    calendars.make(who)
    address = f"/viec/nguoi/{work.leader}"
    assert "Đã vào, 2 máy" in clerk.get(address).text
    assert "Đánh dấu ô xác nhận" in clerk.post(f"{address}/mat-may", data={}).text
    assert clerk.post(f"{address}/mat-may", data={"sure": "yes"}).status_code == 303
    with intake.read() as view:
        assert view.leaders.chats_of(leader) == []
        assert view.leaders.chat("demo", "may-1") is None
    with pytest.raises(NotFound):
        leaders.enrol(unused, "demo", "may-3")
    assert calendars.state(who).made_at is None
    assert "Mất máy" not in clerk.get(address).text  # nothing is left to end
    assert clerk.get(f"/viec/buoi/{found}").status_code == 200
    leaders.enrol(leaders.invite(leader), "demo", "may-1")
    assert "Đã vào, 1 máy" in clerk.get(address).text


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
    Leaders(work.desk.ward.intake).assign(bytes.fromhex(work.leader), "D1-02-01", "deputy")
    answer = clerk.post(f"/viec/nguoi/{work.leader}/thoi", data={"sure": "yes"})
    assert "còn phụ trách nơi khác" in answer.text
    assert "thôn 1" not in clerk.get(f"/viec/nguoi/{work.leader}").text
