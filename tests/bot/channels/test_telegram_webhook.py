"""The webhook: who may post, what is refused, and that 200 means committed."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.telegram import TelegramChannel, Webhook
from bot.channels.telegram_webhook import LARGEST_BODY, PATH, POLICIES, SECRET_HEADER, routes
from bot.policy import check_routes
from intake import logs
from intake.errors import DatabaseBusy, Misconfigured
from tests.bot.telegram_rig import CHAT, Ears
from tests.bot.telegram_server import TelegramServer

pytestmark = pytest.mark.anyio
SECRET = "s3cret_" * 5
GOOD = {SECRET_HEADER: SECRET}


@pytest.fixture
def app(channel: TelegramChannel, ears: Ears) -> Starlette:
    return Starlette(routes=[*routes(channel, ears, SECRET)])


@pytest.fixture
async def door(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield client


def update(text: str = "xin chào") -> dict[str, Any]:
    chat = {"id": CHAT, "type": "private"}
    message = {"message_id": 1, "date": 1_770_000_000, "chat": chat, "text": text}
    return {"update_id": 1, "message": message}


async def test_an_update_is_answered_with_an_empty_200_after_its_step(
    door: httpx.AsyncClient, ears: Ears
) -> None:
    answer = await door.post(PATH, json=update(), headers=GOOD)
    assert (answer.status_code, answer.content) == (200, b"")
    assert ears.texts == ["xin chào"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({SECRET_HEADER: ""}, 403),
        ({SECRET_HEADER: "wrong"}, 403),
        ({SECRET_HEADER: SECRET[:-1]}, 403),
        ({SECRET_HEADER: SECRET + "x"}, 403),
        ({SECRET_HEADER: b"\xc3\xa9\xff" * 10}, 403),
    ],
)
async def test_without_the_secret_nothing_is_heard(
    door: httpx.AsyncClient, ears: Ears, headers: dict[str, Any], status: int
) -> None:
    answer = await door.post(PATH, json=update(), headers=headers)
    assert (answer.status_code, answer.content) == (status, b"")
    assert ears.heard == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b'"text"', b"null", b"NaN("])
async def test_what_is_not_a_json_object_is_a_bad_request(
    door: httpx.AsyncClient, ears: Ears, body: bytes
) -> None:
    answer = await door.post(PATH, content=body, headers=GOOD)
    assert (answer.status_code, answer.content) == (400, b"")
    assert ears.heard == []


async def test_a_body_over_one_mebibyte_is_refused_announced_or_not(
    door: httpx.AsyncClient, ears: Ears
) -> None:
    body = json.dumps(update("x" * LARGEST_BODY)).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 65_536):
            yield body[at : at + 65_536]

    announced = await door.post(PATH, content=body, headers=GOOD)
    unannounced = await door.post(PATH, content=in_pieces(), headers=GOOD)
    assert [announced.status_code, unannounced.status_code] == [413, 413]
    assert ears.heard == []


async def test_a_get_is_not_answered(door: httpx.AsyncClient) -> None:
    assert (await door.get(PATH, headers=GOOD)).status_code == 405


async def test_an_unreadable_update_is_acknowledged_and_counted(
    door: httpx.AsyncClient, ears: Ears, channel: TelegramChannel
) -> None:
    for body in ({"update_id": 1, "message": {"text": "canary"}}, {"update_id": 2}, {}):
        answer = await door.post(PATH, json=body, headers=GOOD)
        assert (answer.status_code, answer.content) == (200, b"")
    assert ears.heard == []
    assert channel.unreadable == 2


async def test_what_was_not_kept_is_asked_for_again(door: httpx.AsyncClient, ears: Ears) -> None:
    ears.errors = [DatabaseBusy("locked"), ValueError("canary")]
    answers = [await door.post(PATH, json=update(), headers=GOOD) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 500, 200]
    assert [answer.content for answer in answers] == [b"", b"", b""]
    assert ears.texts == ["xin chào"]


@pytest.mark.parametrize("secret", ["", "short", "x" * 257, "with space " * 3, "có-dấu-" * 4])
async def test_a_secret_that_telegram_would_refuse_stops_the_start(
    channel: TelegramChannel, ears: Ears, secret: str
) -> None:
    with pytest.raises(Misconfigured) as refusal:
        routes(channel, ears, secret)
    assert not secret or secret not in str(refusal.value)


async def test_the_route_has_a_policy(channel: TelegramChannel, ears: Ears) -> None:
    check_routes(routes(channel, ears, SECRET), POLICIES)


async def test_telegram_posts_again_until_the_step_is_committed(
    server: TelegramServer, channel: TelegramChannel, ears: Ears, app: Starlette
) -> None:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", **logs.UVICORN)
    bot = uvicorn.Server(config)
    ears.errors = [DatabaseBusy("locked"), ValueError("a fault"), DatabaseBusy("locked")]
    serving = asyncio.create_task(bot.serve())
    while not bot.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{bot.servers[0].sockets[0].getsockname()[1]}{PATH}"
    await channel.start({}, Webhook(url, SECRET))
    server.says(CHAT, "một")
    server.says(CHAT, "hai")
    await server.eventually(lambda: not server.waiting)
    bot.should_exit = True
    await serving
    assert ears.texts == ["một", "hai"]
    assert [status for _, status in server.deliveries] == [503, 500, 503, 200, 200]
