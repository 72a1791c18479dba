"""Turns what a flow says into messages: sentences filled in, buttons or numbers, cut to length.

A long text is cut between paragraphs, lines, sentences or words, never inside a number or a code
and never between a letter and its mark. Pure: no channel is called and nothing is kept here.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.flows.base import Say
from bot.hearing import token
from bot.messages import NOTHING, Choice, Outgoing
from bot.wording import Wording

TRIAL = "dau_ban_thu"
# Best places first: after a paragraph, a line, a sentence, a word that is not followed by a digit.
_CUTS = (r"\n\n", r"\n", r"(?<=[.!?…])[ ]", r"(?<!\d) | (?!\d)")
_BOLD = "**"
_ASTRAL = 0xFFFF


@dataclass(frozen=True, slots=True)
class Voice:
    """How one channel is spoken to."""

    language: str
    buttons: bool
    max_text: int | None  # None: a page, which is never cut
    trial: bool


def render(
    says: Sequence[Say],
    wording: Wording,
    facts: Mapping[str, object],
    voice: Voice,
    nonce: str,
) -> tuple[Outgoing, ...]:
    """Return the messages; buttons carry tokens made from ``nonce``."""
    return tuple(
        message for say in says for message in _messages(say, wording, facts, voice, nonce)
    )


def _messages(
    say: Say, wording: Wording, facts: Mapping[str, object], voice: Voice, nonce: str
) -> Iterator[Outgoing]:
    if say.values.get("don_vi_tren") == "":
        named = {"don_vi_tren": wording.say(voice.language, "co_quan_giam_sat")}
        say = replace(say, values={**say.values, **named})
    values = {**facts, **say.values}
    if "loai" in say.values:
        values["loai"] = wording.thing(voice.language, str(say.values["loai"]))
    text = wording.say(voice.language, say.key, values)
    choices = _choices(say, wording, voice.language, nonce)
    if choices and not voice.buttons:
        text = f"{text}\n{numbered(choices)}"
    pieces = [text]
    if voice.max_text is not None:
        head = wording.say(voice.language, TRIAL) + "\n" if voice.trial else ""
        pieces = [head + piece for piece in split(text, voice.max_text - len(head))]
    if not say.private:  # thousands may wait for their turn: let equal sentences be one
        pieces = list(map(sys.intern, pieces))
    yield from (Outgoing(say.key, piece, private=say.private) for piece in pieces[:-1])
    shown = choices if voice.buttons else ()
    yield Outgoing(say.key, pieces[-1], shown, say.private, dict(say.values) or NOTHING)


def _choices(say: Say, wording: Wording, language: str, nonce: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(key, say.labels.get(key) or wording.label(language, key), token(nonce, at, key))
        for at, key in enumerate(say.choices)
    )


def numbered(choices: Sequence[Choice]) -> str:
    """Return buttons as lines to answer with a number."""
    return "\n".join(f"{at}. {choice.label}" for at, choice in enumerate(choices, start=1))


def split(text: str, limit: int) -> list[str]:
    """Return ``text`` in pieces of at most ``limit`` UTF-16 units, each with its bold closed."""
    pieces: list[str] = []
    while _units(text) > limit:
        piece, text = _cut(text, limit)
        if piece.count(_BOLD) % 2:
            piece, text = piece + _BOLD, _BOLD + text
        pieces.append(piece)
    return [*pieces, text]


def _units(text: str) -> int:
    """Return the length as platforms count it: signs beyond the basic plane count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, limit: int) -> tuple[str, str]:
    room = text[: _fitting(text, limit - len(_BOLD))]
    for pattern in _CUTS:
        last = max((m.start() for m in re.finditer(pattern, room) if m.start()), default=0)
        if last > len(room) // 4 or (last and pattern is _CUTS[-1]):
            return text[:last].rstrip(), text[last:].lstrip()
    at = _between_letters(text, len(room))
    return text[:at], text[at:]


def _fitting(text: str, limit: int) -> int:
    """Return how many characters fit into ``limit`` units."""
    units = 0
    for at, char in enumerate(text):
        units += 2 if ord(char) > _ASTRAL else 1
        if units > limit:
            return at
    return len(text)


def _between_letters(text: str, end: int) -> int:
    """Return the last place up to ``end`` that parts no number, no emoji, no letter and mark."""
    start = max(0, end - 200)
    window = text[start : end + 1]
    places = (start + at for at, pair in enumerate(pairwise(window), start=1) if _may_part(*pair))
    return max(places, default=end) or end


def _may_part(before: str, after: str) -> bool:
    joined = "\u200d" in (before, after) or unicodedata.combining(after) or after == "\ufe0f"
    return not joined and not (before.isdigit() and after.isdigit())
