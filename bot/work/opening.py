"""Joins the work side's services for a process that talks with leaders."""

from bot.pictures import Cleaner
from bot.wording import Wording
from bot.work.engine import WorkDesk
from bot.work.ward import WardTools
from bot.work.world import Workplace
from intake.check_in_line import read_line, refuses_names, says_not_held
from intake.check_ins import CheckIns
from intake.leaders import Leaders
from intake.limits import Buckets
from intake.obligations import Obligations
from intake.programme_use import ProgrammeUses
from intake.service import Intake
from intake.settings import Settings


def open_workplace(intake: Intake, settings: Settings) -> Workplace:
    """Return the services behind the conversation with leaders."""
    uses = ProgrammeUses(intake, settings)
    obligations = Obligations(intake, uses)
    check_ins = CheckIns(intake, obligations)
    ward = WardTools(intake, settings, check_ins, uses)
    return Workplace(check_ins, obligations, uses, read_line, refuses_names, says_not_held, ward)


def open_work(
    intake: Intake, settings: Settings, wording: Wording, limits: Buckets, cleaner: Cleaner
) -> WorkDesk:
    """Return the desk at which leaders are talked with."""
    return WorkDesk(
        intake,
        Leaders(intake),
        open_workplace(intake, settings),
        wording,
        settings,
        limits,
        cleaner,
    )
