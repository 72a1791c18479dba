"""Which ladder belongs to a duty or a deadline: data of the programme, of the unit, or as shipped.

Reads two files once; afterwards it only looks up. What has no last day has no ladder.
"""

from functools import cache
from pathlib import Path

from intake.errors import BadFile
from intake.plans.checked_toml import text_of
from intake.plans.programme import LADDERS, Programme
from intake.plans.programme_check import check_ladders
from intake.plans.programme_schema import Deadline, Duty, Ladder
from reminders.calendar import LadderRule

SHIPPED = Path(__file__).with_name("ladders.toml")


class Ladders:
    """The ladders of one installation."""

    def __init__(self, defaults: dict[str, LadderRule]) -> None:
        self._defaults = defaults

    def of_duty(self, programme: Programme, duty: Duty) -> LadderRule | None:
        """Return the ladder of a duty; None for what is to be kept always."""
        return self._of(programme, duty.id, duty.per)

    def of_deadline(self, programme: Programme, deadline: Deadline) -> LadderRule:
        """Return the ladder of a deadline."""
        kind = "monthly-deadline" if deadline.every == "month" else "deadline"
        found = self._of(programme, deadline.id, kind)
        return found or LadderRule(())

    def _of(self, programme: Programme, item: str, kind: str) -> LadderRule | None:
        """Return the most particular: an item's before its kind's, the unit's before the plan's."""
        own = {ladder.kind: ladder for ladder in reversed(programme.ladders)}
        found = own.get(item) or own.get(kind)
        return _rule(found) if found else self._defaults.get(kind)


@cache
def shipped_ladders() -> Ladders:
    """Return the ladders as shipped."""
    return Ladders(_read(SHIPPED))


def load_ladders(own_folder: Path | None) -> Ladders:
    """Return the ladders of this installation: as shipped, and over them its own file.

    Raises:
        BadFile: the own file does not fit; the message names file, line and what to do.
    """
    own = own_folder / f"{LADDERS}.toml" if own_folder else None
    if own is None or not own.is_file():
        return shipped_ladders()
    return Ladders(_read(SHIPPED) | _read(own))


def _read(path: Path) -> dict[str, LadderRule]:
    reading = check_ladders(text_of(path))
    if reading.value is None:
        raise BadFile(reading.faults[0].on(path.name))
    return {ladder.kind: _rule(ladder) for ladder in reading.value.ladder}


def _rule(ladder: Ladder) -> LadderRule:
    return LadderRule(ladder.rungs, ladder.late, ladder.deputies, ladder.up)
