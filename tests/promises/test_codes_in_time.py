"""How long an answer takes over HTTP does not tell an unknown code from one without news."""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from intake.vault import answers
from storage.database import Database
from tests.clocks import FixedClock
from tests.promises.test_codes import area_under_curve, three_codes
from tests.running.house import House
from tests.running.people import Visitor

OpenHouse = Callable[..., House]
LOOK_UPS = 2_000


class RunningClock(FixedClock):
    """A clock that runs, from the moment at which tests begin."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=time.monotonic() - self._began)

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture
def clock() -> RunningClock:
    """A clock that runs: buckets fill again while codes are looked up."""
    return RunningClock()


def ask(house: House, rounds: list[tuple[str, str]]) -> dict[str, list[float]]:
    """Look codes up one after the other; return the seconds that each answer took."""
    visitor = Visitor(house)
    token = visitor.visits("/tra-cuu").forms[0].fields["token"]
    times: dict[str, list[float]] = {}
    for name, code in rounds:
        fields = {"token": token, "code": code, "go": "look"}
        started = time.perf_counter()
        answer = visitor.http.post("/tra-cuu", data=fields)
        times.setdefault(name, []).append(time.perf_counter() - started)
        assert answer.status_code == 200
    return times


def test_an_answer_leaves_at_the_next_boundary_of_fifty_milliseconds(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite, telegram=False)
    codes = three_codes(house.ward)
    times = ask(house, [*codes.items()] * 3)
    assert min(seconds for each in times.values() for seconds in each) >= 0.05
    assert answers.CodeCost().memory_kib >= 8192


@pytest.mark.soak
def test_two_thousand_interleaved_look_ups_over_http_cannot_be_told_apart(
    open_house: OpenHouse, quick_database: Database
) -> None:
    house = open_house("real", quick_database, telegram=False)
    codes = three_codes(house.ward)
    rounds = [*codes.items()] * (LOOK_UPS // len(codes))
    random.Random(11).shuffle(rounds)
    ask(house, rounds[:30])  # warm
    times = ask(house, rounds)
    for name in ("unknown", "erased"):
        assert 0.45 <= area_under_curve(times[name], times["quiet"]) <= 0.55, name
