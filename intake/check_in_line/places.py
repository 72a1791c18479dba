"""Where something was held, as far as the line names a hall and no person's house.

A known hall gets its usual name ("nvh" is "nhà văn hóa"); what follows as part of the name stays as
typed. Two halls in one line, or "nhà ông Hùng", give no place: it is asked on the card.
"""

from intake.check_in_line.lexicon import Span
from intake.check_in_line.line import Line

_MOST_WORDS = 4
_TAIL = ("unit_word.area", "unit_word.neighbourhood")


def read_place(line: Line) -> str | None:
    """Return the one place that the line names."""
    found: list[str] = []
    at = 0
    for span in line.spans:
        if span.start < at or line.is_taken(span.start):
            continue
        name, end = _hall(line, span)
        if name and name not in found:
            found.append(name)
        at = max(at, end)
    if not found:
        found = [name for span in line.where("say.at") if (name := _said_at(line, span))]
    return found[0] if len(found) == 1 else None


def hall_ends_at(line: Line, at: int) -> bool:
    """Return whether a hall is named just before this token ("NVH 45", "NVH số 3")."""
    span = line.before(at)
    return span is not None and any(tag.startswith("place.") for tag in span.tags)


def _hall(line: Line, span: Span) -> tuple[str | None, int]:
    name = _name_of(line, span)
    if name is None or _is_counted(line, span.start) or _is_spoken_of(line, span):
        return None, span.end
    end = span.end
    while (next_name := _next_hall(line, end)) is not None:
        name, end = f"{name} {next_name}", line.end(end)
    tail, end = _tail(line, end)
    return " ".join([name, *tail]), end


def _is_spoken_of(line: Line, span: Span) -> bool:
    """Return whether it is a body or a topic: "chủ tịch UBND", "góp ý về nhà văn hóa"."""
    if line.follows(span.start, "say.at"):
        return False
    before = line.tokens[span.start - 1].folded if span.start else ""
    return before in _ABOUT or not span.tags.isdisjoint(_BODIES)


_ABOUT = frozenset({"ve", "xay", "sua", "lam", "dung", "quy", "mua", "bau", "cua"})
_INITIALS = frozenset({"thcs", "thpt", "th"})  # of a school's kind
_BODIES = frozenset({"place.ủy ban", "place.khu dân cư", "place.trạm y tế", "place.chung cư"})


def _name_of(line: Line, span: Span) -> str | None:
    for tag in sorted(span.tags):
        if tag.startswith("place."):
            return tag[6:]
    if "weak.school_place" in span.tags and line.has(span.start, "weak.school_place"):
        words = (token.typed.lower() for token in line.tokens[span.start : span.end])
        return " ".join(word.upper() if word in _INITIALS else word for word in words)
    return None


def _next_hall(line: Line, at: int) -> str | None:
    for tag in sorted(line.tags(at)):
        if tag.startswith("place.") and not line.is_taken(at):
            return tag[6:]
    return None


def _is_counted(line: Line, at: int) -> bool:
    """Return whether it is counted, not visited: "45 nhà dân"."""
    counted = line.has(at, "count.households", "count.things")
    return counted and at > 0 and line.tokens[at - 1].number is not None


def _tail(line: Line, at: int) -> tuple[list[str], int]:
    """Return the rest of a hall's name: "tổ 5", "số 3", "thôn Đông", "phường"."""
    words: list[str] = []
    while at < len(line) and len(words) < _MOST_WORDS:
        token = line.tokens[at]
        if line.has(at, *_TAIL) and not line.has(at, "count.people"):
            end = _named_unit(line, at)
            if end is None:
                return words, at
            words.append(" ".join(t.typed for t in line.tokens[at:end]))
            at = end
        elif token.folded == "so" and at + 1 < len(line) and line.tokens[at + 1].number is not None:
            words.append(f"số {line.tokens[at + 1].number}")
            at += 2
        elif _is_proper(line, at) or (words and _goes_on(line, at)):
            words.append(token.typed)
            at += 1
        else:
            break
    return words, at


def _named_unit(line: Line, at: int) -> int | None:
    end = line.end(at)
    if line.has(at, "unit_word.area") and not _is_proper(line, end):
        return end
    if end < len(line) and (line.is_taken(end) or _is_proper(line, end)):
        is_unit = line.is_taken(at)
        return end + 1 if is_unit or _is_proper(line, end) else None
    return None


def _is_proper(line: Line, at: int) -> bool:
    if at >= len(line) or line.tags(at) or line.is_taken(at):
        return False
    typed = line.tokens[at].typed
    return typed[0].isupper() and not (len(typed) > 1 and typed.isupper())


def _goes_on(line: Line, at: int) -> bool:
    """Return whether a name goes on with a word that also counts something ("Kim Đồng")."""
    token = line.tokens[at]
    is_thing = line.has(at, "count.things", "nothing.phrase") and line.end(at) == at + 1
    is_after_name = line.tokens[at - 1].typed[0].isupper()
    return is_thing and is_after_name and token.typed[0].isupper() and not line.is_taken(at)


def _said_at(line: Line, span: Span) -> str | None:
    """Return what follows "tại" or "ở", up to the next thing that is read."""
    if line.tokens[span.start].folded == "o" and not line.tokens[span.start].has_marks:
        return None
    words: list[str] = []
    at = span.end
    while line.is_word(at) and not line.tags(at) and not line.is_taken(at):
        words.append(line.tokens[at].typed)
        at += 1
    return " ".join(words) if 0 < len(words) <= _MOST_WORDS else None
