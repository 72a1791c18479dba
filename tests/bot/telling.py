"""A leader's phone with a teller of nudges beside it, and whoever plans by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.work.nudging import WorkNudges
from intake.nudging.shapes import Begin, Handed, NudgeContent, NudgeLine
from tests.bot.phones import Phone
from tests.bot.work_rig import TO_3, Workday

LINE = "tuyên truyền 10/3 nhà văn hóa 45 người"
MARCH = date(2026, 3, 20)


@dataclass
class Hand:
    """Stands in for planning by hand: notes who was asked for, and by whom."""

    answers: Mapping[bytes, str] = field(default_factory=dict[bytes, str])
    asked: list[tuple[bytes, str]] = field(default_factory=list[tuple[bytes, str]])

    def ask(self, leader_ids: Sequence[bytes], by: str) -> Mapping[bytes, str]:
        self.asked += [(leader, by) for leader in leader_ids]
        return {leader: self.answers.get(leader, "") for leader in leader_ids}


async def at_once() -> bool:
    """Nothing has changed: it may leave."""
    return True


class Teller:
    """The teller over one dialogue, and what a nudge to its leader holds."""

    def __init__(self, workday: Workday, phone: Phone) -> None:
        self.workday = workday
        self.phone = phone
        desk = phone.dialogue._work
        assert desk is not None
        name = phone.platform.capabilities.name
        self.nudges = WorkNudges(
            workday.ward.intake, desk, {name: phone.platform}, phone.dialogue.lock, "https://ban"
        )

    async def nudges_them(self, begin: Begin | None = None, **changes: object) -> Handed:
        name = self.phone.platform.capabilities.name
        content = self.content(**changes)
        return await self.nudges.nudge(name, self.phone.address, content, begin or at_once)

    def content(self, owner: str = TO_3, kind: str = "outreach", **changes: object) -> NudgeContent:
        leader = self.workday.leaders.of_chat(
            self.phone.platform.capabilities.name, self.phone.address
        )
        owed = self.owed(owner, kind)
        last = date(2026, 3, 31)
        line = NudgeLine(
            subject=bytes.fromhex(owed), sort="duty", owner_id=owner, owner_name="tổ",
            title="Tuyên truyền", period_label="tháng 3/2026", rung="-14", named_on=None,
            last_good_on=last, safe_on=last, days_left=11,
        )  # fmt: skip
        values: dict[str, object] = {
            "nudge_id": b"n" * 16, "leader_id": leader.id if leader else b"?" * 16,
            "name": "Nguyễn Văn Hòa", "address_as": "bác", "language": "vi", "day": MARCH,
            "lines": (line,), "snooze_on": date(2026, 3, 27),
        }  # fmt: skip
        return NudgeContent(**(values | changes))  # type: ignore[arg-type]

    def owed(self, owner: str, kind: str = "outreach") -> str:
        standing = self.workday.workplace.obligations.standing(owner, MARCH)
        return next(each.obligation_id for each in standing if each.kind == kind)

    def later(self, **time: float) -> None:
        self.workday.ward.clock.advance(timedelta(**time))
