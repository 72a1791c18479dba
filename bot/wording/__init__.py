"""Every sentence that residents read, one TOML file per language; no sentence stands in the code.

``{value}`` is filled in. A clause between ‹ and › is left out when one of its values is missing, so
that a number the operator has not set is never promised. A value can never bring formatting, a
placeholder or a clause with it: it is put in as it is.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

from intake.errors import Misconfigured
from intake.text import fold

DEFAULT = "vi"
FOLDER = Path(__file__).parent
_PIECE = re.compile(r"\{(\w+)\}")
_CLAUSE = re.compile(r"‹([^‹›]*)›")
_TWO_STARS = re.compile(r"\*(?=\*)")


class NotWorded(Misconfigured):
    """A sentence or a value is missing: names the key, never a value."""

    code = "not_worded"


class Marked(str):
    """A value that was made of sentences of the wording: its bold marks are the wording's own."""

    __slots__ = ()


class Template:
    """One sentence, read once: clauses of literal text and names, some of them optional."""

    def __init__(self, text: str) -> None:
        self.clauses = tuple(_clauses(text))

    def names(self, *, needed_only: bool = False) -> frozenset[str]:
        """Return the names of the values, or of those without which nothing can be said."""
        chosen = (pieces for optional, pieces in self.clauses if not (optional and needed_only))
        return frozenset(name for pieces in chosen for name in pieces[1::2])

    def fill(self, values: Mapping[str, object]) -> str:
        """Return the sentence.

        Raises:
            KeyError: a value that is needed is missing.
        """
        return "".join(self._filled(values)).strip()

    def _filled(self, values: Mapping[str, object]) -> Iterator[str]:
        for optional, pieces in self.clauses:
            if optional and not all(values.get(name) for name in pieces[1::2]):
                continue
            for at, piece in enumerate(pieces):
                yield _plain(values[piece]) if at % 2 else piece


def _clauses(text: str) -> Iterator[tuple[bool, tuple[str, ...]]]:
    for at, clause in enumerate(_CLAUSE.split(text.strip())):
        if clause:
            yield bool(at % 2), tuple(_PIECE.split(clause))


def _plain(value: object) -> str:
    """Return a value as text whose asterisks mean nothing: something unseen stands between them."""
    if isinstance(value, Marked):
        return value
    return _TWO_STARS.sub("*\u2060", str(value))


@dataclass(frozen=True, slots=True)
class Language:
    """One language file."""

    name: str
    says: Mapping[str, Template]
    labels: Mapping[str, str]
    commands: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, tuple[str, ...]]
    things: Mapping[str, str]  # what a kind of attachment is called
    work_commands: Mapping[str, tuple[str, ...]]  # in a leader's chat


class Wording:
    """All languages together; Vietnamese is the one that must be complete."""

    def __init__(
        self, languages: Mapping[str, Language], promises: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._languages = languages
        self.promises = promises

    @classmethod
    @cache
    def load(cls, folder: Path = FOLDER) -> "Wording":
        """Read every language file of a folder.

        Raises:
            NotWorded: a file that cannot be read, or no Vietnamese.
        """
        languages: dict[str, Language] = {}
        promises: Mapping[str, tuple[str, ...]] = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                table = tomllib.loads(path.read_text("utf-8"))
                languages[path.stem] = _language(table)
            except (tomllib.TOMLDecodeError, KeyError):
                raise NotWorded(f"the language file {path.name} cannot be read") from None
            if path.stem == DEFAULT:
                promises = _lists(table.get("promises", {}))
        if DEFAULT not in languages:
            raise NotWorded(f"there is no {DEFAULT}.toml")
        return cls(languages, promises)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages, Vietnamese first."""
        return (DEFAULT, *(code for code in self._languages if code != DEFAULT))

    def language(self, code: str) -> Language:
        """Return one language; Vietnamese when there is no such file."""
        return self._languages.get(code) or self._languages[DEFAULT]

    def say(self, language: str, key: str, values: Mapping[str, object] | None = None) -> str:
        """Return one sentence.

        Raises:
            NotWorded: no such key, or a value without which it cannot be said.
        """
        template = self.language(language).says.get(key)
        if template is None:
            raise NotWorded(f"no sentence {key} in {language}")
        try:
            return template.fill(values or {})
        except KeyError as error:
            raise NotWorded(f"sentence {key} in {language} lacks {error.args[0]}") from None

    def label(self, language: str, key: str) -> str:
        """Return the label of a button.

        Raises:
            NotWorded: no such button.
        """
        label = self.language(language).labels.get(key)
        if label is None:
            raise NotWorded(f"no label {key} in {language}")
        return label

    def thing(self, language: str, kind: str) -> str:
        """Return what a kind of attachment is called."""
        things = self.language(language).things
        return things.get(kind, things["other"])

    def choice(self, language: str, offered: tuple[str, ...], typed: str) -> str | None:
        """Return the offered choice that a typed label or alias means, tone marks or not."""
        wanted = fold(typed)
        spoken = self.language(language)
        for key in offered:
            label = spoken.labels.get(key)
            if label and wanted in (fold(label), *spoken.aliases.get(key, ())):
                return key
        return None

    def command(self, typed: str) -> str | None:
        """Return the command that a bare word means, in whatever language it was typed."""
        return self._command_words.get(fold(typed))

    def work_command(self, typed: str) -> str | None:
        """Return the command that a word means in a leader's chat."""
        return self._work_words.get(fold(typed))

    @cached_property
    def _work_words(self) -> Mapping[str, str]:
        return {
            fold(word): name
            for language in self._languages.values()
            for name, words in language.work_commands.items()
            for word in words
        }

    @cached_property
    def _command_words(self) -> Mapping[str, str]:
        return {
            fold(word): name
            for language in self._languages.values()
            for name, words in language.commands.items()
            for word in words
        }


def _language(table: Mapping[str, Any]) -> Language:
    return Language(
        name=str(table["name"]),
        says={key: Template(text) for key, text in _flat(table["says"])},
        labels={key: str(label) for key, label in table["labels"].items()},
        commands=_lists(table["commands"]),
        aliases={k: tuple(map(fold, words)) for k, words in _lists(table["aliases"]).items()},
        things={key: str(name) for key, name in table["things"].items()},
        work_commands=_lists(table.get("work_commands", {})),
    )


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Return keys of nested tables joined by a dot: ``an_danh.telegram``."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(cast("dict[str, Any]", value), f"{before}{key}.")
        else:
            yield f"{before}{key}", str(value)


def _lists(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(map(str, words)) for key, words in table.items()}
