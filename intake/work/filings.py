"""What officers marked as sent: a report, a registration, a one-off; it stops the reminders.

Nothing is sent from here: an officer says that it was, with number and day of the document. Who
stands for a body that is gone is asked and never guessed.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from intake.errors import Conflict, NeedsReason, NotFound, NotValid, RoleUnset, UnknownItem
from intake.plans.calendar import read_day
from intake.plans.programme import Programme
from intake.plans.programme_use import ProgrammeUses
from intake.service import Intake
from intake.text import clean, is_empty
from intake.work.check_in_shapes import signed
from intake.work.filing_shapes import FilingChange, FilingView, before, document_of
from intake.work.obligations import key_of
from intake.work.recounting import recount
from intake.work.work_audit import note
from storage.filings import FilingRow
from storage.programmes import HolderRow
from storage.unit_of_work import Tx, View

_TIME = re.compile(r"^[0-9A-Za-z-]{0,20}$")
_NO_AREA = "Không có đơn vị này: xem lại mã trong danh sách địa bàn."


class Filings:
    """Marks what was sent, and who stands in for a body that is gone.

    ``by`` is an officer's id; the ward's own chat signs a mark with "leader:<hex>".
    """

    def __init__(self, intake: Intake, uses: ProgrammeUses) -> None:
        self._intake = intake
        self._uses = uses

    def mark_sent(
        self, programme: str, item: str, occurrence: str, area_id: str, *, role: str = "",
        document_number: str, document_on: date, by: str, at: datetime,
    ) -> FilingView:  # fmt: skip
        """Mark a deadline, an undated item or a duty as sent.

        ``occurrence`` is the named day of a deadline (``2026-06-17``), the period of a duty, and
        free for what has no date; ``role`` is "" for the unit itself. What was withdrawn before
        stands again.

        Raises:
            UnknownProgramme, UnknownItem: no such programme, item or named day.
            NotFound: no such area.
            NotValid: no number, or a day that has not come yet.
            RoleUnset: the body is gone and nobody has said who stands for it.
            Conflict: it is marked already: amend it.
        """
        plan = self._uses.programme(programme)
        _check_item(plan, item, occurrence)
        paper = document_of({"document_number": document_number, "document_on": document_on}, at)
        row = FilingRow(
            secrets.token_bytes(16), plan.id, item, occurrence, area_id, role,
            paper.document_number, paper.document_on, at, signed(by),
        )  # fmt: skip

        def work(tx: Tx) -> FilingRow:
            self._check_role(tx, plan, role, area_id)
            kept = row if tx.filings.add(row) else self._stand_again(tx, row)
            told = {"programme": plan.id, "item": item, "occurrence": occurrence}
            note(tx, at, by, "sent", area_id, told, ward=area_id)
            self._recount(tx, kept)
            return kept

        return self._view(self._intake.write_now(work))

    def _stand_again(self, tx: Tx, row: FilingRow) -> FilingRow:
        there = tx.filings.same(row)
        if there is None or not there.withdrawn:
            raise Conflict("Mục này đã đánh dấu đã gửi: muốn đổi số, ngày thì dùng sửa.")
        new = row._replace(id=there.id, version=there.version)
        tx.filings.change(new, row.filed_at, row.filed_by, "đánh dấu lại", before(there))
        return new._replace(version=there.version + 1)

    def amend(
        self, filing_id: str, changes: Mapping[str, Any], reason: str, by: str, at: datetime
    ) -> FilingView:
        """Change number or day of the document; what stood there is kept.

        Raises:
            NeedsReason: no reason.
            NotFound: no such filing, or it was withdrawn.
            NotValid: other fields, no number, or a day that has not come yet.
        """

        def change(row: FilingRow) -> FilingRow:
            stands = {"document_number": row.document_number, "document_on": row.document_on}
            paper = document_of(stands | dict(changes), at)
            return row._replace(**paper.model_dump())

        return self._change(filing_id, change, "sent.amend", reason=reason, by=by, at=at)

    def withdraw(self, filing_id: str, reason: str, by: str, at: datetime) -> FilingView:
        """Take the mark back: the item is owed again.

        Raises:
            NeedsReason: no reason.
            NotFound: no such filing, or it was withdrawn before.
        """

        def change(row: FilingRow) -> FilingRow:
            return row._replace(withdrawn=True)

        return self._change(filing_id, change, "sent.withdraw", reason=reason, by=by, at=at)

    def _change(
        self, filing_id: str, change: Callable[[FilingRow], FilingRow], act: str, *,
        reason: str, by: str, at: datetime,
    ) -> FilingView:  # fmt: skip
        said = clean(reason)[:200]
        if is_empty(said):
            raise NeedsReason("Sửa hoặc rút mục đã gửi phải ghi lý do.")

        def work(tx: Tx) -> FilingRow:
            row = tx.filings.lock(key_of(filing_id))
            if row is None or row.withdrawn:
                raise NotFound("Không có mục đã gửi này, hoặc đã rút.")
            new = change(row)
            tx.filings.change(new, at, f"officer:{by}", said, before(row))
            note(tx, at, by, act, row.id.hex())
            self._recount(tx, new)
            return new._replace(version=row.version + 1)

        return self._view(self._intake.write_now(work))

    # --- showing ----------------------------------------------------------------------------------

    def filed(
        self, programme: str, area_id: str, role: str | None = None
    ) -> Mapping[str, tuple[date, ...]]:
        """Return, by deadline, the named days that are filed: what `board_on` wants.

        For one role, or (None) for any.
        """
        dated = {deadline.id for deadline in self._uses.programme(programme).deadlines}
        found: dict[str, list[date]] = {}
        with self._intake.read() as view:
            for row in view.filings.of_areas([area_id]):
                mine = role is None or row.role == role
                if row.programme == programme and row.item in dated and mine and not row.withdrawn:
                    found.setdefault(row.item, []).append(date.fromisoformat(row.occurrence))
        return {item: tuple(sorted(days)) for item, days in found.items()}

    def listed(self, area_id: str) -> tuple[FilingView, ...]:
        """Return everything that was marked for an area, withdrawn ones too, newest first."""
        with self._intake.read() as view:
            rows = view.filings.of_areas([area_id])
        return tuple(self._view(row) for row in rows)

    def changes(self, filing_id: str) -> tuple[FilingChange, ...]:
        """Return what stood in a filing before, oldest first."""
        with self._intake.read() as view:
            rows = view.filings.changes(key_of(filing_id))
        return tuple(
            FilingChange(
                version=r.version, at=r.at, by=r.by, reason=r.reason, before=json.loads(r.before)
            )
            for r in rows
        )

    # --- bodies that are gone ---------------------------------------------------------------------

    def name_holder(self, programme: str, role: str, area_id: str, holder: str, by: str) -> None:
        """Say who stands for a body that is gone, in an area and below it; may be changed.

        Raises:
            UnknownItem: the plan has no such body.
            NotFound: no such area.
            NotValid: no name.
        """
        plan, name = self._uses.programme(programme), clean(holder)[:200]
        _check_known(plan, role)
        if is_empty(name):
            raise NotValid("Ghi tên cơ quan đứng ra thay.")
        row = HolderRow(plan.id, role, area_id, name, self._intake.clock.now(), signed(by))

        def work(tx: Tx) -> None:
            if tx.areas.get(area_id) is None:
                raise NotFound(_NO_AREA)
            tx.programmes.name(row)
            told = {"programme": plan.id, "role": role}
            note(tx, row.named_at, by, "holder", area_id, told, ward=area_id)

        self._intake.write_now(work)

    def holder(self, programme: str, role: str, area_id: str) -> str | None:
        """Return the name of who stands for a role in an area; None: unset, so people are asked.

        Raises:
            UnknownItem: the plan has no such body.
        """
        plan = self._uses.programme(programme)
        _check_known(plan, role)
        with self._intake.read() as view:
            return _holder(view, plan, role, area_id)

    # --- rules ------------------------------------------------------------------------------------

    def _check_role(self, tx: Tx, plan: Programme, role: str, area_id: str) -> None:
        if tx.areas.get(area_id) is None:
            raise NotFound(_NO_AREA)
        if not role:
            return
        _check_known(plan, role)
        if _holder(tx, plan, role, area_id) is None:
            raise RoleUnset("Cơ quan này không còn và chưa chỉ định ai thay: chỉ định trước đã.")

    def _recount(self, tx: Tx, row: FilingRow) -> None:
        owed = tx.obligations.of_owner(row.area_id, row.occurrence)
        ids = [o.id for o in owed if o.programme == row.programme and o.duty == row.item]
        if ids:
            recount(tx, tx.obligations.lock(ids))

    def _view(self, row: FilingRow) -> FilingView:
        plan = self._uses.programme(row.programme)
        titles = {
            item.id: item.title for item in (*plan.plan.undated, *plan.deadlines, *plan.duties)
        }
        values = row._asdict() | {"id": row.id.hex(), "title": titles.get(row.item, row.item)}
        return FilingView.model_validate(values)


def _check_item(plan: Programme, item: str, occurrence: str) -> None:
    """Refuse what the plan does not ask for, or not then."""
    if any(deadline.id == item for deadline in plan.deadlines):
        plan.occurrence(plan.deadline(item), read_day(occurrence))
        return
    known = {each.id for each in (*plan.plan.undated, *plan.duties)}
    if item not in known or not _TIME.match(occurrence):
        raise UnknownItem("Chương trình không có mục này, hoặc kỳ ghi sai: chọn trong danh sách.")


def _check_known(plan: Programme, role: str) -> None:
    roles = (*plan.plan.role, *(plan.own.role if plan.own else ()))
    if role not in {each.id for each in roles}:
        raise UnknownItem("Chương trình không có cơ quan này: chọn trong danh sách.")


def _holder(view: View, plan: Programme, role: str, area_id: str) -> str | None:
    standing = plan.holder(role)
    if standing is not None:
        return standing.name
    named = {
        row.area_id: row.holder for row in view.programmes.holders(plan.id) if row.role == role
    }
    return next((named[area] for area in view.owners.chain(area_id) if area in named), None)
