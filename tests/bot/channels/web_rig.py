"""The person at the web page, for the conformance suite."""

from datetime import timedelta

import httpx2
from starlette.applications import Starlette

from bot.channels.web import WebChannel, WebDoor
from bot.messages import Incoming, Kind, Outgoing
from bot.pages.front import Front
from bot.webhooks import create_pages
from bot.wording import Wording
from tests.bot.channels.conformance import Recorder, Seen, message
from tests.bot.resident import House


class WebRig:
    """A page over the real door, with a dialogue that only listens."""

    gone_address = None
    message = staticmethod(message)

    def __init__(self, house: House) -> None:
        ward = house.ward
        pages = create_pages(Wording.load(), ward.settings, ward.tips)
        front = Front(
            pages, ward.tips, ward.foundation.places,
            settings=ward.settings, clock=ward.clock, doors=lambda _language, _poster: (),
        )  # fmt: skip
        keys = ward.session_keys
        self.channel = WebChannel(ward.settings)
        self._recorder = Recorder(Outgoing("lo_than", "Chỗ này?"))
        door = WebDoor(
            self._recorder, self.channel, front,
            session_keys=keys, limits=house.limits, settings=ward.settings, clock=ward.clock,
        )  # fmt: skip
        self._app = Starlette(routes=door.routes())
        self._token = keys.form_token(ward.clock.now(), timedelta(hours=1))
        self.address = keys.read_form_token(self._token, ward.clock.now())

    async def _post(self, fields: dict[str, str], *pictures: bytes) -> list[Incoming]:
        files = [("photo", ("x.jpg", data, "image/jpeg")) for data in pictures]
        transport = httpx2.ASGITransport(self._app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
            answer = await client.post(
                "/gui-tin",
                data={"token": self._token, **fields},
                files=files or [("photo", ("", b"", "image/jpeg"))],
            )
        assert answer.status_code == 200
        return self._recorder.take()

    async def says(self, text: str) -> list[Incoming]:
        return await self._post({"go": "say", "text": text})

    async def edits(self, text: str) -> list[Incoming]:
        raise NotImplementedError("a page has no messages to change")

    async def repeats(self) -> list[Incoming]:
        raise NotImplementedError("a browser that posts again is a new message")

    async def taps(self, token: str) -> list[Incoming]:
        return await self._post({"choice": token})

    async def shows(self, picture: bytes) -> list[Incoming]:
        return await self._post({"go": "photo"}, picture)

    async def offers(self, kind: Kind, content: str) -> list[Incoming]:
        del kind, content  # a form has a field for none of these
        return []

    def screen(self) -> list[Seen]:
        return []
