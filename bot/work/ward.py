"""What the ward's own chat looks at and does: services behind ``bot.flows.ward_desk``.

Whose chat it is was settled before; here everything is asked of one commune and refused beyond it.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.flows.ward_shapes import (
    Approve,
    AskBack,
    Drawn,
    DrawTable,
    MarkSent,
    Missing,
    NameHolder,
    Reminded,
    RemindMissing,
    WardAct,
)
from bot.flows.work_shapes import Failed, Told
from bot.messages import File
from bot.work.ward_reminding import remind
from intake.errors import Conflict, Flagged, NotFound, NotValid, Refused, RoleUnset
from intake.nudging.shapes import NudgeByHand, subject_of
from intake.plans.boards import Sendable
from intake.plans.periods import period_label, terms_of
from intake.plans.programme import Programme
from intake.plans.programme_schema import Duty
from intake.work.check_in_shapes import CheckInView
from intake.work.compliance import Column, Matrix
from intake.work.work_services import WorkServices

MONTHS = 6
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REASONS: dict[type[Refused], str] = {
    Conflict: "da_xu_ly",
    NotFound: "da_xu_ly",
    Flagged: "danh_sach_doi",
    RoleUnset: "chua_chi_dinh",
    NotValid: "so_van_ban_sai",
}


def ward_of(
    work: WorkServices, owners: Sequence[str], today: date, by_hand: NudgeByHand | None = None
) -> "Ward | None":
    """Return the first commune among what somebody holds; None: no ward's chat."""
    with work.intake.read() as view:
        found = (view.owners.get(owner) for owner in owners)
        row = next((each for each in found if each and each.kind == "commune"), None)
    return Ward(work, row.id, row.name, today, by_hand) if row else None


