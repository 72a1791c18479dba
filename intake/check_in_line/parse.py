"""One line of free Vietnamese to a check-in, a question, or neither.

Tokens → readings (unit, day, number, kind, place) → judgement. The rule of the judgement: a field
that is missing is null; a field that the words leave open is null **and** asked. Nothing is guessed
and nothing is filed from here: the card asks for a confirmation all the same.

It must never raise, whatever is typed, and never repeat a line that looks like a tip.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Literal

from intake.check_in_line.accusations import accuses, names_people
from intake.check_in_line.day_words import read_days
from intake.check_in_line.days import Settled, settle
from intake.check_in_line.kinds import (
    KINDS,
    Kinds,
    asks_something,
    is_planned,
    may_ask,
    read_kinds,
)
from intake.check_in_line.lexicon import Lexicon
from intake.check_in_line.line import Line
from intake.check_in_line.numbers import Numbers, read_numbers, take_times
from intake.check_in_line.places import hall_ends_at, read_place
from intake.check_in_line.tokens import cleaned, tokens_of
from intake.check_in_line.units import Units, read_units

Outcome = Literal["parsed", "asks", "not_a_check_in", "tip_like"]
ASKS = (
    "kind", "two_kinds", "date", "future_date", "number", "people_or_households", "unit",
    "two_units", "other",
)  # fmt: skip
LONGEST = 1_000
"""Nobody reports one activity in more characters; a longer text is asked about as a whole."""

_WORDS = (
    "kind", "unclear_kind", "activity", "place", "weak", "count", "amount", "digit", "ten",
    "numbered", "unit_word", "join", "day", "vague", "date_word", "week", "say", "nothing",
)  # fmt: skip
_USUAL = ("outreach", "listening_meeting", "other")


@dataclass(frozen=True, slots=True)
class ReadLine:
    """What was read in one line. A field is null where it is missing or where it is asked."""

    outcome: Outcome
    kind: str | None = None
    done_on: date | None = None
    place: str | None = None
    people: int | None = None
    households: int | None = None
    asks: tuple[str, ...] = ()
    candidates: Mapping[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])
    """What to offer for each ask; an ask without an entry has nothing to offer."""
    unit: str | None = None
    """The neighbourhood, as typed, if the line names just one."""


@dataclass(slots=True)
class _Readings:
    line: Line
    units: Units
    days: Settled
    numbers: Numbers
    kinds: Kinds
    place: str | None
    has_written_day: bool
    """A day in figures, not only "hôm qua"."""

    @property
    def counts_somebody(self) -> bool:
        """Return whether the line says how many came, clearly or not."""
        found = self.numbers
        return bool(found.people or found.households or found.is_unclear)

    @property
    def names_a_day(self) -> bool:
        return self.days.day is not None or self.days.ask is not None


@cache
def _lexicon() -> Lexicon:
    """Return the words; read when the first line comes, for most processes read none."""
    return Lexicon(_WORDS)


def read_line(text: str, on: date) -> ReadLine:
    """Read one line as it was typed on a day."""
    tidy = cleaned(text[: 10 * LONGEST])
    tokens = tokens_of(tidy)
    if accuses(tidy, tokens):
        return ReadLine("tip_like")
    found = _readings(Line(tokens[:LONGEST], _lexicon()), on)
    if not _is_report(found):
        return ReadLine("not_a_check_in")
    if len(tidy) > LONGEST or names_people(tidy):
        return ReadLine("asks", asks=("other",))
    return _judge(found)


def says_not_held(text: str) -> bool:
    """Return whether a line says that an activity did not take place ("không tổ chức được")."""
    line = Line(tokens_of(cleaned(text[:LONGEST])), _lexicon())
    return read_kinds(line).was_not_held and not asks_something(line)


def _readings(line: Line, on: date) -> _Readings:
    kinds = read_kinds(line)
    planned = is_planned(line)
    take_times(line)
    units = read_units(line)
    days = read_days(line, on)
    days.is_ahead |= planned
    numbers = read_numbers(line)
    written = any(line.tokens[at].number is not None for at in days.starts)
    return _Readings(line, units, settle(days), numbers, kinds, read_place(line), written)


# --- is it a report at all ------------------------------------------------------------------------


def _is_report(found: _Readings) -> bool:
    line, kinds = found.line, found.kinds
    if kinds.was_not_held or line.any("say.box"):
        return False
    if not found.counts_somebody and (asks_something(line) or line.any("say.off")):
        return False
    if kinds.certain or kinds.choice:
        return found.names_a_day or found.counts_somebody or not _is_chat(line)
    if kinds.is_unclear:
        is_short = len(line) <= 4 and kinds.is_meeting
        return found.names_a_day or found.counts_somebody or is_short
    if found.has_written_day and found.counts_somebody:
        return True
    if found.place is None:
        return found.names_a_day and found.counts_somebody and line.unread_words() <= 1
    return found.counts_somebody or (
        found.names_a_day and (bool(found.numbers.bare) or len(line) <= 12)
    )


def _is_chat(line: Line) -> bool:
    return line.any("say.thanks", "say.question", "say.notice", "say.mistake")


# --- judgement ------------------------------------------------------------------------------------


def _judge(found: _Readings) -> ReadLine:
    asks: dict[str, tuple[Any, ...]] = {}
    kind = _judge_kind(found.kinds, asks)
    if found.days.ask:
        asks[found.days.ask] = found.days.offered
    people, households = _judge_numbers(found, asks)
    units = found.units.names
    if len(units) > 1:
        asks["unit" if found.units.either_or else "two_units"] = tuple(units)
    elif found.units.is_several:
        asks["two_units"] = ()
    if _is_doubtful(found):
        asks["other"] = ()
    ordered = tuple(ask for ask in ASKS if ask in asks)
    return ReadLine(
        outcome="asks" if ordered else "parsed",
        kind=kind,
        done_on=found.days.day if not {"date", "future_date"} & asks.keys() else None,
        place=found.place,
        people=people,
        households=households,
        asks=ordered,
        candidates={ask: offered for ask, offered in asks.items() if offered},
        unit=units[0] if len(units) == 1 else None,
    )


def _judge_kind(kinds: Kinds, asks: dict[str, tuple[Any, ...]]) -> str | None:
    if len(kinds.certain) > 1:
        asks["two_kinds"] = tuple(kind for kind in KINDS if kind in kinds.certain)
    elif kinds.choice or kinds.is_unclear or kinds.is_partly_denied or not kinds.certain:
        asks["kind"] = kinds.choice or tuple(dict.fromkeys((*kinds.certain, *_USUAL)))
    else:
        return kinds.certain[0]
    return None


def _judge_numbers(
    found: _Readings, asks: dict[str, tuple[Any, ...]]
) -> tuple[int | None, int | None]:
    numbers = found.numbers
    people, households = set(numbers.people), set(numbers.households)
    bare = _bare(found, is_counted=bool(people or households))
    several = len(people) > 1 or len(households) > 1 or len(bare) > 1
    if numbers.is_unclear or several or ((people or households) and bare):
        offered = [*numbers.offered, *numbers.people, *numbers.households, *bare]
        asks["number"] = tuple(dict.fromkeys(offered))
    elif (people and households) or bare:
        asks["people_or_households"] = tuple(dict.fromkeys([*people, *households, *bare]))
        if bare and not found.names_a_day and bare[0] <= 31:
            asks["date"] = ()
    else:
        return next(iter(people), None), next(iter(households), None)
    return None, None


def _bare(found: _Readings, *, is_counted: bool) -> list[int]:
    """Return the unexplained numbers; beside "45 người" the 3 of "NVH 3" is a name."""
    numbers = found.numbers
    if not is_counted:
        return numbers.bare
    return [
        number
        for at, number in zip(numbers.bare_ats, numbers.bare, strict=True)
        if not hall_ends_at(found.line, at) and not 1990 <= number < 2100  # "Luật PCMT 2021"
    ]


def _is_doubtful(found: _Readings) -> bool:
    """Return whether the line may be no report: a question, a notice, a correction."""
    line = found.line
    if found.numbers.has_sessions or line.any("say.mistake"):
        return True
    is_bare_kind = not (found.names_a_day or found.counts_somebody or found.numbers.bare)
    if is_bare_kind and found.place is None and line.unread_words() > 1:
        return True
    if asks_something(line) or line.any("say.off", "say.notice"):
        return True
    if not found.counts_somebody and line.has_anywhere("day.later_today"):
        return True
    return not found.counts_somebody and (may_ask(line) or line.any("say.thanks"))
