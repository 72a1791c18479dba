"""Numbers in words: "bốn mươi lăm", "sáu chục", "hai trăm linh năm".

Counts, days and months are told so. Without marks a word may be another one ("tam", "nam"), and two
digits in a row may be two numbers ("bốn năm"): what can be read in two ways is not sure.
"""

from typing import NamedTuple

from intake.check_in_line.line import Line


class Spelt(NamedTuple):
    """A number in words; ``value`` is None where words such as "vài chục" give no figure."""

    value: int | None
    end: int
    is_sure: bool


def _digit(line: Line, at: int) -> int | None:
    for tag in line.tags(at):
        if tag.startswith("digit."):
            return int(tag[6:])
    return None


def spelt(line: Line, at: int, *, one_word: bool = False) -> Spelt | None:
    """Read a number in words that starts here."""
    if at >= len(line) or line.is_taken(at):
        return None
    digit = _digit(line, at)
    if one_word:
        return Spelt(digit, at + 1, True) if digit else None
    if digit is not None and line.has(at + 1, "ten.hundred"):
        return _below_hundred(line, at + 2, digit * 100)
    if line.has(at, "ten.hundred"):
        tail = _tens(line, at + 1, 0)
        return Spelt(100, tail.end if tail else at + 1, False)
    return _tens(line, at, 0)


def _below_hundred(line: Line, at: int, hundreds: int) -> Spelt:
    if line.has(at, "ten.odd") and (digit := _digit(line, at + 1)):
        return Spelt(hundreds + digit, at + 2, True)
    tens = _tens(line, at, hundreds)
    if tens and (tens.value or 0) - hundreds >= 10:
        return tens
    return Spelt(hundreds, tens.end if tens else at, tens is None)


def _tens(line: Line, at: int, hundreds: int) -> Spelt | None:
    first, second = _digit(line, at), _digit(line, at + 1)
    if line.has(at, "ten.ten", "ten.tens") and first is None:
        is_ten = line.has(at, "ten.ten")
        if is_ten and second:
            return Spelt(hundreds + 10 + second, at + 2, _reads_one_way(line, at, at + 2))
        return Spelt(hundreds + 10, at + 1, is_ten and line.tokens[at].has_marks)
    if first is None:
        return None
    if line.has(at + 1, "ten.tens"):
        third = _digit(line, at + 2)
        end = at + 3 if third else at + 2
        sure = _reads_one_way(line, at, end)
        return Spelt(hundreds + first * 10 + (third or 0), end, sure)
    if second:
        is_pair = second == first + 1 and line.tokens[at + 1].folded not in _ONLY_LAST
        return Spelt(hundreds + first * 10 + second, at + 2, not is_pair and hundreds == 0)
    return Spelt(hundreds + first, at + 1, _reads_one_way(line, at, at + 1))


_ONLY_LAST = {"lam", "nham", "tu", "mot"}
_TWO_WAYS = {"tam", "nam", "muoi", "sau", "tu"}


def _reads_one_way(line: Line, start: int, end: int) -> bool:
    """Return whether the first word, typed without marks, can be no other word ("tam", "nam")."""
    first = line.tokens[start]
    if first.has_marks or first.folded not in _TWO_WAYS:
        return True
    return first.folded != "tam" and end - start > 1 and first.folded != "muoi"
