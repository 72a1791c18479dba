"""A small country for the rules of the work side: a province, two wards, their tổ, a leader."""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from intake.plans.programme_use import ProgrammeUses
from intake.ports import VIETNAM
from intake.service import Intake
from intake.settings import settings_from
from intake.text import fold
from intake.work.check_ins import CheckInDraft, CheckIns, Filed, Filer
from intake.work.compliance import Compliance
from intake.work.filings import Filings
from intake.work.obligations import Obligations
from storage.areas import AreaRow
from storage.database import Database
from storage.unit_of_work import Tx
from storage.work_tables import Assignment, Leader, Organisation
from tests.clocks import FixedClock

PROVINCE, WARD, OTHER_WARD = "P", "W1", "W2"
TEMPLATE = "viec-hang-thang-cua-to"
OUTREACH, LISTENING = "tuyen-truyen-thang", "hop-lang-nghe"
NOVEMBER = date(2026, 11, 1)
OFFICER = "0f" * 16


def at(text: str) -> datetime:
    """A local moment: ``2026-11-30 23:59:59``."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM).astimezone(UTC)


def area(
    area_id: str, level: str, parent: str | None, since: date = date(2020, 1, 1), **more: object
) -> AreaRow:
    name = f"{level} {area_id}"
    row = AreaRow(area_id, level, parent, level, name, fold(name), since)
    return row._replace(**more)


@dataclass
class Town:
    """The services of the work side over one database."""

    intake: Intake
    clock: FixedClock
    uses: ProgrammeUses
    obligations: Obligations
    check_ins: CheckIns
    compliance: Compliance
    filings: Filings
    leader: str

    def areas(self, *rows: AreaRow) -> None:
        self.intake.write_now(lambda tx: tx.areas.add_areas(rows))

    def insert(self, *models: SQLModel) -> None:
        def work(tx: Tx) -> None:
            for model in models:
                table = SQLModel.metadata.tables[str(type(model).__tablename__)]
                tx.connection.execute(table.insert(), model.model_dump())

        self.intake.write_now(work)

    def organisation(self, owner_id: str, area_id: str, kind: str, **more: object) -> None:
        values: dict[str, object] = {"valid_from": date(2020, 1, 1), "name": f"{kind} {owner_id}"}
        self.insert(
            Organisation(id=owner_id, area_id=area_id, kind=kind, folded=owner_id, **values | more)
        )

    def hold(self, *owners: str, leader: str | None = None) -> None:
        """Let the leader look after these."""
        who = bytes.fromhex(leader or self.leader)
        since = date(2020, 1, 1)
        self.insert(
            *(
                Assignment(
                    id=secrets.token_bytes(16), leader_id=who, owner_id=owner, part="head",
                    since=since,
                )
                for owner in owners
            )
        )  # fmt: skip

    def file(
        self, owner_id: str, done_on: date, filed_at: datetime | None = None, **draft: object
    ) -> Filed:
        """File an outreach of that day, the same evening unless told otherwise."""
        filer = draft.pop("filer", None) or Filer.leader(self.leader)
        source = draft.pop("source", None) or f"test:{secrets.token_hex(8)}"
        asked: Any = draft.pop("asked", None)
        moment = filed_at or at(f"{done_on} 20:00:00")
        values = {"kind": "outreach", "owner_id": owner_id, "done_on": done_on}
        return self.check_ins.file(
            CheckInDraft(**values | draft), filer, source=str(source), filed_at=moment,
            received_at=moment + timedelta(seconds=1), asked=asked,
        )  # type: ignore[arg-type]  # fmt: skip


def furnish(database: Database, clock: FixedClock, folder: Path, neighbourhoods: int = 14) -> Town:
    """Lay a province with two wards; the first has ``neighbourhoods``, the second two."""
    intake = Intake(database, clock)
    settings = settings_from(state_dir=folder, demo=True, base_url="http://127.0.0.1:1",
                             console_url="http://127.0.0.1:2")  # fmt: skip
    uses = ProgrammeUses(intake, settings)
    obligations = Obligations(intake, uses)
    check_ins = CheckIns(intake, obligations)
    leader = secrets.token_bytes(16)
    town = Town(intake, clock, uses, obligations, check_ins, Compliance(intake),
                Filings(intake, uses), leader.hex())  # fmt: skip
    first = [f"{WARD}-{number:02}" for number in range(1, neighbourhoods + 1)]
    second = [f"{OTHER_WARD}-01", f"{OTHER_WARD}-02"]
    town.areas(
        area(PROVINCE, "province", None),
        area(WARD, "commune", PROVINCE),
        area(OTHER_WARD, "commune", PROVINCE),
        *(area(each, "neighbourhood", WARD, population=120) for each in first),
        *(area(each, "neighbourhood", OTHER_WARD) for each in second),
    )
    town.insert(Leader(id=leader, name="Bác Năm", added_on=date(2020, 1, 1)))
    town.hold(*first, *second)
    return town
