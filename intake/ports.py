"""What the rules need from outside, as small protocols with one real form each."""

import time
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        ...

    def today(self) -> date:
        """Return the day in Asia/Ho_Chi_Minh."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the day in Asia/Ho_Chi_Minh."""
        return self.now().astimezone(VIETNAM).date()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()
