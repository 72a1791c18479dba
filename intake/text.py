"""Vietnamese text: cleaning what people type, folding it for comparison, finding what betrays them.

Pure functions over strings. Folded text is for comparing only; what officers read is the cleaned
original (``vietnam.md`` 1.3).
"""

import re
import unicodedata

_ETH = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})
_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
_INVISIBLE = {0x200B, 0x2060, 0xFEFF, 0x00AD, 0x180E}
_MARKS = re.compile("[\u0300-\u036f]+")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Return ``text`` in NFC without control, bidirectional and invisible characters.

    Joiners inside emoji stay; lines and words stay; runs of spaces become one.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = composed if _is_plain(composed) else "".join(c for c in composed if _is_kept(c))
    lines = (_SPACES.sub(" ", line).strip() for line in kept.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


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
        plain = unicodedata.normalize("NFKC", text).translate(_ETH)
        text = _MARKS.sub("", unicodedata.normalize("NFD", plain))
    if not text.isascii():  # rarer marks than those of Vietnamese
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(text.lower().split())


def is_empty(text: str) -> bool:
    """Return whether nothing in ``text`` can be read: no letter, digit or symbol."""
    return not any(unicodedata.category(c)[0] in "LNS" for c in text)


# Written on text with marks kept, in lower case, because "nha toi" without marks is "nhà tôi" or
# "nhà tối": both spellings are listed and a false alarm only costs one question.
_SELF = r"(?:t[ôo]i|m[iì]nh|em|ch[aá]u|con|t[ớo]|nh[àa] t[ôo]i)"
_TELLING = re.compile(
    "|".join(
        [
            (
                rf"(?:[đd][ốo]i di[ệe]n|c[ạa]nh|s[aá]t(?: v[aá]ch)?|tr[ưu][ớo]c|sau|g[ầa]n"
                rf"|k[ếe](?: b[êe]n)?)(?: c[ửu]a| c[ổo]ng)? nh[àa] {_SELF}\b"
            ),
            (
                rf"\bnh[àa] {_SELF} (?:[ởo]|s[ốo]|[đd][ốo]i di[ệe]n|c[ạa]nh|ngay|k[ếe]|g[ầa]n)"
                r"[^.,;\n]*"
            ),
            rf"\bh[àa]ng x[oó]m (?:c[ủu]a )?{_SELF}\b",
            rf"\bnh[àa] (?:b[êe]n )?(?:c[ạa]nh|k[ếe]|s[aá]t)(?: b[êe]n)?(?: nh[àa])? {_SELF}\b",
            (
                r"\b(?:con|ch[ồo]ng|v[ợo]|anh|em|b[ốo]|m[ẹe]|ch[aá]u|[ôo]ng|b[àa])"
                r" (?:trai |g[aá]i )?(?:c[ủu]a )?t[ôo]i\b[^.,;\n]*"
            ),
            (
                r"\bt[ôo]i (?:t[êe]n(?: l[àa])?|l[àa] (?:ch[ủu]|h[àa]ng x[oó]m|con|v[ợo]|ch[ồo]ng"
                r"|b[ảa]o v[ệe]|nh[âa]n vi[êe]n|t[ổo] tr[ưu][ởo]ng|gi[aá]o vi[êe]n))\b[^.,;\n]*"
            ),
            (
                r"\b(?:ch[ỉi]|duy nh[ấa]t) (?:m[ìi]nh |m[ộo]t m[ìi]nh )?t[ôo]i"
                r" (?:bi[ếe]t|th[ấa]y|nh[ìi]n)\b[^.,;\n]*"
            ),
            (
                r"\b(?:t[ừu] )?(?:c[ửu]a s[ổo]|ban c[ôo]ng|s[âa]n th[ưu][ợo]ng|s[âa]n|ph[òo]ng)"
                r" nh[àa] t[ôo]i\b[^.,;\n]*"
            ),
            (
                r"\b(?:s[ốo] )?(?:[đd]i[ệe]n tho[ạa]i|s[đd]t|zalo|facebook|fb)"
                r" (?:c[ủu]a )?t[ôo]i\b[^.;\n]*"
            ),
        ]
    ),
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"\b(?:can cuoc|cccd|cmnd|chung minh (?:thu|nhan dan)|giay to tuy than|ho chieu|bang lai"
    r"|giay phep lai xe|the (?:can cuoc|bao hiem))\b"
)


def telling_phrases(text: str) -> tuple[str, ...]:
    """Return the pieces of ``text`` that may let others guess who wrote it, in order, each once."""
    found = (match.group(0).strip() for match in _TELLING.finditer(text))
    return tuple(dict.fromkeys(piece for piece in found if piece))


def without(text: str, phrase: str) -> str:
    """Return ``text`` with ``phrase`` cut out and the gap closed."""
    left = text.replace(phrase, " ")
    left = re.sub(r" +([.,;!?])", r"\1", _SPACES.sub(" ", left))
    return clean(re.sub(r"([.,;])(?:\s*[.,;])+", r"\1", left)).lstrip(".,; ")


def mentions_identity_card(text: str) -> bool:
    """Return whether a caption speaks of an identity paper."""
    return bool(_IDENTITY.search(fold(text)))
