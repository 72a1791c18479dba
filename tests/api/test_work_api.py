"""The work side's JSON: the same figures as the pages, problems with a sentence, a document."""

import pytest
from starlette.testclient import TestClient

from tests.api.work_desk import (
    LISTENING,
    OUTREACH,
    PLAN,
    TEMPLATE,
    TO_3,
    TO_4,
    WorkDesk,
)

V1 = "/api/v1"
CHOSEN = {"programme": TEMPLATE, "duty": OUTREACH}


def test_compliance_has_figures_children_and_trend(work: WorkDesk, clerk: TestClient) -> None:
    work.file(TO_3)
    told = clerk.get(f"{V1}/compliance", params=CHOSEN).json()
    assert told["area"]["id"] == "D1-01"
    assert told["duty"]["period"] == "2026-03"
    assert told["rates"]["completeness"] == {"numerator": 1, "denominator": 2, "value": 0.5}
    assert told["rates"]["on_time_share"] == {"numerator": 1, "denominator": 1, "value": 1.0}
    assert {each["id"]: each["letter"] for each in told["children"]} == {TO_3: "Đ", TO_4: "·"}
    assert told["trend"][-1]["rates"] == told["rates"]
    assert told["elapsed"] == {"numerator": 2, "denominator": 31, "value": 2 / 31}


def test_a_share_of_nothing_has_no_value(work: WorkDesk, clerk: TestClient) -> None:
    del work
    told = clerk.get(f"{V1}/compliance", params=CHOSEN).json()
    assert told["rates"]["on_time_share"] == {"numerator": 0, "denominator": 0, "value": None}


def test_the_unit_above_reads_the_sum_of_its_wards(work: WorkDesk, clerk: TestClient) -> None:
    work.file(TO_3)
    above = work.desk.signed_in("tinh.an")
    whole = above.get(f"{V1}/compliance", params=CHOSEN).json()
    parts = [
        above.get(f"{V1}/compliance", params=CHOSEN | {"area": each["id"]}).json()["rates"]
        for each in whole["children"]
    ]
    assert len(parts) == 2
    for name in ("expected", "met", "timely", "approved", "exempt", "ended"):
        assert whole["rates"][name] == sum(part[name] for part in parts)
    own = clerk.get(f"{V1}/compliance", params=CHOSEN).json()["rates"]
    assert own in parts


def test_the_matrix_is_the_one_that_the_page_shows(work: WorkDesk, clerk: TestClient) -> None:
    work.file(TO_3)
    told = clerk.get(f"{V1}/compliance/matrix", params=CHOSEN).json()
    assert [column["period"] for column in told["columns"]] == ["2026-03"]
    letters = {row["owner_id"]: [cell["letter"] for cell in row["cells"]] for row in told["rows"]}
    assert letters == {TO_3: ["Đ"], TO_4: ["·"]}
    behind = clerk.get(f"{V1}/compliance/owners/{TO_3}/2026-03").json()
    found = {each["obligation"]["duty"]: each["obligation"] for each in behind}
    assert len(found[OUTREACH]["counted"]) == 1
    assert found[LISTENING]["letter"] == "·"


@pytest.mark.parametrize(
    ("method", "path", "told", "status", "code", "says"),
    [
        ("GET", "/compliance?programme=x&duty=y", None, 404, "unknown_item", "chọn lại"),
        ("GET", "/compliance/owners/D1-01-03/2020-01", None, 404, "not_found", "chọn kỳ khác"),
        ("GET", "/check-ins/zz", None, 404, "not_found", "tải lại danh sách"),
        ("POST", "/check-ins/approvals", {"ids": []}, 422, "not_valid", "Có ô thiếu"),
        ("PUT", "/exemptions/00", {"granted": True}, 404, "not_found", "Không có việc"),
        ("POST", "/leaders", {"name": "A", "address_as": "bác", "owner_id": TO_3}, 409,
         "head_taken", "dùng bàn giao"),
        ("GET", "/leaders/00", None, 404, "not_found", "trong sổ"),
        ("PUT", "/filings/00", {"document_number": "1", "document_on": "2026-03-01",
                                "reason": "x"}, 404, "not_found", "mục đã gửi"),
        ("PUT", "/role-holders", {"programme": PLAN, "role": "x", "holder": "y"}, 404,
         "unknown_item", "không có cơ quan này"),
        ("PUT", "/programme-uses", {"programme": "x", "since": "2026-03-01"}, 404,
         "unknown_item", "Không có chương trình này"),
    ],
)  # fmt: skip
def test_every_problem_has_a_stable_code_and_a_sentence(
    clerk: TestClient, method: str, path: str, told: object, status: int, code: str, says: str
) -> None:
    answer = clerk.request(method, V1 + path, **({"json": told} if told is not None else {}))
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert says in answer.json()["detail"]


