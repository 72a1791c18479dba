"""Counts of what the officers' side answered, shown once a day and rounded to five.

Live counts would tell an onlooker when something happened. Nothing is counted per tip, person or
unit. Beside them, in RAM only: how many sessions are open, by a hash that says nothing of whose.
"""

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from intake.ports import Clock

NAMES = ("answers_2xx_3xx", "answers_4xx", "answers_5xx", "sign_ins", "sign_ins_refused")
_STEP = 5


class Counters:
    """Counts today in RAM; shows only whole days that are over."""

    def __init__(self, clock: Clock, idle: timedelta = timedelta(minutes=15)) -> None:
        self._clock = clock
        self._idle = idle.total_seconds()
        self._lock = threading.Lock()
        self._day: date = clock.today()
        self._counts: Counter[str] = Counter()
        self._shown: dict[str, int] = dict.fromkeys(NAMES, 0)
        self._in_use: dict[bytes, float] = {}

    def add(self, name: str) -> None:
        """Count one ``name``."""
        with self._lock:
            self._turn_day()
            self._counts[name] += 1

    def add_answer(self, status: int) -> None:
        """Count one answer by the class of its status."""
        self.add("answers_2xx_3xx" if status < 400 else f"answers_{status // 100}xx")

    def yesterday(self) -> Mapping[str, int]:
        """Return the last whole day's counts, each rounded to five."""
        with self._lock:
            self._turn_day()
            return dict(self._shown)

    def use(self, cookie: str) -> None:
        """Note that a session was used."""
        with self._lock:
            self._in_use[_name(cookie)] = self._clock.monotonic()

    def end(self, cookie: str) -> None:
        """Note that a session was ended."""
        with self._lock:
            self._in_use.pop(_name(cookie), None)

    def open_sessions(self) -> int:
        """Return how many sessions this process has seen in use and that are not idle yet."""
        oldest = self._clock.monotonic() - self._idle
        with self._lock:
            self._in_use = {name: at for name, at in self._in_use.items() if at > oldest}
            return len(self._in_use)

    def _turn_day(self) -> None:
        today = self._clock.today()
        if today == self._day:
            return
        whole = (today - self._day).days == 1
        self._shown = {
            name: round(self._counts[name] / _STEP) * _STEP if whole else 0 for name in NAMES
        }
        self._day = today
        self._counts.clear()


def _name(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()[:8]
