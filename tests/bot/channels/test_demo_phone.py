"""The demo phone: a chat on a page over the same dialogue, in RAM, marked as a trial."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from starlette.applications import Starlette

from bot.channels.demo import demo_routes
from bot.channels.demo_phones import BANNER, DemoChannel
from bot.messages import File, Incoming, Kind
from bot.webhooks import create_pages
from bot.wording import Wording
from intake.errors import NotFound
from tests.bot.channels.conformance import CHECKS, Check, Recorder, Seen, message
from tests.bot.resident import JPEG, House, OpenWard, open_house

pytestmark = pytest.mark.anyio


@dataclass
class Phone:
    """The page's script, without the page."""

    house: House
    address: str = ""
    seen: int = 0
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    erased: int = 0

    async def post(self, path: str, **told: object) -> httpx2.Response:
        told = {"phone": self.address, **told}
        return await self.house.client.post(f"/dien-thoai/{path}", json=told)

    async def begins(self) -> "Phone":
        self.address = (await self.post("may")).json()["phone"]
        return self

    async def says(self, text: str, edits: str | None = None) -> str:
        answer = await self.post("noi", text=text, edits=edits)
        assert answer.status_code == 200
        await self.listens()
        return answer.json()["id"]

    async def taps(self, label: str) -> None:
        buttons = [b for m in self.messages.values() for b in m.get("buttons", ())]
        token = next(b["token"] for b in reversed(buttons) if b["label"] == label)
        assert (await self.post("noi", choice=token)).status_code == 200
        await self.listens()

    async def shows(self, *pictures: bytes, caption: str = "") -> None:
        answer = await self.house.client.post(
            "/dien-thoai/anh",
            data={"phone": self.address, "text": caption},
            files=[("photo", ("x.jpg", data, "image/jpeg")) for data in pictures],
        )
        assert answer.status_code == 200
        await self.listens()

    async def listens(self) -> None:
        await self.house.dialogue.settle()
        told = (await self.post("nghe", seen=self.seen, wait=False)).json()
        self.seen = told["seen"]
        for change in told["changes"]:
            if "put" in change:
                self.messages[change["put"]["id"]] = change["put"]
            for gone in change.get("gone", ()):
                self.erased += 1
                self.messages.pop(gone, None)

    @property
    def hears(self) -> str:
        return [m["text"] for m in self.messages.values() if m["from"] == "bot"][-1]

    async def tells_a_tip(self) -> None:
        await self.begins()
        await self.says("/start")
        for step in ("Báo tin", "Không khẩn cấp", "Đồng ý", "Không"):
            await self.taps(step)
        for words in ("có người bán ở quán nước", "phường Hoa Mẫu", "ngõ 12"):
            await self.says(words)
        await self.taps("Đã qua")


@pytest.fixture
def phone(house: House) -> Phone:
    return Phone(house)


# --- a tip on the phone ---------------------------------------------------------------------------


async def test_a_tip_is_told_sent_and_wiped_from_the_phone(house: House, phone: Phone) -> None:
    await phone.tells_a_tip()
    await phone.shows(JPEG)
    await phone.taps("Xem lại và gửi")
    assert "Chuyện gì: có người bán ở quán nước" in phone.hears
    await phone.taps("Gửi")
    assert "Mã của bạn gồm 24 số" in phone.hears
    before = len(phone.messages)
    await phone.taps("Đã chép xong")
    assert phone.erased >= before
    texts = " ".join(m["text"] for m in phone.messages.values())
    assert "quán nước" not in texts
    assert "24 số" not in texts
    assert len(house.queue("phuong.chi")) == 1


async def test_every_message_of_the_bot_begins_with_the_banner(phone: Phone) -> None:
    await phone.tells_a_tip()
    said = [m["text"] for m in phone.messages.values() if m["from"] == "bot"]
    assert len(said) > 5
    assert all(text.startswith(BANNER) for text in said)


async def test_an_edit_changes_the_message_and_the_draft(phone: Phone) -> None:
    await phone.begins()
    await phone.says("/bao")
    for step in ("Không khẩn cấp", "Đồng ý", "Không"):
        await phone.taps(step)
    mine = await phone.says("có người bán ở chợ")
    assert await phone.says("có người bán ở bến xe", edits=mine) == mine
    assert phone.messages[mine]["edited"]
    for words in ("phường Hoa Mẫu", "ngõ 12"):
        await phone.says(words)
    await phone.taps("Đã qua")
    await phone.taps("Xem lại và gửi")
    assert "Chuyện gì: có người bán ở bến xe" in phone.hears


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [("contact", "không nhận danh bạ"), ("location", "bỏ qua vị trí"), ("voice", "ghi âm")],
)
async def test_what_the_bot_does_not_take_is_refused_politely(
    phone: Phone, kind: str, refusal: str
) -> None:
    await phone.begins()
    await phone.post("noi", kind=kind, label="thứ khác")
    await phone.listens()
    assert any(refusal in m["text"] for m in phone.messages.values())


async def test_a_posters_code_comes_with_start(phone: Phone) -> None:
    await phone.begins()
    await phone.says("/start to-3-hoa-mau")
    assert "tổ dân phố số 3, phường Hoa Mẫu" in phone.hears


async def test_a_waiting_page_is_told_as_soon_as_something_comes(
    house: House, phone: Phone
) -> None:
    await phone.begins()
    waiting = asyncio.create_task(phone.post("nghe", seen=0, wait=True))
    await asyncio.sleep(0)
    await house.demo.send(phone.address, message("đến rồi"))
    assert "đến rồi" in (await waiting).text


