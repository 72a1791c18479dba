"""Unknown, erased and no-news codes: one answer, equal in bytes, by one path, in one time."""

import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from intake.vault import answers
from storage.parts import PartStore
from storage.tips import TipStore
from tests.bot.resident import House, open_house
from tests.wards import Ward

pytestmark = pytest.mark.anyio
_RANDOM = re.compile(r'name="(token|choice)" value="[^"]+"')  # drawn anew for every page


@pytest.fixture
async def house(ward: Ward) -> AsyncIterator[House]:
    async with open_house(ward) as opened:
        yield opened


def three_codes(ward: Ward) -> dict[str, str]:
    """Return a code without a tip, one whose tip is erased, and one whose tip has no news."""
    quiet, gone = ward.send(what="chưa ai trả lời"), ward.send(what="sẽ bị xoá")
    lookup = answers.derive(gone, ward.foundation.salt(), ward.foundation.code_cost()).lookup
    with ward.intake.read() as view:
        row = view.tips.by_lookup(lookup)
    assert row is not None
    ward.intake.write_now(lambda tx: tx.tips.erase(row.id))
    return {"unknown": ward.pool.take().code, "erased": gone, "quiet": quiet}


async def page_for(house: House, code: str) -> str:
    resident = house.resident()
    await resident.visits("/tra-cuu")
    page = await resident.presses("Xem", code=code)
    assert page.status == 200
    return _RANDOM.sub("…", page.source)


async def test_the_three_answers_are_equal_in_every_byte(house: House) -> None:
    pages = {name: await page_for(house, code) for name, code in three_codes(house.ward).items()}
    assert "Chưa có gì mới" in pages["quiet"]
    assert pages["unknown"] == pages["erased"] == pages["quiet"]


class Steps:
    """Counts each step of a look-up as it is taken."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: Counter[str] = Counter()
        for owner, name in (
            (answers, "derive"),
            (answers, "dummy_work"),
            (answers, "open_reply"),
            (TipStore, "by_lookup"),
            (PartStore, "heads"),
            (PartStore, "wraps_for"),
            (PartStore, "bodies"),
        ):
            monkeypatch.setattr(owner, name, self._counting(name, getattr(owner, name)))

    def _counting(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **kwargs: object) -> object:
            self.taken[name] += 1
            return real(*args, **kwargs)

        return counted


async def test_the_three_look_ups_take_the_same_steps(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = three_codes(ward)
    taken: dict[str, Counter[str]] = {}
    for name, code in codes.items():
        with monkeypatch.context() as patch:
            steps = Steps(patch)
            await ward.follow_up.look_up(code)
            taken[name] = steps.taken
    assert taken["unknown"] == taken["erased"] == taken["quiet"]
    assert taken["quiet"]["derive"] == 1
    assert taken["quiet"]["dummy_work"] == 1


async def test_adding_under_any_of_them_is_answered_alike(house: House) -> None:
    answered: dict[str, str] = {}
    for name, code in three_codes(house.ward).items():
        resident = house.resident()
        await resident.visits("/tra-cuu")
        await resident.presses("Xem", code=code)
        page = await resident.presses("Gửi thêm", add="thêm một điều")
        answered[name] = _RANDOM.sub("…", page.source)
    assert answered["unknown"] == answered["erased"] == answered["quiet"]


def area_under_curve(ones: list[float], others: list[float]) -> float:
    """Return how well a number tells two groups apart: 0.5 is not at all."""
    ranked = sorted([(value, True) for value in ones] + [(value, False) for value in others])
    total, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        middle = (place + 1 + end) / 2
        total += middle * sum(is_one for _, is_one in ranked[place:end])
        place = end
    size = len(ones)
    return (total - size * (size + 1) / 2) / (size * len(others))


def test_the_measure_itself_tells_what_differs_and_only_that() -> None:
    chance = random.Random(7)
    same = [chance.random() for _ in range(500)], [chance.random() for _ in range(500)]
    assert 0.45 < area_under_curve(*same) < 0.55
    assert area_under_curve([value + 1 for value in same[0]], same[1]) == 1.0
    assert area_under_curve([1.0] * 9, [1.0] * 9) == 0.5


@pytest.mark.soak
async def test_two_thousand_look_ups_cannot_be_told_apart_by_their_time(ward: Ward) -> None:
    codes = three_codes(ward)
    order = [name for name in codes for _ in range(667)]
    random.Random(11).shuffle(order)
    times: dict[str, list[float]] = {name: [] for name in codes}
    for name in order:
        started = time.perf_counter()
        await ward.follow_up.look_up(codes[name])
        times[name].append(time.perf_counter() - started)
    for name in ("unknown", "erased"):
        assert 0.45 <= area_under_curve(times[name], times["quiet"]) <= 0.55
