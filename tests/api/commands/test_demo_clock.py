"""The demo's clock goes forward alone and remembers how far."""

from datetime import timedelta
from pathlib import Path

import pytest

from api.demo_clock import FILE, DemoClock
from intake.ports import SystemClock

A_DAY = timedelta(days=1)
SOON = timedelta(minutes=1)


def test_it_is_the_machines_clock_until_it_is_moved(tmp_path: Path) -> None:
    assert DemoClock(tmp_path).now() - SystemClock().now() < SOON
    assert not (tmp_path / FILE).exists()


def test_it_goes_on_where_it_stood_when_the_demo_starts_again(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path)
    clock.move_to(clock.now() + 3 * A_DAY)
    again = DemoClock(tmp_path)
    assert abs(again.now() - SystemClock().now() - 3 * A_DAY) < SOON
    assert again.today() >= SystemClock().today() + 2 * A_DAY


def test_it_never_goes_back(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path)
    clock.move_to(clock.now() + A_DAY)
    clock.move_to(clock.now() - 5 * A_DAY)
    assert abs(clock.now() - SystemClock().now() - A_DAY) < SOON


@pytest.mark.parametrize("kept", ["", "x", "-99999999", "1e9", "\u0663"])
def test_a_file_that_cannot_be_read_is_the_machines_time(tmp_path: Path, kept: str) -> None:
    (tmp_path / FILE).write_text(kept, "utf-8")
    assert abs(DemoClock(tmp_path).now() - SystemClock().now()) < SOON