@dataclass(frozen=True, slots=True)
class Ward:
    """One commune, as its own people see it in a chat."""

    work: WorkServices
    area_id: str
    name: str
    today: date
    by_hand: NudgeByHand | None = None

    # --- looking ----------------------------------------------------------------------------------

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """The programmes that apply here today."""
        return self.work.uses.for_area(self.area_id, self.today)

    def missing(self) -> tuple[Missing, ...]:
        """Return who still owes what, in this period and in the last one until it is closed.

        What ends first stands first; what has no last day stands last.
        """
        found: list[Missing] = []
        for programme in self.programmes:
            for duty in programme.duties:
                found += self._missing(programme, duty)
        return tuple(sorted(found, key=lambda each: each.last_good_on or date.max))

    def _missing(self, programme: Programme, duty: Duty) -> Iterator[Missing]:
        compliance, closing = self.work.compliance, self.today - self.work.uses.close_after
        seen: set[str] = set()
        for day in (closing, self.today):
            terms = terms_of(programme, duty, day)
            if terms is None or terms.period in seen:
                continue
            seen.add(terms.period)
            asked = (programme.id, duty.id, terms.period, self.area_id)
            rows = compliance.missing(*asked)
            if rows:
                figures = compliance.figures(*asked)
                last = None if terms.last == date.max else terms.last
                names = tuple(row.name for row in rows)
                label = period_label(terms.period)
                ids = tuple(row.id for row in rows)
                yield Missing(duty.title, label, figures.met, figures.expected, names, last, ids)

    def in_the_way(self) -> tuple[tuple[str, str], ...]:
        """Return what leaders say stands in the way: the neighbourhood, and their words."""
        waiting = self.work.hindrances.waiting([self.area_id])
        return tuple((each.owner_name, each.words) for each in waiting)

    def waiting(self) -> tuple[CheckInView, ...]:
        """Return what waits for the ward's word, flagged ones first."""
        return self.work.check_ins.review_list([self.area_id])

    def sendable(self) -> tuple[Sendable, ...]:
        """Return what a ward sends and has not been marked: late, to come, then undated."""
        return self.work.boards.sendable(self.area_id, self.today)

    def sendable_about(self, subject: str) -> Sendable | None:
        """Return what a nudge was about, where it can still be marked."""
        return next((each for each in self.sendable() if self._subject(each) == subject), None)

    def _subject(self, item: Sendable) -> str:
        return subject_of(item.programme, item.item, item.occurrence, self.area_id).hex()

    # --- doing ------------------------------------------------------------------------------------

    def do(self, act: WardAct, leader_id: str) -> Told | Failed | Drawn | Reminded:
        """Do one act of the ward's, signed by the leader whose chat it is."""
        by, filings = f"leader:{leader_id}", self.work.filings
        try:
            match act:
                case DrawTable():
                    return self._draw()
                case RemindMissing():
                    return self._remind(by)
                case Approve(ids):
                    self._check_mine(ids)
                    self.work.check_ins.approve(ids, by)
                case AskBack(check_in_id, question):
                    self._check_mine([check_in_id])
                    self.work.check_ins.send_back(check_in_id, question, by)
                case MarkSent(key, number, on):
                    programme, item, occurrence, role = key.split("|")
                    filings.mark_sent(
                        programme, item, occurrence, self.area_id, role=role,
                        document_number=number, document_on=on, by=by,
                        at=self.work.intake.clock.now(),
                    )  # fmt: skip
                case NameHolder(key, holder):
                    programme, _, _, role = key.split("|")
                    filings.name_holder(programme, role, self.area_id, holder, by)
        except Refused as refusal:
            return Failed(_REASONS.get(type(refusal), "da_xu_ly"))
        return Told()

    def _remind(self, by: str) -> Reminded | Failed:
        """Plan one message to whoever looks after each unit that still owes something."""
        if self.by_hand is None:
            return Failed("chua_nhac_duoc")
        missing = {
            owner: name
            for each in self.missing()
            for owner, name in zip(each.owners, each.names, strict=True)
        }
        return remind(self.work.intake, self.by_hand, self.area_id, missing, self.today, by)

    def _check_mine(self, ids: Sequence[str]) -> None:
        found = (self.work.check_ins.find(each) for each in ids)
        if any(view.commune_id != self.area_id for view in found):
            raise NotFound("Không có buổi này.")

    def _draw(self) -> Drawn:
        months, joined = last_months(self.today, MONTHS), Matrix(columns=(), rows=())
        titles: dict[str, str] = {}
        used: list[str] = []
        for programme in self.programmes:
            matrix = self.work.compliance.matrix(self.area_id, programme.id, months)
            if matrix.columns:
                used.append(programme.id)
                titles |= {duty.id: duty.title for duty in programme.duties}
                joined = matrix if not joined.columns else _beside(joined, matrix)
        if not used:
            return Drawn()
        from intake.ward.matrix_picture import draw_matrix  # noqa: PLC0415  slow to import

        title = f"{self.name}: đến {self.today:%d/%m/%Y}"
        out = io.BytesIO()
        self.work.sheets.write(self.area_id, used, months, out)
        stem = f"bang-{self.area_id}-{self.today.isoformat()}"
        picture = File(f"{stem}.png", "image/png", draw_matrix(joined, title, titles))
        return Drawn((picture, File(f"{stem}.xlsx", XLSX, out.getvalue())))


def last_months(today: date, n: int) -> tuple[str, ...]:
    """Return the last ``n`` months up to the one of ``today``, oldest first."""
    found: list[str] = []
    at = today
    for _ in range(n):
        found.append(f"{at:%Y-%m}")
        at = at.replace(day=1) - timedelta(days=1)
    return tuple(reversed(found))


def _beside(one: Matrix, other: Matrix) -> Matrix:
    """Return two matrices of the same commune side by side."""
    columns: tuple[Column, ...] = (*one.columns, *other.columns)
    rows = {row.owner_id: row for row in one.rows}
    width = len(one.columns)
    nothing = one.rows[0].cells[0].model_copy(update={"letter": "", "obligation_id": ""})
    for row in other.rows:
        before = rows.get(row.owner_id)
        cells = before.cells if before else (nothing,) * width
        rows[row.owner_id] = row.model_copy(update={"cells": (*cells, *row.cells)})
    full = len(columns)
    padded = (
        row.model_copy(update={"cells": (*row.cells, *(nothing,) * (full - len(row.cells)))})
        for row in rows.values()
    )
    return Matrix(columns=columns, rows=tuple(padded))
