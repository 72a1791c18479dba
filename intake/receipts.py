"""Receipt codes: 22 random digits and two check digits (ISO 7064, mod 97-10).

Digits only, because a code is copied by hand, read out on the phone and typed on a keypad; 73 bits,
because it is all that stands between an answer and a guess. The check digits catch a slip of the
pen before any costly derivation. This module must never store, log or echo a code.
"""

import secrets
import unicodedata

from intake.errors import BadCode

DIGITS = 24
_RANDOM = 22
_GROUP = 4
_LONGEST_TYPED = 200  # nobody types more separators than this; anything longer is not a code
_SEPARATORS = frozenset(".·•_\u2212\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")


def new_code() -> str:
    """Return a fresh code: 24 digits, ungrouped."""
    body = f"{secrets.randbelow(10**_RANDOM):0{_RANDOM}d}"
    return body + _check_digits(body)


def normalise(typed: str) -> str:
    """Return the 24 digits that were meant, whatever separators or digit forms were typed.

    Raises:
        BadCode: not 24 digits, check digits that do not fit, or anything but digits and separators.
    """
    if len(typed) > _LONGEST_TYPED:
        raise BadCode
    code = "".join(_digit(letter) for letter in typed)
    if len(code) != DIGITS or code[_RANDOM:] != _check_digits(code[:_RANDOM]):
        raise BadCode
    return code


def grouped(code: str) -> str:
    """Return a code in groups of four, as people copy it."""
    return " ".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def _check_digits(body: str) -> str:
    return f"{98 - int(body) * 100 % 97:02d}"


def _digit(letter: str) -> str:
    """Return one typed character as an ASCII digit, or nothing for a separator."""
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    if letter.isspace() or letter in _SEPARATORS or unicodedata.category(letter) == "Pd":
        return ""
    raise BadCode
