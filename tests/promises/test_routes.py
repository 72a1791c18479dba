"""Every answer of both doors wears the security headers, and no refusal repeats what was typed.

Every route is called with every method, with marked junk in path, query, headers, cookies and body,
by nobody and by an officer; and every kind of failure is brought about. Nothing of the demo exists
outside the demo.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api.console.assets import asset_path
from api.policy import policy_of
from bot.channels.telegram_webhook import PATH, POLICIES, SECRET_HEADER
from bot.policy import PUBLIC_ROUTES, check_routes
from bot.serve import BotProcess
from intake.errors import Misconfigured
from intake.limits import Allowance
from storage.database import Database
from tests.running.evidence import of_house
from tests.running.house import PLENTY, SECRET, House
from tests.running.marks import Marks
from tests.running.people import Officer, Visitor
from tests.running.trouble import crashing, locked

OpenHouse = Callable[..., House]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")
STRICT = {
    "x-content-type-options": {"nosniff"},
    "x-frame-options": {"DENY"},
    "referrer-policy": {"no-referrer", "same-origin"},
    "cross-origin-opener-policy": {"same-origin"},
    "cross-origin-resource-policy": {"same-origin"},
}
FORBIDDEN_IN_POLICY = ("unsafe", "http:", "https:", "*", "blob:")
IMMUTABLE = "public, max-age=31536000, immutable"
STREAM = "/api/v1/events"


def check_headers(answer: httpx.Response, *, https: bool) -> None:
    """Hold one answer against the list; an asset whose address changes with it may be kept."""
    where = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
    headers = answer.headers
    for name, allowed in STRICT.items():
        assert headers.get(name) in allowed, (where, name)
    policy = headers.get("content-security-policy", "")
    assert policy.startswith("default-src 'none'"), where
    assert "frame-ancestors 'none'" in policy, where
    assert not [word for word in FORBIDDEN_IN_POLICY if word in policy], where
    assert "geolocation=()" in headers.get("permissions-policy", ""), where
    if https:
        assert "max-age=" in headers.get("strict-transport-security", ""), where
    kept = headers.get("cache-control")
    is_asset = answer.is_success and answer.request.url.path == asset_path("console.css")
    assert kept == (IMMUTABLE if is_asset else "no-store"), where
    assert not headers.get_list("server"), where


class Walker:
    """Calls everything, and keeps the marks that it typed."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.marks = Marks([])
        self.https = house.settings.base_url.startswith("https:")
        self.seen: set[tuple[str, int]] = set()

    def calls(self, caller: httpx.Client, door: str, method: str, pattern: str) -> None:
        """Call one route with junk everywhere; check the answer. Residents post in every form."""
        turns = range(4) if (door, method) == ("public", "POST") else (len(self.marks.known) % 4,)
        for turn in turns:
            self._call(caller, door, method, pattern, turn)

    def _call(self, caller: httpx.Client, door: str, method: str, pattern: str, turn: int) -> None:
        junk = self.marks.ascii(f"junk at {method} {pattern}")
        path = fill(pattern, junk)
        headers = {"Referer": f"https://{junk}.example/", "Accept-Language": junk, "X-Junk": junk}
        if "Cookie" not in caller.headers:
            headers["Cookie"] = f"homthu_demo={junk}; __Host-homthu={junk}"
        bodies: tuple[dict[str, Any], ...] = (
            {"json": {"text": junk, junk: junk, "version": junk}},
            {"data": {"what": junk, "code": junk, junk: junk, "go": "look"}},
            {"files": {"photo": (f"{junk}.jpg", junk.encode())}},
            {"content": junk.encode()},
        )
        body = {} if method in ("GET", "HEAD", "TRACE") else bodies[turn]
        answer = caller.request(
            method, path, params={"q": junk, junk: junk}, headers=headers, **body
        )
        self.checks(answer, door)
        if answer.status_code >= 300:
            assert junk not in answer.text + str(answer.headers), (method, pattern)

    def checks(self, answer: httpx.Response, door: str) -> None:
        check_headers(answer, https=self.https)
        self.seen.add((door, answer.status_code))


def fill(pattern: str, junk: str) -> str:
    """Put junk into a route's address."""
    for name in (
        "at", "token", "tip_id", "part_id", "officer_id", "unit_id", "mark", "name", "code",
        "secret",
    ):  # fmt: skip
        pattern = pattern.replace(f"{{{name}}}", junk)
    return pattern


def public_paths(house: House) -> Iterator[str]:
    for route in house.bot.app.routes:
        assert isinstance(route, Route)
        yield route.path


def officer_paths(house: House) -> Iterator[str]:
    for route in house.officers.routes:
        assert isinstance(route, APIRoute)
        yield route.path


@pytest.mark.parametrize("kind", ["real", "demo"])
def test_every_route_and_method_answers_with_the_headers_and_repeats_nothing(
    open_house: OpenHouse, quick_sqlite: Database, kind: str
) -> None:
    house = open_house(kind, quick_sqlite)
    walker = Walker(house)
    nobody = house.caller("nobody at all")
    strangers = house.caller("nobody at all", "officer", Sec_Fetch_Site="same-origin")
    officer = Officer(house, "phuong.binh", "ward")
    odd = ("/{name}", "/khong/co", "/gui-tin/", "/.env", "/static/../bot/serve.py", "/%2e%2e/x")
    for method in METHODS:
        for path in sorted({*public_paths(house), *odd}):
            walker.calls(nobody, "public", method, path)
        for path in sorted({*officer_paths(house), *odd}):
            walker.calls(strangers, "officer", method, path)
            if path not in (STREAM, "/dang-xuat") and (method, path) != (
                "DELETE",
                "/api/v1/session",
            ):
                walker.calls(officer.http, "officer", method, path)
    assert {200, 303, 404, 405, 422} <= {status for door, status in walker.seen if door == "public"}
    assert {200, 303, 401, 403, 404, 405, 422} <= {
        status for door, status in walker.seen if door == "officer"
    }
    log = next(each for each in of_house(house) if each.where == "the log")
    assert walker.marks.found_in([log]) == []


