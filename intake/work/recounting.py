"""What counts for an obligation, and when it was met.

An activity counts unless it was taken back or sent back; it counts for the period of its own day.
What an officer marked as sent counts too. Only an open obligation is ever counted: what is closed
is frozen (``check-ins-and-reminders.md`` 5).
"""

from collections.abc import Iterable

from storage.counting import Counted
from storage.obligations import ObligationRow
from storage.unit_of_work import Tx, View


def count(view: View, row: ObligationRow) -> Counted:
    """Count one obligation from its leaves."""
    done = sorted(view.counting.leaves(row.id))
    met = len(done) >= row.need
    met_at = done[row.need - 1][0] if met else None
    return Counted(
        row.id, len(done), met, met_at,
        timely=met_at is not None and met_at < row.due_at,
        approved=met and sum(approved for *_, approved in done) >= row.need,
    )  # fmt: skip


def recount(tx: Tx, rows: Iterable[ObligationRow]) -> dict[bytes, Counted]:
    """Count the open ones among ``rows`` again and keep the result.

    The rows must have been read with a lock, so that two who file at once both see the other.
    """
    counted = [count(tx, row) for row in rows if row.state == "open"]
    tx.counting.set_counts(counted)
    return {one.id: one for one in counted}
