"""Joins the services of the ward's side: figures, review, leaders, reports, over one scope."""

from dataclasses import dataclass

from intake.check_ins import CheckIns
from intake.compliance import Compliance
from intake.filings import Filings
from intake.leaders import Leaders
from intake.obligations import Obligations
from intake.programme_use import ProgrammeUses
from intake.service import Intake
from intake.settings import Settings
from intake.sheets import Sheets
from intake.ward_figures import WardFigures
from intake.ward_leaders import WardLeaders
from intake.ward_reports import WardReports
from intake.ward_review import WardReview
from intake.ward_sheets import WardSheets
from intake.work_scope import WorkScope


@dataclass(frozen=True, slots=True)
class WardWork:
    """What the pages and routes of the work side call; each call takes the session first."""

    scope: WorkScope
    figures: WardFigures
    review: WardReview
    leaders: WardLeaders
    reports: WardReports
    sheets: WardSheets
    uses: ProgrammeUses
    obligations: Obligations
    check_ins: CheckIns
    filings: Filings


def open_ward_work(intake: Intake, settings: Settings) -> WardWork:
    """Build the services over one database."""
    scope, uses = WorkScope(intake), ProgrammeUses(intake, settings)
    obligations, compliance = Obligations(intake, uses), Compliance(intake)
    check_ins = CheckIns(intake, obligations)
    filings = Filings(intake, uses)
    figures = WardFigures(intake, scope, uses, compliance)
    return WardWork(
        scope=scope,
        figures=figures,
        review=WardReview(intake, scope, check_ins, obligations),
        leaders=WardLeaders(intake, scope, Leaders(intake), settings),
        reports=WardReports(
            intake, scope, uses=uses, filings=filings, obligations=obligations, settings=settings
        ),
        sheets=WardSheets(intake, scope, figures, Sheets(intake, compliance, uses)),
        uses=uses,
        obligations=obligations,
        check_ins=check_ins,
        filings=filings,
    )