def test_every_kind_of_failure_wears_them_too(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite, PLENTY | {"look_up": Allowance(1, 1)})
    walker = Walker(house)
    for answer in failures_of_the_public_door(house, quick_sqlite):
        walker.checks(answer, "public")
    for answer in failures_of_the_officers_door(house, quick_sqlite):
        walker.checks(answer, "officer")
    assert {status for door, status in walker.seen if door == "public"} == {
        400, 401, 403, 413, 422, 429, 500, 503, 200,
    }  # fmt: skip
    assert {status for door, status in walker.seen if door == "officer"} == {
        403, 404, 409, 413, 422, 500, 503,
    }  # fmt: skip


def failures_of_the_public_door(house: House, database: Database) -> Iterator[httpx.Response]:
    hook = house.caller("nobody at all")
    good = {SECRET_HEADER: SECRET}
    yield hook.post(PATH, content=b"{", headers=good)
    yield hook.post(PATH, content=b"{}")
    yield hook.post(PATH, content=b"{}", headers={SECRET_HEADER: "x" * 32})
    yield hook.post(PATH, content=b"x" * 2_000_000, headers=good)
    visitor = Visitor(house)
    with suppress(httpx.WriteError):
        yield visitor.http.post("/gui-tin", content=bytes(13 * 1024 * 1024))
    yield visitor.http.post("/gui-tin", content=b"x", headers={"Content-Type": "text/plain"})
    code = house.ward.pool.take().code
    for _ in range(2):
        yield visitor.asks(code).response
    for trouble in (crashing("bot.acts.Acts.think"), locked(database)):
        visitor.visits("/gui-tin")
        with trouble:
            form = visitor.page.forms[0].fields
            told = {"conflict": "no", "place": "phường Hoa Mẫu", "what": "mốc", "go": "review"}
            yield visitor.posts("/gui-tin", form | told).response
    visitor.writes()
    with locked(database):
        yield visitor.presses("Gửi").response


def failures_of_the_officers_door(house: House, database: Database) -> Iterator[httpx.Response]:
    officer, tip_id = Officer(house, "phuong.binh", "ward"), "00" * 16
    house.ward.send()
    mine = officer.queue()[0]["id"]
    path = f"/api/v1/tips/{mine}/replies"
    yield officer.http.get(f"/tin/{tip_id}")
    yield officer.http.post(path, json={"version": 99, "text": "chào"})
    yield officer.http.post(path, json={"version": 1})
    yield officer.http.post(path, content=bytes(300_000))
    other = {"Sec-Fetch-Site": "cross-site"}
    yield officer.http.post(path, json={"version": 1, "text": "x"}, headers=other)
    yield officer.http.post(path, json={"version": 1, "text": "x"}, headers={"X-Form-Token": "x"})
    with crashing("intake.triage.Triage.queue"):
        yield officer.http.get("/api/v1/tips")
        yield officer.http.get("/hang-tin")
    with locked(database):
        yield officer.http.get(f"/tin/{mine}")


# --- policies and the demo ------------------------------------------------------------------------


def test_every_route_of_both_doors_has_a_policy(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite)
    assert set(public_paths(house)) == set(PUBLIC_ROUTES) | set(POLICIES)
    check_routes(house.bot.app.routes, {**PUBLIC_ROUTES, **POLICIES})
    assert all(policy_of(route) for route in house.officers.routes)


def test_the_bot_does_not_start_with_a_route_without_a_policy(
    open_house: OpenHouse, quick_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house("real", quick_sqlite, telegram=False)

    async def page(_: object) -> PlainTextResponse:
        return PlainTextResponse("x")

    forgotten = Route("/quen", page, methods=["GET"])
    monkeypatch.setattr(BotProcess, "_extra_routes", lambda *_: [forgotten])
    with pytest.raises(Misconfigured, match="/quen"):
        BotProcess(house.ward.foundation)


def test_no_demo_route_answers_outside_the_demo(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    from bot.channels.demo import DEMO_POLICIES
    from bot.channels.demo_board import POLICIES as BOARD_POLICIES

    house = open_house("real", quick_sqlite, telegram=False)
    demo = {*DEMO_POLICIES, *BOARD_POLICIES}
    assert len(demo) >= 6
    assert not demo & {*public_paths(house), *officer_paths(house)}
    for door in ("public", "officer"):
        caller = house.caller("nobody at all", door, Sec_Fetch_Site="same-origin")
        for path in demo:
            for method in ("GET", "POST"):
                assert caller.request(method, path, json={}).status_code == 404, (door, path)
    assert "BẢN THỬ" not in house.caller("nobody at all").get("/").text


def test_no_demo_module_is_loaded_by_a_server() -> None:
    script = (
        "import sys, bot.serve, api.serve, reminders.serve\n"
        "print([m for m in sys.modules if 'demo' in m])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=root
    )
    assert done.stdout.strip() == "[]", done.stderr
