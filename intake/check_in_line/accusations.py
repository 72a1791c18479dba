"""Whether a line accuses somebody, or names people: such a line is never kept as a check-in.

A topic is no accusation ("tuyên truyền phòng chống mua bán ma túy"): what counts is the word that
stands nearest before the deed. A false alarm costs one question; a tip that is filed as a check-in
would show an officer who wrote it (``texts-vi.md`` 33, ``check-ins-and-reminders.md`` 4).
"""

import re
from collections.abc import Sequence

from intake.check_in_line.lexicon import Lexicon, Span
from intake.check_in_line.line import Line
from intake.check_in_line.tokens import Token, cleaned, tokens_of
from intake.text import fold

PLATE = re.compile(
    r"(?<![\w/.])\d{2}[ -]?(?:[A-FK-SU-Za-fk-su-z]|H)[A-Z\d]?[ .-]?"
    r"(?:\d{3}[ .]?\d{2}|\d{4})(?![\w/])"
)
_PHONE = re.compile(r"(?<![\d/])(?:\+?84|0)[ .-]?(?:\d[ .-]?){8,9}(?!\d)")
_IDENTITY_CARD = re.compile(r"(?<!\d)\d{12}(?!\d)")
_LEXICON = Lexicon(("tip", "nothing", "numbered"))
_DEEDS = ("tip.heavy", "tip.light")
_FIRST_WORDS = _LEXICON.first_words(*_DEEDS)
_SMALL_NAME = re.compile(r"\b[a-z]{2,7} (?:van|thi) [a-z]{2,6}\b")
_NEAR = 10
_SENTENCE_ENDS = ".;!?"
_SURNAMES = frozenset({
    "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho",
    "ngo", "duong", "ly", "dinh", "doan", "lam", "mai", "truong", "trinh", "dao", "ha", "cao",
    "luong", "ta", "thai", "chau", "quach", "la", "kieu", "luu", "ton", "to",
})  # fmt: skip


def accuses(text: str, tokens: list[Token]) -> bool:
    """Return whether a cleaned text accuses somebody or gives a vehicle's plate."""
    if PLATE.search(text):
        return True
    if all(token.folded not in _FIRST_WORDS for token in tokens):
        return False
    line = Line(tokens, _LEXICON)
    deeds = [span for span in line.spans if not span.tags.isdisjoint(_DEEDS)]
    return any(_accuses(line, deed) for deed in deeds)


def names_people(text: str) -> bool:
    """Return whether a cleaned text lists people or gives a telephone or identity number."""
    return bool(_PHONE.search(text) or _IDENTITY_CARD.search(text)) or _full_names(text) > 1


def refuses_names(text: str) -> bool:
    """Return whether a text must be refused: names, numbers of people, plates, an accusation."""
    tidy = cleaned(text)
    return names_people(tidy) or accuses(tidy, tokens_of(tidy))


def _accuses(line: Line, deed: Span) -> bool:
    nearest = _nearest_before(line, deed)
    if nearest is not None:
        return nearest
    if "tip.heavy" in deed.tags:
        return True
    return _is_pointed_at_after(line, deed)


def _nearest_before(line: Line, deed: Span) -> bool | None:
    """Return whether the nearest word before the deed accuses; None where none stands there."""
    is_light = "tip.heavy" not in deed.tags
    if is_light and deed.tags & {"tip.guard"}:
        return False
    for at in range(deed.start - 1, -1, -1):
        if line.is_sign(at, _SENTENCE_ENDS):
            return None
        if is_light and deed.start - at > _NEAR:
            return None
        if _points_at_somebody(line, at, deed.start):
            return True
        if line.has(at, "tip.guard"):
            return False
    return None


def _points_at_somebody(line: Line, at: int, until: int) -> bool:
    if _is_address(line, at) or _is_person(line, at, until):
        return True
    if line.has(at, "tip.someone") and line.follows(at, "tip.guard"):
        return False  # "nhận biết đối tượng", "giúp đỡ thanh niên"
    return line.has(at, "tip.suspect", "tip.someone") and not line.has(at, "numbered.noun")


def _is_address(line: Line, at: int) -> bool:
    places = {"so", "ngo", "hem", "ngach", "kiet", "duong", "phong"}
    return line.tokens[at].folded in places and line.number(at + 1) is not None


def _is_person(line: Line, at: int, until: int) -> bool:
    """Return whether "ông Hùng", "thằng tuấn" stands here."""
    end = line.end(at)
    if not line.has(at, "tip.person") or end >= min(until, len(line)) or not line.is_word(end):
        return False
    typed = line.tokens[end].typed
    if typed[0].isupper() and not typed.isupper():
        return True
    return not line.tags(end) and not any(t.typed[0].isupper() for t in line.tokens[1:])


def _is_pointed_at_after(line: Line, deed: Span) -> bool:
    for at in range(deed.end, min(len(line), deed.end + _NEAR)):
        if line.is_sign(at, _SENTENCE_ENDS):
            return False
        if _is_address(line, at) or _is_person(line, at, len(line)):
            return True
    return False


def _full_names(text: str) -> int:
    """Return how many full names ("Nguyễn Văn An", "tran thi binh") the text holds."""
    small = [name.split()[0] in _SURNAMES for name in _SMALL_NAME.findall(fold(text))]
    return max(_capital_names(text), sum(small))


def _capital_names(text: str) -> int:
    words: Sequence[str] = re.findall(r"[^\W\d_]+|[^\w\s]", text)
    found = run = 0
    from_surname = False
    for word in [*words, "."]:
        if word[0].isupper() and not (len(word) > 1 and word.isupper()):
            from_surname = from_surname or (run == 0 and fold(word) in _SURNAMES)
            run += 1
            continue
        found += from_surname and 2 <= run <= 5
        run, from_surname = 0, False
    return found
