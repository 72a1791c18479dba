"""Erases what is past its time: tips, pictures of activities, names of leaders who left.

Everything here may be cut off between any two units of work and begun again: each unit takes away
one thing as a whole, and what is gone is not found again. A tip that is held for a case stays.
"""

import calendar
from datetime import date, datetime, timedelta
from typing import NamedTuple

from intake.errors import DatabaseBusy
from intake.plans.periods import midnight
from intake.service import Intake
from intake.settings import Settings
from storage.retention import ClosedTip
from storage.unit_of_work import Tx

NOBODY = "Người đã nghỉ"
"""The name of every leader whose own one was erased."""
SERVICE = "service"
"""The actor of audit rows that no officer caused."""
_WORD_LATER = timedelta(hours=25)
"""The word that tells of the closing is shown up to a day after it, and does not count as news."""
_PHOTOS_AT_ONCE = 50
_NUDGES_AT_ONCE = 500
_SWEEPS_KEPT = timedelta(days=60)
_SEALED_MEANWHILE = timedelta(days=30)
"""Something may have been sealed to an ended key for a while: drafts live two days."""


class Erased(NamedTuple):
    """How many were erased in one run."""

    tips: int
    photos: int
    leaders: int
    nudges: int


class Retention:
    """Erases by the months that the settings give."""

    def __init__(self, intake: Intake, settings: Settings) -> None:
        self._intake = intake
        self._months = settings.retention

    def erase(self) -> Erased:
        """Erase everything that is due now, then clean the pages that it stood on.

        Raises:
            DatabaseBusy: cut off, or a reader kept old pages alive; what is done is done, run it
                again.
        """
        erased = Erased(
            tips=self.erase_tips(),
            photos=self._erase_photos(),
            leaders=self._erase_leaders(),
            nudges=self._erase_nudges(),
        )
        if not self._intake.database.scrub():
            raise DatabaseBusy("readers kept old pages alive: the erasure runs again")
        return erased

    def erase_tips(self) -> int:
        """Erase tips closed long ago, in which nobody wrote since, and that nobody holds.

        A tip of which the audit chain does not say when it was closed is left alone.
        """
        day = months_before(self._intake.clock.today(), self._months.tips)
        until = midnight(day + timedelta(days=1))
        with self._intake.read() as view:
            found = view.retention.closed(day, until)
            told = view.retention.told([tip.id for tip in found])
        due = [
            tip for tip in found if not told[tip.id].held and _before(told[tip.id].closed_at, until)
        ]
        return sum(self._erase_tip(tip, day, until) for tip in due)

    def _erase_tip(self, tip: ClosedTip, day: date, until: datetime) -> bool:
        now = self._intake.clock.now()

        def work(tx: Tx) -> bool:
            # A hold, a reopening or an addition that came in between has changed the row.
            if not tx.retention.lock_closed(tip, day, until):
                return False
            if tx.retention.has_younger_part(tip.id, until + _WORD_LATER):
                return False  # an answer, or an addition, that somebody may still want to read
            tx.tips.erase(tip.id)
            tx.audit.append(now, SERVICE, "tip.erase", tip.id.hex())
            return True

        return self._intake.write_now(work)

    def _erase_photos(self) -> int:
        before, gone = midnight(self._day_of(self._months.photos)), 0
        while some := self._intake.write_now(
            lambda tx: tx.retention.drop_photos(before, _PHOTOS_AT_ONCE)
        ):
            gone += some
        return gone

    def _erase_leaders(self) -> int:
        with self._intake.read() as view:
            found = view.retention.left(self._day_of(self._months.leaders), NOBODY)
        return sum(
            self._intake.write_now(lambda tx, who=each: tx.retention.forget_leader(who, NOBODY))
            for each in found
        )

    def _erase_nudges(self) -> int:
        day, gone = self._day_of(self._months.nudges), 0
        sweeps_before = self._intake.clock.today() - _SWEEPS_KEPT
        self._intake.write_now(lambda tx: tx.retention.drop_sweeps(sweeps_before))
        while some := self._intake.write_now(
            lambda tx: tx.retention.drop_nudges(day, _NUDGES_AT_ONCE)
        ):
            gone += some
        return gone

    def forget_dead_keys(self) -> int:
        """Take the secrets of ended epochs from everybody once no tip is sealed to them any more.

        "An old seed dies when its last tip does" (``security.md`` 5.8). The officer's own copy
        went with the grant: a seed is kept nowhere else.
        """
        now, ended_by = self._intake.clock.now(), self._intake.clock.today() - _SEALED_MEANWHILE
        with self._intake.read() as view:
            dead = view.retention.dead_keys(ended_by)

        def forget(tx: Tx, key_id: bytes, unit_id: str, epoch: int) -> None:
            if tx.retention.drop_grants(key_id):
                tx.audit.append(now, SERVICE, "key.forget", unit_id, {"epoch": epoch})

        for key in dead:
            self._intake.write_now(lambda tx, k=key: forget(tx, *k))
        return len(dead)

    def _day_of(self, months: int) -> date:
        return months_before(self._intake.clock.today(), months)


def months_before(day: date, months: int) -> date:
    """Return the same day some months before, or the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _before(moment: datetime | None, until: datetime) -> bool:
    return moment is not None and moment < until
