"""Joins the work side's services for a process that talks with leaders."""

from bot.pictures import Cleaner
from bot.wording import Wording
from bot.work.engine import WorkDesk
from bot.work.world import Workplace
from intake.check_in_line import read_line, refuses_names, says_not_held
from intake.limits import Buckets
from intake.nudging.shapes import NudgeByHand
from intake.service import Intake
from intake.settings import Settings
from intake.work.work_services import join_work


def open_workplace(
    intake: Intake, settings: Settings, by_hand: NudgeByHand | None = None
) -> Workplace:
    """Return the services behind the conversation with leaders."""
    services = join_work(intake, settings)
    return Workplace(services, read_line, refuses_names, says_not_held, by_hand)


def open_work(  # noqa: PLR0917 - everything that it stands on, once, at start-up
    intake: Intake,
    settings: Settings,
    wording: Wording,
    limits: Buckets,
    cleaner: Cleaner,
    by_hand: NudgeByHand | None = None,
) -> WorkDesk:
    """Return the desk at which leaders are talked with."""
    workplace = open_workplace(intake, settings, by_hand)
    return WorkDesk(
        intake,
        workplace.services.leaders,
        workplace,
        wording,
        settings,
        limits,
        cleaner,
    )
