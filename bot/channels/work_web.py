"""The page on which leaders log their work: messages and buttons in a browser, without a script.

Every step goes through the same engine as a chat. What a browser posts is answered by sending it
back to the page, so that opening it again, or going back, repeats nothing. Each form is good once.
"""

import hmac
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.channels.work_devices import PATH, Device, Devices
from bot.channels.work_web_channel import NAME, WorkWebChannel
from bot.forms import Form, read_form
from bot.guard import client_of
from bot.messages import File, Incoming
from bot.pages.front import HTML
from bot.pages.plain import Shown as Page
from bot.pages.work_screens import WorkScreens
from bot.work.page_room import PageRoom, Screen
from intake.errors import HomThuError, NotAllowed, NotFound, TryLater
from intake.limits import Buckets, Slow
from intake.ports import Clock
from intake.settings import Settings
from intake.vault.drafts import FormBad, FormExpired, SessionKeys
from intake.work.leaders import show_code, tidy_code

FORM_LIFE = timedelta(hours=24)
INVITE = "moi"  # the name under which a link carries its code
_LONGEST_CODE = 60
_SEAM = "."  # between a form's token and the mark of the device that it was given to


class WorkDoor:
    """Serves ``/viec``."""

    def __init__(
        self,
        room: PageRoom,
        channel: WorkWebChannel,
        screens: WorkScreens,
        *,
        session_keys: SessionKeys,
        limits: Buckets,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._room = room
        self._channel = channel
        self._screens = screens
        self._keys = session_keys
        self._limits = limits
        self._proxies = settings.trusted_proxies
        self._clock = clock
        self._devices = Devices(https=settings.base_url.startswith("https:"))

    def routes(self) -> list[Route]:
        """Return this door's routes."""
        return [
            Route(PATH, self.page, methods=["GET"]),
            Route(PATH, self.post, methods=["POST"]),
            Route(f"{PATH}/tep/{{at}}", self.file, methods=["GET"]),
        ]

    # --- looking ----------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """Show where the work of this device stands, or ask for the ward's code."""
        device = self._devices.of(request)
        screen = await self._room.look(device.address) if device else None
        if device is None or screen is None:
            code = tidy_code(request.query_params.get(INVITE, "")[:_LONGEST_CODE])
            return self._enter(request, code=show_code(code) if code else "")
        return self._work(device, screen)

    async def file(self, request: Request) -> Response:
        """Hand out a picture or a document that was said last to this device."""
        device, at = self._devices.of(request), request.path_params["at"]
        file = None
        if device is not None and at.isascii() and at.isdecimal() and len(at) < 4:
            known = self._room.knows(device.address)
            file = self._room.file(device.address, int(at)) if known else None
        if file is None:
            raise NotFound("no such file")
        headers = {"content-disposition": _disposition(file)}
        return Response(file.body, media_type=file.media, headers=headers)

    # --- one step ---------------------------------------------------------------------------------

    async def post(self, request: Request) -> Response:
        """Take one step: a code, a button, a line, a file, or leaving this device."""
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise NotAllowed("posted from another site")
        form = await read_form(request, self._channel.capabilities.max_media_bytes)
        device = self._devices.of(request)
        enrolled = self._room.knows(device.address) if device else None
        try:
            name = self._name_of(form, device if enrolled is not None else None)
        except (FormBad, FormExpired):
            return await self._again(request, form, device)
        if "code" in form.fields and enrolled is None:
            return await self._come(request, form, name)
        if device is None or enrolled is None:
            return await self._too_late(request, device, name)
        if form.get("go") == "leave":
            return await self._leave(device)
        if enrolled or form.get("choice"):
            return await self._step(request, form, device, name)
        return _back()

    async def _come(self, request: Request, form: Form, name: str) -> Response:
        """Take the ward's code from a browser that nobody has met."""
        who = f"{PATH}:{client_of(request, self._proxies)}"  # apart from the codes of tips
        device = self._devices.new()
        try:
            self._limits.take("look_up", who)
            code = form.get("code")[:_LONGEST_CODE]
            said = await self._room.say(Incoming(NAME, device.address, name, f"/moi {code}"))
        except Slow as slow:
            return self._enter(request, self._screens.too_many(slow), status=429, slow=slow)
        except TryLater:
            self._limits.give_back("look_up", who)
            return self._enter(request, self._room.trouble(), status=503)
        if self._room.knows(device.address) is None:
            words = said[-1].text if said else self._screens.code_again
            return self._enter(request, words, status=422)
        self._limits.give_back("look_up", who)  # a whole meeting may come from one address
        response = _back()
        self._devices.remember(response, device, for_good=False)
        return response

    async def _too_late(self, request: Request, device: Device | None, name: str) -> Response:
        """Answer a page whose invite or enrolment has ended since it was opened."""
        words = self._screens.closed
        if device is not None and self._room.was_invited(device.address):
            said = await self._room.say(Incoming(NAME, device.address, name))
            words = said[-1].text if said else words
        return self._enter(request, words)

    async def _step(self, request: Request, form: Form, device: Device, name: str) -> Response:
        text, choice = form.get("text"), form.get("choice") or None
        if not (form.pictures or form.too_large or text.strip() or choice):
            return await self._again(request, form, device, self._screens.nothing)
        self._limits.take("work_step", device.address)
        attachments = self._channel.hold(form)
        incoming = Incoming(
            NAME, device.address, name, "" if choice else text,
            attachments=() if choice else attachments, choice=choice,
        )  # fmt: skip
        try:
            said = await self._room.say(incoming)
        except TryLater:
            return await self._again(request, form, device, self._room.trouble())
        finally:
            self._channel.release(attachments)
        if said and self._room.knows(device.address) is None:  # they have left, or said no
            response = _page(self._screens.farewell([each.text for each in said]))
            self._devices.forget(response)
            return response
        return _back()

    async def _leave(self, device: Device) -> Response:
        await self._room.leave(device.address)
        response = _page(self._screens.left())
        self._devices.forget(response)
        return response

    # --- pages ------------------------------------------------------------------------------------

    async def _again(
        self,
        request: Request,
        form: Form,
        device: Device | None,
        notice: str | None = None,
    ) -> Response:
        """Show the page with what was typed and a fresh form, and say why; no error repeats it."""
        screen = await self._room.look(device.address) if device else None
        words = notice or self._screens.expired
        if device is None or screen is None:
            return self._enter(request, words)
        return self._work(device, screen, notice=words, typed=form.get("text"))

    def _work(
        self,
        device: Device,
        screen: Screen,
        *,
        notice: str = "",
        typed: str = "",
    ) -> Response:
        here = frozenset(
            at for at in range(len(screen.said)) if self._room.file(device.address, at) is not None
        )
        token = f"{self._new_token()}{_SEAM}{device.mark}"
        shown = self._screens.work(screen, token, here, notice=notice, typed=typed)
        response = _page(shown)
        if screen.enrolled:
            self._devices.remember(response, device, for_good=True)
        return response

    def _enter(
        self,
        request: Request,
        notice: str = "",
        *,
        code: str = "",
        status: int = 200,
        slow: Slow | None = None,
    ) -> Response:
        """Ask for the ward's code; a secret that opens nothing any more is dropped."""
        language = self._screens.language(request.query_params.get("lang"))
        shown = self._screens.enter(language, self._new_token(), notice=notice, code=code)
        response = _page(shown._replace(status=status))
        if slow is not None:
            response.headers["retry-after"] = str(slow.minutes * 60)
        if self._devices.of(request) is not None:
            self._devices.forget(response)
        return response

    def problem(self, status: int, error: HomThuError | None) -> Page:
        """Return a plain page for a refusal or a failure; it repeats nothing of the request."""
        return self._screens.problem(status, error, self._room.trouble())

    def _name_of(self, form: Form, device: Device | None) -> str:
        """Return the name of a form that was given to this device, or to one that nobody knows.

        Raises:
            FormBad: made up, or given to another device.
            FormExpired: left open too long.
        """
        token, _, mark = form.get("token").partition(_SEAM)
        name = self._keys.read_form_token(token, self._clock.now())
        if device is not None and not hmac.compare_digest(mark.encode(), device.mark.encode()):
            raise FormBad
        return name

    def _new_token(self) -> str:
        return self._keys.form_token(self._clock.now(), FORM_LIFE)


Problem = Callable[[int, HomThuError | None], Page]


def _back() -> Response:
    return RedirectResponse(PATH, 303)


def _page(shown: Page) -> Response:
    return Response(shown.body, shown.status, media_type=HTML)


def _disposition(file: File) -> str:
    way = "inline" if file.is_picture else "attachment"
    return f"{way}; filename*=UTF-8''{quote(file.name)}"
