"""Which programmes apply where: chosen for an area, in force for everything below it.

Several may apply to one area at once. Files are read once and kept; `forget` reads them again.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta

from intake.errors import Misconfigured, NotFound
from intake.plans.programme import Programme, load_programme
from intake.service import Intake
from intake.settings import Settings
from storage.programmes import UseRow
from storage.unit_of_work import Tx, View


class ProgrammeUses:
    """Chooses programmes for areas and finds those that apply."""

    def __init__(self, intake: Intake, settings: Settings) -> None:
        self._intake = intake
        self._settings = settings
        self._read: dict[str, Programme] = {}

    @property
    def close_after(self) -> timedelta:
        """How long after its last day a period still takes what comes late."""
        return timedelta(days=self._settings.close_after_days)

    def use(self, area_id: str, programme: str, since: date) -> None:
        """Let a programme apply to an area and everything below it from a day on.

        Chosen again, it applies again, from the new day.

        Raises:
            NotFound: no such area.
            UnknownProgramme: no such programme.
            BadFile: the programme's file does not fit.
        """
        self.programme(programme)
        row = UseRow(area_id, programme, since)

        def work(tx: Tx) -> None:
            if tx.areas.get(area_id) is None:
                raise NotFound("Không có đơn vị này: xem lại mã trong danh sách địa bàn.")
            tx.programmes.use(row)

        self._intake.write_now(work)

    def end(self, area_id: str, programme: str, on: date) -> None:
        """Let a programme no longer apply from ``on``; what is still open there ends.

        Raises:
            NotFound: the programme does not apply to that area.
        """
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            if not tx.programmes.end_use(area_id, programme, on):
                raise NotFound("Chương trình này không áp dụng cho đơn vị đó.")
            found = tx.obligations.of_programme(programme, on)
            left = [row[0] for row in found if area_id in row[1:]]
            above = set(tx.owners.chain(area_id)[1:])
            if not any(
                u.programme == programme and u.is_on(on) for u in tx.programmes.uses_of(above)
            ):
                tx.obligations.close(left, now, into="ended")

        self._intake.write_now(work)

    def for_area(self, area_id: str, day: date) -> tuple[Programme, ...]:
        """Return every programme that applies to an area on a day, looking up the tree."""
        with self._intake.read() as view:
            found = self._applying(view, area_id, day)
        programmes = (self.programme(name) for name in found)
        return tuple(programme for programme in programmes if programme.in_force(day))

    def since(self, programme: str, area_id: str, day: date) -> date | None:
        """Return since when a programme applies to an area that it applies to on a day.

        By its own use or one above; None where it does not apply.
        """
        with self._intake.read() as view:
            owner = view.owners.get(area_id)
            uses = view.programmes.uses_of(view.owners.chain(owner.area_id if owner else area_id))
        on = (use.since for use in uses if use.programme == programme and use.is_on(day))
        return min(on, default=None)

    def _applying(self, view: View, area_id: str, day: date) -> list[str]:
        owner = view.owners.get(area_id)
        chain = view.owners.chain(owner.area_id if owner else area_id)
        uses = view.programmes.uses_of(chain)
        return sorted({use.programme for use in uses if use.is_on(day)})

    def listed(self) -> tuple[UseRow, ...]:
        """Return every use, ended ones too."""
        with self._intake.read() as view:
            return tuple(view.programmes.uses())

    def programme(self, programme_id: str) -> Programme:
        """Return a programme by its id, with the installation's additions.

        Raises:
            UnknownProgramme: no such programme.
            BadFile: its file does not fit; the message names file, line and what to do.
        """
        if programme_id not in self._read:
            self._read[programme_id] = load_programme(programme_id, self._settings.programmes)
        return self._read[programme_id]

    def titles(self, programmes: Iterable[str]) -> dict[tuple[str, str], str]:
        """Return the title of every duty of these programmes; of one that is gone, nothing."""
        found: dict[tuple[str, str], str] = {}
        for name in set(programmes):
            with suppress(Misconfigured):  # its file was taken away: what it asked for still stands
                found |= {(name, duty.id): duty.title for duty in self.programme(name).duties}
        return found

    def forget(self) -> None:
        """Read the files again when they are next asked for."""
        self._read.clear()
