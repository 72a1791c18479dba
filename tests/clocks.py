"""A clock that stands still until a test moves it."""

from datetime import UTC, date, datetime, timedelta

from intake.ports import VIETNAM

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, eight in the morning in Vietnam


class FixedClock:
    """Tells the moment it was given, plus what it has been advanced by."""

    def __init__(self, moment: datetime = START) -> None:
        self._start = moment
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def today(self) -> date:
        return self._moment.astimezone(VIETNAM).date()

    def monotonic(self) -> float:
        return (self._moment - self._start).total_seconds()

    def advance(self, delta: timedelta | None = None, **parts: float) -> datetime:
        """Move on, by a timedelta or by its parts (``minutes=30``), and return the new moment."""
        self._moment += delta if delta is not None else timedelta(**parts)
        return self._moment

    def set(self, moment: datetime) -> None:
        """Jump to a moment, which must not lie in the past."""
        if moment < self._moment:
            raise ValueError("a clock does not run backwards")
        self._moment = moment
