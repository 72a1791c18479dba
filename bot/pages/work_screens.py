"""The pages of leaders: the ward's code, the conversation, good-bye, and what goes wrong.

The engine decides what is said; here it only finds its place on a page. Nothing of these pages
links to a page that tells who opened them, and none of them carries a script.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from markupsafe import Markup

from bot.flows.work_shapes import Shown as Said
from bot.pages import Pages
from bot.pages.plain import Shown
from bot.pages.rich import rich
from bot.work.page_room import Screen
from intake.errors import HomThuError
from intake.limits import Slow

_MAIN = frozenset({"dong_y_viec", "luu", "luu_sua", "dung_vay", "p_da_gui"})
"""Buttons that stand out: what most people mean to press."""
_BACK_FROM_FILES = "quay_lai_the"  # the way back from "send a picture"
_NUMBERS = frozenset({"number", "opinions"})
_DEFAULT = "vi"


class WorkScreens:
    """Fills the pages of leaders."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def language(self, wanted: str | None) -> str:
        """Return a language that we speak: the wanted one, or the first."""
        return self._pages.language(wanted)

    def work(
        self,
        screen: Screen,
        token: str,
        files: AbstractSet[int],
        *,
        notice: str = "",
        typed: str = "",
    ) -> Shown:
        """Return the page of a leader; ``files`` are the messages whose file is still here."""
        offered = {key for each in screen.said for key, _, _ in each.choices}
        page = self._pages.render(
            "work.html",
            self.language(screen.language),
            screen=screen,
            token=token,
            said=[_message(said, at, here=at in files) for at, said in enumerate(screen.said)],
            notice=rich(notice),
            typed=typed,
            is_number=screen.step in _NUMBERS,
            main=_MAIN,
            offered=offered,
            decides=bool(offered & _MAIN),  # one button settles it: the rest steps back
            wants_file=offered == {_BACK_FROM_FILES},
        )
        return Shown(page)

    def enter(self, language: str, token: str, *, notice: str = "", code: str = "") -> Shown:
        """Return the page that asks for the ward's code; only one of a link is put into it."""
        page = self._pages.render(
            "work_enter.html", language, token=token, notice=rich(notice), code=code
        )
        return Shown(page)

    def farewell(self, texts: Sequence[str]) -> Shown:
        """Return what is said to somebody who has left, or was not the one invited."""
        return self._plain("farewell", [rich(text) for text in texts])

    def left(self) -> Shown:
        """Return what is said once a device is forgotten."""
        return self._plain("farewell", [rich(self._texts["left"])])

    def problem(self, status: int, error: HomThuError | None, trouble: str) -> Shown:
        """Return a plain page for a refusal or a failure."""
        if isinstance(error, Slow):
            return self._plain("busy", [rich(self.too_many(error))], status)
        known = {404: "lost", 405: "lost", 413: "large", 422: "bad", 400: "bad", 403: "bad"}
        name = known.get(status)
        if name is None:
            return self._plain("busy", [rich(trouble)], status)
        return self._plain(name, [rich(self._texts["problems"][name])], status)

    def too_many(self, slow: Slow) -> str:
        """Return what is said to somebody who has tried too many codes."""
        return str(self._texts["slow"]).format(so_phut=slow.minutes)

    @property
    def expired(self) -> str:
        """What is said above a page that was open for too long."""
        return str(self._texts["expired"])

    @property
    def nothing(self) -> str:
        """What is said to an empty form."""
        return str(self._texts["nothing"])

    @property
    def closed(self) -> str:
        """What is said to a device whose enrolment has ended."""
        return str(self._texts["closed"])

    @property
    def code_again(self) -> str:
        """What is said when the code has to be typed once more."""
        return str(self._texts["code_again"])

    @property
    def _texts(self) -> Mapping[str, Any]:
        return self._pages.texts[self.language(_DEFAULT)]["work"]

    def _plain(self, heading: str, texts: Sequence[Markup], status: int = 200) -> Shown:
        page = self._pages.render(
            "work_message.html",
            self.language(_DEFAULT),
            heading=self._texts["headings"][heading],
            texts=texts,
        )
        return Shown(page, status)


def _message(said: Said, at: int, *, here: bool) -> Mapping[str, object]:
    return {
        "text": rich(said.text),
        "choices": said.choices,
        "file": said.file,
        "picture": said.picture,
        "at": at,
        "here": here,
    }
