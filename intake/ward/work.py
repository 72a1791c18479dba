"""The services of the ward's side: figures, review, leaders, reports, over one scope."""

from dataclasses import dataclass

from intake.service import Intake
from intake.settings import Settings
from intake.ward.figures import WardFigures
from intake.ward.leaders import WardLeaders
from intake.ward.phone_list import PhoneList
from intake.ward.reports import WardReports
from intake.ward.review import WardReview
from intake.ward.workbook import WardSheets
from intake.ward.zones import WardZones
from intake.work.work_scope import WorkScope
from intake.work.work_services import WorkServices, join_work


@dataclass(frozen=True, slots=True)
class WardWork:
    """What the pages and routes of the work side call; each call takes the session first."""

    scope: WorkScope
    figures: WardFigures
    zones: WardZones
    review: WardReview
    leaders: WardLeaders
    reports: WardReports
    sheets: WardSheets
    phones: PhoneList
    services: WorkServices
    """What they stand on; no wall between it and the caller."""


def open_ward_work(intake: Intake, settings: Settings) -> WardWork:
    """Build the services over one database."""
    scope, work = WorkScope(intake), join_work(intake, settings)
    figures = WardFigures(intake, scope, work.uses, work.compliance)
    return WardWork(
        scope=scope,
        figures=figures,
        zones=WardZones(intake, scope, figures, work.compliance, work.uses),
        review=WardReview(intake, scope, work.check_ins, work.obligations),
        leaders=WardLeaders(intake, scope, work.leaders, settings),
        reports=WardReports(scope, work),
        sheets=WardSheets(intake, scope, figures, work.sheets),
        phones=PhoneList(intake, scope, work.uses),
        services=work,
    )
