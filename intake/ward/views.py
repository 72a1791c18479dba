"""Makes what is shown of an area, a duty and its figures from what was counted. Pure.

One place for the letter, the pace and the shares, so that page, API, zones and reports agree. Reads
nothing and asks nobody's scope: whoever calls has done so.
"""

from datetime import date, datetime

from intake.plans.periods import due_at, period_label, terms_of
from intake.plans.programme import Programme
from intake.plans.programme_schema import Duty
from intake.ward.shapes import DutyView, Place, Shares
from intake.work.compliance_shapes import Figures, Pace, Share
from intake.work.work_scope import Reach
from storage.tables import NEVER

_OWN_ROOF = {"province": ("province", "commune", "neighbourhood"),
             "commune": ("commune", "neighbourhood"),
             "neighbourhood": ("neighbourhood",)}  # fmt: skip


def duty_view(programme: Programme, duty: Duty, day: date) -> DutyView | None:
    """Return a duty in the period of a day; None where it is off or asks for nothing."""
    terms = terms_of(programme, duty, day) if programme.is_on(duty) else None
    if terms is None:
        return None

    return DutyView(
        programme=programme.id, programme_title=programme.plan.title, duty=duty.id,
        title=duty.title, kind=duty.kind, per=duty.per, period=terms.period,
        period_label=period_label(terms.period),
        first_on=None if terms.first == date.min else terms.first,
        last_good_on=None if terms.due_at == NEVER else terms.last, own=programme.is_own(duty),
    )  # fmt: skip


def is_owed_in(reach: Reach, duty: Duty) -> bool:
    """Return whether a duty is owed in the area of a reach, or by something inside it."""
    levels = _OWN_ROOF[reach.level]
    return bool(duty.owed_by.organisations) or any(each in levels for each in duty.owed_by.levels)


def letter_for(figures: Figures, duty: DutyView, now: datetime) -> str:
    """Return the letter of one owner, or of an area as a whole; no T before the due time."""
    if not figures.expected:
        return "X" if figures.exempt else "–"
    if figures.met == figures.expected:
        return "Đ" if figures.timely == figures.expected else "M"
    over = duty.last_good_on is not None and now >= due_at(duty.last_good_on)
    return "T" if over else "·"


def pace_of(figures: Figures, duty: DutyView, day: date) -> Pace:
    """Return met of expected beside the days of the period that are over, ``day`` included."""
    if duty.first_on is None or duty.last_good_on is None:
        return Pace(met=figures.completeness, elapsed=Share(numerator=0, denominator=0))
    days = (duty.last_good_on - duty.first_on).days + 1
    over = min(max((day - duty.first_on).days + 1, 0), days)
    return Pace(met=figures.completeness, elapsed=Share(numerator=over, denominator=days))


def shares_of(figures: Figures) -> Shares:
    """Return the shares that figures make."""
    return Shares(
        completeness=figures.completeness, timeliness=figures.timeliness,
        on_time_share=figures.on_time_share, verified_share=figures.verified_share,
    )  # fmt: skip


def place_of(reach: Reach) -> Place:
    """Return the area of a reach, to be named."""
    above = reach.chain[1] if len(reach.chain) > 1 else None
    return Place(id=reach.area_id, name=reach.name, level=reach.level, parent_id=above)
