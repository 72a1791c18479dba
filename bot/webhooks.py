"""The public ASGI app: the residents' pages, and whatever other doors are handed in.

Thin by design: every page is chosen in ``bot.pages``, every step taken by the dialogue, every
answer leaves through ``bot.guard``. There is no access log, no session and no cookie. This module
never opens anything sealed and never reads settings by itself.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.calendars import calendar_routes
from bot.channels.web import Dialogue, WebChannel, WebDoor
from bot.channels.work_devices import PATH as WORK
from bot.channels.work_web import WorkDoor
from bot.channels.work_web_channel import WorkWebChannel
from bot.guard import Guard, refused_by_router
from bot.pages import Pages, Words, static_files
from bot.pages.front import HTML, Door, Front
from bot.pages.work_screens import WorkScreens
from bot.policy import PUBLIC_ROUTES, RoutePolicy, check_routes
from bot.work.engine import WorkDesk
from bot.work.page_room import Lock, PageRoom
from bot.world import facts
from intake.errors import HomThuError
from intake.limits import Buckets, Slow
from intake.nudging.own_calendar import OwnCalendars
from intake.places import Places
from intake.ports import Clock
from intake.service import Intake
from intake.settings import Settings
from intake.tips import Tips
from intake.vault.drafts import SessionKeys

Ready = Callable[[], bool]


class OpenWork(NamedTuple):
    """What the page of leaders stands on."""

    desk: WorkDesk
    intake: Intake
    lock: Lock

    def door(
        self,
        pages: Pages,
        settings: Settings,
        session_keys: SessionKeys,
        limits: Buckets,
        clock: Clock,
    ) -> WorkDoor:
        """Return the door of leaders."""
        channel = WorkWebChannel(settings)
        return WorkDoor(
            PageRoom(self.desk, channel, self.intake, self.lock),
            channel,
            WorkScreens(pages),
            session_keys=session_keys,
            limits=limits,
            settings=settings,
            clock=clock,
        )


def create_public_app(  # noqa: PLR0917 - the house is joined here, once
    dialogue: Dialogue,
    channel: WebChannel,
    tips: Tips,
    places: Places,
    wording: Words,
    settings: Settings,
    session_keys: SessionKeys,
    limits: Buckets,
    clock: Clock,
    *,
    ready: Ready = lambda: True,
    telegram_name: str | None = None,
    work: OpenWork | None = None,
    extra_routes: Iterable[Route] = (),
    extra_policies: Mapping[str, RoutePolicy] | None = None,
    lifespan: Any = None,
) -> Starlette:
    """Return the app that faces strangers.

    ``channel`` is the web channel that has joined the dialogue; ``extra_routes`` bring their lines
    of policy in ``extra_policies``; ``telegram_name`` is the bot's name when its door is open;
    ``work`` opens the page of leaders.

    Raises:
        Misconfigured: a route without a policy.
    """
    pages = create_pages(wording, settings, tips)
    doors = _Doors(pages, settings, telegram_name)
    front = Front(pages, tips, places, settings=settings, clock=clock, doors=doors)
    door = WebDoor(
        dialogue,
        channel,
        front,
        session_keys=session_keys,
        limits=limits,
        settings=settings,
        clock=clock,
    )
    leading = work.door(pages, settings, session_keys, limits, clock) if work else None
    house = _House(front, settings, ready, leading)
    leaders = leading.routes() if leading else []
    if work:
        leaders += calendar_routes(OwnCalendars(work.desk.workplace.services), clock, limits)
    # tried in turn: the busy ones first
    routes = [*extra_routes, *door.routes(), *leaders, *house.routes()]
    policies = {**PUBLIC_ROUTES, **(extra_policies or {})}
    check_routes(routes, policies)
    guard = Middleware(
        Guard,
        policies=policies,
        problem=house.problem,
        https=settings.base_url.startswith("https:"),
    )
    app = Starlette(
        routes=routes,
        middleware=[guard],
        exception_handlers={HTTPException: refused_by_router(house.problem)},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would send the reader on with everything they typed
    return app


def create_pages(wording: Words, settings: Settings, tips: Tips) -> Pages:
    """Return the residents' pages of this installation."""
    return Pages(wording, settings.languages, lambda: facts(settings, tips), demo=settings.demo)


