"""One leader at the hour of T−7, and everything that they owe done at once."""

from datetime import date
from pathlib import Path

from intake.work.check_ins import Filer
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work_side import WARD
from tests.reminders.nudge_rig import Rig, a_rig

FIRST = f"{WARD}-01"
T7, T3, T1, T0 = (date(2026, 3, day) for day in (24, 27, 30, 31))


def at_t7(database: Database, clock: FixedClock, folder: Path, neighbourhoods: int = 1) -> Rig:
    """One tổ, one leader, at the hour of T−7."""
    made = a_rig(database, clock, folder, neighbourhoods)
    made.open(date(2026, 3, 2))
    made.at(T7)
    return made


def file_all(rig: Rig, head: bytes) -> None:
    for kind in ("outreach", "listening_meeting"):
        rig.town.file(FIRST, date(2026, 3, 4), kind=kind, filer=Filer.leader(head.hex()))
