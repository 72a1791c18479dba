"""Holds a corpus of reviewed lines against the parser and says what came out of it.

A corpus is text: `line => what a careful reader would say`. `# on DATE` sets the day on which the
lines below were typed. What is said: a kind, a day (`12/11`), a number (`45p` people, `52h`
households), `?asks`, `@place` (to the end; `@-` for none), or `no` / `tip`.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from intake.check_in_line import ReadLine, read_line
from intake.check_in_line.kinds import KINDS
from intake.text import fold

FOLDER = Path(__file__).parent
CORPORA = ("corpus", "held_out", "elders", "strangers")

Verdict = Literal["right", "asked", "turned away", "silently wrong"]


@dataclass(frozen=True)
class Expected:
    line: str
    on: date
    outcome: str
    kind: str | None = None
    done_on: date | None = None
    people: int | None = None
    households: int | None = None
    asks: frozenset[str] = frozenset()
    place: str | None = None
    is_place_known: bool = False


def corpus(name: str) -> list[Expected]:
    on = date.min
    found: list[Expected] = []
    for row in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if row.startswith("# on "):
            on = date.fromisoformat(row.removeprefix("# on "))
        elif " => " in row:
            line, _, said = row.rpartition(" => ")
            found.append(expected(line, said, on))
    return found


def expected(line: str, said: str, on: date) -> Expected:
    said, has_place, place = said.partition("@")
    words = said.split()
    if words in (["no"], ["tip"]):
        return Expected(line, on, {"no": "not_a_check_in", "tip": "tip_like"}[words[0]])
    told: dict[str, object] = {"outcome": "parsed"}
    for word in words:
        if word in KINDS:
            told["kind"] = word
        elif word.startswith("?"):
            told |= {"outcome": "asks", "asks": frozenset(word[1:].split(","))}
        elif "/" in word:
            day, month, *year = map(int, word.split("/"))
            told["done_on"] = date(year[0] if year else on.year, month, day)
        else:
            told[{"p": "people", "h": "households"}[word[-1]]] = int(word[:-1])
    known = {"place": None if place in ("", "-") else place, "is_place_known": bool(has_place)}
    return Expected(line, on, **told, **known)  # type: ignore[arg-type]


def judge(wanted: Expected, read: ReadLine) -> Verdict:
    """Compare; a field that differs and is not null is silently wrong, whatever else is asked."""
    fields = [
        (wanted.kind, read.kind), (wanted.done_on, read.done_on), (wanted.people, read.people),
        (wanted.households, read.households),
    ]  # fmt: skip
    if wanted.is_place_known:
        fields.append((wanted.place and fold(wanted.place), read.place and fold(read.place)))
    if read.outcome in {"parsed", "asks"} and any(got not in (None, want) for want, got in fields):
        return "silently wrong"
    if read.outcome == "parsed" and wanted.outcome != "parsed":
        return "silently wrong"
    same = all(want == got for want, got in fields)
    if same and read.outcome == wanted.outcome and frozenset(read.asks) == wanted.asks:
        return "right"
    return "asked" if read.outcome in {"asks", "parsed"} else "turned away"


def unmarked(text: str) -> str:
    """Return the text as it is typed without marks; capitals stay."""
    taken_apart = unicodedata.normalize("NFD", text.translate(str.maketrans("đĐ", "dD")))
    return "".join(char for char in taken_apart if not unicodedata.combining(char))


def verdicts(name: str) -> list[tuple[Verdict, Expected, ReadLine]]:
    read = [(wanted, read_line(wanted.line, wanted.on)) for wanted in corpus(name)]
    return [(judge(wanted, got), wanted, got) for wanted, got in read]


def table(names: tuple[str, ...] = CORPORA) -> str:
    """Return the table of ``docs/check-in-line.md``."""
    rows = [
        "| corpus | lines | right | asked | turned away | silently wrong |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name in names:
        told = verdicts(name)
        counted = Counter(verdict for verdict, _, _ in told)
        cells = [counted[v] for v in ("right", "asked", "turned away", "silently wrong")]
        rows.append(f"| `{name}` | {len(told)} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)
