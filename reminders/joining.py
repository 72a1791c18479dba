"""Joins the pieces of the reminders once, for each process that plans, sends or shows them.

One shelf of what can be owed, one judge: so that a preview, a sweep and a message that leaves say
the same.
"""

from collections.abc import Sequence

from intake.nudging.shapes import NudgeTeller
from intake.plans.programme_use import ProgrammeUses
from intake.service import Intake
from intake.settings import Settings
from reminders.by_hand import ByHand
from reminders.composing import Composer
from reminders.items import Shelf
from reminders.preview import PreviewOf
from reminders.rollups import Digests
from reminders.sending import Outbox
from reminders.sweep import Sweep


class Reminders:
    """What plans, shows and sends nudges, over one database.

    Args:
        intake: the database and the clock.
        settings: the installation's.
        channels: channels that can write to people unasked, first choice first.
    """

    def __init__(self, intake: Intake, settings: Settings, channels: Sequence[str]) -> None:
        shelf = Shelf(intake, settings)
        digests = Digests(intake, ProgrammeUses(intake, settings), settings)
        self.preview = PreviewOf(intake, shelf, digests, channels)
        self.by_hand = ByHand(intake, shelf, channels)
        self.sweep = Sweep(intake, shelf, digests, channels)
        self._composer = Composer(intake, shelf, digests, channels)
        self._intake = intake

    def outbox(self, teller: NudgeTeller) -> Outbox:
        """Return the worker that sends through ``teller``."""
        return Outbox(self._intake, self._composer, teller)
