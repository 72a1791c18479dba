"""The room for bodies: pictures never take the place of words, and nobody holds one for nothing."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import guard
from bot.guard import Guard, NoRoom, Room
from bot.policy import FORM_BODY, SMALL_BODY, RoutePolicy
from intake.errors import HomThuError

pytestmark = pytest.mark.anyio
_ROOM = 4 * FORM_BODY


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


def _problem(_request: Request, status: int, _error: HomThuError | None) -> Response:
    return PlainTextResponse(f"problem {status}", status)


def _client(room: Room) -> httpx2.AsyncClient:
    policies = {"/form": RoutePolicy(frozenset({"POST"}), FORM_BODY)}
    wall = Middleware(Guard, policies=policies, problem=_problem, https=True, room=room)
    app = Starlette(routes=[Route("/form", _length, methods=["POST"])], middleware=[wall])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://t")


async def test_senders_of_pictures_who_never_finish_leave_words_their_place() -> None:
    room, gate = Room(_ROOM), asyncio.Event()

    async def never_ending() -> AsyncIterator[bytes]:
        yield b"x" * (FORM_BODY - 1)
        await gate.wait()

    async def send_pictures() -> int:
        async with _client(room) as client:
            return (await client.post("/form", content=never_ending())).status_code

    senders = [asyncio.create_task(send_pictures()) for _ in range(4)]
    await asyncio.wait(senders, return_when=asyncio.FIRST_COMPLETED)  # one finds no place
    async with _client(room) as client:
        assert (await client.post("/form", content=b"w" * SMALL_BODY)).status_code == 200
        assert (await client.post("/form", content=b"p" * FORM_BODY)).status_code == 503
    gate.set()
    assert sorted([await sender for sender in senders]) == [200, 200, 200, 503]
    assert room.held == 0


def test_a_body_is_one_of_words_until_it_has_grown() -> None:
    room = Room(limit=10 + SMALL_BODY, held=5, for_words=10)
    room.take(SMALL_BODY)
    with pytest.raises(NoRoom):
        room.take(1, before=SMALL_BODY)


async def test_a_body_that_comes_a_byte_at_a_time_holds_its_place_no_longer_than_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "_SILENCE", 0.2)
    room, sent = Room(_ROOM), [0]

    async def dribble() -> AsyncIterator[bytes]:
        yield b"x" * (64 * 1024)
        for _ in range(200):
            await asyncio.sleep(0.02)
            sent[0] += 1
            yield b"x"

    async with _client(room) as client:
        assert (await client.post("/form", content=dribble())).status_code == 503
    assert sent[0] < 50
    assert room.held == 0


async def test_a_slow_body_that_goes_on_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_SILENCE", 0.2)

    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield b"x" * 8192
            await asyncio.sleep(0.05)

    async with _client(Room(_ROOM)) as client:
        answer = await client.post("/form", content=slowly())
    assert (answer.status_code, answer.text) == (200, str(8 * 8192))
