"""Turns what the rounds found into the table of docs/performance.md."""

import platform
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

Found = Mapping[str, float]
Show = Callable[[Found], str]
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


class Line(NamedTuple):
    """One line: what it says, how it is read off a round, and what is aimed for."""

    label: str
    show: Show
    goal: str = ""


def number(key: str, digits: int = 0) -> Show:
    return lambda found: f"{found[key]:,.{digits}f}"


def several(*keys: str) -> Show:
    return lambda found: "; ".join(f"{found[key]:,.0f}" for key in keys)


def ratio(key: str, limit: str) -> Show:
    return lambda found: f"**{found[key] / found[limit]:.2f}**"


def beside(key: str, other: str) -> Show:
    return lambda found: f"{found[key]:,.0f} ({found[key] / found[other]:.2f})"


def pair(first: str, second: str, digits: int = 1) -> Show:
    return lambda found: f"{found[first]:,.{digits}f} / {found[second]:,.{digits}f}"


def taken(of: str) -> Show:
    return pair(f"memory_{of}", f"share_{of}", 0)


def seals(key: str) -> Show:
    return lambda found: f"{found[key] * found['seals'] / 1000:.0f}"


def failures(found: Found) -> str:
    return f"{found['web_failed'] + found['chat_failed'] + found['answered_failed']:.0f}"


ROUNDS = (
    Line(
        "**Web**: full submissions/s (form and post), bursts, warm codes", number("burst"), "≥ 400"
    ),
    Line("p50 / p99 ms of a full submission in the burst", pair("burst_p50", "burst_p99")),
    Line("post alone/s", number("post")),
    Line("limit: minimal program, the same rows, post/s", number("minimal_post")),
    Line("post against the minimal program", ratio("post", "minimal_post"), "≥ 0.40"),
    Line("full submissions/s, sustained, codes derived meanwhile", number("steady"), "≥ 150"),
    Line("p50 / p99 ms at half of that", pair("half_p50", "half_p99"), "p99 ≤ 100"),
    Line("CPU ms a post, warm code / a full one with its code", pair("post_cpu", "steady_cpu")),
    Line("CPU of a post, in hybrid seals", seals("post_cpu"), "≤ 12"),
    Line("bytes stored a tip, its receipt page's row included", number("bytes")),
    Line("**Chat**: steps/s through the Telegram webhook", number("chat"), "≥ 800"),
    Line("limit: minimal program with `Update`, steps/s", number("minimal_step")),
    Line("step against the minimal program", ratio("chat", "minimal_step"), "≥ 0.50"),
    Line("p50 / p99 ms", pair("chat_p50", "chat_p99")),
    Line("p99 ms at half of that rate", number("chat_half_p99"), "≤ 100"),
    Line("CPU ms a step", number("chat_cpu", 2)),
    Line("steps/s when every reply leaves at once", beside("chat_answered", "chat")),
    Line("**Failures** at 64 clients, all jobs", failures, "0"),
    Line("**Limits**: 4 KiB write + fdatasync/s", number("fsync")),
    Line("a bare route/s", number("bare")),
    Line("full submissions against the bare route", ratio("burst", "bare")),
    Line("bare driver, 7 kB rows/s, one a commit", number("raw_one")),
    Line("bare driver, 7 kB rows/s, 50 a commit", number("raw_grouped")),
    Line("our writer alone, sealed tips/s, 64 waiting", number("writer")),
    Line("post against our writer alone", ratio("post", "writer")),
)
HOUSES = (
    Line("queue page ms at 1,000 tips, median / worst", pair("queue_1000", "queue_1000_worst")),
    Line("at 10,000", pair("queue_10000", "queue_10000_worst")),
    Line("at 100,000", pair("queue_100000", "queue_100000_worst"), "≤ 50"),
    Line("CPU ms a post, at few tips / at all of them", pair("cost_few", "cost_many"), "flat"),
    Line("limit: memory MB of the libraries alone, imported: RSS / PSS", taken("libraries")),
    Line("limit: minimal program, after its load", taken("minimal")),
    Line("memory MB: bot, at rest with its codes in stock", taken("rest"), "≤ 120"),
    Line("bot, after a load whose replies have left", taken("after"), "≤ 120"),
    Line("bot, while replies wait for Telegram's pace", taken("waiting"), "≤ 120"),
    Line("so many wait then", number("waiting")),
    Line("console, after the largest queue", taken("api"), "≤ 120"),
    Line("housekeeping", taken("reminders"), "≤ 120"),
    Line("all processes of an installation together, at rest, PSS", number("share_whole")),
)


def render(lines: Sequence[Line], columns: Mapping[str, Found]) -> str:
    """Return a Markdown table; a line that a quick run has not measured is left out."""
    rows = [["", *columns, "aim"], ["---", *["---:"] * len(columns), "---"]]
    for line in lines:
        shown = [_shown(line, found) for found in columns.values()]
        if any(shown):
            rows.append([line.label, *shown, line.goal])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _shown(line: Line, found: Found) -> str:
    """Return what a column says; nothing where it was not measured."""
    try:
        return line.show(found)
    except KeyError:
        return ""


def report(rounds: Mapping[str, Found], houses: Mapping[str, Found], once: Found) -> str:
    """Return everything that stands between the markers."""
    quiet = next(iter(rounds.values()))
    yardsticks = (
        f"Yardsticks of this run: SHA-256 of 4 KiB {quiet['sha']:,.0f}/s; 1,000 turns of a Python "
        f"loop {quiet['loop']:,.0f}/s; 4 KiB write + fdatasync {quiet['fsync']:,.0f}/s.\n"
        f"One core each: hybrid HPKE seals {once['seals']:,.0f}/s; `Update.de_json` "
        f"{once['updates']:,.0f}/s; receipt codes derived {once['codes']:,.0f}/s."
    )
    tables = (render(ROUNDS, rounds), render(HOUSES, houses))
    return "\n\n".join((machine(), yardsticks, *tables))


def machine() -> str:
    """Return when and on what this was measured."""
    cpus = Path("/proc/cpuinfo").read_text()
    models = re.findall(r"model name\s*: (.*)", cpus)
    memory = int(re.findall(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[0]) // 2**20
    packages = ("python-telegram-bot", "starlette", "sqlalchemy", "cryptography", "uvicorn")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    load = Path("/proc/loadavg").read_text().split()[1]
    model = models[0] if models else "unknown processor"
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {len(models)} × {model} · {memory} GB · "
        f"{platform.system()} {platform.release()} · CPython {platform.python_version()} · "
        f"{versions} · load average at the end {load}"
    )


def write(path: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Replace what stands between the markers of a page."""
    page = path.read_text(encoding="utf-8")
    if begin not in page:
        raise SystemExit(f"{path.name} has no {begin}")
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
