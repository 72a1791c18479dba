"""What a person's message means to the flows: a button, a number, a command, words, a form.

Buttons and plain typing mean the same. A tap carries an opaque token, the prompt's nonce and the
button's place in it; the choice behind it stands in the sealed row alone. Pure: keeps nothing.
"""

import hashlib
import re
import unicodedata

from bot.flows import tip
from bot.flows.base import (
    Chose,
    Commanded,
    Edited,
    Filled,
    Heard,
    Lost,
    NotKept,
    Said,
    Say,
    State,
)
from bot.flows.commands import COMMANDS
from bot.flows.help import MENU
from bot.flows.work_shapes import LASTING
from bot.messages import Incoming
from bot.wording import Wording
from intake.drafts import KeptPhoto
from intake.text import fold

UNKNOWN = "?"  # the name of a command that there is not
_MOST_EARLIER = 8
SEND = "send"  # the form's field that asks to send without a second page
_LONGEST_ANSWER = 80  # characters; every button, command and code is shorter
_NUMBER = re.compile(r"(\d{1,2})[.)]?")
_CODE_AFTER_WORD = re.compile(r"(\D+?)[\s:]+(\d(?:\d|\W|_)+)")


def token(nonce: str, at: int, key: str = "") -> str:
    """Return the token of one button: opaque, but the welcome's and a receipt's work for ever."""
    return f"{nonce}-{key if key in MENU or key.startswith(LASTING) else at}"


def mark(state: State, say: Say) -> str:
    """Return a short mark of what a prompt asks, about which draft: equal marks mean the same."""
    draft = state.draft.model_dump_json()
    asked = (state.flow, state.step, draft, state.code, state.unsure, say.key, say.choices)
    told = (sorted(say.values.items()), sorted(say.labels.items()))
    return hashlib.sha256(repr((asked, told)).encode()).hexdigest()[:16]


def offering(state: State, say: Say, nonce: str) -> State:
    """Return the state after a prompt with buttons was shown under a new nonce."""
    state = closing(state)
    return state.but(offered=say.choices, nonce=nonce, asked=mark(state, say))


def closing(state: State) -> State:
    """Return the state when the last prompt's buttons are no longer what is asked."""
    last = ((state.nonce, state.asked),) if state.nonce else ()
    earlier = (*last, *state.earlier)[:_MOST_EARLIER]
    return state.but(offered=(), nonce="", asked="", earlier=earlier)


def understand(
    incoming: Incoming,
    state: State,
    wording: Wording,
    *,
    is_new: bool = False,
    is_form: bool = False,
) -> Heard:
    """Return what was meant.

    ``is_new`` when no dialogue was open; ``is_form`` on a page, where words are never commands.
    """
    if incoming.choice is not None:
        return _tapped(incoming.choice, state, is_new=is_new)
    if incoming.edited:
        return Edited(incoming.text, incoming.message_id)
    if incoming.answers:
        return as_form(incoming)
    if is_form:
        return Said(incoming.text, incoming.message_id)
    return _typed(incoming, state, wording)


def as_form(
    incoming: Incoming, photos: tuple[KeptPhoto, ...] = (), refused: tuple[NotKept, ...] = ()
) -> Filled:
    """Return a posted form with its pictures, those kept and those not."""
    send = bool(incoming.answers.get(SEND))
    return Filled(dict(incoming.answers), photos, refused, send=send)


def _tapped(tapped: str, state: State, *, is_new: bool) -> Heard:
    nonce, _, at = tapped.rpartition("-")
    if nonce and at in MENU:
        return Chose(at)
    if _is_current(nonce, state) and at.isdecimal() and int(at) < len(state.offered):
        return Chose(state.offered[int(at)])
    return Lost(expired=is_new)


def _is_current(nonce: str, state: State) -> bool:
    """Return whether a prompt asked exactly what is being asked now."""
    return bool(nonce and state.nonce) and (
        nonce == state.nonce or (nonce, state.asked) in state.earlier
    )


def _typed(incoming: Incoming, state: State, wording: Wording) -> Heard:
    text = incoming.text.strip()
    if text.startswith("/"):
        return _slashed(text, wording)
    if len(text) > _LONGEST_ANSWER:
        return Said(incoming.text, incoming.message_id)
    return (
        _numbered(text, state)
        or _labelled(text, state, wording)
        or _worded(incoming, text, state, wording)
        or Said(incoming.text, incoming.message_id)
    )


def _slashed(text: str, wording: Wording) -> Commanded:
    first, _, argument = text[1:].partition(" ")
    word = fold(first.partition("@")[0])
    name = word if word in COMMANDS else wording.command(word)
    return Commanded(name or UNKNOWN, argument.strip() if name else "")


def _numbered(text: str, state: State) -> Chose | None:
    found = _NUMBER.fullmatch(text)
    at = int(found.group(1)) - 1 if found else -1
    return Chose(state.offered[at]) if 0 <= at < len(state.offered) else None


def _labelled(text: str, state: State, wording: Wording) -> Chose | None:
    if state.unsure and wording.command(text):
        return None  # the doubtful word again: it says no more than it did
    key = wording.choice(state.language, state.offered, text)
    return Chose(key) if key else None


def _worded(incoming: Incoming, text: str, state: State, wording: Wording) -> Commanded | None:
    """Read a bare command word, and "xem 1234 5678 …", which has a code behind it."""
    if _may_be_yes(text, state):
        return None
    if name := wording.command(text):
        return Commanded(name, plain=True, said=Said(incoming.text, incoming.message_id))
    found = _CODE_AFTER_WORD.fullmatch(text)
    if found and wording.command(found.group(1)) == "xem":
        return Commanded("xem", found.group(2), plain=True)
    return None


def _may_be_yes(text: str, state: State) -> bool:
    """Return whether "dung" answers a question: "đúng" is no command to stop."""
    word = unicodedata.normalize("NFC", text).casefold()
    in_answer = state.flow != "start" and not tip.has_content(state)
    return word == "đúng" or (word == "dung" and in_answer)
