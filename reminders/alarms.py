"""Raises an alarm once for each trouble of the machine, and forgets it when the trouble is over.

The console and the doctor look for themselves; here is who is written to. A message says that
something is wrong and where to look, never what stood in any row.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from intake.errors import TryLater
from intake.service import Intake
from intake.upkeep.jobs import Job, Trouble, note_first_tick, troubles
from storage.jobs import TroubleRow
from storage.unit_of_work import Tx

_log = logging.getLogger("homthu.alarms")
_SETTLES = timedelta(minutes=4)
"""A trouble that is gone at the next look was a machine that has just been started again."""

_PATIENCE = 60.0
"""Seconds for one chat: whoever looks for jobs that hang must not hang."""


class AlarmBell(Protocol):
    """Writes to an administrator's chat."""

    async def alarm(self, channel: str, address: str) -> bool:
        """Say that the machine needs a look; False when the person has left or blocked the bot.

        Raises:
            TryLater: not delivered; try again later.
        """
        ...


class Alarms:
    """Keeps the list of troubles, and tells of each once."""

    def __init__(self, intake: Intake, jobs: Sequence[Job], bell: AlarmBell) -> None:
        self._intake = intake
        self._jobs = jobs
        self._bell = bell
        self._logged: set[TroubleRow] = set()
        self._rung: set[TroubleRow] = set()

    async def watch(self) -> None:
        """Look for troubles, note new ones, forget those that are over, tell of the untold.

        A trouble is told of when a second look finds it still there. One message tells of all that
        is new. It counts as told when one chat took it, or when no administrator has linked any:
        the console shows it then. When no chat can be reached now, the next look tries again.
        """
        now = self._intake.clock.now()
        await self._intake.write(lambda tx: note_first_tick(tx, now))
        with self._intake.read() as view:
            found = troubles(view, self._jobs, self._intake.clock)
        untold = await self._intake.write(lambda tx: self._note(tx, found))
        self._logged &= set(untold)
        self._rung &= set(untold)
        for row in untold:
            if row not in self._logged:
                _log.error("alarm", extra={"job": row.name})
        self._logged.update(untold)
        if not untold or not (self._rung.issuperset(untold) or await self._reach()):
            return
        self._rung.update(untold)  # should writing it down fail, nobody is rung again for it
        await self._intake.write(lambda tx: self._told(tx, untold))

    def _note(self, tx: Tx, found: Sequence[Trouble]) -> list[TroubleRow]:
        now, names = self._intake.clock.now(), {trouble.name for trouble in found}
        for row in tx.jobs.troubles():
            if row.name not in names or row.since > now:  # over, or noted by a clock that was wrong
                tx.jobs.recovered(row.name)
        for trouble in found:
            tx.jobs.troubled(TroubleRow(trouble.name, now, trouble.kind))
        return [
            row
            for row in tx.jobs.troubles()
            if row.name in names and row.told_at is None and row.since <= now - _SETTLES
        ]

    def _told(self, tx: Tx, rows: Sequence[TroubleRow]) -> None:
        now = self._intake.clock.now()
        for row in rows:
            tx.jobs.told_of(row.name, now)

    async def _reach(self) -> bool:
        """Write to every chat; False when none took it and one may still do."""
        with self._intake.read() as view:
            chats = view.jobs.administrators()
        reached = waits = False
        for channel, address in chats:
            try:
                async with asyncio.timeout(_PATIENCE):
                    reached |= await self._bell.alarm(channel, address)
            except TryLater:
                waits = True
            except Exception as error:  # noqa: BLE001  one chat must not keep the others from it
                _log.error("alarm not sent", extra={"reason": type(error).__name__})
                waits = True
        return reached or not waits
