"""Typed text: cleaning what people type, folding it for comparison, finding what betrays them.

Pure functions over strings. Folded text is for comparing only; what officers read is the cleaned
original (``vietnam.md`` 1.3).
"""

import re
import unicodedata

from intake import english_clues

_ETH = (("đ", "d"), ("Đ", "D"), ("ð", "d"), ("Ð", "D"))
_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
_INVISIBLE = {0x200B, 0x2060, 0xFEFF, 0x00AD, 0x180E}
_MARKS = re.compile("[\u0300-\u036f]+")
_MOST_MARKS = 30
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_SENTENCE_ENDS = ".!?…"
_MARKS_AFTER_WORDS = f",;{_SENTENCE_ENDS}"


def clean(text: str) -> str:
    """Return ``text`` in NFC without control, bidirectional and invisible characters.

    Joiners inside emoji stay; lines and words stay; runs of spaces become one.
    """
    typed = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = typed if _is_plain(typed) else "".join(c for c in typed if _is_kept(c))
    composed = unicodedata.normalize("NFC", without_heaps(kept))
    lines = (_SPACES.sub(" ", line).strip() for line in composed.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def without_heaps(text: str) -> str:
    """Return ``text`` with at most 30 marks on any letter, as Unicode's stream-safe form has it.

    Normalising sorts the marks of a letter, in a time that grows with the square of their number:
    the longest field of a page would stop everything else for seconds. No writing needs so many.
    """
    return text if _MARKS_ALONE.isdisjoint(text) else _HEAPS.sub(_cut, text)


def _cut(heap: re.Match[str]) -> str:
    return heap[0][:_MOST_MARKS]


def _stands_on_a_letter(char: str) -> bool:
    """Return whether ``char`` is a mark, or falls apart into nothing but marks."""
    if unicodedata.decomposition(char):
        char = unicodedata.normalize("NFKD", char)
    return all(map(unicodedata.combining, char))


_MARKS_ALONE = frozenset(filter(_stands_on_a_letter, map(chr, range(0x300, 0x1F000))))
_MARK = "".join(sorted(_MARKS_ALONE))
_HEAPS = re.compile(f"[{_MARK}][{_MARK}]{{{_MOST_MARKS},}}")


def _is_plain(text: str) -> bool:
    """Return whether nothing in ``text`` can be one of the characters that go; asked in one go."""
    return text.replace("\n", " ").replace("\t", " ").isprintable()


def _is_kept(char: str) -> bool:
    point = ord(char)
    if char in {"\n", "\t"}:
        return True
    if point in _BIDI or point in _INVISIBLE:
        return False
    return unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}


