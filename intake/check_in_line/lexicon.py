"""The words of ``words.toml`` and how they are met in a line: with marks, without, or misspelt.

A word typed with marks must be the very word ("tôi qua" is not "tối qua"), wherever the tone sits
("hoà", "hòa"). A word typed without marks is every word that folds to it, and carries the meanings
of all of them: whoever judges must see that "toi" is "tối" and "tới".
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from intake.check_in_line.tokens import Token, tokens_of

WORDS = Path(__file__).with_name("words.toml")
FORGIVING = 8
"""A phrase of two words and this many letters is met in spite of a wrong mark."""

SHORT = 3
"""In a line with marks a word of so few letters is not read as another that bears one."""

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_OFTEN_MISSPELT = (
    "tuyên truyền", "lắng nghe", "nhà văn hóa", "hội trường", "phát thanh", "truyền thanh",
    "tập huấn", "ký cam kết", "họp lắng nghe",
)  # fmt: skip


class Span(NamedTuple):
    """A phrase met in a line: tokens ``start`` to ``end`` (left out), and what it can mean."""

    start: int
    end: int
    tags: frozenset[str]


class _Phrase(NamedTuple):
    folded: tuple[str, ...]
    marked: tuple[tuple[str, str], ...]
    tags: frozenset[str]
    forgiving: bool


class Lexicon:
    """Phrases of some groups of ``words.toml``; a tag is ``group.key``."""

    def __init__(self, groups: Iterable[str]) -> None:
        self._by_first: dict[str, list[_Phrase]] = {}
        self._misspelt: dict[str, frozenset[str]] = {}
        tags = _tags_by_phrase(groups)
        for phrase, its_tags in tags.items():
            made = _phrase(phrase, frozenset(its_tags))
            self._by_first.setdefault(made.folded[0], []).append(made)
        for phrases in self._by_first.values():
            phrases.sort(key=lambda phrase: -len(phrase.folded))
        for phrase in _OFTEN_MISSPELT:
            for written in _one_letter_less("".join(_phrase(phrase, frozenset()).folded)):
                self._misspelt[written] = frozenset(tags.get(phrase, ("kind.listening_meeting",)))
        self._starts = frozenset(written[0] for written in self._misspelt)

    def first_words(self, *tags: str) -> frozenset[str]:
        """Return the folded words with which a phrase of one of these meanings starts."""
        return frozenset(
            first
            for first, phrases in self._by_first.items()
            if any(not phrase.tags.isdisjoint(tags) for phrase in phrases)
        )

    def spans(self, tokens: Sequence[Token]) -> list[Span]:
        """Return the phrases in the line from left to right, the longest at each place."""
        found: list[Span] = []
        strict = _is_marked_throughout(tokens)
        folded = tuple(token.folded for token in tokens)
        at = 0
        while at < len(tokens):
            span = self._at(tokens, folded, at, strict=strict)
            if span is None or (span.end == at + 1 and len(tokens[at].folded) <= 4):
                span = self._misspelt_at(tokens, at, 1 if span is None else 2) or span
            if span:
                found.append(span)
            at = span.end if span else at + 1
        return found

    def _at(
        self, tokens: Sequence[Token], folded: tuple[str, ...], at: int, *, strict: bool
    ) -> Span | None:
        best: list[_Phrase] = []
        for phrase in self._by_first.get(folded[at], ()):
            length = len(phrase.folded)
            if best and length < len(best[0].folded):
                break
            if folded[at : at + length] == phrase.folded and _is_here(
                phrase, tokens, at, strict=strict
            ):
                best.append(phrase)
        if not best:
            return None
        end = at + len(best[0].folded)
        exact = [phrase for phrase in best if _is_exact(phrase, tokens[at:end])]
        return Span(at, end, frozenset[str]().union(*(p.tags for p in exact or best)))

    def _misspelt_at(self, tokens: Sequence[Token], at: int, shortest: int) -> Span | None:
        for length in range(3, shortest - 1, -1):
            words = [token.folded for token in tokens[at : at + length]]
            written = "".join(words)
            if len(words) < length or not 7 <= len(written) <= 14 or not written.isalpha():
                continue
            if written[0] not in self._starts:
                continue
            for variant in _one_letter_less(written):
                if variant in self._misspelt:
                    return Span(at, at + length, self._misspelt[variant])
        return None


def _tags_by_phrase(groups: Iterable[str]) -> dict[str, list[str]]:
    words = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    tags: dict[str, list[str]] = {}
    for group in groups:
        for key, phrases in words[group].items():
            for phrase in phrases:
                tags.setdefault(phrase, []).append(f"{group}.{key}")
    return tags


def _phrase(written: str, tags: frozenset[str]) -> _Phrase:
    tokens = tokens_of(written)
    folded = tuple(token.folded for token in tokens)
    forgiving = len(folded) > 1 and sum(map(len, folded)) >= FORGIVING
    return _Phrase(folded, tuple(canonical(t.raw) for t in tokens), tags, forgiving)


def _is_marked_throughout(tokens: Sequence[Token]) -> bool:
    """Return whether the writer uses marks: most words bear one."""
    words = [token for token in tokens if token.is_word and len(token.raw) > 1]
    return 2 * sum(token.has_marks for token in words) > len(words)


def _is_here(phrase: _Phrase, tokens: Sequence[Token], at: int, *, strict: bool) -> bool:
    if phrase.forgiving:
        return True
    if strict and len(phrase.folded) == 1 and len(phrase.folded[0]) <= SHORT:
        return canonical(tokens[at].raw) == phrase.marked[0]
    return all(
        not tokens[at + step].has_marks or canonical(tokens[at + step].raw) == marked
        for step, marked in enumerate(phrase.marked)
    )


def _is_exact(phrase: _Phrase, tokens: Sequence[Token]) -> bool:
    """Return whether the words bear marks, and just those of the phrase."""
    return any(token.has_marks for token in tokens) and all(
        canonical(token.raw) == marked for token, marked in zip(tokens, phrase.marked, strict=True)
    )


def canonical(raw: str) -> tuple[str, str]:
    """Return the letters of a word and its tones apart: "hoà" and "hòa" are the same."""
    taken_apart = unicodedata.normalize("NFD", raw)
    letters = "".join(char for char in taken_apart if char not in _TONES)
    return letters, "".join(char for char in taken_apart if char in _TONES)


def _one_letter_less(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
