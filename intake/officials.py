"""Whether a text speaks of police, officials or neighbourhood leaders.

Pure, and no judgement: to speak of them is not to accuse them. Who wrote the text is asked whether
it is about them, and that answer alone decides who receives it (``texts-vi.md`` 19).
"""

import re

# Written on text with marks kept, because folded "cổng trường bán" is "trưởng bản" and "công ăn"
# is "công an". Marks may be left out wherever that makes no everyday word; a false alarm costs one
# tap.
_OFFICIALS = re.compile(
    r"\b(?:"
    + "|".join(
        [
            r"c[ôo]ng an(?! viec lam)",
            r"(?-i:CA) (?:ph[ưu][ờo]ng|x[ãa]|t[ỉi]nh|huy[ệe]n|qu[ậa]n)",
            r"c[ảa]nh s[áa]t",
            r"csgt|cskv|ubnd",
            r"c[áa]n b[ộo]",
            r"d[âa]n ph[òo]ng|dân quân",
            r"t[ổo] tr[ưu][ởơo]ng|tổ phó",
            r"tr[ưu][ởơo]ng (?:th[ôo]n|[ấa]p|x[óo]m|khu ph[ốo])",
            r"trưởng (?:bản|buôn|làng|khu|ban)",
            r"phó (?:thôn|ấp|xóm|bản|buôn|làng|khu|ban)",
            r"ch[ủu] t[ịi]ch",
            r"b[íi] th[ưu](?! gi[ữu]| h[ồo]i)",
            r"[ủu][ỷy] ban",
            r"l[ãa]nh [đd][ạa]o",
            r"ch[íi]nh quy[ềe]n",
            r"police(?:m[ae]n)?|officers?|officials?|chairm[ae]n",
            r"(?:village|hamlet|neighbou?rhood) (?:chief|head|leader)s?",
        ]
    )
    + r")\b",
    re.IGNORECASE,
)


def speaks_of_officials(text: str) -> bool:
    """Return whether a cleaned text names police, officials or leaders, marks left out or not."""
    return bool(_OFFICIALS.search(text))
