"""The work side at its full size: ``python -m bench.work`` prints its tables, ``--write`` keeps them.

100,000 neighbourhoods, twelve months, two duties; check-ins from 10,000 to 2,000,000 stored; lists of
100,000 lines; and the evening storm of 20,000 check-ins in ten minutes through the real bot process.
``--quick`` is a rough minute or two. ``--only storm`` measures one part.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from bench import table, work_files, work_steps, work_storm, work_table
from bench.work_country import DUTY, PROGRAMME, YEAR, Country, commune, neighbourhood, opened
from bench.work_country import province as province_id
from storage.database import Database

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
KINDS, PARTS = ("SQLite", "PostgreSQL"), ("country", "files", "storm")
Found = dict[str, float]


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    neighbourhoods: int = 100_000
    months: int = 12
    stored: tuple[int, ...] = (10_000, 100_000, 1_000_000, 2_000_000)
    filings: int = 330
    lines: int = 100_000
    check_ins: int = 20_000
    seconds: float = 600


QUICK = Size(4_000, 3, (2_000, 20_000, 80_000), 130, 5_000, 400, 12)


def measure(country: Country, size: Size) -> Found:
    """Open the months one by one, then read and file; return what was found."""
    found: Found = {"open_s": 0.0}
    for month in range(1, size.months + 1):
        country.clock.set(datetime(YEAR, month, 1, 1, tzinfo=UTC))
        started = time.perf_counter()
        country.obligations.open_period(date(YEAR, month, 1))
        found["open_s"] = max(found["open_s"], time.perf_counter() - started)
        if month < size.months:
            country.fill(f"{YEAR}-{month:02}", datetime(YEAR, month, 20, tzinfo=UTC))
    started = time.perf_counter()
    country.obligations.open_period(date(YEAR, size.months, 2))
    found["again_s"] = time.perf_counter() - started
    country.settle("obligation", "area")
    _say(f"  opened: {found['open_s']:.1f} s at most")
    found |= _pages(country, size.months)
    day = date(YEAR, size.months, 15)
    country.clock.set(datetime(YEAR, size.months, 15, 12, tzinfo=UTC))
    pids = database_pids(country.intake.database)
    found |= work_steps.alone(country, size.filings, pids)
    _say(f"  in process: line {found['line_cpu']:.1f}, save {found['save_cpu']:.1f} ms")
    found |= work_steps.growing(
        country, size.stored, size.filings, day, lambda: database_pids(country.intake.database)
    )
    found["stored_few_cpu"] = found[f"stored_{size.stored[0]}_cpu"]
    found["stored_many_cpu"] = found[f"stored_{size.stored[-1]}_cpu"]
    started = time.perf_counter()
    country.obligations.close_due(datetime(YEAR, size.months, 1, tzinfo=UTC) + timedelta(days=45))
    found["close_s"] = time.perf_counter() - started
    return found


def _pages(country: Country, months: int) -> Found:
    figures, names = country.compliance, [f"{YEAR}-{m:02}" for m in range(1, months + 1)]
    period, ward, one = names[-2] if months > 1 else names[-1], commune(1), province_id(1)
    asked: dict[str, Callable[[], object]] = {
        "province": lambda: (
            figures.rollup(PROGRAMME, DUTY, period, one),
            figures.trend(PROGRAMME, DUTY, one, names),
        ),
        "country": lambda: figures.rollup(PROGRAMME, DUTY, period, None),
        "ward": lambda: figures.matrix(ward, PROGRAMME, names),
        "missing": lambda: figures.missing(PROGRAMME, DUTY, period, ward),
        "chronic": lambda: figures.chronic(PROGRAMME, DUTY, ward, names),
        "standing": lambda: country.obligations.standing(
            neighbourhood(1), date(YEAR, months, 15)
        ),
    }  # fmt: skip
    found = Found()
    for name, ask in asked.items():
        ask()
        times = list[float]()
        for _ in range(15):
            started = time.perf_counter()
            ask()
            times.append((time.perf_counter() - started) * 1000)
        found[f"{name}_ms"], found[f"{name}_worst_ms"] = median(times), max(times)
    return found


def database_pids(database: Database) -> list[int]:
    """Return PostgreSQL's own processes; none for SQLite."""
    if database.kind != "postgresql":
        return []
    folder = Path(str(database.url.query["host"]))
    main = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [main, *map(int, children)]


def of_country(kind: str, size: Size) -> Found:
    """Return what the country finds."""
    with tempfile.TemporaryDirectory() as folder, opened(kind, Path(folder)) as database:
        if database is None:
            return {}
        country = Country(database, Path(folder), size.neighbourhoods)
        country.lay()
        return measure(country, size)


def of_files(kind: str, size: Size) -> Found:
    """Return what lists and workbooks cost."""
    found = work_files.imports(kind, size.lines)
    if found and kind == KINDS[0]:
        found |= work_files.workbook(size.lines)
    return found


def of_storm(kind: str, size: Size) -> Found:
    """Return what the storm finds."""
    found = work_storm.measure(kind, size.neighbourhoods, size.check_ins, size.seconds) or {}
    if found:
        _say(f"  storm: {found['storm_filed']:.0f} filed, {found['storm_failed']:.0f} failed")
    return found


def main() -> None:
    """Measure on both databases and print what was found beside what is allowed."""
    parser = argparse.ArgumentParser(prog="python -m bench.work", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute or two, rough and small")
    parser.add_argument("--write", action="store_true", help=f"keep the tables in {PAGE.name}")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure these parts alone")
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--dir", default="/var/tmp", help="where the databases stand: a real disk")
    options = parser.parse_args()
    tempfile.tempdir = options.dir
    work_storm.on_two_cores()
    size, columns = QUICK if options.quick else Size(), dict[str, Found]()
    parts = {"country": of_country, "files": of_files, "storm": of_storm}
    for kind in options.kind or KINDS:
        for name in options.only or PARTS:
            _say(f"{kind}, {name}")
            if found := parts[name](kind, size):
                columns[kind] = columns.get(kind, {}) | found
            else:
                _say(f"{kind} is not installed here: left out")
    text = work_table.report(columns, size.stored)
    print(text)
    if options.write:
        table.write(PAGE, text, work_table.BEGIN, work_table.END)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
