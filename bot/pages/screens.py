"""Which page shows what the dialogue said about a tip: form, question, preview, receipt.

The dialogue decides what happens next; this module only finds the page that fits its words, and
carries what was typed from page to page, because no cookie remembers it. It never adds a sentence
that promises something.
"""

from collections.abc import Callable, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

from markupsafe import Markup

from bot.messages import Choice, Outgoing
from bot.pages import Pages
from bot.pages.plain import EXPIRED, Draft, PlainPages, Shown
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
_MARK = "\x00"


class Surroundings(NamedTuple):
    """What the form needs to know about the house: its communes, picture limit, names of areas."""

    communes: Sequence[str]
    most_photos: int
    label_of: Callable[[str], str]


class Screens:
    """Chooses and fills the page for each answer of the dialogue."""

    def __init__(self, pages: Pages, plain: PlainPages, surroundings: Surroundings) -> None:
        self._pages = pages
        self._plain = plain
        self.surroundings = surroundings
        self._receipts: dict[tuple[str, ...], list[str]] = {}

    def tip(self, said: Sequence[Outgoing], draft: Draft) -> Shown:
        """Return the page for what the dialogue said about a tip."""
        keys = [message.key for message in said]
        if keys in ([], [EXPIRED]):  # the token is spent: its tip is sent and its receipt gone
            return self._plain.sent_before(draft.language)
        last = said[-1]
        if "bien_nhan" in keys:
            at = keys.index("bien_nhan")
            return self._receipt(said[at], draft, self._plain.text(said[:at], draft))
        if last.key == "xem_lai":
            return self._review(said, draft)
        if last.key == "sua_gi":
            return self._edit(last, draft)
        if last.key in _FORM_QUESTIONS:
            notice = self._plain.text(said[:-1], draft) or None
            return self.form(draft, notice, _FORM_QUESTIONS[last.key], asked=last)
        if not last.choices and last.key not in _TAKES_WORDS:
            heading = "done" if last.key.startswith("da_chep") else "stopped"
            return self._plain.message(draft.language, heading, self._plain.texts(said, draft))
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
            notice=self._plain.text(said[:-1], draft),
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
            texts=self._plain.texts(said, draft),
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


def _dropping(asked: Outgoing) -> Choice | None:
    """Return the button that drops the draft's pictures, where a question offers it."""
    return next((choice for choice in asked.choices if choice.key == "bo_anh"), None)


def _carried(draft: Draft) -> dict[str, str]:
    return {name: value for name, value in draft.typed.items() if name in TYPED and value}


def _after_code(text: str, groups: Sequence[str]) -> str:
    """Return the receipt's sentences that follow the code; the page shows the code by itself."""
    return text.partition(groups[-1])[2].partition("\n")[2]
