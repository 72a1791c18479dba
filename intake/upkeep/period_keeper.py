"""Keeps the periods: opens what is owed today and freezes what is over, as often as one likes.

Looking whether 100,000 neighbourhoods lack anything takes seconds. So it is looked only when
something has changed that decides who owes what: the day, the programmes in use, their files, who
stands for a body that is gone, areas and organisations. Until then a look costs a few counts.
"""

from datetime import date
from pathlib import Path

from intake.plans.programme_use import ProgrammeUses
from intake.service import Intake
from intake.settings import Settings
from intake.work.obligations import Obligations

Mark = tuple[object, ...]


class PeriodKeeper:
    """Opens and freezes; remembers, in this process alone, for what ground it has opened all."""

    def __init__(self, intake: Intake, settings: Settings) -> None:
        self._intake = intake
        self._folder = settings.programmes
        self._uses = ProgrammeUses(intake, settings)
        self._obligations = Obligations(intake, self._uses)
        self._kept: Mark | None = None
        self._read: Mark = ()

    def keep(self) -> bool:
        """Open and freeze what is due; return whether everything had to be looked at.

        A run that was cut off remembers nothing, and the next one looks at everything again.
        """
        now, today = self._intake.clock.now(), self._intake.clock.today()
        files = _marks(self._folder)
        if files != self._read:
            self._uses.forget()  # the installation's own files have changed
            self._read = files
        mark = self._mark(today, files)
        changed = mark != self._kept
        if changed:
            self._kept = None
            self._obligations.open_period(today)
        self._obligations.close_over(now)
        self._kept = mark
        return changed

    def _mark(self, today: date, files: Mark) -> Mark:
        """Return what decides who owes what, taken before it is acted on."""
        with self._intake.read() as view:
            uses = tuple(view.programmes.uses())
            holders = tuple(
                holder
                for name in sorted({use.programme for use in uses})
                for holder in view.programmes.holders(name)
            )
            return (today, files, uses, holders, view.owners.ground())


def _marks(folder: Path) -> Mark:
    found: list[tuple[str, int, int]] = []
    for path in sorted(folder.glob("*.toml")):
        about = path.stat()
        found.append((path.name, about.st_mtime_ns, about.st_size))
    return tuple(found)
