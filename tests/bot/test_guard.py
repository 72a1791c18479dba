"""The wall before the public app: headers, sizes, memory, errors that repeat nothing."""

import asyncio
from collections.abc import Iterable

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Message

from bot.channels.demo import DEMO_POLICIES
from bot.guard import (
    LEAST,
    SECURITY_HEADERS,
    Guard,
    NoRoom,
    Problem,
    Room,
    client_of,
    refused_by_router,
)
from bot.policy import FORM_READ, PUBLIC_ROUTES, SMALL_BODY, RoutePolicy, check_routes
from intake.errors import HomThuError, Misconfigured, NotValid
from tests.bot.channels.conformance import CANARY, LogWatch
from tests.bot.resident import House

pytestmark = pytest.mark.anyio
_POLICIES = {
    "/echo": RoutePolicy(frozenset({"GET", "HEAD", "POST"}), 1000),
    "/read": RoutePolicy(frozenset({"GET", "HEAD"})),
    "/form": RoutePolicy(frozenset({"POST"}), 200_000, 400_000),
}


async def _echo(request: Request) -> Response:
    body = await request.body()
    match body:
        case b"refused":
            raise NotValid(CANARY)
        case b"broken":
            raise RuntimeError(CANARY)
        case _:
            return PlainTextResponse(str(len(body)))


def _problem(_request: Request, status: int, _error: HomThuError | None) -> Response:
    return PlainTextResponse(f"problem {status}", status)


def _app(room: Room | None = None, problem: Problem = _problem) -> Starlette:
    guard = Middleware(Guard, policies=_POLICIES, problem=problem, https=True, room=room)
    handlers = {HTTPException: refused_by_router(problem)}
    return Starlette(
        routes=[
            Route("/echo", _echo, methods=["GET", "POST"]),
            Route("/read", _echo),
            Route("/form", _echo, methods=["POST"]),
        ],
        middleware=[guard],
        exception_handlers=handlers,
    )


def _client(app: Starlette) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://t")


async def _drive(
    app: Starlette,
    chunks: Iterable[bytes],
    headers: list[tuple[bytes, bytes]],
    path: str = "/echo",
):
    """Run one POST by hand; return the status, the body, and how many chunks were read."""
    pieces, read, sent = iter(chunks), [0], list[Message]()

    async def receive() -> Message:
        piece = next(pieces, None)
        if piece is None:
            return {"type": "http.disconnect"}
        read[0] += 1
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": path, "query_string": b"",
        "headers": headers, "http_version": "1.1", "scheme": "http", "raw_path": path.encode(),
    }  # fmt: skip
    await app(scope, receive, send)
    start = next((m for m in sent if m["type"] == "http.response.start"), None)
    body = b"".join(m.get("body", b"") for m in sent)
    return (start["status"] if start else None), body, read[0], start


# --- headers --------------------------------------------------------------------------------------


async def test_every_answer_of_every_route_bears_the_headers_and_no_cookie(house: House) -> None:
    for path in [*PUBLIC_ROUTES, "/khong-co", "/static/khong-co"]:
        address = path.replace("{code}", "to-3-hoa-mau").replace("{name}", "page.css")
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = await house.client.request(method, address)
            for name, value in SECURITY_HEADERS.items():
                assert answer.headers.get_list(name) == [value], (method, address, name)
            assert "set-cookie" not in answer.headers


async def test_a_failure_bears_the_headers_as_well() -> None:
    async with _client(_app()) as client:
        for body, status in ((b"refused", 422), (b"broken", 500), (b"x" * 1001, 413)):
            answer = await client.post("/echo", content=body)
            assert answer.status_code == status
            assert SECURITY_HEADERS.items() <= dict(answer.headers).items()
            assert "strict-transport-security" in answer.headers


# --- policies -------------------------------------------------------------------------------------


async def test_every_public_route_has_a_policy(house: House) -> None:
    paths = {route.path for route in house.app.routes if isinstance(route, Route)}
    of_leaders = {path for path in PUBLIC_ROUTES if path.startswith(("/viec", "/lich"))}
    assert paths == (set(PUBLIC_ROUTES) | set(DEMO_POLICIES)) - of_leaders
    check_routes(house.app.routes, {**PUBLIC_ROUTES, **DEMO_POLICIES})


@pytest.mark.parametrize(
    "route",
    [
        Route("/moi", _echo),
        Route("/q/{code}", _echo, methods=["POST"]),
        Mount("/q/{code}", _app()),
    ],
    ids=["unknown", "method", "mount"],
)
def test_a_route_without_a_policy_stops_the_start(route: Route) -> None:
    with pytest.raises(Misconfigured):
        check_routes([route], PUBLIC_ROUTES)


# --- errors ---------------------------------------------------------------------------------------


async def test_no_error_repeats_what_was_sent_or_thrown() -> None:
    with LogWatch() as log:
        async with _client(_app()) as client:
            for body in (b"refused", b"broken"):
                answer = await client.post(f"/echo?x={CANARY}", content=body)
                assert answer.text == f"problem {answer.status_code}"
            for method, path in (("GET", f"/{CANARY}"), ("PUT", f"/echo?{CANARY}")):
                assert CANARY not in (await client.request(method, path)).text
    assert any("a public route failed" in line for line in log.lines)
    assert not [line for line in log.lines if CANARY in line.partition("(<class")[0]]


async def test_a_sender_who_hangs_up_is_no_error() -> None:
    with LogWatch() as log:
        status, body, _, _ = await _drive(_app(), [b"half a"], [])
    assert (status, body) == (None, b"")
    assert log.lines == []