# --- what strangers and broken pages get ----------------------------------------------------------


async def test_a_phone_of_before_a_restart_is_told_so(house: House) -> None:
    answer = await Phone(house, "không-có").post("nghe", seen=0)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {"content-type": "application/json"}, 422),
        (b"[]", {"content-type": "application/json"}, 422),
        (b"{}", {"content-type": "text/plain"}, 422),
        (b"{}", {"content-type": "application/json", "sec-fetch-site": "cross-site"}, 403),
        (b"x" * 200_000, {"content-type": "application/json"}, 413),
    ],
)
async def test_a_malformed_or_foreign_post_is_refused(
    house: House, body: bytes, headers: dict[str, str], status: int
) -> None:
    for path in ("may", "noi", "nghe"):
        answer = await house.client.post(f"/dien-thoai/{path}", content=body, headers=headers)
        assert answer.status_code == status


async def test_the_page_is_marked_and_has_no_inline_script(house: House) -> None:
    page = await house.client.get("/dien-thoai")
    assert "BẢN THỬ, không gửi tin thật" in page.text
    assert '<script type="module" src=' in page.text
    assert " style=" not in page.text
    assert "onclick" not in page.text


async def test_the_oldest_phone_goes_when_there_are_many() -> None:
    channel = DemoChannel()
    first = channel.new_phone()
    for _ in range(50):
        channel.new_phone()
    assert await channel.delete(first, ["x"]) == ["x"]


async def test_no_demo_route_exists_outside_the_demo(new_ward: OpenWard) -> None:
    async with open_house(new_ward(), with_phone=False) as house:
        for path in ("/dien-thoai", "/dien-thoai/may", "/dien-thoai/noi"):
            assert (await house.client.get(path)).status_code == 404
            assert (await house.client.post(path, json={})).status_code == 404


# --- the port -------------------------------------------------------------------------------------


class DemoRig:
    """The person at a demo phone, with a dialogue that only listens."""

    gone_address = "không-có"

    def __init__(self, house: House) -> None:
        self.channel = DemoChannel()
        self.address = self.channel.new_phone()
        self._recorder = Recorder()
        pages = create_pages(Wording.load(), house.ward.settings, house.ward.tips)
        app = Starlette(routes=demo_routes(self._recorder, self.channel, pages))
        self._client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://t")
        self._last: Incoming | None = None

    async def _say(self, **told: str) -> list[Incoming]:
        answer = await self._client.post("/dien-thoai/noi", json={"phone": self.address, **told})
        assert answer.status_code == 200
        return self._heard()

    def _heard(self) -> list[Incoming]:
        heard = self._recorder.take()
        self._last = heard[-1]
        return heard

    async def says(self, text: str) -> list[Incoming]:
        return await self._say(text=text)

    async def edits(self, text: str) -> list[Incoming]:
        assert self._last is not None
        return await self._say(text=text, edits=self._last.message_id)

    async def repeats(self) -> list[Incoming]:
        assert self._last is not None  # the phone's own line never repeats: the same object
        return [self._last]

    async def taps(self, token: str) -> list[Incoming]:
        return await self._say(choice=token)

    async def shows(self, picture: bytes) -> list[Incoming]:
        await self._client.post(
            "/dien-thoai/anh",
            data={"phone": self.address},
            files={"photo": ("x.jpg", picture, "image/jpeg")},
        )
        return self._heard()

    async def offers(self, kind: Kind, content: str) -> list[Incoming]:
        del content  # the phone has no way to put anything inside
        return await self._say(kind=kind.value, label="thứ khác")

    async def get(self, address: str) -> httpx2.Response:
        return await self._client.get(address)

    def _fetched(self, address: str) -> bytes:
        return self.channel.file(address.rpartition("/")[2]).body

    def screen(self) -> list[Seen]:
        return [
            Seen(
                m["id"],
                m["text"],
                [(b["label"], b["token"]) for b in m["buttons"]],
                self._fetched(m["file"]["address"]) if "file" in m else None,
            )
            for m in self.channel.phone(self.address).messages.values()
            if m["from"] == "bot"
        ]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_demo_phone_keeps_the_port(house: House, check: Check) -> None:
    await check(DemoRig(house))


async def test_a_document_is_saved_under_its_name_and_a_picture_is_shown(house: House) -> None:
    rig = DemoRig(house)
    for file, way in (
        (File("bảng.xlsx", "application/x", b"PK"), "attachment"),
        (File("bảng.png", "image/png", b"\x89PNG"), "inline"),
    ):
        await rig.channel.send(rig.address, replace(message("Bảng"), file=file))
        (*_, shown) = rig.channel.phone(rig.address).messages.values()
        answer = await rig.get(shown["file"]["address"])
        assert (answer.status_code, answer.content) == (200, file.body)
        assert answer.headers["content-disposition"] == f"{way}; filename*=UTF-8''" + quote(
            file.name
        )
        assert answer.headers["cache-control"] == "no-store"


async def test_an_unknown_file_is_not_there_and_old_ones_go(house: House) -> None:
    rig = DemoRig(house)
    with pytest.raises(NotFound):
        rig.channel.file("0" * 32)
    file = File("a.png", "image/png", b"x")
    await rig.channel.send(rig.address, replace(message("đầu"), file=file))
    (first,) = rig.channel.phone(rig.address).messages.values()
    for _ in range(40):
        await rig.channel.send(rig.address, replace(message("sau"), file=file))
    with pytest.raises(NotFound):
        rig.channel.file(first["file"]["address"].rpartition("/")[2])
