"""Puts a preview into facts for a program, and into lines for a person at a terminal. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from intake.nudging.shapes import AreaDigest, NudgeLine, PlannedNudge
from intake.ports import VIETNAM

_NOBODY = "Không ai nhận gì trong ngày này."
_CALL = "gọi điện"


def as_facts(planned: Iterable[PlannedNudge]) -> list[dict[str, Any]]:
    """Return a preview as it is written in JSON."""
    return [
        {
            "leader_id": each.leader_id.hex(), "name": each.name,
            "at": each.at.astimezone(VIETNAM).isoformat(timespec="minutes"),
            "channel": each.channel, "stopped": each.stopped, "draft_open": each.draft_open,
            "lines": [_line(line) for line in each.lines],
            "digests": [_digest(digest) for digest in each.digests],
        }
        for each in planned
    ]  # fmt: skip


def as_lines(planned: Sequence[PlannedNudge]) -> list[str]:
    """Return a preview as sentences, one message each."""
    return [_said(each) for each in planned] or [_NOBODY]


def _line(line: NudgeLine) -> dict[str, Any]:
    return {
        "owner_id": line.owner_id, "owner_name": line.owner_name, "title": line.title,
        "period": line.period_label, "rung": line.rung,
        "named_on": line.named_on.isoformat() if line.named_on else None,
        "last_good_on": line.last_good_on.isoformat(), "safe_on": line.safe_on.isoformat(),
        "days_left": line.days_left, "done": line.done, "need": line.need,
    }  # fmt: skip


def _digest(digest: AreaDigest) -> dict[str, Any]:
    return {
        "area_id": digest.area_id, "area_name": digest.area_name, "title": digest.title,
        "period": digest.period_label, "met": digest.met, "expected": digest.expected,
        "missing": list(digest.missing), "more": digest.more,
    }  # fmt: skip


def _said(each: PlannedNudge) -> str:
    hour = each.at.astimezone(VIETNAM)
    what = "còn bản nháp" if each.draft_open else "; ".join(
        [f"{line.owner_name}: {line.title}, {line.period_label}" for line in each.lines]
        + [_summary(digest) for digest in each.digests]
    )  # fmt: skip
    where = _CALL if each.channel == "phone" else each.channel
    held = " (đang dừng)" if each.stopped else ""
    return f"{hour:%H:%M} {each.name} [{where}]{held}: {what}"


def _summary(digest: AreaDigest) -> str:
    head = f"tổng hợp {digest.area_name}"
    if not digest.title:
        return head
    return f"{head}: {digest.title}, {digest.period_label} {digest.met}/{digest.expected}"
