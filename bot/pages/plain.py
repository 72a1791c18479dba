"""Plain pages of a heading and a few sentences, and the sentences of every page as HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from markupsafe import Markup

from bot.messages import Outgoing
from bot.pages import Pages
from bot.pages.rich import rich

EXPIRED = "het_phien"


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """What a page carries: the token, the language, and the form's fields as typed."""

    token: str
    language: str
    typed: Mapping[str, str] = field(default_factory=dict[str, str])

    def value(self, name: str) -> str:
        """Return one field as typed, or an empty string."""
        return self.typed.get(name, "")


class Shown(NamedTuple):
    """A page and its status."""

    body: bytes
    status: int = 200


class PlainPages:
    """Says things, on a page of their own or for one of the others."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def expired(self, language: str) -> Markup:
        """Return what is said above a page that was open for too long."""
        return rich(self._pages.texts[language]["prompt"]["expired"])

    def sent_before(self, language: str) -> Shown:
        """Return the page for a token that is spent with its tip."""
        return self.message(language, "sent", [self._pages.say(language, "da_gui_roi")])

    def texts(self, said: Sequence[Outgoing], draft: Draft) -> list[Markup]:
        """Return the sentences as HTML, those of a chat put in the page's own words."""
        words = (self._in_own_words(message, draft.language) for message in said)
        return [rich(text) for text in words if text]

    def _in_own_words(self, message: Outgoing, language: str) -> str:
        own = self._pages.instead(language, message.key, message.data)
        return message.text if own is None else own

    def text(self, said: Sequence[Outgoing], draft: Draft) -> Markup:
        """Return the sentences as one piece of HTML."""
        return Markup("").join(self.texts(said, draft))

    def message(
        self,
        language: str,
        heading: str,
        texts: Sequence[Markup],
        status: int = 200,
        *,
        again: Mapping[str, str] | None = None,
    ) -> Shown:
        """Return a plain page: a heading, sentences, the way back, and a button for ``again``."""
        t = self._pages.texts[language]["message"]
        acts = [{"href": f"/{self._pages.query(language)}", "label": t["back"]}]
        page = self._pages.render(
            "message.html", language, heading=t[heading], texts=texts, acts=acts, again=again
        )
        return Shown(page, status)

    def try_again(self, draft: Draft, texts: Sequence[Markup], choice: str, path: str) -> Shown:
        """Return a plain page whose button does again what could not be done: token and choice."""
        again = {"path": path, "token": draft.token, "choice": choice}
        return self.message(draft.language, "busy", texts, 503, again=again)


def is_expired(said: Sequence[Outgoing]) -> bool:
    """Return whether the draft was forgotten; a spent token is told by the same word alone."""
    return len(said) > 1 and said[0].key == EXPIRED