async def test_a_page_that_cannot_be_drawn_still_leaves_a_plain_sentence() -> None:
    def broken(_request: Request, _status: int, _error: HomThuError | None) -> Response:
        raise RuntimeError(CANARY)

    async with _client(_app(problem=broken)) as client:
        for path, status in (("/echo", 422), ("/khong-co", 500)):
            answer = await client.post(path, content=b"refused")
            assert (answer.status_code, answer.text) == (status, LEAST)


async def test_what_the_router_refuses_keeps_its_status_and_what_it_allows() -> None:
    async with _client(_app()) as client:
        assert (await client.get("/khong-co")).status_code == 404
        refused = await client.delete("/echo")
        assert refused.status_code == 405
        assert "GET" in refused.headers["allow"]


# --- sizes ----------------------------------------------------------------------------------------


async def test_an_announced_size_over_the_limit_is_refused_before_reading() -> None:
    headers = [(b"content-length", b"52428800")]
    status, body, read, start = await _drive(_app(), [b"x" * 65536] * 800, headers)
    assert (status, read) == (413, 0)
    assert body == b"problem 413"
    assert (b"connection", b"close") in start["headers"]


async def test_a_body_that_grows_over_the_limit_is_cut_off() -> None:
    status, _, read, _ = await _drive(_app(), [b"x" * 400] * 1000, [])
    assert (status, read) == (413, 3)


async def test_of_a_form_whose_files_are_too_large_only_the_beginning_is_ever_held() -> None:
    room = Room(limit=SMALL_BODY)  # the files would not fit
    async with _client(_app(room)) as client:
        for size, kept in ((200_000, "503"), (300_000, str(SMALL_BODY))):
            answer = await client.post(
                "/form", content=b"x" * size, headers={"content-type": "multipart/form-data"}
            )
            assert kept in (str(answer.status_code), answer.text)
    assert room.held == 0


@pytest.mark.parametrize(
    ("headers", "most_read"),
    [
        ([(b"content-length", b"400001"), (b"content-type", b"multipart/form-data")], 0),
        ([(b"content-length", b"300000"), (b"content-type", b"text/plain")], 0),
        ([(b"content-type", b"multipart/form-data")], 201),
        ([(b"content-length", b"300000"), (b"content-type", b"multipart/form-data")], 401),
    ],
    ids=["far too large", "no form", "unannounced", "larger than announced"],
)
async def test_nothing_else_is_read_on(headers: list[tuple[bytes, bytes]], most_read: int) -> None:
    status, _, read, _ = await _drive(_app(), [b"x" * 1000] * 1000, headers, "/form")
    assert (status, read) == (413, most_read)


async def test_a_get_may_bring_no_body() -> None:
    async with _client(_app()) as client:
        assert (await client.request("GET", "/read", content=b"x")).status_code == 413
        assert (await client.request("GET", "/khong-co", content=b"x")).status_code == 404


async def test_a_method_that_is_not_served_is_told_so_whatever_it_brings() -> None:
    headers = [(b"content-length", b"52428800")]
    for announced in (headers, []):
        status, body, read, start = await _drive(_app(), [b"x" * 65536] * 800, announced, "/read")
        assert (status, body, read) == (405, b"problem 405", 0)
        assert (b"allow", b"GET, HEAD") in start["headers"]
        assert (b"connection", b"close") in start["headers"]


async def test_large_bodies_side_by_side_share_a_bounded_room() -> None:
    room = Room(limit=1500)
    app = _app(room)
    gate, begun = asyncio.Event(), asyncio.Event()

    async def slow_sender() -> int:
        async def chunks():
            yield b"x" * 900
            begun.set()
            await gate.wait()

        async with _client(app) as client:
            return (await client.post("/echo", content=chunks())).status_code

    first = asyncio.create_task(slow_sender())
    await begun.wait()
    async with _client(app) as client:
        assert (await client.post("/echo", content=b"x" * 900)).status_code == 503
        assert (await client.post("/echo", content=b"x" * 100)).status_code == 200
    gate.set()
    assert await first == 200
    assert room.held == 0


def test_a_full_room_takes_nothing_more() -> None:
    room = Room(limit=10, held=8)
    with pytest.raises(NoRoom):
        room.take(3)
    assert room.held == 8


async def test_an_upload_of_fifty_megabytes_gets_a_plain_page(house: House) -> None:
    for kind in ("multipart/form-data; boundary=B", "text/plain"):
        answer = await house.client.post(
            "/gui-tin", content=b"x" * (50 * 1024 * 1024), headers={"content-type": kind}
        )
        assert answer.status_code == 413
        assert "Nhiều hoặc nặng quá" in answer.text
    assert FORM_READ < 50 * 1024 * 1024


# --- who sends ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, ["6.6.6.6"], "10.0.0.1"),
        (1, ["6.6.6.6, 2.2.2.2"], "2.2.2.2"),
        (1, ["6.6.6.6", "2.2.2.2"], "2.2.2.2"),
        (2, ["6.6.6.6, 2.2.2.2, 10.0.0.9"], "2.2.2.2"),
        (2, ["2.2.2.2"], "10.0.0.1"),
        (1, [], ""),
        (1, ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
    ],
)
def test_the_sender_is_what_our_own_outermost_proxy_saw(
    proxies: int, forwarded: list[str], expected: str
) -> None:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    scope = {"type": "http", "headers": headers, "client": ("10.0.0.1", 1)}
    assert client_of(Request(scope), proxies) == (expected or "10.0.0.1")


# --- health ---------------------------------------------------------------------------------------


async def test_health_says_that_we_live_and_readiness_that_we_can_work(house: House) -> None:
    assert (await house.client.get("/healthz")).text == "ok"
    assert (await house.client.get("/readyz")).status_code == 200
    house.flags["ready"] = False
    assert (await house.client.get("/readyz")).status_code == 503
    assert (await house.client.get("/healthz")).status_code == 200
