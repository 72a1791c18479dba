"""Nudges as rows, and the ports of the reminders' side as a test wishes them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from intake.nudging.shapes import AreaDigest, NudgeLine, PlannedNudge
from intake.ports import VIETNAM
from intake.ward.nudges import open_ward_nudges
from storage.nudges import NudgeRow, RungRow
from tests.wards import Ward


@dataclass
class WishedPreview:
    """Says what a test wishes, and remembers what it was asked."""

    wished: tuple[PlannedNudge, ...] = ()
    asked: list[tuple[date, str | None]] = field(default_factory=list)

    def on(self, day: date, area_id: str | None = None) -> tuple[PlannedNudge, ...]:
        self.asked.append((day, area_id))
        return self.wished


@dataclass
class WishedByHand:
    """Answers as a test wishes, and remembers whom it was asked to write to."""

    why: dict[bytes, str] = field(default_factory=dict)
    asked: list[tuple[list[str], str]] = field(default_factory=list)

    def ask(self, leader_ids: Sequence[bytes], by: str) -> Mapping[bytes, str]:
        self.asked.append(([each.hex() for each in leader_ids], by))
        return {each: self.why.get(each, "") for each in leader_ids}


@dataclass
class Ports:
    """Both ports of one ward."""

    preview: WishedPreview
    by_hand: WishedByHand


def with_ports(ward: Ward) -> Ports:
    """Let the ward's services have the ports of the reminders' side."""
    ports = Ports(WishedPreview(), WishedByHand())
    nudges = open_ward_nudges(ward.intake, ward.services.work, ports.preview, ports.by_hand)
    ward.services = replace(ward.services, nudges=nudges)
    return ports


def line(owner_id: str, owner_name: str, **more: object) -> NudgeLine:
    """One owed thing as a message says it."""
    values = {
        "subject": bytes(16), "sort": "duty", "owner_id": owner_id, "owner_name": owner_name,
        "title": "Tuyên truyền hằng tháng", "period_label": "tháng 3/2026", "rung": "-3",
        "named_on": None, "last_good_on": date(2026, 3, 31), "safe_on": date(2026, 3, 31),
        "days_left": 3,
    }  # fmt: skip
    return NudgeLine(**(values | more))  # type: ignore[arg-type]


def digest(area_id: str, **more: object) -> AreaDigest:
    """What one level is told of those below."""
    values = {
        "area_id": area_id, "area_name": "Phường Mẫu", "title": "Tuyên truyền hằng tháng",
        "period_label": "tháng 3/2026", "met": 1, "expected": 2, "missing": ("tổ 4",),
    }  # fmt: skip
    return AreaDigest(**(values | more))  # type: ignore[arg-type]


def planned(leader: str, name: str, *lines: NudgeLine, **more: object) -> PlannedNudge:
    """One message that would leave on the morning of 3 March."""
    at = datetime(2026, 3, 3, 8, tzinfo=VIETNAM)
    values = {"leader_id": bytes.fromhex(leader), "name": name, "at": at, "channel": "telegram"}
    return PlannedNudge(**(values | {"lines": lines} | more))  # type: ignore[arg-type]


def add_nudge(
    ward: Ward, leader: str, *subjects: tuple[bytes, str], state: str = "sent",
    at: datetime | None = None, **more: object,
) -> bytes:  # fmt: skip
    """Add a message as it stands, with its rungs; return its id."""
    moment = at or ward.clock.now()
    row = NudgeRow(
        id=secrets.token_bytes(16), leader_id=bytes.fromhex(leader),
        day=moment.astimezone(VIETNAM).date(), slot="", state=state, channel="telegram",
        address="555000111", not_before=moment, ends_at=moment + timedelta(hours=3), urgency=3,
        tries=0, holder="", lease_until=None, planned_at=moment,
        sent_at=moment if state == "sent" else None, reason="", by="",
    )._replace(**more)  # fmt: skip
    rungs = [RungRow(subject, rung, row.leader_id, row.id) for subject, rung in subjects]
    ward.intake.write_now(lambda tx: tx.nudges.plan([row], rungs))
    return row.id
