"""Joins what officers see and do about reminders, and what each has for themselves."""

from dataclasses import dataclass

from intake.nudging.acts import NudgeActs
from intake.nudging.desk import NudgeDesk
from intake.nudging.own_calendar import OwnCalendars
from intake.nudging.own_chat import OwnChat
from intake.nudging.shapes import NudgeByHand, NudgePreview
from intake.service import Intake
from intake.ward.work import WardWork


@dataclass(frozen=True, slots=True)
class WardNudges:
    """What the pages and routes of the reminders call; each call takes the session first."""

    desk: NudgeDesk
    acts: NudgeActs
    own_chat: OwnChat
    calendars: OwnCalendars


def open_ward_nudges(
    intake: Intake,
    work: WardWork,
    preview: NudgePreview | None = None,
    by_hand: NudgeByHand | None = None,
) -> WardNudges:
    """Build the services; without the ports nothing is told beforehand and nothing is asked for."""
    return WardNudges(
        desk=NudgeDesk(intake, work.scope, work.services.uses, preview),
        acts=NudgeActs(intake, work.scope, by_hand),
        own_chat=OwnChat(intake, work.scope, work.leaders),
        calendars=OwnCalendars(work.services),
    )
