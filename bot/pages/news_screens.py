"""The pages of whoever comes back: the code, what there is under it, and what is added.

Pages that answer a code differ only in steps of ``_PAD`` bytes, so that their length tells nothing.
"""

from collections.abc import Sequence

from markupsafe import Markup

from bot.messages import Choice, Outgoing
from bot.pages import Pages
from bot.pages.plain import EXPIRED, Draft, PlainPages, Shown
from bot.pages.rich import rich
from bot.policy import FORM_BODY
from intake.drafts import MAX_TEXT

_PAD = 8_192


class NewsScreens:
    """Chooses and fills the page for each answer about a code."""

    def __init__(self, pages: Pages, plain: PlainPages, most_photos: int) -> None:
        self._pages = pages
        self._plain = plain
        self._most_photos = most_photos

    def code(self, draft: Draft, notice: Markup | None = None, status: int = 200) -> Shown:
        """Return the page that asks for a code; a typed code is never put back into it."""
        page = self._pages.render(
            "code.html",
            draft.language,
            switchable=not draft.value("add"),
            token=draft.token,
            notice=notice,
            add=draft.value("add"),
        )
        return Shown(page, status)

    def news(self, said: Sequence[Outgoing], draft: Draft) -> Shown:
        """Return the page for what the dialogue said about a code, padded."""
        if not said:
            return self.code(draft)
        keys = {message.key for message in said}
        last = said[-1]
        if "ma_chep_nham" in keys:
            return self.code(draft, self._plain.text(said[:1], draft), 422)
        if last.key == "xem_tin" or EXPIRED in keys:
            if draft.value("add"):
                return self.code(draft, self._plain.expired(draft.language))
            asked = said[-1:] if last.key == "xem_tin" else ()  # nothing was typed
            return self.code(draft, self._plain.text(asked, draft) or None)
        if last.key == "da_thoat":
            return self._plain.message(draft.language, "done", self._plain.texts(said, draft))
        asked, added = last.key in {"lo_than", "lo_than_sua", "gap"}, last.key == "da_gui_them"
        texts = self._plain.texts(said, draft)
        if added and len(said) > 1:
            texts.append(rich(self._pages.texts[draft.language]["news"]["but_pictures"]))
        offered = last.choices if asked else [c for c in last.choices if c.key == "xong"]
        page = self._news(draft, texts, offered, asked=asked, typed=not added)
        return Shown(page + b" " * (-len(page) % _PAD))

    def addition(self, draft: Draft, notice: Markup) -> Shown:
        """Return the page for an addition that could not be kept, with its words."""
        return Shown(self._news(draft, [notice], ()))

    def _news(
        self,
        draft: Draft,
        texts: Sequence[Markup],
        offered: Sequence[Choice],
        *,
        asked: bool = False,
        typed: bool = True,
    ) -> bytes:
        return self._pages.render(
            "news.html",
            draft.language,
            texts=texts,
            offered=offered,
            asked=asked,
            token=draft.token,
            typed=draft.value("add") if typed else "",
            most_text=MAX_TEXT,
            most_photos=self._most_photos,
            most_mb=FORM_BODY >> 20,
        )
