"""Joins the services of the work side once; chats, pages and reminders stand on the same ones."""

from dataclasses import dataclass

from intake.plans.boards import Boards
from intake.plans.programme_use import ProgrammeUses
from intake.service import Intake
from intake.settings import Settings
from intake.ward.sheets import Sheets
from intake.work.check_ins import CheckIns
from intake.work.compliance import Compliance
from intake.work.filings import Filings
from intake.work.hindrances import Hindrances
from intake.work.leaders import Leaders
from intake.work.obligations import Obligations
from intake.work.wishes import Wishes


@dataclass(frozen=True, slots=True)
class WorkServices:
    """What is owed, what was done, what was sent, and who looks after it."""

    intake: Intake
    settings: Settings
    uses: ProgrammeUses
    obligations: Obligations
    check_ins: CheckIns
    compliance: Compliance
    filings: Filings
    boards: Boards
    sheets: Sheets
    leaders: Leaders
    wishes: Wishes
    hindrances: Hindrances


def join_work(intake: Intake, settings: Settings) -> WorkServices:
    """Build the services over one database."""
    uses = ProgrammeUses(intake, settings)
    obligations, compliance = Obligations(intake, uses), Compliance(intake)
    filings = Filings(intake, uses)
    return WorkServices(
        intake=intake,
        settings=settings,
        uses=uses,
        obligations=obligations,
        check_ins=CheckIns(intake, obligations),
        compliance=compliance,
        filings=filings,
        boards=Boards(settings, uses, filings),
        sheets=Sheets(intake, compliance, uses),
        leaders=Leaders(intake),
        wishes=Wishes(intake),
        hindrances=Hindrances(intake),
    )
