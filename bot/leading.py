"""The lead of a job that several processes could do and one must.

A lease in the database: whoever holds it renews it while the job goes on. A process that dies is
followed by the next one when its lease ends, or at once by itself when it is started again: the
holder's name is that of the place, not of the process.
"""

from intake.service import Intake
from storage.unit_of_work import Tx


class Lead:
    """One process's claim to lead a job."""

    def __init__(self, intake: Intake, job: str, holder: str, seconds: float) -> None:
        self._intake = intake
        self._job = job
        self._holder = holder
        self._seconds = seconds
        self._renew_at = 0.0

    async def take(self) -> bool:
        """Take or keep the lead; False while another process has it.

        A lease of which three quarters are left is not written again.

        Raises:
            TryLater: the database cannot serve now.
        """
        clock = self._intake.clock
        if clock.monotonic() < self._renew_at:
            return True
        now, asked_at = clock.now(), clock.monotonic()

        def work(tx: Tx) -> bool:
            return tx.jobs.lease(self._job, self._holder, now, self._seconds)

        leads = await self._intake.write(work)
        self._renew_at = asked_at + self._seconds / 4 if leads else 0.0
        return leads

    async def give_up(self) -> None:
        """Let another process lead at once.

        Raises:
            TryLater: the database cannot serve now; the lease ends by itself.
        """
        self._renew_at = 0.0

        def work(tx: Tx) -> None:
            tx.jobs.release(self._job, self._holder)

        await self._intake.write(work)
