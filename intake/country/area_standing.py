"""Where an area may stand and when it may end: what is asked before one is added, merged or ended.

Reads inside the unit of work that lays down what was asked, so that nothing changes in between;
writes nothing itself.
"""

from datetime import date

from intake.country.area_ground import has_ended
from intake.errors import Conflict, NotFound, NotValid
from storage.areas import AreaRow
from storage.unit_of_work import Tx

LEVELS = ("province", "commune", "neighbourhood")


def is_valid(row: AreaRow, day: date) -> bool:
    """Return whether an area stands on a day: half-open, its last day is not in it."""
    return row.valid_from <= day and not has_ended(row, day)


def check_parent(tx: Tx, level: str, parent_id: str | None) -> None:
    """Refuse a place where an area of this level does not stand.

    Raises:
        NotValid: another level stands above it, or what does has ended.
    """
    if level == "province":
        if parent_id is not None:
            raise NotValid("a province stands below nothing")
        return
    parent = tx.areas.get(parent_id or "")
    if parent is None or LEVELS.index(parent.level) != LEVELS.index(level) - 1:
        raise NotValid("this area does not stand below that one")
    if parent.valid_to is not None:
        raise NotValid("the area above has ended")


def standing(tx: Tx, area_ids: list[str]) -> dict[str, AreaRow]:
    """Return areas by id, all of which must be there and have no end yet.

    Raises:
        NotFound: one of them does not exist.
        Conflict: one of them has ended.
    """
    rows = tx.areas.get_many(area_ids)
    if set(rows) != set(area_ids):
        raise NotFound("có mã không phải của địa bàn nào: xem `homthu areas tree`")
    if any(row.valid_to is not None for row in rows.values()):
        raise Conflict("có đơn vị đã thôi: xem `homthu areas tree`")
    return rows


def check_end(tx: Tx, rows: list[AreaRow], on: date) -> None:
    """Refuse to end areas before they began, or with something inside that still stands.

    Raises:
        NotValid: an area begins on that day or later.
        Conflict: an area or organisation inside goes on.
    """
    if any(row.valid_from >= on for row in rows):
        raise NotValid("ngày thôi phải sau ngày đơn vị bắt đầu")
    ids = [row.id for row in rows]
    left = (*tx.areas.inside(ids), *tx.organisations.inside(ids))
    if any(row.valid_to is None or row.valid_to > on for row in left):
        raise Conflict("bên trong còn đơn vị hoặc tổ chức: cho thôi hoặc thay chúng trước")
