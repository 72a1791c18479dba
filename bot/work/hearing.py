"""What a leader's message means: a tap, a number or label, a command, or plain words.

As ``bot.hearing`` does for residents, with its own words: no command here begins a tip. Pure.
"""

import hashlib
import re

from bot.flows.base import Chose, Commanded, Edited, Lost, Said
from bot.flows.enrol import PREFIX
from bot.flows.work_shapes import LASTING, Tell, WorkHeard, WorkState
from bot.messages import Incoming
from bot.wording import Wording
from intake.text import fold
from intake.work.leaders import tidy_code

_MOST_EARLIER = 8
_LONGEST_ANSWER = 60
_NUMBER = re.compile(r"(\d{1,2})[.)]?")
_NEARLY_A_CODE = re.compile(
    r"(?=.*\d)(?=.*[A-Za-z])[0-9A-Za-z–-]{8,18}|[0-9A-Za-z]{3,5}(?:[–-][0-9A-Za-z]{2,5}){2}"
)
"""After "moi": a code that was typed wrong. Other words are a tip's: "mới đây", "mỗi ngày 5 hộ"."""
_REST = re.compile(r"(?:tam )?(?:nghi|dung|ngung)(?: nhac)? (?:den|toi)(?: het)?(?: ngay)? (\S+)")
_NUMBERS_ARE_ANSWERS = frozenset({"number", "day", "opinions", "w_so", "w_ngay", "w_hoi_lai"})
"""Questions to which a bare number is itself an answer where buttons can be tapped."""
_OWN_WORDS = frozenset(
    {
        "place",
        "chair",
        "present",
        "topics",
        "note",
        "reason",
        "exempt?",
        "hinder?",
        "w_so",
        "w_hoi_lai",
        "w_thay",
    }
)
"""Questions that any words may answer: "huy" may be a name there."""


def mark(state: WorkState) -> str:
    """Return a short mark of what the buttons are about: equal marks, and they mean the same."""
    about = (state.draft, state.amends, state.options, state.invite)
    return hashlib.sha256(repr(about).encode()).hexdigest()[:16]


def offering(state: WorkState, tell: Tell, nonce: str) -> WorkState:
    """Return the state after a prompt with buttons was shown under a new nonce."""
    last = ((state.nonce, state.asked, state.offered),) if state.nonce else ()
    earlier = (*last, *state.earlier)[:_MOST_EARLIER]
    return state.but(offered=tell.choices, nonce=nonce, asked=mark(state), earlier=earlier)


def invite_code(incoming: Incoming) -> str | None:
    """Return the code of an invite that a message brings; "" for one that cannot be a code."""
    if incoming.choice is not None or incoming.edited or incoming.attachments:
        return None
    first, _, rest = incoming.text.strip().partition(" ")
    match fold(first):
        case "/start" if rest.strip().lower().startswith(PREFIX):
            return tidy_code(rest.strip()[len(PREFIX) :]) or ""
        case "/moi":
            return tidy_code(rest) or ""
        case "moi":
            return tidy_code(rest) or ("" if _NEARLY_A_CODE.fullmatch(rest) else None)
        case _:
            return None


def understand(
    incoming: Incoming, state: WorkState, wording: Wording, *, buttons: bool = True
) -> WorkHeard:
    """Return what was meant; without ``buttons`` a number always stands for one."""
    if incoming.choice is not None:
        return _tapped(incoming.choice, state)
    if incoming.edited:
        return Edited(incoming.text, incoming.message_id)
    text = incoming.text.strip()
    if text.startswith("/"):
        first, _, rest = text[1:].partition(" ")
        word = fold(first.partition("@")[0])
        return Commanded(wording.work_command(word) or "?", rest.strip()[:_LONGEST_ANSWER])
    if len(text) <= _LONGEST_ANSWER:
        chosen = _numbered(text, state, buttons=buttons) or wording.choice(
            state.language, state.offered, text
        )
        if chosen:
            return Chose(chosen)
        if state.step not in _OWN_WORDS and (until := _REST.fullmatch(fold(text))):
            return Commanded("nghi", until[1], plain=True)
        name = wording.work_command(text)
        if name and name != "thoi" and state.step not in _OWN_WORDS:
            return Commanded(name, plain=True)
    return Said(incoming.text, incoming.message_id)


def _tapped(tapped: str, state: WorkState) -> WorkHeard:
    nonce, _, at = tapped.rpartition("-")
    if nonce and at.startswith(LASTING):
        return Chose(at)
    prompts = ((state.nonce, state.asked, state.offered), *state.earlier)
    about = mark(state)
    for shown, asked, offered in prompts:
        if nonce == shown and asked == about and at.isdecimal() and int(at) < len(offered):
            return Chose(offered[int(at)])
    return Lost()


def _numbered(text: str, state: WorkState, *, buttons: bool) -> str | None:
    if buttons and state.step in _NUMBERS_ARE_ANSWERS:
        return None
    found = _NUMBER.fullmatch(text)
    at = int(found[1]) - 1 if found else -1
    return state.offered[at] if 0 <= at < len(state.offered) else None
