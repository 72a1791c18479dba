"""How a leader wants to be reminded: not now, not for a while, in which language, addressed how."""

from datetime import date, timedelta

from intake.errors import NotFound, NotValid
from intake.service import Intake
from intake.work.leaders import FORMS_OF_ADDRESS
from storage.unit_of_work import Tx

LONGEST_PAUSE = timedelta(days=92)
"""A pause that is longer is forgotten: whoever wants none at all leaves."""


class Wishes:
    """Keeps what leaders ask of the reminders."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def snooze(self, leader_id: bytes, until: date) -> None:
        """Remind again on a day; the last two days of a duty are told of in any case.

        Raises:
            NotValid: a day that has come, or one too far away.
        """
        now, today = self._intake.clock.now(), self._intake.clock.today()
        if not today < until <= today + LONGEST_PAUSE:
            raise NotValid("a day to come, within three months")
        self._intake.write_now(lambda tx: tx.nudges.snooze(leader_id, until, now))

    def pause(self, leader_id: bytes, until: date | None) -> None:
        """Send nothing up to and including a day; None: remind again, and forget any snooze.

        Raises:
            NotFound: no such leader.
            NotValid: a day that is past, or one too far away.
        """
        today = self._intake.clock.today()
        if until is not None and not today <= until <= today + LONGEST_PAUSE:
            raise NotValid("a day to come, within three months")

        def work(tx: Tx) -> bool:
            if until is None:
                tx.nudges.wake(leader_id)
            return tx.leaders.change(leader_id, paused_until=until)

        if not self._intake.write_now(work):
            raise NotFound("no such leader")

    def speak(self, leader_id: bytes, language: str) -> None:
        """Remind in another language.

        Raises:
            NotFound: no such leader.
        """
        self._change(leader_id, language=language)

    def address_as(self, leader_id: bytes, form: str) -> None:
        """Address a leader in another way.

        Raises:
            NotFound: no such leader.
            NotValid: a form of address that is not offered.
        """
        if form not in FORMS_OF_ADDRESS:
            raise NotValid("a form of address that is not offered")
        self._change(leader_id, address_as=form)

    def _change(self, leader_id: bytes, **values: str) -> None:
        if not self._intake.write_now(lambda tx: tx.leaders.change(leader_id, **values)):
            raise NotFound("no such leader")
