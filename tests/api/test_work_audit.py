"""The ward's acts on the work side stand in the audit chain; a leader's own never do."""

import json
from collections.abc import Callable

import pytest

from intake.work.check_in_shapes import Filer
from intake.work.leaders import Leaders
from storage.audit import AuditEntry
from tests.api.work_desk import TO_3, WorkDesk

V1 = "/api/v1"


def entries(work: WorkDesk) -> list[AuditEntry]:
    with work.desk.ward.intake.read() as view:
        found: list[AuditEntry] = []
        while page := view.audit.rows(found[-1].seq if found else 0):
            found += page
        return [each for each in found if each.act.startswith("work.")]


Act = Callable[[WorkDesk, str], tuple[str, str, dict[str, object] | None]]
ACTS: dict[str, Act] = {
    "work.approve": lambda w, c: ("POST", "/check-ins/approvals", {"ids": [c]}),
    "work.send_back": lambda w, c: ("POST", f"/check-ins/{c}/question", {"question": "mấy?"}),
    "work.amend": lambda w, c: (
        "PATCH", f"/check-ins/{c}", {"changes": {"people": 7}, "reason": "ghi nhầm"}
    ),
    "work.withdraw": lambda w, c: ("POST", f"/check-ins/{c}/withdrawal", {"reason": "nhầm"}),
    "work.file": lambda w, c: ("POST", "/check-ins", {
        "once": "0123456789abcdef",
        "check_in": {"owner_id": TO_3, "kind": "outreach", "done_on": "2026-03-02"}}),
    "work.exempt": lambda w, c: ("PUT", f"/exemptions/{w.ask_exemption()}", {"granted": True}),
    "work.leader.add": lambda w, c: ("POST", "/leaders", {
        "name": "Mới", "address_as": "bác", "owner_id": TO_3, "part": "deputy"}),
    "work.leader.assign": lambda w, c: ("POST", f"/leaders/{w.leader}/assignments", {
        "owner_id": TO_3, "part": "deputy", "since": "2026-05-02"}),
    "work.leader.hand_over": lambda w, c: ("POST", "/leaders/handovers", {
        "owner_id": TO_3, "giver": w.leader, "taker": w.new_leader(), "on": "2026-03-02"}),
    "work.leader.invite": lambda w, c: ("POST", f"/leaders/{w.leader}/invites", None),
    "work.leader.close_chats": lambda w, c: ("DELETE", f"/leaders/{w.leader}/chats", None),
    "work.leader.leave": lambda w, c: ("DELETE", f"/leaders/{w.new_leader()}", None),
    "work.sent.withdraw": lambda w, c: (
        "POST", f"/filings/{w.filing('x')}/withdrawal", {"reason": "nhầm"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_what_an_officer_does_stands_in_the_chain_once_and_names_no_words(
    work: WorkDesk, act: str
) -> None:
    clerk, check_in = work.desk.signed_in("phuong.em"), work.file()
    method, path, told = ACTS[act](work, check_in)
    before = len(entries(work))
    answer = clerk.request(method, V1 + path, **({"json": told} if told else {}))
    assert answer.status_code in {200, 201, 204}, answer.text
    (entry,) = [each for each in entries(work)[before:] if each.act == act]
    assert entry.actor == work.desk.officer_id("phuong.em")
    assert not any(word in entry.detail for word in ("nhầm", "mấy", "Mới"))
    assert isinstance(json.loads(entry.detail), dict)


def test_an_act_that_is_refused_leaves_no_row(work: WorkDesk) -> None:
    clerk, before = work.desk.signed_in("phuong.em"), len(entries(work))
    found = work.file()
    assert clerk.post(f"{V1}/check-ins/{found}/question", json={"question": " "}).status_code == 422
    assert clerk.post(f"{V1}/check-ins/{'00' * 16}/question", json={"question": "?"}).is_error
    assert len(entries(work)) == before


def test_what_a_leader_does_stands_in_no_chain(work: WorkDesk) -> None:
    leaders, clock = Leaders(work.desk.ward.intake), work.desk.ward.clock
    code = leaders.invite(bytes.fromhex(work.leader))
    leaders.enrol(code, "demo", "may-1")
    check_ins, me = work.desk.ward.services.work.services.check_ins, Filer.leader(work.leader)
    found = work.file()
    check_ins.amend(found, {"people": 52}, "đếm lại", me, clock.now())
    check_ins.undo(found, me, clock.now())
    work.ask_exemption()
    leaders.pause(bytes.fromhex(work.leader), clock.today())
    leaders.leave(bytes.fromhex(work.leader))
    assert entries(work) == []


def test_the_wards_chat_signs_as_the_ward_and_not_as_the_leader(work: WorkDesk) -> None:
    services = work.desk.ward.services.work.services
    services.check_ins.approve([work.file()], f"leader:{work.leader}")
    services.check_ins.send_back(work.file(), "mấy người?", f"leader:{work.leader}")
    assert [each.actor for each in entries(work)] == ["ward:D1-01", "ward:D1-01"]
    assert not any(work.leader in (each.subject + each.detail) for each in entries(work))
