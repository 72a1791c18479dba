"""Every route × nobody, an officer of another ward, of the ward, of the unit above, an admin."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from fastapi.routing import APIRoute

from api.console.assets import asset_path
from api.policy import Anyone, Needs, check_every_route, policy_of
from intake.errors import Misconfigured
from intake.watch import Watch
from tests.api.desks import Desk

ACTORS = (None, "xa.dung", "phuong.binh", "tinh.an", "quantri")


class Case(NamedTuple):
    """How a route is called, and the status for each of ``ACTORS``."""

    expected: tuple[int, int, int, int, int]
    body: Callable[["Target"], dict[str, Any]] | None = None


class Target:
    """Fresh things to act upon: a tip of the ward with a picture, a colleague, an empty account."""

    def __init__(self, desk: Desk, number: int) -> None:
        self.tip_id, self.part_id = desk.tip_with_photo()
        self.login = f"moi.{number}"
        self.officer_id = desk.officer_id("phuong.chi")
        self.digits = desk.ward.services.people.officer(bytes.fromhex(self.officer_id)).fingerprint
        desk.ward.services.people.add_officer(None, "phuong", f"tam.{number}", "Tạm")
        self.leaver_id = desk.officer_id(f"tam.{number}")

    def fill(self, route: APIRoute) -> str:
        """Return the route's address for these things."""
        empty = route.path.endswith(("/cho-thoi", "/lien-ket", "/link"))
        leaves = empty or "DELETE" in route.methods
        mark, _, name = asset_path("console.css").removeprefix("/static/").partition("/")
        return route.path.format(
            tip_id=self.tip_id, part_id=self.part_id, unit_id="phuong", token="khong-co",
            officer_id=self.leaver_id if leaves else self.officer_id, mark=mark, name=name,
        )  # fmt: skip


def sign_in(_: Target) -> dict[str, Any]:
    return {"login": "phuong.binh", "passphrase": "sai", "totp": "000000"}


def digits(target: Target) -> dict[str, Any]:
    return {"fingerprint": target.digits}


def sure(target: Target) -> dict[str, Any]:
    return {"sure": "yes", "fingerprint": target.digits}


def person(target: Target) -> dict[str, Any]:
    return {"unit_id": "phuong", "login": target.login, "name": "Mới", "role": "officer"}


def setup(_: Target) -> dict[str, Any]:
    return {"token": "khong-co"}


def setup_end(_: Target) -> dict[str, Any]:
    return {"token": "khong-co", "ticket": "00", "passphrase": "x", "totp": "1"}


def version(**more: Any) -> Callable[[Target], dict[str, Any]]:
    return lambda _: {"version": 1, **more}


EVERYBODY = (200,) * 5
SIGNED_IN = (401, 200, 200, 200, 200)
WARD = (401, 404, 200, 200, 403)
WARD_WRITES = (401, 404, 204, 204, 403)
OFFICERS = (401, 200, 200, 200, 403)
PAGE_OF_WARD = (303, 404, 200, 200, 403)
FORM_OF_WARD = (303, 404, 303, 303, 403)
V1 = "/api/v1"
CASES = {
    ("GET", f"{V1}/session"): Case(SIGNED_IN),
    ("POST", f"{V1}/session"): Case((401,) * 5, sign_in),
    ("POST", f"{V1}/setup"): Case((404,) * 5, setup),
    ("POST", f"{V1}/setup/finish"): Case((404,) * 5, setup_end),
    ("GET", f"{V1}/tips"): Case(OFFICERS),
    ("GET", f"{V1}/closing-reasons"): Case(OFFICERS),
    ("POST", f"{V1}/tips/{{tip_id}}/openings"): Case(WARD, lambda _: {}),
    ("GET", f"{V1}/tips/{{tip_id}}/photos/{{part_id}}"): Case(WARD),
    ("POST", f"{V1}/tips/{{tip_id}}/claim"): Case(WARD_WRITES, version()),
    ("POST", f"{V1}/tips/{{tip_id}}/replies"): Case(WARD_WRITES, version(text="chào")),
    ("PUT", f"{V1}/tips/{{tip_id}}/state"): Case(WARD_WRITES, version(state="grounded")),
    ("POST", f"{V1}/tips/{{tip_id}}/closing"): Case(WARD_WRITES, version(reason="trung")),
    ("GET", f"{V1}/events"): Case(OFFICERS),
    ("GET", f"{V1}/officers"): Case(SIGNED_IN),
    ("POST", f"{V1}/officers"): Case((401, 403, 201, 201, 201), person),
    ("POST", f"{V1}/officers/{{officer_id}}/link"): Case((401, 404, 201, 201, 201)),
    ("DELETE", f"{V1}/officers/{{officer_id}}"): Case((401, 404, 204, 204, 204)),
    ("GET", f"{V1}/key-acts"): Case(OFFICERS),
    ("POST", f"{V1}/officers/{{officer_id}}/key"): Case((401, 403, 204, 204, 403), digits),
    ("POST", f"{V1}/units/own/founding"): Case((401, 403, 403, 409, 403)),
    ("GET", f"{V1}/units/own/founding"): Case((401, 403, 403, 200, 403)),
    ("POST", f"{V1}/units/{{unit_id}}/entry"): Case((401, 403, 403, 404, 403), digits),
    ("POST", f"{V1}/units/{{unit_id}}/epochs"): Case((401, 403, 204, 204, 403)),
    ("POST", f"{V1}/units/{{unit_id}}/resealing"): Case((401, 403, 200, 200, 403)),
    ("GET", f"{V1}/openapi.json"): Case(EVERYBODY),
    ("GET", "/healthz"): Case(EVERYBODY),
    ("GET", "/readyz"): Case(EVERYBODY),
    ("GET", "/static/{mark}/{name}"): Case(EVERYBODY),
    ("GET", "/"): Case((303,) * 5),
    ("GET", "/dang-nhap"): Case(EVERYBODY),
    ("POST", "/dang-nhap"): Case((401,) * 5, sign_in),
    ("GET", "/thiet-lap/{token}"): Case(EVERYBODY),
    ("POST", "/thiet-lap/{token}"): Case((404,) * 5, lambda _: {}),
    ("GET", "/hang-tin"): Case((303, 200, 200, 200, 403)),
    ("GET", "/tin/{tip_id}"): Case(PAGE_OF_WARD),
    ("GET", "/tin/{tip_id}/anh/{part_id}"): Case(PAGE_OF_WARD),
    ("POST", "/tin/{tip_id}/nhan"): Case(FORM_OF_WARD, version()),
    ("POST", "/tin/{tip_id}/tra-loi"): Case(FORM_OF_WARD, version(text="chào", act="ask")),
    ("POST", "/tin/{tip_id}/trang-thai"): Case(FORM_OF_WARD, version(state="grounded")),
    ("POST", "/tin/{tip_id}/dong"): Case(FORM_OF_WARD, version(reason="trung")),
    ("GET", "/tro-giup"): Case((303, 200, 200, 200, 200)),
    ("GET", "/can-bo"): Case((303, 200, 200, 200, 200)),
    ("POST", "/can-bo"): Case((303, 403, 200, 200, 200), person),
    ("POST", "/can-bo/{officer_id}/trao-khoa"): Case((303, 403, 303, 303, 403), sure),
    ("POST", "/can-bo/{officer_id}/lien-ket"): Case((303, 404, 200, 200, 200), sure),
    ("POST", "/can-bo/{officer_id}/cho-thoi"): Case((303, 404, 303, 303, 303), sure),
    ("POST", "/khoa/lap"): Case((303, 403, 403, 409, 403), sure),
    ("GET", "/khoa/yeu-cau"): Case((303, 403, 403, 200, 403)),
    ("POST", "/khoa/{unit_id}/ky"): Case((303, 403, 403, 404, 403), sure),
    ("POST", "/khoa/{unit_id}/doi"): Case((303, 403, 303, 303, 403), sure),
    ("DELETE", f"{V1}/session"): Case((401, 204, 204, 204, 204)),
    ("POST", "/dang-xuat"): Case((303,) * 5, lambda _: {}),
}


