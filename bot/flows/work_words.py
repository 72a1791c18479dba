"""Kinds, days, numbers and duties as phrases of the wording: what cards are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from bot.flows.work_shapes import Phrase, Phrases, Tell, WorkDraft
from bot.flows.work_world import WorkWorld
from intake.ports import VIETNAM
from intake.work.check_in_shapes import CheckInView, Effect
from intake.work.obligations import Owed

KINDS = {
    "outreach": "viec.outreach",
    "listening_meeting": "viec.listening_meeting",
    "radio": "viec.radio",
    "school": "viec.school",
    "model": "viec.model",
    "pledge": "viec.pledge",
    "training": "viec.training",
    "registration": "viec.registration",
    "review": "viec.review",
    "party_report": "viec.party_report",
    "plan": "viec.plan",
    "hotline_board": "viec.hotline_board",
    "counselling_point": "viec.counselling_point",
    "business_meeting": "viec.business_meeting",
    "other": "viec.other",
}
"""Every kind that a leader may file; opening a tip box is the officers' alone."""

_WEEKDAYS = ("thu.hai", "thu.ba", "thu.tu", "thu.nam", "thu.sau", "thu.bay", "thu.chu_nhat")
_MOST_LINES = 3
_LONGEST_PIECE = 40


def tell(key: str, world: WorkWorld, *choices: str, **values: object) -> Tell:
    """Return one sentence that addresses the leader in the way that was chosen for them."""
    address = {"xh": world.address_as, "Xh": world.address_as.capitalize()}
    return Tell(key, address | values, choices)


def offer(
    key: str, world: WorkWorld, labels: Mapping[str, Phrase], *choices: str, **values: object
) -> Tell:
    """Return one sentence with buttons made of data, followed by others."""
    return replace(tell(key, world, *labels, *choices, **values), labels=labels)


def kind_of(kinds: Iterable[str]) -> Phrases:
    """Return one kind, or two joined by "và"."""
    known = tuple(Phrase(KINDS.get(kind, "viec.other")) for kind in kinds)
    return Phrases(known, " + ")


def day(value: date) -> Phrase:
    """Return a day with its weekday: a wrong one is seen at once."""
    return Phrase("ngay_du", {"thu": weekday(value), "ngay": short_day(value)})


def weekday(value: date) -> Phrase:
    """Return the weekday of a day."""
    return Phrase(_WEEKDAYS[value.weekday()])


def short_day(value: date) -> str:
    """Return a day as it is written."""
    return f"{value.day}/{value.month}/{value.year}"


def number_of(draft: WorkDraft | CheckInView) -> Phrases:
    """Return how many people and households came, or that nobody counted."""
    parts = tuple(
        Phrase(key, {"n": n})
        for key, n in (("so_nguoi", draft.people), ("so_ho", draft.households))
        if n is not None
    )
    return Phrases(parts or (Phrase("khong_ghi_so"),))


def period_of(effects: Iterable[Effect]) -> Phrases | None:
    """Return what filing does for each period, each once."""
    found: list[Phrase] = []
    for effect in effects:
        key = "ky_khoa" if effect.closed else "ky_du" if effect.met else "ky_duoc"
        phrase = Phrase(key, {"ky": effect.period_label, "x": effect.done, "y": effect.need})
        if phrase not in found:
            found.append(phrase)
    return Phrases(tuple(found)[:_MOST_LINES], "; ") if found else None


def owed_line(owed: Owed, longest: int = _LONGEST_PIECE) -> Phrase:
    """Return one thing owed, with the last good day."""
    last = owed.last_good_on
    values: dict[str, object] = {
        "viec": cut(owed.title, longest),
        "dem": f"{owed.done}/{owed.need}" if owed.need > 1 else None,
        "thu": weekday(last) if last else None,
        "ngay": f"{last.day}/{last.month}" if last else None,
    }
    return Phrase("dong_viec", values)


def short_owed(owed: Owed) -> Phrase:
    """Return one thing owed in a few words, for the end of a card."""
    last = owed.last_good_on
    when = f"{last.day}/{last.month}" if last is not None else None
    return Phrase("viec_han", {"viec": cut(owed.title, 26), "ngay": when})


def lines(parts: tuple[Phrase, ...]) -> Phrases:
    """Return at most three lines, and how many more there are."""
    shown = parts[:_MOST_LINES]
    rest = len(parts) - len(shown)
    more = (Phrase("va_viec_khac", {"n": rest}),) if rest else ()
    return Phrases((*shown, *more), "\n")


def few(parts: tuple[Phrase, ...]) -> Phrases | None:
    """Return the first, and how many more there are; None for none."""
    if not parts:
        return None
    rest = len(parts) - 1
    more = (Phrase("va_viec_khac", {"n": rest}),) if rest > 0 else ()
    return Phrases((parts[0], *more), " ")


def is_open(owed: Owed) -> bool:
    """Return whether somebody should still do this."""
    return owed.state == "open" and owed.exempt == "no" and owed.done < owed.need


def cut(text: str, longest: int = _LONGEST_PIECE) -> str:
    """Return a text that fits a small screen, cut after a word if one ends in the second half."""
    if len(text) <= longest:
        return text
    room = text[:longest]
    whole = room.rpartition(" ")[0]
    kept = whole if 2 * len(whole) >= longest else room[:-1]
    return f"{kept.rstrip(' ,;:')}…"


def local_day(moment: datetime) -> date:
    """Return the day of a moment in Vietnam."""
    return moment.astimezone(VIETNAM).date()
