"""A leader with a plain browser: no script, a cookie jar, real form fields, over the public app."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx2

from intake.limits import Allowance
from tests.bot.resident import House, Page, StandInCleaner, open_house
from tests.bot.work_rig import Workday

JAR = "viec"
"""The name of the device's secret where the address is not https."""
LINE = "tuyen truyen 10/3 nha van hoa 45 nguoi"


def code_for(workday: Workday, *owners: str) -> str:
    """Return the ward's code for a new leader of these."""
    return workday.leaders.invite(workday.leader(*owners).id)


def chats(workday: Workday) -> list[tuple[str, str]]:
    """Return every enrolled chat: channel and address."""
    with workday.ward.intake.read() as view:
        rows = view.connection.exec_driver_sql("SELECT channel, address FROM leader_chat").all()
    return [(str(channel), str(address)) for channel, address in rows]


class _Bubbles(HTMLParser):
    """What the bot says on a page, without forms and hints."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._depth = 0
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "div":
            return
        if ("class", "bubble") in attrs:
            self._depth = 1
            self.said.append("")
        elif self._depth:
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._depth:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.said[-1] = " ".join(f"{self.said[-1]} {data}".split())


@dataclass
class Browser:
    """One browser: ``took`` holds every request that it sent and every answer that it got."""

    client: httpx2.AsyncClient
    page: Page = field(init=False)
    took: list[httpx2.Response] = field(default_factory=list[httpx2.Response])

    @property
    def said(self) -> list[str]:
        """What the bot says."""
        return _Bubbles(self.page.source).said

    async def opens(self, path: str = "/viec") -> Page:
        return self._shows(await self.client.get(path))

    async def posts(self, fields: Mapping[str, str], file: tuple[str, bytes] | None = None) -> Page:
        """Post a form as a browser does, and follow where it is sent."""
        if file is None:
            answer = await self.client.post("/viec", data=dict(fields))
        else:
            files = [(file[0], ("IMG_1.jpg", file[1], "image/jpeg"))]
            answer = await self.client.post("/viec", data=dict(fields), files=files)
        self.took.append(answer)
        if answer.status_code == 303:
            return await self.opens(answer.headers["location"])
        return self._shows(answer)

    async def presses(
        self, button: str, file: tuple[str, bytes] | None = None, **typed: str
    ) -> Page:
        """Fill the form that has this button, and press it."""
        form = self.page.form_with(button)
        name, value = form.buttons[button]
        return await self.posts({**form.fields, **typed, name: value}, file)

    async def says(self, text: str, picture: bytes | None = None) -> Page:
        return await self.presses("Gửi", ("photo", picture) if picture else None, text=text)

    async def comes(self, code: str) -> Page:
        """Type a code, and say yes."""
        await self.opens()
        await self.presses("Tiếp tục", code=code)
        return await self.presses("Đồng ý")

    def _shows(self, answer: httpx2.Response) -> Page:
        self.took.append(answer)
        self.page = Page(answer)
        return self.page


@asynccontextmanager
async def open_page(
    workday: Workday, allowances: dict[str, Allowance] | None = None
) -> AsyncGenerator[House]:
    """The public app with the page of leaders."""
    desk = workday.desk(StandInCleaner())
    async with open_house(workday.ward, allowances, with_phone=False, work=desk) as house:
        yield house


@asynccontextmanager
async def another(house: House) -> AsyncGenerator[Browser]:
    """A browser with a cookie jar of its own."""
    transport = httpx2.ASGITransport(house.app, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url="http://tin.example") as client:
        yield Browser(client)