def fold(text: str) -> str:
    """Return ``text`` lower-case without tone marks, ``đ`` (and a mistyped ``ð``) as ``d``."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", without_heaps(text))
        for letter, plain in _ETH:  # a twentieth of what translating takes
            text = text.replace(letter, plain)
        text = _MARKS.sub("", unicodedata.normalize("NFD", text))
    if not text.isascii():  # rarer marks than those of Vietnamese
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(text.lower().split())


def is_empty(text: str) -> bool:
    """Return whether nothing in ``text`` can be read: no letter, digit or symbol."""
    return not any(unicodedata.category(c)[0] in "LNS" for c in text)


def _typed(pattern: str) -> str:
    """Return a pattern, written with its marks, that also fits words typed without them."""
    return "".join(
        f"[{letter}{fold(letter)}]" if fold(letter) not in ("", letter) else letter
        for letter in pattern
    )


# Matched on text with marks kept, because "nha toi" without marks is "nhà tôi" or "nhà tối": both
# spellings fit and a false alarm only costs one question. Each piece holds the words that tell
# whose house it is or who speaks, and no more: cutting it out must leave what happened.
_SELF = r"(?:tôi|mình|em|cháu|con|tớ|nhà tôi)"
_NUMBERED = r"(?: (?:số nhà|số|ngõ|ngách|hẻm|kiệt|tổ|xóm|thôn|khu) \d[\w/-]*)"
_BESIDE = r"(?:đối diện|cạnh|gần|sát|kế)"

# Who says "tôi là Nguyễn Văn A": capitals, or a family name typed without them. "tôi là người dân"
# and a name in capitals after any other word are left alone: that may be the person reported.
_CAPITALS = "".join(letter for letter in map(chr, range(0x41, 0x1F00)) if letter.isupper())
_GIVEN = rf"(?-i:[{_CAPITALS}][^\W\d_{_CAPITALS}]*)(?!\w)"
_FAMILY = _typed(
    r"(?:nguyễn|trần|lê|phạm|hoàng|huỳnh|phan|vũ|võ|đặng|bùi|đỗ|hồ|ngô|dương|lý|đinh|trịnh)"
    r" (?:văn|thị|hữu|đức|đình|ngọc|minh|xuân|quang|thanh) \w+"
)
_NAME = rf"(?:{_GIVEN}(?: {_GIVEN}){{1,4}}|{_FAMILY})"
_OWN_NAME = (
    _typed(r"\b(?:(?:tên tôi là|tôi tên(?: là)?) (?:")
    + _NAME
    + _typed(r"|\w+)|(?:tôi|(?-i:mình)) là ")
    + _NAME
    + ")"
    + _typed(rf"(?: (?:ở|nhà)(?= (?:số|ngõ|ngách|hẻm|kiệt|tổ|xóm|thôn|khu))|{_NUMBERED})*")
)

# A number is the reporter's own only where the words say so: "nó dùng số 0912…" must stay.
_PHONE = r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){8,9}(?!\d)"
_CARD = r"(?<!\d)\d(?:[ .]?\d){8}(?:(?:[ .]?\d){3})?(?!\d)"  # nine digits, or twelve
_MINE = r"(?:tôi|(?-i:mình)|tớ|em|cháu|con)(?! (?:nó|ấy|trai|gái|tôi)\b)\b"
_LED_BY = r"(?:[ ,:]+(?:qua|theo|ở|số|sđt|đt|điện thoại|máy|zalo|là|này|nhé))*[ ,:]*"
_OWN_NUMBER = _typed(
    "|".join(
        [
            rf"\b(?:số|sđt|đt|zalo|điện thoại|số máy) (?:của )?{_MINE}{_LED_BY}{_PHONE}",
            (
                r"(?<!nó )(?<!hắn )(?<!họ )\b(?:gọi|liên hệ|liên lạc|nhắn|báo)(?: tin)?(?: lại)?"
                rf"(?: cho| với)? {_MINE}{_LED_BY}{_PHONE}"
            ),
            rf"\b(?:xin|vui lòng|hãy|cần gì) (?:gọi|liên hệ|liên lạc)(?: lại)?{_LED_BY}{_PHONE}",
            rf"\btôi(?: có)? (?:số|sđt|đt|điện thoại){_LED_BY}{_PHONE}",
            rf"{_PHONE},? (?:(?:đây )?là )?(?:số (?:điện thoại |máy )?(?:của )?|của ){_MINE}",
            (
                r"\b(?:số )?(?:căn cước(?: công dân)?|cccd|cmnd|chứng minh(?: thư| nhân dân)?)"
                rf"(?: (?:của )?{_MINE})?{_LED_BY}{_CARD}"
            ),
        ]
    )
)
_HOME_OR_KIN = _typed(
    "|".join(
        [
            (
                r"\b(?:đối diện|cạnh|sát(?: vách)?|trước|sau|gần|kế(?: bên)?)"
                rf"(?: cửa| cổng)? nhà {_SELF}\b"
            ),
            (
                rf"\bnhà {_SELF}(?:(?: (?:ở|sống|ngay))* {_BESIDE}\b"
                rf"|(?: (?:ở|sống|ngay)\b)+{_NUMBERED}*|{_NUMBERED}+)"
            ),
            rf"\bhàng xóm (?:của )?{_SELF}\b",
            rf"\bnhà (?:bên )?(?:cạnh|kế|sát)(?: bên)?(?: nhà)? {_SELF}\b",
            (
                r"\b(?:con|vợ chồng|chồng|vợ|anh|em|bố|mẹ|cháu|ông|bà)"
                r" (?:trai |gái )?(?:của )?tôi\b"
            ),
            (
                r"\btôi là (?:chủ(?: quán| tiệm| nhà| trọ)*|hàng xóm|con|vợ"
                r"|chồng|bảo vệ|nhân viên|tổ trưởng|giáo viên)\b"
            ),
            r"\b(?:chỉ|duy nhất) (?:mình |một mình )?tôi (?:biết|thấy|nhìn)\b",
            r"\b(?:từ )?(?:cửa sổ|ban công|sân thượng|sân|phòng) nhà tôi\b",
            (
                r"\b(?:số )?(?:điện thoại|sđt|zalo|facebook|fb) (?:của )?tôi\b"
                rf"(?:{_LED_BY}\d(?:[ .-]?\d)*)?"
            ),
        ]
    )
)
_IN_ENGLISH = english_clues.clues(_NAME, _PHONE, _CARD)
_TELLING = re.compile("|".join([_OWN_NAME, _OWN_NUMBER, _HOME_OR_KIN, _IN_ENGLISH]), re.IGNORECASE)
# Whatever is found holds one of these; looking for them takes a twelfth of the time.
_MAY_TELL = re.compile(
    _typed(r"\b(?:tôi|mình|em|cháu|con|tớ)\b") + rf"|{english_clues.MAY_TELL}|\d(?:[ .-]?\d){{7}}",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"\b(?:can cuoc|cccd|cmnd|chung minh (?:thu|nhan dan)|giay to tuy than|ho chieu|bang lai"
    rf"|giay phep lai xe|the (?:can cuoc|bao hiem)|{english_clues.IDENTITY})\b"
)


def telling_phrases(text: str) -> tuple[str, ...]:
    """Return the pieces of ``text`` that may let others guess who wrote it, in order, each once."""
    if not _MAY_TELL.search(text):
        return ()
    found = (match.group(0).strip() for match in _TELLING.finditer(text))
    return tuple(dict.fromkeys(piece for piece in found if piece))


def without(text: str, phrase: str) -> str:
    """Return ``text`` with a telling phrase cut out wherever it was found, and the gaps closed."""
    left, end = "", 0
    for found in _TELLING.finditer(text):
        if found.group(0).strip() == phrase:
            left, end = _joined(left, text[end : found.start()]), found.end()
    return clean(_joined(left, text[end:]))


def _joined(before: str, after: str) -> str:
    """Return what stands on both sides of a cut as one text.

    Of the marks that meet there one is left; where a sentence, line or text ends, no comma.
    """
    before, after = before.rstrip(" "), after.lstrip(" ")
    if not before.strip(f"{_MARKS_AFTER_WORDS} "):
        before = ""
    if not before or before[-1] in f"\n{_SENTENCE_ENDS}":
        after = after.lstrip(f"{_MARKS_AFTER_WORDS} ")
    if not after.strip():
        before = before.rstrip(",; \n")
    elif after[0] in f"\n{_MARKS_AFTER_WORDS}":
        before = before.rstrip(",; ")
    gap = "" if not after or after[0] in f"\n{_MARKS_AFTER_WORDS}" else " "
    return f"{before}{gap}{after}"


def keeps_its_sense(text: str, phrase: str) -> bool:
    """Return whether at least half of the words are left when ``phrase`` is cut out."""
    return 2 * len(without(text, phrase).split()) >= len(text.split())


def mentions_identity_card(text: str) -> bool:
    """Return whether a caption speaks of an identity paper."""
    return bool(_IDENTITY.search(fold(text)))
