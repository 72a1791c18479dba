"""The walls around every answer: headers, own pages only, form token, cookie, size, silence."""

import re
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI

from api.shield import HEADERS, MOST_BYTES
from intake.errors import DatabaseBusy, KeyListRejected
from intake.triage import Triage
from tests.api.desks import ORIGIN, Desk, open_desk
from tests.wards import Ward

TYPED = "Nguyễn-Văn-Gõ-Sai-3141592653"
SAID = {"version": 1, "text": "chào", "ask": False}


def broken(*_: Any, **__: Any) -> None:
    raise RuntimeError(TYPED)


def busy(*_: Any, **__: Any) -> None:
    raise DatabaseBusy("full")


def test_every_answer_carries_the_security_headers_errors_included(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = desk.signed_in("phuong.binh")
    answers = [
        officer.get("/hang-tin"),
        officer.get("/khong-co"),
        officer.get("/api/v1/khong-co"),
        officer.put("/hang-tin"),
        officer.post("/api/v1/session", content=b"{"),
        officer.post("/dang-nhap", headers={"Sec-Fetch-Site": "cross-site"}),
        officer.post("/dang-nhap", content=b"x" * (MOST_BYTES + 1)),
        desk.browser().get("/hang-tin"),
        desk.browser().get("/api/v1/tips"),
        desk.browser().get("/healthz"),
    ]
    monkeypatch.setattr(Triage, "queue", broken)
    answers += [officer.get("/hang-tin"), officer.get("/api/v1/tips")]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200, 404, 404, 405, 422, 403, 422, 303, 401, 200, 500, 500]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (answer.request.url, name)
        assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_the_policy_for_content_allows_nothing_inline_and_nothing_foreign() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("address", ["/hang-tin", "/can-bo", "/tro-giup", "/dang-nhap"])
