"""What the page of reports shows. Frozen shapes without rules."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from intake.ward.shapes import Place
from intake.work.filing_shapes import FilingChange, FilingView


class RoleView(BaseModel):
    """A body that a plan names; ``holder`` None: gone, and nobody has said who stands for it."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str
    gone: bool
    holder: str | None


class Due(BaseModel):
    """One time of a deadline: the day that the document names and the last good day."""

    model_config = ConfigDict(frozen=True)
    item: str
    title: str
    named_on: date
    last_good_on: date
    safe_on: date | None = None
    days_left: int | None = None
    days_late: int | None = None
    own: bool
    cite: str
    in_text: str
    note: str
    covers: tuple[date, date] | None
    senders: tuple[RoleView, ...]
    receivers: tuple[str, ...]
    filing: FilingView | None

    @property
    def exclusive(self) -> bool:
        """Whether the document says "trước ngày": the named day itself is late."""
        return self.last_good_on != self.named_on


class UndatedView(BaseModel):
    """Something that the plan asks for without a day: "chưa đặt ngày"."""

    model_config = ConfigDict(frozen=True)
    item: str
    title: str
    what: str
    cite: str
    occurrence: str
    """What it is marked under: the year."""
    filing: FilingView | None


class ProgrammeBoard(BaseModel):
    """The deadlines of one programme on one day."""

    model_config = ConfigDict(frozen=True)
    id: str
    title: str
    is_plan: bool
    late: tuple[Due, ...]
    coming: tuple[Due, ...]
    undated: tuple[UndatedView, ...]
    roles: tuple[RoleView, ...]
    """Bodies that are gone, with who stands for them."""
    notes: tuple[str, ...]
    """Where the plan contradicts itself."""


class OwnDuty(BaseModel):
    """What the area itself owes in a period, and may mark as sent."""

    model_config = ConfigDict(frozen=True)
    programme: str
    item: str
    title: str
    occurrence: str
    period_label: str
    last_good_on: date | None
    done: int
    need: int
    met: bool


class FilingSheet(BaseModel):
    """One thing that was marked as sent, with what stood there before."""

    model_config = ConfigDict(frozen=True)
    filing: FilingView
    changes: tuple[FilingChange, ...]


class ReportBoard(BaseModel):
    """Everything that an area has to report."""

    model_config = ConfigDict(frozen=True)
    area: Place
    programmes: tuple[ProgrammeBoard, ...]
    own_duties: tuple[OwnDuty, ...]
    sent: tuple[FilingSheet, ...]


class ProgrammeChoice(BaseModel):
    """A programme that may be chosen for an area."""

    model_config = ConfigDict(frozen=True)
    id: str
    title: str
    status: str
    since: date | None
    until: date | None
    applies: bool
    from_above: bool
    """It applies because it was chosen for an area above."""
    in_force: bool
    duties: tuple[str, ...]
