"""The suggestion that goes with a new tip: what kind, how urgent, and the words that said so.

A suggestion only: a human decides (``triage.md`` 7). Nothing about the sender enters it.
"""

import re
from datetime import timedelta
from typing import NamedTuple

from intake import english_danger as english
from intake.drafts import TipDraft, compose
from intake.text import fold

_DANGER = {
    "ngáo đá": r"ngao (?:da|ke|can)",
    "sốc thuốc": r"(?:soc|qua lieu|co giat)(?: thuoc| ma tuy)?",
    "hung khí": r"(?:cam|mang|co|rut) (?:dao|sung|kiem|ma tau|hung khi|luu dan|riu)",
    "dọa giết": r"(?:doa giet|chem|dam chet|giet nguoi|bat coc|con tin|danh dap|chay nha|dot nha)",
    "bất tỉnh": r"(?:bat tinh|ngung tho|tim tai|sap chet|hap hoi)",
    "trẻ em": r"(?:tre em|hoc sinh|tre con|em be)",
    "trường học": r"(?:truong hoc|cong truong|mau giao|tieu hoc|thcs|thpt)",
}
_DANGER_IN_BOTH = {
    name: rf"(?:{words}|{english.NOT_NO}(?:{english.DANGER[name]}))"
    for name, words in _DANGER.items()
}
_DANGERS = {name: re.compile(rf"\b{words}\b") for name, words in _DANGER_IN_BOTH.items()}
_ANY_DANGER = re.compile(rf"\b(?:{'|'.join(_DANGER_IN_BOTH.values())})\b")
_TO_LIFE = frozenset({"ngáo đá", "sốc thuốc", "hung khí", "dọa giết", "bất tỉnh"})
_NOT = re.compile(rf"\b(?:(?:khong|chua|chang|dau co|khong thay)(?: \w+){{0,2}}|{english.NOT}) $")
_NOT_FITS_IN = 80  # characters: a "not" and two words; whoever looks further back looks for hours
_NOW = re.compile(
    rf"\b(?:dang dien ra|ngay bay gio|bay gio|luc nay|dang o|vua moi|{english.NOW})\b"
)
_KINDS = {
    "mua bán": r"\b(?:mua ban|ban (?:ma tuy|hang|keo|ke|da|co)|giao hang|ship|cap hang|tang tru)\b",
    "sử dụng": r"\b(?:tu tap|su dung|hut|chich|choi do|phe|bay lac|su dung ma tuy)\b",
    "trồng cây": r"\b(?:trong|cay) (?:can sa|thuoc phien|anh tuc)\b|\bcan sa trong\b",
}
_BY_BUTTON = {"mua_ban": "mua bán", "tu_tap": "sử dụng", "trong_cay": "trồng cây"}
_EXACT = re.compile(r"\b(?:so|ngo|hem|ngach|kiet|nha)\s*\d+")
_IDENTIFIER = re.compile(r"\b\d{2}[a-z]\d?[- ]?\d{3}[. ]?\d{2}\b|\b0\d{9}\b|@\w+")

FIRST_VIEW = {1: timedelta(minutes=15), 2: timedelta(hours=4), 3: timedelta(hours=24)}
"""How long a tip may wait for a first human view, by priority (``triage.md`` 7, Clocks)."""


class Suggestion(NamedTuple):
    """What the words suggest: kind, priority 1–3 (1 is urgent), score 0–100, words that fired."""

    kind: str
    priority: int
    score: int
    words: tuple[str, ...]


def suggest(draft: TipDraft) -> Suggestion:
    """Return the suggestion for a draft, computed from its words alone."""
    text = fold(compose(draft))
    words = _words(text)
    now = _is_now(draft, text)
    score = (
        40 * bool(words)
        + 20 * now
        + 10 * bool(_EXACT.search(text))
        + 8 * bool(_IDENTIFIER.search(text))
        + 6 * bool(draft.photos)
    )
    to_life = not _TO_LIFE.isdisjoint(words)
    priority = 1 if to_life and now else 2 if words or score >= 30 else 3
    return Suggestion(_kind(draft, text), priority, min(score, 100), words)


def is_urgent(draft: TipDraft) -> bool:
    """Return whether the tip would be released at once: danger to life, happening now."""
    if draft.calm:
        return False
    text = fold(compose(draft))
    return _is_now(draft, text) and not _TO_LIFE.isdisjoint(_words(text))


def _is_now(draft: TipDraft, text: str) -> bool:
    return draft.when == "Đang diễn ra" or bool(_NOW.search(text))


def _words(text: str) -> tuple[str, ...]:
    if _ANY_DANGER.search(text) is None:
        return ()
    return tuple(name for name, pattern in _DANGERS.items() if _fires(pattern, text))


def _fires(pattern: re.Pattern[str], text: str) -> bool:
    starts = (match.start() for match in pattern.finditer(text))
    return any(not _NOT.search(text, max(0, at - _NOT_FITS_IN), at) for at in starts)


def _kind(draft: TipDraft, text: str) -> str:
    if draft.kind in _BY_BUTTON:
        return _BY_BUTTON[draft.kind]
    return next((kind for kind, pattern in _KINDS.items() if re.search(pattern, text)), "khác")
