"""Turns rows and shapes of reminders into what officers see, cut to one area."""

import re
from collections.abc import Collection, Iterable, Mapping

from intake.nudging.desk_shapes import (
    AboutView,
    LoggedView,
    OwedView,
    PlannedView,
    RollUpView,
)
from intake.nudging.shapes import AreaDigest, NudgeLine, PlannedNudge
from intake.nudging.subjects import ReportSubject
from intake.plans.periods import period_label
from storage.nudge_log import LoggedRow, SubjectRow
from storage.unit_of_work import View

OPERATOR = "operator"
"""Whoever types a command at the server."""
_STATES = {"claimed": "waiting"}
_OTHERS = {OPERATOR: "người vận hành máy chủ"}
_STEP = re.compile(r"[+-]?\d{1,3}")


def planned(nudge: PlannedNudge, inside: Collection[str]) -> PlannedView | None:
    """Return what of a message concerns these owners; None where nothing does."""
    lines = tuple(_owed(line) for line in nudge.lines if line.owner_id in inside)
    digests = tuple(_roll_up(each) for each in nudge.digests if each.area_id in inside)
    if not (lines or digests or nudge.draft_open):
        return None
    return PlannedView(
        leader_id=nudge.leader_id.hex(), name=nudge.name, at=nudge.at, channel=nudge.channel,
        owed=lines, roll_ups=digests, draft_open=nudge.draft_open, stopped=nudge.stopped,
    )  # fmt: skip


def _owed(line: NudgeLine) -> OwedView:
    return OwedView(
        owner_id=line.owner_id, owner_name=line.owner_name, title=line.title,
        period_label=line.period_label, rung=line.rung, named_on=line.named_on,
        last_good_on=line.last_good_on, safe_on=line.safe_on, days_left=line.days_left,
        done=line.done, need=line.need, ready=line.ready, missing=line.missing,
    )  # fmt: skip


def _roll_up(digest: AreaDigest) -> RollUpView:
    return RollUpView(
        area_id=digest.area_id, area_name=digest.area_name, title=digest.title,
        period_label=digest.period_label, met=digest.met, expected=digest.expected,
        missing=digest.missing, more=digest.more, escalated=digest.escalated, unset=digest.unset,
        undated=digest.undated,
    )  # fmt: skip


def logged(row: LoggedRow, askers: Mapping[str, str], what: tuple[AboutView, ...]) -> LoggedView:
    """Return one message as it stands."""
    return LoggedView(
        id=row.id.hex(), leader_id=row.leader_id.hex(), name=row.name, address_as=row.address_as,
        day=row.day, slot=row.slot, state=_STATES.get(row.state, row.state), channel=row.channel,
        at=row.sent_at or row.not_before, tries=row.tries, reason=row.reason,
        by=askers.get(row.by, ""), about=what,
    )  # fmt: skip


def about(
    rows: Iterable[SubjectRow], names: Mapping[str, str], titles: Mapping[tuple[str, str], str],
    reports: Mapping[bytes, ReportSubject],
) -> tuple[AboutView, ...]:  # fmt: skip
    """Return what a message was about; a digest or a draft has neither title nor owner."""
    found: list[AboutView] = []
    for row in rows:
        report = reports.get(row.subject)
        if report is not None:
            title, owner, met_at = report.title, names.get(report.area_id, ""), report.filed_at
            label = f"ghi ngày {report.named_on:%d/%m/%Y}"
        else:
            title = titles.get((row.programme or "", row.duty or ""), row.duty or "")
            owner, met_at = names.get(row.owner_id or "", ""), row.met_at
            label = period_label(row.period) if row.period else ""
        found.append(
            AboutView(
                title=title, owner_name=owner, period_label=label, rung=row.rung, met_at=met_at
            )
        )
    return tuple(sorted(found, key=lambda each: (each.title, each.owner_name, each.rung)))


def rung_kind(rung: str) -> str:
    """Return a rung without the day on which somebody asked for it: ``hand``, ``snooze``."""
    return rung if _STEP.fullmatch(rung) else rung.partition("-")[0]


def rung_order(rung: str) -> tuple[int, str]:
    """Return a key that puts the steps of a ladder first, the earliest first."""
    return (int(rung), "") if _STEP.fullmatch(rung) else (1000, rung)


def names_of(view: View, told: Iterable[str]) -> dict[str, str]:
    """Return names for "leader:<hex>" and "officer:<hex>"; of anybody else, what stands there."""
    found: dict[str, str] = {}
    for each in told:
        part, _, hexed = each.partition(":")
        row = None
        if hexed and part == "leader":
            row = view.leaders.get(bytes.fromhex(hexed))
        elif hexed and part == "officer":
            row = view.officers.get(bytes.fromhex(hexed))
        found[each] = row.name if row else ("người đã thôi" if hexed else _OTHERS.get(each, each))
    return found
