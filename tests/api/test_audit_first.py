"""An opening that cannot be recorded does not happen; one that can is recorded first."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from intake.disclosure import Disclosure
from intake.errors import DatabaseBusy
from intake.service import Intake
from intake.vault import opening
from tests.api.desks import JPEG, Desk

OPENERS = ("open_wrap", "open_body", "open_headline")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the vault's opening functions, in the order in which they were called."""
    calls: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            calls.append(name)
            return real(*given)

        return call

    for name in OPENERS:
        monkeypatch.setattr(opening, name, counted(name, getattr(opening, name)))
    return calls


def addresses(tip: str, photo: str) -> list[tuple[str, str]]:
    return [
        ("GET", "/api/v1/tips"),
        ("GET", "/hang-tin"),
        ("POST", f"/api/v1/tips/{tip}/openings"),
        ("GET", f"/tin/{tip}"),
        ("GET", f"/api/v1/tips/{tip}/photos/{photo}"),
        ("GET", f"/tin/{tip}/anh/{photo}"),
    ]


def test_without_its_audit_row_nothing_is_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    tip, photo = desk.tip_with_photo()
    officer = desk.signed_in("phuong.binh")

    def full(self: Intake, work: object) -> None:
        raise DatabaseBusy("the disk is full")

    monkeypatch.setattr(Intake, "write_now", full)
    for method, address in addresses(tip, photo):
        answer = officer.request(method, address, json={} if method == "POST" else None)
        assert answer.status_code == 503, address
    assert opened == []


def test_every_opening_and_every_list_page_has_its_row(desk: Desk, opened: list[str]) -> None:
    tip, photo = desk.tip_with_photo()
    officer = desk.signed_in("phuong.binh")
    acts = ["queue.list", "queue.list", "tip.open", "tip.open", "photo.open", "photo.open"]
    for (method, address), act in zip(addresses(tip, photo), acts, strict=True):
        before, _ = len(desk.audit()), opened.clear()
        answer = officer.request(method, address, json={} if method == "POST" else None)
        assert answer.status_code == 200
        assert [row[0] for row in desk.audit()[before:]] == [act]
        assert opened, address


def test_the_row_is_committed_before_anything_is_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = desk.tip()
    officer = desk.signed_in("phuong.binh")
    acts: list[list[str]] = []
    real = Disclosure.keys

    def keys(self: Disclosure, session: Any) -> Any:
        acts.append([act for act, _ in desk.audit()])
        return real(self, session)

    monkeypatch.setattr(Disclosure, "keys", keys)
    assert officer.get(f"/tin/{tip}").status_code == 200
    assert acts[0][-1] == "tip.open"


def test_a_picture_comes_as_a_picture_and_only_through_its_own_tip(desk: Desk) -> None:
    tip, photo = desk.tip_with_photo()
    other = desk.tip(what="chuyện khác")
    officer = desk.signed_in("phuong.binh")
    answer = officer.get(f"/tin/{tip}/anh/{photo}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert hashlib.sha256(answer.content).digest() == hashlib.sha256(JPEG).digest()
    assert officer.get(f"/tin/{other}/anh/{photo}").status_code == 404
    assert officer.get(f"/tin/{tip}/anh/{tip}").status_code == 404
    assert f"/tin/{tip}/anh/{photo}" in officer.get(f"/tin/{tip}").text


def test_the_reason_of_an_opening_is_one_of_a_fixed_list(desk: Desk) -> None:
    tip = desk.tip()
    officer = desk.signed_in("phuong.binh")
    address = f"/api/v1/tips/{tip}/openings"
    assert officer.post(address, json={"reason": "kiểm tra việc xử lý"}).status_code == 200
    assert officer.post(address, json={"reason": "vì tôi muốn"}).status_code == 422
