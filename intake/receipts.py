"""Receipt codes: 22 random digits and two check digits (ISO 7064, mod 97-10).

Digits only, because a code is copied by hand, read out on the phone and typed on a keypad; 73 bits,
because it is all that stands between an answer and a guess. The check digits catch a slip of the
pen before any costly derivation. This module must never store, log or echo a code.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterator
from itertools import accumulate

from intake.errors import BadCode

DIGITS = 24
_RANDOM = 22
_GROUP = 4
_LONGEST_TYPED = 200  # nobody types more separators than this; anything longer is not a code
_SLIPS = 2  # digits too many or too few in what was still meant as a code
_RUN = re.compile(r"\d+(?:[\W_]{1,3}\d+)*")  # groups of digits that stand close together
_SEPARATORS = ("P", "S", "Z", "Cf")  # marks, signs, blanks, what is not seen; never a letter


def new_code() -> str:
    """Return a fresh code: 24 digits, ungrouped."""
    body = f"{secrets.randbelow(10**_RANDOM):0{_RANDOM}d}"
    return body + _check_digits(body)


def normalise(typed: str) -> str:
    """Return the 24 digits that were meant, whatever separators or digit forms were typed.

    Raises:
        BadCode: not 24 digits, check digits that do not fit, or anything but digits and separators.
    """
    code = _digits_alone(typed)
    if code is None or len(code) != DIGITS or not _is_code(code):
        raise BadCode
    return code


def is_like_code(text: str) -> bool:
    """Return whether a text is nothing but a code, be it one with a slip of the pen."""
    digits = _digits_alone(text)
    return digits is not None and abs(len(digits) - DIGITS) <= _SLIPS


def holds_code(text: str) -> bool:
    """Return whether a receipt code stands anywhere in a text: whoever reads it holds the key.

    It is looked for in whole groups of digits, so that a list of telephone numbers is none; where
    it stands alone it counts with a slip of the pen too.
    """
    if is_like_code(text):
        return True
    return any(_is_code(digits) for run in _RUN.findall(text) for digits in _in_whole_groups(run))


def grouped(code: str) -> str:
    """Return a code in groups of four, as people copy it."""
    return " ".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def _in_whole_groups(run: str) -> Iterator[str]:
    """Yield as many digits as a code has, wherever neighbouring groups make up so many."""
    groups = re.findall(r"\d+", run)
    for at in range(len(groups)):
        for digits in accumulate(groups[at : at + DIGITS]):
            if len(digits) >= DIGITS:
                if len(digits) == DIGITS:
                    yield digits
                break


def _is_code(digits: str) -> bool:
    code = "".join(map(_digit, digits))
    return code[_RANDOM:] == _check_digits(code[:_RANDOM])


def _digits_alone(text: str) -> str | None:
    """Return the digits of a text that holds nothing else but separators."""
    if len(text) > _LONGEST_TYPED:
        return None
    try:
        return "".join(map(_digit, text))
    except BadCode:
        return None


def _check_digits(body: str) -> str:
    return f"{98 - int(body) * 100 % 97:02d}"


def _digit(letter: str) -> str:
    """Return one typed character as an ASCII digit, or nothing for a separator."""
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    if letter.isspace() or unicodedata.category(letter).startswith(_SEPARATORS):
        return ""
    raise BadCode