def test_no_problem_repeats_what_was_typed(clerk: TestClient) -> None:
    typed = "Nguyen-Van-Teo-0912345678"
    calls = (
        ("GET", f"/compliance?programme={typed}&duty={typed}", None),
        ("GET", f"/compliance?area={typed}&programme=x&duty=x", None),
        ("GET", f"/compliance/overview?month={typed[:7]}", None),
        ("GET", f"/compliance/owners/{typed}/{typed}", None),
        ("GET", f"/check-ins/{typed}", None),
        ("POST", f"/check-ins/{typed}/question", {"question": typed}),
        ("POST", "/check-ins", {"once": typed, "check_in": {
            "owner_id": typed, "kind": "outreach", "done_on": "2026-03-01"}}),
        ("POST", "/leaders", {"name": typed, "address_as": "bác", "owner_id": typed}),
        ("POST", f"/leaders/{typed}/invites", None),
        ("POST", "/filings", {"programme": PLAN, "item": "bao-cao-nam", "occurrence": typed[:20],
                              "document_number": typed, "document_on": "2026-03-01"}),
        ("PUT", "/role-holders", {"programme": typed, "role": typed, "holder": typed}),
    )  # fmt: skip
    for method, path, body in calls:
        answer = clerk.request(method, V1 + path, **({"json": body} if body else {}))
        assert 400 <= answer.status_code < 500, path
        assert typed[:7] not in answer.text + str(answer.headers), path


def test_the_document_names_every_route_of_the_work_side(clerk: TestClient) -> None:
    document = clerk.get(f"{V1}/openapi.json").json()
    ids = {each["operationId"] for path in document["paths"].values() for each in path.values()}
    assert {
        "read_compliance", "read_overview", "read_matrix", "drill_down", "list_duties",
        "list_waiting_check_ins", "file_by_phone", "approve_check_ins", "send_back",
        "list_late_check_ins", "read_check_in", "read_check_in_photo", "list_exemptions",
        "decide_exemption", "list_leaders", "add_leader", "assign_leader", "hand_over",
        "invite_leader", "let_leader_go", "read_reports", "mark_sent", "amend_filing",
        "withdraw_filing", "name_role_holder", "list_programmes", "use_programme",
        "end_programme", "list_owners", "read_leader", "close_leader_chats",
    } <= ids  # fmt: skip


def test_filing_by_phone_twice_with_one_word_files_once(clerk: TestClient) -> None:
    told = {
        "once": "00112233445566778899",
        "check_in": {"owner_id": TO_3, "kind": "outreach", "done_on": "2026-03-01"},
    }
    first, again = (clerk.post(f"{V1}/check-ins", json=told) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["check_in_id"] == again.json()["check_in_id"]
    assert again.json()["again"] is True
    met = [each["title"] for each in first.json()["effects"] if each["met"]]
    assert "Tuyên truyền hằng tháng" in met


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "1999-12", "2026-13", "-001-01"])
@pytest.mark.parametrize(
    "path", ["compliance", "compliance/matrix", "compliance/overview", "compliance/workbook",
             "duties", "nudges"]
)  # fmt: skip
def test_a_month_beyond_counting_is_refused_and_breaks_nothing(
    clerk: TestClient, path: str, month: str
) -> None:
    answer = clerk.get(f"{V1}/{path}", params={**CHOSEN, "month": month})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_valid")


@pytest.mark.parametrize(
    "changes", [{"owner_id": ["x"]}, {"owner_id": 10**30}, {"topics": 1}, {"topics": True}]
)
def test_changes_of_a_wrong_kind_are_refused_and_break_nothing(
    work: WorkDesk, clerk: TestClient, changes: dict[str, object]
) -> None:
    told = {"changes": changes, "reason": "ghi nhầm"}
    assert clerk.patch(f"{V1}/check-ins/{work.file()}", json=told).status_code in (404, 422)
