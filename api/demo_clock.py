"""The demo's clock: the machine's, moved on by a slider. Only ``homthu demo`` uses it.

It goes forward alone, and what it is ahead by is kept in the demo's folder, so that a demo that is
started again goes on where it stood.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from intake.ports import SystemClock

FILE = "clock"


class DemoClock(SystemClock):
    """Tells the machine's time and what it was moved on by."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._ahead = timedelta()
        with suppress(OSError, ValueError):
            self._ahead = timedelta(seconds=max(0, int(self._file.read_text("ascii"))))

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        return super().now() + self._ahead

    def move_to(self, moment: datetime) -> None:
        """Move on to a moment; one that has passed changes nothing."""
        further = moment - self.now()
        if further > timedelta():
            self._ahead += further
            self._file.write_text(str(int(self._ahead.total_seconds())), "ascii")
