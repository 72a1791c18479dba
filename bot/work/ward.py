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
    Sendable,
    WardAct,
)
from bot.flows.work_shapes import Failed, Told
from bot.messages import File
from intake.calendar import Occurrence
from intake.check_in_shapes import CheckInView
from intake.check_ins import CheckIns
from intake.compliance import Column, Compliance, Matrix
from intake.deadlines import board_on
from intake.errors import Conflict, Flagged, NotFound, NotValid, Refused, RoleUnset
from intake.filings import Filings
from intake.matrix_picture import draw_matrix
from intake.periods import period_label, terms_of
from intake.programme import DAYS_OFF, Programme
from intake.programme_schema import Deadline, Duty, Undated
from intake.programme_use import ProgrammeUses
from intake.service import Intake
from intake.settings import Settings
from intake.sheets import Sheets
from intake.working_days import working_days

MONTHS = 6
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REASONS: dict[type[Refused], str] = {
    Conflict: "da_xu_ly",
    NotFound: "da_xu_ly",
    Flagged: "danh_sach_doi",
    RoleUnset: "chua_chi_dinh",
    NotValid: "so_van_ban_sai",
}


class WardTools:
    """The services of the ward's side, for any ward."""

    def __init__(
        self, intake: Intake, settings: Settings, check_ins: CheckIns, uses: ProgrammeUses
    ) -> None:
        self.intake = intake
        self.check_ins = check_ins
        self.uses = uses
        self.compliance = Compliance(intake)
        self.filings = Filings(intake, uses)
        self.sheets = Sheets(intake, self.compliance, uses)
        self._own_days = settings.programmes / f"{DAYS_OFF}.toml"

    def find(self, owners: Sequence[str], today: date) -> "Ward | None":
        """Return the first commune among what somebody holds; None: no ward's chat."""
        with self.intake.read() as view:
            found = (view.owners.get(owner) for owner in owners)
            row = next((each for each in found if each and each.kind == "commune"), None)
        return Ward(self, row.id, row.name, today) if row else None

    def board(
        self, programme: Programme, area_id: str, today: date
    ) -> Iterator[tuple[Deadline, Occurrence]]:
        """Return the deadlines that are late, then those to come, that are not filed."""
        filed = self.filings.filed(programme.id, area_id)
        board = board_on(programme, today, working_days(self._own_days), filed)
        for late in board.late:
            yield late.deadline, late.occurrence
        for coming in board.coming:
            if not coming.filed:
                yield coming.deadline, coming.occurrence


@dataclass(frozen=True, slots=True)
class Ward:
    """One commune, as its own people see it in a chat."""

    tools: WardTools
    area_id: str
    name: str
    today: date

    # --- looking ----------------------------------------------------------------------------------

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """The programmes that apply here today."""
        return self.tools.uses.for_area(self.area_id, self.today)

    def missing(self) -> tuple[Missing, ...]:
        """Return who still owes what, in this period and in the last one until it is closed."""
        found: list[Missing] = []
        for programme in self.programmes:
            for duty in programme.duties:
                found += self._missing(programme, duty)
        return tuple(found)

    def _missing(self, programme: Programme, duty: Duty) -> Iterator[Missing]:
        compliance, closing = self.tools.compliance, self.today - self.tools.uses.close_after
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
                yield Missing(duty.title, label, figures.met, figures.expected, names, last)

    def waiting(self) -> tuple[CheckInView, ...]:
        """Return what waits for the ward's word, flagged ones first."""
        return self.tools.check_ins.review_list([self.area_id])

    def sendable(self) -> tuple[Sendable, ...]:
        """Return what a ward sends and has not been marked: late, to come, then undated."""
        dated: list[Sendable] = []
        undated: list[Sendable] = []
        for programme in self.programmes:
            for deadline, when in self.tools.board(programme, self.area_id, self.today):
                named = when.named_on.isoformat()
                dated += self._owed(programme, deadline, named, when.last_good_on)
            undated += self._undated(programme)
        dated.sort(key=lambda each: each.last_good_on or date.max)
        return (*dated, *undated)

    def _undated(self, programme: Programme) -> Iterator[Sendable]:
        year = str(self.today.year)
        marked = {
            (each.programme, each.item, each.occurrence)
            for each in self.tools.filings.listed(self.area_id)
            if not each.withdrawn
        }
        for item in programme.undated:
            if (programme.id, item.id, year) not in marked:
                yield from self._owed(programme, item, year, None)

    def _owed(
        self, programme: Programme, item: Deadline | Undated, occurrence: str, last: date | None
    ) -> Iterator[Sendable]:
        """Yield an item if a ward sends it: by itself, or for a body that is gone.

        The heir of a district may be the ward; that is asked where it is marked, never guessed.
        """
        own = programme.own.role if programme.own else ()
        roles = {role.id: role for role in (*programme.plan.role, *own)}
        senders = [roles[each] for each in item.sender if each in roles]
        standing = any(not role.gone and role.level in {None, "commune"} for role in senders)
        heir = next((role for role in senders if role.gone and role.level != "province"), None)
        if standing:
            yield Sendable(programme.id, item.id, occurrence, "", item.title, last)
        elif heir is not None:
            named = self.tools.filings.holder(programme.id, heir.id, self.area_id)
            unset = "" if named else heir.name
            yield Sendable(programme.id, item.id, occurrence, heir.id, item.title, last, unset)

    # --- doing ------------------------------------------------------------------------------------

    def do(self, act: WardAct, leader_id: str) -> Told | Failed | Drawn:
        """Do one act of the ward's, signed by the leader whose chat it is."""
        by, filings = f"leader:{leader_id}", self.tools.filings
        try:
            match act:
                case DrawTable():
                    return self._draw()
                case Approve(ids):
                    self._check_mine(ids)
                    self.tools.check_ins.approve(ids, by)
                case AskBack(check_in_id, question):
                    self._check_mine([check_in_id])
                    self.tools.check_ins.send_back(check_in_id, question, by)
                case MarkSent(key, number, on):
                    programme, item, occurrence, role = key.split("|")
                    filings.mark_sent(
                        programme, item, occurrence, self.area_id, role=role,
                        document_number=number, document_on=on, by=by,
                        at=self.tools.intake.clock.now(),
                    )  # fmt: skip
                case NameHolder(key, holder):
                    programme, _, _, role = key.split("|")
                    filings.name_holder(programme, role, self.area_id, holder, by)
        except Refused as refusal:
            return Failed(_REASONS.get(type(refusal), "da_xu_ly"))
        return Told()

    def _check_mine(self, ids: Sequence[str]) -> None:
        found = (self.tools.check_ins.find(each) for each in ids)
        if any(view.commune_id != self.area_id for view in found):
            raise NotFound("Không có buổi này.")

    def _draw(self) -> Drawn:
        months, joined = last_months(self.today, MONTHS), Matrix(columns=(), rows=())
        titles: dict[str, str] = {}
        used: list[str] = []
        for programme in self.programmes:
            matrix = self.tools.compliance.matrix(self.area_id, programme.id, months)
            if matrix.columns:
                used.append(programme.id)
                titles |= {duty.id: duty.title for duty in programme.duties}
                joined = matrix if not joined.columns else _beside(joined, matrix)
        if not used:
            return Drawn()
        title = f"{self.name}: đến {self.today:%d/%m/%Y}"
        out = io.BytesIO()
        self.tools.sheets.write(self.area_id, used, months, out)
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
