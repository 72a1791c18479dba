"""Three leaders log a month from three phones: the demo page, Telegram, and one without buttons.

Real doors, real dialogue, real database of each kind; only Telegram itself is a stand-in.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest

from bot.channels.telegram import TelegramChannel
from bot.polling import Poller
from tests.bot.phones import FakePlatform, Phone
from tests.bot.resident import JPEG, House, StandInCleaner, open_house
from tests.bot.telegram_rig import channel_to
from tests.bot.telegram_server import TelegramServer
from tests.bot.timers import QuickTime
from tests.bot.work_rig import TO_3, TO_4, Workday
from tests.wards import Ward

pytestmark = pytest.mark.anyio
CHAT = 5_550_333


@dataclass
class PagePhone:
    """A phone on the demo page, used through its own routes."""

    house: House
    address: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def _client(self) -> httpx2.AsyncClient:
        return self.house.client

    async def begins(self) -> "PagePhone":
        begun = await self._client.post("/dien-thoai/may", json={})
        self.address = begun.json()["phone"]
        return self

    async def says(self, text: str, **more: str) -> dict[str, Any]:
        told = {"phone": self.address, "text": text, **more}
        answer = await self._client.post("/dien-thoai/noi", json=told)
        assert answer.status_code == 200
        return await self._last()

    async def taps(self, label: str) -> dict[str, Any]:
        token = next(
            button["token"]
            for message in reversed(self.messages)
            for button in message.get("buttons", ())
            if button["label"] == label
        )
        return await self.says("", choice=token, label=label)

    async def shows(self, caption: str) -> dict[str, Any]:
        files = [("photo", ("IMG_1.jpg", JPEG, "image/jpeg"))]
        told = {"phone": self.address, "text": caption}
        answer = await self._client.post("/dien-thoai/anh", data=told, files=files)
        assert answer.status_code == 200
        return await self._last()

    async def _last(self) -> dict[str, Any]:
        await self.house.dialogue.settle()
        heard = await self._client.post("/dien-thoai/nghe", json={"phone": self.address, "seen": 0})
        self.messages = [each["put"] for each in heard.json()["changes"] if "put" in each]
        return self.messages[-1]


@pytest.fixture
def workday(ward: Ward) -> Workday:
    """A ward with leaders, on each kind of database."""
    return Workday(ward)


@pytest.fixture
async def house(workday: Workday) -> AsyncIterator[House]:
    """The public app with its demo phone and the work desk."""
    desk = workday.desk(StandInCleaner())
    async with open_house(workday.ward, work=desk) as house:
        yield house


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    """Telegram's stand-in."""
    with TelegramServer() as server:
        yield server


@pytest.fixture
async def telegram(server: TelegramServer, house: House) -> AsyncIterator[TelegramChannel]:
    """The Telegram channel, polling for the same dialogue."""
    time = QuickTime()
    channel = channel_to(server, time)
    house.dialogue.join(channel)
    poller = Poller(channel, house.dialogue, timer=time.timer)
    running = asyncio.create_task(poller.run())
    yield channel
    await poller.stop()
    await running
    await channel.stop()


async def test_a_month_is_logged_on_the_demo_phone_with_two_lines_and_two_taps(
    workday: Workday, house: House
) -> None:
    leader = workday.leader(TO_3)
    phone = await PagePhone(house).begins()
    asked = await phone.says(f"moi {workday.leaders.invite(leader.id)}")
    assert "Nguyễn Văn Hòa" in asked["text"]
    await phone.taps("Đồng ý")
    card = await phone.says("tuyen truyen 10/3 nha van hoa 45 nguoi")
    assert "T3 10/3/2026" in card["text"]
    assert "Chưa bấm thì **chưa ghi**" in card["text"]
    assert workday.filed == []
    await phone.taps("Lưu")
    await phone.shows("họp lắng nghe 12/3 nhà văn hóa 30 người")
    receipt = await phone.taps("Lưu")
    assert "Đã ghi: Họp lắng nghe" in receipt["text"]
    assert "Còn lại" not in receipt["text"]
    assert [(each.kind, each.photos) for each in workday.filed] == [
        ("outreach", 0),
        ("listening_meeting", 1),
    ]
    menu = await phone.taps("Xem việc")
    assert "đã xong" in menu["text"]


async def test_on_the_demo_phone_a_voice_note_and_buttons_are_enough(
    workday: Workday, house: House
) -> None:
    leader = workday.leader(TO_3)
    phone = await PagePhone(house).begins()
    await phone.says(f"/moi {workday.leaders.invite(leader.id)}")
    await phone.taps("Đồng ý")
    await phone.says("", kind="voice", label="ghi âm")
    await phone.taps("Tuyên truyền")
    await phone.taps("Hôm qua")
    card = await phone.says("35")
    assert "có ghi âm" in card["text"]
    await phone.taps("Lưu")
    assert [(each.people, each.photos) for each in workday.filed] == [(35, 1)]


