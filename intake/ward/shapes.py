"""What the ward's side shows: duties, lines, tiles, leaders. Frozen shapes without rules."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from intake.work.check_in_shapes import Change, CheckInView
from intake.work.compliance_shapes import Figures, Lateness, Pace, Point, Quality, Share


class Place(BaseModel):
    """An area or organisation, to be named and chosen."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str
    level: str
    parent_id: str | None = None


class DutyView(BaseModel):
    """One duty of a programme that applies here, in one period."""

    model_config = ConfigDict(frozen=True)
    programme: str
    programme_title: str
    duty: str
    title: str
    kind: str
    per: str
    period: str
    period_label: str
    first_on: date | None
    """The first day of the period; None: it has none."""
    last_good_on: date | None
    """The last day of the period; None: it has none."""
    own: bool
    """"Do đơn vị tự đặt": no plan from above asks for it."""


class Line(BaseModel):
    """How one duty stands in an area."""

    model_config = ConfigDict(frozen=True)
    duty: DutyView
    figures: Figures
    pace: Pace
    letter: str
    missing: tuple[Place, ...]
    """Who still owes it: neighbourhoods for a ward, communes for the unit above."""
    missing_count: int


class Overview(BaseModel):
    """How an area stands in a month, and what waits for a word."""

    model_config = ConfigDict(frozen=True)
    area: Place
    month: str
    lines: tuple[Line, ...]
    to_review: int
    flagged: int
    exemptions: int
    misused: int


class Tile(BaseModel):
    """One child of an area with its letter: Đ đủ, M muộn, T thiếu, X miễn, · chưa tới hạn."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str
    letter: str
    figures: Figures
    is_area: bool
    """Whether there is something below it to go down to."""


class Shares(BaseModel):
    """The four shares of figures, each with both of its numbers."""

    model_config = ConfigDict(frozen=True)
    completeness: Share
    timeliness: Share
    on_time_share: Share
    verified_share: Share


class Standing(BaseModel):
    """One duty in one area and period: figures, trend and children."""

    model_config = ConfigDict(frozen=True)
    area: Place
    duty: DutyView
    figures: Figures
    shares: Shares
    pace: Pace
    letter: str
    quality: Quality | None
    """What lies behind the figures; None where it was not asked for."""
    lateness: Lateness | None
    children: tuple[Tile, ...]
    trend: tuple[Point, ...]
    chronic: tuple[Place, ...]
    beyond: int = 0
    """Of a zone: how many of its areas lie beyond the officer's own and are left out."""


class Sheet(BaseModel):
    """One check-in as the ward reads it: who filed it, what stood there before, its pictures."""

    model_config = ConfigDict(frozen=True)
    check_in: CheckInView
    filer: str
    changes: tuple[Change, ...]
    changers: tuple[str, ...]
    """Who made each change, in words."""
    photos: tuple[tuple[str, str], ...]
    """Id and media of each picture or voice note."""


class Waiting(BaseModel):
    """What waits for the ward's word: flagged ones first."""

    model_config = ConfigDict(frozen=True)
    check_ins: tuple[CheckInView, ...]
    unflagged: tuple[str, ...]
    """The ids that may be accepted together."""


class HoldingView(BaseModel):
    """One thing that a leader looks after, did or will."""

    model_config = ConfigDict(frozen=True)
    owner_id: str
    owner_name: str
    part: str
    since: date
    until: date | None
    now: bool


class LeaderLine(BaseModel):
    """One leader as the ward sees them; no address of a chat is ever shown."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str
    address_as: str
    left_on: date | None
    paused_until: date | None
    holdings: tuple[HoldingView, ...]
    chats: int
    blocked: int
    invited_until: datetime | None
    """An invite is open until then."""
    misused_at: datetime | None
    """Somebody came with an invite that had been used."""


class LeaderBook(BaseModel):
    """The leaders of an area, and what nobody heads."""

    model_config = ConfigDict(frozen=True)
    leaders: tuple[LeaderLine, ...]
    vacant: tuple[Place, ...]
    owners: tuple[Place, ...]


class InviteView(BaseModel):
    """A one-time code, told once, with the doors that it opens."""

    model_config = ConfigDict(frozen=True)
    leader_id: str
    name: str
    address_as: str
    code: str
    """In groups of four, for reading out."""
    link: str | None
    """The deep link into the chat; None where no chat is set up."""
    page: str
    """The link to the page of leaders with this code in its box."""
    expires_at: datetime
