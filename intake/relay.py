"""Tells people who asked for it that there is news, and forgets their address when they say stop.

The only room that opens push addresses, with the relay key; it never sees a tip's content. A notice
says "Có thông tin mới" and nothing else (``security.md`` 5.6).
"""

from collections.abc import Iterator
from typing import NamedTuple

from intake.service import Intake
from intake.vault.envelope import NotOpened
from intake.vault.relay import open_address
from storage.pushes import PushRow
from storage.unit_of_work import Tx, View

MOST_AT_ONCE = 100


class Notice(NamedTuple):
    """One address that is due a notice; held in RAM for the sending only."""

    row_id: bytes
    channel: str
    address: str

    def __repr__(self) -> str:
        """Show nothing: an address must not reach a log by accident."""
        return "Notice(…)"


def _every(view: View) -> Iterator[PushRow]:
    after = b""
    while page := view.pushes.all(after):
        yield from page
        after = page[-1].id


class Relay:
    """Works on push rows with the relay key."""

    def __init__(self, intake: Intake, relay_seed: bytes) -> None:
        self._intake = intake
        self._seed = relay_seed

    def due(self) -> list[Notice]:
        """Return the addresses whose notice is due now; one past its last day hears no more."""
        now, today = self._intake.clock.now(), self._intake.clock.today()
        with self._intake.read() as view:
            rows = view.pushes.due(now, today, MOST_AT_ONCE)
        return [notice for row in rows if (notice := self._open(row)) is not None]

    def is_kept(self, notice: Notice) -> bool:
        """Tell whether an address is still there: neither stopped nor gone with its tip."""
        with self._intake.read() as view:
            return view.pushes.has(notice.row_id)

    def told(self, notice: Notice) -> None:
        """Note that a notice was handed over; a later answer makes it due again."""
        self._intake.write_now(lambda tx: tx.pushes.sent(notice.row_id))

    def gone(self, notice: Notice) -> None:
        """Forget an address whose owner has left or blocked the bot."""
        self._intake.write_now(lambda tx: tx.pushes.drop(notice.row_id))

    def honour_stops(self) -> int:
        """Delete every push row of each address that asked to stop; return how many requests."""
        with self._intake.read() as view:
            stops = view.pushes.stops()
            rows = list(_every(view)) if stops else []
        if not stops:
            return 0
        wanted = {self._address(stop.id, stop.address_sealed) for stop in stops} - {None}
        matching = [r.id for r in rows if self._address(r.id, r.address_sealed) in wanted]
        ids = [stop.id for stop in stops]

        def work(tx: Tx) -> None:
            for row_id in matching:
                tx.pushes.drop(row_id)
            for stop_id in ids:
                tx.pushes.drop_stop(stop_id)

        self._intake.write_now(work)
        return len(ids)

    def _open(self, row: PushRow) -> Notice | None:
        address = self._address(row.id, row.address_sealed)
        return Notice(row.id, *address) if address else None

    def _address(self, row_id: bytes, sealed: bytes) -> tuple[str, str] | None:
        try:
            return open_address(self._seed, row_id, sealed)
        except NotOpened:
            return None
