"""An opened tip as officers see it: its views, who speaks in its thread and in which order.

Nothing here opens anything: `disclosure` does, and fills these.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from intake.parts import FROM_REPORTER, Body, Headline, PartKind


class MessageView(BaseModel):
    """One message of a thread."""

    model_config = ConfigDict(frozen=True)
    id: str
    sender: Literal["reporter", "unit", "service"]
    kind: PartKind
    text: str
    day: date
    photo_ids: tuple[str, ...] = ()


class TipView(BaseModel):
    """One opened tip. Whether an identity was left is not among the things shown."""

    model_config = ConfigDict(frozen=True)
    id: str
    nickname: str
    unit_id: str
    unit_name: str
    day: date
    state: str
    priority: int
    version: int
    holder_id: str | None
    due_at: datetime | None
    has_new: bool
    headline: Headline
    messages: tuple[MessageView, ...]
    unopened: int
    """How many released pieces the reporter has added that this officer's keys do not open."""


def in_order(
    thread: Iterable[tuple[tuple[datetime, int], MessageView] | None],
) -> list[MessageView]:
    """Return what is shown of a thread by release moment, and by place within one moment."""
    known = [entry for entry in thread if entry is not None]
    return [view for _, view in sorted(known, key=lambda entry: entry[0])]


def sender_of(body: Body) -> Literal["reporter", "unit", "service"]:
    """Return who speaks in a part; a state word is the service's own."""
    if body.kind in FROM_REPORTER:
        return "reporter"
    return "service" if body.kind == "state" else "unit"