def routes(desk: Desk) -> list[APIRoute]:
    found = [route for route in desk.app.routes if isinstance(route, APIRoute)]
    order = list(CASES)
    return sorted(found, key=lambda route: order.index(key_of(route)))


def key_of(route: APIRoute) -> tuple[str, str]:
    (method,) = route.methods
    return method, route.path


def test_the_table_names_every_route_and_no_other(desk: Desk) -> None:
    assert {key_of(route) for route in desk.app.routes if isinstance(route, APIRoute)} == set(CASES)


@pytest.mark.parametrize("actor", ACTORS)
def test_every_route_gives_each_person_what_is_theirs_and_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, actor: str | None
) -> None:
    monkeypatch.setattr(Watch, "marks", lambda self, cookie: None)
    browser = desk.signed_in(actor) if actor else desk.browser()
    answered: dict[tuple[str, str], int] = {}
    for number, route in enumerate(routes(desk)):
        key, target = key_of(route), Target(desk, number)
        if key == ("POST", "/dang-xuat") and actor:
            browser = desk.signed_in(actor)
        body = CASES[key].body
        form = {} if body is None else {("json" if V1 in key[1] else "data"): body(target)}
        answered[key] = browser.request(key[0], target.fill(route), **form).status_code
    wanted = {key: case.expected[ACTORS.index(actor)] for key, case in CASES.items()}
    assert answered == wanted


def test_every_route_declares_its_policy(desk: Desk) -> None:
    for route in routes(desk):
        policy = policy_of(route)
        assert policy is not None, route.path
        assert policy.rights if isinstance(policy, Needs) else policy.why


def test_an_app_with_a_route_without_a_policy_is_not_built(desk: Desk) -> None:
    desk.app.get("/quen")(lambda: "x")
    with pytest.raises(Misconfigured, match="/quen"):
        check_every_route(desk.app)


def test_only_sign_in_set_up_health_style_and_the_description_are_open_to_all(desk: Desk) -> None:
    open_to_all = {route.path for route in routes(desk) if isinstance(policy_of(route), Anyone)}
    assert open_to_all == {
        "/dang-nhap", "/thiet-lap/{token}", "/healthz", "/readyz", "/static/{mark}/{name}",
        f"{V1}/session", f"{V1}/setup", f"{V1}/setup/finish", f"{V1}/openapi.json",
    }  # fmt: skip


def test_a_tip_about_the_wards_officers_is_absent_for_the_ward_everywhere(desk: Desk) -> None:
    tip = desk.tip(what="công an phường nhận tiền", conflict="yes")
    officer, above = desk.signed_in("phuong.binh"), desk.signed_in("tinh.an")
    for address in ("/api/v1/tips", "/hang-tin", "/can-bo"):
        assert tip not in officer.get(address).text
    assert officer.get("/api/v1/tips").json()["counts"] == {}
    assert officer.get(f"/tin/{tip}").status_code == 404
    assert officer.post(f"/api/v1/tips/{tip}/openings", json={}).status_code == 404
    assert above.get(f"/tin/{tip}").status_code == 200
