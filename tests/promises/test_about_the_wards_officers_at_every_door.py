"""A tip about the ward's officers cannot be seen, counted or opened by the ward.

Every route of the officers' side is walked over HTTP as the ward's own officer, with the ids of
such a tip; and no key of any ward is among those for which it is sealed.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from api.routes.events import Pace
from intake.parts import nickname
from storage.database import Database
from tests.api.route_cases import CASES, key_of
from tests.running import pictures
from tests.running.house import House, until
from tests.running.people import Handset, Officer, Visitor

OpenHouse = Callable[..., House]
WORDS = "công an phường nhận tiền của quán"
STREAM = ("GET", "/api/v1/events")
WORK = dict.fromkeys(
    (
        *("owner_id", "period", "leader_id", "check_in_id", "photo_id", "obligation_id"),
        *("filing_id", "programme", "import_id", "item"),
    ),
    "khong-co",
)
"""The work side's routes are walked too; that none of its services knows a tip is what is shown."""


class NoWork:
    """Ids of work that is not there; the walk only asks what an answer tells of tips."""

    leader = "00" * 16

    def new_head(self, _number: int) -> str:
        return "00" * 16

    def new_leader(self) -> str:
        return "00" * 16

    def file(self) -> str:
        return "00" * 16


@dataclass
class Target:
    """What a route is called with: the tip of the conflict, and people that do exist."""

    tip_id: str
    part_id: str
    officer_id: str
    leaver_id: str
    digits: str
    login: str = "phuong.khac"
    number: int = 0
    work: NoWork = field(default_factory=NoWork)

    def address(self, route: APIRoute) -> str:
        return route.path.format(
            tip_id=self.tip_id, part_id=self.part_id, unit_id="xa", token="khong-co", secret="x",
            officer_id=self.officer_id, mark="x", name="console.css", **WORK,
        )  # fmt: skip


@pytest.fixture
def house(open_house: OpenHouse, quick_database: Database) -> House:
    """A house with four tips about officers of the ward, each by another way, and nothing else."""
    house = open_house("demo", quick_database, telegram=False)
    visitor = Visitor(house)
    visitor.writes(("a.jpg", pictures.photo()), what=WORDS, conflict="yes")
    visitor.presses("Gửi lên trên")
    visitor.presses("Gửi")
    visitor.asks(visitor.code)
    visitor.presses("Gửi thêm", ("b.jpg", pictures.photo()), add=f"thêm: {WORDS}")
    unsure = Visitor(house)
    unsure.writes(what=WORDS, conflict="unknown")
    unsure.presses("Gửi lên trên")
    unsure.presses("Gửi")
    for answer in ("Có", "Không rõ"):
        phone = Handset(house)
        phone.says("/bao").taps("Không khẩn cấp", "Đồng ý", answer)
        phone.says(WORDS, "phường Hoa Mẫu").taps("Gửi lên trên")
        phone.says("ngõ 12").taps("Đã qua", "Xem lại và gửi", "Gửi")
        assert len(phone.code) == 24
    assert house.count("tip") == 4
    return house


def secrets_of(house: House) -> list[str]:
    """Return everything by which such a tip could be recognised in an answer."""
    with house.ward.intake.read() as view:
        tips = view.tips.open_tips_of("tinh")
        parts = [part.id for tip in tips for part in view.parts.of_tip(tip.id, None)]
    assert len(tips) == 4
    assert len(parts) == 7
    ids = [each.hex() for each in (*(tip.id for tip in tips), *parts)]
    return [*ids, *(nickname(tip.id) for tip in tips), WORDS]


def targets(house: House) -> Iterator[Target]:
    chi = officer_id(house, "phuong.chi")
    digits = house.ward.spoken(chi)
    with house.ward.intake.read() as view:
        for tip in view.tips.open_tips_of("tinh"):
            for part in view.parts.of_tip(tip.id, None):
                yield Target(tip.id.hex(), part.id.hex(), chi, chi, digits)


def officer_id(house: House, login: str) -> str:
    with house.ward.intake.read() as view:
        row = view.officers.by_login(login)
    assert row is not None
    return row.id.hex()


