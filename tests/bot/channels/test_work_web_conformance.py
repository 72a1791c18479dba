"""The page of leaders keeps the channel port, as every channel does."""

from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette

from bot.channels.work_devices import Devices
from bot.channels.work_web import WorkDoor
from bot.channels.work_web_channel import WorkWebChannel
from bot.messages import Incoming, Kind, Outgoing
from bot.pages.work_screens import WorkScreens
from bot.webhooks import create_pages
from bot.wording import Wording
from bot.work.page_room import Screen
from intake.limits import Buckets
from tests.bot.channels.conformance import (
    CHECKS_WITHOUT_CHAT,
    Check,
    Recorder,
    Seen,
    a_message_delivered_twice_keeps_its_name,
)
from tests.bot.resident import PLENTY, OpenWard
from tests.wards import Ward

pytestmark = pytest.mark.anyio
CHECKS = (*CHECKS_WITHOUT_CHAT, a_message_delivered_twice_keeps_its_name)


class _Room:
    """A room in which everybody is enrolled and nobody answers."""

    def __init__(self) -> None:
        self.heard = Recorder()

    def knows(self, address: str) -> bool:
        return bool(address)

    def file(self, address: str, at: int) -> None:
        del address, at

    async def look(self, address: str) -> Screen:
        del address
        return Screen("vi", "Bác Hòa", "Tổ 3", enrolled=True, step="menu", said=())

    async def say(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        return await self.heard.answer(incoming)


class WorkRig:
    """A leader at the page, over the real door."""

    gone_address = None

    def __init__(self, ward: Ward) -> None:
        self.channel = WorkWebChannel(ward.settings)
        self._room = _Room()
        self._ward = ward
        pages = create_pages(Wording.load(), ward.settings, ward.tips)
        door = WorkDoor(
            self._room,  # pyright: ignore[reportArgumentType]
            self.channel,
            WorkScreens(pages),
            session_keys=ward.session_keys,
            limits=Buckets(ward.clock, allowances=PLENTY),
            settings=ward.settings,
            clock=ward.clock,
        )
        self._app = Starlette(routes=door.routes())
        device = Devices(https=False).new()
        self.address, self._secret, self._mark = device.address, device.secret, device.mark
        self._last: dict[str, str] = {}

    async def _post(self, fields: dict[str, str], *files: bytes) -> list[Incoming]:
        self._last = fields
        parts = [("photo", ("x.jpg", data, "image/jpeg")) for data in files]
        transport = httpx2.ASGITransport(self._app)
        headers = {"Cookie": f"viec={self._secret}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
            answer = await client.post("/viec", data=fields, files=parts or None, headers=headers)
        assert answer.status_code == 303
        return self._room.heard.take()

    def _token(self) -> str:
        token = self._ward.session_keys.form_token(self._ward.clock.now(), timedelta(hours=1))
        return f"{token}.{self._mark}"

    async def says(self, text: str) -> list[Incoming]:
        return await self._post({"token": self._token(), "text": text})

    async def edits(self, text: str) -> list[Incoming]:
        raise NotImplementedError("a page has no messages to change")

    async def repeats(self) -> list[Incoming]:
        return await self._post(self._last)

    async def taps(self, token: str) -> list[Incoming]:
        return await self._post({"token": self._token(), "choice": token})

    async def shows(self, picture: bytes) -> list[Incoming]:
        return await self._post({"token": self._token(), "text": ""}, picture)

    async def offers(self, kind: Kind, content: str) -> list[Incoming]:
        del kind, content  # a form has a field for none of these
        return []

    def screen(self) -> list[Seen]:
        return []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_page_of_leaders_keeps_the_port(check: Check, new_ward: OpenWard) -> None:
    await check(WorkRig(new_ward()))
