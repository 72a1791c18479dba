"""Which kind of activity a line reports, and whether it reports one at all.

"Họp tổ" alone is no kind: it may have been one duty or another. A plan for tomorrow, a question, a
postponed meeting and a "chưa" are no activity either.
"""

from dataclasses import dataclass

from intake.check_in_line.lexicon import Span
from intake.check_in_line.line import Line

KINDS = (
    "outreach", "listening_meeting", "radio", "school", "model", "pledge", "training",
    "registration", "review", "party_report", "plan", "hotline_board", "counselling_point",
    "business_meeting", "other",
)  # fmt: skip
_KIND_TAGS = tuple(f"kind.{kind}" for kind in KINDS)
_UNCLEAR = ("unclear_kind.meeting", "unclear_kind.event", "unclear_kind.summing_up")
_DEEDS = (*_KIND_TAGS, *_UNCLEAR, "activity.do")
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a line says about the kind."""

    certain: tuple[str, ...] = ()
    """The kinds named; two of them are asked."""
    choice: tuple[str, ...] = ()
    """Kinds between which the words leave the choice."""
    is_unclear: bool = False
    is_meeting: bool = False
    was_not_held: bool = False
    """Everything named was not done."""
    is_partly_denied: bool = False

    @property
    def is_named(self) -> bool:
        """Return whether the line speaks of an activity at all."""
        return bool(self.certain or self.choice or self.is_unclear)


def read_kinds(line: Line) -> Kinds:
    """Return the kinds of the line, without those that are denied."""
    deeds = [span for span in line.spans if _is_deed(line, span)]
    denied = [span for span in deeds if _is_denied(line, span)]
    held = [span for span in deeds if span not in denied]
    named = [span for span in held if not span.tags.isdisjoint(_KIND_TAGS)]
    unclear = [span for span in held if not span.tags.isdisjoint(_UNCLEAR)]
    if not named and denied:
        return Kinds(was_not_held=True)
    certain = _names(named)
    if "hotline_board" not in certain and line.any("weak.put") and line.any("weak.hotline"):
        certain = (*certain, "hotline_board")  # "treo ở nhà văn hóa số đường dây nóng"
    if not certain and line.any("weak.report") and line.any("weak.party"):
        certain = ("party_report",)  # "báo cáo tháng 11 gửi đảng ủy"
    if not certain and line.any("weak.business") and _is_meeting(unclear):
        certain = ("business_meeting",)  # "họp với 12 doanh nghiệp"
    choice = _choice(line, certain, named)
    if _is_two_meetings(line, named, unclear):
        certain, choice = (*certain, "listening_meeting"), ()
    return Kinds(
        certain=() if choice else _without_topics(line, tuple(dict.fromkeys(certain))),
        choice=choice,
        is_unclear=(bool(unclear) and not certain) or _sums_up(unclear, certain),
        is_meeting=_is_meeting(unclear),
        is_partly_denied=bool(denied) and bool(named),
    )


def _is_meeting(unclear: list[Span]) -> bool:
    return any("unclear_kind.meeting" in span.tags for span in unclear)


def _is_deed(line: Line, span: Span) -> bool:
    if span.tags.isdisjoint(_DEEDS) or line.is_taken(span.start):
        return False
    return not _is_thi_tran(line, span)


def _is_thi_tran(line: Line, span: Span) -> bool:
    """Return whether "TT" is a "thị trấn" or a "trung tâm": it stands where a place stands."""
    return line.tokens[span.start].folded == "tt" and line.follows(span.start, "say.at")


def _is_denied(line: Line, deed: Span) -> bool:
    for at in range(max(0, deed.start - _NEAR), deed.start):
        if line.has(at, "say.not") and line.end(at) <= deed.start and not _is_glued(line, at):
            between = range(line.end(at), deed.start)
            return not any(line.is_sign(step, ",;.") for step in between)
    for at in range(deed.end, min(deed.end + _NEAR, len(line))):
        if line.is_sign(at, ",;."):
            return False
        if line.has(at, "say.not") and line.has(line.end(at), "say.able"):
            return not line.any("count.people", "count.households")
    return False


def _is_glued(line: Line, at: int) -> bool:
    """Return whether it is the "k" of "50k"."""
    return at > 0 and line.tokens[at].is_glued and line.tokens[at - 1].number is not None


def _names(spans: list[Span]) -> tuple[str, ...]:
    named = (tag[5:] for span in spans for tag in sorted(span.tags) if tag.startswith("kind."))
    return tuple(dict.fromkeys(named))


def _choice(line: Line, certain: tuple[str, ...], spans: list[Span]) -> tuple[str, ...]:
    """Return the kinds to choose from: an outreach over the loudspeaker, or held at a school."""
    if set(certain) == {"outreach", "radio"}:
        first = spans[0].tags
        return () if "kind.radio" in first else ("radio", "outreach")
    at_school = line.any("weak.school_place") and not line.any("weak.pupils")
    if certain == ("outreach",) and at_school:
        return ("school", "outreach")
    if not certain and line.any("weak.school_place") and line.any("weak.pupils"):
        return ("school", "outreach")
    return ()


def _without_topics(line: Line, certain: tuple[str, ...]) -> tuple[str, ...]:
    """Return the kinds without "tuyên truyền" where it only says what the hour was about."""
    kinds = set(certain)
    if kinds == {"outreach", "radio"}:
        return ("radio",)
    if kinds == {"outreach", "school"} or (kinds == {"outreach"} and line.any("weak.pupils")):
        return ("school",)
    return certain


def _is_two_meetings(line: Line, named: list[Span], unclear: list[Span]) -> bool:
    """Return whether "họp" and a kind are joined: "tuyên truyền và họp tổ"."""
    starts = {span.start for span in unclear if "unclear_kind.meeting" in span.tags}
    for span in named:
        if "kind.listening_meeting" in span.tags:
            return False
        if line.has(span.end, "join.and") and line.end(span.end) in starts:
            return True
    ends = {line.end(span.end) for span in unclear if line.has(span.end, "join.and")}
    return any(span.start in ends for span in named)


def _sums_up(unclear: list[Span], certain: tuple[str, ...]) -> bool:
    return bool(certain) and any("unclear_kind.summing_up" in span.tags for span in unclear)


# --- what makes a line no report ------------------------------------------------------------------

_ASKING = {
    "bao gio", "khi nao", "may gio", "the nao", "lam sao", "cho hoi", "ha", "nhi", "phai khong",
    "duoc khong", "ntn", "bua nao", "hom nao", "sao roi", "ngay nao", "nhu nao", "bao nhieu",
    "con thieu", "may buoi", "dung khong", "la sao",
}  # fmt: skip
_LAST_WORDS = {"khong", "ko", "k", "hok", "hong", "chua", "ha", "nhi", "khg", "hem", "ta"}


def asks_something(line: Line) -> bool:
    """Return whether the line is a question for sure."""
    words = [at for at in range(len(line)) if line.is_word(at)]
    if not words or line.is_sign(len(line) - 1, "?"):
        return bool(words)
    last = line.tokens[words[-1]]
    polite = {"a", "em", "anh", "chi", "bac", "vay", "the", "nhe", "co", "chu", "hen", "ban"}
    while last.folded in polite and len(words) > 1:
        words.pop()
        last = line.tokens[words[-1]]
    if last.folded in _LAST_WORDS and not (last.folded == "ta" and last.has_marks):
        return True
    spans = line.where("say.question")
    return any(_folded(line, span) in _ASKING for span in spans)


def may_ask(line: Line) -> bool:
    """Return whether a word of a question stands in the line ("gì", "ai", "sao")."""
    return line.any("say.question")


def _folded(line: Line, span: Span) -> str:
    return " ".join(token.folded for token in line.tokens[span.start : span.end])


def is_planned(line: Line) -> bool:
    """Return whether a word such as "sẽ" or "dự kiến" stands before the activity."""
    for span in line.where("say.plan"):
        for at in range(span.end, min(span.end + _NEAR + 1, len(line))):
            if line.has(at, *_DEEDS):
                return True
    return False
