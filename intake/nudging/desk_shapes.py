"""What officers see of the reminders: what will leave, what has left, what came of it. Shapes."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from intake.ward.shapes import Place
from intake.work.compliance_shapes import Share


class OwedView(BaseModel):
    """One owed thing that a message holds; days are counted on the day of the message."""

    model_config = ConfigDict(frozen=True)
    owner_id: str
    owner_name: str
    title: str
    period_label: str
    rung: str
    named_on: date | None
    last_good_on: date
    safe_on: date
    days_left: int
    done: int
    need: int
    ready: tuple[int, int] | None = None
    missing: tuple[str, ...] = ()


class RollUpView(BaseModel):
    """What a message says of the units below: counts and names of units, never of people.

    How many tips wait is not here: that is for those alone who may see tips.
    """

    model_config = ConfigDict(frozen=True)
    area_id: str
    area_name: str
    title: str
    period_label: str
    met: int
    expected: int
    missing: tuple[str, ...]
    more: int
    escalated: tuple[str, ...]
    unset: tuple[str, ...]
    undated: tuple[str, ...]


class PlannedView(BaseModel):
    """One message that would leave, as far as this area is concerned."""

    model_config = ConfigDict(frozen=True)
    leader_id: str
    name: str
    at: datetime
    channel: str
    """"phone": nobody can write to this person, so the ward calls."""
    owed: tuple[OwedView, ...]
    roll_ups: tuple[RollUpView, ...]
    draft_open: bool
    stopped: str
    """Why nothing will leave after all: a word of the code; "" where it will."""


class StopView(BaseModel):
    """Since when reminders are stopped, where, and by whom."""

    model_config = ConfigDict(frozen=True)
    area_id: str
    """"" for the whole installation."""
    area_name: str
    at: datetime
    by: str
    mine: bool
    """Whether the person who looks may let them run again."""


class PlanView(BaseModel):
    """Who will hear what on a day."""

    model_config = ConfigDict(frozen=True)
    area: Place
    day: date
    is_known: bool
    """False where this process cannot tell."""
    messages: tuple[PlannedView, ...]
    by_phone: tuple[PlannedView, ...]
    held: tuple[PlannedView, ...]
    """What will not leave after all, and why."""
    stops: tuple[StopView, ...]


class AboutView(BaseModel):
    """One thing that a message was about, and when that was done."""

    model_config = ConfigDict(frozen=True)
    title: str
    owner_name: str
    period_label: str
    rung: str
    met_at: datetime | None


class LoggedView(BaseModel):
    """One message that was sent, waits, or could not be sent."""

    model_config = ConfigDict(frozen=True)
    id: str
    leader_id: str
    name: str
    address_as: str
    day: date
    slot: str
    state: str
    """waiting, sending, sent, dead or phone."""
    channel: str
    at: datetime
    """When it left; the first moment at which it may, where it has not."""
    tries: int
    reason: str
    by: str
    """The name of whoever asked for it by hand; "" where nobody did."""
    about: tuple[AboutView, ...]


class EffectView(BaseModel):
    """How many did it within three days of one rung."""

    model_config = ConfigDict(frozen=True)
    rung: str
    sent: int
    """Things reminded of at this rung, those too fresh to judge among them."""
    soon: Share
    """Done within three days, of those sent three days ago or more."""


class LogView(BaseModel):
    """What became of the messages of a month."""

    model_config = ConfigDict(frozen=True)
    area: Place
    month: str
    sent: int
    waiting: int
    dead: int
    phone: int
    trouble: tuple[LoggedView, ...]
    """Dead, and to be called: the newest."""
    messages: tuple[LoggedView, ...]
    """Sent or on the way: the newest."""
    more: int
    """How many messages are not listed."""
    effects: tuple[EffectView, ...]
    effect: EffectView


class RefusedView(BaseModel):
    """Somebody who is not written to now, and why: a word of the code."""

    model_config = ConfigDict(frozen=True)
    leader_id: str
    name: str
    why: str


class HandView(BaseModel):
    """What came of asking for reminders by hand."""

    model_config = ConfigDict(frozen=True)
    planned: int
    refused: tuple[RefusedView, ...]
