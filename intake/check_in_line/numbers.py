"""How many came: "45 người", "52 hộ", "bốn mươi lăm người", "khoảng 50-60", a bare 45.

A number counts people or households only where a noun beside it says so. What is more or less
("hơn 40"), a range, a share ("40/45 hộ") or an amount without a figure ("gần trăm") is asked.
"""

from dataclasses import dataclass, field

from intake.check_in_line.line import Line
from intake.check_in_line.number_words import spelt

MOST = 20_000
"""A number above this is a slip of the finger or no attendance."""

PEOPLE, HOUSEHOLDS = "count.people", "count.households"
_NONE: frozenset[str] = frozenset()
_NOT_THOSE_WHO_CAME = ("count.things", "count.apart", "count.sessions")


@dataclass(slots=True)
class Numbers:
    """What a line says about how many."""

    people: list[int] = field(default_factory=list[int])
    households: list[int] = field(default_factory=list[int])
    bare: list[int] = field(default_factory=list[int])
    """Numbers beside which nothing says what they count."""
    bare_ats: list[int] = field(default_factory=list[int])
    """Where each of ``bare`` stands."""
    offered: list[int] = field(default_factory=list[int])
    is_unclear: bool = False
    has_sessions: bool = False

    def add_bare(self, at: int, values: list[int]) -> None:
        """Add numbers that nothing explains."""
        self.bare += values
        self.bare_ats += [at] * len(values)

    def unclear(self, *offered: int | None) -> None:
        """Note that the words give no single number."""
        self.is_unclear = True
        self.offered += [number for number in offered if number]


# --- reading --------------------------------------------------------------------------------------


def take_times(line: Line) -> None:
    """Take "19h30", "7 giờ tối", "8:30", "8-10h", so that an hour never counts people."""
    for at in range(len(line)):
        hour = line.number(at)
        if hour is not None and hour <= 24:
            line.take(at, _time_ends_at(line, at))


def _time_ends_at(line: Line, at: int) -> int:
    """Return where the time that starts here ends; ``at`` where none does."""
    if line.has(at + 1, "date_word.hour"):
        end = line.end(at + 1)
        minute = line.number(end)
        return end + (minute is not None and minute < 60 and _is_minute(line, end))
    if line.has(at + 1, "amount.more") and line.has(at + 2, "date_word.day"):
        return at + 2  # "7 rưỡi tối"
    if line.number(at + 2) is None:
        return at
    if line.is_sign(at + 1, ":") and line.tokens[at + 1].is_glued and line.tokens[at + 2].is_glued:
        has_seconds = line.is_sign(at + 3, ":") and line.number(at + 4) is not None
        return at + 5 if has_seconds else at + 3
    is_range = line.is_sign(at + 1, "-") or line.has(at + 1, "join.to")
    return line.end(at + 3) if is_range and line.has(at + 3, "date_word.hour") else at


def _is_minute(line: Line, at: int) -> bool:
    """Return whether the 30 of "19h30" or "8 giờ 30" stands here, and not "8 giờ 30 người"."""
    if line.tokens[at].is_glued:
        return True
    in_full = line.tokens[at - 1].folded == "gio"
    return in_full and not line.has(at + 1, *_ANY_COUNT) and not line.is_sign(at + 1, "/-.")


def read_numbers(line: Line) -> Numbers:
    """Take every number that is left."""
    found = Numbers()
    at = 0
    while at < len(line):
        end = None if line.is_taken(at) else _read_at(line, at, found)
        at = end or at + 1
    _read_vague(line, found)
    return found


def _read_at(line: Line, at: int, found: Numbers) -> int | None:
    value = line.number(at)
    if value is None:
        if line.tokens[at].folded.isdigit() and len(line.tokens[at].folded) > 9:
            return at + 1
        return _read_spelt(line, at, found)
    value, end = _thousands(line, at, value)
    end, others = _range(line, end)
    is_share = bool(others) and line.is_sign(at + 1, "/")
    sure = not others and not is_share
    line.take(at, end)
    _count(line, at, end, [value, *others], found, sure=sure)
    return end


def _thousands(line: Line, at: int, value: int) -> tuple[int, int]:
    """Join "1.200"."""
    tail = line.tokens[at + 2] if at + 2 < len(line) else None
    if line.is_sign(at + 1, ".,") and tail and tail.is_glued and len(tail.folded) == 3:
        thousands = line.number(at + 2)
        if thousands is not None and line.tokens[at + 1].is_glued:
            return value * 1000 + thousands, at + 3
    return value, at + 1


