"""Who sees whose work: a ward never another ward's, a clerk never a tip, an admin neither."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from intake.policy import KEYLESS, RIGHTS, Right
from intake.work.leaders import Leaders
from tests.api.work_desk import OUTREACH, PLAN, TEMPLATE, THON_1, TO_3, WorkDesk

V1 = "/api/v1"


def test_a_clerk_sees_the_work_and_no_tip(work: WorkDesk) -> None:
    tip = work.desk.tip()
    clerk = work.desk.signed_in("phuong.em")
    assert clerk.get("/").headers["location"] == "/viec"
    assert clerk.get("/viec").status_code == 200
    for address in ("/hang-tin", f"/tin/{tip}", f"{V1}/tips", "/can-bo", f"{V1}/events"):
        assert clerk.get(address).status_code == 403, address
    assert clerk.post(f"{V1}/tips/{tip}/openings", json={}).status_code == 403
    assert "Hàng tin" not in clerk.get("/viec").text


def test_nobody_can_hand_a_key_to_a_clerk(work: WorkDesk) -> None:
    officer = work.desk.signed_in("phuong.binh")
    clerk = work.desk.officer_id("phuong.em")
    told = {"fingerprint": work.desk.ward.spoken(clerk)}
    answer = officer.post(f"{V1}/officers/{clerk}/key", json=told)
    assert answer.status_code in (403, 404, 409)
    assert f'action="/can-bo/{clerk}/trao-khoa"' not in officer.get("/can-bo").text
    again = work.desk.ward.services.people.officer(bytes.fromhex(clerk))
    assert not again.has_grant


def test_roles_without_a_key_have_no_right_that_opens_or_hands_one() -> None:
    for role in KEYLESS:
        assert not RIGHTS[role] & {
            Right.READ_QUEUE, Right.OPEN_TIP, Right.ANSWER, Right.CLOSE, Right.HAND_KEYS,
        }  # fmt: skip


def test_an_admin_chooses_programmes_and_reads_no_work(work: WorkDesk) -> None:
    admin = work.desk.signed_in("quantri")
    assert admin.get("/viec/chuong-trinh").status_code == 200
    for address in ("/viec", "/viec/duyet", "/viec/nguoi", "/viec/bao-cao", f"{V1}/leaders"):
        assert admin.get(address).status_code == 403, address


def reads(work: WorkDesk) -> list[str]:
    """Everything of the other ward that has an address."""
    check_in = work.file(THON_1)
    chosen = f"programme={TEMPLATE}&duty={OUTREACH}"
    return [
        f"/viec/buoi/{check_in}",
        f"/viec/o/{THON_1}/2026-03",
        "/viec?noi=D1-02",
        f"/viec/bang?noi=D1-02&viec={TEMPLATE}:{OUTREACH}",
        "/viec/bieu-do?noi=D1",
        "/viec/duyet?noi=D1-02",
        "/viec/nguoi?noi=D1-02",
        "/viec/bao-cao?noi=D1",
        "/viec/sau-khoa?noi=D1-02",
        "/viec/chuong-trinh?noi=D1",
        f"/viec/nguoi/{work.other_leader}",
        f"{V1}/check-ins/{check_in}",
        f"{V1}/check-ins/{check_in}/photos/00",
        f"{V1}/check-ins?area=D1-02",
        f"{V1}/exemptions?area=D1",
        f"{V1}/compliance?area=D1-02&{chosen}",
        f"{V1}/compliance?area=D1&{chosen}",
        f"{V1}/compliance/matrix?area=D1-02&{chosen}",
        f"{V1}/compliance/overview?area=D1-02",
        f"{V1}/compliance/owners/{THON_1}/2026-03",
        f"{V1}/duties?area=D1",
        f"{V1}/owners?area=D1-02",
        f"{V1}/leaders?area=D1-02",
        f"{V1}/leaders/{work.other_leader}",
        f"{V1}/reports?area=D1",
        f"{V1}/programmes?area=D1-02",
    ]


def test_a_ward_finds_nothing_of_another_ward_or_of_the_unit_above(work: WorkDesk) -> None:
    addresses = reads(work)
    clerk = work.desk.signed_in("phuong.em")
    for address in addresses:
        answer = clerk.get(address)
        assert answer.status_code == 404, address
        assert "thôn 1" not in answer.text.lower()
        assert "Trần Khác" not in answer.text


def test_the_unit_above_sees_both_wards(work: WorkDesk) -> None:
    addresses = [each for each in reads(work) if not each.endswith("/photos/00")]
    above = work.desk.signed_in("tinh.an")
    for address in addresses:
        assert above.get(address).status_code == 200, address


def test_lists_of_a_ward_hold_only_its_own(work: WorkDesk) -> None:
    own, other = work.file(TO_3), work.file(THON_1)
    work.ask_exemption(THON_1)
    clerk = work.desk.signed_in("phuong.em")
    for address in (
        "/viec", "/viec/bang", "/viec/bieu-do", "/viec/duyet", "/viec/nguoi", "/viec/ghi",
        f"{V1}/check-ins", f"{V1}/leaders", f"{V1}/owners", f"{V1}/compliance/overview",
        f"{V1}/exemptions",
    ):  # fmt: skip
        text = clerk.get(address).text.lower()
        assert "thôn 1" not in text, address
        assert "trần khác" not in text, address
        assert other not in text, address
    assert own in clerk.get("/viec/duyet").text


Write = tuple[str, str, Callable[[WorkDesk, str, str], dict[str, Any]]]
WRITES: tuple[Write, ...] = (
    ("POST", "/check-ins/approvals", lambda w, c, o: {"ids": [c]}),
    ("POST", "/check-ins/{c}/question", lambda w, c, o: {"question": "mấy người?"}),
    ("PATCH", "/check-ins/{c}", lambda w, c, o: {
        "changes": {"people": 41}, "reason": "ghi nhầm"}),
    ("POST", "/check-ins/{c}/withdrawal", lambda w, c, o: {"reason": "nhầm"}),
    ("DELETE", "/leaders/{l}/misuse", lambda w, c, o: {}),
    ("PUT", "/exemptions/{o}", lambda w, c, o: {"granted": True}),
    ("POST", "/check-ins", lambda w, c, o: {
        "once": "0123456789abcdef",
        "check_in": {"owner_id": THON_1, "kind": "outreach", "done_on": "2026-03-02"}}),
    ("POST", "/leaders", lambda w, c, o: {
        "name": "Người Mới", "address_as": "bác", "owner_id": THON_1, "part": "deputy"}),
    ("POST", "/leaders/{l}/invites", lambda w, c, o: {}),
    ("POST", "/leaders/{l}/assignments", lambda w, c, o: {"owner_id": TO_3, "part": "deputy"}),
    ("POST", "/leaders/{mine}/assignments", lambda w, c, o: {
        "owner_id": THON_1, "part": "deputy"}),
    ("POST", "/leaders/handovers", lambda w, c, o: {
        "owner_id": THON_1, "giver": w.other_leader, "taker": w.leader, "on": "2026-03-02"}),
    ("DELETE", "/leaders/{l}", lambda w, c, o: {}),
    ("POST", "/filings", lambda w, c, o: {
        "programme": PLAN, "item": "bao-cao-nam", "occurrence": "2026-12-17", "area": "D1-02",
        "document_number": "1/BC", "document_on": "2026-03-02"}),
    ("PUT", "/role-holders", lambda w, c, o: {
        "programme": PLAN, "role": "bcd89-xa", "holder": "UBND", "area": "D1-02"}),
    ("PUT", "/programme-uses", lambda w, c, o: {
        "programme": PLAN, "since": "2026-03-02", "area": "D1"}),
    ("POST", "/programme-uses/end", lambda w, c, o: {
        "programme": TEMPLATE, "on": "2026-03-02", "area": "D1"}),
)  # fmt: skip


@pytest.mark.parametrize("write", WRITES, ids=[f"{each[0]} {each[1]}" for each in WRITES])
def test_a_ward_changes_nothing_of_another_ward(work: WorkDesk, write: Write) -> None:
    check_in, owed = work.file(THON_1), work.ask_exemption(THON_1)
    before = _everything(work)
    method, path, body = write
    address = V1 + path.format(c=check_in, o=owed, l=work.other_leader, mine=work.leader)
    clerk = work.desk.signed_in("phuong.em")
    told = body(work, check_in, owed)
    answer = clerk.request(method, address, **({"json": told} if told else {}))
    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert _everything(work) == before


def _everything(work: WorkDesk) -> dict[str, list[Any]]:
    names = ("check_in", "obligation", "assignment", "leader", "leader_invite", "filing",
             "role_holder", "programme_use")  # fmt: skip
    from sqlmodel import SQLModel

    with work.desk.ward.intake.read() as view:
        return {
            name: sorted(map(tuple, view.connection.execute(
                SQLModel.metadata.tables[name].select())), key=str)
            for name in names
        }  # fmt: skip


def test_a_ward_draws_no_code_for_whoever_also_works_elsewhere(work: WorkDesk) -> None:
    leaders = Leaders(work.desk.ward.intake)
    moved = leaders.add("Vũ Chuyển", "anh")
    leaders.assign(moved.id, TO_3, "deputy", date(2026, 1, 2), date(2026, 2, 1))
    leaders.assign(moved.id, THON_1, "deputy", date(2026, 2, 1))
    address, before = f"{V1}/leaders/{moved.id.hex()}", _everything(work)
    clerk = work.desk.signed_in("phuong.em")
    assert clerk.get(address).status_code == 200
    answer = clerk.post(f"{address}/invites")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert _everything(work) == before
    told = {"owner_id": "D1-01", "part": "deputy"}  # the unit's own entries: one may be one's chat
    assert clerk.post(f"{address}/assignments", json=told).status_code == 204
    assert clerk.post(f"{address}/invites").status_code == 409
    assert moved.id.hex() not in clerk.get(f"{V1}/me/chat").text
    assert clerk.put(f"{V1}/me/chat", json={"leader_id": moved.id.hex()}).status_code == 404
    assert work.desk.signed_in("tinh.an").post(f"{address}/invites").status_code == 201
