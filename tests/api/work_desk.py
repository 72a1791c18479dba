"""A ward with its monthly work, over the officers' side: neighbourhoods, a leader, things to judge.

``phuong`` is the ward of most tests (D1-01), ``xa`` another (D1-02), ``tinh`` the unit above both.
``phuong.em`` is a clerk of the ward.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from intake.errors import NotFound
from intake.work.check_in_shapes import CheckInDraft, Filer
from intake.work.leaders import Leaders
from storage.areas import AreaRow
from storage.unit_of_work import Tx
from tests.api.desks import Desk

TEMPLATE, PLAN = "viec-hang-thang-cua-to", "hanoi-265-2024"
OUTREACH, LISTENING = "tuyen-truyen-thang", "hop-lang-nghe"
TO_3, TO_4, THON_1 = "D1-01-03", "D1-01-04", "D1-02-01"
MONTH = "2026-03"


@dataclass
class WorkDesk:
    """The desk, and ids of what stands in it."""

    desk: Desk
    leader: str
    other_leader: str
    made: int = 0

    def file(self, owner_id: str = TO_3, *, at: datetime | None = None, **draft: Any) -> str:
        """File an outreach as its leader would; return the check-in's id."""
        self.made += 1
        work, now = self.desk.ward.services.work, self.desk.ward.clock.now()
        holder = self.other_leader if owner_id == THON_1 else self.leader
        values = {"kind": "outreach", "done_on": date(2026, 3, 2), "people": 40 + self.made}
        return work.services.check_ins.file(
            CheckInDraft(owner_id=owner_id, **(values | draft)), Filer.leader(holder),
            source=f"test:{self.made}", filed_at=at or now, received_at=at or now,
        ).check_in_id  # fmt: skip

    def obligation(self, owner_id: str = TO_4, duty: str = OUTREACH) -> str:
        """Return what an owner owes this month."""
        standing = self.desk.ward.services.work.services.obligations.standing(
            owner_id, date(2026, 3, 2)
        )
        return next(each.obligation_id for each in standing if each.duty == duty)

    def ask_exemption(self, owner_id: str = TO_4) -> str:
        """Ask for an exemption as the leader would."""
        owed = self.obligation(owner_id, LISTENING)
        holder = self.other_leader if owner_id == THON_1 else self.leader
        self.desk.ward.services.work.services.obligations.ask_exemption(owed, holder, "bão, ngập")
        return owed

    def say_what_hinders(self, obligation_id: str) -> None:
        """Tell the ward what stands in the way, as the leader would."""
        hindrances = self.desk.ward.services.work.services.hindrances
        hindrances.tell(obligation_id, self.leader, "nhà văn hóa đang sửa")

    def new_leader(self) -> str:
        """Add one more leader of the ward, a deputy."""
        leaders = Leaders(self.desk.ward.intake)
        return leaders.take_on("Lê Phó", "cô", TO_3, "deputy").id.hex()

    def misuse(self, leader_id: str) -> None:
        """Let somebody come with a code of a leader's that was used before."""
        self.made += 1
        leaders = Leaders(self.desk.ward.intake)
        code = leaders.invite(bytes.fromhex(leader_id))
        leaders.enrol(code, "demo", f"may-{self.made}")
        with suppress(NotFound):
            leaders.enrol(code, "demo", f"may-khac-{self.made}")

    def new_head(self, number: int) -> str:
        """Add a neighbourhood of the ward, and its head."""
        owner, intake = f"D1-01-x{number}", self.desk.ward.intake
        name = f"tổ {number}"
        row = AreaRow(owner, "neighbourhood", "D1-01", "tổ", name, name, date(2026, 1, 1))
        intake.write_now(lambda tx: tx.areas.add_areas([row]))
        return Leaders(intake).take_on("Vũ Trưởng", "anh", owner).id.hex()

    def filing(self, occurrence: str) -> str:
        """Mark something of the ward as sent."""
        ward = self.desk.ward
        return ward.services.work.services.filings.mark_sent(
            PLAN, "so-ket-nam", occurrence, "D1-01", document_number="9/BC",
            document_on=date(2026, 3, 1), by="0f" * 16, at=ward.clock.now(),
        ).id  # fmt: skip


def plain(page: str) -> str:
    """Return the words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def open_work_desk(desk: Desk) -> WorkDesk:
    """Lay the monthly work over a furnished desk."""
    intake, work = desk.ward.intake, desk.ward.services.work
    row = AreaRow(THON_1, "neighbourhood", "D1-02", "thôn", "thôn 1", "thon 1", date(2026, 1, 1))

    def lay(tx: Tx) -> None:
        there = tx.areas.get_many(["D1", "D1-01", "D1-02", TO_3, TO_4]).values()
        older = [each._replace(valid_from=date(2026, 1, 1)) for each in there]
        tx.areas.add_areas([*sorted(older), row])

    intake.write_now(lay)
    work.services.uses.use("D1", TEMPLATE, date(2026, 1, 1))
    work.services.uses.use("D1", PLAN, date(2026, 1, 1))
    leaders = Leaders(intake)
    first, other = leaders.add("Nguyễn Mẫu", "bác"), leaders.add("Trần Khác", "chú")
    for owner in (TO_3, TO_4):
        leaders.assign(first.id, owner)
    leaders.assign(other.id, THON_1)
    work.services.obligations.open_period(desk.ward.clock.today())
    return WorkDesk(desk, first.id.hex(), other.id.hex())
