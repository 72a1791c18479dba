"""Who may file what, and for which day: the rules that filing and changing a check-in share.

Each refuses with the sentence that is shown. Nothing is written here; what is asked and never
blocked stands in ``check_in_warnings``.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from intake.errors import Conflict, FutureDay, NotAllowed, NotFound, NotHeld, NotValid
from intake.plans.periods import local_day
from intake.work.check_in_shapes import CheckInDraft, Filer
from intake.work.obligations import key_of
from storage.check_ins import CheckInRow
from storage.owners import OwnerRow
from storage.unit_of_work import Tx, View


def check_box(draft: CheckInDraft, filer: Filer) -> None:
    """Refuse a tip box that was not opened by two officers with its slips counted.

    Raises:
        NotAllowed: a leader who opens one.
        NotValid: fewer than two officers, or no slips.
    """
    if "tip_box" not in draft.counts_as:
        return
    if filer.is_leader:
        raise NotAllowed("Mở hòm thư là việc của cán bộ: hai người cùng mở, ghi số phiếu.")
    if len(set(draft.present)) < 2 or draft.slips is None:
        raise NotValid("Mở hòm thư phải ghi hai cán bộ cùng mở và số phiếu.")


def with_changes(draft: CheckInDraft, changes: Mapping[str, Any]) -> CheckInDraft:
    """Return the draft with changes; pictures are added, never replaced.

    Raises:
        NotValid: something in it that a draft cannot hold.
    """
    fields = {name: value for name, value in changes.items() if name != "photo_ids"}
    try:
        return CheckInDraft.model_validate(draft.model_dump() | fields)
    except ValidationError:
        raise NotValid("Nội dung sửa không hợp lệ: xem lại loại việc, ngày và các số.") from None


def owner_of(
    view: View, draft: CheckInDraft, filer: Filer, today: date, filed_on: date
) -> OwnerRow:
    """Return what a draft is filed for, if it may be: ``filed_on`` is the day of the first filing.

    Raises:
        NotFound: no such area or organisation.
        NotHeld: the leader does not look after it today.
        FutureDay: the day has not come yet, or came after it was filed.
        Conflict: the area or organisation does not exist on that day.
    """
    owner = view.owners.get(draft.owner_id)
    if owner is None:
        raise NotFound("Không có đơn vị này: xem lại mã trong danh sách địa bàn.")
    if filer.is_leader and owner.id not in view.owners.held_by(key_of(filer.id), today):
        raise NotHeld("Bác không phụ trách đơn vị này. Cần đổi người phụ trách: báo cán bộ phường.")
    if draft.done_on > today:
        raise FutureDay("Ngày này chưa tới: ghi sau khi buổi đã diễn ra.")
    if draft.done_on > filed_on:
        raise FutureDay("Buổi này diễn ra sau lần ghi đó: ghi thành buổi mới.")
    if not owner.is_active(draft.done_on):
        raise Conflict("Vào ngày đó đơn vị này chưa có hoặc đã sáp nhập: ghi cho đơn vị mới.")
    return owner


def changeable(tx: Tx, check_in_id: str, filer: Filer, at: datetime) -> CheckInRow:
    """Return a check-in's row, locked, if this filer may change it.

    Raises:
        NotFound: no such check-in.
        NotHeld: the leader does not look after it.
        Conflict: it was taken back.
    """
    rows = tx.check_ins.lock([key_of(check_in_id)])
    if not rows:
        raise NotFound("Không có buổi này.")
    row = rows[0]
    if filer.is_leader and row.owner_id not in tx.owners.held_by(key_of(filer.id), local_day(at)):
        raise NotHeld("Bác không phụ trách đơn vị này.")
    if row.state == "voided":
        raise Conflict("Buổi này đã rút lại: ghi buổi mới.")
    return row