class _House:
    """The routes that need no dialogue."""

    def __init__(
        self, front: Front, settings: Settings, ready: Ready, work: WorkDoor | None
    ) -> None:
        self._front = front
        self._work = work
        self._weather = settings.weather_url
        self._ready = ready
        self._files = static_files()

    def routes(self) -> list[Route]:
        return [
            Route("/", self.start, methods=["GET"]),
            Route("/q/{code}", self.poster, methods=["GET"]),
            Route("/thoat-nhanh", self.leave, methods=["GET"]),
            Route("/static/{name}", self.static, methods=["GET"]),
            Route("/healthz", self.alive, methods=["GET"]),
            Route("/readyz", self.ready, methods=["GET"]),
        ]

    async def start(self, request: Request) -> Response:
        """Show the start page."""
        return _html(self._front.start(self._front.language(request)))

    async def poster(self, request: Request) -> Response:
        """Show the doors of a poster's place."""
        language = self._front.language(request)
        return _html(self._front.poster(language, request.path_params["code"]))

    async def leave(self, _request: Request) -> Response:
        """Go to the weather page; nothing of ours is in a cache that would have to be cleared."""
        return RedirectResponse(self._weather, 303)

    async def static(self, request: Request) -> Response:
        """Hand out a style, script or picture from memory."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return Response(found[0], media_type=found[1])

    async def alive(self, _request: Request) -> Response:
        """Say that the process answers."""
        return PlainTextResponse("ok")

    async def ready(self, _request: Request) -> Response:
        """Say whether tips can be taken now."""
        is_ready = self._ready()
        return PlainTextResponse("ready" if is_ready else "not ready", 200 if is_ready else 503)

    def problem(self, request: Request, status: int, error: HomThuError | None) -> Response:
        """Return a plain page for a refusal or failure, in the language of the address."""
        if self._work is not None and f"{request.url.path}/".startswith(f"{WORK}/"):
            return _waiting(_html(self._work.problem(status, error)), error)
        language = self._front.language(request)
        if isinstance(error, Slow):
            return _waiting(_html(self._front.slow(language, error)), error)
        return _html(self._front.problem(language, status))


class _Doors:
    """The other open ways in, for the start page and the posters."""

    def __init__(self, pages: Pages, settings: Settings, telegram_name: str | None) -> None:
        self._pages = pages
        self._settings = settings
        self._telegram = telegram_name

    def __call__(self, language: str, poster: str | None) -> tuple[Door, ...]:
        """Return the doors, the least telling first."""
        t = self._pages.texts[language]["doors"]
        numbers = (
            (self._settings.hotline, t["call_more"]),
            (self._settings.national_hotline, t["national_more"]),
        )
        doors = [
            Door(f"{t['call']} {number}", f"tel:{_digits(number)}", note)
            for number, note in numbers
            if number
        ]
        if self._telegram:
            start = f"?start={poster}" if poster else ""
            href = f"https://t.me/{self._telegram}{start}"
            doors.append(Door(t["telegram"], href, t["telegram_more"]))
        return tuple(doors)


def _digits(number: str) -> str:
    return "".join(letter for letter in number if letter.isdigit() or letter == "+")


def _waiting(response: Response, error: HomThuError | None) -> Response:
    """Add when to come again, where somebody was too fast."""
    if isinstance(error, Slow):
        response.headers["retry-after"] = str(error.minutes * 60)
    return response


def _html(shown: tuple[bytes, int]) -> Response:
    return Response(shown[0], shown[1], media_type=HTML)
