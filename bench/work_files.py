"""Long lists: 100,000 neighbourhoods in from CSV and XLSX, 100,000 sessions out as a workbook."""

import io
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.work_country import COMMUNES, PROVINCES, Country, commune, opened, province
from intake.country.area_import import AreaImport
from intake.places import Places
from storage.areas import AreaRow

Found = dict[str, float]
HEADINGS = ("ward_code", "own_code", "kind", "unit_name", "households", "population")


def imports(kind: str, lines: int) -> Found:
    """Return seconds and CPU seconds of a preview and its taking, for each kind of file."""
    found = Found()
    for name, body in {"csv": _csv(lines), "xlsx": _xlsx(lines)}.items():
        with tempfile.TemporaryDirectory() as folder, opened(kind, Path(folder)) as database:
            if database is None:
                return found
            country = Country(database, Path(folder), 0)
            lay_communes(country)
            lists = AreaImport(country.intake, Places(country.intake))
            started, cpu = time.perf_counter(), time.process_time()
            preview = lists.preview(body, f"danh-sach.{name}")
            if preview.errors:
                raise RuntimeError(str(preview.errors[0]))
            lists.take(preview, "bench")
            found[f"import_{name}_s"] = time.perf_counter() - started
            found[f"import_{name}_cpu_s"] = time.process_time() - cpu
    return found


def lay_communes(country: Country) -> None:
    """Lay provinces and communes alone."""
    day = country.clock.today().replace(month=1, day=1)
    rows = [AreaRow(province(n), "province", None, "province", f"Tỉnh {n}", f"tinh {n}", day)
            for n in range(PROVINCES)]  # fmt: skip
    rows += [AreaRow(commune(n), "commune", province(n % PROVINCES), "commune", f"Xã {n}", f"xa {n}", day)
             for n in range(COMMUNES)]  # fmt: skip
    country.intake.write_now(lambda tx: tx.areas.add_areas(rows))


def _rows(lines: int) -> list[tuple[str, ...]]:
    return [
        (commune(n % COMMUNES), f"{n // COMMUNES + 1:03}", "tổ dân phố",
         f"Tổ dân phố số {n // COMMUNES + 1}", str(80 + n % 90), str(300 + n % 200))
        for n in range(lines)
    ]  # fmt: skip


def _csv(lines: int) -> bytes:
    return "\n".join(",".join(row) for row in (HEADINGS, *_rows(lines))).encode()


def _xlsx(lines: int) -> bytes:
    from openpyxl import Workbook

    book = Workbook()  # not write_only: that puts words into cells, where Excel shares them
    sheet = book.create_sheet("Danh sách", 0)
    sheet.append(HEADINGS)
    for row in _rows(lines):
        sheet.append([*row[:4], int(row[4]), int(row[5])])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(sessions: int) -> Found:
    """Return what a workbook of so many sessions costs, written by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.intake.sheet_weight", str(sessions)],
        check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    _, seconds, size, peak = done.stdout.split()
    return {
        "workbook_cpu_s": float(seconds), "workbook_mb": int(size) / 2**20,
        "workbook_peak_mb": int(peak) / 1024,
    }  # fmt: skip
