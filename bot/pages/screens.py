"""Which page shows what the dialogue said: form, question, preview, receipt, news.

The dialogue decides what happens next; this module only finds the page that fits its words, and
carries what was typed from page to page, because no cookie remembers it. It never adds a sentence
that promises something.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import NamedTuple

from markupsafe import Markup

from bot.messages import Choice, Outgoing
from bot.pages import Pages
from bot.pages.rich import rich
from bot.policy import FORM_BODY
from intake.drafts import MAX_TEXT

TYPED = ("conflict", "place", "area", "what", "where", "when")
"""The form's own fields, named like the questions of the tip flow."""

_FORM_QUESTIONS = {
    "hoi_can_bo": "conflict",
    "hoi_viec_gi": "what",
    "ke_ngan": "what",
    "chon_phuong": "place",
    "hoi_o_dau": "where",
    "hoi_khi_nao": "when",
    "hoi_them": "what",
}
"""Questions of the form: when the dialogue asks one, the form comes again, pointing at it."""

_TAKES_WORDS = frozenset({
    "khong_thay_noi", "trung_ten", "gan_dung_noi", "lien_he", "hoi_trang_mang",
})  # fmt: skip
_BACK_TO_FORM = frozenset({"sua_lai"})  # answered by the page itself: the form, with what was typed
_EXPIRED = "het_phien"
_MARK = "\x00"
_PAD = 8_192  # bytes: pages that answer a code differ only in steps of this size


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


class Surroundings(NamedTuple):
    """What the form needs to know about the house: its communes, picture limit, names of areas."""

    communes: Sequence[str]
    most_photos: int
    label_of: Callable[[str], str]


