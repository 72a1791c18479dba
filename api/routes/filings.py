"""JSON: deadlines, what was marked as sent, who stands for bodies that are gone, programmes."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.dependencies import TheDesk
from api.policy import FilesReports, ManagesAreas, ReadsWork
from api.routes.answers import json_router
from api.routes.compliance import Area
from api.routes.session import Asked
from intake.ward.report_shapes import ProgrammeChoice, ReportBoard
from intake.work.filing_shapes import FilingView

router = json_router("báo cáo")
Id = Annotated[str, Field(max_length=80)]
Reason = Annotated[str, Field(max_length=200)]


class FilingAsked(Asked):
    """What was sent: a deadline's named day, a duty's period, or the year of what has no day."""

    programme: Id
    item: Id
    occurrence: Annotated[str, Field(max_length=20)]
    role: Id = ""
    document_number: Annotated[str, Field(max_length=80)]
    document_on: date
    area: Annotated[str | None, Field(max_length=80)] = None


class AmendmentAsked(Asked):
    """Number and day as they should have been, and why."""

    document_number: Annotated[str, Field(max_length=80)]
    document_on: date
    reason: Reason


class WithdrawalAsked(Asked):
    """Why the mark is taken back."""

    reason: Reason


class HolderAsked(Asked):
    """Who stands for a body that is gone."""

    programme: Id
    role: Id
    holder: Annotated[str, Field(max_length=200)]
    area: Annotated[str | None, Field(max_length=80)] = None


class UseAsked(Asked):
    """From which day a programme applies."""

    programme: Id
    since: date
    area: Annotated[str | None, Field(max_length=80)] = None


class EndAsked(Asked):
    """The first day on which a programme no longer applies."""

    programme: Id
    on: date
    area: Annotated[str | None, Field(max_length=80)] = None


@router.get("/reports", operation_id="read_reports")
def read_reports(session: ReadsWork, desk: TheDesk, area: Area = None) -> ReportBoard:
    """Return every deadline of the programmes in force, and everything marked as sent."""
    return desk.work.reports.board(session, area)


@router.post("/filings", status_code=201, operation_id="mark_sent")
def mark_sent(asked: FilingAsked, session: FilesReports, desk: TheDesk) -> FilingView:
    """Mark something as sent, with number and day of the document: its reminders stop."""
    return desk.work.reports.mark_sent(
        session, asked.programme, asked.item, asked.occurrence, role=asked.role,
        document_number=asked.document_number, document_on=asked.document_on, area_id=asked.area,
    )  # fmt: skip


@router.put("/filings/{filing_id}", operation_id="amend_filing")
def amend(
    filing_id: str, asked: AmendmentAsked, session: FilesReports, desk: TheDesk
) -> FilingView:
    """Correct number and day of a document; what stood there is kept."""
    return desk.work.reports.amend(
        session, filing_id, asked.document_number, asked.document_on, asked.reason
    )


@router.post("/filings/{filing_id}/withdrawal", operation_id="withdraw_filing")
def withdraw(
    filing_id: str, asked: WithdrawalAsked, session: FilesReports, desk: TheDesk
) -> FilingView:
    """Take a mark back: the item is owed again."""
    return desk.work.reports.withdraw(session, filing_id, asked.reason)


@router.put("/role-holders", status_code=204, operation_id="name_role_holder")
def name_holder(asked: HolderAsked, session: FilesReports, desk: TheDesk) -> None:
    """Say who stands for a body that is gone."""
    desk.work.reports.name_holder(session, asked.programme, asked.role, asked.holder, asked.area)


@router.get("/programmes", operation_id="list_programmes")
def list_programmes(
    session: ManagesAreas, desk: TheDesk, area: Area = None
) -> list[ProgrammeChoice]:
    """Return every programme there is, and whether it applies to the area."""
    return list(desk.work.reports.choices(session, area))


@router.put("/programme-uses", status_code=204, operation_id="use_programme")
def use(asked: UseAsked, session: ManagesAreas, desk: TheDesk) -> None:
    """Let a programme apply to an area and everything below it."""
    desk.work.reports.choose(session, asked.programme, asked.since, asked.area)


@router.post("/programme-uses/end", status_code=204, operation_id="end_programme")
def end(asked: EndAsked, session: ManagesAreas, desk: TheDesk) -> None:
    """Let a programme no longer apply to an area from a day on."""
    desk.work.reports.end(session, asked.programme, asked.on, asked.area)
