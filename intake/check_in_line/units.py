"""Which neighbourhood a line speaks of ("tổ 5", "tổ 5, 6", "tổ 5 hay 6"), and where it was held.

Never a person's house: of "nhà ông Hùng" no place is made.
"""

from dataclasses import dataclass, field
from itertools import takewhile

from intake.check_in_line.line import Line

UNIT, SEVERAL = "unit_word.neighbourhood", "unit_word.several"
COUNTED = ("count.people", "count.households", "count.unclear", "count.sessions")


@dataclass(slots=True)
class Units:
    """The neighbourhoods named in a line, each once, as typed."""

    names: list[str] = field(default_factory=list[str])
    either_or: bool = False
    is_several: bool = False
    """Two or more without their names: "hai tổ", "tổ bên"."""


def read_units(line: Line) -> Units:
    """Take the neighbourhoods and their numbers."""
    found = Units()
    for span in line.spans:
        if line.is_taken(span.start) or not span.tags & {UNIT, SEVERAL}:
            continue
        found.is_several |= SEVERAL in span.tags or _is_counted(line, span.start)
        _read_one(line, span.start, found)
    return found


def _is_counted(line: Line, at: int) -> bool:
    """Return whether a number of units stands here: "2 tổ"; not the month of "12/11 tổ"."""
    number = line.number(at - 1) if at else None
    if number is None or not 2 <= number <= 12 or line.is_sign(at - 2, "/.-:"):
        return False
    if line.follows(at - 1, "date_word.day", "date_word.month", "numbered.noun", UNIT):
        return False
    if _name(line, line.end(at)) is not None:
        return False
    line.take(at - 1, at)
    return True


def _read_one(line: Line, at: int, found: Units) -> None:
    word_at, name_at = at, line.end(at)
    name = _name(line, name_at)
    while name is not None:
        end = name_at + _length(line, name_at, name)
        line.take(at, end)
        if name not in found.names:
            found.names.append(name)
        at = _within(line, word_at, end)
        name_at, is_or = _after_join(line, at)
        name = _name(line, name_at, is_list=True) if name_at > at else None
        found.either_or |= is_or and name is not None


def _within(line: Line, word_at: int, at: int) -> int:
    """Pass over what holds the unit: "tổ 3 khu phố 5" is one."""
    after = at + 1 if line.is_sign(at, ",") else at
    other = line.has(after, UNIT) and line.tokens[after].folded[0] != line.tokens[word_at].folded[0]
    name = _name(line, line.end(after)) if other else None
    if name is None:
        return at
    end = line.end(after) + _length(line, line.end(after), name)
    line.take(after, end)
    return end


def _name(line: Line, at: int, *, is_list: bool = False) -> str | None:
    number = line.number(at)
    if number is not None:
        if number > 199 or _starts_a_date(line, at):
            return None
        return f"{number}{line.tokens[at + 1].typed}" if _has_letter(line, at) else str(number)
    if at >= len(line) or (is_list and not line.follows(at, UNIT)):
        return None
    if not is_list and not line.tags(at).isdisjoint(_NUMBER_WORDS):
        return _spelt(line, at)
    steps = takewhile(lambda step: _is_proper(line, step), range(at, min(at + 3, len(line))))
    return " ".join(line.tokens[step].typed for step in steps) or None


_NUMBER_WORDS = frozenset({*(f"digit.{digit}" for digit in range(1, 10)), "ten.ten"})


def _length(line: Line, at: int, name: str) -> int:
    return 2 if _has_letter(line, at) else len(name.split())


def _has_letter(line: Line, at: int) -> bool:
    """Return whether the number bears a letter: "5A"."""
    if at + 1 >= len(line) or line.number(at) is None:
        return False
    letter = line.tokens[at + 1]
    return letter.is_glued and letter.folded in {"a", "b", "c", "d"}


def _is_proper(line: Line, at: int) -> bool:
    typed = line.tokens[at].typed
    if line.tags(at) & {"date_word.day", "count.people", "say.at"} or line.is_taken(at):
        return False
    if len(typed) == 1:
        return typed.isupper()
    is_free = line.tags(at).isdisjoint(_MEANT) and not line.is_taken(at)
    return is_free and typed[0].isupper() and not typed.isupper()


_MEANT = frozenset({"kind.outreach", "kind.listening_meeting", "kind.radio", "unclear_kind.meeting",
                    "unclear_kind.event", "unit_word.area", "nothing.phrase"})  # fmt: skip


def _spelt(line: Line, at: int) -> str | None:
    """Return the number of "tổ năm"; nothing where a noun follows ("tổ năm người")."""
    if line.tags(at + 1):
        return None
    digits = sorted(tag[6:] for tag in line.tags(at) if tag.startswith("digit."))
    return digits[0] if digits else None


def _starts_a_date(line: Line, at: int) -> bool:
    """Return whether the number is the day of "12/11" or "12 tháng 11", or counts something."""
    first, second = line.number(at), line.number(at + 2)
    if first is not None and second is not None and line.is_sign(at + 1, "/.-"):
        if not line.is_sign(at + 1, "-"):
            return True
        return first > second or line.is_sign(at + 3, "/.")
    if line.has(at + 1, "date_word.month", "date_word.hour"):
        return True
    return line.has(at + 1, *COUNTED) and not line.has(at + 1, UNIT)


def _after_join(line: Line, at: int) -> tuple[int, bool]:
    """Return where the next name of a list may stand, and whether "hay" joins it."""
    is_or = line.has(at, "join.or")
    if line.has(at, "join.and", "join.or", "join.to") or line.is_sign(at, ",;-/"):
        after = line.end(at)
        return (line.end(after) if line.has(after, UNIT) else after), is_or
    return (line.end(at) if line.has(at, UNIT) else at), is_or
