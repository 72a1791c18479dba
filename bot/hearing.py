"""What a person's message means to the flows: a button, a number, a command, words, a form.

Buttons and plain typing mean the same. A tap carries an opaque token, the prompt's nonce and the
button's place in it; the choice behind it stands in the sealed row alone. Pure: keeps nothing.
"""

import re

from bot.flows.base import (
    Chose,
    Commanded,
    Edited,
    Filled,
    Heard,
    Lost,
    NotKept,
    Said,
    State,
)
from bot.flows.commands import COMMANDS
from bot.messages import Incoming
from bot.wording import Wording
from intake.drafts import KeptPhoto
from intake.text import fold

UNKNOWN = "?"  # the name of a command that there is not
SEND = "send"  # the form's field that asks to send without a second page
_NUMBER = re.compile(r"(\d{1,2})[.)]?")
_CODE_AFTER_WORD = re.compile(r"(\D+?)[\s:]+(\d[\d\s.\-–]+)")


def token(nonce: str, at: int) -> str:
    """Return the opaque token of one button."""
    return f"{nonce}-{at}"


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
    if nonce and nonce == state.nonce and at.isdecimal() and int(at) < len(state.offered):
        return Chose(state.offered[int(at)])
    return Lost(expired=is_new)


def _typed(incoming: Incoming, state: State, wording: Wording) -> Heard:
    text = incoming.text.strip()
    if text.startswith("/"):
        return _slashed(text, wording)
    return (
        _numbered(text, state)
        or _labelled(text, state, wording)
        or _worded(text, wording)
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
    key = wording.choice(state.language, state.offered, text)
    return Chose(key) if key else None


def _worded(text: str, wording: Wording) -> Commanded | None:
    """Read a bare command word, and "xem 1234 5678 …", which has a code behind it."""
    if name := wording.command(text):
        return Commanded(name, plain=True)
    found = _CODE_AFTER_WORD.fullmatch(text)
    if found and wording.command(found.group(1)) == "xem":
        return Commanded("xem", found.group(2), plain=True)
    return None
