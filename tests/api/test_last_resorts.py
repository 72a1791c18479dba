"""What happens when the machine itself is unwell, and the set-up over JSON."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from fastapi.responses import StreamingResponse

from api.shield import AnswerBroken
from intake.errors import DatabaseBusy, KeyListRejected, SchemaBehind
from intake.founding import Founding
from intake.handover import KeyActs
from intake.keylist import KeyList
from intake.service import Intake
from intake.upkeep.health import Figures, Health
from tests.api.desks import ORIGIN, Desk


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SchemaBehind("run `homthu upgrade`"), Figures(writer_alive=True, schema_current=False)),
        (DatabaseBusy("stopped"), Figures(writer_alive=False, schema_current=False)),
    ],
)
def test_asking_for_health_never_raises(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception, told: Figures
) -> None:
    def fail(self: Intake) -> None:
        raise error

    monkeypatch.setattr(Intake, "check_schema", fail)
    assert Health(desk.ward.intake).figures() == told


def test_watching_without_a_key_list_or_a_session_tells_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = desk.signed_in("phuong.binh")
    watch, cookie = desk.app.state.desk.watch, officer.cookies["__Host-homthu"]
    desk.tip()
    assert len(watch.marks(cookie)) == 1
    assert watch.marks("khong phai") is None
    assert watch.marks("00" * 32) is None
    assert watch.marks(desk.signed_in("quantri").cookies["__Host-homthu"]) == {}

    def rejected(self: KeyList) -> None:
        raise KeyListRejected("there is no key list yet")

    monkeypatch.setattr(KeyList, "current", property(rejected))
    assert watch.marks(cookie) == {}


def test_an_answer_that_breaks_half_way_cuts_the_line_and_says_nothing_of_why(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def half() -> AsyncIterator[str]:
        yield "half"
        raise RuntimeError("chữ mật")

    async def breaks(self: StreamingResponse, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        async for piece in half():
            body = {"type": "http.response.body", "body": piece.encode(), "more_body": True}
            await send(body)

    officer = desk.signed_in("phuong.binh")
    monkeypatch.setattr(StreamingResponse, "stream_response", breaks)
    officer._transport.raise_server_exceptions = True  # type: ignore[attr-defined]
    with pytest.raises(AnswerBroken) as caught:
        officer.get("/api/v1/events")
    assert "chữ mật" not in str(caught.value)


def test_a_form_that_is_not_a_form_is_refused(desk: Desk) -> None:
    officer = desk.signed_in("phuong.binh")
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in ("ẩ=1".encode(), b"&".join(b"a%d=1" % n for n in range(40)), b"a=%ff"):
        assert officer.post("/can-bo", content=body, headers=kind).status_code == 422
    tip = desk.tip()
    assert officer.post(f"/tin/{tip}/nhan", data={"version": "một"}).status_code == 422


def test_json_that_breaks_the_parser_is_refused_as_any_other_that_cannot_be_read(
    desk: Desk,
) -> None:
    browser, kind = desk.browser(), {"Content-Type": "application/json"}
    for body in (b"{", b"[" * 20_000, b"\xff\xfe", b"9" * 5_000):
        answer = browser.post("/api/v1/session", content=body, headers=kind)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_valid"), body[:9]


def test_the_whole_set_up_works_over_json(desk: Desk) -> None:
    admin = desk.signed_in("quantri")
    body = {"unit_id": "phuong", "login": "moi", "name": "Người Mới"}
    made = admin.post("/api/v1/officers", json=body).json()
    assert made["link"] == f"{ORIGIN}/thiet-lap/{made['token']}"
    browser = desk.browser()
    shown = browser.post("/api/v1/setup", json={"token": made["token"]}).json()
    totp = pyotp.TOTP(shown["totp_secret"])
    typed = {
        "token": made["token"], "ticket": shown["ticket"], "passphrase": shown["passphrase"],
        "totp": totp.at(desk.ward.clock.now()),
    }  # fmt: skip
    person = browser.post("/api/v1/setup/finish", json=typed).json()
    assert (person["login"], person["has_key"], person["has_grant"]) == ("moi", True, False)
    assert browser.post("/api/v1/setup/finish", json=typed).status_code == 404
    desk.ward.clock.advance(timedelta(seconds=31))
    typed = {"login": "moi", "passphrase": shown["passphrase"]}
    typed["totp"] = totp.at(desk.ward.clock.now())
    assert browser.post("/api/v1/session", json=typed).status_code == 201


def test_founding_leads_to_the_request_for_the_root(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeyActs, "found", lambda self, session: Founding("{}", "1234 5678"))
    top = desk.signed_in("tinh.an")
    assert top.post("/khoa/lap").headers["location"] == "/khoa/yeu-cau"
    made = top.post("/api/v1/units/own/founding")
    assert (made.status_code, made.json()["fingerprint"]) == (201, "1234 5678")
