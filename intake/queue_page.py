"""A page of the officers' queue as they see it: its rows, and the mark where the next one begins.

A row shows the headline only where the officer's keys open it; this module opens nothing.
"""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from intake.errors import NotValid
from intake.parts import Headline, nickname
from intake.ports import VIETNAM
from intake.tip_states import STATES
from storage.tips import MOST_COUNTED, TipRow

MANY = MOST_COUNTED
"""A count of a queue that is as high as this means "more than a thousand"."""


class QueueRow(BaseModel):
    """One line of the queue."""

    model_config = ConfigDict(frozen=True)
    id: str
    nickname: str
    unit_id: str
    unit_name: str
    day: date
    priority: int
    state: str
    state_label: str
    holder_id: str | None
    due_at: datetime | None
    has_new: bool
    version: int
    readable: bool
    kind: str
    area_label: str
    photos: int
    score: int
    words: tuple[str, ...]


class QueuePage(BaseModel):
    """One page of the queue, and how many tips stand in each state (``MANY``: or more)."""

    model_config = ConfigDict(frozen=True)
    rows: tuple[QueueRow, ...]
    next_after: str | None
    counts: dict[str, int]


def queue_row(
    tip: TipRow, version: int, headline: Headline | None, names: dict[str, str], now: datetime
) -> QueueRow:
    """Return the line of a tip; without a headline it shows only what stands in clear.

    ``version`` as `intake.seen` counts it.
    """
    shown = headline or Headline()
    return QueueRow(
        id=tip.id.hex(),
        nickname=nickname(tip.id),
        unit_id=tip.unit_id,
        unit_name=names.get(tip.unit_id, tip.unit_id),
        day=tip.day,
        priority=tip.priority,
        state=tip.state,
        state_label=STATES[tip.state],
        holder_id=tip.holder_id.hex() if tip.holder_id else None,
        due_at=tip.due_at,
        has_new=tip.has_news(now),
        version=version,
        readable=headline is not None,
        kind=shown.kind,
        area_label=shown.area,
        photos=shown.photos,
        score=shown.score,
        words=shown.words,
    )


def write_mark(tip: TipRow) -> str:
    """Return the mark of a page that ends with this tip."""
    due = tip.due_at.timestamp() if tip.due_at else 0
    return f"{tip.priority}.{int(due)}.{tip.id.hex()}"


def read_mark(mark: str | None) -> tuple[int, datetime | None, bytes] | None:
    """Return priority, due time and id of the last tip of the page before; None for the first.

    Raises:
        NotValid: not a mark of ours.
    """
    if mark is None:
        return None
    try:
        priority, due, tip_id = mark.split(".")
        moment = datetime.fromtimestamp(int(due), VIETNAM) if int(due) else None
        return int(priority), moment, bytes.fromhex(tip_id)
    except (ValueError, OverflowError, OSError):
        raise NotValid("a broken page mark") from None