async def test_no_tip_begins_on_a_leaders_demo_phone_and_one_does_beside_it(
    workday: Workday, house: House
) -> None:
    leader = workday.leader(TO_3)
    phone = await PagePhone(house).begins()
    await phone.says(f"/moi {workday.leaders.invite(leader.id)}")
    await phone.taps("Đồng ý")
    refused = await phone.says("/bao")
    assert "biết bác là ai" in refused["text"]
    other = await PagePhone(house).begins()
    begun = await other.says("/bao")
    assert "113" in begun["text"]


async def test_a_link_from_the_ward_opens_the_work_on_telegram(
    workday: Workday, server: TelegramServer, telegram: TelegramChannel
) -> None:
    leader = workday.leader(TO_4)
    server.says(CHAT, f"/start moi_{workday.leaders.invite(leader.id)}")
    await _until(server, "Đồng ý")
    _tap(server, "Đồng ý")
    await _until(server, "Đã tuyên truyền")
    now = workday.ward.clock.now()
    sent = now - timedelta(minutes=20)
    server.says(CHAT, "tuyên truyền 10/3 nhà văn hóa 45 người", date=int(sent.timestamp()))
    await _until(server, "Lưu")
    _tap(server, "Lưu")
    await server.eventually(lambda: len(workday.filed) == 1)
    (filed,) = workday.filed
    assert (filed.owner_id, filed.people, filed.done_on) == (TO_4, 45, date(2026, 3, 10))
    assert filed.filed_at == datetime.fromtimestamp(int(sent.timestamp()), UTC)
    assert filed.received_at == now


async def test_what_telegram_brings_twice_is_filed_once(
    workday: Workday, server: TelegramServer, telegram: TelegramChannel
) -> None:
    leader = workday.leader(TO_4)
    server.says(CHAT, f"/moi {workday.leaders.invite(leader.id)}")
    await _until(server, "Đồng ý")
    _tap(server, "Đồng ý")
    await _until(server, "Đã tuyên truyền")
    server.says(CHAT, "tuyên truyền 10/3 nhà văn hóa 45 người")
    await _until(server, "Lưu")
    for _ in range(3):
        _tap(server, "Lưu")
    await server.eventually(lambda: server.waiting == 0)
    await server.eventually(lambda: len(workday.filed) == 1)
    assert len(workday.filed) == 1


async def test_three_leaders_on_three_channels_fill_one_ward(
    workday: Workday, house: House, server: TelegramServer, telegram: TelegramChannel
) -> None:
    page = await PagePhone(house).begins()
    await page.says(f"/moi {workday.leaders.invite(workday.leader(TO_3).id)}")
    await page.taps("Đồng ý")
    await page.says("TT+LN 10/3 nvh 40 người")
    await page.taps("Cả hai")
    await page.taps("Lưu")

    server.says(CHAT, f"/start moi_{workday.leaders.invite(workday.leader(TO_4).id)}")
    await _until(server, "Đồng ý")
    _tap(server, "Đồng ý")
    await _until(server, "Đã tuyên truyền")
    server.says(CHAT, "tuyên truyền 11/3 nvh 30 người")
    await _until(server, "Lưu")
    _tap(server, "Lưu")
    await server.eventually(lambda: len(workday.filed) == 2)

    plain = FakePlatform("plain", buttons=False)
    house.dialogue.join(plain)
    deputy = workday.leaders.add("Lan", "cô")
    workday.leaders.assign(deputy.id, TO_4, "deputy", date(2026, 1, 1))
    phone = Phone(house.dialogue, plain, "300")
    await phone.says(f"moi {workday.leaders.invite(deputy.id)}", "1")
    await phone.says("họp lắng nghe 12/3 nvh 25 người", "Lưu")

    day = date(2026, 3, 10)
    for owner in (TO_3, TO_4):
        for kind in ("outreach", "listening_meeting"):
            assert workday.done(owner, kind, day) == (1, 1)


async def _until(server: TelegramServer, label: str) -> None:
    await server.eventually(lambda: _token(server, label) is not None)


def _token(server: TelegramServer, label: str) -> tuple[str, int] | None:
    for message in reversed(server.messages(CHAT)):
        for button in message.buttons:
            if button["text"] == label:
                return button["callback_data"], message.id
    return None


def _tap(server: TelegramServer, label: str) -> None:
    found = _token(server, label)
    assert found is not None
    server.taps(CHAT, *found)
