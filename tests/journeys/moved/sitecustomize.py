"""Python reads this at the start of each process whose PYTHONPATH names this folder.

A journey moves the clock of real processes by a file of seconds, has the housekeeping tick each
second, and lets the pace of Telegram pass quicker. Nothing else of a process is changed.
"""

import asyncio
import os
import sys
import time
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from intake.ports import SystemClock

_AHEAD = Path(os.environ["TEST_CLOCK_AHEAD"])
_now = SystemClock.now


def _moved(clock: SystemClock) -> datetime:
    return _now(clock) + timedelta(seconds=float(_AHEAD.read_text()))


SystemClock.now = _moved  # type: ignore[method-assign]

if "reminders" in sys.orig_argv:
    from reminders.scheduler import Ticker

    def _often(ticker: Ticker, name: str, job: object) -> None:
        ticker._add(name, job, trigger="interval", seconds=1)  # type: ignore[arg-type]

    Ticker._every_minute = Ticker._every_few_minutes = _often  # type: ignore[method-assign]

if "bot" in sys.orig_argv:
    from bot import opening
    from bot.channels.pacing import Timer

    _TIMER = Timer(lambda: time.monotonic() * 25, lambda seconds: asyncio.sleep(seconds / 25))
    opening.TelegramChannel = partial(opening.TelegramChannel, timer=_TIMER)  # type: ignore[misc]
