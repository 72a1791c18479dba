"""The evening of 12 November: what the tests of check-ins say about it."""

from datetime import date

from intake.work.check_ins import Filed
from tests.intake.work_side import WARD, Town, at

TO, DAY, EVENING = f"{WARD}-01", date(2026, 11, 12), at("2026-11-12 20:00:00")


def done(town: Town, owner: str = TO, kind: str = "outreach") -> tuple[int, bool, bool]:
    """Return how an owner stands: how many, met, in time."""
    found = [o for o in town.obligations.standing(owner, DAY) if o.kind == kind]
    return found[0].done, found[0].met, found[0].timely


def effects(filed: Filed) -> list[tuple[str, int, int, bool]]:
    """Return what a check-in brought about."""
    return [(e.title, e.done, e.need, e.met) for e in filed.effects]
