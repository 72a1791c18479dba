"""Turns what the work side's bench found into the tables of docs/performance.md."""

from collections.abc import Mapping, Sequence

from bench.table import Found, Line, machine, number, pair, ratio, render, several

BEGIN, END = "<!-- bench-work:begin -->", "<!-- bench-work:end -->"

STORM = (
    Line("**Storm**: check-ins asked / filed", pair("storm_asked", "storm_filed", 0), "all"),
    Line("failed; stored; duties met by them",
         several("storm_failed", "storm_stored", "storm_met"), "0; all; all"),
    Line("the last person came after, all were done after, s",
         pair("storm_arrived_s", "storm_seconds", 0), "≤ 600"),
    Line("check-ins a second, two steps each", number("storm_rate", 1), "≥ 33"),
    Line("line answered, p50 / p99 ms", pair("storm_line_p50", "storm_line_p99")),
    Line("its card there, p50 / p99 ms", pair("storm_card_p50", "storm_card_p99")),
    Line("[Lưu] answered, p50 / p99 ms", pair("storm_save_p50", "storm_save_p99")),
    Line("its receipt there, p50 / p99 ms", pair("storm_receipt_p50", "storm_receipt_p99")),
    Line("CPU ms a step in the storm: bot / database", pair("storm_cpu", "storm_cpu_database", 2)),
    Line("of one core the bot used, %", number("storm_busy")),
    Line("memory MB of the bot afterwards, RSS / PSS", pair("memory_bot", "share_bot", 0), "≤ 120"),
    Line("minutes that its replies take at Telegram's 25 a second",
         number("storm_paced_minutes", 1)),
)  # fmt: skip
STEPS = (
    Line("**A step over HTTP**, warm: line → card, CPU ms: bot / database",
         pair("http_line_cpu", "http_line_cpu_database", 2), "≤ 5"),
    Line("[Lưu] → receipt", pair("http_save_cpu", "http_save_cpu_database", 2), "≤ 5"),
    Line("**In process**, warm: line → card, CPU ms: ours / database",
         pair("line_cpu", "line_cpu_database", 2), "≤ 5"),
    Line("[Lưu] → receipt", pair("save_cpu", "save_cpu_database", 2), "≤ 5"),
)  # fmt: skip
COUNTRY = (
    Line("**Country**: open a month's obligations, worst month, s", number("open_s", 1), "≤ 20"),
    Line("look again and open nothing, s", number("again_s", 1)),
    Line("close a month, s", number("close_s", 1)),
    Line("province roll-up with trend, median / worst ms",
         pair("province_ms", "province_worst_ms", 0), "≤ 200"),
    Line("a ward's matrix, median / worst ms", pair("ward_ms", "ward_worst_ms", 0), "≤ 100"),
    Line("who is missing in a ward, median / worst ms", pair("missing_ms", "missing_worst_ms")),
)  # fmt: skip
FILES = (
    Line("**Lists** of 100,000: CSV in, preview and taking, s / CPU s",
         pair("import_csv_s", "import_csv_cpu_s"), "≤ 30"),
    Line("XLSX in, s / CPU s", pair("import_xlsx_s", "import_xlsx_cpu_s"), "≤ 30"),
    Line("workbook of as many sessions, CPU s / peak MB",
         pair("workbook_cpu_s", "workbook_peak_mb"), "≤ 300 MB"),
)  # fmt: skip


def _stored(sizes: Sequence[int]) -> tuple[Line, ...]:
    lines = [
        Line(f"{'**Filing**, CPU ms: ours / database, ' if not at else ''}{size:,} stored",
             pair(f"stored_{size}_cpu_median", f"stored_{size}_cpu_database", 2), "≤ 5")
        for at, size in enumerate(sizes)
    ]  # fmt: skip
    first, last = (f"stored_{size}_cpu_median" for size in (sizes[0], sizes[-1]))
    return (*lines, Line("the last against the first, ours", ratio(last, first), "flat"))


def report(columns: Mapping[str, Found], sizes: Sequence[int]) -> str:
    """Return everything that stands between the markers."""
    lines = (*STORM, *STEPS, *_stored(sizes), *COUNTRY, *FILES)
    return f"{machine()}\n\n{render(lines, columns)}"