def test_pages_hold_no_inline_script_style_or_foreign_address(desk: Desk, address: str) -> None:
    page = desk.signed_in("phuong.binh").get(address).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert not re.search(r"<script(?![^>]+src=)", page)
    assert not re.search(r'(src|href|action)="(https?:)?//', page)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, 403),
        ({"Origin": ORIGIN}, 204),
        ({"Origin": "https://desk.test.evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://desk.test"}, 403),
        ({}, 403),
    ],
)
def test_a_write_must_come_from_our_own_page(
    desk: Desk, headers: dict[str, str], status: int
) -> None:
    tip = desk.tip()
    officer = desk.signed_in("phuong.binh")
    del officer.headers["Sec-Fetch-Site"]
    answer = officer.post(f"/api/v1/tips/{tip}/claim", json={"version": 1}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "not_same_site"


@pytest.mark.parametrize("token", [None, "", "0" * 64, "ẩ"])
def test_a_write_needs_the_sessions_own_form_token(desk: Desk, token: str | None) -> None:
    tip = desk.tip()
    officer, other = desk.signed_in("phuong.binh"), desk.signed_in("phuong.chi")
    del officer.headers["X-Form-Token"]
    fields = {"version": "1"} | ({} if token is None else {"form_token": token})
    assert officer.post(f"/tin/{tip}/nhan", data=fields).status_code == 403
    answer = officer.post(f"/api/v1/tips/{tip}/claim", json={"version": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "form_token")
    stolen = {"X-Form-Token": other.headers["X-Form-Token"]}
    answer = officer.post(f"/api/v1/tips/{tip}/claim", json={"version": 1}, headers=stolen)
    assert answer.status_code == 403


def test_the_cookie_is_host_bound_secure_unseen_by_scripts_and_strict(desk: Desk) -> None:
    answer = desk.browser().post("/dang-nhap", data=desk.typed("phuong.binh"))
    name, _, rest = answer.headers["set-cookie"].partition("=")
    told = {part.strip().lower() for part in rest.split(";")[1:]}
    assert name == "__Host-homthu"
    assert told == {"httponly", "path=/", "samesite=strict", "secure"}


def test_the_demo_on_loopback_has_a_plain_named_cookie_and_says_that_it_is_a_demo(
    ward: Ward,
) -> None:
    desk = open_desk(ward, demo=True)
    browser = desk.browser(Host="127.0.0.1:8081")
    del browser.headers["Sec-Fetch-Site"]
    origin = {"Origin": "http://127.0.0.1:8081"}
    answer = browser.post("/dang-nhap", data=desk.typed("phuong.binh"), headers=origin)
    assert answer.headers["set-cookie"].startswith("homthu_demo=")
    assert "secure" not in answer.headers["set-cookie"].lower()
    assert "strict-transport-security" not in answer.headers
    assert "BẢN THỬ, không gửi tin thật" in browser.get("/dang-nhap").text


WRONG: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "/api/v1/session", {"json": {"login": TYPED, "passphrase": TYPED, "totp": TYPED}}),
    ("POST", "/api/v1/session", {"json": {"login": [TYPED], TYPED: TYPED}}),
    ("POST", "/api/v1/session", {"content": TYPED.encode()}),
    ("POST", "/api/v1/session", {"data": {"login": TYPED}}),
    ("POST", "/dang-nhap", {"data": {"login": TYPED, "passphrase": TYPED, "totp": "1"}}),
    ("POST", "/dang-nhap", {"data": {"login": TYPED * 9}}),
    ("POST", "/dang-nhap", {"data": {TYPED: TYPED}}),
    ("POST", "/dang-nhap", {"files": {"login": TYPED.encode()}}),
    ("POST", f"/thiet-lap/{TYPED}", {"data": {"ticket": TYPED, "passphrase": TYPED, "totp": "1"}}),
    ("POST", "/api/v1/setup", {"json": {"token": TYPED}}),
    ("GET", f"/api/v1/tips/{TYPED}", {}),
    ("GET", f"/api/v1/tips?state={TYPED}", {}),
    ("GET", f"/api/v1/tips?after={TYPED}", {}),
    ("GET", f"/api/v1/tips?limit={TYPED}", {}),
    ("GET", f"/hang-tin?loc={TYPED}", {}),
    ("GET", f"/hang-tin?loc={TYPED[:20]}", {}),
    ("GET", f"/hang-tin?sau={TYPED}", {}),
    ("GET", f"/tin/{TYPED}", {}),
    ("GET", f"/{TYPED}", {}),
    ("POST", f"/api/v1/tips/{TYPED}/replies", {"json": SAID | {"text": TYPED}}),
    ("POST", f"/api/v1/tips/{'0' * 32}/replies", {"json": SAID | {"text": TYPED * 400}}),
    ("POST", f"/api/v1/tips/{'0' * 32}/closing", {"json": {"version": 1, "reason": TYPED}}),
    ("POST", f"/tin/{'0' * 32}/dong", {"data": {"version": TYPED, "reason": TYPED}}),
    ("POST", "/can-bo", {"data": {"unit_id": TYPED, "login": TYPED, "name": TYPED, "role": TYPED}}),
    ("POST", "/api/v1/officers", {"json": {"unit_id": TYPED, "login": TYPED[:40], "name": TYPED}}),
    ("POST", "/api/v1/officers", {"json": {"unit_id": "xa", "login": TYPED[:40], "role": TYPED}}),
    ("POST", f"/api/v1/officers/{TYPED}/key", {"json": {"fingerprint": TYPED}}),
    ("POST", f"/can-bo/{TYPED}/trao-khoa", {"data": {"sure": "yes", "fingerprint": TYPED}}),
)


def test_no_refusal_repeats_what_was_typed(desk: Desk) -> None:
    officer = desk.signed_in("phuong.binh")
    for method, address, body in WRONG:
        answer = officer.request(method, address, **body)
        assert 400 <= answer.status_code < 500, (method, address, answer.status_code)
        heard = answer.text + str(answer.headers)
        for trace in (TYPED, TYPED.lower(), TYPED[:20], "Nguy", "3141592653"):
            assert trace not in heard, (method, address)


