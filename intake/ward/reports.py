"""The reports of an area: what is due by when, what was sent, what has no day, who must be named.

The day that a document names and the last good day stand side by side and neither moves. What has
no date is shown as "chưa đặt ngày". Who stands for a body that is gone is asked, never guessed.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from intake.errors import NotFound, NotValid, UnknownItem
from intake.officers import Session
from intake.plans.calendar import Occurrence
from intake.plans.programme import Programme, programme_ids
from intake.plans.programme_schema import Deadline
from intake.policy import Right
from intake.ward.report_shapes import (
    Due,
    FilingSheet,
    OwnDuty,
    ProgrammeBoard,
    ProgrammeChoice,
    ReportBoard,
    RoleView,
    UndatedView,
)
from intake.ward.views import place_of
from intake.work.filing_shapes import FilingChange, FilingView
from intake.work.obligations import key_of
from intake.work.work_scope import Reach, WorkScope, say, telling
from intake.work.work_services import WorkServices


class WardReports:
    """Reads deadlines and marks what was sent. Nothing is sent from here."""

    def __init__(self, scope: WorkScope, work: WorkServices) -> None:
        self._intake = work.intake
        self._scope = scope
        self._uses = work.uses
        self._filings = work.filings
        self._boards = work.boards
        self._obligations = work.obligations
        self._settings = work.settings

    # --- reading ----------------------------------------------------------------------------------

    def board(self, session: Session, area_id: str | None = None) -> ReportBoard:
        """Return every deadline of the programmes in force here, and everything marked as sent.

        Raises:
            NotFound: the area lies outside.
        """
        reach, today = self._reach(session, area_id), self._intake.clock.today()
        sent = self._filings.listed(reach.area_id)
        owed = self._obligations.standing(reach.area_id, today)
        in_force = self._uses.for_area(reach.area_id, today)
        return ReportBoard(
            area=place_of(reach),
            programmes=tuple(
                self._board(reach, each, sent) for each in in_force
            ),
            own_duties=tuple(
                OwnDuty(
                    programme=each.programme, item=each.duty, title=each.title,
                    occurrence=each.period, period_label=each.period_label,
                    last_good_on=each.last_good_on, done=each.done, need=each.need, met=each.met,
                )
                for each in owed
            ),
            sent=tuple(FilingSheet(filing=each, changes=self._changes(each)) for each in sent),
        )  # fmt: skip

    def _board(
        self, reach: Reach, programme: Programme, sent: Iterable[FilingView]
    ) -> ProgrammeBoard:
        today = self._intake.clock.today()
        filed = {
            (each.item, each.occurrence): each
            for each in sent
            if each.programme == programme.id and not each.withdrawn
        }
        board = self._boards.of(programme, reach.area_id, today)
        roles = {role.id: role for role in self._roles(reach, programme)}
        coming = (
            _due(programme, c.deadline, c.occurrence, roles, filed).model_copy(
                update={"safe_on": c.safe_on, "days_left": c.days_left}
            )
            for c in board.coming
        )
        late = (
            _due(programme, x.deadline, x.occurrence, roles, filed).model_copy(
                update={"days_late": x.days_late}
            )
            for x in board.late
        )
        return ProgrammeBoard(
            id=programme.id,
            title=programme.plan.title,
            is_plan=programme.plan.is_plan,
            late=tuple(late),
            coming=tuple(coming),
            undated=tuple(
                UndatedView(
                    item=item.id, title=item.title, what=item.what, cite=item.cite or "",
                    occurrence=str(today.year),
                    filing=filed.get((item.id, str(today.year))),
                )
                for item in programme.undated
            ),
            roles=tuple(role for role in roles.values() if role.gone),
            notes=tuple(each.text for each in programme.plan.discrepancy),
        )  # fmt: skip

    def _roles(self, reach: Reach, programme: Programme) -> Iterator[RoleView]:
        own = programme.own.role if programme.own else ()
        for role in (*programme.plan.role, *own):
            stands = self._filings.holder(programme.id, role.id, reach.area_id)
            yield RoleView(id=role.id, name=role.name, gone=role.gone, holder=stands)

    def _changes(self, filing: FilingView) -> tuple[FilingChange, ...]:
        return self._filings.changes(filing.id) if filing.version > 1 else ()

    # --- marking ----------------------------------------------------------------------------------

    def mark_sent(
        self, session: Session, programme: str, item: str, occurrence: str, *,
        document_number: str, document_on: date, role: str = "", area_id: str | None = None,
    ) -> FilingView:  # fmt: skip
        """Mark something as sent, with number and day of the document: its reminders stop.

        Raises:
            NotFound: the area lies outside.
            UnknownItem: no such programme, item or named day.
            NotValid: no number, or a day that has not come yet.
            RoleUnset: nobody has said who stands for that body.
            Conflict: it is marked already: amend it.
        """
        reach = self._reach(session, area_id, Right.FILE_REPORTS)
        self._known(programme)
        with telling():
            return self._filings.mark_sent(
                programme, item, occurrence, reach.area_id, role=role,
                document_number=document_number, document_on=document_on,
                by=session.officer.id, at=self._intake.clock.now(),
            )  # fmt: skip

    def amend(
        self, session: Session, filing_id: str, number: str, document_on: date, reason: str
    ) -> FilingView:
        """Correct number and day of a document; what stood there is kept.

        Raises:
            NotFound: it lies outside, or it was withdrawn.
            NeedsReason: no reason.
            NotValid: no number, or a day that has not come yet.
        """
        self._own_filing(session, filing_id)
        changes = {"document_number": number, "document_on": document_on}
        with telling():
            return self._filings.amend(
                filing_id, changes, reason, session.officer.id, self._intake.clock.now()
            )

    def withdraw(self, session: Session, filing_id: str, reason: str) -> FilingView:
        """Take a mark back: the item is owed again.

        Raises:
            NotFound: it lies outside, or it was withdrawn before.
            NeedsReason: no reason.
        """
        self._own_filing(session, filing_id)
        with telling():
            return self._filings.withdraw(
                filing_id, reason, session.officer.id, self._intake.clock.now()
            )

    def name_holder(
        self, session: Session, programme: str, role: str, holder: str, area_id: str | None = None
    ) -> None:
        """Say who stands for a body that is gone, in an area and below it.

        Raises:
            NotFound: the area lies outside.
            UnknownItem: the plan has no such body.
            NotValid: no name.
        """
        reach = self._reach(session, area_id, Right.FILE_REPORTS)
        self._known(programme)
        with telling():
            self._filings.name_holder(programme, role, reach.area_id, holder, session.officer.id)

    # --- choosing programmes ----------------------------------------------------------------------

    def choices(self, session: Session, area_id: str | None = None) -> tuple[ProgrammeChoice, ...]:
        """Return every programme there is, and whether it applies to the area.

        Raises:
            NotFound: the area lies outside.
        """
        reach, today = self._reach(session, area_id, Right.MANAGE_AREAS), self._intake.clock.today()
        uses = [use for use in self._uses.listed() if use.area_id in reach.chain]
        found: list[ProgrammeChoice] = []
        for name in programme_ids(self._settings.programmes):
            programme = self._uses.programme(name)
            own = [u for u in uses if u.programme == name and u.area_id == reach.area_id]
            above = [u for u in uses if u.programme == name and u.area_id != reach.area_id]
            found.append(
                ProgrammeChoice(
                    id=name,
                    title=programme.plan.title,
                    status=programme.plan.status,
                    since=own[0].since if own else None,
                    until=own[0].until if own else None,
                    applies=any(use.is_on(today) for use in (*own, *above)),
                    from_above=any(use.is_on(today) for use in above),
                    in_force=programme.in_force(today),
                    duties=tuple(duty.title for duty in programme.duties if programme.is_on(duty)),
                )
            )
        return tuple(found)

    def choose(
        self, session: Session, programme: str, since: date, area_id: str | None = None
    ) -> None:
        """Let a programme apply to an area and everything below it.

        What it asks for in the periods that run is opened by the next round of housekeeping.

        Raises:
            NotFound: the area lies outside.
            UnknownItem: no such programme.
        """
        reach = self._reach(session, area_id, Right.MANAGE_AREAS)
        self._known(programme)
        with telling():
            self._uses.use(reach.area_id, programme, since)

    def end(self, session: Session, programme: str, on: date, area_id: str | None = None) -> None:
        """Let a programme no longer apply to an area from a day on.

        Raises:
            NotFound: the area lies outside, or the programme does not apply there.
        """
        reach = self._reach(session, area_id, Right.MANAGE_AREAS)
        with telling():
            self._uses.end(reach.area_id, programme, on)

    # --- the wall ---------------------------------------------------------------------------------

    def _reach(
        self, session: Session, area_id: str | None, right: Right = Right.READ_WORK
    ) -> Reach:
        return self._scope.reach(session, right, area_id)

    def _own_filing(self, session: Session, filing_id: str) -> None:
        reach = self._reach(session, None, Right.FILE_REPORTS)
        with self._intake.read() as view:
            row = view.filings.get(key_of(filing_id))
            owner = view.owners.get(row.area_id) if row else None
        if owner is None or not reach.holds(owner):
            raise say(NotFound("Không có mục đã gửi này trong địa bàn của đồng chí."))

    def _known(self, programme: str) -> None:
        if programme not in programme_ids(self._settings.programmes):
            raise say(UnknownItem("Không có chương trình này: chọn trong danh sách."))


def read_day(text: str) -> date:
    """Read the day of a form, as browsers send it.

    Raises:
        NotValid: not a day.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise say(NotValid("Ngày phải có thật: chọn trong lịch, hoặc gõ 2026-06-16.")) from None


def _due(
    programme: Programme, deadline: Deadline, occurrence: Occurrence,
    roles: dict[str, RoleView], filed: dict[tuple[str, str], FilingView],
) -> Due:  # fmt: skip
    named = occurrence.named_on.isoformat()
    return Due(
        item=deadline.id, title=deadline.title, named_on=occurrence.named_on,
        last_good_on=occurrence.last_good_on, own=programme.is_own(deadline),
        cite=deadline.cite or "", in_text=deadline.in_text or "", note=deadline.note or "",
        covers=programme.covers(deadline, occurrence),
        senders=tuple(roles[role] for role in deadline.sender if role in roles),
        receivers=tuple(roles[role].name for role in deadline.to if role in roles),
        filing=filed.get((deadline.id, named)),
    )  # fmt: skip
