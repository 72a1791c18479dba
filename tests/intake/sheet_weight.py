"""Weighs a workbook: ``python -m tests.intake.sheet_weight 100000``.

Prints rows, CPU seconds, bytes and the peak in KB. Run in a process of its own, because the peak of
a process never falls.
"""

import resource
import secrets
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from intake.ward.sheets import Sheets
from storage.check_ins import CheckInRow
from storage.database import Database
from storage.unit_of_work import Tx
from tests.clocks import FixedClock
from tests.intake.work_side import NOVEMBER, PROVINCE, TEMPLATE, WARD, at, furnish

_DETAILS = (
    '{"chair": "Đ/c phụ trách địa bàn", "note": "Bàn về an ninh trật tự ở khu dân cư, nhắc bà con'
    ' khóa cửa.", "people": 45, "place": "Nhà văn hóa", "present": ["MTTQ", "Cảnh sát khu vực"]}'
)


def main(sessions: int, folder: Path) -> None:
    database, clock = Database(f"sqlite:///{folder / 'homthu.db'}"), FixedClock()
    database.upgrade()
    clock.set(at("2026-12-01 08:00:00"))
    town = furnish(database, clock, folder)
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    filed_at = at("2026-11-30 20:00:00")

    def add(tx: Tx, numbers: range) -> None:
        for number in numbers:
            done_on = NOVEMBER + timedelta(days=number % 30)
            tx.check_ins.add(
                CheckInRow(
                    secrets.token_bytes(16), f"{WARD}-{number % 14 + 1:02}", WARD, "outreach",
                    "outreach", done_on, _DETAILS, "filed", "", filed_at, filed_at, "leader:00",
                    by_phone=False, after_close=False, source=f"weight:{number}",
                )
            )  # fmt: skip

    for start in range(0, sessions, 5_000):
        numbers = range(start, min(start + 5_000, sessions))
        town.intake.write_now(lambda tx, numbers=numbers: add(tx, numbers))
    began, out = time.process_time(), folder / "bang.xlsx"
    with out.open("wb") as file:
        Sheets(town.intake, town.compliance, town.uses).write(
            PROVINCE, [TEMPLATE], [f"{date(2026, 11, 1):%Y-%m}"], file
        )
    seconds = time.process_time() - began
    database.close()
    print(sessions, f"{seconds:.1f}", out.stat().st_size, peak_kilobytes())


def peak_kilobytes() -> int:
    """Return the most memory that this program held, not what whoever started it held before."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(int(sys.argv[1]), Path(name))
