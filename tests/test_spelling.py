"""Shown Vietnamese puts the tone mark where the texts for residents put it: "khóa", not on the a.

Both ways are right; one product keeps to one. What recognises people's typing knows both.
"""

import re
import unicodedata
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("api", "bot", "deploy", "docs", "intake", "reminders", "storage")
SHOWN = {".py", ".toml", ".html", ".js", ".md", ".example"}
KNOW_BOTH = (
    "intake/check_in_line/",  # reads what leaders type
    "intake/places.py",
    "intake/programmes/",  # quoted from the plans as they stand
)
TONES = "\u0300\u0301\u0303\u0309\u0323"
ON_THE_SECOND = re.compile(rf"(?<!q)(?:o[ae]|uy)[{TONES}](?![a-z\u0300-\u036f])", re.IGNORECASE)
"""Of an open syllable, taken apart: the mark behind its last vowel. "quý" has but one vowel."""


def misplaced(text: str) -> list[str]:
    """Return the lines in which a tone mark stands on the second vowel."""
    lines = text.splitlines()
    return [line.strip() for line in lines if ON_THE_SECOND.search(_apart(line))]


def _apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def shown_files() -> list[Path]:
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in SHOWN)
    named = ((path, path.relative_to(ROOT).as_posix()) for path in [*found, *ROOT.glob("*.md")])
    return [path for path, name in named if not name.startswith(KNOW_BOTH)]


def test_one_way_of_placing_tone_marks_is_kept_everywhere() -> None:
    files = shown_files()
    assert len(files) > 300
    wrong = {path.name: lines for path in files if (lines := misplaced(path.read_text("utf-8")))}
    assert wrong == {}


def test_the_check_sees_what_it_should_and_nothing_else() -> None:
    for word in ("kho\u00e1", "Xo\u00e0 ", "thu\u1ef7", "kho\u1ebb,", "U\u1ef7 ban", "KHO\u00c1"):
        assert misplaced(word), word
    for word in (
        "khóa",
        "quý",
        "hoàn",
        "khoảng",
        "chuyển",
        "ngoài",
        "túy",
        "toán",
        "xoáy",
        "huỳnh",
    ):
        assert misplaced(word) == [], word
