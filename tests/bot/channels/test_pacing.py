"""Turns to send: how many at once, who goes first, and what a platform's pause does."""

import asyncio
from itertools import islice

import pytest

from bot.channels.pacing import Pace, Pacer, growing_pauses
from tests.bot.timers import SlowTime

pytestmark = pytest.mark.anyio


@pytest.fixture
def time() -> SlowTime:
    return SlowTime()


class Line:
    """People who wait for a turn, and the moment each got it."""

    def __init__(self, pacer: Pacer, time: SlowTime) -> None:
        self._pacer, self._time = pacer, time
        self.went: list[tuple[str, float]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def joins(self, name: str, address: str = "", *, nudge: bool = False) -> asyncio.Task[None]:
        async def wait() -> None:
            await self._pacer.turn(address or name, nudge=nudge)
            self.went.append((name, round(self._time.now, 3)))

        task = asyncio.create_task(wait())
        self.tasks.append(task)
        return task

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.went]


async def test_a_burst_goes_at_once_and_the_rest_at_the_pace(time: SlowTime) -> None:
    line = Line(Pacer(time.timer, overall=Pace(10, 3)), time)
    for number in range(6):
        line.joins(f"chat {number}")
    await time.passes(10)
    assert [moment for _, moment in line.went] == [0, 0, 0, 0.1, 0.2, 0.3]


async def test_never_more_than_the_pace_and_one_burst_in_any_second(time: SlowTime) -> None:
    line = Line(Pacer(time.timer), time)
    for number in range(200):
        line.joins(f"chat {number}")
    await time.passes(60)
    moments = [moment for _, moment in line.went]
    assert len(moments) == 200
    busiest = max(sum(start <= other < start + 1 for other in moments) for start in moments)
    assert busiest <= 29  # Telegram allows about 30


async def test_one_chat_has_its_own_pace_and_holds_nobody_else_up(time: SlowTime) -> None:
    line = Line(Pacer(time.timer, each=Pace(1, 2)), time)
    for number in range(4):
        line.joins(f"talker {number}", "talker")
    line.joins("other")
    await time.passes(10)
    assert dict(line.went) == {
        "talker 0": 0,
        "talker 1": 0,
        "other": 0,
        "talker 2": 1,
        "talker 3": 2,
    }


async def test_answers_go_before_nudges_that_waited_longer(time: SlowTime) -> None:
    line = Line(Pacer(time.timer, overall=Pace(1, 1)), time)
    for number in range(3):
        line.joins(f"nudge {number}", nudge=True)
    await time.settle()
    for number in range(2):
        line.joins(f"answer {number}")
    await time.passes(10)
    assert line.names == ["nudge 0", "answer 0", "answer 1", "nudge 1", "nudge 2"]


async def test_a_pause_for_one_chat_is_that_chats_alone(time: SlowTime) -> None:
    pacer = Pacer(time.timer)
    pacer.hold("held", 5)
    line = Line(pacer, time)
    line.joins("held")
    line.joins("other")
    await time.passes(20)
    assert line.went == [("other", 0), ("held", 5)]


async def test_two_chats_held_at_once_means_that_everybody_rests(time: SlowTime) -> None:
    pacer = Pacer(time.timer)
    pacer.hold("one", 5)
    pacer.hold("two", 3)
    line = Line(pacer, time)
    for name in ("one", "two", "other"):
        line.joins(name)
    await time.passes(20)
    assert sorted(line.went) == [("one", 5), ("other", 3), ("two", 3)]


async def test_a_pause_that_is_over_counts_no_more(time: SlowTime) -> None:
    pacer = Pacer(time.timer)
    pacer.hold("one", 5)
    await time.passes(6)
    pacer.hold("two", 3)
    line = Line(pacer, time)
    line.joins("other")
    await time.settle()
    assert line.went == [("other", 6)]


async def test_who_gives_up_waiting_costs_no_turn(time: SlowTime) -> None:
    line = Line(Pacer(time.timer, overall=Pace(1, 1)), time)
    line.joins("first")
    await time.settle()
    leaver = line.joins("leaver")
    line.joins("last")
    await time.settle()
    leaver.cancel()
    await time.passes(10)
    assert line.went == [("first", 0), ("last", 1)]


async def test_addresses_are_forgotten_when_their_pace_no_longer_needs_them(
    time: SlowTime,
) -> None:
    pacer = Pacer(time.timer)
    line = Line(pacer, time)
    line.joins("someone")
    await time.passes(60)
    line.joins("later")
    await time.settle()
    assert set(pacer._next_of) == {"later"}


async def test_stopping_ends_all_waiting(time: SlowTime) -> None:
    pacer = Pacer(time.timer, overall=Pace(1, 1))
    line = Line(pacer, time)
    for name in ("first", "second", "third"):
        line.joins(name)
    await time.settle()
    await pacer.stop()
    results = await asyncio.gather(*line.tasks, return_exceptions=True)
    assert line.names == ["first"]
    assert [type(result) for result in results[1:]] == [asyncio.CancelledError] * 2
    await Pacer(time.timer).stop()  # nothing to stop is fine


def test_pauses_between_tries_grow_up_to_a_limit() -> None:
    assert list(islice(growing_pauses(1, 10), 6)) == [1, 2, 4, 8, 10, 10]