def test_problems_are_rfc_9457_with_a_stable_code(desk: Desk) -> None:
    answer = desk.browser().get("/api/v1/tips")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:homthu:problem:not_signed_in",
        "title": "Chưa đăng nhập",
        "status": 401,
        "code": "not_signed_in",
        "detail": "Phiên đã hết hoặc chưa mở. Xin đăng nhập.",
    }


def test_an_unexpected_error_is_a_plain_500_that_tells_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Triage, "queue", broken)
    officer = desk.signed_in("phuong.binh")
    answer, page = officer.get("/api/v1/tips"), officer.get("/hang-tin")
    assert answer.json()["code"] == "error"
    assert TYPED not in answer.text + page.text
    assert [record.getMessage() for record in caplog.records if record.name == "api.shield"] == [
        "an unexpected error on the officers' side"
    ] * 2


def test_a_busy_database_is_503_and_says_when_to_try_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Triage, "queue", busy)
    answer = desk.signed_in("phuong.binh").get("/api/v1/tips")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
    assert answer.headers["retry-after"] == "30"
    assert "Chưa có gì được ghi" in answer.text


def test_a_unit_whose_key_is_not_signed_yet_is_told_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = desk.signed_in("phuong.binh")

    def rejected(*_: Any) -> None:
        raise KeyListRejected("there is no key list yet")

    monkeypatch.setattr(Triage, "queue", rejected)
    page = officer.get("/hang-tin")
    assert page.status_code == 503
    assert "Khóa của đơn vị chưa được ký" in page.text
    assert 'href="/can-bo"' in page.text


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_a_body_that_is_too_large_is_refused(desk: Desk, kind: str) -> None:
    officer = desk.signed_in("phuong.binh")
    address = "/api/v1/session" if "json" in kind else "/can-bo"
    body = b"x" * (MOST_BYTES + 1)
    answer = officer.post(address, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 413


def test_the_openapi_document_is_valid_and_complete(desk: Desk) -> None:
    document = desk.browser().get("/api/v1/openapi.json").json()
    OpenAPI.model_validate(document)
    text = str(document)
    for name in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert name in document["components"]["schemas"]
    assert "HTTPValidationError" not in text
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(not path.startswith("/hang-tin") for path in document["paths"])
    replies = document["paths"]["/api/v1/tips/{tip_id}/replies"]["post"]
    assert replies["security"] == [{"session": [], "form": []}]
    assert "application/problem+json" in replies["responses"]["422"]["content"]
    assert document["components"]["securitySchemes"]["session"]["name"] == "__Host-homthu"


def test_style_and_scripts_may_be_kept_for_ever_because_their_address_changes(desk: Desk) -> None:
    page = desk.browser().get("/dang-nhap").text
    (sheet,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    answer = desk.browser().get(sheet)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    for wrong in ("/static/0000/console.css", sheet.replace("console.css", "..%2f..%2fapp.py")):
        assert desk.browser().get(wrong).status_code == 404


def test_every_module_that_a_module_imports_is_served(desk: Desk) -> None:
    page = desk.signed_in("phuong.binh").get("/hang-tin").text
    (entry,) = re.findall(r'<script type="module" src="([^"]+)">', page)
    browser, waiting, seen = desk.browser(), ["desk.js"], set[str]()
    while waiting:
        name = waiting.pop()
        answer = browser.get(entry.replace("desk.js", name))
        assert answer.status_code == 200, name
        assert len(answer.text.splitlines()) <= 150
        seen.add(name)
        waiting += [
            one for one in re.findall(r'from "\./([\w.]+)"', answer.text) if one not in seen
        ]
    assert seen == {"desk.js", "keys.js", "live.js", "reply.js", "idle.js"}
