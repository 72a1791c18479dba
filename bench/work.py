"""The work side at its full size: 100,000 neighbourhoods, twelve months, two duties.

``python -m bench.work`` opens a month's obligations, files part of them, and reads the pages that
come from them. It asks the services, not the pages over HTTP: what is measured here is the part
that grows with the number of neighbourhoods.
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import text

from intake.check_ins import CheckInDraft, CheckIns, Filer
from intake.compliance import Compliance
from intake.obligations import Obligations
from intake.programme_use import ProgrammeUses
from intake.service import Intake
from intake.settings import settings_from
from storage.areas import AreaRow
from storage.database import Database
from storage.work_tables import Assignment, Leader
from tests.clocks import FixedClock
from tests.databases import Cluster, postgres_programs

PROGRAMME, DUTY = "viec-hang-thang-cua-to", "tuyen-truyen-thang"
PROVINCES, COMMUNES, YEAR = 34, 3_321, 2026
LIMITS = {"open_s": 20.0, "province_ms": 200.0, "ward_ms": 100.0, "file_cpu_ms": 5.0}
_DURABLE = ("listen_addresses=''", "max_connections=100", "fsync=on", "shared_buffers=256MB")
_BEGIN = date(YEAR, 1, 1)

# A share of the month is met, by hand and in bulk: only the reading is measured on it.
_FILL = """
    UPDATE obligation SET done = :met, met = (:met = 1), met_at = CASE WHEN :met = 1 THEN :at END,
        timely = (:timely = 1), state = 'closed'
    WHERE period = :period AND owner_id LIKE :tail"""


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Database | None]:
    """Give an empty database of a kind; None where it is not installed."""
    if kind == "SQLite":
        database = Database(f"sqlite:///{folder / 'work.db'}")
        database.upgrade()
        yield database
        database.close()
        return
    if postgres_programs() is None:
        yield None
        return
    cluster = Cluster(postgres_programs() or folder, _DURABLE)
    try:
        cluster.start()
        cluster.make_template()
        database = Database(cluster.url(cluster.new_database()))
        yield database
        database.close()
    finally:
        cluster.close()


class Country:
    """Provinces, communes and neighbourhoods, with the services over them."""

    def __init__(self, database: Database, folder: Path, neighbourhoods: int) -> None:
        self.clock = FixedClock(datetime(YEAR, 1, 1, 1, tzinfo=UTC))
        self.intake = Intake(database, self.clock)
        settings = settings_from(
            state_dir=folder, demo=True, base_url="http://127.0.0.1:1",
            console_url="http://127.0.0.1:2",
        )  # fmt: skip
        self.uses = ProgrammeUses(self.intake, settings)
        self.obligations = Obligations(self.intake, self.uses)
        self.check_ins = CheckIns(self.intake, self.obligations)
        self.compliance = Compliance(self.intake)
        self.neighbourhoods = neighbourhoods
        self.leader = secrets.token_bytes(16)

    def lay(self) -> None:
        """Add every area, and let one programme apply to every province."""
        provinces = [_area(f"{p:02}", "province", None) for p in range(PROVINCES)]
        communes = [_area(_commune(c), "commune", f"{c % PROVINCES:02}") for c in range(COMMUNES)]
        self._add(provinces + communes)
        for start in range(0, self.neighbourhoods, 10_000):
            upto = min(start + 10_000, self.neighbourhoods)
            self._add([_area(_to(n), "neighbourhood", _commune(n % COMMUNES))
                       for n in range(start, upto)])  # fmt: skip
        for province in provinces:
            self.uses.use(province.id, PROGRAMME, _BEGIN)

    def _add(self, rows: list[AreaRow]) -> None:
        self.intake.write_now(lambda tx: tx.areas.add_areas(rows))

    def assign(self, owners: int) -> None:
        """Let one leader look after some neighbourhoods."""
        rows = [
            Assignment(id=secrets.token_bytes(16), leader_id=self.leader, owner_id=_to(n),
                       part="head", since=_BEGIN).model_dump()
            for n in range(owners)
        ]  # fmt: skip
        who = Leader(id=self.leader, name="Bác Năm", added_on=_BEGIN).model_dump()

        def work(tx):
            tx.connection.execute(Leader.__table__.insert(), who)
            tx.connection.execute(Assignment.__table__.insert(), rows)

        self.intake.write_now(work)

    def fill(self, period: str, at: datetime) -> None:
        """Meet seven tenths of a month, six in time, and close it."""

        def work(tx):
            for tail in range(10):
                values = {"at": at, "met": int(tail < 7), "timely": int(tail < 6), "period": period,
                          "tail": f"%{tail}"}  # fmt: skip
                tx.connection.execute(text(_FILL), values)

        self.intake.write_now(work)


def _area(area_id: str, level: str, parent: str | None) -> AreaRow:
    return AreaRow(area_id, level, parent, level, f"Đơn vị {area_id}", f"don vi {area_id}", _BEGIN)


def _commune(number: int) -> str:
    return f"{number:05}"


def _to(number: int) -> str:
    return f"{_commune(number % COMMUNES)}-{number:06}"


def _milliseconds(ask: Callable[[], object], rounds: int = 15) -> tuple[float, float]:
    ask()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return median(times), max(times)


def measure(country: Country, months: int, filings: int) -> dict[str, float]:
    """Open the months one by one, then read and file; return what was found."""
    found: dict[str, float] = {"open_s": 0.0}
    for month in range(1, months + 1):
        day = date(YEAR, month, 1)
        started = time.perf_counter()
        country.obligations.open_period(day)
        found["open_s"] = max(found["open_s"], time.perf_counter() - started)
        if month < months:
            at = datetime(YEAR, month, 20, tzinfo=UTC)
            country.fill(f"{YEAR}-{month:02}", at)
        _say(f"  month {month}: {found['open_s']:.1f} s at most")
    started = time.perf_counter()
    country.obligations.open_period(date(YEAR, months, 2))
    found["again_s"] = time.perf_counter() - started
    if country.intake.database.kind == "postgresql":  # as its own autovacuum would within a minute
        with country.intake.database.maintenance() as connection:
            connection.execute(text("VACUUM ANALYZE obligation"))
    found |= _pages(country, months)
    found |= _filing(country, months, filings)
    day = datetime(YEAR, months, 1, tzinfo=UTC) + timedelta(days=45)
    started = time.perf_counter()
    country.obligations.close_due(day)
    found["close_s"] = time.perf_counter() - started
    return found


def _pages(country: Country, months: int) -> dict[str, float]:
    figures, names = country.compliance, [f"{YEAR}-{m:02}" for m in range(1, months + 1)]
    period = names[-2] if months > 1 else names[-1]
    asked: dict[str, Callable[[], object]] = {
        "province": lambda: (
            figures.rollup(PROGRAMME, DUTY, period, "01"),
            figures.trend(PROGRAMME, DUTY, "01", names),
        ),
        "country": lambda: figures.rollup(PROGRAMME, DUTY, period, None),
        "ward": lambda: figures.matrix("00001", PROGRAMME, names),
        "missing": lambda: figures.missing(PROGRAMME, DUTY, period, "00001"),
        "chronic": lambda: figures.chronic(PROGRAMME, DUTY, "00001", names),
        "standing": lambda: country.obligations.standing(_to(1), date(YEAR, months, 15)),
    }
    found: dict[str, float] = {}
    for name, ask in asked.items():
        found[f"{name}_ms"], found[f"{name}_worst_ms"] = _milliseconds(ask)
    return found


def _filing(country: Country, months: int, filings: int) -> dict[str, float]:
    country.assign(filings)
    filer, day = Filer.leader(country.leader.hex()), date(YEAR, months, 15)
    at = datetime(YEAR, months, 15, 12, tzinfo=UTC)

    def file(number: int) -> None:
        draft = CheckInDraft(owner_id=_to(number), kind="outreach", done_on=day, people=45)
        country.check_ins.warnings(draft, day)
        country.check_ins.foresee(draft)
        country.check_ins.file(draft, filer, source=f"bench:{number}", filed_at=at, received_at=at)

    file(0)
    started, cpu = time.perf_counter(), time.process_time()
    for number in range(1, filings):
        file(number)
    each = filings - 1
    return {
        "file_ms": (time.perf_counter() - started) * 1000 / each,
        "file_cpu_ms": (time.process_time() - cpu) * 1000 / each,
    }


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    """Measure on both databases and print what was found beside what is allowed."""
    parser = argparse.ArgumentParser(prog="python -m bench.work", description=__doc__)
    parser.add_argument("--neighbourhoods", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--filings", type=int, default=300)
    parser.add_argument("--dir", default="/var/tmp", help="where the databases stand: a real disk")
    parser.add_argument("--kind", choices=("SQLite", "PostgreSQL"), action="append")
    options = parser.parse_args()
    tempfile.tempdir = options.dir
    for kind in options.kind or ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, opened(kind, Path(folder)) as database:
            if database is None:
                _say(f"{kind} is not installed here: left out")
                continue
            _say(kind)
            country = Country(database, Path(folder), options.neighbourhoods)
            country.lay()
            for name, value in measure(country, options.months, options.filings).items():
                limit = f"  (at most {LIMITS[name]:g})" if name in LIMITS else ""
                print(f"{kind:12} {name:20} {value:10.2f}{limit}", flush=True)


if __name__ == "__main__":
    main()
