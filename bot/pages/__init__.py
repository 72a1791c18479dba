"""The residents' pages: templates compiled once, their words in every language, and their styles.

Everything that can be done at start is done at start; a request only fills in values. Autoescape is
on for every template, an unknown name is an error, and nothing here knows who is reading.
"""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from bot.pages.rich import rich
from bot.wording import Template as Sentence

HERE = Path(__file__).parent
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Words(Protocol):
    """The part of the wording that pages use."""

    def say(self, language: str, key: str, values: Mapping[str, object]) -> str:
        """Return one sentence with its values filled in."""
        ...

    def label(self, language: str, key: str) -> str:
        """Return a button's label."""
        ...


def read_texts(language: str) -> dict[str, Any]:
    """Return the page-only words of one language."""
    return tomllib.loads((HERE / f"texts_{language}.toml").read_text(encoding="utf-8"))


LANGUAGE_NAMES = {
    code: read_texts(code)["page"]["language_name"]
    for code in sorted((path.stem[-2:] for path in HERE.glob("texts_*.toml")), reverse=True)
}
"""The languages that have page words, each under its own name."""


@cache
def _templates() -> dict[str, Template]:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
    )
    names = environment.list_templates(extensions=["html"])
    return {name: environment.get_template(name) for name in names}


def static_files() -> dict[str, tuple[bytes, str]]:
    """Return every style, script and picture of the pages: name to bytes and content type."""
    return {
        path.name: (path.read_bytes(), _TYPES[path.suffix])
        for path in sorted((HERE / "static").iterdir())
        if path.suffix in _TYPES
    }


class Pages:
    """Renders the residents' pages."""

    def __init__(
        self,
        wording: Words,
        languages: tuple[str, ...],
        facts: Callable[[], Mapping[str, object]],
        *,
        demo: bool,
    ) -> None:
        self.languages = tuple(code for code in languages if code in LANGUAGE_NAMES)
        self.texts = {code: read_texts(code) for code in self.languages}
        self._instead = {
            code: {key: Sentence(text) for key, text in texts["instead"].items()}
            for code, texts in self.texts.items()
        }
        self._wording = wording
        self._facts = facts
        self._frame = {"demo": demo, "names": LANGUAGE_NAMES, "languages": self.languages}
        self._templates = _templates()

    def language(self, wanted: str | None) -> str:
        """Return a language that we speak: the wanted one, or the first."""
        return wanted if wanted in self.languages else self.languages[0]

    def query(self, language: str) -> str:
        """Return what links carry so that a chosen language stays chosen without a cookie."""
        return "" if language == self.languages[0] else f"?lang={language}"

    def say(self, language: str, key: str, **values: object) -> Markup:
        """Return a wording sentence as HTML, put in the page's own words where it has some."""
        own = self.instead(language, key, values)
        text = self._wording.say(language, key, {**self._facts(), **values}) if own is None else own
        return rich(text)

    def instead(self, language: str, key: str, values: Mapping[str, object]) -> str | None:
        """Return what a page says for a sentence of the chat: its own words, "" for none at all."""
        sentence = self._instead[language].get(key)
        return None if sentence is None else sentence.fill({**self._facts(), **values})

    def render(
        self, name: str, language: str, *, switchable: bool = False, **values: object
    ) -> bytes:
        """Return one page. ``switchable`` pages link to themselves in the other languages."""

        def say(key: str, **more: object) -> Markup:
            return self.say(language, key, **more)

        text = self._templates[name].render(
            t=self.texts[language],
            language=language,
            query=self.query(language),
            switchable=switchable,
            say=say,
            **self._frame,
            **values,
        )
        return text.encode()
