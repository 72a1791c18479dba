"""What is asked, and never blocked, before a check-in is filed; the ward sees the same flags.

- ``dong_qua``: more people or households than live there
- ``da_co``: the same kind is filed for that day already
- ``qua_cu``: more than 60 days ago
- ``giong_nhau``: the same number for the third month running
- ``ky_da_khoa``: the period is closed, so it is listed apart and changes no figure
"""

from datetime import date, timedelta

from intake.plans.calendar import month_of
from intake.work.check_in_shapes import CheckInDraft
from storage.check_ins import CheckInRow
from storage.obligations import ObligationRow
from storage.owners import OwnerRow
from storage.unit_of_work import View

OLD = timedelta(days=60)


def warnings_of(
    view: View, draft: CheckInDraft, owner: OwnerRow | None, day: date,
    touched: list[ObligationRow], *, but: bytes | None = None,
) -> tuple[str, ...]:  # fmt: skip
    """Return the warnings for a draft of an owner that is filed on ``day``.

    ``but`` is the row that it replaces.
    """
    month = month_of(draft.done_on)
    two_before = month_of(month_of(month.first - timedelta(days=1)).first - timedelta(days=1))
    rows = view.check_ins.of_owner(draft.owner_id, two_before.first, month.last)
    rows = [row for row in rows if row.id != but and draft.kind in row.counts_as.split(",")]
    found = {
        "dong_qua": _too_many(draft, owner),
        "da_co": any(row.done_on == draft.done_on for row in rows),
        "qua_cu": day - draft.done_on > OLD,
        "giong_nhau": _same_again(draft, rows),
        "ky_da_khoa": any(row.state == "closed" for row in touched),
    }
    return tuple(name for name, so in found.items() if so)


def _too_many(draft: CheckInDraft, owner: OwnerRow | None) -> bool:
    if owner is None:
        return False
    pairs = ((draft.people, owner.population), (draft.households, owner.households))
    return any(said is not None and most is not None and said > most for said, most in pairs)


def _same_again(draft: CheckInDraft, rows: list[CheckInRow]) -> bool:
    said = (draft.people, draft.households)
    if said == (None, None):
        return False
    first = month_of(draft.done_on).first
    latest: dict[str, CheckInRow] = {}
    for row in rows:  # the newest day first
        if row.done_on < first:
            latest.setdefault(month_of(row.done_on).name, row)
    before = [CheckInDraft.of(row) for row in latest.values()]
    return len(before) == 2 and all((b.people, b.households) == said for b in before)
