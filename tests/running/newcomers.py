"""Somebody new at either chat of a running house, up to the question "what?"."""

import itertools
from collections.abc import Callable

import pytest

from storage.database import Database
from tests.running.house import House
from tests.running.people import Chat, Handset

OpenHouse = Callable[..., House]
Talker = Chat | Handset
CHAT = 7_391_845_026_173


@pytest.fixture(params=["telegram", "phone"])
def newcomer(
    request: pytest.FixtureRequest, open_house: OpenHouse, quick_sqlite: Database
) -> Callable[[], Talker]:
    """Brings somebody new to either chat, up to the question "what?"."""
    on_telegram = request.param == "telegram"
    kind = "real" if on_telegram else "demo"
    house = open_house(kind, quick_sqlite, telegram=on_telegram)
    numbers = itertools.count(CHAT)

    def come() -> Talker:
        someone: Talker = Chat(house, next(numbers)) if on_telegram else Handset(house)
        return begins(someone)

    return come


@pytest.fixture
def talker(newcomer: Callable[[], Talker]) -> Talker:
    """Somebody at the question "what?"."""
    return newcomer()


def begins(someone: Talker) -> Talker:
    """Go up to the question "what?"."""
    someone.says("/bao").taps("Không khẩn cấp", "Đồng ý", "Không")
    return someone


def goes_on(talker: Talker, tips: int = 1) -> None:
    """Finish the tip that was begun: the process lives and the draft is still there."""
    talker.says("bán ma tuý ở quán nước", "phường Hoa Mẫu", "ngõ 12")
    talker.taps("Đã qua", "Xem lại và gửi", "Gửi")
    assert len(talker.code) == 24
    assert talker._house.count("tip") == tips
    assert talker._house.count("draft_photo") == 0
