"""What a rung is about where no row stands for it: sixteen bytes made of names.

A report of an area has no row of its own; what was sent about it is found again by these bytes.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from intake.nudging.shapes import subject_of
from intake.plans.calendar import DAY
from intake.plans.due_rules import due_rule
from intake.plans.programme import Programme
from storage.filings import FilingRow


class ReportSubject(NamedTuple):
    """One time of a report of one area."""

    subject: bytes
    area_id: str
    title: str
    named_on: date
    filed_at: datetime | None


def report_subjects(
    programmes: Iterable[Programme], areas: Collection[str], filed: Iterable[FilingRow],
    first: date, last: date,
) -> dict[bytes, ReportSubject]:  # fmt: skip
    """Return, by their bytes, the reports of areas whose days may be nudged between two days."""
    sent = {
        (row.programme, row.item, row.occurrence, row.area_id): row.filed_at
        for row in filed if not row.withdrawn
    }  # fmt: skip
    found: dict[bytes, ReportSubject] = {}
    for programme in programmes:
        for deadline in programme.deadlines:
            for named in _named(programme, deadline.id, first, last):
                for area in areas:
                    key = (programme.id, deadline.id, named.isoformat(), area)
                    subject = subject_of(*key)
                    found[subject] = ReportSubject(
                        subject, area, deadline.title, named, sent.get(key)
                    )  # fmt: skip
    return found


def _named(programme: Programme, deadline: str, first: date, last: date) -> Iterator[date]:
    """Yield the last named day before a span, those inside it, and the next one after it."""
    rule = due_rule(programme.deadline(deadline))
    at = rule.latest(first) or rule.earliest(first)
    while at is not None:
        yield at
        if at > last:
            return
        at = rule.earliest(at + DAY)
