"""What stands in the way of something owed: a leader says so, the ward sees it and settles it.

It lets nobody off: an exemption is asked for apart. What was met or closed in the meantime stands
in nobody's way and is not shown.
"""

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from intake.check_in_line import refuses_names
from intake.errors import NeedsReason, NotFound, NotValid
from intake.service import Intake
from intake.text import clean, is_empty
from intake.work.obligations import key_of
from storage.hindrances import HindranceRow
from storage.unit_of_work import Tx

LONGEST = 200


class InTheWay(BaseModel):
    """What stands in the way of one thing owed."""

    model_config = ConfigDict(frozen=True)
    obligation_id: str
    owner_id: str
    owner_name: str
    programme: str
    duty: str
    period: str
    words: str
    told_at: datetime


class Hindrances:
    """Takes and shows what stands in the way."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def tell(self, obligation_id: str, leader: str, words: str) -> None:
        """Keep what a leader says stands in the way; a newer word takes its place.

        ``leader`` is the leader's id (hex).

        Raises:
            NeedsReason: no words.
            NotValid: the words name people.
            NotFound: no such obligation, or not one of this leader's.
        """
        said = clean(words).replace("\n", " ")[:LONGEST]
        if is_empty(said):
            raise NeedsReason("Xin ghi vướng gì.")
        if refuses_names(said):
            raise NotValid("Không ghi tên người, số điện thoại ở đây.")
        now, today = self._intake.clock.now(), self._intake.clock.today()

        def work(tx: Tx) -> None:
            row = tx.obligations.get(key_of(obligation_id))
            if row is None or row.owner_id not in tx.owners.held_by(key_of(leader), today):
                raise NotFound("Không có việc phải làm này.")
            tx.hindrances.put(HindranceRow(row.id, key_of(leader), row.commune_id, said, now))

        self._intake.write_now(work)

    def waiting(self, commune_ids: Collection[str]) -> tuple[InTheWay, ...]:
        """Return what stands in the way in these communes, the oldest first."""
        with self._intake.read() as view:
            rows = view.hindrances.of_communes(commune_ids)
            owed = {row.obligation_id: view.obligations.get(row.obligation_id) for row in rows}
            names = view.owners.names({each.owner_id for each in owed.values() if each})
        return tuple(
            InTheWay(
                obligation_id=each.id.hex(),
                owner_id=each.owner_id,
                owner_name=names.get(each.owner_id, each.owner_id),
                programme=each.programme,
                duty=each.duty,
                period=each.period,
                words=row.words,
                told_at=row.told_at,
            )
            for row in rows
            if (each := owed[row.obligation_id]) and not each.met and each.state == "open"
        )

    def settle(self, obligation_id: str, commune_ids: Collection[str]) -> None:
        """Take one off the list; what is owed stays owed.

        Raises:
            NotFound: nothing stands in the way of it, or it is not of these communes.
        """

        def work(tx: Tx) -> None:
            row = tx.obligations.get(key_of(obligation_id))
            mine = row is not None and row.commune_id in commune_ids
            if row is None or not mine or not tx.hindrances.settle(row.id):
                raise NotFound("Không có vướng mắc này.")

        self._intake.write_now(work)