def _range(line: Line, at: int) -> tuple[int, list[int]]:
    """Read the rest of "50-60", "50 đến 60", "40/45"."""
    if line.is_sign(at, "-/~") or line.has(at, "join.to", "join.or"):
        after = line.end(at)
        number = line.number(after)
        if number is not None:
            return after + 1, [number]
    return at, []


def _read_spelt(line: Line, at: int, found: Numbers) -> int | None:
    read = spelt(line, at)
    if read is None or not line.has(
        read.end, *_ANY_COUNT, "ten.tens", "ten.hundred", "amount.more"
    ):
        if read is None or not line.follows(at, "amount.about", "amount.around"):
            return None
        if (read.value or 0) < 10:
            return None
    end = read.end
    sure = read.is_sure and not line.has(end, "ten.tens", "ten.hundred")
    _count(line, at, end, [read.value or 0], found, sure=sure)
    line.take(at, end)
    return end


_ANY_COUNT = (PEOPLE, HOUSEHOLDS, "count.unclear", "count.things", "count.apart", "count.sessions")


def _count(line: Line, at: int, end: int, values: list[int], found: Numbers, *, sure: bool) -> None:
    """Add what was read to what it counts."""
    if line.has(end, "amount.more") and not line.has(end, PEOPLE):
        end, sure = line.end(end), False
    noun = (line.tags(end) or _noun_before(line, at)) - _unsure_things(line, end)
    counts = noun & {PEOPLE, HOUSEHOLDS}
    apart = not noun.isdisjoint(_NOT_THOSE_WHO_CAME) and not counts
    if apart or _is_part(line, at):
        if _is_split(line):
            found.unclear(*values)
        found.has_sessions |= "count.sessions" in noun and max(values) > 1
        return
    if not counts and not noun & {"count.unclear"}:
        if not line.follows(at, "numbered.noun"):
            _add_bare(line, at, values, found, sure=sure)
        return
    sure = sure and not line.follows(at, "amount.around", "amount.each", "amount.some")
    sure = sure and not line.has(line.end(end), "amount.more") and 0 < values[0] <= MOST
    if not sure:
        found.unclear(*values)
    elif len(counts) != 1:
        found.add_bare(at, values)
    else:
        (found.people if PEOPLE in counts else found.households).extend(values)


def _unsure_things(line: Line, at: int) -> frozenset[str]:
    """Return the meanings to leave out: "45 nam" may be "năm" and "nam", "45 to" "tờ" and "tổ"."""
    is_short = at < len(line) and line.tokens[at].folded in {"nam", "so", "ca", "to", "vu", "cho"}
    return frozenset(_NOT_THOSE_WHO_CAME) if is_short and not line.tokens[at].has_marks else _NONE


def _is_split(line: Line) -> bool:
    """Return whether women and men are counted apart: "nữ 20, nam 25"."""
    words = {token.raw for token in line.tokens}
    return "nam" in words and bool(words & {"nữ", "nu"})


def _add_bare(line: Line, at: int, values: list[int], found: Numbers, *, sure: bool) -> None:
    is_around = line.follows(at, "amount.around")
    if (len(values) > 1 or not sure or is_around) and (line.follows(at, *_AMOUNTS) or not sure):
        found.unclear(*values)
    else:
        found.add_bare(at, values)


_AMOUNTS = ("amount.about", "amount.around", "amount.each", "amount.some")


def _noun_before(line: Line, at: int) -> frozenset[str]:
    """Return what "số người: 45" counts."""
    before = at
    while before and (line.is_sign(before - 1, ":=") or line.tokens[before - 1].folded == "la"):
        before -= 1
    span = line.before(before)
    while span and span.tags & {"say.done"} and not span.tags & {PEOPLE}:
        span = line.before(span.start)
    if span is None or not span.tags & {PEOPLE, HOUSEHOLDS}:
        return frozenset()
    lead = line.tokens[span.start - 1].folded if span.start else ""
    return span.tags if lead in {"so", "luong"} or before < at else frozenset()


def _is_part(line: Line, at: int) -> bool:
    """Return whether the number is only a part of those who came, or of those who did not."""
    start = at
    while start and line.follows(start, *_AMOUNTS):
        span = line.before(start)
        start = span.start if span else 0
    return line.follows(start, "amount.part")


def _read_vague(line: Line, found: Numbers) -> None:
    """Note "vài chục người", "đông đủ bà con", "45 người mỗi buổi"."""
    if line.any("amount.each") and (found.people or found.households):
        found.unclear()
    for span in line.where("amount.some"):
        after = span.end
        is_ten = line.has(after, "ten.tens", "ten.hundred")
        noun_at = line.end(after) if is_ten else after
        if line.has(noun_at, PEOPLE, HOUSEHOLDS) and not line.is_taken(after):
            found.unclear()
