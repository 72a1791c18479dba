"""Every route × nobody, an officer of another ward, of the ward, of the unit above, an admin."""

import pytest
from fastapi.routing import APIRoute

from api.policy import Anyone, Needs, check_every_route, policy_of
from intake.errors import Misconfigured
from intake.watch import Watch
from tests.api.desks import Desk
from tests.api.route_cases import ACTORS, CASES, V1, Target, key_of
from tests.api.work_desk import open_work_desk


def routes(desk: Desk) -> list[APIRoute]:
    found = [route for route in desk.app.routes if isinstance(route, APIRoute)]
    order = list(CASES)
    return sorted(found, key=lambda route: order.index(key_of(route)))


def test_the_table_names_every_route_and_no_other(desk: Desk) -> None:
    assert {key_of(route) for route in desk.app.routes if isinstance(route, APIRoute)} == set(CASES)


@pytest.mark.parametrize("actor", ACTORS)
def test_every_route_gives_each_person_what_is_theirs_and_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, actor: str | None
) -> None:
    monkeypatch.setattr(Watch, "marks", lambda self, cookie: None)
    browser = desk.signed_in(actor) if actor else desk.browser()
    answered: dict[tuple[str, str], int] = {}
    work = open_work_desk(desk)
    for number, route in enumerate(routes(desk)):
        key, target = key_of(route), Target(desk, work, number)
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
        "/lich/{secret}.ics",
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
