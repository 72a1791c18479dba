"""The reminders' pages and JSON: before, after, by hand, the switch, one's own."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from api.console.nudge_groups import joined
from intake.ward.nudges import open_ward_nudges
from reminders.joining import Reminders
from storage.leaders import ChatRow
from tests.api.desks import Desk, open_desk
from tests.api.nudge_rows import Ports, add_nudge, digest, line, planned, with_ports
from tests.api.work_desk import TO_3, TO_4, WorkDesk, open_work_desk
from tests.wards import Ward

V1 = "/api/v1"


@pytest.fixture
def ports(ward: Ward) -> Ports:
    return with_ports(ward)


@pytest.fixture
def work(ward: Ward, ports: Ports) -> WorkDesk:
    del ports
    return open_work_desk(open_desk(ward))


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.replace("&#39;", "'")).split())


# --- beforehand -----------------------------------------------------------------------------------


def test_the_page_says_who_will_hear_what_tomorrow_and_why(
    work: WorkDesk, clerk: TestClient, ports: Ports
) -> None:
    ports.preview.wished = (
        planned(work.leader, "Nguyễn Mẫu", line(TO_3, "tổ 3"), line(TO_4, "tổ 4", rung="+1",
                days_left=-1)),
        planned(work.leader, "Lê Phó", line(TO_4, "tổ 4"), channel="phone"),
        planned(work.leader, "Đỗ Nghỉ", line(TO_4, "tổ 4"), stopped="paused"),
        planned(work.leader, "Cán Bộ", digests=(digest("D1-01", unset=("Quận",)),)),
    )  # fmt: skip
    page = plain(clerk.get("/viec/nhac").text)
    assert "Thứ Ba, ngày 3 tháng 3 năm 2026" in page
    assert "08:00 Nguyễn Mẫu Telegram" in page
    assert "Tuyên truyền hằng tháng · tháng 3/2026 · tổ 3 nhắc trước 3 ngày" in page
    assert "hết ngày 31/03/2026" in page
    assert "quá hạn 1 ngày" in page
    assert "Ghi hộ hoặc mời vào nhận tin Lê Phó" in page
    assert "Đỗ Nghỉ Telegram người này xin tạm dừng nhắc" in page
    assert "1/2. Thiếu: tổ 4. Chưa chỉ định: Quận." in page
    assert clerk.get("/viec/nhac?ngay=2026-03-05").status_code == 200
    assert ports.preview.asked[-1][0].isoformat() == "2026-03-05"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["tổ dân phố số 4", "tổ dân phố số 3", "tổ dân phố số 10"], "tổ dân phố số 3, 4, 10"),
        (["tổ 3", "tổ 3"], "tổ 3"),
        (["thôn Đông", "tổ 2", "thôn Đoài"], "thôn Đông, tổ 2, thôn Đoài"),
        (["tổ 12A", "tổ 2", "thôn Đông"], "tổ 2, 12A; thôn Đông"),
        (["12", "Hội Phụ nữ"], "12, Hội Phụ nữ"),
        ([], ""),
    ],
)
def test_names_that_begin_alike_say_their_beginning_once(names: list[str], told: str) -> None:
    assert joined(names) == told


def test_what_several_neighbourhoods_owe_alike_is_one_line_and_the_most_urgent_stands_first(
    work: WorkDesk, clerk: TestClient, ports: Ports
) -> None:
    late = [line(f"D1-01-{n:02}", f"tổ dân phố số {n}", rung="+1", days_left=-1) for n in (4, 3)]
    near = [
        line(TO_3, f"tổ dân phố số {n}", title="Họp lắng nghe", days_left=1, rung="-3")
        for n in (10, 3, 4)
    ]  # fmt: skip
    later = [line(TO_3, "tổ dân phố số 3", title=f"Việc {n}", days_left=9, rung="-7")
             for n in range(5)]  # fmt: skip
    inside = [replace(each, owner_id=TO_3) for each in (*late, *later, *near)]
    ports.preview.wished = (planned(work.leader, "Nguyễn Mẫu", *inside),)
    page = clerk.get("/viec/nhac").text
    told = plain(page)
    near_at = told.index("Họp lắng nghe · tháng 3/2026 · tổ dân phố số 3, 4, 10 nhắc trước 3 ngày")
    assert "còn 1 ngày, hết ngày" in told[near_at : near_at + 110]
    late_at = told.index("Tuyên truyền hằng tháng · tháng 3/2026 · tổ dân phố số 3, 4 quá hạn")
    assert near_at < told.index("Việc 0") < told.index("Xem 2 việc nữa") < late_at
    assert page.count('<details class="more">') == 1
    assert len(clerk.get(f"{V1}/nudges/plan").json()["messages"][0]["owed"]) == len(inside)


@pytest.mark.parametrize("day", ["2026-02-01", "2027-02-01", "mai", "2026-02-30"])
def test_a_day_that_cannot_be_told_gets_a_sentence(clerk: TestClient, day: str) -> None:
    answer = clerk.get(f"/viec/nhac?ngay={day}")
    assert answer.status_code == 422
    assert "ngày" in answer.text.lower()
    assert clerk.get(f"{V1}/nudges/plan?day={day}").status_code == 422


def test_a_desk_without_the_reminders_side_says_so(desk: Desk) -> None:
    open_work_desk(desk)
    clerk = desk.signed_in("phuong.em")
    assert "Chưa xem trước được" in clerk.get("/viec/nhac").text
    assert clerk.get(f"{V1}/nudges/plan").json()["is_known"] is False
    asked = clerk.post("/viec/nhac/tay", data={"leader_id": "00", "area": ""})
    assert asked.status_code == 404


def test_the_unit_above_sees_all_and_may_look_at_one_ward(work: WorkDesk, ports: Ports) -> None:
    above = work.desk.signed_in("tinh.an")
    ports.preview.wished = (planned(work.leader, "Nguyễn Mẫu", line(TO_3, "tổ 3")),)
    assert "Nguyễn Mẫu" in above.get("/viec/nhac").text
    assert "Nguyễn Mẫu" in above.get("/viec/nhac?noi=D1-01").text
    assert "Nguyễn Mẫu" not in above.get("/viec/nhac?noi=D1-02").text
    assert "Nhắc tay" not in above.get("/viec/nhac").text
    assert "Nhắc tay" in above.get("/viec/nhac?noi=D1-01").text
    assert work.desk.signed_in("xa.dung").get("/viec/nhac?noi=D1-01").status_code == 404


def test_the_real_rules_say_beforehand_whom_the_ward_must_call_and_plan_by_hand(
    ward: Ward,
) -> None:
    reminders = Reminders(ward.intake, ward.settings, ("telegram",))
    nudges = open_ward_nudges(
        ward.intake, ward.services.work, reminders.preview, reminders.by_hand
    )  # fmt: skip
    ward.services = replace(ward.services, nudges=nudges)
    work = open_work_desk(open_desk(ward))
    ward.clock.set(datetime(2026, 3, 23, 2, tzinfo=UTC))  # eight days before the end of the month
    clerk = work.desk.signed_in("phuong.em")
    before = clerk.get(f"{V1}/nudges/plan").json()
    assert [each["name"] for each in before["by_phone"]] == ["Nguyễn Mẫu"]
    enrolled = ChatRow("telegram", "555000111", bytes.fromhex(work.leader), ward.clock.now())
    ward.intake.write_now(lambda tx: tx.leaders.add_chat(enrolled))
    (message,) = clerk.get(f"{V1}/nudges/plan").json()["messages"]
    assert {each["rung"] for each in message["owed"]} >= {"-7"}
    assert {each["owner_id"] for each in message["owed"]} == {TO_3, TO_4}
    assert clerk.post(f"{V1}/nudges", json={"leader_id": work.leader}).json()["planned"] == 1
    again = clerk.post(f"{V1}/nudges", json={"leader_id": work.leader}).json()
    assert [each["why"] for each in again["refused"]] == ["told"]
    (logged,) = clerk.get(f"{V1}/nudges").json()["messages"]
    assert (logged["state"], logged["by"]) == ("waiting", "Em (việc tháng)")


# --- afterwards -----------------------------------------------------------------------------------


def test_the_log_shows_what_left_and_whether_it_helped(work: WorkDesk, clerk: TestClient) -> None:
    ward, first = work.desk.ward, bytes.fromhex(work.obligation(TO_3))
    add_nudge(ward, work.leader, (first, "-7"))
    ward.clock.advance(days=1)
    work.file(TO_3)
    clerk = work.desk.signed_in("phuong.em")
    add_nudge(ward, work.new_leader(), (first, "-3"), state="dead", reason="failed", tries=3)
    page = plain(clerk.get("/viec/nhac/da-gui").text)
    assert "1 tin đã gửi" in page
    assert "Tất cả 1/1 = 100,0 %" in page
    assert "Nhắc trước 7 ngày 1/1 = 100,0 %" in page
    assert "Bác Nguyễn Mẫu 02/03/2026 Telegram đã gửi" in page
    assert "xong 08:0" in page
    assert "không gửi được đã thử 3 lần kênh không nhận" in page
    assert clerk.get("/viec/nhac/da-gui?thang=2026-02").status_code == 200
    assert clerk.get("/viec/nhac/da-gui?thang=sai").status_code == 422
    told = clerk.get(f"{V1}/nudges").json()
    assert (told["sent"], told["dead"]) == (1, 1)
    assert told["effect"]["soon"] == {"numerator": 1, "denominator": 1}


def test_the_log_names_those_who_did_it_since(work: WorkDesk, clerk: TestClient) -> None:
    ward = work.desk.ward
    about = [(bytes.fromhex(work.obligation(to)), "-7") for to in (TO_3, TO_4)]
    add_nudge(ward, work.leader, *about)
    ward.clock.advance(hours=3)
    work.file(TO_4)
    page = plain(work.desk.signed_in("phuong.em").get("/viec/nhac/da-gui").text)
    line_of = "Tuyên truyền hằng tháng · tháng 3/2026 · Tổ dân phố số 3, 4 nhắc trước 7 ngày"
    assert line_of.lower() in page.lower()
    assert "đã xong: tổ dân phố số 4" in page.lower()
    work.file(TO_3)
    page = plain(work.desk.signed_in("phuong.em").get("/viec/nhac/da-gui").text)
    assert "cả 2 đã xong, sau cùng" in page


# --- by phone -------------------------------------------------------------------------------------


def test_whom_no_message_reaches_is_listed_with_what_is_owed_and_a_way_to_file_it(
    work: WorkDesk, clerk: TestClient
) -> None:
    assert 'href="/viec/nhac/goi-dien"' in clerk.get("/viec/nhac").text
    page = clerk.get("/viec/nhac/goi-dien")
    told = plain(page.text).lower()
    assert "bác nguyễn mẫu tổ dân phố số 3, 4 phụ trách chính chưa có máy nào nhận tin" in told
    assert "tuyên truyền hằng tháng · tháng 3/2026 · tổ dân phố số 3, 4 còn" in told
    assert 'href="/viec/ghi"' in page.text
    listed = clerk.get(f"{V1}/nudges/phone").json()
    assert {(each["owner_id"], each["why"]) for each in listed} >= {
        (TO_3, "no_chat"), (TO_4, "no_chat"),
    }  # fmt: skip
    assert listed[0]["owes"][0]["period_label"]
    assert "555000111" not in page.text
    enrolled = ChatRow(
        "telegram", "555000111", bytes.fromhex(work.leader), work.desk.ward.clock.now()
    )
    work.desk.ward.intake.write_now(lambda tx: tx.leaders.add_chat(enrolled))
    assert "Nguyễn Mẫu" not in clerk.get("/viec/nhac/goi-dien").text


def test_a_neighbourhood_with_nobody_is_offered_somebody(work: WorkDesk, clerk: TestClient) -> None:
    leaders = work.desk.ward.services.work.leaders
    leaders.leave(work.desk.ward.sign_in("phuong.em"), work.leader)
    page = clerk.get("/viec/nhac/goi-dien").text
    assert "Chưa có người phụ trách" in page
    assert f'href="/viec/ghi?don-vi={TO_3}"' in page
    assert f'value="{TO_3}" selected' in clerk.get(f"/viec/ghi?don-vi={TO_3}").text


# --- by hand and the switch -----------------------------------------------------------------------


def test_by_hand_says_how_many_wait_and_why_others_do_not(
    work: WorkDesk, clerk: TestClient, ports: Ports
) -> None:
    one = clerk.post("/viec/nhac/tay", data={"leader_id": work.leader, "area": ""})
    assert "Đã xếp 1 tin nhắc" in plain(one.text)
    ports.by_hand.why = {bytes.fromhex(work.leader): "told"}
    again = clerk.post("/viec/nhac/tay", data={"leader_id": work.leader, "area": ""})
    assert "Nguyễn Mẫu: hôm nay đã nhắc một lần" in plain(again.text)
    everybody = {"leader_id": "", "area": ""}
    assert clerk.post("/viec/nhac/tay", data=everybody).status_code == 422  # nothing is ticked
    ports.by_hand.why = {bytes.fromhex(work.leader): "cap"}
    page = clerk.post("/viec/nhac/tay", data=everybody | {"sure": "yes"})
    assert "Nguyễn Mẫu: đã đủ 6 tin trong tháng" in plain(page.text)
    assert work.desk.signed_in("xa.dung").post(
        "/viec/nhac/tay", data={"leader_id": work.leader, "area": ""}
    ).status_code == 404  # fmt: skip


def test_a_stop_is_seen_by_everybody_below_and_undone_by_whoever_may(
    work: WorkDesk, clerk: TestClient
) -> None:
    above = work.desk.signed_in("tinh.an")
    assert above.post("/viec/nhac/dung", data={"area": ""}).status_code == 303
    page = plain(clerk.get("/viec/nhac").text)
    assert "Đang dừng gửi nhắc hạn ở Tỉnh Mẫu" in page or "Đang dừng gửi nhắc hạn ở tỉnh" in page
    assert "Cho chạy lại" not in page
    asked = clerk.post("/viec/nhac/tay", data={"leader_id": work.leader, "area": ""})
    assert (asked.status_code, "Đang dừng gửi" in asked.text) == (409, True)
    assert clerk.post("/viec/nhac/chay", data={"area": "D1"}).status_code == 404
    assert "Cho chạy lại" in above.get("/viec/nhac").text
    assert above.post("/viec/nhac/chay", data={"area": ""}).status_code == 303
    assert "Đang dừng" not in clerk.get("/viec/nhac").text


def test_an_administrator_turns_the_switch_of_the_whole_installation(
    work: WorkDesk, clerk: TestClient
) -> None:
    admin = work.desk.signed_in("quantri")
    assert admin.put(f"{V1}/nudges/switch", json={"stopped": True}).status_code == 204
    (stop,) = admin.get(f"{V1}/nudges/switch").json()
    assert (stop["area_id"], stop["mine"]) == ("", True)
    assert "ở mọi nơi" in plain(clerk.get("/viec/nhac").text)
    assert "Cho chạy lại" in admin.get("/nhac-han").text
    assert (
        admin.post("/viec/nhac/chay", data={"area": ""}).headers["location"] == "/nhac-han?vi=chay"
    )
    assert "Đang dừng" not in clerk.get("/viec/nhac").text
    assert admin.post("/viec/nhac/dung", data={"area": ""}).status_code == 303
    assert admin.put(f"{V1}/nudges/switch", json={"stopped": False}).status_code == 204
    assert clerk.get(f"{V1}/nudges/switch").json() == []


# --- one's own ------------------------------------------------------------------------------------


def test_an_officer_connects_a_chat_of_their_own_and_gets_its_code_once(
    work: WorkDesk, clerk: TestClient
) -> None:
    assert "Chưa nối" in clerk.get("/viec/cua-toi").text
    made = clerk.post("/viec/cua-toi/noi", data={"leader_id": "", "address_as": "chị"})
    assert made.headers["location"] == "/viec/cua-toi?vi=noi"
    shown = clerk.post("/viec/cua-toi/ma")
    (code,) = re.findall(r"moi ([0-9A-Z-]{14})", shown.text)
    page = clerk.get("/viec/cua-toi").text
    assert "Đã lấy mã, chưa vào" in page
    assert code not in page
    assert clerk.post("/viec/cua-toi/ngat").status_code == 422
    assert clerk.post("/viec/cua-toi/ngat", data={"sure": "yes"}).status_code == 303
    assert clerk.post("/viec/cua-toi/ma").status_code == 409


def test_the_address_of_a_calendar_is_shown_once_and_dies_when_it_is_taken_back(
    work: WorkDesk, clerk: TestClient
) -> None:
    shown = clerk.post("/viec/cua-toi/lich").text
    (path,) = set(re.findall(r"https://desk\.test(/lich/[\w-]{43}\.ics)", shown))
    stranger = work.desk.browser()
    answer = stranger.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert path not in clerk.get("/viec/cua-toi").text
    assert clerk.post("/viec/cua-toi/lich/thu-hoi").status_code == 303
    assert stranger.get(path).status_code == 404


def test_json_says_what_the_pages_say(work: WorkDesk, clerk: TestClient, ports: Ports) -> None:
    ports.preview.wished = (planned(work.leader, "Nguyễn Mẫu", line(TO_3, "tổ 3")),)
    (message,) = clerk.get(f"{V1}/nudges/plan").json()["messages"]
    assert (message["name"], message["owed"][0]["rung"]) == ("Nguyễn Mẫu", "-3")
    assert clerk.post(f"{V1}/nudges", json={"leader_id": work.leader}).json()["planned"] == 1
    assert clerk.post(f"{V1}/nudges", json={}).json()["planned"] == 1
    assert clerk.put(f"{V1}/me/chat", json={}).status_code == 204
    assert clerk.post(f"{V1}/me/chat/invites").status_code == 201
    assert clerk.get(f"{V1}/me/chat").json()["entry"]["chats"] == 0
    assert clerk.delete(f"{V1}/me/chat").status_code == 204
    assert clerk.post(f"{V1}/me/calendar").json()["address"].startswith("https://desk.test/lich/")
    assert clerk.get(f"{V1}/me/calendar").json()["made_at"] is not None
    assert clerk.delete(f"{V1}/me/calendar").status_code == 204
    assert clerk.get(f"{V1}/me/calendar").json()["made_at"] is None
