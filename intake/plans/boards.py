"""What an area has to send: its deadlines on a day, without those from before the plan came here.

Read from the programmes in force there and from what was marked as sent. The page of reports, the
ward's own chat and the reminders all ask here, so that they list the same.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from intake.plans.deadlines import Board, board_on
from intake.plans.programme import DAYS_OFF, Programme
from intake.plans.programme_schema import Deadline, Undated
from intake.plans.programme_use import ProgrammeUses
from intake.plans.working_days import working_days
from intake.settings import Settings
from intake.work.filings import Filings


class Sendable(NamedTuple):
    """A report, a registration or a one-off that can be marked as sent."""

    programme: str
    item: str
    occurrence: str
    role: str
    title: str
    last_good_on: date | None
    unset: str = ""
    """The name of the body that sends it, where that is gone and nobody was named in its place."""

    @property
    def key(self) -> str:
        """Name it in the state of a conversation."""
        return "|".join((self.programme, self.item, self.occurrence, self.role))


class Boards:
    """Lists deadlines of areas."""

    def __init__(self, settings: Settings, uses: ProgrammeUses, filings: Filings) -> None:
        self._own_days = settings.programmes / f"{DAYS_OFF}.toml"
        self._uses = uses
        self._filings = filings

    def of(self, programme: Programme, area_id: str, today: date) -> Board:
        """Return what is to come and what is late; nothing that was over before the plan came."""
        filed = self._filings.filed(programme.id, area_id)
        since = self._uses.since(programme.id, area_id, today)
        return board_on(programme, today, working_days(self._own_days), filed, since)

    def sendable(self, area_id: str, today: date) -> tuple[Sendable, ...]:
        """Return what a commune sends and has not marked: late, to come, then undated."""
        dated: list[Sendable] = []
        undated: list[Sendable] = []
        for programme in self._uses.for_area(area_id, today):
            board = self.of(programme, area_id, today)
            open_ones = [(each.deadline, each.occurrence) for each in board.late]
            open_ones += [(c.deadline, c.occurrence) for c in board.coming if not c.filed]
            for deadline, when in open_ones:
                named = when.named_on.isoformat()
                dated += self._owed(programme, deadline, area_id, named, when.last_good_on)
            undated += self._undated(programme, area_id, today)
        dated.sort(key=lambda each: each.last_good_on or date.max)
        return (*dated, *undated)

    def _undated(self, programme: Programme, area_id: str, today: date) -> Iterator[Sendable]:
        year = str(today.year)
        marked = {
            (each.programme, each.item, each.occurrence)
            for each in self._filings.listed(area_id)
            if not each.withdrawn
        }
        for item in programme.undated:
            if (programme.id, item.id, year) not in marked:
                yield from self._owed(programme, item, area_id, year, None)

    def _owed(
        self, programme: Programme, item: Deadline | Undated, area_id: str, occurrence: str,
        last: date | None,
    ) -> Iterator[Sendable]:  # fmt: skip
        """Yield an item if a commune sends it: by itself, or for a body that is gone.

        The heir of a district may be the commune; that is asked where it is marked, never guessed.
        """
        own = programme.own.role if programme.own else ()
        roles = {role.id: role for role in (*programme.plan.role, *own)}
        senders = [roles[each] for each in item.sender if each in roles]
        standing = any(not role.gone and role.level in {None, "commune"} for role in senders)
        heir = next((role for role in senders if role.gone and role.level != "province"), None)
        if standing:
            yield Sendable(programme.id, item.id, occurrence, "", item.title, last)
        elif heir is not None:
            named = self._filings.holder(programme.id, heir.id, area_id)
            unset = "" if named else heir.name
            yield Sendable(programme.id, item.id, occurrence, heir.id, item.title, last, unset)
