"""An answer leaves at a whole step of time, whatever was done before it."""

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.pacing import STEP, next_step

MILLISECOND, FLOAT = 0.001, 1e-6
seconds = st.floats(0, 1, allow_nan=False)
lags = st.floats(0, 0.12, allow_nan=False)


class LoopTime:
    """Time as an event loop passes it: a sleep ends at a whole millisecond, and then a lag late."""

    def __init__(self, lag: float = 0.0) -> None:
        self.moment = 1_000.0
        self._lag = lag

    def now(self) -> float:
        return self.moment

    async def doze(self, length: float) -> None:
        self.moment += math.ceil(length / MILLISECOND) * MILLISECOND + self._lag

    def wait(self, length: float) -> None:
        self.moment += length


def beside_a_step(took: float) -> float:
    return abs((took + STEP / 2) % STEP - STEP / 2)


@given(spent=seconds, lag=lags)
def test_it_leaves_at_a_whole_step_however_long_the_work_took(spent: float, lag: float) -> None:
    clock = LoopTime(lag)
    began = clock.now()
    clock.moment += spent
    asyncio.run(next_step(began, clock.now, clock.doze, clock.wait))
    took = clock.moment - began
    assert spent - FLOAT < took < spent + lag + 2 * STEP + FLOAT
    assert beside_a_step(took) < FLOAT


async def slept_in_one_piece(began: float, clock: LoopTime) -> None:
    await clock.doze(STEP - (clock.now() - began) % STEP)


@pytest.mark.parametrize("spent", [0.0061, 0.0065])
def test_a_sleep_in_one_piece_would_tell_what_was_spent(spent: float) -> None:
    clock = LoopTime()
    began = clock.now()
    clock.moment += spent
    asyncio.run(slept_in_one_piece(began, clock))
    assert beside_a_step(clock.moment - began) == pytest.approx(spent % MILLISECOND)
