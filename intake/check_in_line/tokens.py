"""A line cut into words, numbers and signs, each with its folded form beside what was typed.

Nothing is judged here, and nothing is lost: a token keeps its place in the cleaned text.
"""

import re
import unicodedata
from typing import NamedTuple

from intake.text import clean

_PIECE = re.compile(r"[^\W\d_]+|[0-9]+|[^\w\s]|_")
_LETTERS = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_PLAIN = str.maketrans(
    _LETTERS + "đð–—‑−：", "a" * 17 + "e" * 11 + "i" * 5 + "o" * 17 + "u" * 11 + "y" * 5 + "dd----:"
)


class Token(NamedTuple):
    """One word, number or sign."""

    folded: str
    raw: str
    """Lower case, with its marks."""
    typed: str
    number: int | None
    is_glued: bool
    """No space stands before it."""
    is_word: bool

    @property
    def has_marks(self) -> bool:
        """Return whether it was typed with a mark or a ``đ``."""
        return self.raw != self.folded


def cleaned(text: str) -> str:
    """Return the text as it is read: composed, full-width digits as plain, no control signs."""
    return unicodedata.normalize("NFKC", clean(text)).replace("\n", " ; ")


def tokens_of(text: str) -> list[Token]:
    """Cut a cleaned text into tokens."""
    found: list[Token] = []
    last_end = -1
    for match in _PIECE.finditer(text):
        typed = match.group()
        raw = typed.lower()
        folded = raw if raw.isascii() else _fold(raw)
        is_word = typed[0].isalpha()
        number = int(typed) if not is_word and len(typed) <= 9 and typed.isdecimal() else None
        found.append(Token(folded, raw, typed, number, match.start() == last_end, is_word))
        last_end = match.end()
    return found


def _fold(raw: str) -> str:
    folded = raw.translate(_PLAIN)
    if folded.isascii():
        return folded
    taken_apart = unicodedata.normalize("NFD", folded)
    return "".join(char for char in taken_apart if not unicodedata.combining(char))
