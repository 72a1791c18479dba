"""The pages that are shown before anybody has typed: start, form, code, poster, and "tạm đóng".

They hold nobody's words, so they are rendered once, kept for half a minute and only joined with a
fresh token. A closed box is said here, before anyone types.
"""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request

from bot.pages import Pages
from bot.pages.news_screens import NewsScreens
from bot.pages.plain import Draft, PlainPages, Shown
from bot.pages.screens import Screens, Surroundings
from bot.world import max_photos
from intake.drafts import TipDraft
from intake.errors import Misconfigured, NoOpenUnit
from intake.limits import Slow
from intake.places import Place, Places
from intake.ports import Clock
from intake.settings import Settings
from intake.tips import Receiver, Tips

HTML = "text/html; charset=utf-8"
_FRESH = 30.0  # seconds
_MOST_LISTED = 60  # more communes than this are typed, not listed
_TOKEN = "\x00token\x00"  # noqa: S105 - marks the place where a fresh one goes


class Door(NamedTuple):
    """Another open way in, shown beside the page: a phone number, a chat."""

    label: str
    href: str
    note: str


DoorsOf = Callable[[str, str | None], tuple[Door, ...]]
"""Language and poster code to the doors that are open now."""


class Front:
    """Renders and keeps the pages without anybody's words."""

    def __init__(
        self,
        pages: Pages,
        tips: Tips,
        places: Places,
        *,
        settings: Settings,
        clock: Clock,
        doors: DoorsOf,
    ) -> None:
        self._pages = pages
        self._tips = tips
        self._places = places
        self._settings = settings
        self._clock = clock
        self._doors = doors
        self._kept: dict[tuple[str, str, bool], tuple[float, list[bytes]]] = {}
        most_photos = max_photos(settings)
        self.plain = PlainPages(pages)
        self.screens = Screens(pages, self.plain, Surroundings((), most_photos, self._label))
        self.news = NewsScreens(pages, self.plain, most_photos)

    @property
    def open(self) -> bool:
        """Whether any box can take a tip now."""
        try:
            return self._tips.any_open()
        except Misconfigured:  # no usable key list: the box is closed, and says so
            return False

    def language(self, request: Request) -> str:
        """Return the language that a request asks for with ``?lang=``."""
        return self._pages.language(request.query_params.get("lang"))

    def say(self, language: str, key: str) -> Markup:
        """Return a wording sentence as HTML."""
        return self._pages.say(language, key)

    def start(self, language: str) -> Shown:
        """Return the start page."""

        def make() -> Shown:
            page = self._pages.render(
                "start.html",
                language,
                switchable=True,
                open=self.open,
                doors=self._doors(language, None),
                counsel="tu_van" if self._settings.counselling else "tu_van_chung",
            )
            return Shown(page)

        return self._keep("start", language, "", make)

    def form(self, language: str, token: str, poster: str | None) -> Shown:
        """Return the empty form; with a poster's code, for its place."""
        if not self.open:
            return self.closed(language)
        area_id = self._places.poster(poster) if poster else None
        place = self._places.get(area_id) if area_id else None
        if area_id and place:
            receiver = self._receiver(area_id)
            if receiver is None:
                return self.closed(language)
            notice = self._raised(language, receiver, place)
            return self.screens.form(Draft(token, language, {"area": area_id}), notice)

        def make() -> Shown:
            listed = [place.label for place in self._places.current.communes_with_units()]
            communes = listed if len(listed) <= _MOST_LISTED else ()
            self.screens.surroundings = Surroundings(
                communes, max_photos(self._settings), self._label
            )
            return self.screens.form(Draft(_TOKEN, language), switchable=True)

        return self._keep("form", language, token, make)

    def code(self, language: str, token: str) -> Shown:
        """Return the page that asks for a code."""
        return self._keep("code", language, token, lambda: self.news.code(Draft(_TOKEN, language)))

    def closed(self, language: str) -> Shown:
        """Return the page that says, before anyone types, that no tip can be taken."""
        return self.plain.message(language, "closed", [self.say(language, "tam_dong")], 503)

    def poster(self, language: str, code: str) -> Shown:
        """Return the landing page of a poster: the doors that are open for its place."""
        t = self._pages.texts[language]
        area_id = self._places.poster(code)
        place = self._places.get(area_id) if area_id else None
        receiver = self._receiver(area_id) if area_id else None
        notice = None if place else Markup("<p>{}</p>").format(t["doors"]["replaced"])
        if place and receiver:
            notice = self._raised(language, receiver, place)
        is_open = receiver is not None if place else self.open
        if not is_open:
            notice = self.say(language, "tam_dong")
        query = self._pages.query(language)
        form_href = (
            f"/gui-tin?q={quote(code)}{query.replace('?', '&')}" if place else f"/gui-tin{query}"
        )
        page = self._pages.render(
            "doors.html",
            language,
            switchable=True,
            place_label=place.label if place else "",
            intro=self.say(language, "chao"),
            notice=notice,
            open=is_open,
            form_href=form_href,
            doors=self._doors(language, code if place else None),
        )
        return Shown(page)

    def problem(self, language: str, status: int) -> Shown:
        """Return the page for a refusal or a failure; it repeats nothing of the request."""
        heading, sentence = _PROBLEMS.get(status, ("busy", None))
        if sentence is None:
            return self.plain.message(language, heading, [self.say(language, "loi")], status)
        t = self._pages.texts[language]["message"]
        text = t[sentence].format(mb=self._settings.max_upload_mb)
        return self.plain.message(language, heading, [Markup("<p>{}</p>").format(text)], status)

    def busy(self, language: str) -> Markup:
        """Return the sentences above words that could not be kept now; they are still there."""
        kept = self._pages.texts[language]["form"]["words_kept"]
        return self.say(language, "loi") + Markup("<p>{}</p>").format(kept)

    def try_again(self, draft: Draft, choice: str, path: str) -> Shown:
        """Return the page for a button that could not be answered now, with that button alone."""
        return self.plain.try_again(draft, [self.say(draft.language, "loi")], choice, path)

    def slow(self, language: str, slow: Slow) -> Shown:
        """Return the page for too many posts in too short a time."""
        return self.plain.message(language, "slow", [self.too_many(language, slow)], 429)

    def too_many(self, language: str, slow: Slow) -> Markup:
        """Return the sentence that says of what there was too much, and until when."""
        key = _TOO_MANY.get(slow.kind, "qua_nhieu")
        return self._pages.say(language, key, so_phut=slow.minutes)

    def _receiver(self, area_id: str) -> Receiver | None:
        try:
            return self._tips.destination(TipDraft(area_id=area_id))
        except (NoOpenUnit, Misconfigured):
            return None

    def _raised(self, language: str, receiver: Receiver, place: Place) -> Markup | None:
        """Return the sentence for a place whose own box is not open, before anyone types."""
        if not receiver.raised:
            return None
        values = {"cap_tren": receiver.unit_name, "noi": place.label}
        return self._pages.say(language, "chua_co_hom_thu", **values)

    def _label(self, area_id: str) -> str:
        place = self._places.get(area_id)
        return place.label if place else ""

    def _keep(self, name: str, language: str, token: str, make: Callable[[], Shown]) -> Shown:
        """Return a kept page with a fresh token in it; make it anew when it is old."""
        now = self._clock.monotonic()
        name_key = (name, language, self.open)
        made_at, pieces = self._kept.get(name_key, (-_FRESH, []))
        if not pieces or now - made_at >= _FRESH:
            pieces = make().body.split(_TOKEN.encode())
            self._kept[name_key] = (now, pieces)
        return Shown(token.encode().join(pieces))


_TOO_MANY = {"look_up": "thu_nhieu_lan", "upload": "qua_nhieu_anh"}
_PROBLEMS = {
    404: ("lost", "lost_more"),
    405: ("lost", "lost_more"),
    413: ("large", "large_more"),
    422: ("bad", "bad_more"),
    400: ("bad", "bad_more"),
    500: ("busy", None),
    503: ("busy", None),
}