def test_no_route_shows_it_to_the_ward(house: House) -> None:
    officer, secrets = Officer(house, "phuong.binh", "ward"), secrets_of(house)
    walked = routes(house)
    about_a_tip = [route for route in walked if "{tip_id}" in route.path]
    assert len(about_a_tip) > 8
    for number, target in enumerate(targets(house)):
        for route in about_a_tip if number else walked:
            answer = call(officer, route, target)
            told = f"{answer.text} {answer.headers}".replace(target.address(route), "")
            assert not [secret for secret in secrets if secret in told], route.path
            if route in about_a_tip:
                assert answer.status_code == 404, route.path
    everything = b"\n".join(house.answers["ward"])
    assert not [secret for secret in secrets if secret.encode() in everything]


def routes(house: House) -> list[APIRoute]:
    """Return every route but the stream, signing out last."""
    found = [each for each in house.officers.routes if isinstance(each, APIRoute)]
    ends = {("DELETE", "/api/v1/session"), ("POST", "/dang-xuat"), ("POST", "/dang-nhap"),
            ("POST", "/api/v1/session")}  # fmt: skip
    walked = [each for each in found if key_of(each) not in ends | {STREAM} and not _removes(each)]
    assert {key_of(each) for each in walked} <= set(CASES)
    return walked


def _removes(route: APIRoute) -> bool:
    """Return whether a route would send the officer's own colleagues home."""
    return "cho-thoi" in route.path or key_of(route) == ("DELETE", "/api/v1/officers/{officer_id}")


def call(officer: Officer, route: APIRoute, target: Target) -> httpx.Response:
    method, _ = key_of(route)
    body = CASES[key_of(route)].body
    told: dict[str, Any] = {}
    if body is not None:
        form = body(target)  # type: ignore[arg-type]
        told = {"json" if route.path.startswith("/api/") else "data": form}
    if "data" in told:
        told["data"] = told["data"] | {"form_token": officer.form_token}
    return officer.http.request(method, target.address(route), **told)


def test_it_is_counted_nowhere(house: House) -> None:
    officer = Officer(house, "phuong.binh", "ward")
    page = officer.http.get("/api/v1/tips").json()
    assert (page["rows"], page["counts"], page["next_after"]) == ([], {}, None)
    empty = officer.http.get("/hang-tin").text
    Visitor(house).http.get("/")
    more = Visitor(house)
    more.writes(what=WORDS, conflict="yes")
    more.presses("Gửi lên trên")
    more.presses("Gửi")
    assert officer.http.get("/hang-tin").text == empty
    metrics = house.caller("machine", "metrics").get("/metrics").text
    assert "tip" not in metrics


def test_the_live_queue_is_silent_about_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace.__init__, "__defaults__", (0.05,))
    officer = Officer(house, "phuong.binh", "ward")
    heard: list[str] = []

    def listen() -> None:
        with httpx.stream(
            "GET",
            f"{house.addresses['officer']}/api/v1/events",
            headers=dict(officer.http.headers),
            timeout=30,
            trust_env=False,
        ) as stream:
            for line in stream.iter_lines():
                heard.append(line)
                if line.startswith("data: ") and len(line) > 6:
                    return

    listener = threading.Thread(target=listen)
    listener.start()
    until(lambda: heard)
    for conflict in ("yes", "no"):  # the second one is the ward's own, and ends the listening
        visitor = Visitor(house)
        visitor.writes(what=WORDS, conflict=conflict)
        visitor.presses("Gửi lên trên" if conflict == "yes" else "Gửi bình thường")
        visitor.presses("Gửi")
    listener.join(30)
    with house.ward.intake.read() as view:
        (own,) = view.tips.open_tips_of("phuong")
    assert [line for line in heard if line.startswith("data: ")] == [f"data: {own.id.hex()}"]


def test_no_key_of_any_ward_is_among_its_recipients(house: House) -> None:
    keyring = house.ward.foundation.key_list.current
    oversight = {key.key_id for key in keyring.recipients("tinh")}
    with house.ward.intake.read() as view:
        parts = [
            p.id for t in view.tips.open_tips_of("tinh") for p in view.parts.of_tip(t.id, None)
        ]
        wraps = view.parts.wraps(parts)
        of_wards = {row.key_id for unit in ("phuong", "xa") for row in view.keys.unit_keys(unit)}
    assert of_wards
    assert len(oversight) == 2
    assert {wrap.key_id for wrap in wraps} == oversight
    assert len(wraps) == 2 * len(parts)
    assert not oversight & of_wards


def test_the_unit_above_reads_it(house: House) -> None:
    officer = Officer(house, "tinh.an", "above")
    rows = officer.queue()
    assert len(rows) == 4
    for row in rows:
        assert WORDS in officer.opens(row["id"])["messages"][0]["text"]
