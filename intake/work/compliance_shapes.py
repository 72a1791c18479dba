"""Figures as people read them: shares that show both numbers, matrix, trend, and what lies behind.

Frozen shapes with nothing but arithmetic in them (``check-ins-and-reminders.md`` 5).
"""

from pydantic import BaseModel, ConfigDict

from intake.work.check_in_shapes import CheckInView


class Share(BaseModel):
    """A share that always shows its two numbers."""

    model_config = ConfigDict(frozen=True)
    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The quotient; None where nothing was expected."""
        return self.numerator / self.denominator if self.denominator else None

    def __str__(self) -> str:
        """Return ``12/13 = 92,3 %``, or a dash where nothing was expected."""
        if not self.denominator:
            return "—"
        percent = f"{100 * self.numerator / self.denominator:.1f}".replace(".", ",")
        return f"{self.numerator}/{self.denominator} = {percent} %"


class Figures(BaseModel):
    """Counts of obligations; every share is made of these, so that roll-ups are sums."""

    model_config = ConfigDict(frozen=True)
    expected: int = 0
    exempt: int = 0
    ended: int = 0
    met: int = 0
    timely: int = 0
    approved: int = 0

    @property
    def completeness(self) -> Share:
        """C: met of expected."""
        return Share(numerator=self.met, denominator=self.expected)

    @property
    def timeliness(self) -> Share:
        """T: met in time of expected; never more than C."""
        return Share(numerator=self.timely, denominator=self.expected)

    @property
    def on_time_share(self) -> Share:
        """Met in time of met."""
        return Share(numerator=self.timely, denominator=self.met)

    @property
    def verified_share(self) -> Share:
        """Met and approved by the ward, of met."""
        return Share(numerator=self.approved, denominator=self.met)

    def __add__(self, other: "Figures") -> "Figures":
        """Return the sums: the only way in which figures are rolled up."""
        names = type(self).model_fields
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in names})


class Row(BaseModel):
    """One child of an area: a province, a commune, or an owner below it."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str
    figures: Figures


class Cell(BaseModel):
    """One obligation in the matrix. Letters: Đ đủ, M muộn, T thiếu, X miễn, · chưa tới hạn."""

    model_config = ConfigDict(frozen=True)
    letter: str
    """Đ, M, T, X, ·, – (the owner was merged away), or "" (nothing owed)."""
    obligation_id: str = ""


class Column(BaseModel):
    """One column of the matrix."""

    model_config = ConfigDict(frozen=True)
    duty: str
    period: str
    period_label: str


class MatrixRow(BaseModel):
    """One owner; a cell for every column."""

    model_config = ConfigDict(frozen=True)
    owner_id: str
    owner_name: str
    cells: tuple[Cell, ...]


class Matrix(BaseModel):
    """Owners of a commune by duty and period."""

    model_config = ConfigDict(frozen=True)
    columns: tuple[Column, ...]
    rows: tuple[MatrixRow, ...]


class Point(BaseModel):
    """The figures of one period."""

    model_config = ConfigDict(frozen=True)
    period: str
    period_label: str
    figures: Figures


class Lateness(BaseModel):
    """Hours between due and met (negative: before due), and days between doing and filing."""

    model_config = ConfigDict(frozen=True)
    met: int
    median_hours: float | None
    p90_hours: float | None
    logging_median_days: float | None


class Quality(BaseModel):
    """What stands behind what is met."""

    model_config = ConfigDict(frozen=True)
    evidence: Share
    """Met with at least one picture, of met."""
    chaired: Share
    """Activities whose chair is named, of all activities that count."""


class Chronic(BaseModel):
    """An owner that missed at least two of its last three closed periods."""

    model_config = ConfigDict(frozen=True)
    owner_id: str
    owner_name: str
    commune_id: str
    missed: tuple[str, ...]


class Pace(BaseModel):
    """How far the work is, against how far the period is."""

    model_config = ConfigDict(frozen=True)
    met: Share
    elapsed: Share
    """Days of the period that are over, today included, of all its days."""


class Drilled(BaseModel):
    """One obligation with the check-ins behind it."""

    model_config = ConfigDict(frozen=True)
    obligation_id: str
    programme: str
    duty: str
    period: str
    period_label: str
    letter: str
    done: int
    need: int
    exempt: str
    exempt_reason: str
    state: str
    counted: tuple[CheckInView, ...]
    after_close: tuple[CheckInView, ...]