class Screens:
    """Chooses and fills the page for each answer of the dialogue."""

    def __init__(self, pages: Pages, surroundings: Surroundings) -> None:
        self._pages = pages
        self.surroundings = surroundings
        self._receipts: dict[tuple[str, ...], list[str]] = {}

    # --- a tip -----------------------------------------------------------------------------------

    def tip(self, said: Sequence[Outgoing], draft: Draft) -> Shown:
        """Return the page for what the dialogue said about a tip."""
        keys = [message.key for message in said]
        if keys in ([], [_EXPIRED]):  # the token is spent: its tip is sent and its receipt gone
            return self._sent_before(draft.language)
        last = said[-1]
        if "bien_nhan" in keys:
            at = keys.index("bien_nhan")
            return self._receipt(said[at], draft, self._text(said[:at], draft))
        if last.key == "xem_lai":
            return self._review(said, draft)
        if last.key == "sua_gi":
            return self._edit(last, draft)
        if last.key in _FORM_QUESTIONS:
            notice = self._text(said[:-1], draft) or None
            return self.form(draft, notice, _FORM_QUESTIONS[last.key], asked=last)
        if not last.choices and last.key not in _TAKES_WORDS:
            heading = "done" if last.key.startswith("da_chep") else "stopped"
            return self.message(draft.language, heading, self._texts(said, draft))
        return self._prompt(said, draft)

    def form(
        self,
        draft: Draft,
        notice: Markup | None = None,
        wrong: str | None = None,
        *,
        asked: Outgoing | None = None,
        switchable: bool = False,
    ) -> Shown:
        """Return the form with what was typed; ``wrong`` is the field to look at first.

        ``asked`` is the question behind it: it knows how many pictures the draft holds.
        """
        if wrong and not notice:
            notice = rich(self._pages.texts[draft.language]["form"]["missing"][wrong])
        area_id = draft.value("area")
        page = self._pages.render(
            "form.html",
            draft.language,
            switchable=switchable,
            token=draft.token,
            typed={name: draft.value(name) for name in TYPED},
            notice=notice,
            wrong=wrong,
            photos=asked.data.get("so_anh", 0) if asked else 0,
            drop_photos=_dropping(asked) if asked else None,
            area_id=area_id,
            place_label=self.surroundings.label_of(area_id) if area_id else "",
            communes=self.surroundings.communes,
            most_text=MAX_TEXT,
            most_photos=self.surroundings.most_photos,
            most_mb=FORM_BODY >> 20,
        )
        return Shown(page)

    def dropped(self, draft: Draft) -> Shown:
        """Return the form with what was typed after its pictures were dropped."""
        texts = self._pages.texts[draft.language]["form"]
        return self.form(draft, rich(texts["photos_dropped"]))

    def _edit(self, message: Outgoing, draft: Draft) -> Shown:
        told = {name: str(message.data[name]) for name in TYPED if name in message.data}
        typed = {**draft.typed, **told}
        return self.form(Draft(draft.token, draft.language, typed), asked=message)

    def _review(self, said: Sequence[Outgoing], draft: Draft) -> Shown:
        data = said[-1].data
        photos = int(str(data.get("so_anh", 0)))
        page = self._pages.render(
            "review.html",
            draft.language,
            notice=self._text(said[:-1], draft),
            text=str(data["toan_van"]),
            unit=str(data["don_vi_nhan"]),
            above=str(data["don_vi_tren"]),
            photos=photos,
            room_for_photos=photos < self.surroundings.most_photos,
            most_mb=FORM_BODY >> 20,
            offered=said[-1].choices,
            token=draft.token,
            carried=_carried(draft),
        )
        return Shown(page)

    def _prompt(self, said: Sequence[Outgoing], draft: Draft) -> Shown:
        last = said[-1]
        page = self._pages.render(
            "prompt.html",
            draft.language,
            texts=self._texts(said, draft),
            wants_text=last.key in _TAKES_WORDS,
            offered=[c for c in last.choices if c.key not in _BACK_TO_FORM],
            token=draft.token,
            carried=_carried(draft),
        )
        return Shown(page)

    def _receipt(self, message: Outgoing, draft: Draft, notice: Markup) -> Shown:
        """Fill a kept page: only digits and tokens differ from one receipt to the next."""
        groups = [str(message.data[f"m{at}"]) for at in range(1, 7)]
        after = _after_code(message.text, groups)
        name = (draft.language, after, notice, *(choice.label for choice in message.choices))
        page = self._receipts.get(name)
        if page is None:
            page = self._receipts[name] = self._blank_receipt(
                draft.language, after, notice, message
            )
        values = [*groups, draft.token, *(choice.token for choice in message.choices)]
        return Shown("".join(chain.from_iterable(zip_longest(page, values, fillvalue=""))).encode())

    def _blank_receipt(
        self, language: str, after: str, notice: Markup, message: Outgoing
    ) -> list[str]:
        """Return the receipt in the pieces that stand between its values, in their order."""
        offered = [Choice(choice.key, choice.label, _MARK) for choice in message.choices]
        page = self._pages.render(
            "receipt.html",
            language,
            groups=[_MARK] * 6,
            text=rich(after),
            notice=notice,
            offered=offered,
            token=_MARK,
        )
        return page.decode().split(_MARK)

    # --- coming back -----------------------------------------------------------------------------

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
            return self.code(draft, self._text(said[:1], draft), 422)
        if last.key == "xem_tin" or _EXPIRED in keys:
            return self.code(draft, self.expired(draft.language) if draft.value("add") else None)
        if last.key == "da_thoat":
            return self.message(draft.language, "done", self._texts(said, draft))
        asked, added = last.key in {"lo_than", "lo_than_sua"}, last.key == "da_gui_them"
        texts = self._texts(said, draft)
        if added and len(said) > 1:
            texts.append(rich(self._pages.texts[draft.language]["news"]["but_pictures"]))
        page = self._pages.render(
            "news.html",
            draft.language,
            texts=texts,
            offered=last.choices if asked else [c for c in last.choices if c.key == "xong"],
            asked=asked,
            token=draft.token,
            typed="" if added else draft.value("add"),
            most_text=MAX_TEXT,
            most_photos=self.surroundings.most_photos,
            most_mb=FORM_BODY >> 20,
        )
        return Shown(page + b" " * (-len(page) % _PAD))

    def addition(self, draft: Draft, notice: Markup) -> Shown:
        """Return the page for an addition that could not be kept, with its words."""
        page = self._pages.render(
            "news.html",
            draft.language,
            texts=[notice],
            offered=(),
            asked=False,
            token=draft.token,
            typed=draft.value("add"),
            most_text=MAX_TEXT,
            most_photos=self.surroundings.most_photos,
            most_mb=FORM_BODY >> 20,
        )
        return Shown(page)

    # --- anything else ---------------------------------------------------------------------------

    def expired(self, language: str) -> Markup:
        """Return what is said above a page that was open for too long."""
        return rich(self._pages.texts[language]["prompt"]["expired"])

    def _sent_before(self, language: str) -> Shown:
        text = self._pages.texts[language]["instead"]["da_gui_roi"]
        return self.message(language, "sent", [rich(text)])

    def _texts(self, said: Sequence[Outgoing], draft: Draft) -> list[Markup]:
        """Return the sentences as HTML, those about commands put in the page's own words."""
        instead: Mapping[str, str] = self._pages.texts[draft.language]["instead"]
        words = (instead.get(message.key, message.text) for message in said)
        return [rich(text) for text in words if text]

    def _text(self, said: Sequence[Outgoing], draft: Draft) -> Markup:
        return Markup("").join(self._texts(said, draft))

    def message(
        self, language: str, heading: str, texts: Sequence[Markup], status: int = 200
    ) -> Shown:
        """Return a plain page: a heading, sentences, the way back."""
        return self._message(language, heading, texts, status)

    def try_again(self, draft: Draft, texts: Sequence[Markup], choice: str, path: str) -> Shown:
        """Return a plain page whose button does again what could not be done: token and choice."""
        again = {"path": path, "token": draft.token, "choice": choice}
        return self._message(draft.language, "busy", texts, 503, again)

    def _message(
        self,
        language: str,
        heading: str,
        texts: Sequence[Markup],
        status: int,
        again: Mapping[str, str] | None = None,
    ) -> Shown:
        t = self._pages.texts[language]["message"]
        acts = [{"href": f"/{self._pages.query(language)}", "label": t["back"]}]
        page = self._pages.render(
            "message.html", language, heading=t[heading], texts=texts, acts=acts, again=again
        )
        return Shown(page, status)


def is_expired(said: Sequence[Outgoing]) -> bool:
    """Return whether the draft was forgotten; a spent token is told by the same word alone."""
    return len(said) > 1 and said[0].key == _EXPIRED


def _dropping(asked: Outgoing) -> Choice | None:
    """Return the button that drops the draft's pictures, where a question offers it."""
    return next((choice for choice in asked.choices if choice.key == "bo_anh"), None)


def _carried(draft: Draft) -> dict[str, str]:
    return {name: value for name, value in draft.typed.items() if name in TYPED and value}


def _after_code(text: str, groups: Sequence[str]) -> str:
    """Return the receipt's sentences that follow the code; the page shows the code by itself."""
    return text.partition(groups[-1])[2].partition("\n")[2]
